//! The time zone in which the console shows times: UTC, the browser's, or one by its name.
//!
//! The server writes times in UTC or in the zone named; it does not know the browser's, which takes over once the page is hydrated. Both need
//! only how far a zone is ahead of UTC at an instant: the server has the tables, the browser asks its own.

use crate::reactive::use_scripts;
use leptos::prelude::*;
use model::{UnixMillis, format};
use serde::{Deserialize, Serialize};

/// Query parameter that chooses the zone of one page.
pub const ZONE_PARAMETER: &str = "tz";

/// Which time zone the user asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Zone {
    /// Where the browser is.
    #[default]
    Browser,
    Utc,
    /// By its name in the time zone database.
    Named(String),
}

impl Zone {
    /// The word in cookie, form and `?tz=`.
    pub fn as_str(&self) -> &str {
        match self {
            Zone::Browser => "browser",
            Zone::Utc => "UTC",
            Zone::Named(name) => name,
        }
    }

    /// The word in the menu.
    pub(crate) fn label(&self) -> String {
        match self {
            Zone::Browser => t!("Browser").to_owned(),
            Zone::Utc | Zone::Named(_) => self.as_str().to_owned(),
        }
    }

    /// What the bar has room for: of a name the place.
    pub(crate) fn short(&self) -> String {
        match self {
            Zone::Browser => t!("Local").to_owned(),
            Zone::Utc | Zone::Named(_) => self.as_str().rsplit('/').next().unwrap_or_default().replace('_', " "),
        }
    }

    /// Reads a zone in any case of letters; `None` where there is none of that name.
    #[cfg(feature = "ssr")]
    pub fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("browser") {
            return Some(Zone::Browser);
        }
        if text.eq_ignore_ascii_case("utc") {
            return Some(Zone::Utc);
        }
        Some(Zone::Named(jiff::tz::TimeZone::get(text).ok()?.iana_name()?.to_owned()))
    }

    /// Milliseconds ahead of UTC at an instant; none for the browser's.
    fn ahead_ms(&self, at: UnixMillis) -> i64 {
        match self {
            Zone::Browser | Zone::Utc => 0,
            Zone::Named(name) => tables::ahead_ms(name, at),
        }
    }
}

/// An instant of the user's zone to the second, and the zone: what stands in a sentence, where that of the browser is not waited for.
pub(crate) fn in_words(at: UnixMillis) -> String {
    let ahead = chosen().ahead_ms(at);
    format!("{} {}", format::utc_seconds(at.plus_ms(ahead)), offset(ahead))
}

/// How far ahead of UTC: `UTC+08:00`.
fn offset(ahead_ms: i64) -> String {
    match (ahead_ms / 60_000).abs() {
        0 => "UTC".to_owned(),
        minutes => format!("UTC{}{:02}:{:02}", if ahead_ms < 0 { '-' } else { '+' }, minutes / 60, minutes % 60),
    }
}

/// The chosen zone in a page, the same for all of it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Clock {
    /// Where the browser's own zone is asked for: false until the browser is.
    scripts: Option<Signal<bool>>,
}

/// Lets all that is below follow the browser's zone, where that is chosen, once the page is hydrated.
pub(crate) fn provide_clock() {
    provide_context(Clock { scripts: (chosen() == Zone::Browser).then(use_scripts) });
}

/// The clock of this page.
pub(crate) fn use_clock() -> Clock {
    use_context::<Clock>().unwrap_or_default()
}

impl Clock {
    fn ahead_ms(self, at: UnixMillis) -> i64 {
        match self.scripts {
            Some(scripts) if scripts.get() => browser_ahead_ms(at),
            Some(_) => 0,
            None => chosen().ahead_ms(at),
        }
    }

    /// The date and time to the millisecond: `2026-11-24 12:01:05.002`.
    pub(crate) fn text(self, at: UnixMillis) -> String {
        let mut text = format::rfc3339(at.plus_ms(self.ahead_ms(at))).replace('T', " ");
        text.pop();
        text
    }

    /// The zone of an instant: `UTC+08:00`.
    pub(crate) fn offset(self, at: UnixMillis) -> String {
        offset(self.ahead_ms(at))
    }

    /// The instant for the hover: in its zone where that is another, and in UTC.
    pub(crate) fn exact(self, at: UnixMillis) -> String {
        match self.ahead_ms(at) {
            0 => format::rfc3339(at),
            ahead => format!("{} {} · {}", self.text(at), offset(ahead), format::rfc3339(at)),
        }
    }
}

#[cfg(feature = "hydrate")]
fn browser_ahead_ms(at: UnixMillis) -> i64 {
    let date = js_sys::Date::new(&leptos::wasm_bindgen::JsValue::from_f64(at.0 as f64));
    -date.get_timezone_offset() as i64 * 60_000
}

#[cfg(not(feature = "hydrate"))]
fn browser_ahead_ms(_at: UnixMillis) -> i64 {
    0
}

#[cfg(feature = "ssr")]
fn chosen() -> Zone {
    with_context::<crate::server::Console, _>(|console| console.zone.clone()).unwrap_or_default()
}

/// That of the page from its beginning: a choice loads the page again.
#[cfg(not(feature = "ssr"))]
fn chosen() -> Zone {
    use std::sync::OnceLock;
    static CHOSEN: OnceLock<Zone> = OnceLock::new();
    CHOSEN.get_or_init(|| with_context::<crate::bootstrap::Bootstrap, _>(|boot| boot.zone.clone()).unwrap_or_default()).clone()
}

/// Names of zones as the options of a list.
pub(crate) fn options() -> String {
    let mut options = String::new();
    for name in tables::names() {
        options.push_str(&format!(r#"<option value="{name}"></option>"#));
    }
    options
}

#[cfg(feature = "ssr")]
mod tables {
    use jiff::Timestamp;
    use jiff::tz::{TimeZone, db};
    use model::UnixMillis;

    pub(super) fn ahead_ms(name: &str, at: UnixMillis) -> i64 {
        let (Ok(zone), Ok(at)) = (TimeZone::get(name), Timestamp::from_millisecond(at.0)) else { return 0 };
        i64::from(zone.to_offset(at).seconds()) * 1_000
    }

    /// Those with a region: the others are old names of them.
    pub(super) fn names() -> Vec<String> {
        db().available().map(|name| name.to_string()).filter(|name| name.contains('/')).collect()
    }
}

#[cfg(feature = "hydrate")]
mod tables {
    use js_sys::{Array, Function, Intl, Object, Reflect};
    use leptos::wasm_bindgen::{JsCast, JsValue};
    use model::UnixMillis;
    use std::cell::OnceCell;

    thread_local! {
        /// Prints an instant with how far the page's zone is ahead.
        static PRINT: OnceCell<Option<Function>> = const { OnceCell::new() };
    }

    /// `None` where the browser does not know the zone.
    fn print_in(name: &str) -> Option<Function> {
        let options = Object::new();
        for (key, value) in [("timeZone", name), ("timeZoneName", "longOffset")] {
            Reflect::set(&options, &key.into(), &value.into()).ok()?;
        }
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let kind: Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
        let format = Reflect::construct(&kind, &Array::of2(&"en".into(), &options)).ok()?;
        Reflect::get(&format, &"format".into()).ok()?.dyn_into().ok()
    }

    pub(super) fn ahead_ms(name: &str, at: UnixMillis) -> i64 {
        let printed = PRINT.with(|print| {
            let print = print.get_or_init(|| print_in(name)).as_ref()?;
            print.call1(&JsValue::NULL, &JsValue::from_f64(at.0 as f64)).ok()?.as_string()
        });
        printed.and_then(|text| super::read_offset(&text)).unwrap_or_default()
    }

    /// What the browser knows.
    pub(super) fn names() -> Vec<String> {
        Intl::supported_values_of(Intl::SupportedValuesKey::TimeZone).iter().filter_map(|name| name.as_string()).collect()
    }
}

/// Neither a server nor a browser: documentation and checks.
#[cfg(not(any(feature = "ssr", feature = "hydrate")))]
mod tables {
    pub(super) fn ahead_ms(_name: &str, _at: model::UnixMillis) -> i64 {
        0
    }

    pub(super) fn names() -> Vec<String> {
        Vec::new()
    }
}

/// Milliseconds of what follows `GMT` in a text of the browser: `11/24/2026, GMT-03:30`.
#[cfg(any(feature = "hydrate", test))]
fn read_offset(text: &str) -> Option<i64> {
    let (_, offset) = text.rsplit_once("GMT")?;
    let (sign, digits) = match offset.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, offset.trim_start_matches('+')),
    };
    let mut unit = 3_600_000;
    let mut ms = 0;
    for part in digits.split(':').filter(|part| !part.is_empty()) {
        ms += part.parse::<i64>().ok()? * unit;
        unit /= 60;
    }
    Some(sign * ms)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn b20_zones_are_read_by_the_name_that_they_have() {
        let check = |text: &str, word: Option<&str>| assert_eq!(Zone::parse(text).as_ref().map(Zone::as_str), word, "{text}");
        check("UTC", Some("UTC"));
        check("utc", Some("UTC"));
        check("browser", Some("browser"));
        check("asia/shanghai", Some("Asia/Shanghai"));
        check("America/Argentina/Buenos_Aires", Some("America/Argentina/Buenos_Aires"));
        check("Mars/Olympus", None);
        check("", None);
        check("../etc/passwd", None);
        assert_eq!(Zone::parse("america/new_york").map(|zone| zone.short()).as_deref(), Some("New York"));
        assert!(options().contains(r#"<option value="Asia/Shanghai"></option>"#));
    }

    #[test]
    fn b20_a_zone_is_as_far_ahead_as_it_is_at_that_instant() {
        let zone = Zone::parse("Europe/Berlin").unwrap_or_default();
        let winter = UnixMillis(1_795_521_665_002);
        let summer = UnixMillis(1_782_561_600_000);
        assert_eq!((offset(zone.ahead_ms(winter)).as_str(), offset(zone.ahead_ms(summer)).as_str()), ("UTC+01:00", "UTC+02:00"));
        assert_eq!((offset(0).as_str(), offset(-12_600_000).as_str()), ("UTC", "UTC-03:30"));
        let clock = Clock::default();
        assert_eq!(clock.exact(winter), "2026-11-24T12:01:05.002Z");
        assert_eq!(in_words(winter), "2026-11-24 12:01:05 UTC");
    }

    #[test]
    fn b20_what_the_browser_says_of_an_offset_is_read() {
        let check = |text: &str, ms: Option<i64>| assert_eq!(read_offset(text), ms, "{text}");
        check("11/24/2026, GMT+08:00", Some(28_800_000));
        check("11/24/2026, GMT-03:30", Some(-12_600_000));
        check("11/24/1890, GMT-00:01:15", Some(-75_000));
        check("11/24/2026, GMT", Some(0));
        check("11/24/2026", None);
        check("GMT+x", None);
    }
}
