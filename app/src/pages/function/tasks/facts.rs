use super::api::Details;
use super::record::whole_seconds;
use super::waiting::{NoCapacity, WhyItWaits};
use crate::reactive::{derive, memo};
use crate::routes::{FunctionPage, Route};
use crate::ui::{Copy, Duration, Erase, Fact, Facts, Panel, TextLink, Timestamp, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, TaskId, TaskStatus, UnixMillis, format, limits};

/// The facts of a task; which ones depends on its state (C-37…C-46).
#[component]
pub(super) fn TaskFacts(function: FunctionRef, details: ReadSignal<Details>, now: Signal<UnixMillis>) -> impl IntoView {
    let record = derive(move || details.read().record.clone());
    let request = derive(move || record.read().request_id.to_string());
    let status = memo(move || record.read().status);
    let of_state = {
        let function = function.clone();
        move || view! { <StateFacts function=function.clone() status=status.get() details now/> }.erase()
    };
    let lasted = move || {
        let record = record.read();
        let at = if record.counts() { now.get() } else { UnixMillis::default() };
        record.lasted(at)
    };
    let attempts = move || {
        let record = record.read();
        if record.attempt > record.retried + 1 {
            t!("{retries} ({attempts} attempts)", retries = record.retries(), attempts = record.attempt)
        } else {
            record.retries()
        }
    };
    let (of_origin, of_qualifier, of_instance) = (function.clone(), function.clone(), function.clone());
    view! {
        <Panel>
            <div class="space-y-4">
                <Facts>
                    {dynamic(of_state)}
                    <WhyItWaits details/>
                    <Fact name=t!("Start")><Timestamp exact=true at=derive(move || record.read().started_at)/></Fact>
                    <Fact name=t!("End")><Timestamp exact=true at=derive(move || record.read().ended_at)/></Fact>
                    <Fact name=t!("Duration")><span class="tabular-nums">{dynamic(lasted)}</span></Fact>
                    <Fact name=t!("Last attempt ran")>
                        <Duration ms=derive(move || Some(details.read().duration_ms).filter(|ms| *ms > 0))/>
                    </Fact>
                    <Fact name=t!("Retries")><span class="tabular-nums">{dynamic(attempts)}</span></Fact>
                    <Fact name=t!("Submitted")><Timestamp exact=true at=derive(move || Some(record.read().submitted_at))/></Fact>
                    <Fact name=t!("Qualifier")><Addressed function=of_qualifier details/></Fact>
                    <FiredBy function=function.clone() details/>
                    {dynamic(move || {
                        let origin = details.read().origin.clone();
                        let function = of_origin.clone();
                        origin
                            .map(|origin| {
                                let to = Route::task(&function.task(origin.clone())).path();
                                view! { <Fact name=t!("Re-executes")><span class="font-mono text-meta"><TextLink href=to>{origin.to_string()}</TextLink></span></Fact> }.erase()
                            })
                    })}
                    <MadeFromIt function details/>
                </Facts>
                <Facts>
                    <Fact name=t!("Request ID") double=true>
                        <span class="inline-flex max-w-full items-center gap-1">
                            <code class="font-mono text-meta wrap-anywhere">{request}</code>
                            <Copy text=request what=t!("request ID")/>
                        </span>
                    </Fact>
                    <Fact name=t!("Instance ID") double=true><Instance function=of_instance details/></Fact>
                </Facts>
            </div>
        </Panel>
    }
    .erase()
}

/// The tasks that re-execute it.
#[component]
fn MadeFromIt(function: FunctionRef, details: ReadSignal<Details>) -> impl IntoView {
    let made = memo(move || details.read().reexecuted_as.clone());
    dynamic(move || {
        let made = made.get();
        let is_cut = made.len() >= limits::REEXECUTIONS_SHOWN_MAX as usize;
        let note = is_cut.then(|| view! { <span class="text-muted">{t!("The latest {n}.", n = made.len())}</span> }.erase());
        let link = |id: TaskId| {
            let to = Route::task(&function.task(id.clone())).path();
            view! { <span class="font-mono text-meta"><TextLink href=to>{id.to_string()}</TextLink></span> }.erase()
        };
        let links = made.into_iter().map(link).collect::<Vec<_>>();
        (!links.is_empty()).then(|| {
            view! { <Fact name=t!("Re-executed as") double=true><span class="flex flex-wrap gap-x-3 gap-y-1">{links}{note}</span></Fact> }.erase()
        })
    })
}

/// The version or alias, with the way to the function as it shows it.
#[component]
fn Addressed(function: FunctionRef, details: ReadSignal<Details>) -> impl IntoView {
    let qualifier = memo(move || details.read().qualifier.clone());
    dynamic(move || {
        let qualifier = qualifier.get();
        let shown = if qualifier.is_latest() { "" } else { qualifier.as_str() };
        let to = Route::Function(function.clone(), FunctionPage::Code).with_query(&[("qualifier", shown)]);
        view! { <span class="font-mono text-meta"><TextLink href=to>{qualifier.to_string()}</TextLink></span> }.erase()
    })
}

/// The trigger that submitted it.
#[component]
fn FiredBy(function: FunctionRef, details: ReadSignal<Details>) -> impl IntoView {
    let trigger = memo(move || details.read().trigger.clone());
    let triggers = Route::Function(function, FunctionPage::Triggers).path();
    dynamic(move || {
        let to = triggers.clone();
        trigger.get().map(|name| {
            view! { <Fact name=t!("Trigger")><span class="font-mono text-meta"><TextLink href=to>{name.to_string()}</TextLink></span></Fact> }.erase()
        })
    })
}

#[component]
fn Instance(function: FunctionRef, details: ReadSignal<Details>) -> impl IntoView {
    let instances = Route::Function(function, FunctionPage::Instances).path();
    let instance = memo(move || details.read().record.instance_id.clone());
    dynamic(move || {
        let Some(id) = instance.get() else { return view! { <span>"–"</span> }.erase() };
        let (id, to) = (id.to_string(), instances.clone());
        let words = id.clone();
        view! {
            <span class="inline-flex max-w-full items-center gap-1">
                <span class="font-mono text-meta wrap-anywhere"><TextLink href=to>{words}</TextLink></span>
                <Copy text=id what=t!("instance ID")/>
            </span>
        }
        .erase()
    })
}

/// What matters most in the state at hand, first.
#[component]
fn StateFacts(function: FunctionRef, status: TaskStatus, details: ReadSignal<Details>, now: Signal<UnixMillis>) -> impl IntoView {
    let policy = Route::Function(function.clone(), FunctionPage::AsyncConfig).path();
    let lifetime = move || {
        let details = details.read();
        format::seconds(u64::try_from(details.expires_at.since(details.record.due_at) / 1_000).unwrap_or(0))
    };
    let words = move || {
        let details = details.read();
        let last = details.steps.last();
        match status {
            TaskStatus::Expired => waited(details.record.ended_at, details.record.due_at),
            _ => last.map(|step| step.words.clone()).unwrap_or_default(),
        }
    };
    match status {
        TaskStatus::Enqueued => view! { <Queue details now/> }.erase(),
        TaskStatus::Processed => view! {
            <Fact name=t!("Queued for")>{dynamic(move || whole_seconds(now.get().since(details.read().record.due_at)))}</Fact>
            <NoCapacity function details now/>
        }
        .erase(),
        TaskStatus::Running | TaskStatus::Stopping => view! { <Attempt details now/> }.erase(),
        TaskStatus::Retrying => {
            view! { <Fact name=t!("Next attempt")>{dynamic(move || details.read().record.next_attempt(now.get()))}</Fact> }.erase()
        }
        TaskStatus::Stopped => view! { <Stopped details/> }.erase(),
        TaskStatus::Expired => view! {
            <Fact name=t!("Age when it expired")>{dynamic(words)}</Fact>
            <Fact name=t!("Message lifetime")><TextLink href=policy>{dynamic(lifetime)}</TextLink></Fact>
        }
        .erase(),
        TaskStatus::Invalid => view! { <Fact name=t!("Reason") wide=true>{dynamic(words)}</Fact> }.erase(),
        TaskStatus::Succeeded | TaskStatus::Failed => ().into_any(),
    }
}

fn waited(ended: Option<UnixMillis>, due: UnixMillis) -> String {
    ended.map_or_else(String::new, |ended| format::duration_ms(ended.since(due)))
}

#[component]
fn Queue(details: ReadSignal<Details>, now: Signal<UnixMillis>) -> impl IntoView {
    let is_delayed = memo(move || details.with(|details| details.record.due_at > details.record.submitted_at));
    view! {
        {dynamic(move || {
            is_delayed
                .get()
                .then(|| view! { <Fact name=t!("Planned start")><Timestamp exact=true at=derive(move || Some(details.read().record.due_at))/></Fact> }.erase())
        })}
        <Fact name=t!("In the queue")>{dynamic(move || details.read().record.note(now.get()))}</Fact>
        <Fact name=t!("Expires")><Timestamp at=derive(move || Some(details.read().expires_at))/></Fact>
    }
    .erase()
}

#[component]
fn Attempt(details: ReadSignal<Details>, now: Signal<UnixMillis>) -> impl IntoView {
    let since = move || details.with(|details| details.steps.iter().rfind(|step| step.status == TaskStatus::Running).map(|step| step.at));
    let runs = move || since().map_or_else(|| "–".to_owned(), |since| whole_seconds(now.get().since(since)));
    let limit = move || {
        details.read().timeout_s.map(|s| {
            let length = whole_seconds(i64::try_from(s).unwrap_or(i64::MAX).saturating_mul(1_000));
            t!(" of at most {length}", length = length.trim_end_matches(" 00 s").trim_end_matches(" 00 min"))
        })
    };
    let attempt = move || {
        let details = details.read();
        t!("{attempt} of {most}", attempt = details.record.attempt, most = details.record.max_retries + 1)
    };
    view! {
        <Fact name=t!("Attempt")>{dynamic(attempt)}</Fact>
        <Fact name=t!("Running for")><span class="tabular-nums">{dynamic(runs)} <span class="text-muted">{dynamic(limit)}</span></span></Fact>
    }
    .erase()
}

/// Who stopped it, and whether it had begun (C-42).
#[component]
fn Stopped(details: ReadSignal<Details>) -> impl IntoView {
    let by = move || {
        let details = details.read();
        details.steps.iter().rev().find_map(|step| step.stopped_by.clone()).unwrap_or_else(|| "–".to_owned())
    };
    let begun = move || if details.read().record.attempt == 0 { t!("No") } else { t!("Yes") };
    view! {
        <Fact name=t!("Stopped by")>{dynamic(by)}</Fact>
        <Fact name=t!("Had begun")>{dynamic(begun)}</Fact>
    }
    .erase()
}
