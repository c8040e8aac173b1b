//! Keys that every page has.

use crate::part::{Part, part_when};
use crate::reactive::derive;
use leptos::prelude::*;
use model::Region;

/// What is told of `Ctrl K` and `⌘ K`; the other keys are told by their name.
pub(crate) const SEARCH_KEY: &str = "Search";

/// Listens for `Ctrl K` or `⌘ K` and, unless they are switched off, for the single keys; what they do is loaded with the first.
#[component]
pub(super) fn PageKeys(region: Memo<Region>) -> impl IntoView {
    let pressed = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    {
        let single_keys = crate::bootstrap::use_bootstrap().single_keys;
        crate::reactive::effect(move || {
            let listener = window_event_listener(leptos::ev::keydown, move |event| {
                let key = event.key();
                let is_held = event.ctrl_key() || event.meta_key();
                let key = match key.as_str() {
                    "k" if is_held => SEARCH_KEY,
                    single @ ("/" | "?" | "j" | "k") if single_keys && !is_held && !event.alt_key() && !is_typing(&event) => single,
                    _ => return,
                };
                event.prevent_default();
                pressed.set(key.to_owned());
            });
            on_cleanup(move || listener.remove());
        });
    }
    part_when(derive(move || !pressed.read().is_empty()), move || Part::Keys(region, pressed))
}

/// Where a letter is text, or belongs to what is open over the page.
#[cfg(feature = "hydrate")]
fn is_typing(event: &leptos::ev::KeyboardEvent) -> bool {
    use leptos::wasm_bindgen::JsCast;
    const FIELDS: &str = "input:not([type=checkbox],[type=radio]),select,textarea,code-editor,[contenteditable],dialog";
    let target = event.target().and_then(|target| target.dyn_into::<leptos::web_sys::Element>().ok());
    target.is_some_and(|target| target.closest(FIELDS).is_ok_and(|field| field.is_some()))
}
