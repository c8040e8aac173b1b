use super::super::error_panel::ErrorPanel;
use super::actions::{ActionButton, ActionForms, TaskAction};
use super::api::{Details, TaskNow, Whole, WholeTask};
use super::delivery::DeliveryPanel;
use super::facts::TaskFacts;
use super::log::LogView;
use super::log_filter;
use super::log_on::LogOn;
use super::payload::PayloadPanel;
use super::record::Record;
use super::ticking::use_ticking;
use super::timeline::Events;
use super::with_changes::WithChanges;
use crate::language::words;
use crate::navigation::use_location;
use crate::pages::connect::CopyTaskAs;
use crate::reactive::{Load, call, derive, effect, memo, use_invalidator, use_live, use_poll, use_still_data};
use crate::routes::{FunctionPage, Route};
use crate::ui::{Back, Copy, Erase, Glyph, Icon, Look, StatusBadge, Title, dynamic};
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::{ChangeScope, TaskRef, TaskStatus};

/// `…/{function}/tasks/{taskId}`.
#[component]
pub(crate) fn TaskDetails(task: TaskRef) -> impl IntoView {
    let search = use_location().search;
    // What else the address says is no reason to read everything again.
    let asked = memo(move || log_filter::of_query(&search.read()));
    let whole = {
        let task = task.clone();
        use_still_data(move || WholeTask { task: task.clone(), query: asked.get() })
    };
    view! {
        <Back href=Route::Function(task.function.clone(), FunctionPage::Tasks).path()>{t!("Asynchronous Tasks")}</Back>
        <Load
            data=whole
            rows=8
            titled=true
            view={move |whole: ReadSignal<Whole>| view! { <Shown task=task.clone() whole/> }.erase()}
        />
    }
    .erase()
}

/// The record, read again after each change of the task; `changes` counts those, since they may have brought more log.
fn use_details(task: &TaskRef, whole: ReadSignal<Whole>) -> (ReadSignal<Details>, RwSignal<u32>) {
    let details = RwSignal::new(whole.with_untracked(|whole| whole.details.clone()));
    let changes = RwSignal::new(0_u32);
    // An answer that was overtaken by a later one is dropped.
    let shown = StoredValue::new(0_u32);
    let of_task = task.clone();
    let read_again = move || {
        let Some(asked) = changes.try_update(|n| {
            *n = n.wrapping_add(1);
            *n
        }) else {
            return;
        };
        let task = of_task.clone();
        spawn_local(async move {
            let Ok(new) = call(TaskNow { task }).await else { return };
            if shown.try_get_value().is_some_and(|shown| shown < asked) {
                shown.set_value(asked);
                details.set(new);
            }
        });
    };
    use_live(ChangeScope::Task(task.clone()), read_again.clone());
    // What is ahead of it in the queue moves without an event of its own.
    use_poll(derive(move || details.read().wait.is_some()), read_again.clone());
    let done_here = use_invalidator();
    Effect::new(move |before: Option<u32>| {
        let done = done_here.track();
        if before.is_some_and(|before| before != done) {
            read_again();
        }
        done
    });
    (details.read_only(), changes)
}

#[component]
fn Shown(task: TaskRef, whole: ReadSignal<Whole>) -> impl IntoView {
    let (details, changes) = use_details(&task, whole);
    let status = memo(move || details.read().record.status);
    let is_http = details.with_untracked(|details| details.record.is_http);
    let is_live = derive(move || !status.get().is_terminal());
    let now = use_ticking(derive(move || details.read().now), is_live);
    let error = memo(move || details.read().error.clone());
    let result = memo(move || details.read().result.clone());
    let input = whole.with_untracked(|whole| whole.input.clone());
    let log = memo(move || whole.read().log.clone());
    let started = memo(move || details.read().record.started_at);
    let hash = use_location().hash;
    // The log is not there yet when the router looks for it.
    effect(move || {
        if hash.get_untracked() == "#log"
            && let Some(log) = document().get_element_by_id("log")
        {
            log.scroll_into_view();
        }
    });
    view! {
        <Head task=task.clone() status=status.into() is_http record=derive(move || details.read().record.clone())/>
        <div class="space-y-4">
            <ActionForms region=task.function.region.clone() function=task.function.clone()/>
            {dynamic(move || {
                let error = error.get();
                // In other states the error is the state's own, or that of an attempt which the history tells of.
                let is_shown = !error.kind.is_empty() && matches!(status.get(), TaskStatus::Failed | TaskStatus::Retrying);
                // An error that a retry may still heal is no news of the same weight.
                is_shown.then(|| view! { <ErrorPanel error is_final=status.get() == TaskStatus::Failed/> }.erase())
            })}
            <TaskFacts function=task.function.clone() details now/>
            <DeliveryPanel task=task.clone() details/>
            <Events details now/>
            <div class="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
                <PayloadPanel title=t!("Input") part="input" task=task.clone() payload=Signal::stored(Some(input)) none=""/>
                <PayloadPanel
                    title=t!("Return Value")
                    part="result"
                    task=task.clone()
                    payload=result.into()
                    none=derive(move || no_result(status.get()))
                />
            </div>
            <CopyTaskAs task=task.clone()/>
            <LogView task log changes is_live started/>
        </div>
    }
    .erase()
}

/// Why there is no return value.
fn no_result(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Succeeded => t!("The function returned nothing."),
        status if status.is_terminal() => t!("This task ended without a return value."),
        _ => t!("There is none before the task has succeeded."),
    }
}

#[component]
fn Head(task: TaskRef, status: Signal<TaskStatus>, is_http: bool, record: Signal<Record>) -> impl IntoView {
    let id = task.id.to_string();
    // Said once for each change, not at the first sight.
    let said = RwSignal::new(String::new());
    let named = id.clone();
    Effect::new(move |before: Option<TaskStatus>| {
        let status = status.get();
        if before.is_some_and(|before| before != status) {
            said.set(t!("{named} is now {status}.", named, status = words(status.as_str())));
        }
        status
    });
    view! {
        <Title text=format!("{id} – {} – {}", task.function.function, task.function.region)/>
        <p role="status" class="sr-only">{said}</p>
        <div class="mb-4 mt-1 flex flex-wrap items-center justify-between gap-x-4 gap-y-3">
            <div class="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
                <h1 class="min-w-0 font-mono text-head font-semibold wrap-anywhere">{id.clone()}</h1>
                <Copy text=id.clone() what=t!("task ID")/>
                <StatusBadge status/>
            </div>
            <div class="flex flex-wrap items-center gap-2">
                <LogOn function=task.function.clone() id=task.id.clone() record wide=true/>
                <ActionButton action=TaskAction::Stop id=task.id.clone() status/>
                <ActionButton action=TaskAction::Reexecute id=task.id.clone() status is_http/>
                <WithChanges function=task.function.clone() id=task.id.clone() status is_http/>
                <a href="#log" rel="external" class=Look::Plain.classes() aria-label=t!("View Logs {id}", id)>
                    <Icon glyph=Glyph::Logs class="size-3.5"/>
                    {t!("View Logs")}
                </a>
            </div>
        </div>
    }
    .erase()
}
