//! The way to a new task with another input than an earlier one had (B-07).

use super::actions::{TaskAction, row_button};
use super::rerun_api::ReexecuteWithChanges;
use crate::permission;
use crate::routes::{FunctionPage, Route};
use crate::ui::{Erase, Glyph, Look, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, TaskId, TaskStatus};
use server_fn::ServerFn;

/// `Re-execute with changes`: a link to the form with the task's input. Where the function, the state or the user's role does not allow it,
/// it stays reachable and says why.
#[component]
pub(super) fn WithChanges(
    function: FunctionRef,
    id: TaskId,
    #[prop(into)] status: Signal<TaskStatus>,
    /// A task of an HTTP function.
    is_http: bool,
    /// True shows the drawing alone, and names the function.
    #[prop(optional)]
    compact: bool,
) -> impl IntoView {
    let words = t!("Re-execute with changes");
    let label = if compact {
        t!("Re-execute with changes {id} of {function}", id, function = function.function)
    } else {
        t!("Re-execute with changes {id}", id)
    };
    let denied = permission::refusal(ReexecuteWithChanges::PATH);
    let to = Route::Function(function, FunctionPage::SubmitTask).with_query(&[("from", id.as_str())]);
    let class = if compact { row_button(Glyph::Pencil) } else { Look::Plain.classes() };
    dynamic(move || {
        let refusal = denied.clone().or_else(|| TaskAction::Reexecute.refusal(status.get(), is_http).map(str::to_owned));
        let is_refused = refusal.is_some();
        view! {
            <a
                href=(!is_refused).then(|| to.clone())
                role=is_refused.then_some("link")
                tabindex=is_refused.then_some("0")
                aria-disabled=is_refused.then_some("true")
                class=class.clone()
                aria-label=label.clone()
                title=refusal.or_else(|| compact.then(|| words.to_owned()))
            >
                {(!compact).then_some(words)}
            </a>
        }
        .erase()
    })
}
