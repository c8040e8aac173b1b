//! The key that opens the search over the page.

use crate::part::{Part, part};
use crate::ui::dynamic;
use leptos::prelude::*;
use model::Region;

/// Listens for `Ctrl K` or `⌘ K`; what it opens is loaded then.
#[component]
pub(super) fn PaletteKey(region: Memo<Region>) -> impl IntoView {
    let open = RwSignal::new(false);
    let is_wanted = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    crate::reactive::effect(move || {
        let listener = window_event_listener(leptos::ev::keydown, move |event| {
            if (event.ctrl_key() || event.meta_key()) && event.key() == "k" {
                event.prevent_default();
                if is_wanted.get_untracked() {
                    return open.set(true);
                }
                // Drawn when its file is there: a dialog that is still waited for can't be opened.
                leptos::task::spawn_local(async move {
                    _ = crate::part::load().await;
                    open.set(true);
                    is_wanted.set(true);
                });
            }
        });
        on_cleanup(move || listener.remove());
    });
    dynamic(move || is_wanted.get().then(|| part(Part::Palette(region, open))))
}
