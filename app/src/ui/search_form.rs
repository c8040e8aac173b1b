//! Searching a list: a plain GET form, so the address is the state.

use super::Erase;
use super::button::{Look, Submit};
use super::get_form::GetForm;
use super::icon::{Glyph, Icon};
use leptos::prelude::*;

/// A search field that keeps its text in the address.
#[component]
pub fn SearchForm(
    /// Address of the list, without query.
    #[prop(into)]
    action: String,
    /// The field's label, also its placeholder.
    #[prop(into)]
    label: String,
    /// Name in the query string.
    #[prop(default = "search")]
    name: &'static str,
    /// What is searched for.
    #[prop(into)]
    value: Signal<String>,
    /// A parameter of the address that a search keeps: its name and value.
    #[prop(optional)]
    kept: Option<(&'static str, Signal<String>)>,
) -> impl IntoView {
    view! {
        <GetForm action search=true class="flex min-w-0 items-center gap-2">
            {kept.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }.erase())}
            <div class="relative min-w-0">
                <span class="pointer-events-none absolute inset-y-0 left-2.5 flex items-center text-faint">
                    <Icon glyph=Glyph::Search class="size-3.5"/>
                </span>
                <input
                    type="search"
                    name=name
                    aria-label=label.clone()
                    placeholder=label
                    prop:value=value
                    value=value.get_untracked()
                    autocomplete="off"
                    class="h-8 w-64 max-w-full rounded-control border border-line-strong bg-field pl-8 pr-2.5 placeholder:text-faint hover:border-faint"
                />
            </div>
            <Submit reads=true look=Look::Plain>{t!("Search")}</Submit>
        </GetForm>
    }
    .erase()
}
