//! One counter that tells every page's data to be read again after a change made here.

use leptos::prelude::*;

/// Counts the successful changes of this browser tab; resources include `track()` in what they depend on.
#[derive(Clone, Copy)]
pub struct Invalidator(RwSignal<u32>);

impl Invalidator {
    /// A new counter.
    pub fn new() -> Self {
        Self(RwSignal::new(0))
    }

    /// Says that something was changed; only after success.
    pub fn notify(&self) {
        self.0.update(|n| *n = n.wrapping_add(1));
    }

    /// The number of changes so far; reading it subscribes to the next.
    pub fn track(&self) -> u32 {
        self.0.get()
    }
}

impl Default for Invalidator {
    fn default() -> Self {
        Self::new()
    }
}

/// The tab's counter.
pub fn use_invalidator() -> Invalidator {
    use_context::<Invalidator>().unwrap_or_default()
}
