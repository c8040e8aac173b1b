//! Menus that need no script: the browser opens and closes them.

use super::Erase;
use super::icon::{Glyph, Icon};
use leptos::prelude::*;

/// A button with a menu below it.
#[component]
pub fn Popover(
    /// Unique in the page.
    #[prop(into)]
    id: String,
    /// The button's accessible name.
    #[prop(into)]
    label: String,
    /// Classes of the button.
    #[prop(default = "inline-flex size-7 items-center justify-center rounded-control text-muted hover:bg-hover hover:text-ink")]
    class: &'static str,
    /// What the button shows.
    button: AnyView,
    /// [`MenuItem`]s and forms.
    children: Children,
) -> impl IntoView {
    view! {
        <button type="button" popovertarget=id.clone() aria-label=label.clone() title=label class=class>
            {button}
        </button>
        <div
            id=id
            popover="auto"
            class="menu min-w-44 rounded-panel border border-line bg-raised p-1 text-ink shadow-raised"
        >
            {children()}
        </div>
    }
    .erase()
}

/// Classes of an entry, for buttons inside forms.
pub(crate) const ITEM: &str =
    "flex h-8 w-full cursor-pointer items-center gap-2 whitespace-nowrap rounded-control px-2.5 text-left hover:bg-hover";

/// A link in a menu.
#[component]
pub fn MenuItem(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// A drawing before the words.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <a href=href class=ITEM>
            {icon.map(|glyph| view! { <Icon glyph/> }.erase())}
            {children()}
        </a>
    }
    .erase()
}
