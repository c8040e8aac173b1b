//! A length of time.

use super::Erase;
use crate::reactive::derive;
use crate::ui::dynamic;
use leptos::prelude::*;
use model::format;

/// A length of time in words, exact on hover.
#[component]
pub fn Duration(
    /// Milliseconds; `None` shows a dash.
    #[prop(into)]
    ms: Signal<Option<i64>>,
) -> impl IntoView {
    view! {
        <span class="tabular-nums whitespace-nowrap" title=derive(move || ms.get().map(|ms| format!("{ms} ms")))>
            {dynamic(move || ms.get().map_or_else(|| "–".to_owned(), format::duration_ms))}
        </span>
    }
    .erase()
}
