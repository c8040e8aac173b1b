use super::super::FunctionFields;
use super::super::http_input::RequestFields;
use super::super::tasks::TEMPLATES;
use super::api::{Setup, TestFunction, TestHttpFunction, TestSetup};
use super::outcome::Outcome;
use crate::forms::{CallState, LongCall};
use crate::pages::qualifier::use_qualifier;
use crate::reactive::{Load, derive, memo, use_still_data};
use crate::routes::{FunctionPage, Route};
use crate::ui::{Erase, FormActions, Glyph, JsonEditor, Look, PageHead, Panel, PostForm, SelectField, Submit, TextLink};
use leptos::prelude::*;
use model::{FunctionRef, Qualifier, format, limits};
use server_fn::ServerFn;

/// `…/{function}/test`; `?qualifier=` chooses what is called.
#[component]
pub(crate) fn TestTab(function: FunctionRef) -> impl IntoView {
    let asked = use_qualifier().get_untracked();
    let setup = {
        let (function, asked) = (function.clone(), asked.clone());
        use_still_data(move || TestSetup { function: function.clone(), asked: asked.clone() })
    };
    view! {
        <PageHead title=t!("Test Function") within=function.region.to_string() small=true/>
        <Load
            data=setup
            rows=8
            view={move |setup: ReadSignal<Setup>| {
                view! { <Test function=function.clone() setup=setup.get_untracked() asked=asked.clone()/> }.erase()
            }}
        />
    }
    .erase()
}

/// The form, and beside it what came of the last call.
#[component]
fn Test(function: FunctionRef, setup: Setup, asked: String) -> impl IntoView {
    let call = LongCall::new();
    let parameters = Route::Function(function.clone(), FunctionPage::TaskParameters).path();
    let qualifier = if asked.is_empty() { Qualifier::LATEST.to_owned() } else { asked };
    let help = t!(
        "What the function receives, at first the saved task parameters. It may take {most}; it is stopped when you leave this page.",
        most = format::seconds(setup.timeout_s)
    );
    let path = if setup.request.is_some() { TestHttpFunction::PATH } else { TestFunction::PATH };
    // Made within the form: a field finds in its context what the form was refused for.
    let input = move || match setup.request {
        Some(setup) => view! {
            <RequestFields setup/>
            <p class="text-meta text-muted">{help}</p>
        }
        .erase(),
        None => view! {
            <JsonEditor
                name="event"
                label=t!("Event")
                value=setup.event
                help
                templates=TEMPLATES
                max_bytes=limits::ASYNC_PAYLOAD_BYTES_MAX
            />
        }
        .erase(),
    };
    view! {
        <div class="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
            <Panel>
                <PostForm path call class="space-y-4">
                    <FunctionFields function/>
                    <SelectField name="qualifier" label=t!("Version or Alias") options=setup.qualifiers value=qualifier/>
                    {input()}
                    <FormActions>
                        <Submit icon=Glyph::Play>{t!("Test Function")}</Submit>
                        <CancelCall call/>
                        <span class="ml-auto"><TextLink href=parameters>{t!("Configure Task Parameters")}</TextLink></span>
                    </FormActions>
                </PostForm>
            </Panel>
            // After the form, which knows what a posted one was answered with.
            <Outcome call/>
        </div>
    }
    .erase()
}

/// Ends the call; it stays in its place while there is none, so that nothing moves and the focus is not lost.
#[component]
fn CancelCall(call: LongCall) -> impl IntoView {
    let is_running = memo(move || call.state() == CallState::Running);
    view! {
        <button
            type="button"
            class=format!("js-only {}", Look::Plain.classes())
            aria-disabled=derive(move || (!is_running.get()).then_some("true"))
            on:click=move |_| call.cancel()
        >
            {t!("Cancel")}
        </button>
    }
    .erase()
}
