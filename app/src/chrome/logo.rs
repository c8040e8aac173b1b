//! The product's mark.

use crate::ui::Erase;
use leptos::prelude::*;

/// Three lanes that end at a yard's gate.
#[component]
pub(crate) fn Logo(
    /// Classes for its size.
    #[prop(default = "size-5")]
    class: &'static str,
) -> impl IntoView {
    view! {
        <svg viewBox="0 0 20 20" aria-hidden="true" class=class>
            <rect x="1" y="2.5" width="9" height="3.5" rx="1.75" fill="currentColor" opacity=".45"/>
            <rect x="1" y="8.25" width="13" height="3.5" rx="1.75" fill="var(--color-brand)"/>
            <rect x="1" y="14" width="6" height="3.5" rx="1.75" fill="currentColor" opacity=".45"/>
            <rect x="16.5" y="1" width="2.5" height="18" rx="1.25" fill="currentColor"/>
        </svg>
    }
    .erase()
}
