//! Why a task waits (C-36…C-39).

use super::api::Details;
use super::history::Step;
use crate::reactive::memo;
use crate::routes::{FunctionPage, Route};
use crate::ui::{Erase, Fact, Hint, HintKind, TextLink, Timestamp, dynamic};
use leptos::prelude::*;
use model::{FunctionRef, QueueScope, TaskStatus, UnixMillis, WaitReason};

/// How long a task is `Processed` before that says that there is no capacity, in milliseconds (C-38).
const SOON_MS: i64 = 30_000;

/// Where to look when a task was taken from the queue long ago and no instance has begun it.
#[component]
pub(super) fn NoCapacity(function: FunctionRef, details: ReadSignal<Details>, now: Signal<UnixMillis>) -> impl IntoView {
    let is_long = memo(move || lacks_capacity(&details.read().steps, now.get()));
    let link = |page| Route::Function(function.clone(), page).path();
    let (instances, metrics) = (link(FunctionPage::Instances), link(FunctionPage::Metrics));
    dynamic(move || {
        let (instances, metrics) = (instances.clone(), metrics.clone());
        is_long.get().then(|| {
            view! {
                <div class="col-span-full min-w-0">
                    <Hint kind=HintKind::Warning>
                        {t!("No instance has taken it for more than 30 s. See what runs in ")}
                        <TextLink href=instances>{t!("Instances")}</TextLink> {t!(" and what was throttled in ")}
                        <TextLink href=metrics>{t!("Metrics")}</TextLink> {t!(".")}
                    </Hint>
                </div>
            }
            .erase()
        })
    })
}

/// The last thing that happened to it is that it was taken from the queue, and that was long ago.
fn lacks_capacity(steps: &[Step], now: UnixMillis) -> bool {
    steps.last().is_some_and(|step| step.status == TaskStatus::Processed && now.since(step.at) > SOON_MS)
}

/// The reason, for as long as there is one.
#[component]
pub(super) fn WhyItWaits(details: ReadSignal<Details>) -> impl IntoView {
    let wait = memo(move || details.read().wait.clone());
    dynamic(move || wait.get().map(|reason| view! { <Fact name=t!("Why it waits") wide=true><Reason reason/></Fact> }.erase()))
}

#[component]
fn Reason(reason: WaitReason) -> impl IntoView {
    match reason {
        WaitReason::DelayedUntil(at) => timed(t!("The delay that it was submitted with ends at "), at),
        WaitReason::RetryAt(at) => timed(t!("Its last attempt failed; the next one is due at "), at),
        WaitReason::NoInstanceUntil(at) => timed(t!("No instance could be started; that is tried again at "), at),
        WaitReason::WaitsForInstance => plain(t!("It has been taken from the queue and waits for an instance to be free.").to_owned()),
        WaitReason::Paused { scope, since } => timed(
            match scope {
                QueueScope::Region(_) => t!("The queues of the region have been paused since "),
                QueueScope::Function(_) => t!("The queue of the function has been paused since "),
            },
            since,
        ),
        WaitReason::LimitReached { scope, running, limit, ahead } => {
            let line = in_line(ahead);
            plain(match scope {
                QueueScope::Region(_) => t!("{running} of at most {limit} tasks of the region are under way. {line}", running, limit, line),
                QueueScope::Function(_) => {
                    t!("{running} of at most {limit} tasks of the function are under way. {line}", running, limit, line)
                }
            })
        }
        WaitReason::Next { ahead } => plain(in_line(ahead)),
    }
}

fn in_line(ahead: u64) -> String {
    match ahead {
        0 => t!("It is next.").to_owned(),
        1 => t!("One task of the function is taken before it.").to_owned(),
        _ => t!("{ahead} tasks of the function are taken before it.", ahead),
    }
}

fn plain(words: String) -> AnyView {
    view! { <span class="tabular-nums">{words}</span> }.erase()
}

fn timed(words: &'static str, at: UnixMillis) -> AnyView {
    view! { <span>{words}<Timestamp at=Signal::stored(Some(at))/>{t!(".")}</span> }.erase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c38_more_than_30_s_as_processed_say_that_there_is_no_capacity() {
        let step = |status, at| Step { id: 1, status, at: UnixMillis(at), words: String::new(), stopped_by: None };
        let taken = [step(TaskStatus::Enqueued, 0), step(TaskStatus::Processed, 100_000)];
        assert!(!lacks_capacity(&taken, UnixMillis(130_000)));
        assert!(lacks_capacity(&taken, UnixMillis(130_001)));
        let [first, second] = taken;
        assert!(!lacks_capacity(&[first, second, step(TaskStatus::Running, 100_001)], UnixMillis(200_000)));
        assert!(!lacks_capacity(&[], UnixMillis(200_000)));
    }
}
