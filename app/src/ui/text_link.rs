//! A link within text or a table.

use super::Erase;
use leptos::prelude::*;

/// A link in the accent's colour.
#[component]
pub fn TextLink(
    /// Where it leads.
    #[prop(into)]
    href: Signal<String>,
    /// Accessible name when the words alone are not unique: begins with the words.
    #[prop(optional, into)]
    label: Option<String>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <a href=href class="text-accent hover:underline underline-offset-2" aria-label=label>
            {children()}
        </a>
    }
    .erase()
}
