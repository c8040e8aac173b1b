use super::api::{Configuration, Custom, ModifyConfigurations, ReadConfiguration};
use super::form::{ConfigurationForm, InstanceForm, LifecycleForm};
use super::of_service::Shared;
use crate::pages::create_function::{Lifecycle, TIME_ZONE};
use crate::pages::handler_type;
use crate::pages::qualifier::{QualifierSelect, ReadOnlyHint, use_qualifier};
use crate::reactive::{Load, derive, memo, use_data, use_query};
use crate::routes::{FunctionPage, Route};
use crate::ui::{Dialog, DialogButton, DialogShape, Each, Erase, Fact, Facts, Item, PageHead, Panel, Timestamp, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, UnixMillis, format};
use server_fn::ServerFn;

/// What a form changes, as its page's query names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Basic,
    Instance,
    Lifecycle,
}

impl Group {
    fn parse(word: &str) -> Self {
        match word {
            "instance" => Group::Instance,
            "lifecycle" => Group::Lifecycle,
            _ => Group::Basic,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Group::Basic => "",
            Group::Instance => "instance",
            Group::Lifecycle => "lifecycle",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Group::Basic => t!("Modify Configurations"),
            Group::Instance => t!("Modify Instance"),
            Group::Lifecycle => t!("Modify Lifecycle"),
        }
    }

    fn form(self, now: Configuration, on_close: Option<Callback<()>>) -> AnyView {
        match self {
            Group::Basic => view! { <ConfigurationForm now on_close/> }.erase(),
            Group::Instance => view! { <InstanceForm now on_close/> }.erase(),
            Group::Lifecycle => view! { <LifecycleForm now on_close/> }.erase(),
        }
    }
}

/// The configuration, and the panel (or page) that changes it.
#[component]
pub(crate) fn ConfigurationsTab(function: FunctionRef, page: Memo<FunctionPage>) -> impl IntoView {
    let qualifier = use_qualifier();
    let details = {
        let function = function.clone();
        use_data(move || ReadConfiguration { function: function.clone(), qualifier: qualifier.get() })
    };
    let on_form_page = memo(move || page.get() == FunctionPage::ModifyConfigurations);
    let query = use_query();
    let group = memo(move || query.with(|query| Group::parse(query.get_str("group").unwrap_or_default())));
    let title = move || {
        let within = function.region.to_string();
        if on_form_page.get() {
            return view! { <PageHead title=group.get().title() within small=true/> }.erase();
        }
        let (service, action) = (function.service_ref(), Route::Function(function.clone(), FunctionPage::Configurations).path());
        view! {
            <PageHead title=t!("Configurations") within small=true>
                <QualifierSelect service action chosen=qualifier/>
            </PageHead>
        }
        .erase()
    };
    view! {
        {dynamic(title)}
        <ReadOnlyHint qualifier/>
        <Load
            data=details
            view={move |details: ReadSignal<Configuration>| {
                let body = move || {
                    if on_form_page.get() {
                        view! { <Panel narrow=true>{group.get().form(details.get_untracked(), None)}</Panel> }.erase()
                    } else {
                        view! { <Shown details qualifier/> }.erase()
                    }
                };
                dynamic(body)
            }}
        />
    }
    .erase()
}

/// The button that opens the form of a group, and its dialog.
fn modify(details: ReadSignal<Configuration>, qualifier: Memo<String>, group: Group, id: &'static str) -> (ChildrenFn, AnyView) {
    let open = RwSignal::new(false);
    let page = Route::Function(details.with_untracked(|f| f.function.clone()), FunctionPage::ModifyConfigurations);
    let page = page.with_query(&[("group", group.word())]);
    let actions = move || {
        let page = page.clone();
        let is_latest = move || qualifier.read().is_empty();
        let words = if group == Group::Basic { t!("Modify") } else { group.title() };
        dynamic(move || {
            is_latest()
                .then(|| view! { <DialogButton page=page.clone() open needs=ModifyConfigurations::PATH>{words}</DialogButton> }.erase())
        })
    };
    let close = Callback::new(move |()| open.set(false));
    let dialog = view! {
        <Dialog open title=group.title() id shape=DialogShape::Side>
            {group.form(details.get_untracked(), Some(close))}
        </Dialog>
    };
    (std::sync::Arc::new(actions), dialog.erase())
}

#[component]
fn Shown(details: ReadSignal<Configuration>, qualifier: Memo<String>) -> impl IntoView {
    let (actions, dialog) = modify(details, qualifier, Group::Basic, "modify-configurations");
    let text = move |read: fn(&Configuration) -> String| move || details.with(read);
    let described = move || details.with(|f| if f.description.is_empty() { "–".to_owned() } else { f.description.clone() });
    let at = move |read: fn(&Configuration) -> UnixMillis| derive(move || Some(details.with(read)));
    view! {
        <div class="space-y-4">
            <Panel title=t!("Basic") actions>
                <Facts>
                    <Fact name=t!("Description") wide=true>{dynamic(described)}</Fact>
                    <Fact name=t!("Handler Type")>{dynamic(move || handler_type::label(details.read().is_http))}</Fact>
                    <Fact name=t!("Runtime")>{text(|f| f.runtime.to_string())}</Fact>
                    <Fact name=t!("Handler")><code class="font-mono text-meta">{text(|f| f.handler.clone())}</code></Fact>
                    <Fact name=t!("Memory")>{text(|f| format!("{} MB", format::count(f.memory_mb)))}</Fact>
                    <Fact name=t!("Execution Timeout")>{text(|f| format::seconds(f.timeout_s))}</Fact>
                    <Fact name=t!("Instance Concurrency")>{text(|f| f.instance_concurrency.to_string())}</Fact>
                    <Fact name=t!("Created At")><Timestamp at=at(|f| f.created_at)/></Fact>
                    <Fact name=t!("Last Modified")><Timestamp at=at(|f| f.modified_at)/></Fact>
                </Facts>
            </Panel>
            <Instance details qualifier/>
            <Hooks details qualifier/>
            <Panel title=t!("Environment Variables")>
                <Environment details/>
            </Panel>
            <Shared details/>
        </div>
        {dialog}
    }
    .erase()
}

#[component]
fn Instance(details: ReadSignal<Configuration>, qualifier: Memo<String>) -> impl IntoView {
    let (actions, dialog) = modify(details, qualifier, Group::Instance, "modify-instance");
    let custom = memo(move || details.with(|f| f.custom.clone()));
    let of_custom = move || {
        let Custom { command, port, image } = custom.get()?;
        let command = match (command.is_empty(), &image) {
            (true, Some(_)) => t!("the image's own").to_owned(),
            (true, None) => "bootstrap".to_owned(),
            (false, _) => command,
        };
        let image = image
            .map(|image| view! { <Fact name=t!("Image") double=true><code class="font-mono text-meta">{image.name}</code></Fact> }.erase());
        let facts = view! {
            {image}
            <Fact name=t!("Startup Command") double=true><code class="font-mono text-meta">{command}</code></Fact>
            <Fact name=t!("Listening Port")>{port.to_string()}</Fact>
        };
        Some(facts.erase())
    };
    let cpu = move || details.with(|f| if f.cpu.is_empty() { t!("no limit").to_owned() } else { f.cpu.clone() });
    let time_zone = move || details.with(|f| f.environment.get(TIME_ZONE).cloned().unwrap_or_else(|| "UTC".to_owned()));
    view! {
        <Panel title=t!("Instance") actions>
            <Facts>
                <Fact name=t!("vCPU")>{dynamic(cpu)}</Fact>
                <Fact name=t!("Time Zone")>{dynamic(time_zone)}</Fact>
                <Fact name=t!("Temporary Disk")>{dynamic(move || format!("{} MB", format::count(details.read().disk_mb)))}</Fact>
                {dynamic(of_custom)}
            </Facts>
        </Panel>
        {dialog}
    }
    .erase()
}

/// What runs beside the handler in an instance's life.
#[component]
fn Hooks(details: ReadSignal<Configuration>, qualifier: Memo<String>) -> impl IntoView {
    let (actions, dialog) = modify(details, qualifier, Group::Lifecycle, "modify-lifecycle");
    let hook = move |read: fn(&Lifecycle) -> (&str, u64)| {
        dynamic(move || {
            details.with(|f| match read(&f.lifecycle) {
                ("", _) => view! { <span class="text-muted">{t!("none")}</span> }.erase(),
                (handler, timeout_s) => view! {
                    <span><code class="font-mono text-meta">{handler.to_owned()}</code> {format!(", {timeout_s} s")}</span>
                }
                .erase(),
            })
        })
    };
    view! {
        <Panel title=t!("Lifecycle") actions>
            <Facts>
                <Fact name=t!("Initializer")>{hook(|l| (&l.initializer, l.initializer_timeout_s))}</Fact>
                <Fact name=t!("PreFreeze")>{hook(|l| (&l.pre_freeze, l.pre_freeze_timeout_s))}</Fact>
                <Fact name=t!("PreStop")>{hook(|l| (&l.pre_stop, l.pre_stop_timeout_s))}</Fact>
            </Facts>
        </Panel>
        {dialog}
    }
    .erase()
}

/// Keys in sight, values folded away until they are asked for (C-57).
#[component]
fn Environment(details: ReadSignal<Configuration>) -> impl IntoView {
    let pairs = move || details.with(|f| f.environment.clone().into_iter().map(variable).collect());
    let is_empty = memo(move || details.with(|f| f.environment.is_empty()));
    dynamic(move || {
        if is_empty.get() {
            return view! { <p class="text-muted">{t!("None")}</p> }.erase();
        }
        view! {
            <ul class="space-y-1.5 font-mono text-meta">
                <Each items=pairs/>
            </ul>
        }
        .erase()
    })
}

fn variable((key, value): (String, String)) -> Item {
    Item::new(format!("{key}={value}"), move || {
        view! {
            <li class="flex flex-wrap items-baseline gap-x-3">
                <span class="min-w-40">{key.clone()}</span>
                <details class="min-w-0">
                    <summary class="cursor-pointer text-muted hover:text-ink" aria-label=t!("Show value of {key}", key)>
                        {t!("Show value")}
                    </summary>
                    <span class="wrap-anywhere">{value}</span>
                </details>
            </li>
        }
        .erase()
    })
}
