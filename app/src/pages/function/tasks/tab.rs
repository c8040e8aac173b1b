use super::details::TaskDetails;
use super::list::TaskList;
use super::parameters::ParametersPage;
use super::submit::SubmitPage;
use crate::reactive::derive;
use crate::routes::{FunctionPage, Route};
use crate::ui::Erase;
use crate::ui::Keyed;
use leptos::prelude::*;
use model::FunctionRef;

/// The function's tasks: list, submission, parameters, one task.
#[component]
pub(crate) fn TasksTab(
    function: FunctionRef,
    /// `Tasks`, `SubmitTask`, `TaskParameters` or `Task(id)`.
    page: Memo<FunctionPage>,
) -> impl IntoView {
    let key = {
        let function = function.clone();
        derive(move || Route::Function(function.clone(), page.get()).path())
    };
    let view = move |()| {
        let function = function.clone();
        match page.get_untracked() {
            FunctionPage::SubmitTask => view! { <SubmitPage function/> }.erase(),
            FunctionPage::TaskParameters => view! { <ParametersPage function/> }.erase(),
            FunctionPage::Task(id) => view! { <TaskDetails task=function.task(id)/> }.erase(),
            _ => view! { <TaskList function/> }.erase(),
        }
    };
    view! { <Keyed key view/> }.erase()
}
