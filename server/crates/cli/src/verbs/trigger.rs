//! `taskyard trigger …`: time triggers (`fc-api.md` 3.3).

use crate::call::Call;
use crate::output::{Cell, Times, Tone};
use crate::problem::{EXIT_CODES, Outcome};
use crate::session::{Listing, Pages, Session, text};
use crate::settings::Connection;
use crate::target::FunctionTarget;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// Arguments of `trigger`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct TriggerArgs {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(subcommand)]
    pub(crate) verb: TriggerVerb,
}

/// What can be done with triggers.
#[derive(Debug, Subcommand)]
pub(crate) enum TriggerVerb {
    /// Lists the triggers of a function
    List {
        #[arg(value_name = "SERVICE/FUNCTION")]
        function: FunctionTarget,
        #[command(flatten)]
        pages: Pages,
    },
    /// Creates a time trigger
    Create {
        #[arg(value_name = "SERVICE/FUNCTION[:QUALIFIER]")]
        function: FunctionTarget,
        name: String,
        /// When: `@every 5m`, or six fields from seconds to day of the week in UTC, `0 30 3 * * *`; `CRON_TZ=Asia/Shanghai` before them
        /// changes the zone
        #[arg(long, value_name = "EXPRESSION")]
        schedule: String,
        /// Text that each event carries
        #[arg(long, value_name = "TEXT")]
        payload: Option<String>,
    },
    /// Deletes a trigger
    Delete {
        #[arg(value_name = "SERVICE/FUNCTION")]
        function: FunctionTarget,
        name: String,
    },
}

impl TriggerVerb {
    /// The first call.
    pub fn call(&self) -> Outcome<Call> {
        Ok(match self {
            Self::List { function, .. } => {
                let FunctionTarget { service, function, .. } = function.unqualified()?;
                Call::new("ListTriggers", "GET", &["services", service, "functions", function, "triggers"])
            }
            Self::Create { function: FunctionTarget { service, function, qualifier }, name, schedule, payload } => {
                let config = json!({"cronExpression": schedule, "enable": true, "payload": payload.clone().unwrap_or_default()});
                let document =
                    json!({"triggerName": name, "triggerType": "timer", "triggerConfig": config.to_string(), "qualifier": qualifier});
                Call::new("CreateTrigger", "POST", &["services", service, "functions", function, "triggers"]).with_json(&document)
            }
            Self::Delete { function, name } => {
                let FunctionTarget { service, function, .. } = function.unqualified()?;
                Call::new("DeleteTrigger", "DELETE", &["services", service, "functions", function, "triggers", name])
            }
        })
    }

    pub async fn run(&self, session: &mut Session) -> Outcome<()> {
        let call = self.call()?;
        match self {
            Self::List { pages, .. } => session.list(call, pages, &TRIGGERS).await,
            Self::Create { .. } => session.show(&call, fields).await,
            Self::Delete { function, name } => session.perform(&call, &format!("trigger {name} of {function} is deleted")).await,
        }
    }
}

const TRIGGERS: Listing =
    Listing { member: "triggers", what: "triggers", heads: &["TRIGGER", "TYPE", "QUALIFIER", "CHANGED", "WHEN"], row };

fn row(trigger: &Value, times: &Times) -> Vec<Cell> {
    vec![
        Cell::plain(text(trigger, "triggerName")),
        Cell::plain(text(trigger, "triggerType")),
        Cell::plain(text(trigger, "qualifier")),
        Cell::new(&times.relative_of(text(trigger, "lastModifiedTime")), Tone::Quiet),
        Cell::plain(schedule(trigger)),
    ]
}

fn fields(trigger: &Value, times: &Times) -> Vec<(&'static str, Cell)> {
    vec![
        ("trigger", Cell::plain(text(trigger, "triggerName"))),
        ("type", Cell::plain(text(trigger, "triggerType"))),
        ("qualifier", Cell::plain(text(trigger, "qualifier"))),
        ("when", Cell::plain(schedule(trigger))),
        ("created", Cell::plain(times.both_of(text(trigger, "createdTime")))),
    ]
}

/// When a time trigger fires; empty for the others.
fn schedule(trigger: &Value) -> String {
    let config: Value = serde_json::from_str(text(trigger, "triggerConfig")).unwrap_or_default();
    let is_off = config.get("enable") == Some(&Value::Bool(false));
    format!("{}{}", text(&config, "cronExpression"), if is_off { " (off)" } else { "" })
}
