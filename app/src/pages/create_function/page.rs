use super::api::{Choices, CreateFunction as CreateFunctionFn, FormChoices};
use super::code_fields::CodeFields;
use super::environment::environment_help;
use super::first_trigger::FirstTrigger;
use super::lifecycle::{Lifecycle, LifecycleFields};
use super::size::SizeFields;
use crate::forms::use_form;
use crate::pages::function::task_mode_help;
use crate::pages::handler_type::label;
use crate::reactive::{Load, derive, use_data, use_scripts};
use crate::routes::Route;
use crate::ui::{
    Back, Cancel, Erase, FormActions, HiddenField, Hint, HintKind, NumberField, PageHead, Panel, Pill, PostForm, RadioGroup, SelectField,
    Submit, TextArea, TextField, Tone,
};
use leptos::prelude::*;
use model::{Region, ServiceName, ServiceRef, limits};
use server_fn::ServerFn;

/// `/{region}/create-task-function`, or with a fixed service `/{region}/services/{service}/create-function`.
#[component]
pub(crate) fn CreateFunction(
    region: Region,
    /// The service when the flow began there.
    service: Option<ServiceName>,
) -> impl IntoView {
    let offered = {
        let region = region.clone();
        use_data(move || FormChoices { region: region.clone() })
    };
    let from = match &service {
        None => Route::Tasks(region.clone()),
        Some(service) => Route::Functions(ServiceRef { region: region.clone(), service: service.clone() }),
    };
    let (back, label) = (from.path(), from.list_label());
    view! {
        <Back href=back.clone()>{label}</Back>
        <PageHead title=t!("Create Function") within=region.to_string()/>
        <Load
            data=offered
            rows=10
            view={move |offered: ReadSignal<Choices>| {
                view! { <CreateForm region=region.clone() service=service.clone() offered=offered.get_untracked() from=back.clone()/> }.erase()
            }}
        />
    }
    .erase()
}

#[component]
fn CreateForm(region: Region, service: Option<ServiceName>, offered: Choices, from: String) -> impl IntoView {
    let from_tasks = service.is_none();
    if offered.runtimes.is_empty() {
        return view! {
            <Hint kind=HintKind::Warning>{t!("No runtime is installed on this machine. Install Python 3 or Node.js and restart the server.")}</Hint>
        }
        .erase();
    }
    // Made within the form: fields find in its context what the form was refused for.
    let fields = move || view! { <FormFields service offered from_tasks/> }.erase();
    view! {
        <PostForm path=CreateFunctionFn::PATH multipart=true class="max-w-3xl space-y-4">
            <HiddenField name="region" value=region.to_string()/>
            <HiddenField name="from" value=if from_tasks { "tasks" } else { "service" }/>
            {fields()}
            <FormActions>
                <Submit>{t!("Create")}</Submit>
                <Cancel href=from/>
            </FormActions>
        </PostForm>
    }
    .erase()
}

#[component]
fn FormFields(service: Option<ServiceName>, offered: Choices, from_tasks: bool) -> impl IntoView {
    let chosen = RwSignal::new(use_form().typed("handler_type", "event".to_owned()));
    let is_http = derive(move || chosen.read().as_str() == "http");
    view! {
        <Panel title=t!("Basic Settings")>
            <div class="max-w-lg space-y-4">
                <ServiceFields service services=offered.services/>
                <TextField
                    name="name"
                    label=t!("Function Name")
                    mono=true
                    required=true
                    help=t!("1 to 128 letters, digits, _ or -. Unique in its service, fixed afterwards.")
                />
                <RadioGroup
                    name="handler_type"
                    label=t!("Handler Type")
                    options=vec![("event", label(false)), ("http", label(true))]
                    value="event"
                    help=t!("An HTTP function takes HTTP requests at a URL and no events. It is made with its HTTP trigger.")
                    on_choice=move |kind| chosen.set(kind)
                />
                <TextField name="description" label=t!("Description")/>
            </div>
        </Panel>
        <Panel title=t!("Code")>
            <div class="max-w-lg space-y-4">
                <CodeFields runtimes=offered.runtimes is_http/>
            </div>
        </Panel>
        <Panel title=t!("Advanced Settings")>
            <div class="max-w-lg space-y-4">
                <LimitFields memory=512 timeout=limits::TIMEOUT_S_DEFAULT concurrency=1/>
                <SizeFields cpu="0.35" disk_mb=512 time_zone=String::new()/>
                <TextArea name="environment" label=t!("Environment Variables") mono=true help=environment_help()/>
            </div>
        </Panel>
        <Panel title=t!("Lifecycle")>
            <div class="max-w-lg space-y-4">
                <LifecycleFields lifecycle=Lifecycle::default()/>
            </div>
        </Panel>
        <Panel title=t!("Trigger")>
            <div class="max-w-lg space-y-4">
                <FirstTrigger is_http upcoming=offered.upcoming/>
            </div>
        </Panel>
        <Panel title=t!("Asynchronous Policy")>
            <TaskModeField from_tasks/>
        </Panel>
    }
    .erase()
}

/// Memory, time of one execution, and how many an instance has at once.
#[component]
pub(crate) fn LimitFields(memory: u64, timeout: u64, concurrency: u32) -> impl IntoView {
    view! {
        <div class="grid gap-4 sm:grid-cols-3">
            <NumberField
                name="memory"
                label=t!("Memory (MB)")
                value=memory.to_string()
                min=limits::MEMORY_MB_MIN
                max=limits::MEMORY_MB_MAX
                step=limits::MEMORY_MB_STEP
                help=t!("64 to 32768, in steps of 64.")
            />
            <NumberField name="timeout" label=t!("Execution Timeout (s)") value=timeout.to_string() min=1 max=limits::TIMEOUT_S_MAX help=t!("1 to 86400.")/>
            <NumberField
                name="concurrency"
                label=t!("Instance Concurrency")
                value=concurrency.to_string()
                min=1
                max=u64::from(limits::INSTANCE_CONCURRENCY_MAX)
                help=t!("1 to 200 requests that one instance serves at once.")
            />
        </div>
    }
    .erase()
}

/// A fixed service, or one of the region's, or a new one.
#[component]
fn ServiceFields(service: Option<ServiceName>, services: Vec<ServiceName>) -> impl IntoView {
    if let Some(service) = service {
        return view! {
            <HiddenField name="service" value=service.to_string()/>
            <p><span class="text-muted">{t!("Service ")}</span> <span class="font-mono">{service.to_string()}</span></p>
        }
        .erase();
    }
    let first = services.first().map(ToString::to_string).unwrap_or_default();
    let chosen = RwSignal::new(use_form().typed("service", first.clone()));
    let scripts = use_scripts();
    let mut options: Vec<(String, String)> = services.into_iter().map(|name| (name.to_string(), name.to_string())).collect();
    options.push((String::new(), t!("New service").to_owned()));
    let only_new = options.len() == 1;
    let hidden = move || if scripts.get() && !chosen.read().is_empty() { "hidden" } else { "" };
    view! {
        <SelectField name="service" label=t!("Service") options value=first on_choice=move |name| chosen.set(name)/>
        <div class=hidden>
            <TextField
                name="new_service"
                label=t!("New Service Name")
                mono=true
                help=if only_new { t!("The first service of this region.") } else { t!("Made together with the function when New service is chosen above.") }
            />
        </div>
    }
    .erase()
}

#[component]
fn TaskModeField(from_tasks: bool) -> impl IntoView {
    if from_tasks {
        return view! {
            <p class="flex flex-wrap items-center gap-2">
                <span class="font-medium">{t!("Task Mode")}</span>
                <Pill tone=Tone::Active>{t!("Enable")}</Pill>
                <span class="text-meta text-muted">{t!("Set by this page: every asynchronous invocation becomes a task.")}</span>
            </p>
        }
        .erase();
    }
    view! {
        <RadioGroup
            name="task_mode"
            label=t!("Task Mode")
            options=vec![("enable", t!("Enable")), ("disable", t!("Disable"))]
            value="disable"
            help=task_mode_help()
        />
    }
    .erase()
}
