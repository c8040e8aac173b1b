//! A word on a tint.

use super::Erase;
use crate::reactive::derive;
use leptos::prelude::*;

/// What the tint means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Idle,
    Active,
    Good,
    Warn,
    Bad,
}

/// A short word that classifies what stands beside it.
#[component]
pub fn Pill(
    /// Its colour.
    #[prop(optional, into)]
    tone: Signal<Tone>,
    /// The word.
    children: Children,
) -> impl IntoView {
    let colours = move || match tone.get() {
        Tone::Idle => "bg-idle-tint text-idle-strong",
        Tone::Active => "bg-active-tint text-active",
        Tone::Good => "bg-good-tint text-good",
        Tone::Warn => "bg-warn-tint text-warn",
        Tone::Bad => "bg-bad-tint text-bad",
    };
    view! {
        <span class=derive(move || format!("inline-flex h-5.5 items-center gap-1 whitespace-nowrap rounded-tag px-1.5 text-meta font-medium {}", colours()))>
            {children()}
        </span>
    }
    .erase()
}
