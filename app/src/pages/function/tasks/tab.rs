use super::details::TaskDetails;
use super::list::TaskList;
use super::parameters::ParametersPage;
use super::submit::SubmitPage;
use crate::routes::FunctionPage;
use leptos::prelude::*;
use model::FunctionRef;

/// The function's tasks: list, submission, parameters, one task.
#[component]
pub(crate) fn TasksTab(
    function: FunctionRef,
    /// `Tasks`, `SubmitTask`, `TaskParameters` or `Task(id)`.
    page: Memo<FunctionPage>,
) -> impl IntoView {
    move || {
        let function = function.clone();
        match page.get() {
            FunctionPage::SubmitTask => view! { <SubmitPage function/> }.into_any(),
            FunctionPage::TaskParameters => view! { <ParametersPage function/> }.into_any(),
            FunctionPage::Task(id) => view! { <TaskDetails task=function.task(id)/> }.into_any(),
            _ => view! { <TaskList function/> }.into_any(),
        }
    }
}
