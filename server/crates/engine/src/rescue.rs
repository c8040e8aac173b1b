//! Takes over tasks whose worker is gone, and ends waiting tasks whose code is gone.

use crate::engine::Core;
use crate::ports::{LostTask, Set, StoreResult};
use crate::transition::{Expected, error_detail, happen};
use model::lifecycle::Event;
use model::{ErrorCode, TaskStatus, UnixMillis, VersionId};
use std::sync::Arc;
use std::time::Duration;

/// Tasks taken over by one look.
const ROWS_MAX: u32 = 500;
/// Shortest wait between two looks in milliseconds: what is lost may just be taken over by another server.
const LAPSE_MS_MIN: i64 = 20;
/// How often to look when no other server seems to hold a task.
const FALLBACK: Duration = Duration::from_secs(60);

/// Frees what an earlier life of this process held, without waiting for its lease to pass; false when the store failed.
pub(crate) async fn at_start(core: &Core) -> bool {
    if let Some(previous) = &core.config.previous_worker
        && let Err(error) = core.store.retire_worker(previous).await
    {
        tracing::warn!(error = %error, "earlier worker not retired");
        return false;
    }
    if let Some(previous) = &core.config.previous_worker
        && let Err(error) = core.store.free_deliveries(previous, core.clock.now()).await
    {
        tracing::warn!(error = %error, "deliveries of the earlier worker not freed; they wait for the lease to pass");
    }
    if let Some(previous) = &core.config.previous_worker
        && let Err(error) = core.store.free_bulks(previous, core.clock.now()).await
    {
        tracing::warn!(error = %error, "bulk actions of the earlier worker not freed; they wait for the lease to pass");
    }
    // Where no other worker can exist, whatever is held was held by an earlier life, however long its lease still runs.
    let is_alone = core.config.rescue_interval.is_none();
    let rescued = take_over(core, if is_alone { UnixMillis(i64::MAX) } else { core.clock.now() }).await;
    end_orphans(core).await;
    rescued
}

/// Looks whenever another worker's lease may have passed, until the engine drains.
pub(crate) async fn run(core: Arc<Core>) {
    let Some(interval) = core.config.rescue_interval else { return };
    loop {
        tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            () = until_lapse(&core, interval) => {}
        }
        take_over(&core, core.clock.now()).await;
    }
}

async fn until_lapse(core: &Core, interval: Duration) {
    match core.store.first_lapse(&core.config.worker).await {
        Ok(Some(lapse)) => {
            let ms = lapse.since(core.clock.now()).saturating_add(1).max(LAPSE_MS_MIN);
            core.clock.sleep(Duration::from_millis(ms.unsigned_abs()).min(interval)).await;
        }
        // Nobody else holds a task, and who takes one says so.
        Ok(None) if core.hub.signals.is_hearing() => {
            tokio::select! {
                () = core.others_hold.notified() => core.clock.sleep(interval).await,
                () = core.clock.sleep(FALLBACK) => {}
            }
        }
        Ok(None) | Err(_) => core.clock.sleep(interval).await,
    }
}

/// Takes over every task whose worker is not alive at `now`; false when the store failed.
async fn take_over(core: &Core, now: UnixMillis) -> bool {
    loop {
        match free_some(core, now).await {
            Ok(0) => return true,
            // There may be more, and a stop that came in between has taken one to a state that has to be ended in another way.
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(error = %error, "lost tasks not taken over");
                return false;
            }
        }
    }
}

async fn free_some(core: &Core, now: UnixMillis) -> StoreResult<usize> {
    let lost = core.store.lost_tasks(now, ROWS_MAX).await?;
    // This worker's own lease may have lapsed while the machine slept: what is in hand here is not lost, and the next heartbeat says so.
    let in_hand = core.running.in_hand();
    let lost: Vec<LostTask> = lost.into_iter().filter(|task| !in_hand.contains(&(task.seq, task.fence))).collect();
    for task in &lost {
        free(core, task).await?;
        tracing::info!(task.id = %task.task.id, function.name = %task.task.function, status = %task.status, "task of a dead worker taken over");
    }
    if !lost.is_empty() {
        core.due();
    }
    Ok(lost.len())
}

/// Ends a lease whose holder does not run the task.
pub(crate) async fn free(core: &Core, lost: &LostTask) -> StoreResult<()> {
    let now = core.clock.now();
    match lost.status {
        TaskStatus::Running | TaskStatus::Stopping => {
            // A task that was being stopped has ended with its worker: it is not due again.
            let next_run_at = (lost.status == TaskStatus::Running).then_some(now);
            let set = Set { next_run_at, ..Set::default() };
            let detail = error_detail("WorkerLost", "the server that ran this attempt ended; this is not counted as a retry");
            happen(core, expected(lost), Event::WorkerLost, detail, set).await.map(drop)
        }
        _ => core.store.release(lost.seq, lost.fence, lost.attempt, now).await.map(drop),
    }
}

/// Kind and text of the error of a task whose code is gone.
pub(crate) fn gone(version: Option<VersionId>) -> (&'static str, String) {
    match version {
        None => (ErrorCode::FunctionNotFound.as_str(), "the function was deleted".to_owned()),
        Some(version) => (ErrorCode::VersionNotFound.as_str(), format!("version '{version}' was deleted")),
    }
}

/// Ends every waiting task whose function or version does not exist any more.
pub(crate) async fn end_orphans(core: &Core) {
    loop {
        let orphans = match core.store.orphaned_tasks(ROWS_MAX).await {
            Ok(orphans) => orphans,
            Err(error) => {
                tracing::warn!(error = %error, "look for tasks without a function failed");
                return;
            }
        };
        let mut ended = 0;
        for task in &orphans {
            let (kind, message) = gone(task.version);
            let detail = error_detail(kind, &message);
            let set = Set { error: Some((kind.to_owned(), message)), ..Set::default() };
            match happen(core, expected(task), Event::FunctionGone, detail, set).await {
                Ok(Some(_)) => {
                    ended += 1;
                    if task.status != TaskStatus::Enqueued {
                        core.end_code(task.seq);
                    }
                }
                Ok(None) => {}
                Err(_) => return,
            }
        }
        // Those that were not ended have just been started; they end by themselves.
        if ended == 0 || orphans.len() < ROWS_MAX as usize {
            return;
        }
    }
}

/// A task as it was read.
pub(crate) fn expected(lost: &LostTask) -> Expected<'_> {
    Expected {
        seq: lost.seq,
        task: &lost.task,
        status: lost.status,
        fence: lost.fence,
        attempt: lost.attempt,
        listed: true,
        has_destination: true,
    }
}
