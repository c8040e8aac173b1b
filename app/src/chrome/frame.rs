//! Landmarks and their order.

use super::nav::{Nav, NavMenu};
use super::palette::PageKeys;
use super::top_bar::TopBar;
use crate::bootstrap::use_bootstrap;
use crate::pages::{HeldStops, KeepStops};
use crate::reactive::memo;
use crate::routes::Route;
use crate::ui::{Erase, NoticeBar};
use leptos::prelude::*;
use model::Region;

/// The page within top bar, navigation and footer.
#[component]
pub(crate) fn Frame(
    /// What the address names; `None` for no page.
    address: Memo<Option<Route>>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let boot = use_bootstrap();
    let default_region = boot.regions.first().cloned().unwrap_or_else(|| Region::from_stored("none"));
    let region =
        memo(move || address.with(|address| address.as_ref().and_then(Route::region).cloned()).unwrap_or_else(|| default_region.clone()));
    let stops = HeldStops::provide();
    let kept = match boot.retention_days {
        0 => t!("Records and logs are kept for ever.").to_owned(),
        days => t!("Records and logs are kept for {days} days.", days),
    };
    view! {
        <a
            href="#main"
            rel="external"
            class="sr-only z-20 rounded-control bg-raised px-3 py-2 text-ink shadow-raised focus:not-sr-only focus:fixed focus:left-2 focus:top-2"
        >
            {t!("Skip to main content")}
        </a>
        <div class="flex min-h-dvh flex-col">
            <TopBar region menu=view! { <NavMenu address region/> }.erase()/>
            <div class="flex flex-1">
                <Nav address region/>
                <div class="flex min-w-0 flex-1 flex-col">
                    <main id="main" tabindex="-1" class="mx-auto w-full max-w-[100rem] flex-1 px-4 py-5 outline-none sm:px-6">
                        <NoticeBar/>
                        {children()}
                        <KeepStops stops/>
                    </main>
                    <footer class="px-4 pb-4 text-meta text-faint sm:px-6">{kept}</footer>
                </div>
            </div>
        </div>
        <PageKeys region/>
    }
    .erase()
}
