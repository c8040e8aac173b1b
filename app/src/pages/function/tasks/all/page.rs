use super::super::ticking::use_ticking;
use super::api::{AllTasks as ReadAllTasks, AllTasksRow, AllTasksView};
use super::filter::{AllFilterBar, AllFilters};
use super::row::TaskRow;
use crate::bootstrap::use_bootstrap;
use crate::language::words;
use crate::navigation::use_location;
use crate::reactive::{Load, derive, memo, use_data, use_live};
use crate::routes::{AdminPage, Route};
use crate::ui::table::{Column, column, figures};
use crate::ui::{Chip, Each, EmptyState, Erase, Glyph, Hint, Icon, Item, LinkButton, LiveSwitch, Look, PageHead, Pager, Table, dynamic};
use leptos::ev;
use leptos::prelude::*;
use model::{ChangeScope, Region, SortOrder, TaskStatus, format};

const fn columns(sort: &'static str) -> [Column; 11] {
    [
        column("Status"),
        column("Task ID"),
        column("Service"),
        column("Function Name"),
        Column { sort: Some(sort), ..column("Start Time") },
        column("End Time"),
        figures("Duration"),
        figures("Retries"),
        column("Request ID"),
        column("Instance ID"),
        figures("Actions"),
    ]
}

const NEWEST_FIRST: &[Column] = &columns("descending");
const OLDEST_FIRST: &[Column] = &columns("ascending");

/// `/{region}/all-tasks`.
#[component]
pub(crate) fn AllTasksPage(region: Region) -> impl IntoView {
    let search = use_location().search;
    let filters = memo(move || AllFilters::read(&search.read()));
    let page = {
        let region = region.clone();
        use_data(move || ReadAllTasks { region: region.clone(), query: filters.with(AllFilters::print) })
    };
    use_live(ChangeScope::Region(region.clone()), move || page.refetch());
    let list = Route::Admin(region.clone(), AdminPage::AllTasks);
    let of_refresh = list.path();
    view! {
        <PageHead title=t!("All Tasks") within=region.to_string()>
            <LiveSwitch/>
            <Refresh list=of_refresh filters on_press=Callback::new(move |()| page.refetch())/>
        </PageHead>
        <Load
            data=page
            rows=12
            view={move |page: ReadSignal<AllTasksView>| view! { <Shown list=list.clone() page filters/> }.erase()}
        />
    }
    .erase()
}

#[component]
fn Shown(list: Route, page: ReadSignal<AllTasksView>, filters: Memo<AllFilters>) -> impl IntoView {
    let is_partial = memo(move || page.read().is_partial);
    let is_refused = memo(move || filters.read().tasks.is_refused);
    let is_empty = memo(move || page.with(|page| page.rows.is_empty()));
    let of_body = list.clone();
    view! {
        <div inner_html=derive(move || page.read().views.clone())></div>
        <Counts list=list.clone() page filters/>
        <AllFilterBar list filters page/>
        {dynamic(move || {
            is_partial
                .get()
                .then(|| {
                    view! {
                        <div class="mb-3">
                            <Hint>{t!("Not everything was looked at, and tasks may be missing. Choose a service or a function, or give more of the ID.")}</Hint>
                        </div>
                    }
                    .erase()
                })
        })}
        {dynamic(move || {
            let list = of_body.clone();
            if is_refused.get() {
                ().into_any()
            } else if is_empty.get() {
                view! { <Empty list=list.clone() page filters/> <Pages list page filters/> }.erase()
            } else {
                view! { <Rows page filters/> <Pages list page filters/> }.erase()
            }
        })}
    }
    .erase()
}

/// Chips with the number of tasks in each state; each sets the filter, the one in force takes it away.
#[component]
fn Counts(list: Route, page: ReadSignal<AllTasksView>, filters: Memo<AllFilters>) -> impl IntoView {
    let chip = move |status: Option<TaskStatus>| {
        let count = memo(move || page.with(|page| status.map_or(page.counts.total(), |status| page.counts.get(status))));
        let active = memo(move || match status {
            Some(status) => filters.read().tasks.filter.statuses.contains(&status),
            None => filters.read().tasks.filter.statuses.is_empty(),
        });
        let list = list.clone();
        let href = derive(move || {
            let wanted = status.filter(|_| !(active.get() && filters.read().tasks.only_status() == status));
            filters.with(|filters| filters.link(&list, |changed| changed.tasks.filter.statuses = wanted.into_iter().collect()))
        });
        let figure = move || if status == Some(TaskStatus::Failed) && count.get() > 0 { "font-semibold text-bad" } else { "font-medium" };
        view! {
            <li class="shrink-0">
                <Chip href active dimmed=derive(move || count.get() == 0)>
                    {status.map_or(t!("All"), |status| words(status.as_str()))}
                    <span class=figure>{dynamic(move || format::count(count.get()))}</span>
                </Chip>
            </li>
        }
        .erase()
    };
    view! {
        <nav aria-label=t!("States") class="mb-2 -mx-1 overflow-x-auto px-1 py-1">
            <ul class="flex gap-1">
                {chip(None)} {TaskStatus::ALL.into_iter().map(|status| chip(Some(status))).collect::<Vec<_>>()}
            </ul>
        </nav>
    }
    .erase()
}

#[component]
fn Rows(page: ReadSignal<AllTasksView>, filters: Memo<AllFilters>) -> impl IntoView {
    let is_live = derive(move || page.with(|page| page.rows.iter().any(|row| row.record.counts())));
    let now = use_ticking(derive(move || page.read().now), is_live);
    let is_ascending = memo(move || filters.read().tasks.filter.order == SortOrder::Asc);
    dynamic(move || {
        view! {
            <Table caption=t!("All tasks") columns=if is_ascending.get() { OLDEST_FIRST } else { NEWEST_FIRST }>
                <Each items=move || {
                    let item = |row: AllTasksRow| {
                        let key = format!("{} {}", row.function, row.record.id);
                        Item::new(key, move || view! { <TaskRow row page now/> }.erase())
                    };
                    page.get().rows.into_iter().map(item).collect()
                }/>
            </Table>
        }
        .erase()
    })
}

#[component]
fn Empty(list: Route, page: ReadSignal<AllTasksView>, filters: Memo<AllFilters>) -> impl IntoView {
    let days = use_bootstrap().retention_days;
    let goes_on = memo(move || page.with(|page| !page.next_token.is_empty()));
    let body = move || {
        let filters = filters.read();
        let has_times = !(filters.tasks.from.is_empty() && filters.tasks.to.is_empty());
        if !filters.is_active() {
            let functions = list.region().cloned().map_or(Route::Home, Route::Tasks).path();
            return view! {
                <EmptyState title=t!("No tasks yet") text=t!("What is submitted to functions with task mode on is listed here.")>
                    <LinkButton href=functions>{t!("Task Execution Functions")}</LinkButton>
                </EmptyState>
            }
            .erase();
        }
        let (title, text) = match (goes_on.get(), has_times, days) {
            (true, ..) => (
                t!("No match so far"),
                t!("Many tasks have to be compared with these filters. Next goes on where this page ends.").to_owned(),
            ),
            (_, true, 1..) => (t!("No tasks in this time range."), t!("Records are kept for {days} days.", days)),
            _ => (
                t!("Nothing matches these filters"),
                t!("There are tasks in other states, of other functions or with other IDs.").to_owned(),
            ),
        };
        let all = list.path();
        view! {
            <EmptyState title text>
                <LinkButton href=all label=t!("Clear filters and show all")>{t!("Clear filters")}</LinkButton>
            </EmptyState>
        }
        .erase()
    };
    view! { <div class="rounded-panel border border-line bg-surface">{dynamic(body)}</div> }.erase()
}

#[component]
fn Pages(list: Route, page: ReadSignal<AllTasksView>, filters: Memo<AllFilters>) -> impl IntoView {
    let first = {
        let list = list.clone();
        derive(move || {
            let filters = filters.read();
            (!filters.tasks.filter.next_token.is_empty()).then(|| filters.link(&list, |_| ()))
        })
    };
    let next = derive(move || {
        let token = page.with(|page| page.next_token.clone());
        (!token.is_empty()).then(|| filters.with(|filters| filters.link(&list, |changed| changed.tasks.filter.next_token = token)))
    });
    view! { <Pager first next/> }.erase()
}

/// Reads the list again: in place where scripts run, else by loading the page anew.
#[component]
fn Refresh(list: String, filters: Memo<AllFilters>, on_press: Callback<()>) -> impl IntoView {
    let fields = move || {
        let field = |(name, value): (String, String)| view! { <input type="hidden" name=name value=value/> }.erase();
        filters.with(AllFilters::pairs).into_iter().map(field).collect::<Vec<_>>()
    };
    let press = move |event: ev::SubmitEvent| {
        event.prevent_default();
        on_press.run(());
    };
    view! {
        <form method="get" action=list class="contents" on:submit=press>
            {dynamic(fields)}
            <button type="submit" class=Look::Plain.classes()>
                <Icon glyph=Glyph::Refresh class="size-3.5"/>
                {t!("Refresh")}
            </button>
        </form>
    }
    .erase()
}
