//! Log lines, where they came from, and which of them a search wants (`fc-api.md` 5.7, `console.md` C-77).

use crate::{Error, InstanceId, RequestId, Result, UnixMillis, ansi, limits};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Where a log line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LogStream {
    Stdout,
    Stderr,
    /// Written by the platform: start and end of an invocation, cuts, ends of processes.
    System,
}

impl LogStream {
    /// The stream's word in downloads and on the screen.
    pub fn as_str(self) -> &'static str {
        match self {
            LogStream::Stdout => "stdout",
            LogStream::Stderr => "stderr",
            LogStream::System => "platform",
        }
    }

    /// Reads what [`LogStream::as_str`] says.
    pub fn parse(word: &str) -> Option<Self> {
        [LogStream::Stdout, LogStream::Stderr, LogStream::System].into_iter().find(|stream| stream.as_str() == word)
    }
}

/// How grave a line is by its logger, from the least to the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LogLevel {
    Debug,
    Info,
    Warning,
    Error,
    Critical,
}

impl LogLevel {
    /// All of them, from the least to the gravest.
    pub const ALL: [LogLevel; 5] = [LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error, LogLevel::Critical];

    /// The vendor's word; Python's loggers write it too.
    pub fn as_str(self) -> &'static str {
        match self {
            LogLevel::Debug => "DEBUG",
            LogLevel::Info => "INFO",
            LogLevel::Warning => "WARNING",
            LogLevel::Error => "ERROR",
            LogLevel::Critical => "CRITICAL",
        }
    }

    /// Reads a level's word; Node.js loggers write `WARN`, and the vendor's `verbose` for what goes to `console.log`.
    pub fn parse(word: &str) -> Option<Self> {
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        match () {
            () if is("WARN") => Some(LogLevel::Warning),
            () if is("FATAL") => Some(LogLevel::Critical),
            () if is("VERBOSE") || is("TRACE") => Some(LogLevel::Debug),
            () => Self::ALL.into_iter().find(|level| is(level.as_str())),
        }
    }

    /// The level of a line in the runtimes' format, `<time> <request id> [LEVEL] text`; `None` for any other line.
    pub fn of(line: &str) -> Option<Self> {
        let (at, rest) = line.split_once(' ')?;
        let is_time = at.ends_with('Z') && at.as_bytes().get(10) == Some(&b'T') && at.starts_with(|first: char| first.is_ascii_digit());
        let (_, rest) = rest.split_once(' ').filter(|_| is_time)?;
        let (word, _) = rest.strip_prefix('[')?.split_once(']')?;
        Self::parse(word)
    }
}

/// One line that a function or the platform wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    pub at: UnixMillis,
    pub stream: LogStream,
    /// `None` when the line names none.
    pub level: Option<LogLevel>,
    /// The line without its line feed, at most `limits::LOG_LINE_BYTES_MAX` bytes.
    pub text: String,
}

impl LogLine {
    /// A line with the level that its text names; the platform's own lines have none.
    pub fn new(at: UnixMillis, stream: LogStream, text: impl Into<String>) -> Self {
        let text = text.into();
        let level = if stream == LogStream::System { None } else { LogLevel::of(&text) };
        Self { at, stream, level, text }
    }
}

/// A line of one of many requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    pub request_id: RequestId,
    pub instance_id: InstanceId,
    /// The line's number within its request, counted from 0.
    pub number: u64,
    pub line: LogLine,
}

/// Which lines a search wants; what is not set leaves every line in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogQuery {
    /// Earliest line, inclusive.
    pub from: Option<UnixMillis>,
    /// Latest line, inclusive.
    pub to: Option<UnixMillis>,
    /// Found anywhere in the line without its colours, whatever the case of its ASCII letters; empty finds every line.
    pub text: String,
    pub request_id: Option<RequestId>,
    pub instance_id: Option<InstanceId>,
    /// Lines of any of these levels; empty means all lines, those without a level too.
    pub levels: Vec<LogLevel>,
    /// Lines wanted; 0 means the default. Clamped to the most allowed.
    pub limit: u32,
    /// Token of an earlier page.
    pub next_token: String,
}

impl LogQuery {
    /// Reads a query string's pairs; unknown names are left alone.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut query = LogQuery::default();
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            match name {
                "from" => query.from = Some(instant(name, value)?),
                "to" => query.to = Some(instant(name, value)?),
                "text" => query.text = text(value)?,
                "requestId" => query.request_id = Some(RequestId::from_stored(value)),
                "instanceId" => query.instance_id = Some(InstanceId::from_stored(value)),
                "level" => query.levels.push(level(value)?),
                "limit" => query.limit = limit(value)?,
                "nextToken" => query.next_token = value.to_owned(),
                _ => {}
            }
        }
        query.levels.sort();
        query.levels.dedup();
        Ok(query)
    }

    /// What [`LogQuery::parse`] reads back.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        let mut put = |name, value: Option<String>| pairs.extend(value.filter(|value| !value.is_empty()).map(|value| (name, value)));
        put("from", self.from.map(|at| at.0.to_string()));
        put("to", self.to.map(|at| at.0.to_string()));
        put("text", Some(self.text.clone()));
        put("requestId", self.request_id.as_ref().map(ToString::to_string));
        put("instanceId", self.instance_id.as_ref().map(ToString::to_string));
        self.levels.iter().for_each(|level| put("level", Some(level.as_str().to_owned())));
        put("limit", (self.limit > 0).then(|| self.limit.to_string()));
        put("nextToken", Some(self.next_token.clone()));
        pairs
    }

    /// Lines to return, within the limits.
    pub fn rows(&self) -> u32 {
        match self.limit {
            0 => limits::LOG_PAGE_LINES_DEFAULT,
            n => n.min(limits::LOG_PAGE_LINES_MAX),
        }
    }

    /// True when the line is one of those wanted, as far as a line by itself can tell.
    pub fn matches(&self, line: &LogLine) -> bool {
        self.from.is_none_or(|from| line.at >= from)
            && self.to.is_none_or(|to| line.at <= to)
            && (self.levels.is_empty() || line.level.is_some_and(|level| self.levels.contains(&level)))
            && (self.text.is_empty() || hits(&ansi::plain(&line.text), &self.text).next().is_some())
    }
}

/// Where a page of found lines begins: within or behind a chunk of stored lines. An empty request stands before all chunks of that instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogCursor {
    /// The chunk: the instant of its last line, its request, and the number of its first line.
    pub last_at: UnixMillis,
    pub first_line: i64,
    /// The request's next line. A number in the request, not in the chunk: chunks may have been merged in the meantime.
    pub line: i64,
    pub request: String,
}

impl LogCursor {
    /// Reads what [`LogCursor::print`] wrote.
    pub fn parse(token: &str) -> Result<Self> {
        let read = || {
            let mut words = token.splitn(4, '.');
            let mut number = || words.next()?.parse().ok();
            let (last_at, first_line, line) = (number()?, number()?, number()?);
            Some(Self { last_at: UnixMillis(last_at), first_line, line, request: words.next()?.to_owned() })
        };
        read().ok_or_else(|| Error::invalid(format!("nextToken is set to an invalid value (actual: '{token}')")))
    }

    /// The token.
    pub fn print(&self) -> String {
        format!("{}.{}.{}.{}", self.last_at.0, self.first_line, self.line, self.request)
    }
}

/// Where the text has the part, whatever the case of ASCII letters; an empty part is nowhere.
pub fn hits<'a>(text: &'a str, part: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = text.as_bytes().get(from..).filter(|_| !part.is_empty())?;
        let start = from + rest.windows(part.len()).position(|window| window.eq_ignore_ascii_case(part.as_bytes()))?;
        from = start + part.len();
        Some(start..from)
    })
}

fn instant(name: &str, value: &str) -> Result<UnixMillis> {
    value.parse().map(UnixMillis).map_err(|_| {
        Error::invalid(format!("{name} is set to an invalid value (allowed: milliseconds since the epoch, actual: '{value}')"))
    })
}

fn text(value: &str) -> Result<String> {
    if value.len() <= limits::LOG_SEARCH_BYTES_MAX {
        return Ok(value.to_owned());
    }
    Err(Error::invalid(format!("text is too long (allowed: {} bytes, actual: {})", limits::LOG_SEARCH_BYTES_MAX, value.len())))
}

fn level(value: &str) -> Result<LogLevel> {
    LogLevel::parse(value).ok_or_else(|| {
        let all = LogLevel::ALL.map(LogLevel::as_str).join(", ");
        Error::invalid(format!("level is set to an invalid value (allowed: {all}, actual: '{value}')"))
    })
}

fn limit(value: &str) -> Result<u32> {
    let parsed = value.parse().ok().filter(|n| (1..=limits::LOG_PAGE_LINES_MAX).contains(n));
    parsed.ok_or_else(|| {
        Error::invalid(format!("limit is set to an invalid value (allowed: 1 to {}, actual: '{value}')", limits::LOG_PAGE_LINES_MAX))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn i4_a_level_is_read_from_the_runtimes_format_only() {
        let check = |line: &str, level| assert_eq!(LogLevel::of(line), level, "{line}");
        check("2022-04-01T10:04:19.024Z 8b1f-1 [INFO] text", Some(LogLevel::Info));
        check("2022-04-01T10:04:19.024Z 8b1f-1 [WARNING] text", Some(LogLevel::Warning));
        check("2022-04-01T10:04:19.024Z 8b1f-1 [WARN] text", Some(LogLevel::Warning));
        check("2022-04-01T10:04:19.024Z 8b1f-1 [verbose] text", Some(LogLevel::Debug));
        check("2022-04-01T10:04:19.024Z  [CRITICAL] before any request", Some(LogLevel::Critical));
        check("2022-04-01T10:04:19Z id [ERROR]", Some(LogLevel::Error));
        check("2022-04-01T10:04:19.024Z id [NOTICE] text", None);
        check("2022-04-01T10:04:19.024Z id INFO text", None);
        check("2022-04-01T10:04:19.024Z id text with [ERROR] in it", None);
        check("[ERROR] text", None);
        check("a b [ERROR] text", None);
        check("", None);
    }

    #[test]
    fn i4_streams_are_read_back_from_their_words() {
        for stream in [LogStream::Stdout, LogStream::Stderr, LogStream::System] {
            assert_eq!(LogStream::parse(stream.as_str()), Some(stream));
        }
        assert_eq!(LogStream::parse("Stdout"), None);
    }

    #[test]
    fn i4_the_platform_s_lines_have_no_level() {
        let text = "2022-04-01T10:04:19.024Z id [ERROR] text";
        assert_eq!(LogLine::new(UnixMillis(1), LogStream::System, text).level, None);
        assert_eq!(LogLine::new(UnixMillis(1), LogStream::Stdout, text).level, Some(LogLevel::Error));
    }

    #[test]
    fn i4_a_query_looks_at_time_level_and_text() {
        let line = LogLine::new(UnixMillis(10), LogStream::Stdout, "2022-04-01T10:04:19.024Z id [WARN] Disk äFULL");
        let check = |query: LogQuery, expected: bool| assert_eq!(query.matches(&line), expected, "{query:?}");
        check(LogQuery::default(), true);
        check(LogQuery { text: "disk äfull".to_owned(), ..LogQuery::default() }, true);
        check(LogQuery { text: "disk full".to_owned(), ..LogQuery::default() }, false);
        check(LogQuery { levels: vec![LogLevel::Warning], ..LogQuery::default() }, true);
        check(LogQuery { levels: vec![LogLevel::Error], ..LogQuery::default() }, false);
        check(LogQuery { from: Some(UnixMillis(10)), to: Some(UnixMillis(10)), ..LogQuery::default() }, true);
        check(LogQuery { from: Some(UnixMillis(11)), ..LogQuery::default() }, false);
        check(LogQuery { to: Some(UnixMillis(9)), ..LogQuery::default() }, false);
    }

    #[test]
    fn b13_a_text_is_found_whatever_its_colours() {
        let line = LogLine::new(UnixMillis(10), LogStream::Stdout, "\x1b[32mall\x1b[0m is \x1b[1mwell\x1b[0m");
        let finds = |text: &str| LogQuery { text: text.to_owned(), ..LogQuery::default() }.matches(&line);
        assert!(finds("all is well") && finds("WELL"));
        assert!(!finds("[32m") && !finds("\x1b"));
        let hits = |text, part| hits(text, part).map(|hit| (hit.start, hit.end)).collect::<Vec<_>>();
        assert_eq!(hits("Aa äAaA", "aa"), [(0, 2), (5, 7)]);
        assert_eq!((hits("a", ""), hits("", "a")), (vec![], vec![]));
    }

    #[test]
    fn i4_bad_values_are_refused() {
        let refused = |name: &str, value: &str| assert!(LogQuery::parse([(name, value)]).is_err(), "{name}={value}");
        refused("from", "today");
        refused("level", "LOUD");
        refused("limit", "0");
        refused("limit", "100000");
        assert!(["", "1", "1.2", "1.2.x.r", "x.2.3.r", "1.2.3"].iter().all(|token| LogCursor::parse(token).is_err()));
        refused("text", &"x".repeat(limits::LOG_SEARCH_BYTES_MAX + 1));
    }

    proptest! {
        #[test]
        fn i4_cursors_round_trip(last_at: i64, first_line: i64, line: i64, request in ".{0,20}") {
            let cursor = LogCursor { last_at: UnixMillis(last_at), first_line, line, request };
            prop_assert_eq!(LogCursor::parse(&cursor.print()), Ok(cursor));
        }

        #[test]
        fn i4_parse_reads_what_pairs_prints(
            from in proptest::option::of(0i64..1000),
            to in proptest::option::of(0i64..1000),
            text in ".{0,20}",
            request in "[a-z0-9-]{0,10}",
            levels in proptest::sample::subsequence(LogLevel::ALL.to_vec(), 0..=5),
            limit in 0..=limits::LOG_PAGE_LINES_MAX,
        ) {
            let query = LogQuery {
                from: from.map(UnixMillis),
                to: to.map(UnixMillis),
                text,
                request_id: Some(request).filter(|id| !id.is_empty()).map(RequestId::from_stored),
                instance_id: None,
                levels,
                limit,
                next_token: String::new(),
            };
            let pairs = query.pairs();
            prop_assert_eq!(LogQuery::parse(pairs.iter().map(|(name, value)| (*name, value.as_str()))), Ok(query));
        }
    }
}
