//! The double's queues, and what it counts.

use super::kept::Double;
use async_trait::async_trait;
use model::{Backlog, Error, Figures, FunctionRef, MetricControl, MetricScope, MetricWindow, Metrics, QueueScope, Region, Result};

impl Double {
    /// Limits how many tasks of the scope may run.
    pub(super) fn limit(&self, scope: &QueueScope, most: Option<u32>) -> Result<()> {
        if most == Some(0) {
            return Err(Error::invalid("pause instead"));
        }
        self.queue(scope)?.queues.entry(format!("{scope:?}")).or_default().max_running = most;
        Ok(())
    }
}

/// Nothing: no operation of the API tells of it.
#[async_trait]
impl MetricControl for Double {
    async fn metrics(&self, _: &MetricScope, _: MetricWindow) -> Result<Metrics> {
        Err(Error::internal())
    }

    async fn metrics_by_function(&self, _: &Region, _: MetricWindow) -> Result<Vec<(FunctionRef, Figures)>> {
        Err(Error::internal())
    }

    async fn backlog(&self, _: &QueueScope) -> Result<Backlog> {
        Err(Error::internal())
    }
}
