//! Pausing what makes a page live (B-01).

use super::Erase;
use super::button::Look;
use crate::reactive::{derive, use_live_control};
use crate::ui::dynamic;
use leptos::prelude::*;

/// A toggle for the whole tab, with a dot that tells how the page learns of changes; there only where scripts run.
#[component]
pub fn LiveSwitch(
    /// True on a page with a button that reads it again.
    #[prop(optional)]
    refresh: bool,
    /// True on a page that is read again and again, since nothing tells of its changes.
    #[prop(optional)]
    polls: bool,
) -> impl IntoView {
    let control = use_live_control();
    let (dot, title) = (
        move || match (control.paused.get(), control.connected.get()) {
            (true, _) => "bg-faint",
            (false, true) => "bg-good",
            (false, false) => "bg-warn",
        },
        move || match (control.paused.get(), control.connected.get()) {
            (true, _) if refresh => t!("Paused: changes are shown after Refresh"),
            (true, _) => t!("Paused: changes are shown when the page is loaded again"),
            (false, true) if polls => t!("Read again every 5 s"),
            (false, true) => t!("Changes are shown as they happen"),
            (false, false) => t!("Connecting; asks every 5 s meanwhile"),
        },
    );
    view! {
        <button
            type="button"
            class=format!("js-only {}", Look::Quiet.classes())
            aria-label=t!("Pause live updates")
            aria-pressed=derive(move || if control.paused.get() { "true" } else { "false" })
            title=title
            on:click=move |_| control.paused.update(|paused| *paused = !*paused)
        >
            <span class=derive(move || format!("size-2 rounded-full {}", dot()))></span>
            {dynamic(move || if control.paused.get() { t!("Live off") } else { t!("Live") })}
        </button>
    }
    .erase()
}
