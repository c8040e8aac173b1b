//! Whether scripts run, for what only they can do well.

use crate::reactive::effect;
use leptos::prelude::*;

/// False on the server and at the first render, true from hydration on.
pub fn use_scripts() -> Signal<bool> {
    let running = RwSignal::new(false);
    effect(move || running.set(true));
    running.into()
}
