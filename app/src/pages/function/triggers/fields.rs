//! The fields of a trigger by its type, here and in `Create Function`.

use super::api::Upcoming;
use super::next_runs::{NextRuns, use_times};
use super::times::{CRON, DAYS, INTERVAL, Times, weekdays};
use super::values::{Values, default_name};
use crate::forms::use_form;
use crate::reactive::{derive, use_scripts};
use crate::ui::{CheckField, CheckGroup, Erase, Hint, HintKind, NumberField, SelectField, TextArea, TextField, dynamic};
use leptos::prelude::*;
use model::{TriggerKind, http::METHODS, limits};

/// The name of a new trigger.
#[component]
pub(crate) fn NameField(kind: TriggerKind, #[prop(into)] value: String) -> impl IntoView {
    let value = if value.is_empty() { default_name(kind).to_owned() } else { value };
    view! {
        <TextField
            name="trigger_name"
            label=t!("Name")
            value
            mono=true
            required=true
            help=t!("1 to 128 letters, digits, _ or -. Unique in its function, fixed afterwards.")
        />
    }
    .erase()
}

/// Classes that hide what belongs to another choice, where scripts run.
fn hidden_unless(chosen: Signal<bool>) -> Signal<&'static str> {
    let scripts = use_scripts();
    derive(move || if scripts.get() && !chosen.get() { "hidden" } else { "space-y-4" })
}

/// When a time trigger fires and what it sends, with its next runs.
#[component]
pub(crate) fn TimerFields(
    values: Values,
    /// The next runs of what the values say.
    upcoming: Upcoming,
) -> impl IntoView {
    let Values { times, message, enabled, .. } = values;
    let first = times.clone();
    let (typed, on_input) = use_times(typed_times(times.clone()));
    let is = move |mode: &'static str| hidden_unless(derive(move || typed.read().mode == mode));
    let modes = vec![(INTERVAL, t!("Interval")), (DAYS, t!("Select Custom Time")), (CRON, t!("Custom Settings"))];
    let (of_interval, of_cron) = (is(INTERVAL), is(CRON));
    view! {
        <div class="space-y-4" on:input=move |event| on_input.run(event)>
            <div class="[&_select]:max-w-64">
                <SelectField name="mode" label=t!("Trigger Mode") options=owned(modes) value=times.mode.clone()/>
            </div>
            <div class=of_interval>
                <NumberField
                    name="interval"
                    label=t!("Interval (minutes)")
                    value=times.interval.clone()
                    min=1
                    max=limits::TRIGGER_INTERVAL_S_MAX / 60
                    help=t!("Counted from when the trigger is saved.")
                />
            </div>
            <DayFields times=times.clone() typed/>
            <div class=of_cron>
                <TextField
                    name="cron"
                    label=t!("CRON Expression")
                    value=times.cron
                    mono=true
                    placeholder="CRON_TZ=Asia/Shanghai 0 0 4 * * *"
                    help=t!("Six fields: seconds minutes hours day month weekday. UTC, unless CRON_TZ= and a zone stand before them. Also @every 5m.")
                />
            </div>
            <NextRuns times=typed first runs=upcoming/>
        </div>
        <TextArea name="message" label=t!("Trigger Message") value=message mono=true help=t!("Reaches the function as payload within the event. At most 4 KB.")/>
        <CheckField name="enabled" label=t!("Enable Trigger") checked=enabled help=t!("A trigger that is not enabled fires by Run now only.")/>
    }
    .erase()
}

/// What was typed before the form was refused, else the values.
fn typed_times(times: Times) -> Times {
    let form = use_form();
    Times {
        mode: form.typed("mode", times.mode),
        interval: form.typed("interval", times.interval),
        zone: form.typed("zone", times.zone),
        days: form.typed("days", times.days),
        weekdays: form.typed_all("weekdays").unwrap_or(times.weekdays),
        dates: form.typed("dates", times.dates),
        time: form.typed("time", times.time),
        cron: form.typed("cron", times.cron),
    }
}

fn owned(options: Vec<(&'static str, &'static str)>) -> Vec<(String, String)> {
    options.into_iter().map(|(value, words)| (value.to_owned(), words.to_owned())).collect()
}

/// Days, a time and a zone.
#[component]
fn DayFields(times: Times, typed: RwSignal<Times>) -> impl IntoView {
    let shown = hidden_unless(derive(move || typed.read().mode == DAYS));
    let of = move |days: &'static str| hidden_unless(derive(move || typed.read().days == days));
    let days = vec![("all", t!("Every day")), ("week", t!("Days of the week")), ("month", t!("Days of the month"))];
    let (of_week, of_month) = (of("week"), of("month"));
    view! {
        <div class=shown>
            <div class="grid gap-4 sm:grid-cols-2">
                <TextField name="zone" label=t!("Time Zone") value=times.zone mono=true help=t!("Such as UTC or Asia/Shanghai.")/>
                <TextField name="time" label=t!("Time") value=times.time mono=true placeholder="04:00" help=t!("00:00 to 23:59 by the clock of the zone.")/>
            </div>
            <SelectField name="days" label=t!("Days") options=owned(days) value=times.days/>
            <div class=of_week>
                <CheckGroup name="weekdays" label=t!("Days of the Week") options=weekdays().to_vec() values=times.weekdays/>
            </div>
            <div class=of_month>
                <TextField name="dates" label=t!("Days of the Month") value=times.dates mono=true help=t!("1 to 31, separated by commas. A month without such a day is left out.")/>
            </div>
        </div>
    }
    .erase()
}

/// Who may call an HTTP trigger and how (C-63).
#[component]
pub(crate) fn HttpFields(values: Values) -> impl IntoView {
    let Values { methods, auth, url_disabled, .. } = values;
    let chosen = RwSignal::new(use_form().typed("auth", auth.clone()));
    let mut ways = vec![("function", t!("Signed with an access key")), ("anonymous", t!("None (anonymous)"))];
    if auth == "jwt" {
        ways.push(("jwt", t!("JWT (refused: this install can't verify it)")));
    }
    view! {
        <CheckGroup
            name="methods"
            label=t!("Request Methods")
            options=METHODS.map(|method| (method, method)).to_vec()
            values=methods
        />
        <SelectField name="auth" label=t!("Authentication Method") options=owned(ways) value=auth on_choice=move |way| chosen.set(way)/>
        <div role="status">
            {dynamic(move || {
                (chosen.read().as_str() == "anonymous").then(|| view! { <Hint kind=HintKind::Warning>{anyone_can_run()}</Hint> }.erase())
            })}
        </div>
        <CheckField name="url_disabled" label=t!("Disable Internet URL") checked=url_disabled help=t!("Calls by the URL are refused; those from the console and by the API go on.")/>
    }
    .erase()
}

/// What anonymous access means.
pub(super) fn anyone_can_run() -> &'static str {
    t!("Anyone who has the URL can run the function.")
}
