//! Nothing to show, and what to do about it.

use super::Erase;
use super::icon::{Glyph, Icon};
use leptos::prelude::*;

/// An outline of the missing thing, a heading, one sentence, the way on.
#[component]
pub fn EmptyState(
    /// The heading.
    #[prop(into)]
    title: String,
    /// One sentence.
    #[prop(into)]
    text: String,
    /// The way on: a button or link, at most two.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="flex flex-col items-center px-6 py-12 text-center">
            <div aria-hidden="true" class="mb-5 w-56 space-y-1.5 text-faint">
                <div class="flex h-7 items-center gap-2 rounded-control border border-dashed border-line-strong px-2">
                    <Icon glyph=Glyph::Enqueued/>
                    <span class="h-px w-24 border-t border-dashed border-line-strong"></span>
                </div>
                <div class="flex h-7 items-center gap-2 rounded-control border border-dashed border-line-strong px-2">
                    <Icon glyph=Glyph::Running/>
                    <span class="h-px w-32 border-t border-dashed border-line-strong"></span>
                </div>
                <div class="flex h-7 items-center gap-2 rounded-control border border-dashed border-line-strong px-2">
                    <Icon glyph=Glyph::Succeeded/>
                    <span class="h-px w-16 border-t border-dashed border-line-strong"></span>
                </div>
            </div>
            <h2 class="text-head font-semibold">{title}</h2>
            <p class="mt-1 max-w-md text-balance text-muted">{text}</p>
            <div class="mt-4 flex flex-wrap justify-center gap-2">{children()}</div>
        </div>
    }
    .erase()
}
