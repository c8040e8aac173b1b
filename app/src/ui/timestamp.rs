//! An instant.

use super::Erase;
use crate::reactive::use_scripts;
use crate::ui::dynamic;
use leptos::prelude::*;
use model::{UnixMillis, format};

/// True once times are in the browser's zone: one signal for all of them.
#[derive(Clone, Copy)]
struct IsLocal(Signal<bool>);

/// Lets the [`Timestamp`]s below follow the browser's zone once the page is hydrated.
pub(crate) fn provide_local_time() {
    provide_context(IsLocal(use_scripts()));
}

/// An instant: UTC as rendered, the browser's own zone once the page is hydrated, exact with its zone on hover.
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
    let is_local = use_context::<IsLocal>();
    dynamic(move || {
        let at = at.get();
        let ahead = at.filter(|_| is_local.is_some_and(|is_local| is_local.0.get())).map(minutes_ahead);
        let end = if exact { 23 } else { 19 };
        let shown = at.map(|at| civil(at, ahead.unwrap_or(0), end));
        let title = at.map(|at| match (&shown, ahead) {
            (Some(shown), Some(ahead)) => format!("{shown} {} · {}", zone(ahead), format::rfc3339(at)),
            _ => format::rfc3339(at),
        });
        let part = if brief { 5 } else { 0 }..if day { 10 } else { end };
        let text = shown.as_deref().map_or("–", |text| text.get(part).unwrap_or_default()).to_owned();
        let class = if exact { "tabular-nums sm:whitespace-nowrap" } else { "tabular-nums whitespace-nowrap" };
        view! { <time class=class datetime=at.map(format::rfc3339) title=title>{text}</time> }.erase()
    })
}

/// Date and time of the instant in a zone that is so many minutes ahead of UTC, up to a character.
fn civil(at: UnixMillis, ahead: i64, end: usize) -> String {
    let mut text = format::rfc3339(UnixMillis(at.0.saturating_add(ahead * 60_000))).replace('T', " ");
    text.truncate(end);
    text
}

fn zone(ahead: i64) -> String {
    format!("UTC{}{:02}:{:02}", if ahead < 0 { '-' } else { '+' }, ahead.abs() / 60, ahead.abs() % 60)
}

/// How far the browser's zone is ahead of UTC at an instant.
#[cfg(feature = "hydrate")]
fn minutes_ahead(at: UnixMillis) -> i64 {
    -js_sys::Date::new(&leptos::wasm_bindgen::JsValue::from_f64(at.0 as f64)).get_timezone_offset() as i64
}

#[cfg(not(feature = "hydrate"))]
fn minutes_ahead(_at: UnixMillis) -> i64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_in_other_zones() {
        let at = UnixMillis(1_795_521_665_002);
        assert_eq!(civil(at, 0, 23), "2026-11-24 12:01:05.002");
        assert_eq!(civil(at, 345, 19), "2026-11-24 17:46:05");
        assert_eq!(civil(at, -780, 19), "2026-11-23 23:01:05");
        assert_eq!([zone(345), zone(-210), zone(0)], ["UTC+05:45", "UTC-03:30", "UTC+00:00"]);
    }
}
