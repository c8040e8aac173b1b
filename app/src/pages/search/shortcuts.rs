//! What the keys of every page do (B-22).

use super::palette::Palette;
use crate::chrome::SEARCH_KEY;
use crate::reactive::effect;
use crate::ui::{Dialog, Erase};
use leptos::prelude::*;
use model::Region;

/// Does what the key says that was pressed last.
#[component]
pub(crate) fn KeyActions(region: Memo<Region>, pressed: RwSignal<String>) -> impl IntoView {
    // Open from the start where the first key wants it: a dialog focuses what is in it when it opens.
    let wants = |key: &str| RwSignal::new(pressed.with_untracked(|pressed| pressed == key));
    let (search, help) = (wants(SEARCH_KEY), wants("?"));
    effect(move || match pressed.get().as_str() {
        SEARCH_KEY => search.set(true),
        "?" => help.set(true),
        "/" => page::focus_filter(),
        "j" => page::focus_row(true),
        "k" => page::focus_row(false),
        _ => {}
    });
    view! {
        <Palette region open=search/>
        <Dialog open=help title=t!("Keyboard shortcuts") id="shortcuts">
            <Shortcuts/>
        </Dialog>
    }
    .erase()
}

/// Every shortcut and what it does.
#[component]
pub(crate) fn Shortcuts() -> impl IntoView {
    let row = |(keys, words): (&'static [&'static str], &'static str)| {
        let keys = keys.iter().map(|key| {
            view! { <kbd class="rounded-control border border-line-strong bg-canvas px-1.5 font-mono text-meta">{*key}</kbd> }.erase()
        });
        view! {
            <dt class="flex items-start gap-1.5 whitespace-nowrap">{keys.collect::<Vec<_>>()}</dt>
            <dd class="text-muted">{words}</dd>
        }
        .erase()
    };
    let all: [(&'static [&'static str], &'static str); 6] = [
        (&["/"], t!("To the filter of the list")),
        (&["j", "k"], t!("To the next or the previous row; Enter opens it")),
        (&["?"], t!("Shows these shortcuts")),
        (&["Ctrl K", "⌘ K"], t!("Search")),
        (&["Esc"], t!("Closes a dialog or a menu")),
        (&["Esc", "Tab"], t!("One after the other: leaves the code editor")),
    ];
    view! { <dl class="grid grid-cols-[auto_1fr] gap-x-4 gap-y-2">{all.map(row).into_iter().collect::<Vec<_>>()}</dl> }.erase()
}

#[cfg(not(feature = "hydrate"))]
mod page {
    pub(super) fn focus_filter() {}

    pub(super) fn focus_row(_down: bool) {}
}

#[cfg(feature = "hydrate")]
mod page {
    use leptos::prelude::document;
    use leptos::wasm_bindgen::JsCast;
    use leptos::web_sys::{Element, HtmlElement};

    fn focus(element: Element) {
        if let Ok(element) = element.dyn_into::<HtmlElement>() {
            _ = element.focus();
        }
    }

    /// The first field of the page's filter.
    pub(super) fn focus_filter() {
        if let Ok(Some(field)) = document().query_selector("main form[role=search] input:not([type=hidden])") {
            focus(field);
        }
    }

    /// The link of the row after or before the one that has the focus, else of the first or the last.
    pub(super) fn focus_row(down: bool) {
        let Ok(found) = document().query_selector_all("main tbody tr") else { return };
        let rows = (0..found.length()).filter_map(|at| found.item(at)?.dyn_into::<Element>().ok());
        let mut rows: Vec<(Element, Element)> = rows.filter_map(|row| Some((row.query_selector("a[href]").ok()??, row))).collect();
        if !down {
            rows.reverse();
        }
        let focused = document().active_element();
        let here = rows.iter().position(|(_, row)| row.contains(focused.as_deref()));
        let next = here.map_or(0, |here| here + 1);
        if next < rows.len() {
            focus(rows.swap_remove(next).0);
        }
    }
}
