//! Forms that change something.

use super::error_summary::ErrorSummary;
use crate::error::{ConsoleError, Result};
use crate::forms::FormState;
use crate::reactive::use_invalidator;
use leptos::ev;
use leptos::form::ActionForm;
use leptos::prelude::*;
use server_fn::Http;
use server_fn::ServerFn;
use server_fn::client::Client;
use server_fn::codec::{MultipartData, PostUrl};
use server_fn::request::ClientReq;
use std::future::Future;

/// Stops a second press while the first is on its way.
fn hold_back(event: &ev::SubmitEvent, pending: bool) {
    if pending {
        event.prevent_default();
        event.stop_propagation();
    }
}

/// A form that calls a server function: with JavaScript in place, without by a plain post. Shows the error above its fields, keeps
/// what was typed, tells the [`crate::reactive::Invalidator`] on success. Inputs are named after the function's arguments.
#[component]
pub fn PostForm<S, Output>(
    /// The function.
    action: ServerAction<S>,
    /// Classes of the form.
    #[prop(default = "max-w-lg space-y-4")]
    class: &'static str,
    /// Runs after success, where scripts run.
    #[prop(optional_no_strip, into)]
    on_done: Option<Callback<()>>,
    /// Fields and buttons.
    children: Children,
) -> impl IntoView
where
    S: ServerFn<Protocol = Http<PostUrl, Output>, Error = ConsoleError> + serde::de::DeserializeOwned + Clone + Send + Sync + 'static,
    S::Client: Client<ConsoleError>,
    S::Output: Send + Sync + 'static,
    <<S::Client as Client<ConsoleError>>::Request as ClientReq<ConsoleError>>::FormData: From<leptos::web_sys::FormData>,
    Output: 'static,
{
    let (value, pending) = (action.value(), action.pending());
    let failure = Signal::derive(move || value.with(|value| value.as_ref().and_then(|value| value.as_ref().err()).cloned()));
    let answered = Signal::derive(move || value.with(Option::is_some));
    let form = FormState::new(S::PATH, pending.into(), failure, answered);
    provide_context(form);
    tell_success(Signal::derive(move || value.with(|value| matches!(value, Some(Ok(_))))), action.version().into(), on_done);
    view! {
        <ActionForm action attr:class=class attr:novalidate=true on:submit:capture=move |event| hold_back(&event, pending.get_untracked())>
            <ErrorSummary error=form.error/>
            {children()}
        </ActionForm>
    }
    .into_any()
}

/// Like [`PostForm`] for a form with a file: the function takes `MultipartData`.
#[component]
pub fn UploadForm<Call, Answer>(
    /// Path of the server function: `<Name as ServerFn>::PATH`.
    path: &'static str,
    /// The function.
    call: Call,
    /// Classes of the form.
    #[prop(default = "max-w-lg space-y-4")]
    class: &'static str,
    /// Runs after success, where scripts run.
    #[prop(optional_no_strip, into)]
    on_done: Option<Callback<()>>,
    /// Fields and buttons.
    children: Children,
) -> impl IntoView
where
    Call: Fn(MultipartData) -> Answer + Clone + 'static,
    Answer: Future<Output = Result<()>> + 'static,
{
    let action = Action::new_local(move |data: &leptos::web_sys::FormData| call(MultipartData::from(data.clone())));
    let (value, pending) = (action.value(), action.pending());
    let failure = Signal::derive_local(move || value.with(|value| value.as_ref().and_then(|value| value.as_ref().err()).cloned()));
    let failure = Signal::derive(move || failure.get());
    let answered = Signal::derive(move || value.with(Option::is_some));
    let form = FormState::new(path, pending.into(), failure, answered);
    provide_context(form);
    tell_success(Signal::derive(move || value.with(|value| matches!(value, Some(Ok(()))))), action.version().into(), on_done);
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if !pending.get_untracked()
            && let Ok(data) = leptos::form::form_data_from_event(&event)
        {
            action.dispatch_local(data);
        }
    };
    view! {
        <form method="post" action=path enctype="multipart/form-data" class=class novalidate on:submit=send>
            <ErrorSummary error=form.error/>
            {children()}
        </form>
    }
    .into_any()
}

fn tell_success(succeeded: Signal<bool>, version: Signal<usize>, on_done: Option<Callback<()>>) {
    let invalidator = use_invalidator();
    Effect::new(move |_| {
        version.track();
        if succeeded.get_untracked() {
            invalidator.notify();
            if let Some(on_done) = on_done {
                on_done.run(());
            }
        }
    });
}

/// A value that the form sends without showing it.
#[component]
pub fn HiddenField(
    /// Name in the form; the server function's argument.
    name: &'static str,
    /// The value.
    #[prop(into)]
    value: Signal<String>,
) -> impl IntoView {
    view! { <input type="hidden" name=name value=value/> }.into_any()
}

/// The row of buttons right after the last field.
#[component]
pub fn FormActions(
    /// [`super::Submit`] first, then the way out.
    children: Children,
) -> impl IntoView {
    view! { <div class="flex flex-wrap items-center gap-2 pt-1">{children()}</div> }.into_any()
}

/// The way out of a form: back to where it was opened from.
#[component]
pub fn Cancel(
    /// The page that a form's own page leads back to.
    #[prop(into)]
    href: String,
    /// Closes the dialog instead, where the form is in one.
    #[prop(optional_no_strip, into)]
    on_cancel: Option<Callback<()>>,
) -> impl IntoView {
    let press = move |event: ev::MouseEvent| {
        if let Some(on_cancel) = on_cancel {
            event.prevent_default();
            on_cancel.run(());
        }
    };
    view! {
        <a href=href class=super::Look::Plain.classes() on:click=press>
            "Cancel"
        </a>
    }
    .into_any()
}
