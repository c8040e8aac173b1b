//! A sentence beside what it explains.

use super::Erase;
use super::icon::{Glyph, Icon};
use leptos::prelude::*;

/// How serious it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HintKind {
    #[default]
    Info,
    Warning,
}

/// A boxed remark.
#[component]
pub fn Hint(
    /// How serious it is.
    #[prop(optional)]
    kind: HintKind,
    /// The remark.
    children: Children,
) -> impl IntoView {
    let (glyph, colours) = match kind {
        HintKind::Info => (Glyph::Info, "border-line bg-canvas text-muted"),
        HintKind::Warning => (Glyph::Warning, "border-warn/40 bg-warn-tint text-warn"),
    };
    view! {
        <div class=format!("flex items-start gap-2 rounded-control border px-3 py-2 text-meta {colours}")>
            <Icon glyph class="mt-0.5 size-3.5"/>
            <div class="linked min-w-0 wrap-anywhere">{children()}</div>
        </div>
    }
    .erase()
}
