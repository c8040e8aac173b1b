use crate::ui::{Erase, dynamic};
use leptos::prelude::*;

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
