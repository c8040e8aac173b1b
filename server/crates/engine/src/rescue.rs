//! Takes over tasks whose worker is gone, and ends waiting tasks whose function is gone.

use crate::engine::Core;
use crate::ports::{LostTask, Set};
use crate::transition::{Expected, error_detail, happen};
use model::TaskStatus;
use model::lifecycle::Event;
use std::sync::Arc;

/// Tasks taken over by one look.
const ROWS_MAX: u32 = 500;

/// Frees what an earlier life of this process held, without waiting for its lease to pass.
pub(crate) async fn at_start(core: &Core) {
    if let Some(previous) = &core.config.previous_worker
        && let Err(error) = core.store.retire_worker(previous).await
    {
        tracing::warn!(error = %error, "earlier worker not retired");
    }
    take_over(core).await;
    end_orphans(core).await;
}

/// Looks again and again until the engine drains.
pub(crate) async fn run(core: Arc<Core>) {
    let Some(interval) = core.config.rescue_interval else { return };
    loop {
        tokio::select! {
            () = core.clock.sleep(interval) => take_over(&core).await,
            () = core.draining.cancelled() => return,
        }
    }
}

/// Takes over every task whose worker is not alive.
pub(crate) async fn take_over(core: &Core) {
    loop {
        let lost = match core.store.lost_tasks(core.clock.now(), ROWS_MAX).await {
            Ok(lost) => lost,
            Err(error) => {
                tracing::warn!(error = %error, "look for lost tasks failed");
                return;
            }
        };
        let found = lost.len();
        for task in lost {
            if !free(core, &task).await {
                return;
            }
        }
        core.wake.notify_one();
        if found < ROWS_MAX as usize {
            return;
        }
    }
}

/// Ends one dead lease; false when the store failed.
async fn free(core: &Core, lost: &LostTask) -> bool {
    let now = core.clock.now();
    let written = match lost.status {
        TaskStatus::Running | TaskStatus::Stopping => {
            // A task that was being stopped has ended with its worker: it is not due again.
            let next_run_at = (lost.status == TaskStatus::Running).then_some(now);
            let set = Set { next_run_at, ..Set::default() };
            let detail = error_detail("WorkerLost", "the server that ran this attempt ended; this is not counted as a retry");
            happen(core, expected(lost), Event::WorkerLost, detail, set).await.map(drop)
        }
        _ => core.store.release(lost.seq, lost.fence, lost.attempt, now).await.map(drop),
    };
    if let Err(error) = written {
        tracing::warn!(task.id = %lost.task.id, error = %error, "lost task not taken over");
        return false;
    }
    tracing::info!(task.id = %lost.task.id, function.name = %lost.task.function, status = %lost.status, "task of a dead worker taken over");
    true
}

/// Ends every waiting task whose function does not exist any more.
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
            let detail = error_detail("FunctionNotFound", "the function was deleted");
            let set = Set { error: Some(("FunctionNotFound".to_owned(), "the function was deleted".to_owned())), ..Set::default() };
            match happen(core, expected(task), Event::FunctionGone, detail, set).await {
                Ok(Some(_)) => {
                    ended += 1;
                    core.running.stop(task.seq);
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

fn expected(lost: &LostTask) -> Expected<'_> {
    Expected { seq: lost.seq, task: &lost.task, status: lost.status, fence: lost.fence, attempt: lost.attempt, listed: true }
}
