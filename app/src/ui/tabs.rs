//! Tabs that are pages.

use super::Erase;
use crate::reactive::{derive, effect, memo};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

/// One tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// Where it leads.
    pub href: String,
    /// The words.
    pub label: &'static str,
    /// True for a tab that keeps the query of the current one.
    pub keeps_query: bool,
}

/// Links in a navigation landmark; each tab has its own address.
#[component]
pub fn Tabs(
    /// Name of the landmark.
    #[prop(into)]
    label: String,
    /// The tabs.
    tabs: Vec<Tab>,
    /// Address of the current one.
    #[prop(into)]
    current: Signal<String>,
    /// What tabs keep of the address: empty, or with its question mark.
    #[prop(optional, into)]
    query: Signal<String>,
) -> impl IntoView {
    // On a narrow screen the current one may lie outside. Without scripts a style brings it in sight, where the browser knows it.
    let node = NodeRef::<leptos::html::Nav>::new();
    effect(move || {
        current.track();
        if let Some(nav) = node.get()
            && let Ok(Some(tab)) = nav.query_selector("[aria-current]")
        {
            nav.set_scroll_left(tab.unchecked_into::<leptos::web_sys::HtmlElement>().offset_left() - nav.offset_left());
        }
    });
    view! {
        <nav node_ref=node aria-label=label class="-mb-px flex gap-5 overflow-x-auto">
            {tabs
                .into_iter()
                .map(|tab| {
                    let href = tab.href.clone();
                    let is_current = memo(move || current.get() == href);
                    let keeps_query = tab.keeps_query;
                    let href = derive(move || if keeps_query { format!("{}{}", tab.href, query.read()) } else { tab.href.clone() });
                    view! {
                        <a
                            href=href
                            aria-current=derive(move || is_current.get().then_some("page"))
                            class="flex h-9 items-center whitespace-nowrap border-b-2 border-transparent text-muted hover:text-ink \
                                   aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-ink \
                                   aria-[current=page]:[scroll-initial-target:nearest]"
                        >
                            {tab.label}
                        </a>
                    }
                    .erase()
                })
                .collect::<Vec<_>>()}
        </nav>
    }
    .erase()
}
