use super::actions::{ActionButton, ActionForms, TaskAction};
use super::api::{Details, LogPart, read_task, task_input, task_log};
use super::error_text::ErrorText;
use super::facts::TaskFacts;
use super::log::LogView;
use super::payload::PayloadPanel;
use super::preview::Preview;
use super::ticking::use_ticking;
use super::timeline::Events;
use crate::error::Result;
use crate::reactive::{Load, use_invalidator, use_live};
use crate::routes::{FunctionPage, Route};
use crate::ui::{Back, Copy, Glyph, Icon, LinkButton, Look, StatusBadge};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_query_map};
use model::{ChangeScope, TaskRef, TaskStatus};

/// What else the page reads, made beside the record so that all three are read at once.
#[derive(Clone, Copy)]
struct Parts {
    input: Resource<Result<Preview>>,
    log: Resource<Result<LogPart>>,
    /// Counts the changes that may have brought more log.
    changes: RwSignal<u32>,
}

/// `…/{function}/tasks/{taskId}`.
#[component]
pub(super) fn TaskDetails(task: TaskRef) -> impl IntoView {
    let query = use_query_map();
    let log_from = Memo::new(move |_| query.with(|query| query.get_str("log_from").and_then(|from| from.parse().ok()).unwrap_or(0_u64)));
    let changes = use_invalidator();
    let of_task = {
        let task = task.clone();
        move || task.clone()
    };
    let details = Resource::new(
        {
            let task = of_task.clone();
            move || (task(), changes.track())
        },
        |(task, _)| read_task(task),
    );
    let input = Resource::new(of_task.clone(), task_input);
    let log = Resource::new(move || (of_task(), log_from.get()), |(task, from)| task_log(task, from));
    let parts = Parts { input, log, changes: RwSignal::new(0) };
    use_live(ChangeScope::Task(task.clone()), move || {
        details.refetch();
        parts.changes.update(|n| *n = n.wrapping_add(1));
    });
    view! {
        <Back href=Route::Function(task.function.clone(), FunctionPage::Tasks).path()>"Asynchronous Tasks"</Back>
        <Load
            resource=details
            rows=8
            view={move |details: Signal<Details>| view! { <Shown task=task.clone() details parts/> }.into_any()}
        />
    }
}

#[component]
fn Shown(task: TaskRef, details: Signal<Details>, parts: Parts) -> impl IntoView {
    let status = Memo::new(move |_| details.read().record.status);
    let is_live = Signal::derive(move || !status.get().is_terminal());
    let now = use_ticking(Signal::derive(move || details.read().now), is_live);
    let error = Memo::new(move |_| details.read().error.clone());
    let result = Memo::new(move |_| details.read().result.clone());
    let input = parts.input;
    let to_log = use_location().hash;
    // The log is not there yet when the router looks for it.
    Effect::new(move |_| {
        if to_log.get_untracked() == "#log"
            && let Some(log) = document().get_element_by_id("log")
        {
            log.scroll_into_view();
        }
    });
    let (of_input, of_result, of_log) = (task.clone(), task.clone(), task.clone());
    view! {
        <Head task=task.clone() status=status.into()/>
        <div class="space-y-4">
            <ActionForms function=task.function.clone()/>
            {move || {
                let error = error.get();
                let is_shown = !error.kind.is_empty() && status.get() != TaskStatus::Succeeded;
                is_shown.then(|| view! { <ErrorPanel error status=status.get()/> })
            }}
            <TaskFacts function=task.function.clone() details now/>
            <Events details now/>
            <div class="grid items-start gap-4 lg:grid-cols-2">
                <Load
                    resource=input
                    rows=2
                    view={move |input: Signal<Preview>| {
                        view! { <PayloadPanel title="Input" part="input" task=of_input.clone() payload=Signal::derive(move || Some(input.get())) none=""/> }
                            .into_any()
                    }}
                />
                <PayloadPanel title="Return Value" part="result" task=of_result payload=result.into() none=Signal::derive(move || no_result(status.get()))/>
            </div>
            <LogView task=of_log log=parts.log changes=parts.changes is_live started=Signal::derive(move || details.read().record.started_at)/>
        </div>
    }
}

/// Why there is no return value.
fn no_result(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Succeeded => "The function returned nothing.",
        status if status.is_terminal() => "This task ended without a return value.",
        _ => "There is none before the task has succeeded.",
    }
}

#[component]
fn Head(task: TaskRef, status: Signal<TaskStatus>) -> impl IntoView {
    let id = task.id.to_string();
    let changed = Route::Function(task.function.clone(), FunctionPage::TaskParameters).with_query(&[("from", &id), ("next", "submit")]);
    // Said once for each change, not at the first sight.
    let said = RwSignal::new(String::new());
    let named = id.clone();
    Effect::new(move |before: Option<TaskStatus>| {
        let status = status.get();
        if before.is_some_and(|before| before != status) {
            said.set(format!("{named} is now {status}."));
        }
        status
    });
    view! {
        <Title text=format!("{id} – {} – {}", task.function.function, task.function.region)/>
        <p role="status" class="sr-only">{said}</p>
        <div class="mb-4 mt-1 flex flex-wrap items-center justify-between gap-x-4 gap-y-3">
            <div class="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
                <h1 class="min-w-0 font-mono text-head font-semibold wrap-anywhere">{id.clone()}</h1>
                <Copy text=id.clone() what="task ID"/>
                <StatusBadge status/>
            </div>
            <div class="flex flex-wrap items-center gap-2">
                <ActionButton action=TaskAction::Stop id=task.id.clone() status/>
                <ActionButton action=TaskAction::Reexecute id=task.id.clone() status/>
                <LinkButton href=changed label=format!("Re-execute with changes {id}")>"Re-execute with changes"</LinkButton>
                <a href="#log" rel="external" class=Look::Plain.classes() aria-label=format!("View Logs {id}")>
                    <Icon glyph=Glyph::Logs class="size-3.5"/>
                    "View Logs"
                </a>
            </div>
        </div>
    }
}

/// Kind and message first, then where it happened.
#[component]
fn ErrorPanel(error: ErrorText, status: TaskStatus) -> impl IntoView {
    // An error that a retry may still heal is no news of the same weight.
    let (frame, ink) = match status {
        TaskStatus::Failed => ("border-bad/40", "text-bad"),
        _ => ("border-line", "text-ink"),
    };
    let trace = error.trace.join("\n");
    view! {
        <section aria-labelledby="error-title" class=format!("rounded-panel border bg-surface p-4 {frame}")>
            <h2 id="error-title" class="text-head font-semibold">"Error"</h2>
            <p class="mt-2 font-mono text-meta text-muted wrap-anywhere">
                {error.kind} {(!error.class.is_empty()).then(|| format!(" · {}", error.class))}
            </p>
            <p class=format!("mt-1 whitespace-pre-wrap font-medium wrap-anywhere {ink}")>{error.message}</p>
            {(!trace.is_empty())
                .then(|| {
                    view! {
                        <pre tabindex="0" role="region" aria-label="Stack trace" class="mt-3 max-h-80 overflow-auto rounded-control bg-canvas p-3 font-mono text-meta leading-5">
                            <code>{trace}</code>
                        </pre>
                    }
                })}
        </section>
    }
}
