//! Takes due tasks and hands each to a worker; waits without polling when there is nothing to do.

use crate::engine::Core;
use crate::ports::ClaimedTask;
use crate::rescue;
use crate::running::Hold;
use crate::signals::Signal;
use crate::worker;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Wait after the store failed.
const STORE_RETRY: Duration = Duration::from_millis(500);

/// Shortest wait between two looks that found nothing to take, in milliseconds.
const CONTENDED_MS: i64 = 20;

/// Runs until the engine drains; begins by taking over what an earlier life left if that is not done yet.
pub(crate) async fn run(core: Arc<Core>, mut rescued: bool) {
    while !rescued {
        tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            () = core.clock.sleep(STORE_RETRY) => {}
        }
        rescued = rescue::at_start(&core).await;
    }
    let slots = Arc::new(Semaphore::new(core.config.slots));
    loop {
        let permits = tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            permits = free_slots(&core, &slots) => permits,
        };
        // Armed before the look, so that a wake-up between look and wait is not lost.
        let woken = core.wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        let wait = match claim(&core, permits.len()).await {
            Ok(claimed) if !claimed.is_empty() => {
                for ((task, hold), permit) in claimed.into_iter().zip(permits) {
                    core.tracker.spawn(worker::run(core.clone(), task, hold, permit));
                }
                continue;
            }
            Ok(_) => {
                drop(permits);
                until_next_due(&core).await
            }
            Err(wait) => wait,
        };
        tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            () = woken => {}
            () = core.clock.sleep(wait) => {}
        }
    }
}

/// Waits for a free slot and takes as many as a claim may fill.
async fn free_slots(core: &Core, slots: &Arc<Semaphore>) -> Vec<OwnedSemaphorePermit> {
    let mut permits = Vec::new();
    // The semaphore is never closed, so an error can't happen; no permit then means no claim.
    permits.extend(slots.clone().acquire_owned().await.ok());
    while permits.len() < core.config.claim_rows_max as usize {
        let Ok(permit) = slots.clone().try_acquire_owned() else { break };
        permits.push(permit);
    }
    permits
}

/// Takes tasks in hand.
async fn claim(core: &Core, limit: usize) -> Result<Vec<(ClaimedTask, Hold)>, Duration> {
    let _claiming = core.claiming.lock().await;
    let now = core.clock.now();
    let alive_until = now.plus_ms(lease_ms(core));
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    match core.store.claim(&core.config.worker, now, alive_until, limit).await {
        Ok(claimed) => {
            if !claimed.is_empty() {
                core.hub.signals.tell(Signal::Holding);
            }
            Ok(claimed.into_iter().map(|task| in_hand(core, task)).collect())
        }
        Err(error) => {
            tracing::warn!(error = %error, "claim failed");
            // It may have been written all the same, and nobody knows of those tasks then.
            core.doubt.notify_one();
            Err(STORE_RETRY)
        }
    }
}

/// Takes a claimed task in hand, and tells listeners if that made it `Processed`.
fn in_hand(core: &Core, task: ClaimedTask) -> (ClaimedTask, Hold) {
    const FIRST_LEASE: i64 = 1;
    if task.listed && task.fence == FIRST_LEASE {
        core.publish(&task.task, task.status, false);
    }
    let hold = core.running.hold(&task);
    (task, hold)
}

/// Length of the lease in milliseconds.
pub(crate) fn lease_ms(core: &Core) -> i64 {
    i64::try_from(core.config.lease.as_millis()).unwrap_or(i64::MAX)
}

async fn until_next_due(core: &Core) -> Duration {
    match core.store.next_due().await {
        Ok(Some(due)) => {
            // What is due and was not claimed is being claimed by another server, which then ends it or not.
            let ms = due.since(core.clock.now()).max(CONTENDED_MS);
            Duration::from_millis(ms.unsigned_abs()).min(core.config.poll_fallback)
        }
        Ok(None) => core.config.poll_fallback,
        Err(_) => STORE_RETRY,
    }
}
