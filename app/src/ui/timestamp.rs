//! An instant.

use super::Erase;
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
    /// True shows the day alone; the hover tells the rest.
    #[prop(optional)]
    day: bool,
) -> impl IntoView {
    let clock = use_clock();
    dynamic(move || {
        let at = at.get();
        let end = match (day, exact) {
            (true, _) => 10,
            (false, true) => 23,
            (false, false) => 19,
        };
        let part = if brief { 5 } else { 0 }..end;
        let text = at.map_or_else(|| "–".to_owned(), |at| clock.text(at).get(part).unwrap_or_default().to_owned());
        let class = match (at, exact) {
            (None, _) => "none",
            (_, true) => "tabular-nums sm:whitespace-nowrap",
            (_, false) => "tabular-nums whitespace-nowrap",
        };
        view! { <time class=class datetime=at.map(format::rfc3339) title=at.map(|at| clock.exact(at))>{text}</time> }.erase()
    })
}
