use super::api::{Functions as FunctionsFn, Row};
use crate::pages::handler_type;
use crate::pages::qualifier::QualifierSelect;
use crate::pages::services::ServiceHead;
use crate::reactive::{Load, derive, memo, use_data, use_query};
use crate::routes::{FunctionPage, Route};
use crate::ui::table::{CELL, Column, FIGURE, LONG, NAMING, ROW, column, figures};
use crate::ui::{
    Each, EmptyState, Erase, Glyph, Hint, Item, LinkButton, Look, PageHead, Pager, Pill, RowActions, SearchForm, Table, TextLink,
    Timestamp, Tone, dynamic,
};
use leptos::prelude::*;
use model::{Page, ServiceRef, format};

const COLUMNS: &[Column] = &[
    column("Function Name"),
    column("Runtime"),
    column("Handler Type"),
    figures("Memory"),
    figures("Timeout"),
    column("Task Mode"),
    figures("Last Modified"),
    figures("Actions"),
];

/// `/{region}/services/{service}/functions`; `?qualifier=` shows them as a version or alias has them.
#[component]
pub(crate) fn Functions(service: ServiceRef) -> impl IntoView {
    let query = use_query();
    let text = move |name: &'static str| memo(move || query.with(|query| query.get(name).unwrap_or_default()));
    let (search, page, qualifier) = (text("search"), text("page"), text("qualifier"));
    let rows = {
        let service = service.clone();
        use_data(move || FunctionsFn { service: service.clone(), qualifier: qualifier.get(), search: search.get(), page: page.get() })
    };
    let list = Route::Functions(service.clone());
    let (select, search_form) = (list.path(), list.path());
    let create = Route::CreateFunction(service.clone()).path();
    let (of_select, of_list) = (service.clone(), service.clone());
    view! {
        <ServiceHead service=service.clone() list/>
        <PageHead title=t!("Functions") within=service.region.to_string() small=true>
            <QualifierSelect service=of_select action=select chosen=qualifier/>
            <LinkButton href=create look=Look::Primary icon=Glyph::Plus>{t!("Create Function")}</LinkButton>
        </PageHead>
        <div class="mb-3">
            <SearchForm action=search_form label=t!("Search by name prefix") value=search kept=("qualifier", qualifier.into())/>
        </div>
        {dynamic(move || {
            let qualifier = qualifier.get();
            (!qualifier.is_empty())
                .then(|| {
                    view! {
                        <div class="mb-3">
                            <Hint>{t!("The functions as ")} <code class="font-mono">{qualifier}</code> {t!(" has them. Only LATEST can be changed.")}</Hint>
                        </div>
                    }
                    .erase()
                })
        })}
        <Load
            data=rows
            view={move |rows: ReadSignal<Page<Row>>| view! { <List service=of_list.clone() rows search page qualifier/> }.erase()}
        />
    }
    .erase()
}

#[component]
fn List(
    service: ServiceRef,
    rows: ReadSignal<Page<Row>>,
    search: Memo<String>,
    page: Memo<String>,
    qualifier: Memo<String>,
) -> impl IntoView {
    let list = Route::Functions(service.clone());
    let address = move |token: &str| list.with_query(&[("qualifier", &qualifier.read()), ("search", &search.read()), ("page", token)]);
    let first = {
        let address = address.clone();
        derive(move || (!page.read().is_empty()).then(|| address("")))
    };
    let next = derive(move || rows.with(|rows| (!rows.next_token.is_empty()).then(|| address(&rows.next_token))));
    let is_empty = memo(move || rows.with(|rows| rows.items.is_empty()));
    dynamic(move || {
        if is_empty.get() {
            let filtered = !(search.read().is_empty() && qualifier.read().is_empty());
            return view! { <Empty service=service.clone() filtered/> }.erase();
        }
        view! {
            <Table caption=t!("Functions of {service}", service = service.service) columns=COLUMNS>
                <Each items=move || {
                    let qualifier = qualifier.get();
                    let key = |row: &Row| format!("{qualifier}/{}/{}/{}/{}", row.function, row.modified_at.0, row.task_mode, row.is_http);
                    let item = |row: Row| {
                        let qualifier = qualifier.clone();
                        Item::new(key(&row), move || view! { <FunctionRow row qualifier/> }.erase())
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
fn FunctionRow(row: Row, qualifier: String) -> impl IntoView {
    let name = row.function.function.to_string();
    let shown = name.clone();
    let to = |page| Route::Function(row.function.clone(), page).with_query(&[("qualifier", &qualifier)]);
    // Tasks of all qualifiers: the list has no filter for one that could be seen and taken away.
    let tasks = Route::Function(row.function.clone(), FunctionPage::Tasks).path();
    let delete = qualifier.is_empty().then(|| to(FunctionPage::Delete));
    let (tasks_label, delete_label) = (t!("View Tasks {name}", name), t!("Delete {name}", name));
    let mode = if row.task_mode { (t!("Enabled"), Tone::Active) } else { (t!("Disabled"), Tone::Idle) };
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} {LONG}")>
                <span class="font-medium"><TextLink href=to(FunctionPage::Code)>{shown}</TextLink></span>
            </td>
            <td role="cell" data-label=t!("Runtime") class=CELL>{row.runtime.to_string()}</td>
            <td role="cell" data-label=t!("Handler Type") class=CELL>{handler_type::short(row.is_http)}</td>
            <td role="cell" data-label=t!("Memory") class=FIGURE>{format::count(row.memory_mb)} <span class="text-muted">" MB"</span></td>
            <td role="cell" data-label=t!("Timeout") class=FIGURE>{format::count(row.timeout_s)} <span class="text-muted">" s"</span></td>
            <td role="cell" data-label=t!("Task Mode") class=CELL><Pill tone=mode.1>{mode.0}</Pill></td>
            <td role="cell" data-label=t!("Last Modified") class=FIGURE>
                <span class="text-muted"><Timestamp at=Some(row.modified_at)/></span>
            </td>
            <RowActions key=name.clone() of=name>
                <TextLink href=tasks label=tasks_label>{t!("View Tasks")}</TextLink>
                {delete.map(|href| view! { <TextLink href label=delete_label>{t!("Delete")}</TextLink> }.erase())}
            </RowActions>
        </tr>
    }
    .erase()
}

#[component]
fn Empty(service: ServiceRef, filtered: bool) -> impl IntoView {
    let body = if filtered {
        view! {
            <EmptyState title=t!("Nothing matches these filters") text=t!("No function has a name that begins like this, or the version has none.")>
                <LinkButton href=Route::Functions(service).path()>{t!("Clear filters")}</LinkButton>
            </EmptyState>
        }
        .erase()
    } else {
        view! {
            <EmptyState title=t!("No functions in {service}", service = service.service) text=t!("A function is code with a handler that runs for each invocation.")>
                <LinkButton href=Route::CreateFunction(service).path() look=Look::Primary label=t!("Create Function now")>{t!("Create Function")}</LinkButton>
            </EmptyState>
        }
        .erase()
    };
    view! { <div class="rounded-panel border border-line bg-surface">{body}</div> }.erase()
}
