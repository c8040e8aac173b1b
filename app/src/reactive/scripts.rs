//! Whether scripts run, for what only they can do well.

use leptos::prelude::*;

/// False on the server and at the first render, true from hydration on.
pub fn use_scripts() -> Signal<bool> {
    let running = RwSignal::new(false);
    Effect::new(move |_| running.set(true));
    running.into()
}
