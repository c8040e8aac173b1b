use super::super::FunctionFields;
use super::api::ModifyAsyncPolicy;
use crate::forms::use_form;
use crate::routes::{FunctionPage, Route};
use crate::ui::{Cancel, Erase, FormActions, HiddenField, Hint, NumberField, PostForm, RadioGroup, Submit, dynamic};
use leptos::prelude::*;
use model::{AsyncConfig, FunctionRef, limits};
use server_fn::ServerFn;

/// The fields of C-66, in the panel and on the page.
#[component]
pub(super) fn PolicyForm(
    function: FunctionRef,
    /// Whose configuration it is; empty for `LATEST`.
    qualifier: String,
    /// What is in force; `None` for the default.
    config: Option<AsyncConfig>,
    /// Closes the panel that the form is in.
    #[prop(optional_no_strip, into)]
    on_close: Option<Callback<()>>,
) -> impl IntoView {
    let enabled = config.as_ref().is_some_and(AsyncConfig::task_mode);
    let retries = config.as_ref().map_or(limits::RETRY_ATTEMPTS_DEFAULT, AsyncConfig::retries);
    let lifetime = config.as_ref().map_or(limits::EVENT_AGE_S_DEFAULT, AsyncConfig::event_age_s);
    let back = Route::Function(function.clone(), FunctionPage::AsyncConfig).with_query(&[("qualifier", &qualifier)]);
    view! {
        <PostForm path=ModifyAsyncPolicy::PATH on_done=on_close>
            <FunctionFields function/>
            <HiddenField name="qualifier" value=qualifier/>
            <TaskMode enabled/>
            <NumberField
                name="max_retries"
                label=t!("Maximum Retries")
                value=retries.to_string()
                max=u64::from(limits::RETRY_ATTEMPTS_MAX)
                help=t!("0 to 8 further attempts after an error of the function. Throttling and errors of the platform are retried by themselves.")
            />
            <NumberField
                name="max_lifetime"
                label=t!("Maximum Message Lifetime (seconds)")
                value=lifetime.to_string()
                min=1
                max=limits::EVENT_AGE_S_MAX
                help=t!("1 to 2592000 (30 days). A task that has not begun by then expires; a delay does not count.")
            />
            <FormActions>
                <Submit>{t!("OK")}</Submit>
                <Cancel href=back on_cancel=on_close/>
            </FormActions>
        </PostForm>
    }
    .erase()
}

/// What task mode does, and for what it is not made (C-68).
pub(crate) fn task_mode_help() -> &'static str {
    t!(
        "Enabled, every asynchronous invocation becomes a task with a record and a history. That adds some latency: advised against where the mean must be under 100 ms or thousands of invocations arrive each second."
    )
}

/// Says what switching off does, before it is done.
#[component]
fn TaskMode(enabled: bool) -> impl IntoView {
    let word = |on: bool| if on { "enable" } else { "disable" };
    let chosen = RwSignal::new(use_form().typed("task_mode", word(enabled).to_owned()));
    let switches_off = move || enabled && chosen.read().as_str() == "disable";
    view! {
        <RadioGroup
            name="task_mode"
            label=t!("Task Mode")
            options=vec![("enable", t!("Enable")), ("disable", t!("Disable"))]
            value=word(enabled)
            help=task_mode_help()
            on_choice=move |value| chosen.set(value)
        />
        <div role="status">
            {dynamic(move || switches_off().then(|| view! { <Hint>{t!("Accepted tasks keep running and stay listed. New invocations leave no task.")}</Hint> }.erase()))}
        </div>
    }
    .erase()
}
