//! `taskyard invoke` (`fc-api.md` 3.7).

use super::{invoke_output, watch};
use crate::call::Call;
use crate::problem::{EXIT_CODES, Outcome, Problem};
use crate::session::Session;
use crate::settings::Connection;
use crate::target::FunctionTarget;
use bytes::Bytes;
use clap::Args;
use model::limits;
use std::io::Read;
use std::path::{Path, PathBuf};

pub(super) const TASK_ID: &str = "x-fc-stateful-async-invocation-id";

/// Arguments of `invoke`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct InvokeArgs {
    #[command(flatten)]
    pub(crate) connection: Connection,

    #[arg(value_name = "SERVICE/FUNCTION[:QUALIFIER]")]
    function: FunctionTarget,

    /// The event, as it stands here; empty by default
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    payload: Option<String>,

    /// A file that holds the event; `-` is standard input
    #[arg(long, short, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Submit a task and print its id instead of waiting for the result
    #[arg(long = "async")]
    is_async: bool,

    /// Id of the task; one that exists already is refused. The server makes one by default
    #[arg(long, value_name = "TASK_ID", requires = "is_async")]
    id: Option<String>,

    /// Seconds before the task may begin
    #[arg(long, value_name = "SECONDS", requires = "is_async", value_parser = clap::value_parser!(u64).range(..=limits::ASYNC_DELAY_S_MAX))]
    delay: Option<u64>,

    /// Follow the task to its end, like `task watch`
    #[arg(long, requires = "is_async")]
    watch: bool,

    /// Print the end of the log on standard error
    #[arg(long, conflicts_with = "is_async")]
    log: bool,
}

/// The submission of a task.
pub(super) fn submission(function: &FunctionTarget, id: Option<&str>, payload: Bytes) -> Call {
    Call { body: payload, ..invocation(function) }
        .with_header("x-fc-invocation-type", Some("Async"))
        // Whatever the function's own mode: without a record there would be nothing to follow.
        .with_header("x-fc-stateful-async-invocation-enable", Some("true"))
        .with_header(TASK_ID, id)
}

fn invocation(function: &FunctionTarget) -> Call {
    Call::new("InvokeFunction", "POST", &["services", &function.service, "functions", &function.function, "invocations"])
        .with_query("qualifier", &function.qualifier)
}

impl InvokeArgs {
    /// The call.
    pub(crate) fn call(&self, input: &mut dyn Read) -> Outcome<Call> {
        let payload = self.event(input)?;
        if self.is_async {
            let delay = self.delay.map(|seconds| seconds.to_string());
            return Ok(submission(&self.function, self.id.as_deref(), payload).with_header("x-fc-async-delay", delay));
        }
        let call = Call { body: payload, is_patient: true, ..invocation(&self.function) };
        Ok(call.with_header("x-fc-log-type", self.log.then_some("Tail")))
    }

    fn event(&self, input: &mut dyn Read) -> Outcome<Bytes> {
        let Some(file) = &self.file else { return Ok(Bytes::from(self.payload.clone().unwrap_or_default())) };
        let mut bytes = Vec::new();
        let read = if file == Path::new("-") { input.read_to_end(&mut bytes).map(|_| bytes) } else { std::fs::read(file) };
        read.map(Bytes::from).map_err(|error| Problem::Usage(format!("the event in {} can't be read: {error}", file.display())))
    }

    pub(crate) async fn run(&self, session: &mut Session) -> Outcome<()> {
        let call = self.call(&mut *session.input)?;
        let answer = session.transport.send(&call).await?;
        if !self.is_async {
            return invoke_output::finished(&mut session.output, &answer);
        }
        let id = invoke_output::accepted(&mut session.output, &answer, &self.function, !self.watch)?;
        if !self.watch {
            return Ok(());
        }
        let task = watch::follow(session, &self.function, &id, None).await?;
        watch::outcome(&task)
    }
}
