use super::tasks::ErrorText;
use crate::ui::Erase;
use leptos::prelude::*;

/// Kind and message first, then where it happened.
#[component]
pub(super) fn ErrorPanel(
    error: ErrorText,
    /// True for one that nothing will heal.
    is_final: bool,
) -> impl IntoView {
    let (frame, ink) = if is_final { ("border-bad/40", "text-bad") } else { ("border-line", "text-ink") };
    let trace = error.trace.join("\n");
    view! {
        <section aria-labelledby="error-title" class=format!("rounded-panel border bg-surface p-4 {frame}")>
            <h2 id="error-title" class="text-head font-semibold">{t!("Error")}</h2>
            <p class="mt-2 font-mono text-meta text-muted wrap-anywhere">
                {error.kind} {(!error.class.is_empty()).then(|| format!(" · {}", error.class))}
            </p>
            <p class=format!("mt-1 whitespace-pre-wrap font-medium wrap-anywhere {ink}")>{error.message}</p>
            {(!trace.is_empty())
                .then(|| {
                    view! {
                        <pre tabindex="0" role="region" aria-label=t!("Stack trace") class="mt-3 max-h-80 overflow-auto rounded-control bg-canvas p-3 font-mono text-meta leading-5">
                            <code>{trace}</code>
                        </pre>
                    }
                    .erase()
                })}
        </section>
    }
    .erase()
}
