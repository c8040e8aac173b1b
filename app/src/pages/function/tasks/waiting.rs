//! Why a task waits (C-36…C-39).

use super::api::Details;
use crate::reactive::memo;
use crate::ui::{Erase, Fact, Timestamp, dynamic};
use leptos::prelude::*;
use model::{QueueScope, UnixMillis, WaitReason};

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
