//! Triggers in words (C-64).

#[cfg(any(feature = "ssr", test))]
use super::times::minutes;
#[cfg(any(feature = "ssr", test))]
use model::TriggerConfig;
use model::TriggerKind;

/// The word for a type.
pub(super) fn kind(kind: TriggerKind) -> &'static str {
    match kind {
        TriggerKind::Timer => t!("Time Trigger"),
        TriggerKind::Http => t!("HTTP Trigger"),
        other => other.as_str(),
    }
}

/// What makes it fire.
#[cfg(any(feature = "ssr", test))]
pub(super) fn rule(config: &TriggerConfig) -> String {
    match config {
        TriggerConfig::Timer(timer) => schedule(&timer.cron_expression),
        TriggerConfig::Http(http) => {
            let off = if http.disable_url_internet { t!(", internet URL disabled") } else { "" };
            let methods = http.methods.join(" ");
            t!("{methods}, {authentication}{off}", methods, authentication = authentication(&http.auth_type), off)
        }
        TriggerConfig::Other(_) => t!("kept, not connected in this install").to_owned(),
    }
}

/// The word for an `authType`.
#[cfg(any(feature = "ssr", test))]
fn authentication(auth_type: &str) -> &'static str {
    match auth_type {
        "anonymous" => t!("anonymous"),
        "jwt" => "JWT",
        _ => t!("signed"),
    }
}

/// The zone that an expression is read in.
#[cfg(any(feature = "ssr", test))]
pub(super) fn zone(expression: &str) -> &str {
    let rest = expression.trim();
    let rest = rest.strip_prefix("CRON_TZ=").or(rest.strip_prefix("TZ="));
    rest.and_then(|rest| rest.split_whitespace().next()).unwrap_or("UTC")
}

/// A schedule in words where they are few, else the expression itself.
#[cfg(any(feature = "ssr", test))]
fn schedule(expression: &str) -> String {
    if let Some(minutes) = minutes(expression) {
        return t!("every {minutes} min", minutes);
    }
    if let Some(length) = expression.trim().strip_prefix("@every") {
        return t!("every {length}", length = length.trim());
    }
    let zone = zone(expression);
    let fields: Vec<&str> = expression.split_whitespace().filter(|field| !field.contains('=')).collect();
    let number = |text: &str| text.parse::<u8>().ok();
    if let [second, minute, hour, day, "*", weekday] = fields.as_slice()
        && let (Some(0), Some(minute), Some(hour)) = (number(second), number(minute), number(hour))
    {
        let days = match (*day, *weekday) {
            ("*" | "?", "*" | "?") => t!("every day").to_owned(),
            ("*" | "?", weekdays) => t!("every {weekdays}", weekdays = weekdays.replace(',', ", ")),
            (dates, "*" | "?") => t!("every month on {dates}", dates = dates.replace(',', ", ")),
            _ => return format!("{} ({zone})", fields.join(" ")),
        };
        return t!("{days} at {time} ({zone})", days, time = format!("{hour:02}:{minute:02}"), zone);
    }
    format!("{} ({zone})", fields.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c64_schedules_are_told_in_words() {
        let check = |expression: &str, words: &str| assert_eq!(schedule(expression), words);
        check("@every 5m", "every 5 min");
        check("@every 1h30m", "every 1h30m");
        check("0 0 4 * * *", "every day at 04:00 (UTC)");
        check("CRON_TZ=Asia/Shanghai 0 30 4 * * MON,FRI", "every MON, FRI at 04:30 (Asia/Shanghai)");
        check("0 0 4 1,15 * ?", "every month on 1, 15 at 04:00 (UTC)");
        check("0/20 * * * * *", "0/20 * * * * * (UTC)");
        check("TZ=Asia/Shanghai 0 0 4 1 1 *", "0 0 4 1 1 * (Asia/Shanghai)");
        check("0 0 4 13 * FRI", "0 0 4 13 * FRI (UTC)");
    }
}
