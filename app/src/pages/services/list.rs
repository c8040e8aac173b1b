use super::api::{Row, Services as ServicesFn};
use crate::reactive::{Load, derive, memo, use_data, use_query};
use crate::routes::Route;
use crate::ui::table::{Column, FIGURE, LONG, NAMING, ROW, column, figures};
use crate::ui::{
    Each, EmptyState, Erase, Glyph, Item, LinkButton, Look, PageHead, Pager, RowActions, SearchForm, Table, TextLink, Timestamp, dynamic,
};
use leptos::prelude::*;
use model::{Page, Region, ServiceRef};

const COLUMNS: &[Column] = &[column("Service Name"), column("Description"), figures("Created At"), figures("Actions")];

/// `/{region}/services`.
#[component]
pub(crate) fn Services(region: Region) -> impl IntoView {
    let query = use_query();
    let text = move |name: &'static str| memo(move || query.with(|query| query.get(name).unwrap_or_default()));
    let (search, page) = (text("search"), text("page"));
    let rows = {
        let region = region.clone();
        use_data(move || ServicesFn { region: region.clone(), search: search.get(), page: page.get() })
    };
    let create = Route::CreateService(region.clone()).path();
    view! {
        <PageHead title=t!("Services") within=region.to_string()>
            <LinkButton href=create look=Look::Primary icon=Glyph::Plus>{t!("Create Service")}</LinkButton>
        </PageHead>
        <div class="mb-3">
            <SearchForm action=Route::Services(region.clone()).path() label=t!("Search by name prefix") value=search/>
        </div>
        <Load data=rows view={move |rows: ReadSignal<Page<Row>>| view! { <List region=region.clone() rows search page/> }.erase()}/>
    }
    .erase()
}

#[component]
fn List(region: Region, rows: ReadSignal<Page<Row>>, search: Memo<String>, page: Memo<String>) -> impl IntoView {
    let list = Route::Services(region.clone());
    let address = move |token: &str| list.with_query(&[("search", &search.read()), ("page", token)]);
    let first = {
        let address = address.clone();
        derive(move || (!page.read().is_empty()).then(|| address("")))
    };
    let next = derive(move || rows.with(|rows| (!rows.next_token.is_empty()).then(|| address(&rows.next_token))));
    let is_empty = memo(move || rows.with(|rows| rows.items.is_empty()));
    dynamic(move || {
        let region = region.clone();
        if is_empty.get() {
            return view! { <Empty region=region.clone() filtered=!search.read().is_empty()/> }.erase();
        }
        view! {
            <Table caption=t!("Services") columns=COLUMNS>
                <Each items=move || {
                    let item = |row: Row| {
                        let region = region.clone();
                        Item::new(format!("{}/{}/{}", row.name, row.created_at.0, row.description), move || view! { <ServiceRow region row/> }.erase())
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
fn ServiceRow(region: Region, row: Row) -> impl IntoView {
    let name = row.name.to_string();
    let shown = name.clone();
    let named = ServiceRef { region, service: row.name };
    let functions = Route::Functions(named.clone()).path();
    let (functions_label, delete_label) = (t!("Functions {name}", name), t!("Delete {name}", name));
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} {LONG}")>
                <span class="font-medium"><TextLink href=functions.clone()>{shown}</TextLink></span>
            </td>
            <td role="cell" data-label=t!("Description") class=format!("{LONG} w-full text-muted")>{row.description}</td>
            <td role="cell" data-label=t!("Created At") class=FIGURE>
                <span class="text-muted"><Timestamp at=Some(row.created_at)/></span>
            </td>
            <RowActions key=name.clone() of=name>
                <TextLink href=functions label=functions_label>{t!("Functions")}</TextLink>
                <TextLink href=Route::DeleteService(named).path() label=delete_label>{t!("Delete")}</TextLink>
            </RowActions>
        </tr>
    }
    .erase()
}

#[component]
fn Empty(region: Region, filtered: bool) -> impl IntoView {
    let body = if filtered {
        view! {
            <EmptyState title=t!("Nothing matches these filters") text=t!("No service has a name that begins like this.")>
                <LinkButton href=Route::Services(region).path()>{t!("Clear filters")}</LinkButton>
            </EmptyState>
        }
        .erase()
    } else {
        view! {
            <EmptyState title=t!("No services yet") text=t!("A service groups functions that share their settings.")>
                <LinkButton href=Route::CreateService(region).path() look=Look::Primary label=t!("Create Service now")>{t!("Create Service")}</LinkButton>
            </EmptyState>
        }
        .erase()
    };
    view! { <div class="rounded-panel border border-line bg-surface">{body}</div> }.erase()
}
