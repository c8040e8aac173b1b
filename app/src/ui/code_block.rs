//! Code, payloads and other text that is shown as it is.

use super::Erase;
use crate::ui::dynamic;
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
) -> impl IntoView {
    view! {
        <pre
            tabindex="0"
            role="region"
            aria-label=label
            class="max-h-[32rem] overflow-auto rounded-control border border-line bg-canvas p-3 font-mono text-meta leading-5"
        >
            <code>{dynamic(move || text.get())}</code>
        </pre>
    }
    .erase()
}
