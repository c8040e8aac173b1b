//! What is printed of tasks.

use crate::output::{Cell, Output, Times, Tone};
use crate::problem::Outcome;
use crate::session::{number, text};
use model::format;
use serde_json::Value;

/// Characters of an error in a list.
const ERROR_CHARS_MAX: usize = 60;

/// A task in a list.
pub(super) fn row(task: &Value, times: &Times) -> Vec<Cell> {
    let retried = number(task, "alreadyRetriedTimes");
    vec![
        Cell::plain(text(task, "invocationId")),
        Cell::status(text(task, "status")),
        Cell::plain(times.seconds(number(task, "startedTime"))),
        Cell::new(&times.relative(number(task, "startedTime")), Tone::Quiet),
        Cell::plain(duration(task)),
        Cell::plain(if retried == 0 { String::new() } else { retried.to_string() }),
        Cell::plain(brief(&error_of(task))),
    ]
}

/// Everything about a task but its history.
pub(super) fn fields(task: &Value, times: &Times) -> Vec<(&'static str, Cell)> {
    let function = format!("{}/{}:{}", text(task, "serviceName"), text(task, "functionName"), text(task, "qualifier"));
    let retried = number(task, "alreadyRetriedTimes");
    vec![
        ("task", Cell::plain(text(task, "invocationId"))),
        ("function", Cell::plain(function)),
        ("status", Cell::status(text(task, "status"))),
        ("waits", Cell::plain(wait_of(task, times))),
        ("started", Cell::plain(times.both(number(task, "startedTime")))),
        ("ended", Cell::plain(times.both(number(task, "endTime")))),
        ("duration", Cell::plain(duration(task))),
        ("retries", Cell::plain(if retried == 0 { String::new() } else { retried.to_string() })),
        ("instance", Cell::plain(text(task, "instanceId"))),
        ("destination", Cell::plain(text(task, "destinationStatus"))),
        ("request id", Cell::plain(text(task, "requestId"))),
        ("payload", Cell::plain(text(task, "invocationPayload"))),
        ("result", Cell::plain(text(task, "returnPayload"))),
        ("error", Cell::new(text(task, "invocationErrorMessage"), Tone::Bad)),
    ]
}

/// Prints the events after the one with this number; returns the number of the last.
pub(super) fn events(output: &mut Output, task: &Value, times: &Times, after: i64) -> Outcome<i64> {
    let mut last = after;
    for event in task.get("events").and_then(Value::as_array).into_iter().flatten().filter(|event| number(event, "eventId") > after) {
        last = number(event, "eventId");
        if output.is_json {
            output.item(event)?;
            continue;
        }
        let status = text(event, "status");
        let padding = " ".repeat("Succeeded".len().saturating_sub(status.len()));
        let shown = Cell::status(status).paint(output.has_colour);
        let detail = Cell::plain(text(event, "eventDetail").replace('\n', " ")).paint(false);
        let line = format!("{}  {shown}{padding}  {detail}", times.of_day(number(event, "timestamp")));
        output.line(line.trim_end())?;
    }
    Ok(last)
}

/// Why a task waits, from the member of our own; empty when it does not.
pub(super) fn wait_of(task: &Value, times: &Times) -> String {
    let Some(wait) = task.get("waitReason").filter(|wait| wait.is_object()) else { return String::new() };
    let until = || times.both(number(wait, "until"));
    let ahead = || match number(wait, "ahead") {
        0 => String::new(),
        ahead => format!(", {ahead} ahead of it"),
    };
    match text(wait, "reason") {
        "Delayed" => format!("begins {}", until()),
        "RetryWait" => format!("is tried again {}", until()),
        "NoInstance" => format!("no instance is free, is tried again {}", until()),
        "WaitsForInstance" => "for an instance".to_owned(),
        "Paused" => format!("the {} is paused since {}", text(wait, "scope"), times.both(number(wait, "since"))),
        "LimitReached" => {
            let (running, limit) = (number(wait, "running"), number(wait, "limit"));
            format!("{running} of at most {limit} tasks of the {} run{}", text(wait, "scope"), ahead())
        }
        "Next" => format!("for its turn{}", ahead()),
        other => other.to_owned(),
    }
}

fn duration(task: &Value) -> String {
    match number(task, "durationMs") {
        0 => String::new(),
        ms => format::duration_ms(ms),
    }
}

/// What went wrong, as one line: the message within the error object of a runtime, or the text itself.
pub(super) fn error_of(task: &Value) -> String {
    let error = text(task, "invocationErrorMessage");
    let object: Value = serde_json::from_str(error).unwrap_or_default();
    let message = object.get("errorMessage").and_then(Value::as_str).unwrap_or(error);
    message.lines().next().unwrap_or_default().to_owned()
}

fn brief(text: &str) -> String {
    if text.chars().count() <= ERROR_CHARS_MAX {
        return text.to_owned();
    }
    let kept: String = text.chars().take(ERROR_CHARS_MAX - 1).collect();
    format!("{kept}…")
}
