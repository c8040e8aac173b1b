//! What is done with all tasks that a list shows, be it that of a function or of a region: exporting them, choosing among them, and confirming
//! a bulk action (B-03, B-19).

mod api;
mod choose;
mod confirm;
mod export;
mod place;
mod words;

use crate::routes::FunctionPage;
use crate::ui::Erase;
use export::Export;
use leptos::prelude::*;
use model::{BulkAction, FunctionRef};

pub(crate) use confirm::BulkConfirm;
pub(crate) use words::{filter_words, scope_words};

/// `…/{function}/export-tasks`, `…/stop-tasks`, `…/reexecute-tasks`: each with the query string of the list.
#[component]
pub(crate) fn ManyTasks(function: FunctionRef, page: FunctionPage) -> impl IntoView {
    match page {
        FunctionPage::StopTasks => view! { <BulkConfirm scope=function.into() action=BulkAction::Stop/> }.erase(),
        FunctionPage::ReexecuteTasks => view! { <BulkConfirm scope=function.into() action=BulkAction::Reexecute/> }.erase(),
        _ => view! { <Export function/> }.erase(),
    }
}
