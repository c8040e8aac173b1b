use super::api::{Functions as FunctionsFn, Row};
use crate::reactive::{Load, derive, memo, use_data, use_query};
use crate::routes::{FunctionPage, Route};
use crate::ui::table::{CELL, Column, FIGURE, LONG, ROW, column, figures};
use crate::ui::{
    Back, Each, EmptyState, Erase, Glyph, Item, LinkButton, Look, PageHead, Pager, Pill, SearchForm, Table, TextLink, Timestamp, Tone,
    dynamic,
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

/// `/{region}/services/{service}/functions`.
#[component]
pub(crate) fn Functions(service: ServiceRef) -> impl IntoView {
    let query = use_query();
    let text = move |name: &'static str| memo(move || query.with(|query| query.get(name).unwrap_or_default()));
    let (search, page) = (text("search"), text("page"));
    let rows = {
        let service = service.clone();
        use_data(move || FunctionsFn { service: service.clone(), search: search.get(), page: page.get() })
    };
    let create = Route::CreateFunction(service.clone()).path();
    view! {
        <Back href=Route::Services(service.region.clone()).path()>"Services"</Back>
        <PageHead title="Functions" subtitle=format!("Service {}", service.service) within=service.region.to_string()>
            <LinkButton href=create look=Look::Primary icon=Glyph::Plus>"Create Function"</LinkButton>
        </PageHead>
        <div class="mb-3">
            <SearchForm action=Route::Functions(service.clone()).path() label="Search by name prefix" value=search/>
        </div>
        <Load data=rows view={move |rows: ReadSignal<Page<Row>>| view! { <List service=service.clone() rows search page/> }.erase()}/>
    }
    .erase()
}

#[component]
fn List(service: ServiceRef, rows: ReadSignal<Page<Row>>, search: Memo<String>, page: Memo<String>) -> impl IntoView {
    let list = Route::Functions(service.clone());
    let address = move |token: &str| list.with_query(&[("search", &search.read()), ("page", token)]);
    let first = {
        let address = address.clone();
        derive(move || (!page.read().is_empty()).then(|| address("")))
    };
    let next = derive(move || rows.with(|rows| (!rows.next_token.is_empty()).then(|| address(&rows.next_token))));
    let is_empty = memo(move || rows.with(|rows| rows.items.is_empty()));
    dynamic(move || {
        if is_empty.get() {
            return view! { <Empty service=service.clone() filtered=!search.read().is_empty()/> }.erase();
        }
        view! {
            <Table caption=format!("Functions of {}", service.service) columns=COLUMNS>
                <Each items=move || {
                    let key = |row: &Row| format!("{}/{}/{}", row.function, row.modified_at.0, row.task_mode);
                    let item = |row: Row| Item::new(key(&row), move || view! { <FunctionRow row/> }.erase());
                    rows.get().items.into_iter().map(item).collect()
                }/>
            </Table>
            <Pager first next/>
        }
        .erase()
    })
}

#[component]
fn FunctionRow(row: Row) -> impl IntoView {
    let name = row.function.function.to_string();
    let to = |page| Route::Function(row.function.clone(), page).path();
    let (tasks_label, delete_label) = (format!("View Tasks {name}"), format!("Delete {name}"));
    let mode = if row.task_mode { ("Enabled", Tone::Active) } else { ("Disabled", Tone::Idle) };
    view! {
        <tr class=ROW>
            <td class=LONG>
                <span class="font-medium"><TextLink href=to(FunctionPage::Code)>{name.clone()}</TextLink></span>
            </td>
            <td class=CELL>{row.runtime.to_string()}</td>
            <td class=CELL>"Event"</td>
            <td class=FIGURE>{format::count(row.memory_mb)} <span class="text-muted">" MB"</span></td>
            <td class=FIGURE>{format::count(row.timeout_s)} <span class="text-muted">" s"</span></td>
            <td class=CELL><Pill tone=mode.1>{mode.0}</Pill></td>
            <td class=FIGURE>
                <span class="text-muted"><Timestamp at=Some(row.modified_at)/></span>
            </td>
            <td class=CELL>
                <div class="flex justify-end gap-3">
                    <TextLink href=to(FunctionPage::Tasks) label=tasks_label>"View Tasks"</TextLink>
                    <TextLink href=to(FunctionPage::Delete) label=delete_label>"Delete"</TextLink>
                </div>
            </td>
        </tr>
    }
    .erase()
}

#[component]
fn Empty(service: ServiceRef, filtered: bool) -> impl IntoView {
    let body = if filtered {
        view! {
            <EmptyState title="Nothing matches these filters" text="No function has a name that begins like this.">
                <LinkButton href=Route::Functions(service).path()>"Clear filters"</LinkButton>
            </EmptyState>
        }
        .erase()
    } else {
        view! {
            <EmptyState title=format!("No functions in {}", service.service) text="A function is code with a handler that runs for each invocation.">
                <LinkButton href=Route::CreateFunction(service).path() look=Look::Primary label="Create Function now">"Create Function"</LinkButton>
            </EmptyState>
        }
        .erase()
    };
    view! { <div class="rounded-panel border border-line bg-surface">{body}</div> }.erase()
}
