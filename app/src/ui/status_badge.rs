//! The state of a task: shape, word, colour.

use super::Erase;
use super::icon::{Glyph, Icon};
use crate::language::words;
use crate::reactive::derive;
use crate::ui::dynamic;
use leptos::prelude::*;
use model::TaskStatus;

/// The drawing of a state.
fn glyph(status: TaskStatus) -> Glyph {
    match status {
        TaskStatus::Enqueued => Glyph::Enqueued,
        TaskStatus::Processed => Glyph::Processed,
        TaskStatus::Running => Glyph::Running,
        TaskStatus::Retrying => Glyph::Retrying,
        TaskStatus::Stopping => Glyph::Stopping,
        TaskStatus::Succeeded => Glyph::Succeeded,
        TaskStatus::Failed => Glyph::Failed,
        TaskStatus::Expired => Glyph::Expired,
        TaskStatus::Invalid => Glyph::Invalid,
        TaskStatus::Stopped => Glyph::Stopped,
    }
}

/// Colours of a state's badge.
fn colours(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Enqueued => "bg-idle-tint text-idle",
        TaskStatus::Processed => "bg-idle-tint text-idle-strong",
        TaskStatus::Running => "bg-active-tint text-active",
        TaskStatus::Retrying | TaskStatus::Stopping => "bg-warn-tint text-warn",
        TaskStatus::Succeeded => "bg-good-tint text-good",
        TaskStatus::Failed => "bg-bad-tint text-bad font-semibold",
        TaskStatus::Expired => "bg-late-tint text-late",
        TaskStatus::Invalid => "bg-odd-tint text-odd",
        TaskStatus::Stopped => "bg-idle-tint text-idle-strong",
    }
}

/// A task's state; the word is the state's name, so it reads the same without colour.
#[component]
pub fn StatusBadge(
    /// The state.
    #[prop(into)]
    status: Signal<TaskStatus>,
) -> impl IntoView {
    let turns = move || if status.get() == TaskStatus::Running { "inline-flex motion-safe:animate-turn" } else { "inline-flex" };
    view! {
        <span
            data-status=derive(move || status.get().as_str())
            class=derive(move || {
                format!(
                    "inline-flex h-5.5 items-center gap-1.5 whitespace-nowrap rounded-tag px-1.5 text-meta font-medium transition-colors duration-120 {}",
                    colours(status.get()),
                )
            })
        >
            <span class=turns>
                <Icon glyph=derive(move || glyph(status.get())) class="size-3.5"/>
            </span>
            {dynamic(move || words(status.get().as_str()))}
        </span>
    }
    .erase()
}
