//! Works off bulk actions: takes one for a turn, does a batch of its tasks, writes what came of them, and gives it back, so that several
//! actions and several servers take turns.
//!
//! Nothing is done twice, whenever a server dies. What it did without writing it down is found: a stop leaves the action's id in the task's
//! history, and an execution has an id that is made of action and task, which is refused the second time.

use crate::engine::Core;
use crate::fixed_id::fixed_id;
use crate::ports::{BulkItemEnd, ClaimedBulk, StoreResult, TaskScan, TaskSeq};
use crate::service::bulk::{SCAN_ROWS, is_full};
use futures::future::join_all;
use model::{Bulk, BulkAction, BulkOutcome, BulkState, ErrorCode, RequestId, Result, TaskId, TaskRef, limits};
use std::sync::Arc;
use std::time::Duration;

/// Tasks of one turn; they share transactions.
const BATCH: u32 = 64;
/// How long an action stays with a server that is not heard of again: a turn takes less.
const LEASE_MS: i64 = 10_000;
/// Longest wait between two looks: only what another server left behind is found by it.
const LOOK: Duration = Duration::from_secs(50);
/// Wait after the store failed.
const STORE_RETRY: Duration = Duration::from_millis(500);
/// Wait after a look that found something due and took nothing: another server was faster.
const CONTENDED: Duration = Duration::from_millis(20);

/// Runs until the engine drains; an action that goes on then is worked on by another server or after the next start.
pub(crate) async fn run(core: Arc<Core>) {
    while !core.draining.is_cancelled() {
        // Armed before the look, so that an action begun between look and wait is not lost.
        let woken = core.bulks.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        let wait = match turn(&core).await {
            Ok(None) => continue,
            Ok(Some(wait)) => wait,
            Err(error) => {
                tracing::warn!(error = %error, "bulk action interrupted; it goes on");
                STORE_RETRY
            }
        };
        tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            () = woken => {}
            () = core.clock.sleep(wait) => {}
        }
    }
}

/// Works for one turn; how long to wait if there was nothing to do.
async fn turn(core: &Core) -> StoreResult<Option<Duration>> {
    let now = core.clock.now();
    match core.store.next_bulk_due().await?.map(|due| due.since(now)) {
        None => return Ok(Some(LOOK)),
        Some(ms) if ms > 0 => return Ok(Some(Duration::from_millis(ms.unsigned_abs()).min(LOOK))),
        Some(_) => {}
    }
    let Some(claimed) = core.store.claim_bulk(&core.config.worker, now, now.plus_ms(LEASE_MS), BATCH).await? else {
        return Ok(Some(CONTENDED));
    };
    match claimed.bulk.state {
        BulkState::Collecting => collect(core, &claimed).await?,
        _ => return work(core, &claimed).await,
    }
    Ok(None)
}

/// Finds more of the action's tasks.
async fn collect(core: &Core, claimed: &ClaimedBulk) -> StoreResult<()> {
    let Bulk { id, scope, filter, total, .. } = &claimed.bulk;
    let scan = TaskScan { scope, filter, until: claimed.until, after: claimed.cursor.clone(), rows: SCAN_ROWS };
    let mut found = core.store.scan_tasks(&scan).await?;
    let room = limits::BULK_TASKS_MAX.saturating_sub(*total);
    found.tasks.truncate(usize::try_from(room).unwrap_or(usize::MAX));
    let next = found.next.filter(|_| !is_full(total + found.tasks.len() as u64));
    core.store.extend_bulk(id, claimed.fence, &found.tasks, next, core.clock.now()).await?;
    Ok(())
}

/// Does a batch of the action's tasks.
async fn work(core: &Core, claimed: &ClaimedBulk) -> StoreResult<Option<Duration>> {
    let ends = join_all(claimed.items.iter().map(|(seq, task)| act(core, &claimed.bulk, *seq, task))).await;
    let ends: Vec<BulkItemEnd> = ends.into_iter().flatten().collect();
    if !core.store.end_bulk_items(&claimed.bulk.id, claimed.fence, &ends, core.clock.now()).await? {
        tracing::warn!(bulk.id = claimed.bulk.id, "a turn of a bulk action took longer than its lease; another server has it");
    }
    // Tasks that could not be tried now are tried again, but not at once.
    let is_stuck = ends.is_empty() && !claimed.items.is_empty();
    Ok(is_stuck.then_some(STORE_RETRY))
}

/// Does the action to one task; `None` when that is not possible at the moment.
async fn act(core: &Core, bulk: &Bulk, seq: TaskSeq, task: &TaskRef) -> Option<BulkItemEnd> {
    let done = match bulk.action {
        BulkAction::Stop => stop(core, bulk, task).await,
        BulkAction::Reexecute => reexecute(core, bulk, seq, task).await,
    };
    let (outcome, reason, new_task) = match done {
        Ok(Done::Done(new_task)) => (BulkOutcome::Done, String::new(), new_task),
        Ok(Done::Skipped(why)) => (BulkOutcome::Skipped, why, None),
        Err(error) if error.code == ErrorCode::ServiceUnavailable => return None,
        Err(error) if error.code == ErrorCode::StatefulAsyncInvocationNotFound => {
            (BulkOutcome::Skipped, "There is no record of this task any more.".to_owned(), None)
        }
        Err(error) => (BulkOutcome::Failed, error.message, None),
    };
    Some(BulkItemEnd { seq, outcome, reason, new_task })
}

/// What came of one task that was not refused.
enum Done {
    /// With the task that executes it again.
    Done(Option<TaskId>),
    Skipped(String),
}

async fn stop(core: &Core, bulk: &Bulk, task: &TaskRef) -> Result<Done> {
    let mark = serde_json::json!({ "StoppedBy": bulk.user, "BulkAction": bulk.id }).to_string();
    let row = core.task_row(task).await?;
    if row.task.events.iter().any(|event| event.detail == mark) {
        return Ok(Done::Done(None));
    }
    if let Some(refusal) = row.task.stop_refusal() {
        return Ok(Done::Skipped(refusal.to_owned()));
    }
    match core.stop_with(task, mark).await {
        Ok(_) => Ok(Done::Done(None)),
        // It ended meanwhile.
        Err(error) if error.code == ErrorCode::InvalidArgument => Ok(Done::Skipped(error.message)),
        Err(error) => Err(error),
    }
}

async fn reexecute(core: &Core, bulk: &Bulk, seq: TaskSeq, task: &TaskRef) -> Result<Done> {
    let new = RequestId::from_stored(fixed_id(&format!("bulk {} {seq}", bulk.id)));
    let row = core.task_row(task).await?;
    if let Some(refusal) = row.task.reexecute_refusal() {
        return Ok(Done::Skipped(refusal.to_owned()));
    }
    let id = TaskId::from_stored(new.as_str());
    match core.reexecute_as(row, new, &bulk.user).await {
        Ok(_) => Ok(Done::Done(Some(id))),
        // An earlier try got through and was not written down.
        Err(error) if error.code == ErrorCode::StatefulAsyncInvocationAlreadyExists => Ok(Done::Done(Some(id))),
        Err(error) => Err(error),
    }
}
