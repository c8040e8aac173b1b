//! Forms that change something.

use super::Erase;
use super::error_summary::ErrorSummary;
use crate::error::{ETAG, Result};
use crate::forms::{FormState, LongCall, PostedForm, use_form};
use crate::navigation::{Going, use_navigate};
use crate::reactive::wire::{Answer, Stop, post_form};
use crate::reactive::{derive, effect, memo, use_invalidator};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::web_sys::FormData;

/// A form that calls a server function: with JavaScript in place, without by a plain post. Shows the error above its fields, keeps
/// what was typed, and tells the [`crate::reactive::Invalidator`] on success. Inputs are named after the function's arguments; where the
/// function redirects, the page goes there.
#[component]
pub fn PostForm(
    /// Path of the function: `<Name as ServerFn>::PATH`.
    path: &'static str,
    /// Classes of the form.
    #[prop(default = "max-w-lg space-y-4")]
    class: &'static str,
    /// The form's id, for buttons outside of it.
    #[prop(optional)]
    id: Option<&'static str>,
    /// True for a form with a file: the function takes `MultipartData`.
    #[prop(optional)]
    multipart: bool,
    /// True where the page that the function redirects to is this one: it neither scrolls nor gets a place in the history.
    #[prop(optional)]
    stays: bool,
    /// For a function that may take long: it ends when the form is left, and its value is kept here.
    #[prop(optional)]
    call: Option<LongCall>,
    /// Runs after success, where scripts run.
    #[prop(optional_no_strip, into)]
    on_done: Option<Callback<()>>,
    /// Takes what is to be sent, where scripts run: it is sent from there, not from here.
    #[prop(optional)]
    instead: Option<Callback<FormData>>,
    /// Fields and buttons.
    children: Children,
) -> impl IntoView {
    let (answer, pending) = (RwSignal::new(None::<Result<Answer>>), RwSignal::new(false));
    let failure = memo(move || answer.with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().err()).cloned()));
    let answered = memo(move || answer.with(Option::is_some));
    let form = FormState::new(path, pending.into(), failure.into(), answered.into());
    provide_context(form);
    let action = use_context::<PostedForm>().unwrap_or_default().action(path);
    after_success(answer, stays, on_done);
    if let Some(call) = call {
        follow_call(answer, call, form.posted_value());
    }
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        // A second press while the first is on its way sends nothing.
        if !pending.get_untracked()
            && let Ok(data) = leptos::form::form_data_from_event(&event)
        {
            if let Some(instead) = instead {
                instead.run(data);
                return;
            }
            let stop = call.and_then(|_| Stop::new());
            if let Some(call) = call {
                call.begin(stop.clone());
            }
            pending.set(true);
            spawn_local(send_to(path, data, multipart, stop, answer, pending));
        }
    };
    view! {
        <form method="post" action=action id=id enctype=multipart.then_some("multipart/form-data") class=class novalidate on:submit=send>
            <ErrorSummary error=form.error/>
            {children()}
        </form>
    }
    .erase()
}

/// The form may be gone when the answer comes, and what was stopped has none.
async fn send_to(
    path: &'static str,
    data: FormData,
    multipart: bool,
    stop: Option<Stop>,
    answer: RwSignal<Option<Result<Answer>>>,
    pending: RwSignal<bool>,
) {
    let given = post_form(path, data, multipart, stop.clone()).await;
    if !stop.is_some_and(|stop| stop.was_asked()) {
        _ = answer.try_set(Some(given));
    }
    _ = pending.try_set(false);
}

fn after_success(answer: RwSignal<Option<Result<Answer>>>, stays: bool, on_done: Option<Callback<()>>) {
    let (invalidator, navigate) = (use_invalidator(), use_navigate());
    effect(move || {
        let Some(Some(answer)) = answer.with(|answer| answer.as_ref().map(|answer| answer.as_ref().ok().cloned())) else { return };
        invalidator.notify();
        if let Some(on_done) = on_done {
            on_done.run(());
        }
        if let Some(to) = answer.redirect {
            navigate(&to, Going { scroll: !stays, replace: stays });
        }
    });
}

/// Keeps what comes of the call, and ends it with the form.
fn follow_call(answer: RwSignal<Option<Result<Answer>>>, call: LongCall, posted: Option<String>) {
    if let Some(json) = posted {
        call.end(Some(json));
    }
    effect(move || {
        if let Some(answer) = answer.get() {
            call.end(answer.ok().map(|answer| answer.json));
        }
    });
    // On the server there is nothing to end.
    if cfg!(feature = "hydrate") {
        on_cleanup(move || call.abort());
    }
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
    view! { <input type="hidden" name=name value=value/> }.erase()
}

/// The tag of what the form was made from. Once the user has been told of a later change, it is that of the change.
#[component]
pub fn TagField(
    /// The tag.
    etag: String,
) -> impl IntoView {
    let newer = use_form().field_error(ETAG);
    view! { <HiddenField name=ETAG value=derive(move || newer.get().unwrap_or_else(|| etag.clone()))/> }.erase()
}

/// The row of buttons right after the last field.
#[component]
pub fn FormActions(
    /// [`super::Submit`] first, then the way out.
    children: Children,
) -> impl IntoView {
    view! { <div class="flex flex-wrap items-center gap-2 pt-1">{children()}</div> }.erase()
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
            {t!("Cancel")}
        </a>
    }
    .erase()
}
