//! A value that can be copied.

use super::Erase;
use super::icon::{Glyph, Icon};
use crate::reactive::derive;
use crate::ui::dynamic;
use leptos::prelude::*;

/// A small button that puts a text on the clipboard; shown only where scripts run.
#[component]
pub fn Copy(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What it is, for the button's name: `Copy ARN`.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let done = RwSignal::new(false);
    let press = move |_| {
        copy(&text.get_untracked());
        done.set(true);
        set_timeout(move || _ = done.try_set(false), std::time::Duration::from_millis(1500));
    };
    let name = t!("Copy {what}", what);
    view! {
        <button
            type="button"
            class="js-only inline-flex size-6 items-center align-middle justify-center rounded-control text-muted hover:bg-hover hover:text-ink"
            aria-label=name.clone()
            title=name
            on:click=press
        >
            <Icon glyph=derive(move || if done.get() { Glyph::Check } else { Glyph::Copy }) class="size-3.5"/>
            <span class="sr-only" role="status">{dynamic(move || done.get().then_some(t!("Copied")))}</span>
        </button>
    }
    .erase()
}

/// A text such as an id, with a button that copies it.
#[component]
pub fn CopyText(
    /// What is shown and copied.
    text: String,
    /// What it is, for the button's name: `Copy ARN`.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! {
        <span class="flex items-center gap-1">
            <code class="min-w-0 font-mono text-meta wrap-anywhere">{text.clone()}</code>
            <Copy text what/>
        </span>
    }
    .erase()
}

#[cfg(feature = "hydrate")]
fn copy(text: &str) {
    // The promise only says what the user sees anyway.
    drop(window().navigator().clipboard().write_text(text));
}

#[cfg(not(feature = "hydrate"))]
fn copy(_text: &str) {}
