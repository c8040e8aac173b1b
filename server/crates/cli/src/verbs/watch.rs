//! Following a task to its end.

use super::{task, task_output};
use crate::problem::{Outcome, Problem};
use crate::session::{Session, text};
use crate::target::FunctionTarget;
use model::TaskStatus;
use serde_json::Value;
use std::time::Duration;

/// Time between two looks: after a change, and when nothing has happened for a while.
const PAUSE_FIRST: Duration = Duration::from_millis(200);
/// See [`PAUSE_FIRST`].
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Looks in a row for which the server may be away, as while it is started anew.
const ABSENCES_MAX: u32 = 15;

/// Shows every change of a task's state until it has ended; returns its record.
pub(super) async fn follow(session: &mut Session, function: &FunctionTarget, id: &str, patience: Option<Duration>) -> Outcome<Value> {
    let call = task::at("GetStatefulAsyncInvocation", "GET", function, id);
    let begun = session.clock.now();
    let (mut shown, mut waits, mut absences, mut pause) = (0, String::new(), 0, PAUSE_FIRST);
    let mut status = String::new();
    loop {
        match session.object(&call).await {
            Ok(record) => {
                let times = session.times();
                let last = task_output::events(&mut session.output, &record, &times, shown)?;
                pause = if last == shown { (pause * 3 / 2).min(PAUSE_MAX) } else { PAUSE_FIRST };
                (shown, absences) = (last, 0);
                status = text(&record, "status").to_owned();
                if TaskStatus::parse(&status).is_none_or(TaskStatus::is_terminal) {
                    return Ok(record);
                }
                let reason = task_output::wait_of(&record, &times);
                if reason != waits && !reason.is_empty() && !session.output.is_json {
                    session.output.note(&format!("waits: {reason}"))?;
                }
                waits = reason;
            }
            // A task outlives its server; one that was never there is not waited for.
            Err(Problem::Unreachable(why)) if !status.is_empty() && absences < ABSENCES_MAX => {
                if absences == 0 {
                    session.output.note(&format!("{why}; trying again"))?;
                }
                (absences, pause) = (absences + 1, PAUSE_MAX);
            }
            Err(problem) => return Err(problem),
        }
        let waited = Duration::from_millis(session.clock.now().since(begun).unsigned_abs());
        let left = patience.map(|patience| (patience.saturating_sub(waited), patience.as_secs()));
        match left {
            Some((Duration::ZERO, seconds)) => return Err(Problem::Failed(format!("task {id} is still {status} after {seconds} s"))),
            Some((left, _)) => session.clock.sleep(pause.min(left)).await,
            None => session.clock.sleep(pause).await,
        }
    }
}

/// Fails unless the task succeeded.
pub(super) fn outcome(record: &Value) -> Outcome<()> {
    let status = text(record, "status");
    if status == TaskStatus::Succeeded.as_str() {
        return Ok(());
    }
    let error = task_output::error_of(record);
    let why = if error.is_empty() { String::new() } else { format!(": {error}") };
    Err(Problem::Function(format!("task {} ended as {status}{why}", text(record, "invocationId"))))
}
