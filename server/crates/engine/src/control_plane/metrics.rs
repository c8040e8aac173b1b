//! The part of the port that tells what was counted.

use crate::engine::Engine;
use async_trait::async_trait;
use model::*;

#[async_trait]
impl MetricControl for Engine {
    async fn metrics(&self, scope: &MetricScope, window: MetricWindow) -> Result<Metrics> {
        self.core.metrics(scope, window).await
    }

    async fn metrics_by_function(&self, region: &Region, window: MetricWindow) -> Result<Vec<(FunctionRef, Figures)>> {
        self.core.metrics_by_function(region, window).await
    }

    async fn backlog(&self, scope: &QueueScope) -> Result<Backlog> {
        self.core.backlog(scope).await
    }
}
