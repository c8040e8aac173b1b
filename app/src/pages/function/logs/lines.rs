//! The lines that the tab holds, while it follows the log and while it does not.

use super::api::FoundLines;
#[cfg(any(feature = "hydrate", test))]
use model::{InstanceId, LogLevel, LogLine, LogStream, RequestId};
use model::{LogEntry, UnixMillis};
#[cfg(any(feature = "hydrate", test))]
use serde::Deserialize;
use std::sync::Arc;

/// Lines that the page holds at once while it follows; older ones leave it when more arrive.
const HELD_LINES_MAX: usize = 2_000;
/// Milliseconds by which lines may be stored later than others that were written after them.
#[cfg(any(feature = "hydrate", test))]
const LATE_MS: i64 = 2_000;

/// Lines in the page, and those that wait while somebody reads earlier ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) shown: Vec<Arc<LogEntry>>,
    /// The last of those that came since the reader scrolled up, and how many came.
    waiting: Vec<Arc<LogEntry>>,
    pub(super) missed: usize,
    /// The reader looks at earlier lines.
    pub(super) rests: bool,
    /// True while these are the lines that were searched for, and no others.
    pub(super) is_page: bool,
    /// The latest line, or where the search begins; `None`: lines from now on are wanted.
    latest: Option<UnixMillis>,
    /// The same when the stream began: lines up to then may be here already.
    repeats: Option<UnixMillis>,
}

impl Lines {
    /// The lines that were searched for.
    pub(super) fn of_page(page: &FoundLines) -> Self {
        let latest = page.lines.iter().map(|entry| entry.line.at).max();
        Self {
            shown: page.lines.iter().cloned().map(Arc::new).collect(),
            waiting: Vec::new(),
            missed: 0,
            rests: false,
            is_page: true,
            latest: latest.or(page.query.from),
            repeats: None,
        }
    }

    /// Begins to follow. When there are more lines already than the page shows, with those that are written from now on: nobody wants
    /// to see a million lines run by.
    pub(super) fn follow(&mut self, has_more: bool) {
        if self.is_page && has_more {
            self.shown.clear();
            self.latest = None;
        }
        self.is_page = false;
    }

    /// From where on lines are to come; `None`: now. A little earlier than the latest, but not than the search begins.
    #[cfg(any(feature = "hydrate", test))]
    pub(super) fn stream_from(&self, begin: Option<UnixMillis>) -> Option<UnixMillis> {
        self.latest.map(|latest| latest.plus_ms(-LATE_MS)).map(|from| begin.map_or(from, |begin| from.max(begin)))
    }

    /// The stream begins, perhaps again.
    #[cfg(any(feature = "hydrate", test))]
    pub(super) fn opened(&mut self) {
        self.repeats = self.latest;
    }

    /// Takes lines that came: shows them, or has them wait.
    #[cfg(any(feature = "hydrate", test))]
    pub(super) fn take(&mut self, new: Vec<LogEntry>) {
        for entry in new {
            if self.is_here(&entry) {
                continue;
            }
            self.latest = self.latest.max(Some(entry.line.at));
            let entry = Arc::new(entry);
            if self.rests {
                self.missed += 1;
                self.waiting.push(entry);
            } else {
                self.shown.push(entry);
            }
        }
        keep_last(&mut self.shown);
        keep_last(&mut self.waiting);
    }

    #[cfg(any(feature = "hydrate", test))]
    fn is_here(&self, entry: &LogEntry) -> bool {
        let is_it = |held: &Arc<LogEntry>| held.number == entry.number && held.request_id == entry.request_id;
        self.repeats.is_some_and(|repeats| entry.line.at <= repeats)
            && (self.waiting.iter().rev().any(is_it) || self.shown.iter().rev().any(is_it))
    }

    /// The reader has scrolled up: what comes waits.
    pub(super) fn rest(&mut self) {
        self.rests = true;
    }

    /// Shows what has waited.
    pub(super) fn go_on(&mut self) {
        self.rests = false;
        self.missed = 0;
        self.shown.append(&mut self.waiting);
        keep_last(&mut self.shown);
    }
}

fn keep_last(lines: &mut Vec<Arc<LogEntry>>) {
    let surplus = lines.len().saturating_sub(HELD_LINES_MAX);
    lines.drain(..surplus);
}

/// A line as the server's stream tells it; the message's id is the line's instant.
#[cfg(any(feature = "hydrate", test))]
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    number: u64,
    stream: String,
    level: Option<String>,
    text: String,
    request_id: String,
    instance_id: String,
}

/// Reads a message of the stream; `None` for what is no line.
#[cfg(any(feature = "hydrate", test))]
pub(super) fn entry_of(id: &str, data: &str) -> Option<LogEntry> {
    let told: Told = serde_json::from_str(data).ok()?;
    let line = LogLine {
        at: UnixMillis(id.parse().ok()?),
        stream: LogStream::parse(&told.stream)?,
        level: told.level.as_deref().and_then(LogLevel::parse),
        text: told.text,
    };
    let (request_id, instance_id) = (RequestId::from_stored(told.request_id), InstanceId::from_stored(told.instance_id));
    Some(LogEntry { request_id, instance_id, number: told.number, line })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::LogQuery;

    fn entry(request: &str, number: u64, at: i64) -> LogEntry {
        let (request_id, instance_id) = (RequestId::from_stored(request), InstanceId::from_stored("c-1"));
        LogEntry { request_id, instance_id, number, line: LogLine::new(UnixMillis(at), LogStream::Stdout, format!("{request} {number}")) }
    }

    fn page(lines: Vec<LogEntry>) -> Lines {
        let query = LogQuery { from: Some(UnixMillis(5)), ..LogQuery::default() };
        Lines::of_page(&FoundLines { query, minutes: 15, lines })
    }

    fn texts(lines: &Lines) -> Vec<&str> {
        lines.shown.iter().map(|entry| entry.line.text.as_str()).collect()
    }

    #[test]
    fn i4_sc16_lines_that_come_follow_those_that_were_found_and_none_is_shown_twice() {
        let mut lines = page(vec![entry("a", 0, 10), entry("b", 0, 20)]);
        lines.follow(false);
        assert!(!lines.is_page);
        lines.opened();
        // The stream begins a little before the last line; a line stored late is a line too.
        lines.take(vec![entry("a", 0, 10), entry("b", 0, 20), entry("b", 1, 20), entry("c", 0, 19), entry("a", 1, 30)]);
        assert_eq!(texts(&lines), ["a 0", "b 0", "b 1", "c 0", "a 1"]);
        lines.opened();
        lines.take(vec![entry("a", 1, 30), entry("a", 2, 30)]);
        assert_eq!(texts(&lines), ["a 0", "b 0", "b 1", "c 0", "a 1", "a 2"]);
    }

    #[test]
    fn i4_sc16_an_empty_page_is_followed_from_its_beginning_and_one_that_is_not_the_last_from_now() {
        let begin = Some(UnixMillis(5));
        let mut empty = page(Vec::new());
        empty.follow(false);
        assert_eq!(empty.stream_from(begin), begin);
        let mut last = page(vec![entry("a", 0, 9_000)]);
        last.follow(false);
        assert_eq!((last.stream_from(begin), last.stream_from(None)), (Some(UnixMillis(7_000)), Some(UnixMillis(7_000))));
        let mut first = page(vec![entry("a", 0, 10)]);
        first.follow(true);
        assert_eq!((first.stream_from(begin), texts(&first).len()), (None, 0));
        first.take(vec![entry("a", 900, 5_000)]);
        first.follow(true);
        assert_eq!((first.stream_from(begin), texts(&first)), (Some(UnixMillis(3_000)), vec!["a 900"]), "what came stays when it goes on");
    }

    #[test]
    fn i4_sc16_lines_wait_while_earlier_ones_are_read() {
        let mut lines = page(vec![entry("a", 0, 10)]);
        lines.follow(false);
        lines.rest();
        lines.take(vec![entry("a", 1, 11), entry("a", 2, 12)]);
        lines.opened();
        lines.take(vec![entry("a", 2, 12)]);
        assert_eq!((texts(&lines), lines.missed), (vec!["a 0"], 2));
        lines.go_on();
        assert_eq!((texts(&lines), lines.missed, lines.rests), (vec!["a 0", "a 1", "a 2"], 0, false));
    }

    #[test]
    fn i4_sc16_the_page_holds_a_bounded_number_of_lines() {
        let count = HELD_LINES_MAX as u64;
        let many = |from: u64| (from..from + count).map(|n| entry("a", n, 10)).collect::<Vec<_>>();
        let mut lines = page(vec![entry("b", 0, 1)]);
        lines.follow(false);
        lines.take(many(0));
        assert_eq!((lines.shown.len(), lines.shown.first().map(|entry| entry.number)), (HELD_LINES_MAX, Some(0)));
        lines.rest();
        lines.take(many(count));
        lines.take(vec![entry("a", 2 * count, 10)]);
        assert_eq!((lines.shown.len(), lines.waiting.len(), lines.missed), (HELD_LINES_MAX, HELD_LINES_MAX, HELD_LINES_MAX + 1));
        lines.go_on();
        assert_eq!((lines.shown.len(), lines.shown.last().map(|entry| entry.number)), (HELD_LINES_MAX, Some(2 * count)));
    }

    #[test]
    fn i4_sc16_a_message_of_the_stream_is_read() {
        // As the server's own test says it.
        let data = r#"{"at":"2026-11-24T12:01:05.002Z","instanceId":"c","level":"ERROR","number":3,"requestId":"r-1","stream":"stderr","text":"<b>"}"#;
        let line = LogLine { at: UnixMillis(7), stream: LogStream::Stderr, level: Some(LogLevel::Error), text: "<b>".to_owned() };
        let (request_id, instance_id) = (RequestId::from_stored("r-1"), InstanceId::from_stored("c"));
        assert_eq!(entry_of("7", data), Some(LogEntry { request_id, instance_id, number: 3, line }));
        assert_eq!(entry_of("7", &data.replace("\"ERROR\"", "null")).and_then(|entry| entry.line.level), None);
        assert_eq!(entry_of("", data), None);
        assert_eq!(entry_of("7", "{}"), None);
    }
}
