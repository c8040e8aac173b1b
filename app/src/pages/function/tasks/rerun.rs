//! `Re-execute with changes`: the submission form with the event of an earlier task (B-07).

use super::super::FunctionFields;
use super::parameters::TEMPLATES;
use super::rerun_api::{ReexecuteWithChanges, RerunFacts, RerunSetup};
use super::submit::{IdFields, TimeFields, WayOut};
use crate::reactive::{Load, use_still_data};
use crate::routes::Route;
use crate::ui::{Back, Cancel, Erase, FormActions, HiddenField, JsonEditor, PageHead, Panel, PostForm, Submit};
use leptos::prelude::*;
use model::{TaskRef, limits};
use server_fn::ServerFn;

/// `…/{function}/submit-task?from=` a task.
#[component]
pub(super) fn RerunPage(task: TaskRef) -> impl IntoView {
    let facts = {
        let task = task.clone();
        use_still_data(move || RerunFacts { task: task.clone() })
    };
    let of_form = task.clone();
    view! {
        <Back href=Route::task(&task).path()>{task.id.to_string()}</Back>
        <PageHead title=t!("Re-execute with changes") within=format!("{} – {}", task.function.function, task.function.region) small=true/>
        <Panel narrow=true>
            <Load
                data=facts
                rows=8
                view={move |facts: ReadSignal<RerunSetup>| view! { <RerunForm task=of_form.clone() setup=facts.get_untracked()/> }.erase()}
            />
        </Panel>
    }
    .erase()
}

#[component]
fn RerunForm(task: TaskRef, setup: RerunSetup) -> impl IntoView {
    let back = Route::task(&task).path();
    let id = task.id.to_string();
    let help =
        t!("The event of task {id}. A change is for the new task alone; the parameters of further submissions stay as they are.", id);
    view! {
        <PostForm path=ReexecuteWithChanges::PATH class="max-w-3xl space-y-4">
            // The new task is one whatever the mode is now.
            <WayOut function=task.function.clone() task_mode=true/>
            <FunctionFields function=task.function/>
            <HiddenField name="origin" value=id/>
            <HiddenField name="once" value=setup.once/>
            <JsonEditor name="event" label=t!("Event") value=setup.event help templates=TEMPLATES max_bytes=limits::ASYNC_PAYLOAD_BYTES_MAX/>
            <IdFields/>
            <TimeFields/>
            <FormActions>
                <Submit>{t!("OK")}</Submit>
                <Cancel href=back/>
            </FormActions>
        </PostForm>
    }
    .erase()
}
