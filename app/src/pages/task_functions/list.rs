use super::api::{Row, TaskFunctions as TaskFunctionsFn};
use crate::pages::handler_type;
use crate::reactive::{Load, derive, memo, use_data, use_live, use_query};
use crate::routes::{AdminPage, FunctionPage, Route};
use crate::ui::table::{ACTIONS, CELL, Column, FIGURE, LONG, NAMING, ROW, column, figures};
use crate::ui::{
    Each, EmptyState, Erase, Glyph, Item, LinkButton, LiveSwitch, Look, PageHead, Pager, SearchForm, Table, TextLink, Timestamp, dynamic,
};
use leptos::prelude::*;
use model::{ChangeScope, Page, Region, format};

const COLUMNS: &[Column] = &[
    column("Function Name"),
    column("Service"),
    column("Handler Type"),
    column("Runtime"),
    figures("Waiting"),
    figures("Running"),
    figures("Failed"),
    figures("Last task"),
    figures("Actions"),
];

/// `/{region}/tasks`.
#[component]
pub(crate) fn TaskFunctions(region: Region) -> impl IntoView {
    let query = use_query();
    let text = move |name: &'static str| memo(move || query.with(|query| query.get(name).unwrap_or_default()));
    let (search, page) = (text("search"), text("page"));
    let rows = {
        let region = region.clone();
        use_data(move || TaskFunctionsFn { region: region.clone(), search: search.get(), page: page.get() })
    };
    use_live(ChangeScope::Region(region.clone()), move || rows.refetch());
    let list = Route::Tasks(region.clone());
    let create = Route::CreateTaskFunction(region.clone()).path();
    let all = Route::Admin(region.clone(), AdminPage::AllTasks).path();
    view! {
        <PageHead title=t!("Task Execution Functions") within=region.to_string()>
            <LinkButton href=all>{t!("All Tasks")}</LinkButton>
            <LinkButton href=create look=Look::Primary icon=Glyph::Plus>{t!("Create Function")}</LinkButton>
        </PageHead>
        <div class="mb-3 flex flex-wrap items-center justify-between gap-2">
            <SearchForm action=list.path() label=t!("Search function names") value=search/>
            <LiveSwitch/>
        </div>
        <Load data=rows view={move |rows: ReadSignal<Page<Row>>| view! { <List region=region.clone() rows search page/> }.erase()}/>
    }
    .erase()
}

#[component]
fn List(region: Region, rows: ReadSignal<Page<Row>>, search: Memo<String>, page: Memo<String>) -> impl IntoView {
    let list = Route::Tasks(region.clone());
    let first = {
        let list = list.clone();
        derive(move || (!page.read().is_empty()).then(|| list.with_query(&[("search", &search.read())])))
    };
    let next = {
        let list = list.clone();
        derive(move || {
            let token = rows.with(|rows| rows.next_token.clone());
            (!token.is_empty()).then(|| list.with_query(&[("search", &search.read()), ("page", &token)]))
        })
    };
    let is_empty = memo(move || rows.with(|rows| rows.items.is_empty()));
    dynamic(move || {
        if is_empty.get() {
            return view! { <Empty region=region.clone() filtered=!search.read().is_empty()/> }.erase();
        }
        view! {
            <Table caption=t!("Task execution functions") columns=COLUMNS>
                <Each items=move || {
                    let item = |row: Row| Item::new(row.function.clone(), move || view! { <FunctionRow row rows/> }.erase());
                    rows.get().items.into_iter().map(item).collect()
                }/>
            </Table>
            <Pager first next/>
        }
        .erase()
    })
}

#[component]
fn FunctionRow(
    row: Row,
    /// Where the row's figures come from after the first time.
    rows: ReadSignal<Page<Row>>,
) -> impl IntoView {
    let key = row.function.clone();
    let first = row.clone();
    let now = memo(move || rows.with(|rows| rows.items.iter().find(|row| row.function == key).cloned()).unwrap_or_else(|| first.clone()));
    let function = row.function;
    let tasks = Route::Function(function.clone(), FunctionPage::Tasks).path();
    let service = Route::Functions(function.service_ref()).path();
    let label = t!("View Tasks {name}", name = function.function);
    let failed = move || now.read().failed;
    view! {
        <tr role="row" class=ROW>
            <td role="cell" class=format!("{NAMING} {LONG}")>
                <span class="font-medium"><TextLink href=tasks.clone()>{function.function.to_string()}</TextLink></span>
            </td>
            <td role="cell" data-label=t!("Service") class=LONG>
                <TextLink href=service>{function.service.to_string()}</TextLink>
            </td>
            <td role="cell" data-label=t!("Handler Type") class=CELL>{dynamic(move || handler_type::short(now.read().is_http))}</td>
            <td role="cell" data-label=t!("Runtime") class=CELL>{dynamic(move || now.read().runtime.to_string())}</td>
            <td role="cell" data-label=t!("Waiting") class=FIGURE>{dynamic(move || format::count(now.read().waiting))}</td>
            <td role="cell" data-label=t!("Running") class=FIGURE>
                <span class=derive(move || if now.read().running > 0 { "font-medium text-active" } else { "" })>{dynamic(move || format::count(now.read().running))}</span>
            </td>
            <td role="cell" data-label=t!("Failed") class=FIGURE>
                <span class=derive(move || if failed() > 0 { "font-semibold text-bad" } else { "" })>{dynamic(move || format::count(failed()))}</span>
            </td>
            <td role="cell" data-label=t!("Last task") class=FIGURE>
                <span class="text-muted"><Timestamp brief=true at=derive(move || now.read().last_task_at)/></span>
            </td>
            <td role="cell" class=ACTIONS>
                <TextLink href=tasks label>{t!("View Tasks")}</TextLink>
            </td>
        </tr>
    }
    .erase()
}

#[component]
fn Empty(region: Region, filtered: bool) -> impl IntoView {
    let body = if filtered {
        view! {
            <EmptyState title=t!("Nothing matches these filters") text=t!("No function with task mode on has a name like this.")>
                <LinkButton href=Route::Tasks(region).path()>{t!("Clear filters")}</LinkButton>
            </EmptyState>
        }
        .erase()
    } else {
        view! {
            <EmptyState title=t!("No task execution functions") text=t!("Create a function here, or switch on task mode for an existing one.")>
                <LinkButton href=Route::CreateTaskFunction(region.clone()).path() look=Look::Primary label=t!("Create Function now")>{t!("Create Function")}</LinkButton>
                <LinkButton href=Route::Services(region).path() label=t!("Services & Functions list")>{t!("Services & Functions")}</LinkButton>
            </EmptyState>
        }
        .erase()
    };
    view! { <div class="rounded-panel border border-line bg-surface">{body}</div> }.erase()
}
