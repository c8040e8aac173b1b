use crate::ui::{Erase, dynamic};
use leptos::prelude::*;
use model::{MetricWindow, UnixMillis, limits};

/// Windows that the select offers, in minutes before now.
fn windows() -> [(i64, &'static str); 6] {
    [
        (15, t!("Last 15 minutes")),
        (60, t!("Last 1 hour")),
        (6 * 60, t!("Last 6 hours")),
        (24 * 60, t!("Last 24 hours")),
        (7 * 24 * 60, t!("Last 7 days")),
        (31 * 24 * 60, t!("Last 31 days")),
    ]
}

/// Classes of a filter's control.
pub(super) const CONTROL: &str = "h-8 min-w-0 rounded-control border border-line-strong bg-field px-2 text-ink hover:border-faint";

/// The offered window that an address asks for, or another one.
#[cfg(feature = "ssr")]
pub(in crate::pages) fn minutes_of(search: &str, otherwise: i64) -> i64 {
    let asked = crate::routes::pairs(search).into_iter().rfind(|(name, _)| name == "minutes").and_then(|(_, value)| value.parse().ok());
    asked.filter(|asked| windows().iter().any(|(minutes, _)| minutes == asked)).unwrap_or(otherwise)
}

const MINUTE_MS: i64 = 60_000;

/// Windows within, around, before and after one, with their words; in whole minutes.
pub(super) fn beside(shown: MetricWindow) -> [(&'static str, MetricWindow); 4] {
    let minutes = |ms: i64| ms.div_euclid(MINUTE_MS) * MINUTE_MS;
    let length = minutes(shown.length_ms()).max(MINUTE_MS);
    let half = minutes(length / 2).max(MINUTE_MS);
    let double = (2 * length).min(limits::METRIC_DAYS * 24 * 60 * MINUTE_MS);
    let window = |from: i64, length: i64| {
        let from = UnixMillis(minutes(from));
        MetricWindow { from, until: from.plus_ms(length) }
    };
    let from = shown.from.0;
    [
        (t!("Zoom in"), window(from + (length - half) / 2, half)),
        (t!("Zoom out"), window(from - (double - length) / 2, double)),
        (t!("Earlier"), window(from - half, length)),
        (t!("Later"), window(from + half, length)),
    ]
}

/// A time as a browser's time field has it.
pub(super) fn typed(at: UnixMillis) -> String {
    model::format::rfc3339(at).get(..16).unwrap_or_default().to_owned()
}

/// The choice of a window before now; a field `minutes` of its form.
#[component]
pub(in crate::pages) fn WindowSelect(
    /// What is shown; 0 for a window that is not offered.
    minutes: Memo<i64>,
) -> impl IntoView {
    // Made anew with another window, since there may be one choice less then.
    let choices = move || {
        let shown = minutes.get();
        let custom = (shown == 0).then_some((0, t!("Custom")));
        let choice = |(value, words): (i64, &'static str)| {
            let name = if value == 0 { String::new() } else { value.to_string() };
            view! { <option value=name selected=value == shown>{words}</option> }.erase()
        };
        view! {
            <select name="minutes" aria-label=t!("Window") class=format!("{CONTROL} select-arrow pr-7")>
                {custom.into_iter().chain(windows()).map(choice).collect::<Vec<_>>()}
            </select>
        }
        .erase()
    };
    dynamic(choices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b15_windows_beside_one_keep_its_middle_or_its_length() {
        let minutes = |from: i64, until: i64| {
            let shown = MetricWindow { from: UnixMillis(from * MINUTE_MS), until: UnixMillis(until * MINUTE_MS) };
            beside(shown).map(|(_, window)| (window.from.0 / MINUTE_MS, window.until.0 / MINUTE_MS))
        };
        assert_eq!(minutes(100, 160), [(115, 145), (70, 190), (70, 130), (130, 190)]);
        assert_eq!(minutes(100, 101), [(100, 101), (99, 101), (99, 100), (101, 102)]);
        let days = 31 * 24 * 60;
        assert_eq!(minutes(0, days)[1], (0, days), "no longer than figures are kept");
    }

    #[test]
    fn b15_a_time_is_written_as_its_field_has_it() {
        assert_eq!(typed(UnixMillis(1_795_521_665_002)), "2026-11-24T12:01");
    }
}
