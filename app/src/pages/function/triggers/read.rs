//! Reads the form of a trigger.

use super::api::Upcoming;
use super::times::Times;
use super::values::{Values, default_name};
use crate::error::{ConsoleError, Result};
use crate::forms::Checks;
use crate::server::Console;
use crate::upload::ReadForm;
use model::{Error, ErrorCode, FunctionRef, Qualifier, Trigger, TriggerConfig, TriggerKind, TriggerName, TriggerSpec, format, limits};
use serde_json::{Map, Value, json};

/// Types that the form has fields for.
const OFFERED: [TriggerKind; 2] = [TriggerKind::Timer, TriggerKind::Http];

impl Values {
    /// What a form was sent with.
    pub fn of_form(form: &ReadForm) -> Self {
        Self::of_form_as(form, if form.text("kind") == "http" { TriggerKind::Http } else { TriggerKind::Timer })
    }

    /// What a form was sent with that says the type in a way of its own.
    pub fn of_form_as(form: &ReadForm, kind: TriggerKind) -> Self {
        let texts = |name: &str| form.all(name).into_iter().map(str::to_owned).collect();
        let text = |name: &str| form.text(name).to_owned();
        Self {
            kind,
            // Where no scripts run, the name that is offered does not follow the type.
            name: match form.text("trigger_name") {
                name if OFFERED.map(default_name).contains(&name) => default_name(kind).to_owned(),
                name => name.to_owned(),
            },
            qualifier: text("qualifier"),
            times: Times {
                mode: text("mode"),
                interval: text("interval"),
                zone: text("zone"),
                days: text("days"),
                weekdays: texts("weekdays"),
                dates: text("dates"),
                time: text("time"),
                cron: text("cron"),
            },
            message: form.verbatim("message"),
            enabled: !form.text("enabled").is_empty(),
            methods: texts("methods"),
            auth: text("auth"),
            url_disabled: !form.text("url_disabled").is_empty(),
        }
    }

    /// A trigger as it can be changed; `None` for a type that the form has no fields for.
    pub fn of_trigger(trigger: &Trigger) -> Option<Self> {
        let Trigger { name, spec, .. } = trigger;
        let new = Self { name: name.to_string(), qualifier: spec.qualifier.to_string(), ..Self::new(spec.kind) };
        match &spec.config {
            TriggerConfig::Timer(timer) => Some(Self {
                times: Times::of_expression(&timer.cron_expression),
                message: timer.payload.clone(),
                enabled: timer.enable,
                ..new
            }),
            TriggerConfig::Http(http) => {
                Some(Self { methods: http.methods.clone(), auth: http.auth_type.clone(), url_disabled: http.disable_url_internet, ..new })
            }
            TriggerConfig::Other(_) => None,
        }
    }
}

/// The configuration that the fields ask for; what is wrong with them is noted.
pub fn config(values: &Values, checks: &mut Checks, console: &Console) -> Map<String, Value> {
    let config = if values.kind == TriggerKind::Http {
        if values.methods.is_empty() {
            checks.fail("methods", t!("Choose at least one method."));
        }
        json!({ "authType": values.auth, "methods": values.methods, "disableURLInternet": values.url_disabled })
    } else {
        if values.message.len() > limits::TRIGGER_MESSAGE_BYTES_MAX {
            let most = format::bytes(limits::TRIGGER_MESSAGE_BYTES_MAX as u64);
            checks.fail("message", t!("The message exceeds {most}.", most));
        }
        let expression = match values.times.expression() {
            Ok(expression) => expression,
            Err((field, problem)) => {
                checks.fail(field, problem);
                String::new()
            }
        };
        if !expression.is_empty()
            && let Err(error) = console.control.next_runs(&expression, 1)
        {
            checks.refuse(values.times.blamed(), error);
        }
        json!({ "cronExpression": expression, "payload": values.message, "enable": values.enabled })
    };
    config.as_object().cloned().unwrap_or_default()
}

/// Runs that the form shows.
const RUNS_SHOWN: usize = 5;

/// The next runs of what the fields say, or why there are none.
pub fn upcoming(times: &Times, console: &Console) -> Upcoming {
    let none = |problem: String| Upcoming { runs: Vec::new(), zone: String::new(), meets_a_shift: false, problem };
    let expression = match times.expression() {
        Ok(expression) => expression,
        Err((_, problem)) => return none(problem),
    };
    match console.control.next_runs(&expression, RUNS_SHOWN) {
        Ok(found) => Upcoming {
            meets_a_shift: found.meets_a_shift,
            runs: found.runs.into_iter().map(|run| run.local).collect(),
            zone: super::words::zone(&expression).to_owned(),
            problem: String::new(),
        },
        Err(error) => none(ConsoleError::from(error).sentence()),
    }
}

/// Notes everything that is wrong with the fields of a new trigger.
pub fn check(values: &Values, checks: &mut Checks, console: &Console) {
    if TriggerName::parse(&values.name).is_err() {
        checks.fail("trigger_name", t!("Use 1 to 128 letters, digits, _ or -. Do not start with a digit or -."));
    }
    config(values, checks, console);
}

/// Name and settings of a new trigger whose fields were checked.
pub fn spec(values: &Values, console: &Console) -> Result<(TriggerName, TriggerSpec)> {
    let config = config(values, &mut Checks::default(), console);
    let spec = TriggerSpec {
        kind: values.kind,
        config: TriggerConfig::read(values.kind, config, None)?,
        qualifier: qualifier(values)?,
        description: String::new(),
        source_arn: String::new(),
        invocation_role: String::new(),
    };
    Ok((TriggerName::parse(&values.name)?, spec))
}

/// The version or alias that was chosen.
pub fn qualifier(values: &Values) -> Result<Qualifier> {
    Qualifier::parse(&values.qualifier).map_err(|error| ConsoleError::from(error).at_field("qualifier"))
}

/// The function that a form is about.
pub fn function(form: &ReadForm) -> FunctionRef {
    FunctionRef {
        region: model::Region::from_stored(form.text("region")),
        service: model::ServiceName::from_stored(form.text("service")),
        function: model::FunctionName::from_stored(form.text("function")),
    }
}

/// A refusal at the field that it is about.
pub fn refusal(error: Error, kind: TriggerKind) -> ConsoleError {
    match error.code {
        ErrorCode::TriggerAlreadyExists => {
            ConsoleError::new(error.code, "").with_field("trigger_name", t!("A trigger with this name exists."))
        }
        ErrorCode::VersionNotFound | ErrorCode::AliasNotFound => {
            ConsoleError::new(error.code, "").with_field("qualifier", t!("This version or alias does not exist any more."))
        }
        ErrorCode::InvalidArgument if error.message.starts_with("version or alias") => ConsoleError::from(error).at_field("qualifier"),
        ErrorCode::InvalidArgument if error.message.starts_with("a function with an HTTP trigger") => {
            let text = match kind {
                TriggerKind::Http => t!("HTTP triggers need an HTTP function."),
                _ => t!("HTTP functions take HTTP triggers only."),
            };
            ConsoleError::new(error.code, "").with_field("kind", text)
        }
        ErrorCode::PreconditionFailed | ErrorCode::ConcurrentUpdateError => ConsoleError::new(
            error.code,
            t!("Somebody changed this trigger meanwhile. Reload the page to see the current values; yours are still in the form."),
        ),
        _ => error.into(),
    }
}

/// The fields as pairs of a query, from which the form of a new trigger begins with them.
pub fn as_query(values: &Values) -> Vec<(&'static str, &str)> {
    let Values { kind, name, qualifier, times, message, enabled, methods, auth, url_disabled } = values;
    let mut pairs = vec![
        ("kind", kind.as_str()),
        ("trigger_name", name.as_str()),
        ("qualifier", qualifier.as_str()),
        ("mode", times.mode.as_str()),
        ("interval", times.interval.as_str()),
        ("zone", times.zone.as_str()),
        ("days", times.days.as_str()),
        ("dates", times.dates.as_str()),
        ("time", times.time.as_str()),
        ("cron", times.cron.as_str()),
        ("message", message.as_str()),
        ("enabled", if *enabled { "on" } else { "" }),
        ("auth", auth.as_str()),
        ("url_disabled", if *url_disabled { "on" } else { "" }),
    ];
    pairs.extend(times.weekdays.iter().map(|day| ("weekdays", day.as_str())));
    pairs.extend(methods.iter().map(|method| ("methods", method.as_str())));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes;
    use model::{HttpConfig, TimerConfig, UnixMillis};

    fn trigger(kind: TriggerKind, config: TriggerConfig) -> Trigger {
        let text = |word: &str| word.to_owned();
        Trigger {
            function: FunctionRef {
                region: model::Region::from_stored("r"),
                service: model::ServiceName::from_stored("s"),
                function: model::FunctionName::from_stored("f"),
            },
            name: TriggerName::from_stored("t"),
            id: text("id"),
            spec: TriggerSpec {
                kind,
                config,
                qualifier: Qualifier::from_stored("prod"),
                description: String::new(),
                source_arn: String::new(),
                invocation_role: String::new(),
            },
            created_at: UnixMillis(0),
            modified_at: UnixMillis(0),
            etag: text("e"),
            next_due_at: None,
            last_fired_at: None,
        }
    }

    #[test]
    fn c06_what_the_form_holds_comes_back_from_an_address() {
        let timer =
            TimerConfig { cron_expression: "CRON_TZ=Asia/Shanghai 0 0 4 * * *".to_owned(), payload: "a & b".to_owned(), enable: false };
        let http = HttpConfig {
            auth_type: "anonymous".to_owned(),
            methods: vec!["GET".to_owned(), "PUT".to_owned()],
            disable_url_internet: true,
            auth_config: String::new(),
        };
        for (kind, config) in [(TriggerKind::Timer, TriggerConfig::Timer(timer)), (TriggerKind::Http, TriggerConfig::Http(http))] {
            let values = Values::of_trigger(&trigger(kind, config)).expect("a form has fields for it");
            let query = routes::query(&as_query(&values));
            assert_eq!(Values::of_form(&ReadForm::of(routes::pairs(&query))), values);
        }
        let other = trigger(TriggerKind::Oss, TriggerConfig::Other(Map::new()));
        assert_eq!(Values::of_trigger(&other), None);
    }
}
