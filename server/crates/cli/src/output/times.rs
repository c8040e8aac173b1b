//! Instants as people read and write them.

use jiff::civil::DateTime;
use jiff::{Timestamp, tz::TimeZone};
use model::{UnixMillis, format};

/// Shows instants in a time zone, beside how long ago they were.
pub(crate) struct Times {
    pub now: UnixMillis,
    pub zone: TimeZone,
}

impl Times {
    /// `2026-11-24 12:01:05`; empty for 0, which on the wire means never.
    pub fn seconds(&self, at_ms: i64) -> String {
        self.shown(at_ms, "%Y-%m-%d %H:%M:%S")
    }

    /// `12:01:05.002`.
    pub fn of_day(&self, at_ms: i64) -> String {
        self.shown(at_ms, "%H:%M:%S%.3f")
    }

    fn shown(&self, at_ms: i64, form: &str) -> String {
        let at = Timestamp::from_millisecond(at_ms).ok().filter(|_| at_ms != 0);
        at.map(|at| at.to_zoned_datetime(self.zone.clone()).strftime(form).to_string()).unwrap_or_default()
    }

    /// `3 min ago`, `in 20 s`, `now`; empty for 0.
    pub fn relative(&self, at_ms: i64) -> String {
        let past_ms = self.now.since(UnixMillis(at_ms));
        match rough(past_ms.unsigned_abs() / 1000) {
            _ if at_ms == 0 => String::new(),
            None => "now".to_owned(),
            Some(text) if past_ms > 0 => format!("{text} ago"),
            Some(text) => format!("in {text}"),
        }
    }

    /// Both: `2026-11-24 12:01:05 (3 min ago)`; empty for 0.
    pub fn both(&self, at_ms: i64) -> String {
        if at_ms == 0 { String::new() } else { format!("{} ({})", self.seconds(at_ms), self.relative(at_ms)) }
    }

    /// The same for the text of a management resource (`fc-api.md` 1.7).
    pub fn both_of(&self, text: &str) -> String {
        text.parse::<Timestamp>().map_or_else(|_| text.to_owned(), |at| self.both(at.as_millisecond()))
    }

    /// How long ago, for the text of a management resource.
    pub fn relative_of(&self, text: &str) -> String {
        text.parse::<Timestamp>().map_or_else(|_| text.to_owned(), |at| self.relative(at.as_millisecond()))
    }
}

/// A length of time by its largest unit; `None` below a second.
fn rough(seconds: u64) -> Option<String> {
    Some(match seconds {
        0 => return None,
        1..=59 => format!("{seconds} s"),
        60..=3_599 => format!("{} min", seconds / 60),
        3_600..=86_399 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", format::count(seconds / 86_400)),
    })
}

/// Reads an instant: `15m` (ago; also s, h, d), milliseconds since the epoch, RFC 3339, or a date with or without a time in the zone.
pub(crate) fn parse_instant(text: &str, times: &Times) -> Result<i64, String> {
    let ago = |unit: char, ms: i64| {
        let number = text.strip_suffix(unit)?.parse::<i64>().ok().filter(|number| *number >= 0)?;
        times.now.0.checked_sub(number.checked_mul(ms)?)
    };
    let units = [('s', 1_000), ('m', 60_000), ('h', 3_600_000), ('d', 86_400_000)];
    let civil = |text: &str| {
        let at = text.parse::<DateTime>().ok()?.to_zoned_datetime(times.zone.clone()).ok()?;
        Some(at.timestamp().as_millisecond())
    };
    let relative = units.into_iter().find_map(|(unit, ms)| ago(unit, ms));
    let absolute = || text.parse::<i64>().ok().or_else(|| text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond));
    relative.or_else(absolute).or_else(|| civil(text)).ok_or_else(|| {
        format!("'{text}' is no time; give 15m, 2h or 3d (ago), 2026-11-24, 2026-11-24T12:00, 2026-11-24T12:00:00Z, or milliseconds")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24T12:00:00Z.
    const NOON: i64 = 1_795_521_600_000;

    fn times() -> Times {
        Times { now: UnixMillis(NOON), zone: TimeZone::fixed(jiff::tz::offset(8)) }
    }

    #[test]
    fn i5_instants_are_shown_in_the_zone_and_relative_to_now() {
        let check = |at: i64, expected: &str| assert_eq!(times().both(at), expected, "{at}");
        check(0, "");
        check(NOON, "2026-11-24 20:00:00 (now)");
        check(NOON - 999, "2026-11-24 19:59:59 (now)");
        check(NOON - 59_000, "2026-11-24 19:59:01 (59 s ago)");
        check(NOON - 3_599_000, "2026-11-24 19:00:01 (59 min ago)");
        check(NOON - 86_399_000, "2026-11-23 20:00:01 (23 h ago)");
        check(NOON - 2 * 86_400_000, "2026-11-22 20:00:00 (2 d ago)");
        check(NOON + 20_000, "2026-11-24 20:00:20 (in 20 s)");
        assert_eq!(times().of_day(NOON + 2), "20:00:00.002");
        assert_eq!(times().both_of("2026-11-24T11:00:00Z"), "2026-11-24 19:00:00 (1 h ago)");
        assert_eq!(times().relative_of("soon"), "soon");
    }

    #[test]
    fn i5_instants_are_read() {
        let check = |text: &str, expected: i64| assert_eq!(parse_instant(text, &times()), Ok(expected), "{text}");
        check("90s", NOON - 90_000);
        check("15m", NOON - 900_000);
        check("2h", NOON - 7_200_000);
        check("3d", NOON - 259_200_000);
        check("1795521600000", NOON);
        check("2026-11-24T12:00:00Z", NOON);
        check("2026-11-24T20:00:00+08:00", NOON);
        check("2026-11-24T20:00", NOON);
        check("2026-11-24 20:00:00", NOON);
        check("2026-11-24", NOON - 20 * 3_600_000);
        for bad in ["", "m", "-5m", "yesterday", "2026-13-01", "9999999999999999d"] {
            assert!(parse_instant(bad, &times()).is_err(), "{bad}");
        }
    }
}
