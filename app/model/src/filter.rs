//! Which tasks a list shows: parsed from and printed to a query string by the same code for API and console.

use crate::{Error, Qualifier, Result, TaskStatus, UnixMillis, limits};
use serde::{Deserialize, Serialize};

/// Order of a task list by `started_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum SortOrder {
    /// Newest first.
    #[default]
    Desc,
    /// Oldest first.
    Asc,
}

impl SortOrder {
    /// The word in query strings.
    pub fn as_str(self) -> &'static str {
        match self {
            SortOrder::Desc => "desc",
            SortOrder::Asc => "asc",
        }
    }
}

/// Filter, order and page of a task list (`fc-api.md` 3.8).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TaskFilter {
    /// Only tasks submitted to this qualifier; `None` means any.
    pub qualifier: Option<Qualifier>,
    /// Tasks in any of these states; empty means all.
    pub statuses: Vec<TaskStatus>,
    /// Tasks whose id begins with this.
    pub id_prefix: String,
    /// Earliest start, inclusive.
    pub started_from: Option<UnixMillis>,
    /// Latest start, inclusive.
    pub started_to: Option<UnixMillis>,
    pub order: SortOrder,
    /// Rows wanted; 0 means the default. Clamped to the most allowed.
    pub limit: u32,
    /// Token of an earlier page.
    pub next_token: String,
    /// Return the events' payloads too.
    pub with_payload: bool,
    /// Return each task's history too.
    pub with_events: bool,
}

/// Where a page begins: after this row in the list's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub started_at: UnixMillis,
    /// The store's row number, which breaks ties.
    pub seq: i64,
}

impl Cursor {
    /// The cursor as an opaque, URL-safe token.
    pub fn print(self) -> String {
        format!("{:x}-{:x}", self.started_at.0, self.seq)
    }

    /// Reads a token; the error says that the link has expired, since only an old or foreign link has another form.
    pub fn parse(token: &str) -> Result<Self> {
        // Negative numbers are none that `print` gives.
        let number = |text: &str| i64::from_str_radix(text, 16).ok().filter(|number| *number >= 0);
        let parsed = token.split_once('-').and_then(|(at, seq)| Some(Self { started_at: UnixMillis(number(at)?), seq: number(seq)? }));
        parsed.ok_or_else(|| Error::invalid("NextToken is set to an invalid value: this page link has expired"))
    }
}

impl TaskFilter {
    /// Rows to return, within the limits.
    pub fn rows(&self) -> u32 {
        match self.limit {
            0 => limits::TASK_PAGE_ROWS_DEFAULT,
            n => n.min(limits::PAGE_ROWS_MAX),
        }
    }

    /// Reads decoded query pairs; names that it does not know are left alone. `status` may be repeated. The text after a name is as
    /// `fc-api.md` 3.8 has it, booleans in any case.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut filter = Self::default();
        for (name, value) in pairs {
            if value.is_empty() {
                continue;
            }
            match name {
                "qualifier" => filter.qualifier = Some(Qualifier::parse(value)?),
                "status" => filter.push_status(value)?,
                "invocationIdPrefix" => filter.id_prefix = value.to_owned(),
                "startedTimeBegin" => filter.started_from = Some(UnixMillis(number(name, value)?)),
                "startedTimeEnd" => filter.started_to = Some(UnixMillis(number(name, value)?)),
                "sortOrderByTime" => filter.order = order(value)?,
                "limit" => filter.limit = limit(value)?,
                "nextToken" => filter.next_token = value.to_owned(),
                "includePayload" => filter.with_payload = value.eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        if let (Some(from), Some(to)) = (filter.started_from, filter.started_to)
            && from > to
        {
            return Err(Error::invalid("The end must not be before the start."));
        }
        Ok(filter)
    }

    fn push_status(&mut self, word: &str) -> Result<()> {
        let status = TaskStatus::parse(word).ok_or_else(|| {
            let allowed: Vec<&str> = TaskStatus::ALL.into_iter().map(TaskStatus::as_str).collect();
            Error::invalid(format!("Status is set to an invalid value (allowed: {}; actual: '{word}')", allowed.join(", ")))
        })?;
        if !self.statuses.contains(&status) {
            self.statuses.push(status);
        }
        Ok(())
    }

    /// Prints what `parse` reads; defaults are left out, so an empty list is the plain first page.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        let mut put = |name, value: String| {
            if !value.is_empty() {
                pairs.push((name, value));
            }
        };
        put("qualifier", self.qualifier.as_ref().map_or(String::new(), ToString::to_string));
        for status in &self.statuses {
            put("status", status.to_string());
        }
        put("invocationIdPrefix", self.id_prefix.clone());
        put("startedTimeBegin", self.started_from.map_or(String::new(), |at| at.0.to_string()));
        put("startedTimeEnd", self.started_to.map_or(String::new(), |at| at.0.to_string()));
        if self.order == SortOrder::Asc {
            put("sortOrderByTime", self.order.as_str().to_owned());
        }
        if self.limit != 0 {
            put("limit", self.limit.to_string());
        }
        put("nextToken", self.next_token.clone());
        if self.with_payload {
            put("includePayload", "true".to_owned());
        }
        pairs
    }
}

fn number(name: &str, value: &str) -> Result<i64> {
    value.parse().map_err(|_| {
        Error::invalid(format!("{name} is set to an invalid value (allowed: milliseconds since the epoch, actual: '{value}')"))
    })
}

fn order(value: &str) -> Result<SortOrder> {
    match value {
        "asc" => Ok(SortOrder::Asc),
        "desc" => Ok(SortOrder::Desc),
        _ => Err(Error::invalid(format!("SortOrderByTime is set to an invalid value (allowed: asc or desc, actual: '{value}')"))),
    }
}

fn limit(value: &str) -> Result<u32> {
    let parsed = value.parse().ok().filter(|n| (1..=limits::PAGE_ROWS_MAX).contains(n));
    parsed.ok_or_else(|| {
        Error::invalid(format!("Limit is set to an invalid value (allowed: 1 to {}, actual: '{value}')", limits::PAGE_ROWS_MAX))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(query: &[(&str, &str)]) -> Result<TaskFilter> {
        TaskFilter::parse(query.iter().copied())
    }

    #[test]
    fn c72_bad_values_are_refused() {
        let refused = |name, value| assert!(parse(&[(name, value)]).is_err(), "{name}={value}");
        refused("status", "running");
        refused("limit", "0");
        refused("limit", "101");
        refused("sortOrderByTime", "newest");
        refused("startedTimeBegin", "today");
        assert!(parse(&[("startedTimeBegin", "2"), ("startedTimeEnd", "1")]).is_err());
        assert!(Cursor::parse("tomorrow").is_err());
        assert!(Cursor::parse("5--3").is_err());
    }

    #[test]
    fn dequeued_reads_as_processed() {
        assert!(parse(&[("status", "Dequeued")]).is_ok_and(|f| f.statuses == [TaskStatus::Processed]));
    }

    proptest! {
        #[test]
        fn parse_reads_what_pairs_prints(
            picked in proptest::sample::subsequence(TaskStatus::ALL.to_vec(), 0..=10),
            prefix in "[a-zA-Z0-9_-]{0,20}",
            from in proptest::option::of(0i64..1000),
            length in proptest::option::of(0i64..1000),
            asc: bool,
            limit in 0u32..=100,
            with_payload: bool,
        ) {
            let filter = TaskFilter {
                qualifier: None,
                statuses: picked,
                id_prefix: prefix,
                started_from: from.map(UnixMillis),
                started_to: from.and_then(|from| length.map(|length| UnixMillis(from + length))),
                order: if asc { SortOrder::Asc } else { SortOrder::Desc },
                limit,
                next_token: String::new(),
                with_payload,
                with_events: false,
            };
            let pairs = filter.pairs();
            prop_assert_eq!(TaskFilter::parse(pairs.iter().map(|(name, value)| (*name, value.as_str()))), Ok(filter));
        }

        #[test]
        fn cursors_round_trip(at in 0i64.., seq in 0i64..) {
            let cursor = Cursor { started_at: UnixMillis(at), seq };
            prop_assert_eq!(Cursor::parse(&cursor.print()), Ok(cursor));
        }

        #[test]
        fn i5_any_token_is_read_or_refused(token in "([0-9a-f-]{0,40}|.*)") {
            if let Ok(cursor) = Cursor::parse(&token) {
                prop_assert_eq!(Cursor::parse(&cursor.print()), Ok(cursor));
            }
        }
    }
}
