//! The way to a new task with another input than an earlier one had (B-07).

use super::actions::ROW_BUTTON;
use super::submit_api::{SaveTaskParameters, SubmitTask};
use crate::permission;
use crate::routes::{FunctionPage, Route};
use crate::ui::{Erase, Glyph, Icon, Look};
use leptos::prelude::*;
use model::{FunctionRef, TaskId};
use server_fn::ServerFn;

/// `Re-execute with changes`: a link to the form with the task's input. Where the function or the user's role does not allow it, it stays
/// reachable and says why.
#[component]
pub(super) fn WithChanges(
    function: FunctionRef,
    id: TaskId,
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
    let denied = || permission::refusal(SaveTaskParameters::PATH).or_else(|| permission::refusal(SubmitTask::PATH));
    let refusal = if is_http { Some(t!("HTTP functions cannot be re-executed.").to_owned()) } else { denied() };
    let to = Route::Function(function, FunctionPage::TaskParameters).with_query(&[("from", id.as_str()), ("next", "submit")]);
    let is_refused = refusal.is_some();
    let class = if compact { ROW_BUTTON.to_owned() } else { Look::Plain.classes() };
    view! {
        <a
            href=(!is_refused).then_some(to)
            role=is_refused.then_some("link")
            tabindex=is_refused.then_some("0")
            aria-disabled=is_refused.then_some("true")
            class=class
            aria-label=label
            title=refusal.or_else(|| compact.then(|| words.to_owned()))
        >
            {compact.then(|| view! { <Icon glyph=Glyph::Pencil class="size-3.5"/> }.erase())}
            {(!compact).then_some(words)}
        </a>
    }
    .erase()
}
