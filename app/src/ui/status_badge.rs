//! The state of a task: shape, word, colour.

use crate::language::words;
use crate::ui::{Erase, dynamic};
use leptos::prelude::*;
use model::TaskStatus;

/// Drawing and colours of a state's badge.
fn classes(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Enqueued => "status drawn i-enqueued bg-idle-tint text-idle",
        TaskStatus::Processed => "status drawn i-processed bg-idle-tint text-idle-strong",
        TaskStatus::Running => "status drawn i-running motion-safe:before:animate-turn bg-active-tint text-active",
        TaskStatus::Retrying => "status drawn i-retrying bg-warn-tint text-warn",
        TaskStatus::Stopping => "status drawn i-stopping bg-warn-tint text-warn",
        TaskStatus::Succeeded => "status drawn i-succeeded bg-good-tint text-good",
        TaskStatus::Failed => "status drawn i-failed bg-bad-tint text-bad font-semibold",
        TaskStatus::Expired => "status drawn i-expired bg-late-tint text-late",
        TaskStatus::Invalid => "status drawn i-invalid bg-odd-tint text-odd",
        TaskStatus::Stopped => "status drawn i-stopped bg-idle-tint text-idle-strong",
    }
}

/// A task's state; the word is the state's name, so it reads the same without colour.
#[component]
pub fn StatusBadge(
    /// The state.
    #[prop(into)]
    status: Signal<TaskStatus>,
) -> impl IntoView {
    dynamic(move || badge(status.get()))
}

/// [`StatusBadge`] of a state that what draws it follows.
pub fn badge(status: TaskStatus) -> AnyView {
    view! { <span data-status=status.as_str() class=classes(status)>{words(status.as_str())}</span> }.erase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Glyph;

    #[test]
    fn every_state_has_a_drawing_of_its_own() {
        let drawings = include_str!("../../../style/icons.css");
        let mut seen = Vec::new();
        for status in TaskStatus::ALL {
            let class = classes(status).split(' ').find(|class| class.starts_with("i-")).unwrap_or_default();
            assert!(drawings.contains(&format!(".{class} {{")) && !seen.contains(&class), "{status}");
            seen.push(class);
        }
        // Those that the page of components shows are drawn too.
        for glyph in Glyph::ALL {
            assert!(drawings.contains(&format!(".{} {{", glyph.class())), "{glyph:?}");
        }
    }
}
