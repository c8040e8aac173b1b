//! Lists whose elements stay while their keys do.

use super::Erase;
use leptos::prelude::*;

/// One element of a list: what it is known by, and how it is drawn when it is new.
pub struct Item {
    key: String,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}

impl Item {
    /// An element with a key that no other of the list has; what is part of the key makes a new element when it changes.
    pub fn new(key: impl ToString, draw: impl FnOnce() -> AnyView + Send + 'static) -> Self {
        Self { key: key.to_string(), draw: Box::new(draw) }
    }
}

/// The elements in their order. Not `<For>`: that is compiled anew for each kind of element.
#[component]
pub fn Each<F>(
    /// The elements as they are now; reading signals in it keeps the list up to date.
    items: F,
) -> impl IntoView
where
    F: Fn() -> Vec<Item> + Send + Sync + 'static,
{
    each(Box::new(items))
}

fn each(items: Box<dyn Fn() -> Vec<Item> + Send + Sync>) -> AnyView {
    view! { <For each=items key=|item: &Item| item.key.clone() children=|item: Item| (item.draw)()/> }.erase()
}
