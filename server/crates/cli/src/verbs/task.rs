//! `taskyard task …` (`fc-api.md` 3.8).

use super::{invoke, invoke_output, task_logs, task_output, watch};
use crate::call::Call;
use crate::output::{Times, parse_instant};
use crate::problem::{EXIT_CODES, Outcome, Problem};
use crate::session::{Listing, Pages, Session, text};
use crate::settings::Connection;
use crate::target::FunctionTarget;
use bytes::Bytes;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};
use model::TaskStatus;
use std::time::Duration;

/// Arguments of `task`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct TaskArgs {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(subcommand)]
    pub(crate) verb: TaskVerb,
}

/// What can be done with tasks.
#[derive(Debug, Subcommand)]
pub(crate) enum TaskVerb {
    /// Lists the tasks of a function, newest first
    List(Box<List>),
    /// Shows a task with its history, payload and result
    Get(OneTask),
    /// Shows each change of a task's state until it has ended; exit code 3 unless it Succeeded
    Watch {
        #[command(flatten)]
        task: OneTask,
        /// Give up after so long, with exit code 1
        #[arg(long, value_name = "SECONDS")]
        timeout: Option<u64>,
    },
    /// Stops a task: after `Stopped` none of its processes is left
    Stop(OneTask),
    /// Submits the payload of a task again as a new task; the two are not linked
    Retry {
        #[command(flatten)]
        task: OneTask,
        /// Id of the new task; the server makes one by default
        #[arg(long = "id", value_name = "TASK_ID")]
        new_id: Option<String>,
        /// Follow the new task to its end
        #[arg(long)]
        watch: bool,
    },
    /// Prints the log lines of a task, of all its attempts
    Logs(task_logs::Logs),
}

/// A task of a function.
#[derive(Debug, Args)]
pub(crate) struct OneTask {
    #[arg(value_name = "SERVICE/FUNCTION[:QUALIFIER]")]
    pub(super) function: FunctionTarget,
    #[arg(value_name = "TASK_ID")]
    pub(super) id: String,
}

/// Arguments of `task list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// The qualifier that the tasks were submitted to; LATEST by default
    #[arg(value_name = "SERVICE/FUNCTION[:QUALIFIER]")]
    function: FunctionTarget,
    /// Only tasks in this state; may be repeated
    #[arg(long, value_name = "STATE", value_parser = PossibleValuesParser::new(TaskStatus::ALL.map(TaskStatus::as_str)))]
    status: Vec<String>,
    /// Only tasks whose id begins with this
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// Only tasks that started at this time or later: 15m, 2h or 3d (ago), 2026-11-24, 2026-11-24T12:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only tasks that started at this time or earlier
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Order by start
    #[arg(long, value_enum, default_value_t = Order::Desc)]
    order: Order,
    /// With --json, include the payloads
    #[arg(long)]
    payload: bool,
    #[command(flatten)]
    pages: Pages,
}

/// Values of `--order`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    /// Oldest first
    Asc,
    /// Newest first
    Desc,
}

impl List {
    fn call(&self, times: &Times) -> Outcome<Call> {
        let instant = |given: &Option<String>| match given {
            None => Ok(String::new()),
            Some(given) => parse_instant(given, times).map(|at| at.to_string()).map_err(Problem::Usage),
        };
        let FunctionTarget { service, function, qualifier } = &self.function;
        let path = ["services", service, "functions", function, "stateful-async-invocations"];
        let mut call = Call::new("ListStatefulAsyncInvocations", "GET", &path).with_query("qualifier", qualifier);
        for status in &self.status {
            call = call.with_query("status", status);
        }
        Ok(call
            .with_query("invocationIdPrefix", self.prefix.clone().unwrap_or_default())
            .with_query("startedTimeBegin", instant(&self.since)?)
            .with_query("startedTimeEnd", instant(&self.until)?)
            .with_query("sortOrderByTime", if self.order == Order::Asc { "asc" } else { "" })
            .with_query("includePayload", if self.payload { "true" } else { "" }))
    }
}

/// An operation on a task.
pub(super) fn at(action: &'static str, method: &'static str, function: &FunctionTarget, id: &str) -> Call {
    Call::new(action, method, &["services", &function.service, "functions", &function.function, "stateful-async-invocations", id])
        .with_query("qualifier", &function.qualifier)
}

impl OneTask {
    pub(super) fn get(&self) -> Call {
        at("GetStatefulAsyncInvocation", "GET", &self.function, &self.id)
    }
}

const TASKS: Listing = Listing {
    member: "invocations",
    what: "such tasks",
    heads: &["TASK", "STATUS", "STARTED", "AGE", "DURATION", "RETRIES", "ERROR"],
    row: task_output::row,
};

impl TaskVerb {
    /// The first call.
    pub fn call(&self, times: &Times) -> Outcome<Call> {
        Ok(match self {
            Self::List(list) => list.call(times)?,
            Self::Get(task) | Self::Watch { task, .. } | Self::Retry { task, .. } => task.get(),
            Self::Logs(logs) => logs.call(times)?,
            Self::Stop(task) => at("StopStatefulAsyncInvocation", "PUT", &task.function, &task.id),
        })
    }

    pub async fn run(&self, session: &mut Session) -> Outcome<()> {
        let call = self.call(&session.times())?;
        match self {
            Self::List(list) => session.list(call, &list.pages, &TASKS).await,
            Self::Get(_) => show(session, &call).await,
            Self::Watch { task, timeout } => {
                let ended = watch::follow(session, &task.function, &task.id, timeout.map(Duration::from_secs)).await?;
                watch::outcome(&ended)
            }
            Self::Stop(task) => stop(session, &call, task).await,
            Self::Retry { task, new_id, watch } => retry(session, task, new_id.as_deref(), *watch).await,
            Self::Logs(logs) => logs.run(session).await,
        }
    }
}

async fn show(session: &mut Session, call: &Call) -> Outcome<()> {
    let task = session.object(call).await?;
    if session.output.is_json {
        return session.output.document(&task);
    }
    let times = session.times();
    session.output.fields(&task_output::fields(&task, &times))?;
    session.output.line("")?;
    task_output::events(&mut session.output, &task, &times, 0).map(|_| ())
}

/// Asks for the stop and shows where the task stands then.
async fn stop(session: &mut Session, call: &Call, task: &OneTask) -> Outcome<()> {
    session.transport.send(call).await?;
    let record = session.object(&task.get()).await?;
    if session.output.is_json {
        return session.output.document(&record);
    }
    session.output.line(&format!("task {} is {}", task.id, text(&record, "status")))
}

/// The API has no operation for it: reads the record and submits its payload, to the same qualifier.
async fn retry(session: &mut Session, task: &OneTask, id: Option<&str>, watch: bool) -> Outcome<()> {
    let record = session.object(&task.get()).await?;
    let payload = text(&record, "invocationPayload");
    if payload.contains(char::REPLACEMENT_CHARACTER) {
        return Err(Problem::Failed(format!(
            "the payload of {} has bytes that are no text, which the API does not give back; submit it anew with invoke --async --file, or \
             execute it again in the console",
            task.id
        )));
    }
    let function = FunctionTarget { qualifier: text(&record, "qualifier").to_owned(), ..task.function.clone() };
    let answer = session.transport.send(&invoke::submission(&function, id, Bytes::from(payload.to_owned()))).await?;
    let id = invoke_output::accepted(&mut session.output, &answer, &function, !watch)?;
    if !watch {
        return Ok(());
    }
    let ended = watch::follow(session, &function, &id, None).await?;
    watch::outcome(&ended)
}
