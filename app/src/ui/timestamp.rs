//! An instant.

use super::Erase;
use crate::reactive::{derive, effect};
use crate::ui::dynamic;
use leptos::prelude::*;
use model::{UnixMillis, format};

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
    let local = RwSignal::new(None::<(String, String)>);
    effect(move || local.set(at.get().map(|at| localised(at, exact))));
    let begin = if brief { 5 } else { 0 };
    let end = match (day, exact) {
        (true, _) => 10,
        (false, true) => 23,
        (false, false) => 19,
    };
    let utc = move |at: UnixMillis| {
        let text = format::rfc3339(at).replace('T', " ");
        text.get(begin..end).unwrap_or_default().to_owned()
    };
    view! {
        <time
            class=if exact { "tabular-nums sm:whitespace-nowrap" } else { "tabular-nums whitespace-nowrap" }
            datetime=derive(move || at.get().map(format::rfc3339))
            title=derive(move || local.get().map(|(_, title)| title).or_else(|| at.get().map(format::rfc3339)))
        >
            {dynamic(move || match (at.get(), local.get()) {
                (None, _) => "–".to_owned(),
                (Some(_), Some((text, _))) => text.get(begin..end).unwrap_or_default().to_owned(),
                (Some(at), None) => utc(at),
            })}
        </time>
    }
    .erase()
}

/// The instant in the browser's zone, for reading and for the hover.
#[cfg(feature = "hydrate")]
fn localised(at: UnixMillis, exact: bool) -> (String, String) {
    let date = js_sys::Date::new(&leptos::wasm_bindgen::JsValue::from_f64(at.0 as f64));
    let mut text = format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes(),
        date.get_seconds()
    );
    if exact {
        text.push_str(&format!(".{:03}", date.get_milliseconds()));
    }
    let ahead = -date.get_timezone_offset() as i64;
    let zone = format!("UTC{}{:02}:{:02}", if ahead < 0 { '-' } else { '+' }, ahead.abs() / 60, ahead.abs() % 60);
    let title = format!("{text} {zone} · {}", format::rfc3339(at));
    (text, title)
}

#[cfg(not(feature = "hydrate"))]
fn localised(at: UnixMillis, _exact: bool) -> (String, String) {
    (format::utc_seconds(at), format::rfc3339(at))
}
