//! The way up from a page to its list.

use super::Erase;
use leptos::prelude::*;

/// A link to the parent page, above the title.
#[component]
pub fn Back(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// The parent page's title.
    children: Children,
) -> impl IntoView {
    view! {
        <a href=href class="inline-flex items-center gap-1 text-meta text-muted hover:text-ink">
            <span aria-hidden="true">"←"</span>
            {children()}
        </a>
    }
    .erase()
}
