//! A bordered part of a page.

use super::Erase;
use leptos::prelude::*;

/// A section with a heading and room for its actions.
#[component]
pub fn Panel(
    /// The heading; empty for none.
    #[prop(optional, into)]
    title: String,
    /// Buttons at the heading's right.
    #[prop(optional)]
    actions: Option<ChildrenFn>,
    /// True lets a table touch the edges.
    #[prop(optional)]
    flush: bool,
    /// True for a form, which is no wider than its fields.
    #[prop(optional)]
    narrow: bool,
    /// The content.
    children: Children,
) -> impl IntoView {
    let has_head = !title.is_empty() || actions.is_some();
    view! {
        <section class=if narrow { "max-w-3xl rounded-panel border border-line bg-surface" } else { "rounded-panel border border-line bg-surface" }>
            {has_head
                .then(|| {
                    view! {
                        <header class="flex min-h-12.25 flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line px-4 py-2">
                            // A long one leaves room for a button with a drawing alone.
                            <h2 class="max-w-[calc(100%-2.75rem)] text-head font-semibold wrap-anywhere">{title}</h2>
                            <div class="flex flex-wrap items-center gap-2">{actions.map(|actions| actions())}</div>
                        </header>
                    }
                    .erase()
                })}
            <div class=if flush { "[&>div]:border-0 max-sm:[&>div]:p-2" } else { "p-4" }>{children()}</div>
        </section>
    }
    .erase()
}
