//! Reading what was counted.

use crate::engine::Core;
use crate::fault::store_fault;
use model::{Backlog, Figures, FunctionRef, MetricPoint, MetricScope, MetricWindow, Metrics, QueueScope, Region, Result, UnixMillis};
use std::sync::Arc;

/// Windows above this are added up by hours where many functions are read.
const BY_MINUTES_MS_MAX: i64 = 6 * 3_600_000;

impl Core {
    pub(crate) async fn metrics(self: &Arc<Self>, scope: &MetricScope, window: MetricWindow) -> Result<Metrics> {
        window.check()?;
        match scope {
            MetricScope::Region(region) => self.check_region(region)?,
            MetricScope::Function(function, _) => drop(self.function(function).await?),
        }
        self.store_what_is_new().await;
        let (step_ms, window) = (window.step_ms(), window.to_whole_points());
        let found = self.store.read_metrics(scope, window, step_ms).await.map_err(store_fault)?;
        Ok(every_point(window, step_ms, found))
    }

    pub(crate) async fn metrics_by_function(
        self: &Arc<Self>,
        region: &Region,
        window: MetricWindow,
    ) -> Result<Vec<(FunctionRef, Figures)>> {
        window.check()?;
        self.check_region(region)?;
        self.store_what_is_new().await;
        let by_hours = window.length_ms() > BY_MINUTES_MS_MAX;
        self.store.metrics_by_function(region, window.to_whole_points(), by_hours).await.map_err(store_fault)
    }

    pub(crate) async fn backlog(&self, scope: &QueueScope) -> Result<Backlog> {
        match scope {
            QueueScope::Region(region) => self.check_region(region)?,
            QueueScope::Function(function) => drop(self.function(function).await?),
        }
        self.store.backlog(scope).await.map_err(store_fault)
    }

    /// Older figures can be read also where the store takes no new ones.
    async fn store_what_is_new(self: &Arc<Self>) {
        if let Err(error) = self.store_counts().await {
            tracing::warn!(error = %error, "figures not stored before they are read");
        }
    }
}

/// Puts points with nothing in them between those that were found.
fn every_point(window: MetricWindow, step_ms: i64, found: Vec<MetricPoint>) -> Metrics {
    let mut total = Figures::default();
    found.iter().for_each(|point| total.add(&point.figures));
    let mut found = found.into_iter().peekable();
    let mut points = Vec::new();
    let mut at = window.from;
    while at < window.until {
        let figures = found.next_if(|point| point.at <= at).map(|point| point.figures).unwrap_or_default();
        points.push(MetricPoint { at, figures });
        at = UnixMillis(at.0.saturating_add(step_ms.max(1)));
    }
    Metrics { window, step_ms, points, total }
}
