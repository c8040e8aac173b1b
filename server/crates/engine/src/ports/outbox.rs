//! Deliveries of outcomes to destinations: their rows, and the way out over HTTP.
//!
//! A row is written by [`TaskStore::apply`](super::TaskStore::apply) in the transaction that takes a task with a destination to its end,
//! so that no outcome is lost between the two, and none is sent of an end that is not durable.

use super::{StoreResult, TaskSeq, WorkerId};
use async_trait::async_trait;
use model::{Delivery, DeliveryStatus, Qualifier, RequestId, TaskRef, TaskStatus, UnixMillis};

/// A delivery that this worker holds, with the outcome to deliver.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedDelivery {
    pub seq: TaskSeq,
    /// The lease's number: grows with each claim and each end of a try.
    pub fence: i64,
    pub target: String,
    /// Tries that have ended.
    pub attempts: u32,
    pub outcome: TaskOutcome,
}

/// What a destination is told of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskOutcome {
    pub task: TaskRef,
    pub qualifier: Qualifier,
    pub request_id: RequestId,
    pub listed: bool,
    /// A final state.
    pub status: TaskStatus,
    pub ended_at: UnixMillis,
    /// Attempts begun.
    pub attempt: u32,
    pub error_kind: String,
    pub error_message: String,
    pub payload: Vec<u8>,
    pub result: Option<Vec<u8>>,
}

/// How a try to deliver ended. It is written only if the delivery's fence is still the expected one.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryEnd {
    pub seq: TaskSeq,
    pub fence: i64,
    /// `Running` when it is tried again.
    pub status: DeliveryStatus,
    /// When it is tried again; only with `Running`.
    pub next_at: Option<UnixMillis>,
    /// False when the try did not get as far as the target, and does not count.
    pub counts: bool,
    /// Why it failed; empty when it did not.
    pub error: String,
    pub at: UnixMillis,
}

/// The deliveries that wait, are under way, or have ended. One per task, gone with the task.
#[async_trait]
pub trait OutboxStore: Send + Sync {
    /// Leases up to `limit` deliveries that are due at `now` to the worker until `lease_until`, oldest first, none to a target of `busy`.
    /// A lease that passes makes the delivery due again, for any worker.
    async fn claim_deliveries(
        &self,
        worker: &WorkerId,
        now: UnixMillis,
        lease_until: UnixMillis,
        busy: &[String],
        limit: u32,
    ) -> StoreResult<Vec<ClaimedDelivery>>;

    /// When the next delivery is due to a target that is not in `busy`; `None` when there is none.
    async fn next_delivery_due(&self, busy: &[String]) -> StoreResult<Option<UnixMillis>>;

    /// Writes how tries ended, in one transaction with `destination_status` of their tasks. Answers in the batch's order whether each was
    /// written.
    async fn end_deliveries(&self, batch: Vec<DeliveryEnd>) -> StoreResult<Vec<bool>>;

    /// Makes what the worker holds due at `now`; for a worker that is known to be over.
    async fn free_deliveries(&self, worker: &WorkerId, now: UnixMillis) -> StoreResult<()>;

    /// The delivery of a task.
    async fn get_delivery(&self, seq: TaskSeq) -> StoreResult<Option<Delivery>>;

    /// Makes a failed delivery due at `now` with all its tries. False when the task has no failed one.
    async fn redrive_delivery(&self, seq: TaskSeq, user: &str, now: UnixMillis) -> StoreResult<bool>;
}

/// A POST to a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookCall {
    pub url: String,
    /// Sent as `Idempotency-Key`: the same for every try of one delivery.
    pub id: String,
    /// Sent as `X-Fc-Request-Id`: the request whose outcome this is.
    pub request_id: RequestId,
    /// A JSON document.
    pub body: Vec<u8>,
}

/// Sends outcomes to HTTP addresses.
#[async_trait]
pub trait Webhook: Send + Sync {
    /// Fails when an address can't or may not be called from here whatever happens; the text is for the user. Looks nothing up.
    fn check(&self, url: &str) -> Result<(), String>;

    /// Posts once and returns when the target took it (any 2xx). The error says what happened instead, in words for the user; it holds
    /// nothing of what the target answered but the status. Takes at most `limits::WEBHOOK_TIMEOUT_S`.
    async fn post(&self, call: WebhookCall) -> Result<(), String>;
}
