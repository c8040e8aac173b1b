//! An instant.

use super::Erase;
use crate::reactive::derive;
use crate::ui::dynamic;
use crate::zone::use_clock;
use leptos::prelude::*;
use model::{UnixMillis, format};

/// An instant in the chosen time zone, exact with the zone and in UTC on hover; where the browser's is chosen, in UTC until the page is
/// hydrated.
#[component]
pub fn Timestamp(
    /// The instant; `None` shows a dash.
    #[prop(into)]
    at: Signal<Option<UnixMillis>>,
    /// True shows milliseconds.
    #[prop(optional)]
    exact: bool,
    /// True leaves the year out, which the hover tells.
    #[prop(optional)]
    brief: bool,
) -> impl IntoView {
    let clock = use_clock();
    let shown = if brief { 5 } else { 0 }..if exact { 23 } else { 19 };
    view! {
        <time
            class=if exact { "tabular-nums sm:whitespace-nowrap" } else { "tabular-nums whitespace-nowrap" }
            datetime=derive(move || at.get().map(format::rfc3339))
            title=derive(move || at.get().map(|at| clock.exact(at)))
        >
            {dynamic(move || match at.get() {
                None => "–".to_owned(),
                Some(at) => clock.text(at).get(shown.clone()).unwrap_or_default().to_owned(),
            })}
        </time>
    }
    .erase()
}
