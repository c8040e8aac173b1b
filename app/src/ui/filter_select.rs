//! A select of a filter whose options come with the data.

use super::Erase;
use super::each::{Each, Item};
use crate::reactive::{effect, memo};
use leptos::html;
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
            <OpenSelect name class=CONTROL options chosen/>
        </label>
    }
    .erase()
}

/// The select alone. What somebody has chosen and not yet sent stays chosen, whatever comes and goes among its options; another address is
/// another choice.
#[component]
pub fn OpenSelect(
    /// Name in the query string.
    name: &'static str,
    /// Classes of the select.
    #[prop(into)]
    class: String,
    /// Values, none twice, and their words.
    options: Signal<Vec<(String, String)>>,
    /// The value that the address names.
    chosen: Signal<String>,
) -> impl IntoView {
    let first = chosen.get_untracked();
    let picked = RwSignal::new(first.clone());
    let of_address = memo(move || chosen.get());
    let node = NodeRef::<html::Select>::new();
    effect(move || picked.set(of_address.get()));
    // After the options are there: a browser chooses another one where the chosen one is moved.
    effect(move || {
        options.track();
        let (value, select) = (picked.get(), node.get());
        queue_microtask(move || select.into_iter().for_each(|select| select.set_value(&value)));
    });
    let items = move || {
        let mut options = options.get();
        let value = picked.get();
        if options.iter().all(|(other, _)| *other != value) {
            options.push((value.clone(), value));
        }
        options.into_iter().map(|option| item(option, &first)).collect()
    };
    view! {
        <select name=name class=class node_ref=node on:change=move |event| picked.set(event_target_value(&event))>
            <Each items/>
        </select>
    }
    .erase()
}

fn item((value, words): (String, String), first: &str) -> Item {
    let selected = value == first;
    Item::new(value.clone(), move || view! { <option value=value selected=selected>{words}</option> }.erase())
}

/// Names to choose from, each its own word, after the choice of all.
pub fn or_all(names: impl IntoIterator<Item = String>) -> Vec<(String, String)> {
    std::iter::once((String::new(), t!("All").to_owned())).chain(names.into_iter().map(|name| (name.clone(), name))).collect()
}
