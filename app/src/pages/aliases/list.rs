use super::api::{Aliases as AliasesFn, Listed, Row};
use super::form::Loaded;
use crate::pages::services::ServiceHead;
use crate::reactive::{Load, derive, memo, use_data, use_query};
use crate::routes::{Route, ServicePage};
use crate::ui::table::{Column, FIGURE, LONG, NAMING, ROW, column, figures, none_if};
use crate::ui::{
    Dialog, DialogButton, Each, EmptyState, Erase, Glyph, Item, LinkButton, Look, PageHead, Pager, RowActions, Table, TextLink, dynamic,
};
use leptos::prelude::*;
use model::{ServiceRef, VersionId};

const COLUMNS: &[Column] =
    &[column("Alias"), column("Description"), figures("Main Version"), figures("Canary Version"), figures("Weight"), figures("Actions")];

/// `/{region}/services/{service}/aliases`.
#[component]
pub(crate) fn Aliases(service: ServiceRef) -> impl IntoView {
    let query = use_query();
    let page = memo(move || query.with(|query| query.get("page").unwrap_or_default()));
    let listed = {
        let service = service.clone();
        use_data(move || AliasesFn { service: service.clone(), page: page.get() })
    };
    let list = Route::Service(service.clone(), ServicePage::Aliases);
    let create_page = Route::Service(service.clone(), ServicePage::CreateAlias).path();
    let open = RwSignal::new(false);
    let dialog = service.clone();
    let empty_page = create_page.clone();
    view! {
        <ServiceHead service=service.clone() list/>
        <PageHead title=t!("Aliases") within=service.region.to_string() small=true>
            <DialogButton page=create_page open look=Look::Primary icon=Glyph::Plus>{t!("Create Alias")}</DialogButton>
        </PageHead>
        <Load
            data=listed
            view={move |listed: ReadSignal<Listed>| {
                view! { <List service=service.clone() listed page create_page=empty_page.clone() open/> }.erase()
            }}
        />
        <Dialog open title=t!("Create Alias") id="create-alias">
            <Loaded service=dialog.clone() alias=None on_close=Callback::new(move |()| open.set(false))/>
        </Dialog>
    }
    .erase()
}

#[component]
fn List(service: ServiceRef, listed: ReadSignal<Listed>, page: Memo<String>, create_page: String, open: RwSignal<bool>) -> impl IntoView {
    let list = Route::Service(service.clone(), ServicePage::Aliases);
    let address = move |token: &str| list.with_query(&[("page", token)]);
    let first = {
        let address = address.clone();
        derive(move || (!page.read().is_empty()).then(|| address("")))
    };
    let next = derive(move || listed.with(|listed| (!listed.rows.next_token.is_empty()).then(|| address(&listed.rows.next_token))));
    let is_empty = memo(move || listed.with(|listed| listed.rows.items.is_empty()));
    let has_versions = memo(move || listed.with(|listed| listed.has_versions));
    dynamic(move || {
        if is_empty.get() {
            return view! { <Empty service=service.clone() has_versions=has_versions.get() create_page=create_page.clone() open/> }.erase();
        }
        let (caption, service) = (t!("Aliases of {service}", service = service.service), service.clone());
        view! {
            <Table caption columns=COLUMNS>
                <Each items=move || {
                    let item = |row: Row| {
                        let service = service.clone();
                        Item::new(format!("{} {:?}", row.name, row.spec), move || view! { <AliasRow service row/> }.erase())
                    };
                    listed.get().rows.items.into_iter().map(item).collect()
                }/>
            </Table>
            <Pager first next/>
        }
        .erase()
    })
}

#[component]
fn AliasRow(service: ServiceRef, row: Row) -> impl IntoView {
    let name = row.name.to_string();
    let shown = name.clone();
    let (modify_label, delete_label) = (t!("Modify {name}", name), t!("Delete {name}", name));
    let to = |page: ServicePage| Route::Service(service.clone(), page).path();
    let (modify, delete) = (to(ServicePage::ModifyAlias(row.name.clone())), to(ServicePage::DeleteAlias(row.name.clone())));
    let functions = Route::Functions(service.clone()).with_query(&[("qualifier", &name)]);
    let canary = row.spec.additional;
    let dash = || view! { <span class="text-muted">"–"</span> }.erase();
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} {LONG}")>
                <span class="font-medium"><TextLink href=functions>{shown}</TextLink></span>
            </td>
            <td role="cell" data-label=t!("Description") class=format!("{LONG} w-full text-muted{}", none_if(row.spec.description.is_empty())) title=row.spec.description.clone()>{row.spec.description.clone()}</td>
            <td role="cell" data-label=t!("Main Version") class=FIGURE><VersionLink service=service.clone() version=row.spec.version/></td>
            <td role="cell" data-label=t!("Canary Version") class=FIGURE>
                {canary.map_or_else(dash, |canary| view! { <VersionLink service=service.clone() version=canary.version/> }.erase())}
            </td>
            <td role="cell" data-label=t!("Weight") class=FIGURE>
                {canary
                    .map_or_else(dash, |canary| view! { <span>{percent(canary.weight)} <span class="text-muted">" %"</span></span> }.erase())}
            </td>
            <RowActions key=name.clone() of=name>
                <TextLink href=modify label=modify_label>{t!("Modify")}</TextLink>
                <TextLink href=delete label=delete_label>{t!("Delete")}</TextLink>
            </RowActions>
        </tr>
    }
    .erase()
}

/// A version's number, leading to its functions.
#[component]
fn VersionLink(service: ServiceRef, version: VersionId) -> impl IntoView {
    let id = version.to_string();
    let href = Route::Functions(service).with_query(&[("qualifier", &id)]);
    view! { <TextLink href>{id}</TextLink> }.erase()
}

/// A share as the form has it: per cent, without what binary fractions add.
pub(super) fn percent(weight: f64) -> String {
    ((weight * 1_000_000.0).round() / 10_000.0).to_string()
}

#[component]
fn Empty(service: ServiceRef, has_versions: bool, create_page: String, open: RwSignal<bool>) -> impl IntoView {
    let body = if has_versions {
        view! {
            <EmptyState title=t!("No aliases yet") text=t!("An alias is a name for a version that can be moved to another one, at once or for a share of the invocations.")>
                <DialogButton page=create_page open look=Look::Primary label=t!("Create Alias now")>{t!("Create Alias")}</DialogButton>
            </EmptyState>
        }
        .erase()
    } else {
        let versions = Route::Service(service, ServicePage::Versions).path();
        view! {
            <EmptyState title=t!("No aliases yet") text=t!("An alias is a name for a version, and this service has no versions yet.")>
                <LinkButton href=versions look=Look::Primary>{t!("Open versions")}</LinkButton>
            </EmptyState>
        }
        .erase()
    };
    view! { <div class="rounded-panel border border-line bg-surface">{body}</div> }.erase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sc22_weights_are_shown_as_they_were_entered() {
        for (weight, text) in [(0.0, "0"), (0.07, "7"), (0.125, "12.5"), (0.29, "29"), (1.0, "100")] {
            assert_eq!(percent(weight), text);
        }
    }
}
