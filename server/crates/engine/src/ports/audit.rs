//! Who did what, as stored.

use super::StoreResult;
use async_trait::async_trait;
use model::{AuditEntry, AuditQuery, Page, UnixMillis};

/// The audit: rows are added and, when they are old, deleted; none is ever changed.
#[async_trait]
pub trait AuditStore: Send + Sync {
    async fn insert_audit(&self, entry: &AuditEntry) -> StoreResult<()>;
    /// The newest first; the query's action and token have been checked by the caller.
    async fn list_audit(&self, query: &AuditQuery) -> StoreResult<Page<AuditEntry>>;
    /// Deletes up to `limit` entries from before `before`; returns how many.
    async fn prune_audit(&self, before: UnixMillis, limit: u32) -> StoreResult<u64>;
}
