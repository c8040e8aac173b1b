//! The next runs of the schedule that the form asks for.

use super::api::{Upcoming, UpcomingRuns};
use super::times::Times;
use crate::forms::use_form;
use crate::reactive::{call, effect};
use crate::ui::{Erase, dynamic};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// What a change of the clock does to a run (C-62).
fn shift_words() -> &'static str {
    t!("This zone's clock skips or repeats that time once a year: the run then comes right after the gap, or once.")
}

/// How long typing rests before the server is asked.
const REST: Duration = Duration::from_millis(250);

/// The fields as they are typed, and what has to see the inputs of the form's part that they are in.
pub(super) fn use_times(first: Times) -> (RwSignal<Times>, Callback<ev::Event>) {
    let typed = RwSignal::new(first);
    let latest = StoredValue::new(0_u32);
    let see = move |event: ev::Event| {
        let Some(times) = times_in(&event) else { return };
        // What else a choice brings into sight must not wait.
        if typed.with_untracked(|before| (&before.mode, &before.days) != (&times.mode, &times.days)) {
            latest.update_value(|n| *n = n.wrapping_add(1));
            typed.set(times);
            return;
        }
        let Some(turn) = latest.try_update_value(|n| {
            *n = n.wrapping_add(1);
            *n
        }) else {
            return;
        };
        let rested = move || {
            if latest.try_get_value() == Some(turn) {
                _ = typed.try_set(times.clone());
            }
        };
        set_timeout(rested, REST);
    };
    (typed, Callback::new(see))
}

#[cfg(feature = "hydrate")]
fn times_in(event: &ev::Event) -> Option<Times> {
    use leptos::wasm_bindgen::JsCast;
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let form = target.closest("form").ok()??.dyn_into::<web_sys::HtmlFormElement>().ok()?;
    let data = web_sys::FormData::new_with_form(&form).ok()?;
    let text = |name: &str| data.get(name).as_string().unwrap_or_default();
    Some(Times {
        mode: text("mode"),
        interval: text("interval"),
        zone: text("zone"),
        days: text("days"),
        weekdays: data.get_all("weekdays").iter().filter_map(|day| day.as_string()).collect(),
        dates: text("dates"),
        time: text("time"),
        cron: text("cron"),
    })
}

#[cfg(not(feature = "hydrate"))]
fn times_in(_event: &ev::Event) -> Option<Times> {
    None
}

/// The next five runs, from the server: of what the form began with, and where scripts run of what is typed.
#[component]
pub(super) fn NextRuns(
    times: RwSignal<Times>,
    /// What the form began with.
    first: Times,
    /// Its runs.
    runs: Upcoming,
) -> impl IntoView {
    let later = || Upcoming {
        runs: Vec::new(),
        zone: String::new(),
        meets_a_shift: false,
        problem: t!("The next runs are shown once the trigger is saved.").to_owned(),
    };
    let found = RwSignal::new(if times.get_untracked() == first { runs.clone() } else { later() });
    // An answer that was overtaken by a later one is dropped.
    let asked = StoredValue::new(first.clone());
    effect(move || {
        let times = times.get();
        asked.set_value(times.clone());
        if times == first {
            found.set(runs.clone());
            return;
        }
        spawn_local(async move {
            let Ok(new) = call(UpcomingRuns { times: times.clone() }).await else { return };
            if asked.try_get_value() == Some(times) {
                _ = found.try_set(new);
            }
        });
    });
    view! {
        <section aria-label=t!("Next runs") aria-live="polite" class="min-h-38 rounded-control border border-line bg-canvas px-3 py-2 text-meta">
            <Shown found=found.read_only()/>
        </section>
    }
    .erase()
}

#[component]
fn Shown(found: ReadSignal<Upcoming>) -> impl IntoView {
    let form = use_form();
    let refused = ["interval", "zone", "weekdays", "dates", "time", "cron"].map(|field| form.field_error(field));
    dynamic(move || {
        let Upcoming { runs, zone, meets_a_shift, problem } = found.get();
        if !problem.is_empty() {
            let is_said = refused.iter().any(|error| error.read().as_deref() == Some(problem.as_str()));
            let words = if is_said { t!("The next runs are shown once what is wrong above is changed.").to_owned() } else { problem };
            return view! { <p class="text-muted wrap-anywhere">{words}</p> }.erase();
        }
        view! {
            <p class="text-muted">{t!("Next runs, {zone}", zone)}</p>
            <ol class="mt-1 font-mono tabular-nums leading-5">
                {runs.into_iter().map(|run| view! { <li>{run}</li> }.erase()).collect::<Vec<_>>()}
            </ol>
            {meets_a_shift.then(|| view! { <p class="mt-1 text-warn">{shift_words()}</p> }.erase())}
        }
        .erase()
    })
}
