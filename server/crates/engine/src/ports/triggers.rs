//! What the engine needs of the store for triggers.

use super::{Inserted, NewTask, StoreResult};
use async_trait::async_trait;
use model::{FunctionRef, ListQuery, Page, Qualifier, ServiceRef, Trigger, TriggerRef, UnixMillis};

/// A due time of a time trigger that becomes an invocation.
#[derive(Debug, Clone, PartialEq)]
pub struct Firing {
    pub trigger: TriggerRef,
    /// The trigger as it was read: it fires only if nobody changed it and nobody fired this due time meanwhile.
    pub etag: String,
    pub expected_due: UnixMillis,
    /// The due time that fires: the expected one, or a later one when several were missed.
    pub due: UnixMillis,
    /// When the trigger fires next; `None` when never again.
    pub next_due: Option<UnixMillis>,
    pub task: NewTask,
}

/// Triggers, and the due times of those that fire by the clock.
#[async_trait]
pub trait TriggerStore: Send + Sync {
    /// `Exists("trigger")` when the name is taken, `Conflict("function")` when the function is gone.
    async fn insert_trigger(&self, trigger: &Trigger) -> StoreResult<()>;
    async fn get_trigger(&self, trigger: &TriggerRef) -> StoreResult<Option<Trigger>>;
    async fn list_triggers(&self, function: &FunctionRef, query: &ListQuery) -> StoreResult<Page<Trigger>>;
    /// Replaces the row whose etag is still `expected_etag`, else `Conflict`. Its next due time only when `replan` is set, since it may
    /// have fired after it was read; its latest firing never.
    async fn update_trigger(&self, trigger: &Trigger, expected_etag: &str, replan: bool) -> StoreResult<()>;
    /// `Conflict` when it is gone or its etag changed.
    async fn delete_trigger(&self, trigger: &TriggerRef, expected_etag: &str) -> StoreResult<()>;

    /// The HTTP triggers of a function, by name.
    async fn http_triggers(&self, function: &FunctionRef) -> StoreResult<Vec<Trigger>>;

    /// Up to `limit` triggers that have a next due time, the earliest first.
    async fn timers(&self, limit: u32) -> StoreResult<Vec<Trigger>>;

    /// Fires a batch in one transaction: each trigger moves on to its next due time and its task is inserted, or, when the trigger is not as
    /// expected any more, neither. Answers in the batch's order what became of each task; `None` where the trigger was not as expected. No
    /// trigger may be in the batch twice.
    async fn fire(&self, batch: Vec<Firing>) -> StoreResult<Vec<Option<Inserted>>>;

    /// Triggers of a service's functions that call a version or alias, by function and name, at most `limit`.
    async fn triggers_of_qualifier(&self, service: &ServiceRef, qualifier: &Qualifier, limit: u32) -> StoreResult<Vec<TriggerRef>>;
}
