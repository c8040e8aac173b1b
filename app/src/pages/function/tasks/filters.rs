//! Which tasks the list shows, read from its address and printed back.
//!
//! The names in the address are those of the API, except that times are `from` and `to` in UTC as a browser's time field writes them.

use super::columns::COLUMNS;
use crate::routes::{self, Route};
use model::filter::Cursor;
use model::{TaskFilter, TaskStatus, UnixMillis, format};

/// The filters of an address, and what is wrong with them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Filters {
    /// In the list of a region: whole names of service and function; empty for any.
    pub(super) service: String,
    pub(super) function: String,
    pub(super) filter: TaskFilter,
    /// Names of the columns that the table shows, as its address has them; empty for all.
    pub(super) columns: String,
    /// The time fields as they were typed.
    pub(super) from: String,
    pub(super) to: String,
    /// What the user has to know; empty when all is well.
    pub(super) problem: String,
    /// True when the problem leaves nothing to show.
    pub(super) is_refused: bool,
}

impl Filters {
    /// Reads a raw query string; names that are no filter's are left alone.
    pub(super) fn read(search: &str) -> Self {
        let pairs = routes::pairs(search);
        let typed = |name: &str| pairs.iter().rfind(|(found, _)| found == name).map(|(_, value)| value.clone()).unwrap_or_default();
        let (from, to) = (typed("from"), typed("to"));
        let others =
            || pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).filter(|(name, _)| !name.starts_with("startedTime"));
        let times = range(&from, &to);
        let numbers = times.clone().unwrap_or_default();
        let read = TaskFilter::parse(others().chain(numbers.iter().map(|(name, at)| (*name, at.as_str()))));
        let mut filters = match (times, read) {
            (Some(_), Ok(filter)) => Self { filter, ..Self::default() },
            (None, _) => Self::refused(t!("Enter times like 2026-11-24 12:01:05.")),
            (_, Err(error)) => Self { filter: TaskFilter::parse(others()).unwrap_or_default(), ..Self::refused(&problem_words(error)) },
        };
        let columns: Vec<&str> = pairs.iter().filter(|(name, _)| name == COLUMNS).map(|(_, value)| value.as_str()).collect();
        (filters.from, filters.to, filters.columns) = (from, to, columns.join(","));
        if !filters.filter.next_token.is_empty() && Cursor::parse(&filters.filter.next_token).is_err() {
            filters.filter.next_token.clear();
            filters.problem = t!("This page link has expired.").to_owned();
        }
        filters
    }

    fn refused(problem: &str) -> Self {
        Self { problem: problem.to_owned(), is_refused: true, ..Self::default() }
    }

    /// True when rows may be missing because of a filter.
    pub(super) fn is_active(&self) -> bool {
        let texts = [&self.service, &self.function, &self.filter.id_prefix, &self.from, &self.to];
        !(self.filter.statuses.is_empty() && texts.into_iter().all(String::is_empty))
    }

    /// Takes the filters away, and leaves the columns.
    pub(super) fn clear(&mut self) {
        *self = Self { columns: std::mem::take(&mut self.columns), ..Self::default() };
    }

    /// As a query string for the list's own links and for the server.
    pub(super) fn print(&self) -> String {
        let filter = &self.filter;
        let pairs: Vec<(&str, String)> = filter
            .pairs()
            .into_iter()
            .map(|(name, value)| match name {
                "startedTimeBegin" => ("from", filter.started_from.map(print_time).unwrap_or_default()),
                "startedTimeEnd" => ("to", filter.started_to.map(print_time).unwrap_or_default()),
                name => (name, value),
            })
            .collect();
        let names = [("service", self.service.as_str()), ("function", self.function.as_str())];
        let mut pairs: Vec<(&str, &str)> = names.into_iter().chain(pairs.iter().map(|(name, value)| (*name, value.as_str()))).collect();
        pairs.push((COLUMNS, &self.columns));
        routes::query(&pairs)
    }

    /// The first page of a list with changed filters.
    pub(super) fn link(&self, list: &Route, change: impl FnOnce(&mut Self)) -> String {
        let mut changed = self.first();
        change(&mut changed);
        changed.at(list)
    }

    fn first(&self) -> Self {
        let mut first = self.clone();
        first.filter.next_token.clear();
        first
    }

    /// The list with these filters.
    pub(super) fn at(&self, list: &Route) -> String {
        format!("{}{}", list.path(), self.print())
    }

    /// The only state shown, if it is one.
    pub(super) fn only_status(&self) -> Option<TaskStatus> {
        match self.filter.statuses.as_slice() {
            [status] => Some(*status),
            _ => None,
        }
    }
}

/// What the engine says of an address, in the user's words; the others of its sentences are about addresses that nobody makes by a form.
fn problem_words(error: model::Error) -> String {
    match error.message.as_str() {
        "The end must not be before the start." => t!("The end must not be before the start.").to_owned(),
        _ => error.message,
    }
}

/// The filter of a list's query string, or what is wrong with it.
#[cfg(feature = "ssr")]
pub(crate) fn task_filter(query: &str) -> model::Result<TaskFilter> {
    let Filters { filter, problem, is_refused, .. } = Filters::read(query);
    if is_refused { Err(model::Error::invalid(problem)) } else { Ok(filter) }
}

/// Times as the filter's own query pairs; `None` when one is no time.
fn range(from: &str, to: &str) -> Option<Vec<(&'static str, String)>> {
    let mut pairs = Vec::new();
    for (name, typed, rest) in [("startedTimeBegin", from, 0), ("startedTimeEnd", to, 999)] {
        if !typed.is_empty() {
            // The last millisecond of the second that was typed still belongs to it.
            pairs.push((name, parse_time(typed)?.plus_ms(rest).0.to_string()));
        }
    }
    Some(pairs)
}

/// A filter as the query string of a list.
pub(crate) fn print(filter: &TaskFilter) -> String {
    Filters { filter: filter.clone(), ..Filters::default() }.print()
}

/// `2026-11-24T12:01:05`, as a time field has it.
fn print_time(at: UnixMillis) -> String {
    format::rfc3339(at).get(..19).unwrap_or_default().to_owned()
}

/// Reads a date and time in UTC; seconds may be left out, milliseconds are dropped.
pub(crate) fn parse_time(text: &str) -> Option<UnixMillis> {
    let (date, time) = text.split_once(['T', ' '])?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut time = time.split('.').next()?.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next().unwrap_or(Some(0))?);
    let in_range = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let in_range = in_range && (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    in_range.then(|| UnixMillis(((days(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1_000))
}

/// Days from 1970-01-01 to a Gregorian date (H. Hinnant's `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let yoe = year.rem_euclid(400);
    let doy = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_printed() {
        let check = |text: &str, expected: Option<i64>| assert_eq!(parse_time(text), expected.map(UnixMillis), "{text:?}");
        check("1970-01-01T00:00", Some(0));
        check("2000-02-29T00:00:00", Some(951_782_400_000));
        check("2026-11-24 12:01:05.002", Some(1_795_521_665_000));
        check("2026-13-01T00:00", None);
        check("2026-11-24", None);
        check("now", None);
        for ms in [0, 951_782_400_000, 1_795_521_665_000, 4_102_444_799_000] {
            check(&print_time(UnixMillis(ms)), Some(ms));
        }
    }

    #[test]
    fn c72_addresses_are_read_back() {
        let check = |search: &str| {
            let filters = Filters::read(search);
            assert_eq!((filters.problem.as_str(), filters.print().as_str()), ("", search));
        };
        check("");
        check("?status=Failed&status=Expired&invocationIdPrefix=job%20%25&from=2026-11-24T12%3A01%3A05&to=2026-11-24T12%3A01%3A05");
        check("?sortOrderByTime=asc&limit=10&nextToken=1-2&columns=id,end");
    }

    #[test]
    fn b05_no_filter_is_no_change_of_columns() {
        let mut filters = Filters::read("?status=Failed&limit=10&from=2026-11-24T12%3A01%3A05&columns=id,end");
        filters.clear();
        assert_eq!(filters, Filters::read("?columns=id,end"));
    }

    #[test]
    fn sc12_a_second_given_as_the_end_is_part_of_the_range() {
        let filters = Filters::read("from=2026-11-24T12:01:05&to=2026-11-24T12:01:05");
        let (from, to) = (UnixMillis(1_795_521_665_000), UnixMillis(1_795_521_665_999));
        assert_eq!((filters.filter.started_from, filters.filter.started_to), (Some(from), Some(to)));
    }

    #[test]
    fn sc12_problems_are_told_and_what_is_right_is_kept() {
        let check = |search: &str, problem: &str, is_refused: bool| {
            let filters = Filters::read(search);
            assert_eq!((filters.problem.as_str(), filters.is_refused), (problem, is_refused), "{search}");
        };
        check("from=2026-11-24T12:00&to=2026-11-24T11:00", "The end must not be before the start.", true);
        check("from=yesterday", "Enter times like 2026-11-24 12:01:05.", true);
        check("nextToken=tomorrow", "This page link has expired.", false);
        let kept = Filters::read("status=Failed&from=2026-11-24T12:00&to=2026-11-24T11:00");
        assert_eq!((kept.only_status(), kept.to.as_str()), (Some(TaskStatus::Failed), "2026-11-24T11:00"));
    }
}
