//! When a time trigger fires: six-field cron expressions in a time zone, and intervals (`fc-api.md` 3.3, `console.md` C-62).
//!
//! What daylight saving does is what Vixie cron does: a fixed time that the clock skips comes right after the gap, one that the clock
//! repeats comes once, at its first instant; expressions with a wildcard in hours or minutes follow the clock through both hours.

use croner::parser::{CronParser, Seconds, Year};
use croner::time::{CivilDate, CivilDateTime, CivilTime, CronDateTime, Resolution, Weekday};
use croner::{Cron, errors::CronError};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ZonedDateTime, civil};
use model::{Error, Result, UnixMillis, limits};
use std::cmp::Ordering;

/// A schedule that was read. Its due times are whole seconds.
#[derive(Debug, Clone)]
pub(crate) enum Schedule {
    /// Every so many milliseconds.
    Every(i64),
    Cron {
        cron: Box<Cron>,
        zone: TimeZone,
        /// The time of day at which it fires, where it is one only.
        time: Option<civil::Time>,
    },
}

impl Schedule {
    /// Reads an expression; one that never fires is refused.
    pub(crate) fn parse(text: &str, now: UnixMillis) -> Result<Self> {
        let text = text.trim();
        if let Some(length) = text.strip_prefix("@every") {
            return interval(length.trim()).map(Self::Every);
        }
        let (zone, fields) = match text.strip_prefix("CRON_TZ=").or(text.strip_prefix("TZ=")) {
            Some(rest) => {
                let (name, fields) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
                let zone = TimeZone::get(name).map_err(|_| Error::invalid(format!("'{name}' is not the name of a time zone")))?;
                (zone, fields)
            }
            None => (TimeZone::UTC, text),
        };
        let schedule = Self::Cron { cron: Box::new(cron(fields)?), zone, time: fixed_time(fields) };
        match schedule.after(now) {
            Some(_) => Ok(schedule),
            None => Err(Error::invalid(format!("the CRON expression '{fields}' never fires"))),
        }
    }

    /// The first due time after an instant for a schedule that begins there.
    pub(crate) fn after(&self, at: UnixMillis) -> Option<UnixMillis> {
        match self {
            Self::Every(ms) => Some(whole_second(at).plus_ms(*ms)),
            Self::Cron { cron, zone, .. } => {
                let start = Timestamp::from_millisecond(whole_second(at).0).ok()?.to_zoned_datetime(zone.clone());
                let found = cron.find_next_occurrence(&Local(start), false).ok()?.0.timestamp();
                Some(UnixMillis(found.as_millisecond())).filter(|found| *found > at)
            }
        }
    }

    /// The due time that follows a due time.
    pub(crate) fn following(&self, due: UnixMillis) -> Option<UnixMillis> {
        match self {
            // Not `after`, which begins a new series.
            Self::Every(ms) => Some(due.plus_ms(*ms)),
            Self::Cron { .. } => self.after(due),
        }
    }

    /// The latest due time up to `until`, `due` being one of them.
    pub(crate) fn latest(&self, due: UnixMillis, until: UnixMillis) -> UnixMillis {
        match self {
            Self::Every(ms) => due.plus_ms(until.since(due).max(0) / ms * ms),
            Self::Cron { .. } => {
                // What follows an instant moves on with the instant, so the last one that it still reaches is found by halving.
                let (mut reaches, mut past, mut latest) = (due.plus_ms(-1), until, due);
                while past.since(reaches) > 1 {
                    let middle = reaches.plus_ms(past.since(reaches) / 2);
                    match self.after(middle).filter(|found| *found <= until) {
                        Some(found) => (reaches, latest) = (found.plus_ms(-1).max(middle), found.max(latest)),
                        None => past = middle,
                    }
                }
                latest
            }
        }
    }

    /// The first `count` due times after now.
    pub(crate) fn preview(&self, now: UnixMillis, count: usize) -> Vec<UnixMillis> {
        std::iter::successors(self.after(now), |due| self.following(*due)).take(count).collect()
    }

    /// An instant by the clock of the schedule's zone, which is UTC for intervals.
    pub(crate) fn local(&self, at: UnixMillis) -> String {
        let zone = match self {
            Self::Every(_) => TimeZone::UTC,
            Self::Cron { zone, .. } => zone.clone(),
        };
        let local = Timestamp::from_millisecond(at.0).map(|at| at.to_zoned_datetime(zone));
        local.map(|at| at.strftime("%Y-%m-%d %H:%M:%S %:z").to_string()).unwrap_or_default()
    }
}

/// Days within which a change of the clock is worth a warning.
const SHIFT_DAYS: i64 = 366;

impl Schedule {
    /// True when the clock of its zone is going to skip or repeat the time of day at which it fires.
    pub(crate) fn meets_a_shift(&self, now: UnixMillis) -> bool {
        let (Self::Cron { zone, time: Some(time), .. }, Ok(now)) = (self, Timestamp::from_millisecond(now.0)) else { return false };
        let soon = zone.following(now).map(|shift| shift.timestamp()).take_while(|at| at.duration_since(now).as_hours() < SHIFT_DAYS * 24);
        soon.filter_map(|at| {
            // What the clock says before and after; in between is what it skips or repeats.
            let before = zone.to_offset(at.checked_sub(SignedDuration::from_secs(1)).ok()?).to_datetime(at);
            let after = zone.to_offset(at).to_datetime(at);
            Some((before.min(after).time(), before.max(after).time()))
        })
        .any(|(from, to)| if from <= to { (from..to).contains(time) } else { *time >= from || *time < to })
    }
}

/// The time of day of an expression whose hours, minutes and seconds are one number each.
fn fixed_time(fields: &str) -> Option<civil::Time> {
    let mut numbers = fields.split_whitespace().map(|field| field.parse::<i8>().ok());
    let (second, minute, hour) = (numbers.next()??, numbers.next()??, numbers.next()??);
    civil::Time::new(hour, minute, second, 0).ok()
}

fn whole_second(at: UnixMillis) -> UnixMillis {
    UnixMillis(at.0.div_euclid(1_000) * 1_000)
}

/// Reads `1h30m`, `5m`, `90s`: whole hours, minutes and seconds.
fn interval(length: &str) -> Result<i64> {
    let wrong = || Error::invalid(format!("the interval '{length}' is not a number of minutes, such as @every 5m"));
    let (mut seconds, mut number) = (0_u64, String::new());
    for c in length.chars() {
        let unit = match c {
            '0'..='9' => {
                number.push(c);
                continue;
            }
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return Err(wrong()),
        };
        let count: u64 = std::mem::take(&mut number).parse().map_err(|_| wrong())?;
        seconds = count.checked_mul(unit).and_then(|more| seconds.checked_add(more)).ok_or_else(wrong)?;
    }
    if !number.is_empty() || !(1..=limits::TRIGGER_INTERVAL_S_MAX).contains(&seconds) {
        return Err(wrong());
    }
    i64::try_from(seconds * 1_000).map_err(|_| wrong())
}

const FIELDS: [&str; 6] = ["seconds", "minutes", "hours", "day", "month", "weekday"];
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

fn cron(text: &str) -> Result<Cron> {
    let text = text.to_uppercase();
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(Error::invalid("Use six fields: seconds minutes hours day month weekday."));
    }
    for (name, field) in FIELDS.into_iter().zip(&fields) {
        if !is_spelled(name, field) {
            return Err(Error::invalid(format!(
                "{name} is set to an invalid value (allowed: numbers, names, * , - / ?; actual: '{field}')"
            )));
        }
    }
    // `0/10` begins at 0, as in the vendor's examples.
    let parser = CronParser::builder().seconds(Seconds::Required).year(Year::Disallowed).sloppy_ranges(true).build();
    parser.parse(&text).map_err(|error| {
        // Which field it is shows when each stands alone.
        let alone = |place: usize| {
            let others = fields.iter().enumerate().map(|(at, field)| if at == place { *field } else { "*" });
            others.collect::<Vec<_>>().join(" ")
        };
        match FIELDS.into_iter().enumerate().find(|(place, _)| parser.parse(&alone(*place)).is_err()) {
            Some((_, name)) => Error::invalid(format!("{name} is out of range.")),
            None => Error::invalid(format!("the CRON expression '{text}' can't be read: {error}")),
        }
    })
}

/// Only what the vendor's expressions know: the library would take more, which then fired here and nowhere else.
fn is_spelled(name: &str, field: &str) -> bool {
    let names: &[&str] = match name {
        "month" => &MONTHS,
        "weekday" => &WEEKDAYS,
        _ => &[],
    };
    let is_day = name == "day" || name == "weekday";
    field.split(['*', ',', '-', '/', '?']).all(|word| word.bytes().all(|b| b.is_ascii_digit()) || names.contains(&word))
        && (is_day || !field.contains('?'))
}

/// Lets the library search in jiff's time.
#[derive(Debug, Clone)]
struct Local(ZonedDateTime);

impl CronDateTime for Local {
    fn to_civil(&self) -> CivilDateTime {
        let at = self.0.datetime();
        // The parts are jiff's, so they are in range.
        let date = CivilDate::from_parts_unchecked(i32::from(at.year()), at.month().unsigned_abs().into(), at.day().unsigned_abs().into());
        let (hour, minute, second) = (at.hour().unsigned_abs(), at.minute().unsigned_abs(), at.second().unsigned_abs());
        CivilDateTime::new(date, CivilTime::from_parts_unchecked(hour.into(), minute.into(), second.into()))
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(self.0.weekday().to_sunday_zero_offset().unsigned_abs().into())
    }

    fn resolve_civil(&self, at: CivilDateTime) -> std::result::Result<Resolution<Self>, CronError> {
        let ambiguous = self.0.time_zone().to_ambiguous_zoned_datetime(to_jiff(at).ok_or(CronError::InvalidDate)?);
        let resolved = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => ambiguous.unambiguous().map(|only| Resolution::Single(Self(only))),
            AmbiguousOffset::Fold { .. } => {
                let later = ambiguous.clone().later();
                ambiguous.earlier().and_then(|earlier| Ok(Resolution::Ambiguous(Self(earlier), Self(later?))))
            }
            AmbiguousOffset::Gap { .. } => Ok(Resolution::Gap),
        };
        resolved.map_err(|_| CronError::InvalidTime)
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(SignedDuration::from_secs(seconds)).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.timestamp().cmp(&other.0.timestamp())
    }
}

/// `None` outside the years that jiff knows.
fn to_jiff(at: CivilDateTime) -> Option<civil::DateTime> {
    let small = |part: u32| i8::try_from(part).ok();
    let year = i16::try_from(at.year()).ok()?;
    let (month, day) = (small(at.month())?, small(at.day())?);
    civil::DateTime::new(year, month, day, small(at.hour())?, small(at.minute())?, small(at.second())?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> UnixMillis {
        UnixMillis(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    fn schedule(text: &str) -> Schedule {
        Schedule::parse(text, at("2026-01-01T00:00:00Z")).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn text(at: UnixMillis) -> String {
        Timestamp::from_millisecond(at.0).unwrap().to_string()
    }

    #[test]
    fn i3_8_cron_expressions_give_the_due_times_of_their_zone() {
        let check = |expression: &str, from: &str, expected: &[&str]| {
            let found: Vec<String> = schedule(expression).preview(at(from), expected.len()).into_iter().map(text).collect();
            assert_eq!(found, expected, "{expression}");
        };
        check("0 0 4 1 * *", "2026-11-24T12:00:00Z", &["2026-12-01T04:00:00Z", "2027-01-01T04:00:00Z"]);
        check("CRON_TZ=Asia/Shanghai 0 0 4 * * *", "2026-11-24T12:00:00Z", &["2026-11-24T20:00:00Z", "2026-11-25T20:00:00Z"]);
        check("0/20 * * * * ?", "2026-11-24T12:00:30.5Z", &["2026-11-24T12:00:40Z", "2026-11-24T12:01:00Z"]);
        check("0 15 10 ? JAN,MAR MON-FRI", "2026-11-24T12:00:00Z", &["2027-01-01T10:15:00Z", "2027-01-04T10:15:00Z"]);
        // Weekdays count from Monday = 1 to Sunday = 7.
        check("0 0 12 * * 1", "2026-11-24T12:00:00Z", &["2026-11-30T12:00:00Z"]);
        check("0 0 12 * * 7", "2026-11-24T12:00:00Z", &["2026-11-29T12:00:00Z"]);
        // Either of two restricted days, as in cron.
        check("0 0 0 13 * FRI", "2026-11-12T12:00:00Z", &["2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z"]);
        check("0 0 0 29 2 ?", "2026-11-24T12:00:00Z", &["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]);
        check("@every 90m", "2026-11-24T12:00:00.7Z", &["2026-11-24T13:30:00Z", "2026-11-24T15:00:00Z"]);
        check("@every 1h30m5s", "2026-11-24T12:00:00Z", &["2026-11-24T13:30:05Z"]);
        // An instant that is due is not due again.
        check("0 0 * * * *", "2026-11-24T12:00:00Z", &["2026-11-24T13:00:00Z"]);
    }

    #[test]
    fn c62_due_times_are_told_by_the_clock_of_their_zone() {
        let check = |expression: &str, due: &str, expected: &str| assert_eq!(schedule(expression).local(at(due)), expected, "{expression}");
        check("@every 5m", "2026-11-24T12:05:00Z", "2026-11-24 12:05:00 +00:00");
        check("0 0 4 * * *", "2026-11-25T04:00:00Z", "2026-11-25 04:00:00 +00:00");
        check("CRON_TZ=Asia/Shanghai 0 0 4 * * *", "2026-11-24T20:00:00Z", "2026-11-25 04:00:00 +08:00");
        check("CRON_TZ=America/New_York 0 30 2 * * *", "2026-03-09T06:30:00Z", "2026-03-09 02:30:00 -04:00");
    }

    #[test]
    fn c62_a_time_that_the_clock_skips_or_repeats_is_told() {
        let check = |expression: &str, expected: bool| {
            assert_eq!(schedule(expression).meets_a_shift(at("2026-01-01T00:00:00Z")), expected, "{expression}");
        };
        // New York skips 02:00 to 02:59 in spring and repeats 01:00 to 01:59 in autumn.
        check("CRON_TZ=America/New_York 0 0 2 * * *", true);
        check("CRON_TZ=America/New_York 59 59 1 * * *", true);
        check("CRON_TZ=America/New_York 0 59 0 * * *", false);
        check("CRON_TZ=America/New_York 0 0 3 * * *", false);
        // These follow the clock.
        check("CRON_TZ=America/New_York 0 30 * * * *", false);
        check("CRON_TZ=America/New_York 0 */5 2 * * *", false);
        check("CRON_TZ=Asia/Shanghai 0 0 2 * * *", false);
        check("0 0 2 * * *", false);
        check("@every 5m", false);
    }

    #[test]
    fn i3_8_a_skipped_hour_is_made_up_for_and_a_repeated_one_fires_once() {
        let check = |expression: &str, from: &str, expected: &[&str]| {
            let found: Vec<String> = schedule(expression).preview(at(from), expected.len()).into_iter().map(text).collect();
            assert_eq!(found, expected, "{expression}");
        };
        // New York, 2026-03-08: 02:00–02:59 does not exist; 03:00 is 07:00Z.
        check("CRON_TZ=America/New_York 0 30 2 * * *", "2026-03-07T12:00:00Z", &["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"]);
        // 2026-11-01: 01:00–01:59 happens twice, 05:00Z–05:59Z and 06:00Z–06:59Z.
        check("CRON_TZ=America/New_York 0 30 1 * * *", "2026-10-31T12:00:00Z", &["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]);
        check(
            "CRON_TZ=America/New_York 0 30 * * * *",
            "2026-11-01T05:00:00Z",
            &["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z", "2026-11-01T07:30:00Z"],
        );
        // Asked again in the middle of the second hour, the first one's instant is not found again.
        check("CRON_TZ=America/New_York 0 30 1 * * *", "2026-11-01T06:10:00Z", &["2026-11-02T06:30:00Z"]);
    }

    #[test]
    fn i3_8_of_missed_due_times_the_latest_is_found() {
        let check = |expression: &str, due: &str, until: &str, expected: &str| {
            assert_eq!(text(schedule(expression).latest(at(due), at(until))), expected, "{expression} until {until}");
        };
        check("@every 7s", "2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z");
        check("@every 7s", "2026-11-24T12:00:00Z", "2026-11-24T12:00:20.999Z", "2026-11-24T12:00:14Z");
        check("0 0 4 * * *", "2026-11-20T04:00:00Z", "2026-11-24T03:59:59.999Z", "2026-11-23T04:00:00Z");
        check("0 0 4 * * *", "2026-11-20T04:00:00Z", "2026-11-24T04:00:00Z", "2026-11-24T04:00:00Z");
        check("* * * * * *", "2025-11-20T04:00:00Z", "2026-11-24T04:00:00.5Z", "2026-11-24T04:00:00Z");
        check("0 0 4 1 1 *", "2026-01-01T04:00:00Z", "2026-11-24T04:00:00Z", "2026-01-01T04:00:00Z");
        check("CRON_TZ=America/New_York 0 30 2 * * *", "2026-03-01T07:30:00Z", "2026-03-08T20:00:00Z", "2026-03-08T07:00:00Z");
        check("CRON_TZ=America/New_York 0 30 1 * * *", "2026-10-30T05:30:00Z", "2026-11-01T20:00:00Z", "2026-11-01T05:30:00Z");
    }

    #[test]
    fn c62_expressions_that_can_t_be_read_are_refused_by_field() {
        let check = |expression: &str, message: &str| {
            let refused = Schedule::parse(expression, at("2026-01-01T00:00:00Z")).map(|found| format!("{found:?}")).unwrap_err();
            assert!(refused.message.starts_with(message), "{expression}: {refused}");
        };
        check("0 0 * * *", "Use six fields: seconds minutes hours day month weekday.");
        check("0 0 0 * * * 2026", "Use six fields");
        check("CRON_TZ=Asia/Shanghai", "Use six fields");
        check("60 0 0 * * *", "seconds is out of range.");
        check("0 60 0 * * *", "minutes is out of range.");
        check("0 0 24 * * *", "hours is out of range.");
        check("0 0 0 32 * *", "day is out of range.");
        check("0 0 0 * 13 *", "month is out of range.");
        check("0 0 0 * * 8", "weekday is out of range.");
        check("*/0 0 0 * * *", "seconds is out of range.");
        check("0 0 0 L * *", "day is set to an invalid value");
        check("0 0 0 * * MON#1", "weekday is set to an invalid value");
        check("0 0 0 * * +MON", "weekday is set to an invalid value");
        check("? 0 0 * * *", "seconds is set to an invalid value");
        check("0 0 0 * FOO *", "month is set to an invalid value");
        check("0 0 0 ä * *", "day is set to an invalid value");
        check("0 0 0 30 2 *", "the CRON expression '0 0 0 30 2 *' never fires");
        check("CRON_TZ=Mars/Olympus 0 0 4 * * *", "'Mars/Olympus' is not the name of a time zone");
        for bad in
            ["@every", "@every 5", "@every 0m", "@every -5m", "@every 1.5m", "@every 5d", "@every 99999999999999999999h", "@every 9000h"]
        {
            check(bad, "the interval '");
        }
        check("@daily", "Use six fields");
    }

    #[test]
    fn a_series_goes_on_from_its_due_times_not_from_when_it_is_looked_at() {
        let every = schedule("@every 7s");
        let first = every.after(at("2026-11-24T12:00:00.9Z")).unwrap();
        assert_eq!(text(first), "2026-11-24T12:00:07Z");
        assert_eq!(every.following(first).map(text).as_deref(), Some("2026-11-24T12:00:14Z"));
    }

    proptest! {
        #[test]
        fn i5_6_any_schedule_is_read_or_refused(
            text in "(@every [0-9hms -]{0,12}|(CRON_TZ=(Asia/Shanghai|UTC|x) )?([0-9*/,?LW#-]{1,6} ){4,6}([A-Z]{3}|[0-9*?]{1,4})|.{0,40})",
            now in 0_i64..4_102_444_800_000,
        ) {
            let now = UnixMillis(now);
            if let Ok(schedule) = Schedule::parse(&text, now) {
                let due = schedule.preview(now, 3);
                prop_assert!(!due.is_empty() && due[0] > UnixMillis(now.0 - 1_000), "{} gives {:?}", text, due);
                prop_assert!(due.windows(2).all(|two| two[0] < two[1]), "{} gives {:?}", text, due);
                prop_assert_eq!(schedule.latest(due[0], due[due.len() - 1]), due[due.len() - 1]);
            }
        }
    }
}
