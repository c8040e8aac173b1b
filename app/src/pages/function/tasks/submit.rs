use super::super::FunctionFields;
use super::parameters::ParametersContent;
use super::rerun::RerunPage;
use super::submit_api::{Submission, SubmissionFacts, SubmitTask, task_mode_off};
use crate::forms::use_form;
use crate::pages::connect::CopySubmissionAs;
use crate::part::{Part, part_when};
use crate::reactive::{Load, derive, memo, use_query, use_scripts, use_still_data};
use crate::routes::{FunctionPage, Route};
use crate::ui::{
    Back, Cancel, Dialog, DialogButton, Erase, FormActions, Glyph, HiddenField, Hint, HintKind, Icon, Look, NumberField, PageHead, Panel,
    Popover, PostForm, RadioGroup, Submit, TextField, TextLink, dynamic,
};
use leptos::ev;
use leptos::prelude::*;
use model::{ErrorCode, FunctionRef, TaskId, format, limits};
use server_fn::ServerFn;

/// The button with its dialog, and beside it the menu that leads to the parameters.
#[component]
pub(super) fn SubmitButton(
    function: FunctionRef,
    /// True for the one in an empty list: without the menu.
    #[prop(optional)]
    plain: bool,
) -> impl IntoView {
    let (open, parameters_open) = (RwSignal::new(false), RwSignal::new(false));
    let page = Route::Function(function.clone(), FunctionPage::SubmitTask).path();
    let id = if plain { "submit-first" } else { "submit-task" };
    let (of_dialog, of_parameters) = (function.clone(), function.clone());
    let dialog = part_when(open.into(), move || Part::SubmitDialog(of_dialog.clone(), open, id));
    if plain {
        return view! {
            <DialogButton page open needs=SubmitTask::PATH look=Look::Primary>{t!("Submit the first task")}</DialogButton>
            {dialog}
        }
        .erase();
    }
    view! {
        <div class="flex">
            <span class="contents [&_button]:rounded-r-none">
                <DialogButton page open needs=SubmitTask::PATH look=Look::Primary icon=Glyph::Plus>{t!("Submit Task")}</DialogButton>
            </span>
            <MoreOptions function open=parameters_open/>
        </div>
        {dialog}
        {part_when(parameters_open.into(), move || Part::ParametersDialog(of_parameters.clone(), parameters_open))}
    }
    .erase()
}

/// The form over the list.
#[component]
pub(crate) fn SubmitDialog(function: FunctionRef, open: RwSignal<bool>, id: &'static str) -> impl IntoView {
    let close = Callback::new(move |()| open.set(false));
    view! {
        <Dialog open title=t!("Submit Task") id>
            <SubmitContent function=function.clone() on_close=close/>
        </Dialog>
    }
    .erase()
}

/// The input of further submissions, over the list.
#[component]
pub(crate) fn ParametersDialog(function: FunctionRef, open: RwSignal<bool>) -> impl IntoView {
    let close = Callback::new(move |()| open.set(false));
    view! {
        <Dialog open title=t!("Configure Task Parameters") id="task-parameters">
            <ParametersContent function=function.clone() on_close=close/>
        </Dialog>
    }
    .erase()
}

#[component]
fn MoreOptions(function: FunctionRef, open: RwSignal<bool>) -> impl IntoView {
    const CLASS: &str = "inline-flex h-8 w-8 cursor-pointer items-center justify-center rounded-r-control border-l border-accent-ink/30 bg-accent \
                         text-accent-ink hover:bg-accent-strong";
    let page = Route::Function(function, FunctionPage::TaskParameters).path();
    let press = move |event: ev::SubmitEvent| {
        event.prevent_default();
        open.set(true);
    };
    let button = view! { <Icon glyph=Glyph::Chevron class="size-3.5"/> }.erase();
    view! {
        <Popover id="more-submit-options" label=t!("More submit options") class=CLASS button>
            <form method="get" action=page on:submit=press>
                <button type="submit" aria-haspopup="dialog" class="flex h-8 w-full cursor-pointer items-center whitespace-nowrap rounded-control px-2.5 hover:bg-hover">
                    {t!("Configure Task Parameters")}
                </button>
            </form>
        </Popover>
    }
    .erase()
}

/// `…/{function}/submit-task`; with `?from=` a task it is that task's re-execution with changes.
#[component]
pub(crate) fn SubmitPage(function: FunctionRef) -> impl IntoView {
    let query = use_query();
    let from = memo(move || query.read().get("from"));
    dynamic(move || {
        let function = function.clone();
        match from.get() {
            Some(id) => view! { <RerunPage task=function.task(TaskId::from_stored(id))/> }.erase(),
            None => view! { <NewTask function/> }.erase(),
        }
    })
}

#[component]
fn NewTask(function: FunctionRef) -> impl IntoView {
    view! {
        <Back href=Route::Function(function.clone(), FunctionPage::Tasks).path()>{t!("Asynchronous Tasks")}</Back>
        <PageHead title=t!("Submit Task") within=format!("{} – {}", function.function, function.region) small=true/>
        <Panel narrow=true>
            <SubmitContent function/>
        </Panel>
    }
    .erase()
}

/// The form, on its own page or in the dialog over the list.
#[component]
fn SubmitContent(function: FunctionRef, #[prop(optional, into)] on_close: Option<Callback<()>>) -> impl IntoView {
    let facts = {
        let function = function.clone();
        use_still_data(move || SubmissionFacts { function: function.clone() })
    };
    let of_copy = function.clone();
    view! {
        <Load
            data=facts
            rows=5
            view={move |facts: ReadSignal<Submission>| {
                view! { <SubmitForm function=function.clone() facts=facts.get_untracked() on_close/> }.erase()
            }}
        />
        <div class="mt-4"><CopySubmissionAs function=of_copy/></div>
    }
    .erase()
}

#[component]
fn SubmitForm(function: FunctionRef, facts: Submission, on_close: Option<Callback<()>>) -> impl IntoView {
    let parameters = Route::Function(function.clone(), FunctionPage::TaskParameters).with_query(&[("next", "submit")]);
    let list = Route::Function(function.clone(), FunctionPage::Tasks).path();
    let of_fields = function.clone();
    let sent = if facts.request.is_empty() { t!("event").to_owned() } else { facts.request };
    let sent = match facts.event_bytes {
        1 => t!("{sent}, 1 byte", sent),
        n => t!("{sent}, {n} bytes", sent, n = format::count(n)),
    };
    let done = move |()| {
        if let Some(close) = on_close {
            close.run(());
        }
    };
    view! {
        <PostForm path=SubmitTask::PATH on_done=Callback::new(done)>
            <WayOut function task_mode=facts.task_mode/>
            <FunctionFields function=of_fields/>
            <HiddenField name="once" value=facts.once/>
            <IdFields/>
            <TimeFields/>
            <p class="flex flex-wrap items-baseline gap-x-2 border-t border-line pt-3">
                <span class="font-medium">{t!("Input")}</span>
                <span class="text-muted tabular-nums wrap-anywhere">{sent}</span>
                <TextLink href=parameters>{t!("Configure Task Parameters")}</TextLink>
            </p>
            <FormActions>
                <Submit>{t!("OK")}</Submit>
                <Cancel href=list on_cancel=on_close/>
            </FormActions>
        </PostForm>
    }
    .erase()
}

/// Where to go when the submission was refused for a reason that lies elsewhere.
#[component]
pub(super) fn WayOut(function: FunctionRef, task_mode: bool) -> impl IntoView {
    let form = use_form();
    let typed = StoredValue::new(form.typed("task_id", String::new()));
    let config = Route::Function(function.clone(), FunctionPage::AsyncConfig).path();
    dynamic(move || {
        let error = form.error.get();
        let is_off = error.as_ref().map_or(!task_mode, |error| error.message == task_mode_off());
        if error.as_ref().is_some_and(|error| error.code == ErrorCode::StatefulAsyncInvocationAlreadyExists) {
            let id = id_in_page().unwrap_or_else(|| typed.get_value());
            let to = Route::task(&function.task(TaskId::from_stored(id.clone()))).path();
            return view! { <p><TextLink href=to>{t!("Open the existing task {id}", id)}</TextLink></p> }.erase();
        }
        if is_off {
            let (words, config) = (if error.is_some() { "" } else { task_mode_off() }, config.clone());
            return view! {
                <Hint kind=HintKind::Warning>
                    {words} {t!(" Switch it on in ")}
                    <TextLink href=config>{t!("Asynchronous Configurations")}</TextLink> {t!(".")}
                </Hint>
            }
            .erase();
        }
        ().into_any()
    })
}

/// The id in the form's field, where scripts run.
fn id_in_page() -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::JsCast;
        let field = document().get_element_by_id("f-task_id")?;
        Some(field.dyn_into::<leptos::web_sys::HtmlInputElement>().ok()?.value())
    }
    #[cfg(not(feature = "hydrate"))]
    None
}

/// How the id is made; the field for it shows when it is needed, or always where no scripts run.
#[component]
pub(super) fn IdFields() -> impl IntoView {
    let (chosen, hidden) = use_choice("id_method", "auto", "custom");
    view! {
        <RadioGroup
            name="id_method"
            label=t!("Task ID Generation Method")
            options=vec![("auto", t!("Generate automatically")), ("custom", t!("Custom"))]
            value="auto"
            on_choice=move |value| chosen.set(value)
        />
        <div class=hidden>
            <TextField
                name="task_id"
                label=t!("Task ID")
                mono=true
                help=t!("For Custom: 1 to 128 letters, digits, _ or -, first a letter or _. An ID is accepted once.")
            />
        </div>
    }
    .erase()
}

#[component]
pub(super) fn TimeFields() -> impl IntoView {
    let (chosen, hidden) = use_choice("execution", "now", "delay");
    view! {
        <RadioGroup
            name="execution"
            label=t!("Execution Time")
            options=vec![("now", t!("Immediately")), ("delay", t!("After a delay"))]
            value="now"
            on_choice=move |value| chosen.set(value)
        />
        <div class=hidden>
            <NumberField name="delay_s" label=t!("Delay (seconds)") value="60" min=1 max=limits::ASYNC_DELAY_S_MAX help=t!("1 to 3600. The task waits as Enqueued until then.")/>
        </div>
    }
    .erase()
}

/// The choice of a radio group, and classes that hide what belongs to its second choice while the first is taken.
fn use_choice(name: &str, first: &str, second: &'static str) -> (RwSignal<String>, Signal<&'static str>) {
    let chosen = RwSignal::new(use_form().typed(name, first.to_owned()));
    let scripts = use_scripts();
    (chosen, derive(move || if scripts.get() && chosen.read().as_str() != second { "hidden" } else { "" }))
}
