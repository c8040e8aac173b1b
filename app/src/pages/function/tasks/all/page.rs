use super::super::actions::ActionForms;
use super::super::api::TaskPage;
use super::super::columns::ColumnsMenu;
use super::super::empty::{Why, nothing_found};
use super::super::filters::Filters;
use super::super::list_parts::{Counts, Pages, Refresh};
use super::super::rows::{DrawRow, Rows};
use super::api::AllTasks as ReadAllTasks;
use super::filter::{self, AllFilterBar};
use super::row::{COLUMNS, FRAME, TaskRow};
use super::selection::{Selection, SelectionBar};
use crate::navigation::use_location;
use crate::reactive::{Load, derive, memo, use_data, use_live};
use crate::routes::{AdminPage, Route};
use crate::ui::{EmptyState, Erase, Hint, LinkButton, LiveSwitch, PageHead, dynamic};
use leptos::prelude::*;
use model::{ChangeScope, Region};
use std::sync::Arc;

/// `/{region}/all-tasks`.
#[component]
pub(crate) fn AllTasksPage(region: Region) -> impl IntoView {
    let search = use_location().search;
    let filters = memo(move || filter::read(&search.read()));
    let page = {
        let region = region.clone();
        use_data(move || ReadAllTasks { region: region.clone(), query: filters.with(Filters::print) })
    };
    use_live(ChangeScope::Region(region.clone()), move || page.refetch());
    let list = Route::Admin(region.clone(), AdminPage::AllTasks);
    view! {
        <PageHead title=t!("All Tasks") within=region.to_string()>
            <LiveSwitch refresh=true/>
            <Refresh list filters on_press=Callback::new(move |()| page.refetch())/>
        </PageHead>
        <Load
            data=page
            rows=12
            view={move |page: ReadSignal<TaskPage>| view! { <Shown region=region.clone() page filters/> }.erase()}
        />
    }
    .erase()
}

#[component]
fn Shown(region: Region, page: ReadSignal<TaskPage>, filters: Memo<Filters>) -> impl IntoView {
    let list = Route::Admin(region.clone(), AdminPage::AllTasks);
    let is_partial = memo(move || page.read().is_partial);
    let is_refused = memo(move || filters.read().is_refused);
    let is_empty = memo(move || page.with(|page| page.rows.is_empty()));
    let of_body = list.clone();
    view! {
        <div inner_html=derive(move || page.read().views.clone())></div>
        <Counts list=list.clone() page filters/>
        <AllFilterBar list filters page/>
        <ActionForms region=region.clone()/>
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
            let (region, list) = (region.clone(), of_body.clone());
            if is_refused.get() {
                ().into_any()
            } else if is_empty.get() {
                view! { <Empty region page filters/> <Pages list page filters/> }.erase()
            } else {
                view! { <Tasks region page filters/> <Pages list page filters/> }.erase()
            }
        })}
    }
    .erase()
}

/// The table, and what is done with the rows that are chosen in it.
#[component]
fn Tasks(region: Region, page: ReadSignal<TaskPage>, filters: Memo<Filters>) -> impl IntoView {
    let selection = Selection::new();
    let of_row = region.clone();
    let row: DrawRow = Arc::new(move |record, now| view! { <TaskRow region=of_row.clone() record now selection/> }.erase());
    view! {
        <div class="mb-2 flex flex-wrap items-center gap-x-4 gap-y-2">
            <SelectionBar region filters selection/>
            <div class="ml-auto"><ColumnsMenu page/></div>
        </div>
        <Rows caption=t!("All tasks") page filters columns=COLUMNS frame=FRAME row/>
    }
    .erase()
}

#[component]
fn Empty(region: Region, page: ReadSignal<TaskPage>, filters: Memo<Filters>) -> impl IntoView {
    let goes_on = memo(move || page.with(|page| !page.next_token.is_empty()));
    let is_filtered = memo(move || filters.read().is_active());
    let body = move || {
        if is_filtered.get() {
            let why = if goes_on.get() { Why::NoneSoFar } else { Why::Filtered };
            let others = t!("There are tasks in other states, of other functions or with other IDs.");
            return nothing_found(&Route::Admin(region.clone(), AdminPage::AllTasks), why, filters, others);
        }
        let functions = Route::Tasks(region.clone()).path();
        view! {
            <EmptyState title=t!("No tasks yet") text=t!("What is submitted to functions with task mode on is listed here.")>
                <LinkButton href=functions>{t!("Task Execution Functions")}</LinkButton>
            </EmptyState>
        }
        .erase()
    };
    view! { <div class="rounded-panel border border-line bg-surface">{dynamic(body)}</div> }.erase()
}
