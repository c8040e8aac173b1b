//! The shape of what is still being loaded.

use super::Erase;
use leptos::prelude::*;

/// Grey rows in the final size.
#[component]
pub fn Skeleton(
    /// How many.
    #[prop(default = 6)]
    rows: usize,
) -> impl IntoView {
    view! {
        <div aria-busy="true" class="divide-y divide-line rounded-panel border border-line bg-surface">
            <p class="sr-only">{t!("Loading")}</p>
            {(0..rows)
                .map(|_| {
                    view! {
                        <div class="flex h-9 items-center gap-6 px-4">
                            <span class="h-2.5 w-2/5 rounded-tag bg-idle-tint motion-safe:animate-pulse"></span>
                            <span class="h-2.5 w-1/5 rounded-tag bg-idle-tint motion-safe:animate-pulse"></span>
                        </div>
                    }
                    .erase()
                })
                .collect::<Vec<_>>()}
        </div>
    }
    .erase()
}
