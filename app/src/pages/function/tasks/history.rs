//! A task's history: its events in words, and the lanes of its timeline.

use model::{TaskStatus, UnixMillis};
use serde::{Deserialize, Serialize};

/// One state change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Counts from 1 within the task.
    pub id: u32,
    pub status: TaskStatus,
    pub at: UnixMillis,
    /// What the event's detail says, in words; empty when it says nothing.
    pub words: String,
    /// Who asked for the stop that it tells of.
    pub stopped_by: Option<String>,
}

#[cfg(feature = "ssr")]
impl Step {
    /// An event with its detail in words.
    pub(super) fn of(event: &model::TaskEvent) -> Self {
        Self { id: event.id, status: event.status, at: event.at, words: words(&event.detail), stopped_by: stopped_by(&event.detail) }
    }
}

/// The detail of an event in words; a detail of an unknown form is shown as it is.
#[cfg(feature = "ssr")]
fn words(detail: &str) -> String {
    use super::error_text::ErrorText;
    let Ok(serde_json::Value::Object(object)) = serde_json::from_str(detail) else { return detail.to_owned() };
    let text = |name: &str| object.get(name).and_then(|value| value.as_str());
    if let Some(kind) = text("Error") {
        let error = ErrorText::read("", text("Message").unwrap_or_default()).line();
        return if error.is_empty() { kind.to_owned() } else { format!("{kind} · {error}") };
    }
    if let Some(status) = text("HttpStatus") {
        return t!("HTTP status {status}", status);
    }
    match (text("InstanceId"), text("StoppedBy"), text("Note")) {
        (Some(""), ..) => t!("No instance came up").to_owned(),
        (Some(instance), ..) => t!("On instance {instance}", instance),
        (_, Some(user), _) => t!("Stop asked by {user}", user),
        (.., Some(note)) => crate::language::message(note.into()),
        _ => detail.to_owned(),
    }
}

/// Who asked for a stop, in the detail of its event.
#[cfg(feature = "ssr")]
fn stopped_by(detail: &str) -> Option<String> {
    let detail: serde_json::Value = serde_json::from_str(detail).ok()?;
    Some(detail.get("StoppedBy")?.as_str()?.to_owned())
}

/// What passes in a part of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Until the planned start.
    Delayed,
    /// Until a worker takes it.
    Queued,
    /// Taken by a worker, until an instance begins it.
    Dispatch,
    Running,
    Stopping,
    RetryWait,
}

impl Phase {
    /// The words for the hover.
    pub(super) fn label(self) -> &'static str {
        match self {
            Phase::Delayed => t!("Delayed"),
            Phase::Queued => t!("Queued"),
            Phase::Dispatch => t!("Dispatch"),
            Phase::Running => t!("Running"),
            Phase::Stopping => t!("Stopping"),
            Phase::RetryWait => t!("Waiting for the retry"),
        }
    }

    fn of(status: TaskStatus) -> Option<Self> {
        match status {
            TaskStatus::Enqueued => Some(Phase::Queued),
            TaskStatus::Processed => Some(Phase::Dispatch),
            TaskStatus::Running => Some(Phase::Running),
            TaskStatus::Stopping => Some(Phase::Stopping),
            TaskStatus::Retrying => Some(Phase::RetryWait),
            _ => None,
        }
    }
}

/// A part of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) phase: Phase,
    pub(super) from: UnixMillis,
    pub(super) to: UnixMillis,
}

/// One attempt with the wait before it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Lane {
    pub(super) label: String,
    pub(super) spans: Vec<Span>,
}

impl Span {
    /// This phase, and before it the delay that had been asked for: a submission waits for its planned start first.
    fn after_delay(self, due_at: UnixMillis) -> impl Iterator<Item = Span> {
        let due_at = if self.phase == Phase::Queued { due_at.clamp(self.from, self.to) } else { self.from };
        let delayed = Span { phase: Phase::Delayed, from: self.from, to: due_at };
        let rest = Span { from: due_at, ..self };
        [(delayed.to > delayed.from).then_some(delayed), (rest.to > rest.from || delayed.to == delayed.from).then_some(rest)]
            .into_iter()
            .flatten()
    }

    /// The part of it that lies within a window; `None` when none does.
    pub(super) fn within(self, from: UnixMillis, to: UnixMillis) -> Option<Span> {
        let part = Span { from: self.from.max(from), to: self.to.min(to), ..self };
        (part.from <= part.to).then_some(part)
    }
}

/// The lanes of the history of a task that was planned for `due_at`; what has not ended goes on until `now`.
pub(super) fn lanes(steps: &[Step], due_at: UnixMillis, now: UnixMillis) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    let mut attempts = 0_u32;
    let ends = steps.iter().skip(1).map(|step| step.at).chain([now]);
    for (step, to) in steps.iter().zip(ends) {
        let Some(phase) = Phase::of(step.status) else { continue };
        if lanes.is_empty() || phase == Phase::RetryWait {
            lanes.push(Lane { label: t!("Waiting").to_owned(), ..Lane::default() });
        }
        let Some(lane) = lanes.last_mut() else { continue };
        if phase == Phase::Running {
            attempts += 1;
            lane.label = t!("Attempt {attempts}", attempts);
        }
        // Clocks of two servers may differ by a little.
        lane.spans.extend(Span { phase, from: step.at, to: to.max(step.at) }.after_delay(due_at));
    }
    lanes
}

/// Distance of the ticks of an axis of this length: the least of 1, 2, 5 × 10ⁿ and of clock steps that needs at most six.
pub(super) fn tick_ms(length_ms: i64) -> i64 {
    const STEPS: [i64; 26] = [
        1,
        2,
        5,
        10,
        20,
        50,
        100,
        200,
        500,
        1_000,
        2_000,
        5_000,
        10_000,
        30_000,
        60_000,
        120_000,
        300_000,
        600_000,
        1_800_000,
        3_600_000,
        7_200_000,
        21_600_000,
        43_200_000,
        86_400_000,
        172_800_000,
        604_800_000,
    ];
    STEPS.into_iter().find(|step| length_ms / step < 6).unwrap_or(2_592_000_000)
}

/// A tick's words, in the unit of the distance: `200 ms`, `5 s`, `2 min`, `3 h`, `1 d`.
pub(super) fn tick_label(at_ms: i64, tick_ms: i64) -> String {
    let (unit, name) = match tick_ms {
        ..1_000 => (1, "ms"),
        1_000..60_000 => (1_000, "s"),
        60_000..3_600_000 => (60_000, "min"),
        3_600_000..86_400_000 => (3_600_000, "h"),
        _ => (86_400_000, "d"),
    };
    if at_ms == 0 { "0".to_owned() } else { format!("{} {name}", at_ms / unit) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A phase with its two ends.
    type Bar = (Phase, i64, i64);

    use TaskStatus::*;

    fn steps(history: &[(TaskStatus, i64)]) -> Vec<Step> {
        let step = |(id, (status, at)): (u32, &(TaskStatus, i64))| Step {
            id,
            status: *status,
            at: UnixMillis(*at),
            words: String::new(),
            stopped_by: None,
        };
        (1..).zip(history).map(step).collect()
    }

    #[test]
    fn sc18_each_attempt_has_a_lane_with_the_wait_before_it() {
        let check = |history: &[(TaskStatus, i64)], expected: &[(&str, &[Bar])]| {
            let found = lanes(&steps(history), UnixMillis(5), UnixMillis(100));
            let found: Vec<(&str, Vec<Bar>)> = found
                .iter()
                .map(|lane| (lane.label.as_str(), lane.spans.iter().map(|span| (span.phase, span.from.0, span.to.0)).collect()))
                .collect();
            assert_eq!(found, expected.iter().map(|(label, spans)| (*label, spans.to_vec())).collect::<Vec<_>>(), "{history:?}");
        };
        use Phase::{Delayed, Dispatch, Queued, RetryWait, Running as Runs, Stopping as Stops};
        check(&[(Enqueued, 7)], &[("Waiting", &[(Queued, 7, 100)])]);
        check(&[(Enqueued, 1)], &[("Waiting", &[(Delayed, 1, 5), (Queued, 5, 100)])]);
        check(&[(Enqueued, 1), (Stopping, 3), (Stopped, 4)], &[("Waiting", &[(Delayed, 1, 3), (Stops, 3, 4)])]);
        check(&[(Enqueued, 5), (Expired, 9)], &[("Waiting", &[(Queued, 5, 9)])]);
        check(&[(Enqueued, 5), (Processed, 5), (Running, 5)], &[("Attempt 1", &[(Queued, 5, 5), (Dispatch, 5, 5), (Runs, 5, 100)])]);
        check(
            &[(Enqueued, 5), (Processed, 6), (Running, 7), (Retrying, 9), (Running, 12), (Succeeded, 13)],
            &[("Attempt 1", &[(Queued, 5, 6), (Dispatch, 6, 7), (Runs, 7, 9)]), ("Attempt 2", &[(RetryWait, 9, 12), (Runs, 12, 13)])],
        );
        check(
            &[(Enqueued, 5), (Processed, 6), (Running, 7), (Stopping, 8), (Stopped, 10)],
            &[("Attempt 1", &[(Queued, 5, 6), (Dispatch, 6, 7), (Runs, 7, 8), (Stops, 8, 10)])],
        );
    }

    #[test]
    fn b02_a_window_shows_its_part_of_each_bar() {
        let check = |from, to, expected: Option<(i64, i64)>| {
            let span = Span { phase: Phase::Running, from: UnixMillis(10), to: UnixMillis(20) };
            assert_eq!(span.within(UnixMillis(from), UnixMillis(to)).map(|part| (part.from.0, part.to.0)), expected, "{from}–{to}");
        };
        check(0, 30, Some((10, 20)));
        check(12, 15, Some((12, 15)));
        check(15, 30, Some((15, 20)));
        check(21, 30, None);
    }

    #[test]
    fn ticks_are_few_and_in_one_unit() {
        let check = |length, tick, label: &str| {
            assert_eq!(tick_ms(length), tick, "{length}");
            assert_eq!(tick_label(tick * 2, tick), label);
        };
        check(3, 1, "2 ms");
        check(1_100, 200, "400 ms");
        check(7_000, 2_000, "4 s");
        check(45_000, 10_000, "20 s");
        check(600_000, 120_000, "4 min");
        check(9_000_000, 1_800_000, "60 min");
        check(604_800_000 * 4, 604_800_000, "14 d");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn details_of_events_are_words() {
        let check = |detail: &str, expected: &str| assert_eq!(words(detail), expected, "{detail}");
        check("", "");
        check(r#"{"InstanceId":"c-1"}"#, "On instance c-1");
        check(r#"{"StoppedBy":"admin"}"#, "Stop asked by admin");
        check(r#"{"Note":"n"}"#, "n");
        check(r#"{"HttpStatus":"404"}"#, "HTTP status 404");
        check(
            r#"{"Error":"UnhandledInvocationError","Message":"{\"errorMessage\":\"boom\",\"errorType\":\"ValueError\"}"}"#,
            "UnhandledInvocationError · ValueError: boom",
        );
        check(r#"{"Error":"WorkerLost"}"#, "WorkerLost");
        check(r#"{"New":1}"#, r#"{"New":1}"#);
        check("no json", "no json");
        assert_eq!(stopped_by(r#"{"StoppedBy":"admin"}"#).as_deref(), Some("admin"));
        assert_eq!((stopped_by(r#"{"Note":"n"}"#), stopped_by("")), (None, None));
    }
}
