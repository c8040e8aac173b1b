//! Stop and re-execute: two forms for the whole page, and buttons that send them with a task's id.

use super::super::FunctionFields;
use super::api::{ReexecuteTask, StopTask};
use super::held::use_held_stops;
use crate::navigation::use_location;
use crate::reactive::derive;
use crate::ui::{Erase, Glyph, HiddenField, Look, PostForm, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, Region, TaskId, TaskStatus};
use server_fn::ServerFn;

const STOP_FORM: &str = "stop-task";
const REEXECUTE_FORM: &str = "reexecute-task";

/// The forms that the page's [`ActionButton`]s send; errors show where this stands. Where scripts run, a
/// stop is held for a while before it is sent.
#[component]
pub(super) fn ActionForms(
    region: Region,
    /// The function whose tasks the page shows; none where the buttons name it.
    #[prop(optional)]
    function: Option<FunctionRef>,
) -> impl IntoView {
    let location = use_location();
    let back = derive(move || {
        let (path, search) = (location.pathname.get(), location.search.get());
        if search.is_empty() { path } else { format!("{path}?{}", search.trim_start_matches('?')) }
    });
    let stops = use_held_stops();
    let of_stop = move || match function.clone() {
        Some(function) => view! { <FunctionFields function/> }.erase(),
        None => view! { <HiddenField name="region" value=region.to_string()/> }.erase(),
    };
    let of_again = of_stop.clone();
    view! {
        <PostForm path=StopTask::PATH class="contents" id=STOP_FORM instead=Callback::new(move |form| stops.hold(&form))>
            {of_stop()}
            <HiddenField name="back" value=back/>
        </PostForm>
        <PostForm path=ReexecuteTask::PATH class="contents" id=REEXECUTE_FORM>
            {of_again()}
        </PostForm>
    }
    .erase()
}

/// What can be done to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TaskAction {
    Stop,
    Reexecute,
}

impl TaskAction {
    fn form(self) -> &'static str {
        match self {
            TaskAction::Stop => STOP_FORM,
            TaskAction::Reexecute => REEXECUTE_FORM,
        }
    }

    fn path(self) -> &'static str {
        match self {
            TaskAction::Stop => StopTask::PATH,
            TaskAction::Reexecute => ReexecuteTask::PATH,
        }
    }

    fn label(self) -> &'static str {
        match self {
            TaskAction::Stop => t!("Stop"),
            TaskAction::Reexecute => t!("Re-execute"),
        }
    }

    /// Its words with the task's id, which begin with those of [`Self::label`].
    fn label_of(self, id: &TaskId, of: Option<&FunctionRef>) -> String {
        match (self, of.map(|of| &of.function)) {
            (TaskAction::Stop, None) => t!("Stop {id}", id),
            (TaskAction::Stop, Some(function)) => t!("Stop {id} of {function}", id, function),
            (TaskAction::Reexecute, None) => t!("Re-execute {id}", id),
            (TaskAction::Reexecute, Some(function)) => t!("Re-execute {id} of {function}", id, function),
        }
    }

    fn glyph(self) -> Glyph {
        match self {
            TaskAction::Stop => Glyph::Stopping,
            TaskAction::Reexecute => Glyph::Refresh,
        }
    }

    pub(super) fn refusal(self, status: TaskStatus, is_http: bool) -> Option<&'static str> {
        match self {
            TaskAction::Reexecute if is_http => Some(t!("HTTP functions cannot be re-executed.")),
            TaskAction::Stop => status.stop_refusal().map(|_| match status {
                TaskStatus::Stopping => t!("This task is already being stopped."),
                _ => t!("This task has already ended."),
            }),
            TaskAction::Reexecute => status.reexecute_refusal().map(|_| t!("This task has not ended yet.")),
        }
    }
}

/// Classes of a button in a row: the drawing alone, its words on hover and focus.
pub(super) fn row_button(glyph: Glyph) -> String {
    format!("row-button drawn {}", glyph.class())
}

/// A button for one task. Where the state or the user's role does not allow the action it stays reachable and says why.
#[component]
pub(super) fn ActionButton(
    action: TaskAction,
    id: TaskId,
    #[prop(into)] status: Signal<TaskStatus>,
    /// A task of an HTTP function.
    #[prop(optional)]
    is_http: bool,
    /// True shows the drawing alone.
    #[prop(optional)]
    compact: bool,
    /// The task's function, in a list of several.
    #[prop(optional)]
    of: Option<FunctionRef>,
) -> impl IntoView {
    let denied = crate::permission::refusal(action.path());
    dynamic(move || {
        let refusal = denied.clone().or_else(|| action.refusal(status.get(), is_http).map(str::to_owned));
        let glyph = action.glyph();
        let class = if compact { row_button(glyph) } else { format!("{} drawn {}", Look::Plain.classes(), glyph.class()) };
        view! {
            <button
                type=if refusal.is_some() { "button" } else { "submit" }
                form=action.form()
                name="id"
                value=of.as_ref().map_or_else(|| id.to_string(), |of| format!("{}/{}/{id}", of.service, of.function))
                class=class
                aria-label=action.label_of(&id, of.as_ref())
                aria-disabled=refusal.is_some().then_some("true")
                title=refusal.or_else(|| compact.then(|| action.label().to_owned()))
            >
                {(!compact).then(|| action.label())}
            </button>
        }
        .erase()
    })
}
