//! Sends the outcomes of tasks to their destinations: takes due deliveries from the outbox, tries each, and records how the try ended.
//!
//! A delivery is made at least once: what was sent and could not be recorded is sent again when its lease has passed.

use crate::engine::Core;
use crate::outcome::{delivery_id, document};
use crate::ports::{ClaimedDelivery, DeliveryEnd, StoreResult, WebhookCall};
use crate::retry::{platform_wait_ms, retry_wait_ms};
use model::{DeliveryStatus, Destination, ErrorCode, Origin, RequestId, SubmitRequest, limits};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Deliveries under way at once.
const SLOTS: usize = 32;
/// Deliveries taken by one claim at most.
const CLAIM_ROWS_MAX: usize = 8;
/// A target with so many under way gets no more until one has ended, so that one which does not answer leaves room for the others.
const PER_TARGET_MAX: usize = 8;
/// How long a delivery stays with a server that is not heard of again: a try and its record take less.
const LEASE_MS: i64 = 3 * 1_000 * limits::WEBHOOK_TIMEOUT_S as i64;
/// Without a wake-up it is looked for due deliveries once while it is looked for due tasks so often: only what another server left behind, or
/// what an answer that was lost would have told of, is found so late.
const FALLBACK_POLLS: u32 = 2;
/// Wait after the store failed.
const STORE_RETRY: Duration = Duration::from_millis(500);
/// Wait after a look that found something due and took nothing: another server was faster.
const CONTENDED: Duration = Duration::from_millis(20);

/// Runs until the engine drains; what ends after that is delivered by another server or at the next start.
pub(crate) async fn run(core: Arc<Core>) {
    let slots = Arc::new(Semaphore::new(SLOTS));
    let under_way = UnderWay::default();
    loop {
        let permits = tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            permits = free_slots(&slots) => permits,
        };
        // Armed before the look, so that a wake-up between look and wait is not lost.
        let woken = core.deliver.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        let wait = match look(&core, &under_way, permits).await {
            Ok(None) => continue,
            Ok(Some(wait)) => wait,
            Err(error) => {
                tracing::warn!(error = %error, "look for due deliveries failed");
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

/// Waits for a free slot and takes as many as a claim may fill.
async fn free_slots(slots: &Arc<Semaphore>) -> Vec<OwnedSemaphorePermit> {
    let mut permits = Vec::new();
    // The semaphore is never closed, so an error can't happen; no permit then means no claim.
    permits.extend(slots.clone().acquire_owned().await.ok());
    while permits.len() < CLAIM_ROWS_MAX {
        let Ok(permit) = slots.clone().try_acquire_owned() else { break };
        permits.push(permit);
    }
    permits
}

/// Takes what is due; the answer is how long to wait if that was nothing.
async fn look(core: &Arc<Core>, under_way: &UnderWay, permits: Vec<OwnedSemaphorePermit>) -> StoreResult<Option<Duration>> {
    let busy = under_way.busy();
    let due = core.store.next_delivery_due(&busy).await?;
    let now = core.clock.now();
    let fallback = core.config.poll_fallback * FALLBACK_POLLS;
    match due.map(|due| due.since(now)) {
        None => return Ok(Some(fallback)),
        Some(ms) if ms > 0 => return Ok(Some(Duration::from_millis(ms.unsigned_abs()).min(fallback))),
        Some(_) => {}
    }
    let limit = u32::try_from(permits.len()).unwrap_or(u32::MAX);
    let claimed = core.store.claim_deliveries(&core.config.worker, now, now.plus_ms(LEASE_MS), &busy, limit).await?;
    if claimed.is_empty() {
        return Ok(Some(CONTENDED));
    }
    for (delivery, permit) in claimed.into_iter().zip(permits) {
        let place = under_way.begin(&delivery.target);
        core.tracker.spawn(deliver(core.clone(), delivery, place, permit));
    }
    Ok(None)
}

/// How a try went.
enum Tried {
    Delivered,
    /// The target did not take it; in words for the user.
    Failed(String),
    /// It did not get as far as the target, through no fault of it.
    Not(String),
}

async fn deliver(core: Arc<Core>, delivery: ClaimedDelivery, place: Place, slot: OwnedSemaphorePermit) {
    let tried = tokio::select! {
        biased;
        tried = attempt(&core, &delivery) => tried,
        () = core.abandoned.cancelled() => Tried::Not("the server was shut down".to_owned()),
    };
    let end = end(&core, &delivery, tried);
    let status = end.status;
    let written = core.delivery_ends.write(end).await;
    drop((place, slot));
    match written {
        Ok(true) => {
            metrics::counter!("taskyard_deliveries_total", "status" => status.as_str()).increment(1);
            core.count(&delivery.outcome.task.function, &delivery.outcome.qualifier, |figures| match status {
                DeliveryStatus::Succeeded => figures.delivered += 1,
                DeliveryStatus::Failed => figures.undelivered += 1,
                DeliveryStatus::Running => {}
            });
            if delivery.outcome.listed {
                core.publish(&delivery.outcome.task, delivery.outcome.status, false);
            }
        }
        Ok(false) => tracing::warn!(task.id = %delivery.outcome.task.id, "delivery took longer than its lease; another server has it"),
        Err(error) => {
            tracing::warn!(task.id = %delivery.outcome.task.id, error = %error, "end of a delivery not recorded; it is sent again")
        }
    }
    // Another try may be due earlier than what was due next, and the target may have been full.
    core.deliver.notify_one();
}

/// Tries once.
async fn attempt(core: &Core, delivery: &ClaimedDelivery) -> Tried {
    let outcome = &delivery.outcome;
    let (id, body) = (delivery_id(outcome), document(outcome));
    match Destination::parse(&delivery.target, &outcome.task.function.region) {
        Err(error) => Tried::Failed(error.message),
        Ok(Destination::Webhook(url)) => {
            let call = WebhookCall { url, id, request_id: outcome.request_id.clone(), body };
            core.webhook.post(call).await.map_or_else(Tried::Failed, |()| Tried::Delivered)
        }
        Ok(Destination::Function { function, qualifier }) => {
            let request = SubmitRequest {
                function,
                qualifier,
                request_id: RequestId::from_stored(id),
                task_id: None,
                force_task: false,
                delay_s: 0,
                payload: body,
                http: None,
                origin: Origin::Destination { task: outcome.task.clone() },
            };
            match core.accept(request).await {
                Ok(_) => Tried::Delivered,
                // An earlier try got through and its end was not recorded.
                Err(error) if error.code == ErrorCode::StatefulAsyncInvocationAlreadyExists => Tried::Delivered,
                Err(error) if error.code == ErrorCode::ServiceUnavailable => Tried::Not(error.message),
                Err(error) => Tried::Failed(error.to_string()),
            }
        }
    }
}

/// What is recorded of a try: done, tried again later, or given up.
fn end(core: &Core, delivery: &ClaimedDelivery, tried: Tried) -> DeliveryEnd {
    let at = core.clock.now();
    let task = &delivery.outcome.task;
    let (status, next_at, counts, error) = match tried {
        Tried::Delivered => (DeliveryStatus::Succeeded, None, true, String::new()),
        Tried::Failed(why) if delivery.attempts < limits::DELIVERY_RETRIES_MAX => {
            tracing::info!(task.id = %task.id, target = delivery.target, why, "not delivered; trying again");
            let next = at.plus_ms(retry_wait_ms(delivery.attempts, core.config.random));
            (DeliveryStatus::Running, Some(next), true, why)
        }
        Tried::Failed(why) => {
            tracing::warn!(task.id = %task.id, function.name = %task.function, target = delivery.target, why, "not delivered; given up");
            (DeliveryStatus::Failed, None, true, format!("{}: {why}", ErrorCode::DestinationDeliveryFailed))
        }
        Tried::Not(why) if core.draining.is_cancelled() => (DeliveryStatus::Running, Some(at), false, why),
        Tried::Not(why) => {
            let next = at.plus_ms(platform_wait_ms(delivery.outcome.ended_at, at, core.config.random));
            (DeliveryStatus::Running, Some(next), false, why)
        }
    };
    DeliveryEnd { seq: delivery.seq, fence: delivery.fence, status, next_at, counts, error: cut(error), at }
}

/// At most as much of the text as is kept.
fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(limits::DELIVERY_ERROR_BYTES_MAX));
    text
}

/// Deliveries under way by target. Cheap to clone.
#[derive(Debug, Clone, Default)]
struct UnderWay {
    counts: Arc<Mutex<HashMap<String, usize>>>,
}

/// A delivery under way; dropping it ends it.
struct Place {
    under_way: UnderWay,
    target: String,
}

impl UnderWay {
    fn counts<T>(&self, f: impl FnOnce(&mut HashMap<String, usize>) -> T) -> T {
        f(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn begin(&self, target: &str) -> Place {
        self.counts(|counts| *counts.entry(target.to_owned()).or_default() += 1);
        Place { under_way: self.clone(), target: target.to_owned() }
    }

    /// Targets that get no more for now, in a fixed order.
    fn busy(&self) -> Vec<String> {
        let mut busy: Vec<String> =
            self.counts(|counts| counts.iter().filter(|(_, count)| **count >= PER_TARGET_MAX).map(|(target, _)| target.clone()).collect());
        busy.sort();
        busy
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.under_way.counts(|counts| {
            if let Some(count) = counts.get_mut(&self.target) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&self.target);
                }
            }
        });
    }
}
