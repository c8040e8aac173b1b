use super::api::{TaskPage, Tasks};
use super::columns::ColumnsMenu;
use super::empty::{EmptyList, Why};
use super::filter_bar::FilterBar;
use super::filters::Filters;
use super::list_parts::{Counts, Pages, Refresh};
use super::rows::{DrawRow, Rows, TaskRow};
use super::submit::SubmitButton;
use crate::bootstrap::use_bootstrap;
use crate::navigation::use_location;
use crate::reactive::{Load, derive, memo, use_data, use_live};
use crate::routes::{FunctionPage, Route};
use crate::ui::{Erase, Hint, LiveSwitch, PageHead, TextLink, dynamic};
use leptos::prelude::*;
use model::{ChangeScope, FunctionRef};
use std::sync::Arc;

/// `…/{function}/tasks`.
#[component]
pub(super) fn TaskList(function: FunctionRef) -> impl IntoView {
    let search = use_location().search;
    let filters = memo(move || Filters::read(&search.read()));
    let page = {
        let function = function.clone();
        use_data(move || Tasks { function: function.clone(), query: filters.with(Filters::print) })
    };
    use_live(ChangeScope::Function(function.clone()), move || page.refetch());
    let (of_refresh, of_submit) = (Route::Function(function.clone(), FunctionPage::Tasks), function.clone());
    view! {
        <PageHead title=t!("Asynchronous Tasks") within=format!("{} – {}", function.function, function.region) small=true>
            <LiveSwitch refresh=true/>
            <Refresh list=of_refresh filters on_press=Callback::new(move |()| page.refetch())/>
            <SubmitButton function=of_submit/>
        </PageHead>
        <Load
            data=page
            rows=12
            view={move |page: ReadSignal<TaskPage>| view! { <Shown function=function.clone() page filters/> }.erase()}
        />
    }
    .erase()
}

#[component]
fn Shown(function: FunctionRef, page: ReadSignal<TaskPage>, filters: Memo<Filters>) -> impl IntoView {
    let list = Route::Function(function.clone(), FunctionPage::Tasks);
    let task_mode = memo(move || page.read().task_mode);
    let is_empty = memo(move || page.with(|page| page.rows.is_empty()));
    let has_none = memo(move || page.with(|page| page.counts.total() == 0));
    let is_last = memo(move || page.with(|page| page.next_token.is_empty()));
    let why = memo(move || match (has_none.get(), task_mode.get(), is_last.get()) {
        (true, false, _) => Why::TaskModeOff,
        (true, true, _) => Why::NoneYet,
        (false, _, false) => Why::NoneSoFar,
        (false, _, true) => Why::Filtered,
    });
    let is_refused = memo(move || filters.read().is_refused);
    let body = {
        let (function, list) = (function.clone(), list.clone());
        move || {
            let (function, list) = (function.clone(), list.clone());
            let pages = move || view! { <Pages list page filters note=kept()/> }.erase();
            if is_refused.get() {
                ().into_any()
            } else if is_empty.get() {
                let why = why.get();
                view! { <EmptyList function why filters/> {(why == Why::NoneSoFar).then(pages)} }.erase()
            } else {
                let of_row = function.clone();
                let row: DrawRow = Arc::new(move |record, now| view! { <TaskRow function=of_row.clone() record now/> }.erase());
                view! { <Many function page filters/> <Rows caption=t!("Asynchronous tasks") page filters row/> {pages()} }.erase()
            }
        }
    };
    let config = Route::Function(function.clone(), FunctionPage::AsyncConfig).path();
    view! {
        <div inner_html=derive(move || page.read().views.clone())></div>
        <Counts list=list.clone() page filters/>
        <FilterBar list filters/>
        <super::actions::ActionForms region=function.region.clone() function/>
        {dynamic(move || {
            (!task_mode.get() && !has_none.get())
                .then(|| {
                    let config = config.clone();
                    view! {
                        <div class="mb-3">
                            <Hint>
                                {t!("Task mode is off: new asynchronous invocations leave no task. ")}
                                <TextLink href=config>{t!("Asynchronous Configurations")}</TextLink>
                            </Hint>
                        </div>
                    }
                    .erase()
                })
        })}
        {dynamic(body)}
    }
    .erase()
}

/// What can be done with all tasks that the filters show, and the table's columns.
#[component]
fn Many(function: FunctionRef, page: ReadSignal<TaskPage>, filters: Memo<Filters>) -> impl IntoView {
    let link = |(page, words): (FunctionPage, &'static str)| {
        let page = Route::Function(function.clone(), page);
        view! { <TextLink href=derive(move || filters.with(|filters| filters.link(&page, |_| ())))>{words}</TextLink> }.erase()
    };
    let links = [
        (FunctionPage::StopTasks, t!("Stop all that match")),
        (FunctionPage::ReexecuteTasks, t!("Re-execute all that match")),
        (FunctionPage::ExportTasks, t!("Export")),
    ];
    view! {
        <div class="mb-2 flex flex-wrap justify-end gap-x-4 gap-y-2 text-meta">
            {links.map(link).into_iter().collect::<Vec<_>>()}
            <ColumnsMenu page/>
        </div>
    }
    .erase()
}

/// How long records are kept.
fn kept() -> String {
    match use_bootstrap().retention_days {
        0 => t!("Kept for ever").to_owned(),
        1 => t!("Kept 1 day").to_owned(),
        days => t!("Kept {days} days", days),
    }
}
