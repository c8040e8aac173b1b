//! The server's clock, ticking on in the browser.

use leptos::prelude::*;
use model::UnixMillis;

/// The server's time: as given at first, so that both renders agree, then counted on every second while `while_live` holds.
pub(super) fn use_ticking(given: Signal<UnixMillis>, while_live: Signal<bool>) -> Signal<UnixMillis> {
    let now = RwSignal::new(given.get_untracked());
    #[cfg(feature = "hydrate")]
    {
        use crate::reactive::effect;
        // The browser's clock may be wrong; only its pace is used.
        let ahead = StoredValue::new(0_i64);
        effect(move || {
            let given = given.get();
            ahead.set_value(browser_ms().saturating_sub(given.0));
            now.set(given);
        });
        effect(move || {
            if !while_live.get() {
                return;
            }
            let tick = move || now.set(UnixMillis(browser_ms().saturating_sub(ahead.get_value())));
            if let Ok(handle) = set_interval_with_handle(tick, std::time::Duration::from_secs(1)) {
                on_cleanup(move || handle.clear());
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    {
        _ = while_live;
    }
    now.into()
}

#[cfg(feature = "hydrate")]
fn browser_ms() -> i64 {
    js_sys::Date::now() as i64
}
