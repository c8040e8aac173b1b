//! `taskyard task logs`: an operation that Taskyard has beside the vendor's.

use super::task::OneTask;
use crate::call::Call;
use crate::output::{Cell, Times, Tone, parse_instant};
use crate::problem::{Outcome, Problem};
use crate::session::{Session, number, text};
use clap::Args;
use clap::builder::PossibleValuesParser;
use model::{LogLevel, TaskStatus};
use serde_json::Value;
use std::time::Duration;

/// Time between two looks for more lines: after some have come, and when none come for a while.
const PAUSE_FIRST: Duration = Duration::from_millis(200);
/// See [`PAUSE_FIRST`].
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Looks after the task's end: the last lines are stored beside it, and may come a little later.
const LATE_LOOKS: u32 = 5;
/// What the platform's last line of a run begins with.
const LAST_LINE: &str = "FC Invoke End RequestId:";

/// Arguments of `task logs`.
#[derive(Debug, Args)]
pub(crate) struct Logs {
    #[command(flatten)]
    task: OneTask,
    /// Go on until the task has ended
    #[arg(long, short, conflicts_with_all = ["text", "level", "since", "until"])]
    follow: bool,
    /// Only lines with this text, whatever its case
    #[arg(long)]
    text: Option<String>,
    /// Only lines that their logger gave this level; may be repeated
    #[arg(long, value_parser = PossibleValuesParser::new(LogLevel::ALL.map(LogLevel::as_str)))]
    level: Vec<String>,
    /// Only lines of this time or later: 15m, 2h or 3d (ago), 2026-11-24, 2026-11-24T12:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only lines of this time or earlier
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

/// How far a log has been shown.
#[derive(Debug, Default)]
struct Shown {
    /// Number of the first line that has not been.
    next_line: i64,
    /// The platform has said that the run is over, and nothing has come since.
    is_whole: bool,
}

impl Logs {
    /// The call for the first page.
    pub(super) fn call(&self, times: &Times) -> Outcome<Call> {
        let instant = |given: &Option<String>| match given {
            None => Ok(String::new()),
            Some(given) => parse_instant(given, times).map(|at| at.to_string()).map_err(Problem::Usage),
        };
        let OneTask { function, id } = &self.task;
        let path = ["services", &function.service, "functions", &function.function, "stateful-async-invocations", id, "logs"];
        let mut call = Call::new("GetStatefulAsyncInvocationLogs", "GET", &path).with_query("qualifier", &function.qualifier);
        for level in &self.level {
            call = call.with_query("level", level);
        }
        let call = call.with_query("text", self.text.clone().unwrap_or_default());
        Ok(call.with_query("from", instant(&self.since)?).with_query("to", instant(&self.until)?))
    }

    pub(super) async fn run(&self, session: &mut Session) -> Outcome<()> {
        let call = self.call(&session.times())?;
        let mut shown = Shown::default();
        let (mut pause, mut late) = (PAUSE_FIRST, 0);
        loop {
            // Before the lines are read: what is written until the end is among them then.
            let is_over = !self.follow || self.has_ended(session).await?;
            let before = shown.next_line;
            pages(session, &call, &mut shown).await?;
            if !self.follow || is_over && (shown.is_whole || late == LATE_LOOKS) {
                break;
            }
            late += u32::from(is_over);
            let is_quiet = shown.next_line == before && !is_over;
            pause = if is_quiet { (pause * 3 / 2).min(PAUSE_MAX) } else { PAUSE_FIRST };
            session.clock.sleep(pause).await;
        }
        let is_told = shown.next_line == 0 && !session.output.is_json;
        if is_told { session.output.note("there are no such log lines") } else { Ok(()) }
    }

    async fn has_ended(&self, session: &Session) -> Outcome<bool> {
        let record = session.object(&self.task.get()).await?;
        Ok(TaskStatus::parse(text(&record, "status")).is_none_or(TaskStatus::is_terminal))
    }
}

/// Shows what there is from where it was left.
async fn pages(session: &mut Session, call: &Call, shown: &mut Shown) -> Outcome<()> {
    let start = if shown.next_line == 0 { String::new() } else { shown.next_line.to_string() };
    let mut call = call.clone().with_query("startLine", start);
    loop {
        let page = session.object(&call).await?;
        let lines = page.get("logs").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for line in lines {
            show(session, line)?;
            shown.next_line = number(line, "lineNumber") + 1;
            shown.is_whole = text(line, "stream") == "platform" && text(line, "message").starts_with(LAST_LINE);
        }
        let next = text(&page, "nextToken");
        if next.is_empty() {
            return Ok(());
        }
        let following = call.clone().with_token(next);
        if following == call {
            return Err(Problem::Failed("the server gave the same page twice".to_owned()));
        }
        call = following;
    }
}

fn show(session: &mut Session, line: &Value) -> Outcome<()> {
    if session.output.is_json {
        return session.output.item(line);
    }
    let tone = match (text(line, "stream"), text(line, "level")) {
        (_, "ERROR" | "CRITICAL") => Tone::Bad,
        ("platform", _) => Tone::Quiet,
        _ => Tone::Plain,
    };
    let shown = Cell::new(text(line, "message"), tone).paint(session.output.has_colour);
    let at = session.times().of_day(number(line, "timestamp"));
    session.output.line(format!("{at}  {shown}").trim_end())
}
