//! Numbers, sizes, durations and instants as people read them; no locale tables, so the same text on server and in wasm.

use crate::UnixMillis;

/// Thousands with commas: `1,204`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size with a unit: `214 bytes`, `1.5 KB`, `2 MB`.
pub fn bytes(n: u64) -> String {
    if n == 1 {
        return "1 byte".to_owned();
    }
    if n < 1024 {
        return format!("{n} bytes");
    }
    let tenths = |step: u64| (n.saturating_mul(10) + step / 2) / step;
    let (unit, tenths) = if n < 1024 * 1024 { ("KB", tenths(1024)) } else { ("MB", tenths(1024 * 1024)) };
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {unit}"),
        (whole, tenth) => format!("{whole}.{tenth} {unit}"),
    }
}

/// A length of time: `12 ms`, `1.204 s`, `1 min 14 s`, `2 h 05 min`, `3 d 4 h`.
pub fn duration_ms(ms: i64) -> String {
    let ms = ms.max(0);
    let s = ms / 1000;
    match s {
        _ if ms < 1000 => format!("{ms} ms"),
        0..=59 => format!("{s}.{:03} s", ms % 1000),
        60..=3_599 => format!("{} min {:02} s", s / 60, s % 60),
        3_600..=86_399 => format!("{} h {:02} min", s / 3_600, s % 3_600 / 60),
        _ => format!("{} d {} h", s / 86_400, s % 86_400 / 3_600),
    }
}

/// A number of seconds with its meaning: `18,000 s (5 h)`.
pub fn seconds(s: u64) -> String {
    let plain = format!("{} s", count(s));
    match s {
        0..=59 => plain,
        _ if s.is_multiple_of(86_400) => format!("{plain} ({} d)", s / 86_400),
        _ if s.is_multiple_of(3_600) => format!("{plain} ({} h)", s / 3_600),
        _ if s.is_multiple_of(60) => format!("{plain} ({} min)", s / 60),
        _ => plain,
    }
}

/// An instant in UTC with milliseconds, RFC 3339: `2026-11-24T12:01:05.002Z`.
pub fn rfc3339(at: UnixMillis) -> String {
    let (year, month, day) = civil(at.0.div_euclid(86_400_000));
    let ms = at.0.rem_euclid(86_400_000);
    let (hour, minute, second, milli) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// An instant in UTC to the second, as lists show it before the browser localises it: `2026-11-24 12:01:05`.
pub fn utc_seconds(at: UnixMillis) -> String {
    rfc3339(at).get(..19).unwrap_or_default().replace('T', " ")
}

/// Gregorian date of a day number counted from 1970-01-01 (H. Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        assert_eq!(count(0), "0");
        assert_eq!(count(1_204), "1,204");
        assert_eq!(count(123_456_789), "123,456,789");
        assert_eq!(bytes(214), "214 bytes");
        assert_eq!(bytes(1_536), "1.5 KB");
        assert_eq!(bytes(131_072), "128 KB");
        assert_eq!(bytes(10_485_760), "10 MB");
        assert_eq!(duration_ms(12), "12 ms");
        assert_eq!(duration_ms(1_204), "1.204 s");
        assert_eq!(duration_ms(74_000), "1 min 14 s");
        assert_eq!(duration_ms(7_500_000), "2 h 05 min");
        assert_eq!(duration_ms(-5), "0 ms");
        assert_eq!(seconds(18_000), "18,000 s (5 h)");
        assert_eq!(seconds(61), "61 s");
    }

    #[test]
    fn instants() {
        let check = |ms, text| assert_eq!(rfc3339(UnixMillis(ms)), text);
        check(0, "1970-01-01T00:00:00.000Z");
        check(951_782_400_000, "2000-02-29T00:00:00.000Z");
        check(1_795_521_665_002, "2026-11-24T12:01:05.002Z");
        check(-1, "1969-12-31T23:59:59.999Z");
        assert_eq!(utc_seconds(UnixMillis(0)), "1970-01-01 00:00:00");
    }
}
