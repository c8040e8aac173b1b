//! A select of a filter whose options come with the data.

use super::Erase;
use super::each::{Each, Item};
use crate::reactive::derive;
use leptos::prelude::*;

const CONTROL: &str = "h-8 min-w-0 max-w-52 rounded-control border border-line-strong bg-field px-2 pr-7 select-arrow hover:border-faint";

/// A choice among the fields of a [`super::GetForm`], its label before it.
#[component]
pub fn FilterSelect(
    /// Name in the query string.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// Values, none twice, and their words.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// The value that the address names.
    #[prop(into)]
    chosen: Signal<String>,
) -> impl IntoView {
    view! {
        <label class="flex min-w-0 items-center gap-1.5">
            <span class="text-meta text-muted">{label}</span>
            <select name=name class=CONTROL>
                <Options options chosen/>
            </select>
        </label>
    }
    .erase()
}

/// The options alone. They are keyed: what somebody has chosen and not yet sent stays chosen while others come and go.
#[component]
pub fn Options(options: Signal<Vec<(String, String)>>, chosen: Signal<String>) -> impl IntoView {
    let item = move |(value, words): (String, String)| Item::new(value.clone(), move || option(value, words, chosen));
    view! { <Each items=move || options.get().into_iter().map(item).collect()/> }.erase()
}

fn option(value: String, words: String, chosen: Signal<String>) -> AnyView {
    let own = value.clone();
    let is_chosen = derive(move || *chosen.read() == own);
    let selected = is_chosen.get_untracked();
    view! { <option value=value selected=selected prop:selected=is_chosen>{words}</option> }.erase()
}

/// Names to choose from, each its own word, after the choice of all.
pub fn or_all(names: impl IntoIterator<Item = String>) -> Vec<(String, String)> {
    std::iter::once((String::new(), t!("All").to_owned())).chain(names.into_iter().map(|name| (name.clone(), name))).collect()
}
