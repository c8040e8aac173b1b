//! Buttons, and links that look like them.

use super::Erase;
use super::icon::{Glyph, Icon};
use crate::forms::use_form;
use crate::reactive::derive;
use leptos::prelude::*;

/// How much a control asks to be pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    /// The one thing to do on a page or in a dialog.
    Primary,
    /// Everything else.
    #[default]
    Plain,
    /// In rows and bars: no outline until it is pointed at.
    Quiet,
    /// Destroys something.
    Danger,
    /// In rows: a drawing alone, its words on hover, and beside it in a menu.
    Drawn,
}

const SHAPE: &str = "inline-flex h-8 items-center justify-center gap-1.5 whitespace-nowrap rounded-control px-3 font-medium \
                     cursor-pointer select-none transition-colors duration-120 disabled:cursor-not-allowed disabled:opacity-50 \
                     aria-disabled:cursor-not-allowed aria-disabled:opacity-50";

impl Look {
    /// Classes of a control with this look, shape included.
    pub fn classes(self) -> String {
        let colours = match self {
            Look::Drawn => return "row-button".to_owned(),
            Look::Primary => "bg-accent text-accent-ink hover:bg-accent-strong",
            Look::Plain => "bg-surface text-ink border border-line-strong hover:bg-hover",
            Look::Quiet => "text-muted hover:text-ink hover:bg-hover",
            Look::Danger => "bg-danger text-danger-ink hover:bg-danger-strong",
        };
        format!("{SHAPE} {colours}")
    }
}

/// A button that does something in the page by itself; inside forms use [`Submit`].
#[component]
pub fn Button(
    /// Its look.
    #[prop(optional)]
    look: Look,
    /// A drawing before the words.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// Accessible name when the words alone are not unique: begins with the words.
    #[prop(optional, into)]
    label: Option<String>,
    /// True while it can't be used.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Runs on a press.
    #[prop(into)]
    on_press: Callback<()>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <button type="button" class=look.classes() aria-label=label disabled=disabled on:click=move |_| on_press.run(())>
            {icon.map(|glyph| view! { <Icon glyph/> }.erase())}
            {children()}
        </button>
    }
    .erase()
}

/// The button that sends its form; it waits while the form does.
#[component]
pub fn Submit(
    /// Its look.
    #[prop(default = Look::Primary)]
    look: Look,
    /// A drawing before the words.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// Accessible name when the words alone are not unique: begins with the words.
    #[prop(optional, into)]
    label: Option<String>,
    /// Why it can't be pressed, beside what the user's role does not include; shown on hover and focus, and read out.
    #[prop(optional, into)]
    refusal: Option<String>,
    /// True in a [`super::GetForm`]: anybody may press it who sees it.
    #[prop(optional)]
    reads: bool,
    /// Name of a field that the press itself sends.
    #[prop(optional)]
    name: Option<&'static str>,
    /// Value of that field.
    #[prop(optional, into)]
    value: Option<String>,
    /// The words.
    children: Children,
) -> impl IntoView {
    let form = use_form();
    let pending = form.pending;
    let refusal = refusal.or_else(|| if reads { None } else { crate::permission::refusal(form.path) });
    let refused = refusal.is_some();
    let title = refusal.or_else(|| label.clone().filter(|_| look == Look::Drawn));
    view! {
        <button
            type="submit"
            class=look.classes()
            aria-label=label
            title=title
            disabled=refused
            aria-disabled=derive(move || pending.get().then_some("true"))
            name=name
            value=value
        >
            {icon.map(|glyph| view! { <Icon glyph/> }.erase())}
            {children()}
        </button>
    }
    .erase()
}

/// A link that looks like a button: it leads to a page.
#[component]
pub fn LinkButton(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// Its look.
    #[prop(optional)]
    look: Look,
    /// A drawing before the words.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// Accessible name when the words alone are not unique: begins with the words.
    #[prop(optional, into)]
    label: Option<String>,
    /// True for what the browser has to fetch by itself, such as a file.
    #[prop(optional)]
    external: bool,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <a href=href class=look.classes() aria-label=label rel=external.then_some("external")>
            {icon.map(|glyph| view! { <Icon glyph/> }.erase())}
            {children()}
        </a>
    }
    .erase()
}
