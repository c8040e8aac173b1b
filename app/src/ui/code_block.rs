//! Code, payloads and other text that is shown as it is.

use super::log_text::log_text;
use super::{Erase, dynamic};
use leptos::prelude::*;

/// Preformatted text that scrolls by itself.
#[component]
pub fn CodeBlock(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// What it is, for assistive technology.
    #[prop(into)]
    label: String,
    /// True for what functions write: it may have a terminal's colours.
    #[prop(optional)]
    coloured: bool,
) -> impl IntoView {
    view! {
        <pre
            tabindex="0"
            role="region"
            aria-label=label
            class="max-h-[32rem] overflow-auto rounded-control border border-line bg-canvas p-3 font-mono text-meta leading-5"
        >
            <code>{dynamic(move || if coloured { log_text(&text.read(), "") } else { text.get().into_any() })}</code>
        </pre>
    }
    .erase()
}
