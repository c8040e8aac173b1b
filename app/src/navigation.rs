//! Where the browser is, and how it goes elsewhere without loading a page.
//!
//! Not `leptos_router`: addresses are read by [`crate::routes`] alone, so this is all that is wanted of a router, and what that one does
//! beside it was a tenth of what the browser loads for the task list.

use crate::reactive::memo;
use crate::routes::pairs;
use leptos::prelude::*;

/// An address of this server in its parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Address {
    path: String,
    /// Without its question mark.
    search: String,
    /// With its `#`; the server never knows it.
    hash: String,
}

/// The query of an address, decoded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueryPairs(Vec<(String, String)>);

impl QueryPairs {
    /// The value with this name; the last one, where there are several.
    pub fn get_str(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Like [`Self::get_str`], for keeping.
    pub fn get(&self, name: &str) -> Option<String> {
        self.get_str(name).map(str::to_owned)
    }
}

/// The address of the page that is shown.
#[derive(Clone, Copy)]
pub struct Location {
    address: RwSignal<Address>,
    /// The encoded path.
    pub pathname: Memo<String>,
    /// The raw query, without its question mark.
    pub search: Memo<String>,
    /// The decoded query.
    pub query: Memo<QueryPairs>,
    /// What follows the `#`, with it.
    pub hash: Memo<String>,
}

impl Location {
    fn new(address: Address) -> Self {
        let address = RwSignal::new(address);
        Self {
            address,
            pathname: memo(move || address.with(|address| address.path.clone())),
            search: memo(move || address.with(|address| address.search.clone())),
            query: memo(move || QueryPairs(address.with(|address| pairs(&address.search)))),
            hash: memo(move || address.with(|address| address.hash.clone())),
        }
    }
}

/// Puts the address into context; in the browser its links, and its way back, are followed within the page from here on.
pub fn provide_location() {
    let location = Location::new(current());
    provide_context(location);
    #[cfg(feature = "hydrate")]
    browser::follow(location.address);
}

/// The address of the page; inside [`crate::app::App`] only.
pub fn use_location() -> Location {
    use_context::<Location>().unwrap_or_else(|| Location::new(Address::default()))
}

/// How to go to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Going {
    /// The page that is left gets no place in the history.
    pub replace: bool,
    /// The new page is shown from its top.
    pub scroll: bool,
}

impl Default for Going {
    fn default() -> Self {
        Self { replace: false, scroll: true }
    }
}

/// What goes to an address, for event handlers and effects: does nothing on the server.
pub fn use_navigate() -> impl Fn(&str, Going) + Copy + Send + Sync + 'static {
    let address = use_location().address;
    move |to, going| go(address, to, going)
}

#[cfg(feature = "ssr")]
fn current() -> Address {
    let url = use_context::<leptos_router::location::RequestUrl>().and_then(|url| url.parse().ok());
    url.map(|url| Address { path: url.path().to_owned(), search: url.search().to_owned(), hash: String::new() }).unwrap_or_default()
}

#[cfg(not(any(feature = "ssr", feature = "hydrate")))]
fn current() -> Address {
    Address::default()
}

#[cfg(not(feature = "hydrate"))]
fn go(_address: RwSignal<Address>, _to: &str, _going: Going) {}

#[cfg(feature = "hydrate")]
use browser::{current, go};

#[cfg(feature = "hydrate")]
mod browser {
    use super::{Address, Going};
    use leptos::ev;
    use leptos::prelude::*;
    use leptos::wasm_bindgen::{JsCast, JsValue};
    use web_sys::{Element, HtmlAnchorElement, MouseEvent};

    pub(super) fn current() -> Address {
        let location = window().location();
        let search = location.search().unwrap_or_default();
        Address {
            path: location.pathname().unwrap_or_default(),
            search: search.trim_start_matches('?').to_owned(),
            hash: location.hash().unwrap_or_default(),
        }
    }

    /// For as long as the page lives.
    pub(super) fn follow(address: RwSignal<Address>) {
        _ = window_event_listener(ev::click, move |event| {
            if let Some(link) = followed_here(&event) {
                event.prevent_default();
                let to = format!("{}{}{}", link.pathname(), link.search(), link.hash());
                go(address, &to, Going { scroll: !link.has_attribute("data-noscroll"), ..Going::default() });
            }
        });
        _ = window_event_listener(ev::popstate, move |_| address.set(current()));
    }

    /// The link that was pressed, unless it is the browser's own business: another site, a file, another tab.
    fn followed_here(event: &MouseEvent) -> Option<HtmlAnchorElement> {
        let plain = event.button() == 0 && !(event.meta_key() || event.alt_key() || event.ctrl_key() || event.shift_key());
        if !plain || event.default_prevented() {
            return None;
        }
        let pressed = event.target()?.dyn_into::<Element>().ok()?;
        let link = pressed.closest("a[href]").ok()??.dyn_into::<HtmlAnchorElement>().ok()?;
        let is_external = link.rel().split_ascii_whitespace().any(|word| word == "external");
        let is_ours = link.origin() == window().location().origin().ok()?;
        (is_ours && !is_external && link.target().is_empty() && !link.has_attribute("download")).then_some(link)
    }

    /// The history first, so that the browser says how it writes the address.
    pub(super) fn go(address: RwSignal<Address>, to: &str, going: Going) {
        if !to.starts_with('/') || to.starts_with("//") {
            _ = window().location().set_href(to);
            return;
        }
        let before = address.get_untracked();
        if let Ok(history) = window().history() {
            let stays = to == format!("{}{}{}{}", before.path, if before.search.is_empty() { "" } else { "?" }, before.search, before.hash);
            _ = if going.replace || stays {
                history.replace_state_with_url(&JsValue::UNDEFINED, "", Some(to))
            } else {
                history.push_state_with_url(&JsValue::UNDEFINED, "", Some(to))
            };
        }
        let now = current();
        let hash = now.hash.clone();
        if now != before {
            address.set(now);
        }
        if !hash.is_empty() {
            request_animation_frame(move || show(&hash));
        } else if going.scroll {
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    }

    /// Brings what the hash names into view, once the new page is drawn.
    fn show(hash: &str) {
        if let Some(element) = document().get_element_by_id(hash.trim_start_matches('#')) {
            element.scroll_into_view();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_several_values_counts() {
        let query = QueryPairs(pairs("a=1&b=x%20y&a=2&c"));
        assert_eq!((query.get_str("a"), query.get("b").as_deref(), query.get("c")), (Some("2"), Some("x y"), None));
    }
}
