//! Takes due tasks and hands each to a worker; waits without polling when there is nothing to do.

use crate::engine::Core;
use crate::offers::{Offers, Turns};
use crate::ports::{Claim, ClaimedTask};
use crate::rescue;
use crate::retry::PLATFORM_WAIT_MS_MAX;
use crate::scaling::part;
use crate::signals::Signal;
use crate::worker::{self, Taken};
use model::UnixMillis;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Wait after the store failed.
const STORE_RETRY: Duration = Duration::from_millis(500);

/// Shortest wait between two looks that found nothing to take, in milliseconds.
const CONTENDED_MS: i64 = 20;

/// Longest wait for an instance of a function whose instances are free again soon, in milliseconds: they may have ended meanwhile.
const FLOWING_MS: i64 = 20;

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
    let mut turns = Turns::default();
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
        let (wait, is_flowing) = match take(&core, &mut turns, permits.len()).await {
            Look::Taken(taken) => {
                for (taken, permit) in taken.into_iter().zip(permits) {
                    core.tracker.spawn(worker::run(core.clone(), taken, permit));
                }
                continue;
            }
            Look::Nothing(wait) => (wait, false),
            Look::Flow(wait) => (wait, true),
        };
        drop(permits);
        tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            () = woken => {}
            () = core.executor.freed(), if is_flowing => {}
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

/// What a look for due tasks came to.
enum Look {
    Taken(Vec<Taken>),
    /// Nothing could be taken; another look is due after this time.
    Nothing(Duration),
    /// The same; and another look is due as soon as an instance is free.
    Flow(Duration),
}

/// Takes up to `limit` due tasks in hand.
async fn take(core: &Core, turns: &mut Turns, limit: usize) -> Look {
    let heads = match core.store.queue_heads().await {
        Ok(heads) => heads,
        Err(error) => {
            tracing::warn!(error = %error, "queues not read");
            return Look::Nothing(STORE_RETRY);
        }
    };
    let now = core.clock.now();
    let next_due = heads.iter().map(|(_, due)| *due).filter(|due| *due > now).min();
    let due: Vec<_> = heads.into_iter().filter(|(_, due)| *due <= now).map(|(function, _)| function).collect();
    if due.is_empty() {
        return Look::Nothing(until(core, now, next_due));
    }
    let offers = match turns.offers(core, &due, limit).await {
        Ok(offers) => offers,
        Err(error) => {
            tracing::warn!(error = %error, "functions with due tasks not read");
            return Look::Nothing(STORE_RETRY);
        }
    };
    if offers.by_function.is_empty() {
        // Every function with due tasks has as many in hand as it has use for; one that ends wakes the scheduler.
        if !offers.is_flowing {
            return Look::Nothing(until(core, now, next_due));
        }
        let again = now.plus_ms(FLOWING_MS);
        return Look::Flow(until(core, now, Some(next_due.map_or(again, |due| due.min(again)))));
    }
    match claim(core, turns, offers, limit, now).await {
        Ok(taken) if taken.is_empty() => {
            // What is due and was not claimed is being claimed by another server, which then ends it or not.
            let soon = now.plus_ms(CONTENDED_MS);
            Look::Nothing(until(core, now, Some(next_due.map_or(soon, |due| due.min(soon)))))
        }
        Ok(taken) => Look::Taken(taken),
        Err(wait) => Look::Nothing(wait),
    }
}

/// Claims tasks for what is offered and takes them in hand.
async fn claim(core: &Core, turns: &mut Turns, mut offers: Offers, limit: usize, now: UnixMillis) -> Result<Vec<Taken>, Duration> {
    let _claiming = core.claiming.lock().await;
    let claim = Claim {
        worker: core.config.worker.clone(),
        now,
        alive_until: now.plus_ms(lease_ms(core)),
        limit: u32::try_from(limit).unwrap_or(u32::MAX),
        offers: std::mem::take(&mut offers.by_function),
        given_back_from: now.plus_ms(-PLATFORM_WAIT_MS_MAX),
    };
    match core.store.claim(&claim).await {
        Ok(claimed) => {
            if !claimed.is_empty() {
                core.hub.signals.tell(Signal::Holding);
            }
            let mut used = HashMap::with_capacity(claim.offers.len());
            let taken = claimed
                .into_iter()
                .map(|task| {
                    *used.entry(task.task.function.clone()).or_default() += usize::from(task.begun_on.is_some());
                    in_hand(core, &mut offers, task)
                })
                .collect();
            turns.used(used);
            Ok(taken)
        }
        Err(error) => {
            tracing::warn!(error = %error, "claim failed");
            // It may have been written all the same, and nobody knows of those tasks then.
            core.doubt.notify_one();
            Err(STORE_RETRY)
        }
    }
}

/// Takes a claimed task in hand, and tells listeners if that changed its state.
fn in_hand(core: &Core, offers: &mut Offers, task: ClaimedTask) -> Taken {
    if task.listed && (task.is_first_lease() || task.begun_on.is_some()) {
        core.publish(&task.task, task.status, false);
    }
    if task.is_first_lease() {
        let waited = core.clock.now().since(task.due_at);
        core.count(&task.task.function, &task.qualifier, |figures| {
            figures.processed += 1;
            figures.wait.record(waited);
        });
    }
    let function = offers.function(&task.task.function);
    let hold = core.running.hold(&task, part(function.as_ref().map_or(1, |function| function.spec.instance_concurrency)));
    // The offer is about the current code.
    let function = function.filter(|_| task.version.is_none());
    let instance = task.begun_on.as_ref().and_then(|id| offers.instance(id));
    let wait = instance.is_none().then(|| core.waiting.begin(&task.task.function));
    Taken { task, hold, function, instance, wait }
}

/// Length of the lease in milliseconds.
pub(crate) fn lease_ms(core: &Core) -> i64 {
    i64::try_from(core.config.lease.as_millis()).unwrap_or(i64::MAX)
}

fn until(core: &Core, now: UnixMillis, due: Option<UnixMillis>) -> Duration {
    let ms = due.map_or(i64::MAX, |due| due.since(now)).max(1);
    Duration::from_millis(ms.unsigned_abs()).min(core.config.poll_fallback)
}
