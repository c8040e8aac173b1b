//! Triggers: what calls a function by itself (`fc-api.md` 3.3, `console.md` C-61…C-64).

use crate::{
    Error, FunctionRef, ListQuery, Page, Qualifier, Result, SubmitReceipt, TriggerName, TriggerRef, UnixMillis, format, http::METHODS,
    limits,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What a trigger waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerKind {
    Timer,
    Http,
    Oss,
    Log,
    Tablestore,
    CdnEvents,
    MnsTopic,
    Eventbridge,
    Rds,
}

impl TriggerKind {
    /// Every kind.
    pub const ALL: [TriggerKind; 9] = [
        TriggerKind::Timer,
        TriggerKind::Http,
        TriggerKind::Oss,
        TriggerKind::Log,
        TriggerKind::Tablestore,
        TriggerKind::CdnEvents,
        TriggerKind::MnsTopic,
        TriggerKind::Eventbridge,
        TriggerKind::Rds,
    ];

    /// The kind's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            TriggerKind::Timer => "timer",
            TriggerKind::Http => "http",
            TriggerKind::Oss => "oss",
            TriggerKind::Log => "log",
            TriggerKind::Tablestore => "tablestore",
            TriggerKind::CdnEvents => "cdn_events",
            TriggerKind::MnsTopic => "mns_topic",
            TriggerKind::Eventbridge => "eventbridge",
            TriggerKind::Rds => "rds",
        }
    }

    /// Reads a kind's name on the wire.
    pub fn parse(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or_else(|| {
            let allowed: Vec<&str> = Self::ALL.into_iter().map(Self::as_str).collect();
            Error::invalid(format!("TriggerType is set to an invalid value (allowed: {}; actual: '{name}')", allowed.join(", ")))
        })
    }

    /// True when something in this install fires triggers of the kind; the others are kept and shown as not connected.
    pub fn is_connected(self) -> bool {
        matches!(self, TriggerKind::Timer | TriggerKind::Http)
    }
}

/// When a time trigger fires and what it sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimerConfig {
    /// Six fields, with `CRON_TZ=zone` before them where the zone is not UTC, or `@every 5m`. Only the server can read it.
    pub cron_expression: String,
    /// Arrives in the event as it is.
    pub payload: String,
    /// False keeps the trigger from firing.
    pub enable: bool,
}

impl TimerConfig {
    /// The event of one firing (`fc-api.md` 3.3).
    pub fn event(&self, name: &TriggerName, due: UnixMillis) -> Vec<u8> {
        let time = format::rfc3339(due);
        let time = format!("{}Z", time.get(..19).unwrap_or(&time));
        json!({ "triggerTime": time, "triggerName": name, "payload": self.payload }).to_string().into_bytes()
    }
}

/// Who may call an HTTP trigger and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpConfig {
    /// `anonymous`, `function` or `jwt`.
    pub auth_type: String,
    pub methods: Vec<String>,
    #[serde(rename = "disableURLInternet")]
    pub disable_url_internet: bool,
    /// JSON text for `jwt`; empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub auth_config: String,
}

/// A trigger's configuration by its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerConfig {
    Timer(TimerConfig),
    Http(HttpConfig),
    /// Kept as it was sent: nothing in this install acts on it.
    Other(Map<String, Value>),
}

/// Values of `authType` of HTTP triggers.
const AUTH_TYPES: [&str; 3] = ["anonymous", "function", "jwt"];

impl TriggerConfig {
    /// Reads what was sent for a trigger of this kind; members that are missing are those of `before`, if there is one. Names of members
    /// in any case (`fc-api.md` 1.3).
    pub fn read(kind: TriggerKind, sent: Map<String, Value>, before: Option<&Self>) -> Result<Self> {
        let bytes = Value::Object(sent.clone()).to_string().len();
        if bytes > limits::TRIGGER_CONFIG_BYTES_MAX {
            return Err(Error::invalid(format!(
                "TriggerConfig has {bytes} bytes; the most is {}",
                format::bytes(limits::TRIGGER_CONFIG_BYTES_MAX as u64)
            )));
        }
        match kind {
            TriggerKind::Timer => {
                let before = before.and_then(Self::timer);
                let cron_expression = text(&sent, "cronExpression")?.or(before.map(|timer| timer.cron_expression.clone()));
                let timer = TimerConfig {
                    cron_expression: cron_expression
                        .filter(|text| !text.trim().is_empty())
                        .ok_or_else(|| Error::invalid("member 'triggerConfig.cronExpression' is required"))?,
                    payload: text(&sent, "payload")?.or(before.map(|timer| timer.payload.clone())).unwrap_or_default(),
                    enable: flag(&sent, "enable")?.or(before.map(|timer| timer.enable)).unwrap_or(true),
                };
                if timer.payload.len() > limits::TRIGGER_MESSAGE_BYTES_MAX {
                    let most = format::bytes(limits::TRIGGER_MESSAGE_BYTES_MAX as u64);
                    return Err(Error::invalid(format!("The message exceeds {most}.")));
                }
                Ok(Self::Timer(timer))
            }
            TriggerKind::Http => http(&sent, before.and_then(Self::http)).map(Self::Http),
            _ => Ok(Self::Other(sent)),
        }
    }

    /// The JSON object as the wire has it.
    pub fn wire(&self) -> Value {
        match self {
            Self::Timer(timer) => json!(timer),
            Self::Http(http) => json!(http),
            Self::Other(sent) => json!(sent),
        }
    }

    /// The configuration of a time trigger.
    pub fn timer(&self) -> Option<&TimerConfig> {
        if let Self::Timer(timer) = self { Some(timer) } else { None }
    }

    /// The configuration of an HTTP trigger.
    pub fn http(&self) -> Option<&HttpConfig> {
        if let Self::Http(http) = self { Some(http) } else { None }
    }
}

fn http(sent: &Map<String, Value>, before: Option<&HttpConfig>) -> Result<HttpConfig> {
    let auth_type = text(sent, "authType")?.or(before.map(|http| http.auth_type.clone())).unwrap_or_else(|| "function".to_owned());
    if !AUTH_TYPES.contains(&auth_type.as_str()) {
        let allowed = AUTH_TYPES.join(", ");
        return Err(Error::invalid(format!("authType is set to an invalid value (allowed: {allowed}; actual: '{auth_type}')")));
    }
    let methods = match member(sent, "methods") {
        None => before.map(|http| http.methods.clone()).unwrap_or_default(),
        Some(Value::Array(methods)) => methods.iter().filter_map(Value::as_str).map(str::to_uppercase).collect(),
        Some(other) => return Err(wrong("methods", "a list of texts", other)),
    };
    if methods.is_empty() {
        return Err(Error::invalid("Choose at least one method."));
    }
    if let Some(unknown) = methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
        let allowed = METHODS.join(", ");
        return Err(Error::invalid(format!("methods is set to an invalid value (allowed: {allowed}; actual: '{unknown}')")));
    }
    Ok(HttpConfig {
        auth_type,
        methods,
        disable_url_internet: flag(sent, "disableURLInternet")?.or(before.map(|http| http.disable_url_internet)).unwrap_or(false),
        auth_config: text(sent, "authConfig")?.or(before.map(|http| http.auth_config.clone())).unwrap_or_default(),
    })
}

/// A member that is there and not null, its name in any case.
fn member<'a>(sent: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = sent.get(name).or_else(|| sent.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value));
    found.filter(|value| !value.is_null())
}

fn text(sent: &Map<String, Value>, name: &str) -> Result<Option<String>> {
    match member(sent, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(wrong(name, "a text", other)),
    }
}

fn flag(sent: &Map<String, Value>, name: &str) -> Result<Option<bool>> {
    match member(sent, name) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(other) => Err(wrong(name, "true or false", other)),
    }
}

fn wrong(name: &str, expected: &str, actual: &Value) -> Error {
    Error::invalid(format!("member 'triggerConfig.{name}' is set to an invalid value (expected: {expected}; actual: {actual})"))
}

/// What a user sets on a trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerSpec {
    pub kind: TriggerKind,
    pub config: TriggerConfig,
    /// Version or alias that it calls.
    pub qualifier: Qualifier,
    pub description: String,
    /// ARN of what it listens to; empty for timers.
    pub source_arn: String,
    pub invocation_role: String,
}

impl TriggerSpec {
    /// Checks every member that needs no clock and no time zones.
    pub fn validate(&self) -> Result<()> {
        let chars = limits::DESCRIPTION_CHARS_MAX;
        if self.description.chars().count() > chars {
            return Err(Error::invalid(format!("Description is longer than {chars} characters")));
        }
        Ok(())
    }
}

/// A trigger as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    pub function: FunctionRef,
    pub name: TriggerName,
    /// A UUID, new for each creation.
    pub id: String,
    pub spec: TriggerSpec,
    pub created_at: UnixMillis,
    pub modified_at: UnixMillis,
    /// Changes with every successful mutation; compared with If-Match.
    pub etag: String,
    /// When an enabled time trigger fires next.
    pub next_due_at: Option<UnixMillis>,
    /// The due time of its latest firing.
    pub last_fired_at: Option<UnixMillis>,
}

impl Trigger {
    /// The trigger's full name.
    pub fn trigger_ref(&self) -> TriggerRef {
        self.function.trigger(self.name.clone())
    }
}

/// Members to change; `None` keeps the stored value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TriggerPatch {
    /// Of timers and HTTP triggers the members that it names are changed; of the others it replaces all.
    pub config: Option<Map<String, Value>>,
    pub qualifier: Option<Qualifier>,
    pub description: Option<String>,
    pub invocation_role: Option<String>,
}

impl TriggerPatch {
    /// The spec with the patch applied.
    pub fn apply(self, mut spec: TriggerSpec) -> Result<TriggerSpec> {
        if let Some(sent) = self.config {
            spec.config = TriggerConfig::read(spec.kind, sent, Some(&spec.config))?;
        }
        spec.qualifier = self.qualifier.unwrap_or(spec.qualifier);
        spec.description = self.description.unwrap_or(spec.description);
        spec.invocation_role = self.invocation_role.unwrap_or(spec.invocation_role);
        Ok(spec)
    }
}

/// An instant at which a time trigger is going to fire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextRun {
    pub at: UnixMillis,
    /// The same by the clock of the schedule's zone, with its distance from UTC: `2026-11-24 20:00:00 +08:00`.
    pub local: String,
}

/// The next runs of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextRuns {
    pub runs: Vec<NextRun>,
    /// True when the clock of its zone is going to skip or repeat the time of day at which it fires: such a run comes right after the gap,
    /// or once.
    pub meets_a_shift: bool,
}

/// The part of [`crate::ControlPlane`] that is about triggers.
#[async_trait]
pub trait TriggerControl: Send + Sync {
    /// Makes a trigger. Errors: `TriggerAlreadyExists`, `LimitExceededError`; `InvalidArgument` also for a configuration that its kind
    /// does not take.
    async fn create_trigger(&self, function: &FunctionRef, name: &TriggerName, spec: TriggerSpec) -> Result<Trigger>;

    /// Reads a trigger. Errors: `TriggerNotFound`.
    async fn get_trigger(&self, trigger: &TriggerRef) -> Result<Trigger>;

    /// The trigger by which an HTTP function is called under a qualifier. Errors: `TriggerNotFound`, `VersionNotFound`, `AliasNotFound`.
    async fn http_trigger(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<Trigger>;

    /// Lists the triggers of a function by name.
    async fn list_triggers(&self, function: &FunctionRef, query: &ListQuery) -> Result<Page<Trigger>>;

    /// Changes a trigger; a time trigger whose schedule changes, or that is switched on, is planned anew from now on.
    ///
    /// Errors: `TriggerNotFound`, `PreconditionFailed`.
    async fn update_trigger(&self, trigger: &TriggerRef, patch: TriggerPatch, if_match: Option<&str>) -> Result<Trigger>;

    /// Deletes a trigger; what it has submitted goes on. Errors: `TriggerNotFound`, `PreconditionFailed`.
    async fn delete_trigger(&self, trigger: &TriggerRef, if_match: Option<&str>) -> Result<()>;

    /// Does now what a time trigger does when it is due, also for one that is switched off; its schedule stays as it is.
    ///
    /// Errors: `TriggerNotFound`; `InvalidArgument` for a trigger of another kind.
    async fn run_trigger(&self, trigger: &TriggerRef) -> Result<SubmitReceipt>;

    /// The next instants at which a time trigger with this schedule fires, at most `count`. Errors: `InvalidArgument` for a schedule
    /// that can't be read.
    fn next_runs(&self, cron_expression: &str, count: usize) -> Result<NextRuns>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn kinds_are_read_back() {
        for kind in TriggerKind::ALL {
            assert_eq!(TriggerKind::parse(kind.as_str()), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert!(TriggerKind::parse("Timer").unwrap_err().message.contains("actual: 'Timer'"));
    }

    #[test]
    fn c62_a_timer_s_members_are_checked_and_kept_when_not_sent() {
        let read = |sent: Value, before: Option<&TriggerConfig>| TriggerConfig::read(TriggerKind::Timer, object(sent), before);
        let made = read(json!({ "CronExpression": "@every 5m", "Enable": "False", "payload": "hi" }), None).unwrap();
        let timer = |enable: bool, payload: &str| {
            TriggerConfig::Timer(TimerConfig { cron_expression: "@every 5m".to_owned(), payload: payload.to_owned(), enable })
        };
        assert_eq!(made, timer(false, "hi"));
        assert_eq!(read(json!({ "enable": true, "payload": null }), Some(&made)).unwrap(), timer(true, "hi"));
        assert_eq!(read(json!({ "cronExpression": "@every 5m" }), None).unwrap(), timer(true, ""));
        let check = |sent: Value, message: &str| {
            let actual = read(sent, None).unwrap_err();
            assert!(actual.message.contains(message), "{actual}");
        };
        check(json!({}), "'triggerConfig.cronExpression' is required");
        check(json!({ "cronExpression": "" }), "'triggerConfig.cronExpression' is required");
        check(json!({ "cronExpression": 5 }), "expected: a text; actual: 5");
        check(json!({ "cronExpression": "@every 5m", "enable": "on" }), "expected: true or false");
        check(json!({ "cronExpression": "@every 5m", "payload": "a".repeat(4_097) }), "The message exceeds 4 KB.");
        check(json!({ "cronExpression": "a".repeat(20_000) }), "the most is 16 KB");
    }

    #[test]
    fn c63_an_http_trigger_s_members_are_checked() {
        let read = |sent: Value| TriggerConfig::read(TriggerKind::Http, object(sent), None);
        let made = read(json!({ "methods": ["get", "POST"] })).unwrap();
        let stored = json!({ "authType": "function", "methods": ["GET", "POST"], "disableURLInternet": false });
        assert_eq!(made.wire(), stored);
        assert_eq!(TriggerConfig::read(TriggerKind::Http, object(stored), None).unwrap(), made);
        for bad in [json!({}), json!({ "methods": [] }), json!({ "methods": ["GRAB"] }), json!({ "methods": "GET" })] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
        assert!(read(json!({ "methods": ["GET"], "authType": "basic" })).is_err());
    }

    #[test]
    fn the_event_is_the_vendor_s() {
        let timer = TimerConfig { cron_expression: String::new(), payload: "a \"b\"".to_owned(), enable: true };
        let event = timer.event(&TriggerName::from_stored("t"), UnixMillis(1_795_521_665_123));
        let event: Value = serde_json::from_slice(&event).unwrap();
        assert_eq!(event, json!({ "triggerTime": "2026-11-24T12:01:05Z", "triggerName": "t", "payload": "a \"b\"" }));
    }
}
