//! What is done with all tasks that a list shows: exporting them, choosing among them, and confirming a bulk action (B-03, B-19).

mod api;
mod choose;
mod confirm;
mod export;
mod words;

use crate::routes::FunctionPage;
use crate::ui::Erase;
use confirm::Confirm;
use export::Export;
use leptos::prelude::*;
use model::{BulkAction, FunctionRef};

pub(crate) use words::filter_words;

/// `…/{function}/export-tasks`, `…/stop-tasks`, `…/reexecute-tasks`: each with the query string of the list.
#[component]
pub(crate) fn ManyTasks(function: FunctionRef, page: FunctionPage) -> impl IntoView {
    match page {
        FunctionPage::StopTasks => view! { <Confirm function action=BulkAction::Stop/> }.erase(),
        FunctionPage::ReexecuteTasks => view! { <Confirm function action=BulkAction::Reexecute/> }.erase(),
        _ => view! { <Export function/> }.erase(),
    }
}
