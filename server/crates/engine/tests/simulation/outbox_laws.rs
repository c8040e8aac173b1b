//! What must hold of deliveries: one for each end with a destination, none before that end is written, none recorded that was not made.

use crate::laws::Laws;
use engine::ports::{ClaimedDelivery, DeliveryEnd, NewTask, TaskSeq, WebhookCall, WorkerId};
use model::{DeliveryStatus, Destination, Destinations, Origin, TaskStatus, UnixMillis};

/// Tries before a delivery may be given up.
const TRIES: u32 = 4;

/// A delivery as its committed writes made it.
pub struct Told {
    pub target: String,
    pub status: DeliveryStatus,
    fence: i64,
    due: UnixMillis,
    holder: Option<WorkerId>,
    attempts: u32,
    /// Calls of a webhook that were answered with a failure, since it was last asked for.
    failures: u32,
    /// Calls of a webhook.
    pub sent: u32,
    /// The target has taken it at least once.
    took: bool,
}

/// Where this end goes.
fn target_of(destinations: &Destinations, end: TaskStatus) -> Option<&str> {
    match end {
        TaskStatus::Succeeded => destinations.on_success.as_deref(),
        _ if end.is_terminal() => destinations.on_failure.as_deref(),
        _ => None,
    }
}

impl Laws {
    /// A final state was written.
    pub fn ended(&mut self, seq: TaskSeq, end: TaskStatus, at: UnixMillis) {
        let target = self.tasks.get(&seq).and_then(|known| target_of(&known.destinations, end)).map(str::to_owned);
        let Some(target) = target else { return };
        let told = Told {
            target,
            status: DeliveryStatus::Running,
            fence: 0,
            due: at,
            holder: None,
            attempts: 0,
            failures: 0,
            sent: 0,
            took: false,
        };
        if self.told.insert(seq, told).is_some() {
            self.broken(format!("outbox: {seq} ended twice"));
        }
    }

    /// A task that is an outcome was stored.
    pub fn delivered_to_function(&mut self, new: &NewTask) {
        let Origin::Destination { task: source } = &new.origin else { return };
        let seq = self.tasks.iter().find(|(_, known)| known.task == *source).map(|(seq, _)| *seq);
        let told = seq.and_then(|seq| self.told.get_mut(&seq));
        let wanted = told.as_ref().and_then(|told| Destination::parse(&told.target, &source.function.region).ok());
        match (told, wanted) {
            (Some(told), Some(Destination::Function { function, .. })) if function == new.function => told.took = true,
            _ => {
                self.broken(format!("outbox: {} was told of {}, which has not ended or does not say so", new.function.function, source.id))
            }
        }
    }

    /// A webhook is called.
    pub fn sent(&mut self, call: &WebhookCall) {
        let seq = self.seq_of(&call.request_id);
        match seq.and_then(|seq| self.told.get_mut(&seq)).filter(|told| told.target == call.url) {
            Some(told) => told.sent += 1,
            None => self.broken(format!("outbox: {} was told of {:?}, which has not ended or does not say so", call.url, call.request_id)),
        }
    }

    /// A webhook has answered.
    pub fn answered(&mut self, call: &WebhookCall, took: bool) {
        let seq = self.seq_of(&call.request_id);
        let Some(told) = seq.and_then(|seq| self.told.get_mut(&seq)) else { return };
        told.took |= took;
        told.failures += u32::from(!took);
    }

    pub fn deliveries_claimed(&mut self, worker: &WorkerId, now: UnixMillis, until: UnixMillis, claimed: &[ClaimedDelivery]) {
        for one in claimed {
            let Some(told) = self.told.get_mut(&one.seq) else { return self.broken(format!("outbox: claim of unknown {}", one.seq)) };
            let free = told.status == DeliveryStatus::Running && told.due <= now && told.fence < one.fence;
            let right = told.target == one.target && told.attempts == one.attempts;
            (told.fence, told.due, told.holder) = (one.fence, until, Some(worker.clone()));
            if !free || !right {
                self.broken(format!("outbox: claim of {} that was not free to take: {one:?}", one.seq));
            }
        }
    }

    pub fn deliveries_freed(&mut self, worker: &WorkerId, now: UnixMillis) {
        for told in self.told.values_mut().filter(|told| told.holder.as_ref() == Some(worker) && told.status == DeliveryStatus::Running) {
            (told.fence, told.due, told.holder) = (told.fence + 1, now, None);
        }
    }

    pub fn deliveries_ended(&mut self, batch: &[DeliveryEnd], written: &[bool]) {
        for (end, written) in batch.iter().zip(written) {
            let Some(told) = self.told.get_mut(&end.seq) else { return self.broken(format!("outbox: end of unknown {}", end.seq)) };
            let fits = told.status == DeliveryStatus::Running && told.fence == end.fence;
            if fits != *written {
                return self.broken(format!("outbox: written {written}, right {fits}: {end:?}"));
            }
            if !fits {
                continue;
            }
            (told.fence, told.holder, told.status) = (told.fence + 1, None, end.status);
            told.attempts += u32::from(end.counts);
            told.due = end.next_at.unwrap_or(told.due);
            let is_hook = told.target.starts_with("http");
            let broken = match end.status {
                DeliveryStatus::Running => end.next_at.is_none() || told.attempts >= TRIES,
                DeliveryStatus::Succeeded => !told.took,
                // The first function is the only one that is ever deleted.
                DeliveryStatus::Failed if is_hook => told.attempts != TRIES || told.failures < TRIES,
                DeliveryStatus::Failed => told.attempts != TRIES || !told.target.ends_with("/f0"),
            };
            if broken {
                self.broken(format!(
                    "outbox: {end:?} after {} tries, {} failures",
                    self.told[&end.seq].attempts, self.told[&end.seq].failures
                ));
            }
        }
    }

    pub fn redriven(&mut self, seq: TaskSeq, now: UnixMillis, written: bool) {
        let told = self.told.get_mut(&seq).filter(|told| told.status == DeliveryStatus::Failed);
        if told.is_some() != written {
            return self.broken(format!("outbox: {seq} sent again: {written}"));
        }
        if let Some(told) = told {
            (told.status, told.attempts, told.failures, told.due, told.fence) = (DeliveryStatus::Running, 0, 0, now, told.fence + 1);
        }
    }
}
