use super::list::TaskList;
use crate::part::{Part, part};
use crate::reactive::derive;
use crate::routes::{FunctionPage, Route};
use crate::ui::{Erase, Keyed};
use leptos::prelude::*;
use model::FunctionRef;

/// The function's tasks: list, submission, parameters, one task, many tasks.
#[component]
pub(crate) fn TasksTab(
    function: FunctionRef,
    /// One of those whose tab is `Tasks`.
    page: Memo<FunctionPage>,
) -> impl IntoView {
    let key = {
        let function = function.clone();
        derive(move || Route::Function(function.clone(), page.get()).path())
    };
    let view = move |()| {
        let function = function.clone();
        match page.get_untracked() {
            FunctionPage::SubmitTask => part(Part::SubmitTask(function)),
            FunctionPage::TaskParameters => part(Part::TaskParameters(function)),
            FunctionPage::Task(id) => part(Part::Task(function.task(id))),
            FunctionPage::Tasks => view! { <TaskList function/> }.erase(),
            page => part(Part::ManyTasks(function, page)),
        }
    };
    view! { <Keyed key view/> }.erase()
}
