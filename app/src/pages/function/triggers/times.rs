//! When a time trigger fires, as the form asks for it (C-62).

#[cfg(any(feature = "ssr", test))]
use model::limits;
use serde::{Deserialize, Serialize};

/// Every so many minutes.
pub(super) const INTERVAL: &str = "interval";
/// At a time of some days.
pub(super) const DAYS: &str = "days";
/// A CRON expression.
pub(super) const CRON: &str = "cron";

/// Weekdays as CRON expressions have them, and their words.
pub(super) fn weekdays() -> [(&'static str, &'static str); 7] {
    [
        ("MON", t!("Mon")),
        ("TUE", t!("Tue")),
        ("WED", t!("Wed")),
        ("THU", t!("Thu")),
        ("FRI", t!("Fri")),
        ("SAT", t!("Sat")),
        ("SUN", t!("Sun")),
    ]
}

/// The fields of the form, as they were typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// `interval`, `days` or `cron`.
    pub mode: String,
    /// Minutes.
    pub interval: String,
    /// Name of a time zone, for `days`.
    pub zone: String,
    /// `all`, `week` or `month`.
    pub days: String,
    /// Those of a week, such as `MON`.
    pub weekdays: Vec<String>,
    /// Those of a month, such as `1, 15`.
    pub dates: String,
    /// Such as `04:00`.
    pub time: String,
    /// The expression, its zone included.
    pub cron: String,
}

impl Default for Times {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            mode: text(INTERVAL),
            interval: text("5"),
            zone: text("UTC"),
            days: text("all"),
            weekdays: Vec::new(),
            dates: text("1"),
            time: text("00:00"),
            cron: String::new(),
        }
    }
}

/// Minutes of `@every 5m`.
#[cfg(any(feature = "ssr", test))]
pub(super) fn minutes(expression: &str) -> Option<u64> {
    expression.trim().strip_prefix("@every")?.trim().strip_suffix('m')?.parse().ok()
}

#[cfg(any(feature = "ssr", test))]
impl Times {
    /// The fields that show an expression: an interval where it is one of whole minutes, else the expression itself.
    pub fn of_expression(expression: &str) -> Self {
        match minutes(expression) {
            Some(minutes) => Self { interval: minutes.to_string(), ..Self::default() },
            None => Self { mode: CRON.to_owned(), cron: expression.to_owned(), ..Self::default() },
        }
    }

    /// The expression that the fields mean; the error names the field that is wrong.
    pub fn expression(&self) -> Result<String, (&'static str, String)> {
        match self.mode.as_str() {
            CRON if self.cron.trim().is_empty() => Err(("cron", t!("Use six fields: seconds minutes hours day month weekday.").to_owned())),
            CRON => Ok(self.cron.trim().to_owned()),
            DAYS => self.of_days(),
            _ => {
                let minutes = self.interval.trim().parse::<u64>().ok();
                match minutes.filter(|minutes| (1..=limits::TRIGGER_INTERVAL_S_MAX / 60).contains(minutes)) {
                    Some(minutes) => Ok(format!("@every {minutes}m")),
                    None => Err(("interval", t!("Enter a whole number of minutes, 1 or more.").to_owned())),
                }
            }
        }
    }

    /// The field that is to blame when the expression can't be read.
    pub fn blamed(&self) -> &'static str {
        match self.mode.as_str() {
            CRON => "cron",
            DAYS => "zone",
            _ => "interval",
        }
    }

    fn of_days(&self) -> Result<String, (&'static str, String)> {
        let number = |text: &str, most: u8| text.trim().parse::<u8>().ok().filter(|n| *n <= most);
        let time = self.time.split_once(':').and_then(|(hour, minute)| Some((number(hour, 23)?, number(minute, 59)?)));
        let (hour, minute) = time.ok_or_else(|| ("time", t!("Enter a time from 00:00 to 23:59.").to_owned()))?;
        let (day, weekday) = match self.days.as_str() {
            "week" => ("*".to_owned(), self.week()?),
            "month" => (self.month()?, "*".to_owned()),
            _ => ("*".to_owned(), "*".to_owned()),
        };
        let zone = match self.zone.trim() {
            "" | "UTC" => String::new(),
            zone => format!("CRON_TZ={zone} "),
        };
        Ok(format!("{zone}0 {minute} {hour} {day} * {weekday}"))
    }

    fn week(&self) -> Result<String, (&'static str, String)> {
        let names = weekdays().into_iter().map(|(name, _)| name).filter(|name| self.weekdays.iter().any(|chosen| chosen == name));
        let names: Vec<&str> = names.collect();
        if names.is_empty() { Err(("weekdays", t!("Choose at least one day.").to_owned())) } else { Ok(names.join(",")) }
    }

    fn month(&self) -> Result<String, (&'static str, String)> {
        let wrong = || ("dates", t!("Enter days of the month from 1 to 31, separated by commas.").to_owned());
        let date = |text: &str| text.trim().parse::<u8>().ok().filter(|date| (1..=31).contains(date)).map(|date| date.to_string());
        let dates = self.dates.split(',').map(date).collect::<Option<Vec<String>>>().ok_or_else(wrong)?;
        Ok(dates.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c62_fields_become_an_expression() {
        let check = |change: fn(&mut Times), expected: &str| {
            let mut times = Times { mode: DAYS.to_owned(), time: "4:05".to_owned(), ..Times::default() };
            change(&mut times);
            assert_eq!(times.expression(), Ok(expected.to_owned()));
        };
        check(|t| t.mode = INTERVAL.to_owned(), "@every 5m");
        check(|_| {}, "0 5 4 * * *");
        check(|t| t.zone = " Asia/Shanghai ".to_owned(), "CRON_TZ=Asia/Shanghai 0 5 4 * * *");
        check(
            |t| (t.days, t.weekdays) = ("week".to_owned(), vec!["SUN".to_owned(), "MON".to_owned(), "x".to_owned()]),
            "0 5 4 * * MON,SUN",
        );
        check(|t| (t.days, t.dates) = ("month".to_owned(), "1, 15".to_owned()), "0 5 4 1,15 * *");
        check(|t| (t.mode, t.cron) = (CRON.to_owned(), " 0 0 4 * * * ".to_owned()), "0 0 4 * * *");
    }

    #[test]
    fn c62_the_field_that_is_wrong_is_named() {
        let check = |change: fn(&mut Times), field: &str| {
            let mut times = Times { mode: DAYS.to_owned(), ..Times::default() };
            change(&mut times);
            assert_eq!(times.expression().map_err(|(field, _)| field), Err(field));
        };
        for interval in ["0", "-1", "1.5", "", "99999999"] {
            let times = Times { interval: interval.to_owned(), ..Times::default() };
            assert_eq!(times.expression(), Err(("interval", "Enter a whole number of minutes, 1 or more.".to_owned())), "{interval}");
        }
        check(|t| t.time = "24:00".to_owned(), "time");
        check(|t| t.time = "noon".to_owned(), "time");
        check(|t| t.days = "week".to_owned(), "weekdays");
        check(|t| (t.days, t.dates) = ("month".to_owned(), "0".to_owned()), "dates");
        check(|t| (t.days, t.dates) = ("month".to_owned(), "1,,2".to_owned()), "dates");
        check(|t| t.mode = CRON.to_owned(), "cron");
    }

    #[test]
    fn c62_an_expression_comes_back_as_it_can_be_changed() {
        let check = |expression: &str, mode: &str| {
            let times = Times::of_expression(expression);
            assert_eq!((times.mode.as_str(), times.expression().as_deref()), (mode, Ok(expression)));
        };
        check("@every 90m", INTERVAL);
        check("@every 1h30m", CRON);
        check("CRON_TZ=Asia/Shanghai 0 0 4 * * *", CRON);
    }
}
