//! Filter chips: links that set or take away a filter.

use super::Erase;
use super::icon::{Glyph, Icon};
use crate::reactive::derive;
use leptos::prelude::*;

/// A link that is a filter; the one in force is marked.
#[component]
pub fn Chip(
    /// The address with the filter set, or without it when it is in force.
    #[prop(into)]
    href: Signal<String>,
    /// True while the filter is in force.
    #[prop(optional, into)]
    active: Signal<bool>,
    /// True for a choice that has nothing to show.
    #[prop(optional, into)]
    dimmed: Signal<bool>,
    /// True shows a cross: pressing takes the filter away.
    #[prop(optional)]
    removable: bool,
    /// The words.
    children: Children,
) -> impl IntoView {
    let classes = move || {
        let colours = match (active.get(), dimmed.get()) {
            (true, _) => "border-accent bg-selected text-ink",
            (false, true) => "border-line text-muted hover:bg-hover",
            (false, false) => "border-line-strong text-ink hover:bg-hover",
        };
        format!("inline-flex h-7 items-center gap-1.5 whitespace-nowrap rounded-control border px-2 text-meta tabular-nums {colours}")
    };
    view! {
        <a href=href class=classes aria-current=derive(move || active.get().then_some("true"))>
            {children()}
            {removable.then(|| view! { <Icon glyph=Glyph::Close class="size-3"/> }.erase())}
        </a>
    }
    .erase()
}
