//! Ends waiting tasks whose age has passed where no claim comes to them: in paused queues, behind limits, and behind tasks that run long.
//! What is claimed is judged by its worker.

use crate::engine::Core;
use crate::ports::{AgeLook, OverAge, QueueMark, Set, StoreResult};
use crate::rescue::expected;
use crate::retry::PLATFORM_WAIT_MS_MAX;
use crate::transition::{error_detail, happen};
use futures::future::try_join_all;
use model::lifecycle::Event;
use model::{FunctionRef, TaskStatus, UnixMillis};
use std::sync::Arc;
use std::time::Duration;

/// Kind of the error of a task whose age has passed.
pub(crate) const ERROR_KIND: &str = "AsyncEventExpired";

/// Shortest time between two looks, in milliseconds.
const LOOK_MS: i64 = 15_000;
/// A long queue takes long to look through: between two looks passes this many times what the last one took.
const REST: i64 = 50;
/// Tasks looked at by one statement.
const ROWS: u32 = 5_000;

/// What the end of a task that is over age says; `waited_ms` counts from when it was due.
pub(crate) fn message(attempt: u32, waited_ms: i64, error_kind: &str, error_message: &str) -> String {
    let waited = model::format::duration_ms(waited_ms);
    if attempt == 0 {
        format!("the task waited {waited} and was not run")
    } else {
        format!("the allowed age passed {waited} after the task was due; last error: {error_kind} {error_message}")
    }
}

/// Runs until the engine drains.
pub(crate) async fn run(core: Arc<Core>) {
    loop {
        let began = core.clock.now();
        if let Err(error) = look(&core).await {
            tracing::warn!(error = %error, "look for tasks that are over age failed");
        }
        let took = core.clock.now().since(began).max(0);
        let wait = Duration::from_millis(took.saturating_mul(REST).max(LOOK_MS).unsigned_abs());
        tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            () = core.clock.sleep(wait) => {}
        }
    }
}

async fn look(core: &Core) -> StoreResult<()> {
    for function in core.store.waiting_functions(core.clock.now()).await? {
        let mut next = Some((UnixMillis(i64::MIN), 0));
        while let Some(after) = next
            && !core.draining.is_cancelled()
        {
            next = look_at(core, &function, after).await?;
        }
    }
    Ok(())
}

/// Ends what is over age among the next tasks of a function's queue, and returns where the next look goes on.
async fn look_at(core: &Core, function: &FunctionRef, after: QueueMark) -> StoreResult<Option<QueueMark>> {
    let now = core.clock.now();
    let look = AgeLook { now, given_back_from: now.plus_ms(-PLATFORM_WAIT_MS_MAX), after, rows: ROWS };
    let (over_age, next) = core.store.over_age_tasks(function, &look).await?;
    // Together, so that they share transactions.
    try_join_all(over_age.iter().map(|task| end(core, task))).await?;
    Ok(next)
}

async fn end(core: &Core, over_age: &OverAge) -> StoreResult<()> {
    let waited_ms = core.clock.now().since(over_age.due_at);
    let message = message(over_age.task.attempt, waited_ms, &over_age.error_kind, &over_age.error_message);
    let set = Set { error: Some((ERROR_KIND.to_owned(), message.clone())), ..Set::default() };
    let ended = happen(core, expected(&over_age.task), Event::ValidityOver, error_detail(ERROR_KIND, &message), set).await?;
    if ended == Some(TaskStatus::Expired) {
        core.count(&over_age.task.task.function, &over_age.qualifier, |figures| figures.expired += 1);
    }
    Ok(())
}
