//! A button that stays pressed.

use super::Erase;
use crate::reactive::derive;
use leptos::prelude::*;

/// Switches something in the page on and off; only for what scripts do.
#[component]
pub fn Toggle(
    /// The words.
    label: &'static str,
    /// What it switches.
    on: RwSignal<bool>,
) -> impl IntoView {
    let colours = move || if on.get() { "bg-selected text-ink" } else { "text-muted hover:bg-hover hover:text-ink" };
    view! {
        <button
            type="button"
            aria-pressed=derive(move || if on.get() { "true" } else { "false" })
            class=derive(move || format!("inline-flex h-7 cursor-pointer items-center rounded-full px-3 text-meta font-medium {}", colours()))
            on:click=move |_| on.update(|on| *on = !*on)
        >
            {label}
        </button>
    }
    .erase()
}
