//! Server-sent events: the lines of a task's or a function's log as they are written (B-13).
//!
//! Each message is a line as JSON and has an id; a browser that comes back says the last one it got and goes on behind it. What is sent is
//! read from the store when the browser takes it, so a slow one costs no memory; it only falls behind.

use super::live;
use super::log_download::{Wanted, wanted};
use super::router::Web;
use app::server::Console;
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use engine::clock::{Clock, SystemClock};
use futures::{Stream, StreamExt, stream};
use model::{ChangeScope, ChangeStream, ControlPlane, FunctionRef, LogEntry, LogLine, LogQuery, RequestId, TaskRef, UnixMillis, format};
use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// A line as the browser gets it.
type Object = serde_json::Map<String, serde_json::Value>;

/// Lines read at once; a line may have 32 KB.
const LINES: u32 = 200;
/// How long a stream waits for a change before it looks by itself: the end of another server's part of a log is not always told.
const TASK_LOOK: Duration = Duration::from_secs(5);
/// Calls that are no tasks tell nobody of their lines, so a function's log is looked at more often.
const FUNCTION_LOOK: Duration = Duration::from_secs(1);
/// Least time between two looks, so that a function that writes all the time costs little.
const REST: Duration = Duration::from_millis(100);
/// Milliseconds by which lines may be stored later than others that were written after them: by another server, or in a longer chunk.
const LATE_MS: i64 = 2_000;
/// Requests whose last line is remembered, so that it is not sent twice.
const REQUESTS_MAX: usize = 4_096;

/// Streams the lines of a task's log, or those of a function's that the query wants.
pub(super) async fn stream(
    State(web): State<Arc<Web>>,
    Extension(console): Extension<Console>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let (Some(user), Some(token)) = (console.user, console.session_token) else { return StatusCode::UNAUTHORIZED.into_response() };
    let wanted = match wanted(query.as_deref().unwrap_or_default()) {
        Ok(wanted) => wanted,
        Err(error) => return super::download::refused(&error),
    };
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    let control = console.control.clone();
    match wanted {
        Wanted { task: Some(task), from, .. } => {
            // Fails here, with a status, and not in the stream.
            if let Err(error) = control.get_task(&task).await {
                return super::download::refused(&error);
            }
            let next = last.parse().map_or(from, |last: u64| last.saturating_add(1));
            live::answer(&web, user, token, task_lines(control, task, next))
        }
        Wanted { function, query, .. } => {
            let from = last.parse().ok().map(UnixMillis).or(query.from).unwrap_or_else(|| control.now());
            let query = LogQuery { from: Some(from), to: None, limit: LINES, next_token: String::new(), ..query };
            if let Err(error) = control.function_log(&function, &query).await {
                return super::download::refused(&error);
            }
            live::answer(&web, user, token, function_lines(control, function, query))
        }
    }
}

/// Where the stream of a task's log stands.
struct TaskTail {
    control: Arc<dyn ControlPlane>,
    changes: ChangeStream,
    task: TaskRef,
    /// Number of the line after the last one that was read.
    next: u64,
    read: VecDeque<(u64, LogLine)>,
    has_ended: bool,
}

fn task_lines(control: Arc<dyn ControlPlane>, task: TaskRef, next: u64) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    let changes = control.changes(ChangeScope::Task(task.clone()));
    let tail = TaskTail { control, changes, task, next, read: VecDeque::new(), has_ended: false };
    stream::unfold(tail, |mut tail| async move {
        let event = tail.next_event().await?;
        Some((Ok(event), tail))
    })
}

impl TaskTail {
    async fn next_event(&mut self) -> Option<Event> {
        loop {
            if let Some((number, line)) = self.read.pop_front() {
                return Some(event(&number.to_string(), line_json(number, &line)));
            }
            if self.has_ended {
                return None;
            }
            // Asked before the lines are read: those of a task that has ended are all stored.
            let ended = self.control.get_task(&self.task).await.map(|task| task.status.is_terminal());
            match self.control.task_log(&self.task, self.next, LINES).await {
                Ok(page) if !page.items.is_empty() => {
                    let first = self.next;
                    self.next += page.items.len() as u64;
                    self.read.extend((first..).zip(page.items));
                    continue;
                }
                // It goes on when the store can be asked again.
                Err(error) => tracing::debug!(error = %error, "log not read"),
                Ok(_) if ended.unwrap_or(true) => {
                    self.has_ended = true;
                    // Tells the browser not to come back.
                    return Some(Event::default().event("end").data("{}"));
                }
                Ok(_) => {}
            }
            wait(&mut self.changes, TASK_LOOK).await;
        }
    }
}

/// Where the stream of a function's log stands.
struct FunctionTail {
    control: Arc<dyn ControlPlane>,
    changes: ChangeStream,
    function: FunctionRef,
    query: LogQuery,
    sent: Sent,
    read: VecDeque<LogEntry>,
}

fn function_lines(
    control: Arc<dyn ControlPlane>,
    function: FunctionRef,
    query: LogQuery,
) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    let changes = control.changes(ChangeScope::Function(function.clone()));
    let sent = Sent { latest: query.from.unwrap_or(UnixMillis(0)), next: HashMap::new() };
    let tail = FunctionTail { control, changes, function, query, sent, read: VecDeque::new() };
    stream::unfold(tail, |mut tail| async move {
        let event = tail.next_event().await;
        Some((Ok(event), tail))
    })
}

impl FunctionTail {
    async fn next_event(&mut self) -> Event {
        loop {
            if let Some(entry) = self.read.pop_front() {
                return event(&entry.line.at.0.to_string(), entry_json(&entry));
            }
            match self.control.function_log(&self.function, &self.query).await {
                Ok(page) => {
                    self.read.extend(self.sent.new_of(page.items));
                    self.query.next_token = page.next_token;
                }
                Err(error) => {
                    tracing::debug!(error = %error, "log not read");
                    self.query.next_token.clear();
                }
            }
            if self.query.next_token.is_empty() && self.read.is_empty() {
                wait(&mut self.changes, FUNCTION_LOOK).await;
            }
            if self.query.next_token.is_empty() {
                // From a little earlier again: see `LATE_MS`.
                self.query.from = self.query.from.max(Some(self.sent.latest.plus_ms(-LATE_MS)));
            }
        }
    }
}

/// What a stream has sent.
struct Sent {
    /// The latest line.
    latest: UnixMillis,
    /// The next line of each request of late, with the instant of its last one.
    next: HashMap<RequestId, (u64, UnixMillis)>,
}

impl Sent {
    /// Leaves out what was sent before.
    fn new_of(&mut self, found: Vec<LogEntry>) -> Vec<LogEntry> {
        let mut new = Vec::with_capacity(found.len());
        for entry in found {
            let (next, at) = self.next.entry(entry.request_id.clone()).or_insert((0, entry.line.at));
            if entry.number < *next {
                continue;
            }
            (*next, *at) = (entry.number + 1, entry.line.at);
            self.latest = self.latest.max(entry.line.at);
            new.push(entry);
        }
        if self.next.len() > REQUESTS_MAX {
            let old = self.latest.plus_ms(-2 * LATE_MS);
            self.next.retain(|_, (_, at)| *at >= old);
        }
        new
    }
}

async fn wait(changes: &mut ChangeStream, longest: Duration) {
    SystemClock.sleep(REST).await;
    // What had come by now is looked at anyway.
    _ = tokio::time::timeout(longest, changes.next()).await;
}

fn event(id: &str, json: Object) -> Event {
    Event::default().id(id).data(serde_json::Value::Object(json).to_string())
}

fn line_json(number: u64, line: &LogLine) -> Object {
    Object::from_iter([
        ("number".to_owned(), number.into()),
        ("at".to_owned(), format::rfc3339(line.at).into()),
        ("stream".to_owned(), line.stream.as_str().into()),
        ("level".to_owned(), line.level.map(model::LogLevel::as_str).into()),
        ("text".to_owned(), line.text.as_str().into()),
    ])
}

/// The console's tab reads this (`app/src/pages/function/logs/lines.rs`).
fn entry_json(entry: &LogEntry) -> Object {
    let mut json = line_json(entry.number, &entry.line);
    json.insert("requestId".to_owned(), entry.request_id.as_str().into());
    json.insert("instanceId".to_owned(), entry.instance_id.as_str().into());
    json
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{InstanceId, LogLevel, LogStream};

    fn entry(request: &str, number: u64, ms: i64) -> LogEntry {
        LogEntry {
            request_id: RequestId::from_stored(request),
            instance_id: InstanceId::from_stored("c"),
            number,
            line: LogLine::new(UnixMillis(ms), LogStream::Stdout, "text"),
        }
    }

    #[test]
    fn i4_a_line_that_is_read_again_is_not_sent_again_and_a_late_one_is() {
        let mut sent = Sent { latest: UnixMillis(0), next: HashMap::new() };
        let mut check = |found: &[LogEntry], expected: &[LogEntry]| assert_eq!(sent.new_of(found.to_vec()), expected);
        let (a0, a1, b0, a2) = (entry("a", 0, 10), entry("a", 1, 20), entry("b", 0, 15), entry("a", 2, 30));
        check(&[a0.clone(), a1.clone()], &[a0.clone(), a1.clone()]);
        check(&[a0.clone(), b0.clone(), a1.clone()], std::slice::from_ref(&b0));
        // The log of `a` was merged in the meantime.
        check(&[b0, a0, a1, a2.clone()], &[a2]);
        assert_eq!(sent.latest, UnixMillis(30));
    }

    #[test]
    fn i4_sc16_a_line_is_told_as_the_console_reads_it() {
        let line =
            LogLine { at: UnixMillis(1_795_521_665_002), stream: LogStream::Stderr, level: Some(LogLevel::Error), text: "<b>".to_owned() };
        let told = entry_json(&LogEntry { line, ..entry("r-1", 3, 0) });
        let expected = r#"{"at":"2026-11-24T12:01:05.002Z","instanceId":"c","level":"ERROR","number":3,"requestId":"r-1","stream":"stderr","text":"<b>"}"#;
        assert_eq!(serde_json::Value::Object(told).to_string(), expected);
    }

    #[test]
    fn i4_a_stream_remembers_a_bounded_number_of_requests() {
        let mut sent = Sent { latest: UnixMillis(0), next: HashMap::new() };
        for n in 0..3 * REQUESTS_MAX {
            sent.new_of(vec![entry(&n.to_string(), 0, i64::try_from(n).unwrap() * 10)]);
        }
        assert!(sent.next.len() <= REQUESTS_MAX + 1, "{}", sent.next.len());
    }
}
