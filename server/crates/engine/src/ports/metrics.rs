//! What servers count, as it is stored.

use super::StoreResult;
use async_trait::async_trait;
use model::{Backlog, Figures, FunctionRef, MetricPoint, MetricScope, MetricWindow, Qualifier, QueueScope, Region, UnixMillis};

/// What one server counted of a function and qualifier in a minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricMinute {
    pub function: FunctionRef,
    pub qualifier: Qualifier,
    /// The minute's beginning.
    pub at: UnixMillis,
    pub figures: Figures,
}

/// Figures by minute, and the same by hour and of whole regions so that no read has to go through very much.
#[async_trait]
pub trait MetricStore: Send + Sync {
    /// Adds to what is stored, all or nothing.
    async fn add_metrics(&self, minutes: &[MetricMinute]) -> StoreResult<()>;

    /// The points of a window that begin at whole steps and have anything in them, in order. Steps of hours and more are read of hours, so
    /// the window has to begin with one.
    async fn read_metrics(&self, scope: &MetricScope, window: MetricWindow, step_ms: i64) -> StoreResult<Vec<MetricPoint>>;

    /// The figures of each function of a region in a window, by service and name; by hours, from the first one's beginning, or by minutes.
    async fn metrics_by_function(&self, region: &Region, window: MetricWindow, by_hours: bool) -> StoreResult<Vec<(FunctionRef, Figures)>>;

    /// Deletes up to `limit` rows of before then; as many as `limit` means that there may be more.
    async fn prune_metrics(&self, before: UnixMillis, limit: u32) -> StoreResult<u64>;

    /// What waits now.
    async fn backlog(&self, scope: &QueueScope) -> StoreResult<Backlog>;
}
