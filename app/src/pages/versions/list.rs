use super::api::{Row, Versions as VersionsFn};
use super::publish::PublishForm;
use crate::pages::services::ServiceHead;
use crate::reactive::{Load, derive, memo, use_data, use_query};
use crate::routes::{Route, ServicePage};
use crate::ui::table::{Column, FIGURE, LONG, NAMING, ROW, column, figures, none_if};
use crate::ui::{
    Dialog, DialogButton, Each, EmptyState, Erase, Glyph, Item, Look, PageHead, Pager, RowActions, Table, TextLink, Timestamp, dynamic,
};
use leptos::prelude::*;
use model::{AliasName, Page, ServiceRef};

const COLUMNS: &[Column] =
    &[figures("Version"), column("Description"), column("Aliases\u{4}version"), figures("Published"), figures("Actions")];

/// `/{region}/services/{service}/versions`.
#[component]
pub(crate) fn Versions(service: ServiceRef) -> impl IntoView {
    let query = use_query();
    let page = memo(move || query.with(|query| query.get("page").unwrap_or_default()));
    let rows = {
        let service = service.clone();
        use_data(move || VersionsFn { service: service.clone(), page: page.get() })
    };
    let list = Route::Service(service.clone(), ServicePage::Versions);
    let publish_page = Route::Service(service.clone(), ServicePage::PublishVersion).path();
    let open = RwSignal::new(false);
    let (dialog, empty_page) = (service.clone(), publish_page.clone());
    view! {
        <ServiceHead service=service.clone() list/>
        <PageHead title=t!("Versions") within=service.region.to_string() small=true>
            <DialogButton page=publish_page open look=Look::Primary icon=Glyph::Plus>{t!("Publish Version")}</DialogButton>
        </PageHead>
        <Load
            data=rows
            view={move |rows: ReadSignal<Page<Row>>| {
                view! { <List service=service.clone() rows page publish_page=empty_page.clone() open/> }.erase()
            }}
        />
        <Dialog open title=t!("Publish Version") id="publish-version">
            <PublishForm service=dialog.clone() on_close=Callback::new(move |()| open.set(false))/>
        </Dialog>
    }
    .erase()
}

#[component]
fn List(service: ServiceRef, rows: ReadSignal<Page<Row>>, page: Memo<String>, publish_page: String, open: RwSignal<bool>) -> impl IntoView {
    let list = Route::Service(service.clone(), ServicePage::Versions);
    let address = move |token: &str| list.with_query(&[("page", token)]);
    let first = {
        let address = address.clone();
        derive(move || (!page.read().is_empty()).then(|| address("")))
    };
    let next = derive(move || rows.with(|rows| (!rows.next_token.is_empty()).then(|| address(&rows.next_token))));
    let is_empty = memo(move || rows.with(|rows| rows.items.is_empty()));
    dynamic(move || {
        if is_empty.get() {
            let page = publish_page.clone();
            return view! {
                <div class="rounded-panel border border-line bg-surface">
                    <EmptyState title=t!("No versions yet") text=t!("A version keeps the service and its functions as they are now, so that aliases and callers can rely on it.")>
                        <DialogButton page open look=Look::Primary label=t!("Publish Version now")>{t!("Publish Version")}</DialogButton>
                    </EmptyState>
                </div>
            }
            .erase();
        }
        let (caption, service) = (t!("Versions of {service}", service = service.service), service.clone());
        view! {
            <Table caption columns=COLUMNS>
                <Each items=move || {
                    let item = |row: Row| {
                        let service = service.clone();
                        let aliases: Vec<&str> = row.aliases.iter().map(AliasName::as_str).collect();
                        Item::new(format!("{} {}", row.id, aliases.join(" ")), move || view! { <VersionRow service row/> }.erase())
                    };
                    rows.get().items.into_iter().map(item).collect()
                }/>
            </Table>
            <Pager first next/>
        }
        .erase()
    })
}

#[component]
fn VersionRow(service: ServiceRef, row: Row) -> impl IntoView {
    let id = row.id.to_string();
    let shown = id.clone();
    let (view_label, delete_label) = (t!("View {name}", name = id), t!("Delete {name}", name = id));
    let functions = Route::Functions(service.clone()).with_query(&[("qualifier", &id)]);
    let delete = Route::Service(service.clone(), ServicePage::DeleteVersion(row.id)).path();
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} {FIGURE}")>
                <span class="font-medium"><TextLink href=functions.clone()>{shown}</TextLink></span>
            </td>
            <td role="cell" data-label=t!("Description") class=format!("{LONG} w-full text-muted{}", none_if(row.description.is_empty())) title=row.description.clone()>{row.description.clone()}</td>
            <td role="cell" data-label=t!("Aliases" in "version") class=LONG><AliasLinks service aliases=row.aliases/></td>
            <td role="cell" data-label=t!("Published") class=FIGURE>
                <span class="text-muted"><Timestamp at=Some(row.published_at)/></span>
            </td>
            <RowActions key=id.clone() of=id>
                <TextLink href=functions label=view_label>{t!("View")}</TextLink>
                <TextLink href=delete label=delete_label>{t!("Delete")}</TextLink>
            </RowActions>
        </tr>
    }
    .erase()
}

/// Links to the aliases, a dash when there is none.
#[component]
pub(super) fn AliasLinks(service: ServiceRef, aliases: Vec<AliasName>) -> impl IntoView {
    if aliases.is_empty() {
        return view! { <span class="text-muted">"–"</span> }.erase();
    }
    let link = |(n, alias): (usize, AliasName)| {
        let href = Route::Service(service.clone(), ServicePage::ModifyAlias(alias.clone())).path();
        view! {
            <span>
                {(n > 0).then(|| t!(", "))}
                <TextLink href>{alias.to_string()}</TextLink>
            </span>
        }
        .erase()
    };
    view! { <span>{aliases.into_iter().enumerate().map(link).collect::<Vec<_>>()}</span> }.erase()
}
