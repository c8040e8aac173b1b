//! Health for orchestrators and metrics for Prometheus.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use engine::ports::Store;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// `/healthz`: the process answers. `/readyz`: it takes work and its store answers. `/metrics`: Prometheus text.
pub(crate) fn router(store: Arc<dyn Store>, draining: CancellationToken, metrics: PrometheusHandle) -> Router {
    let ready = move || {
        let (store, draining) = (store.clone(), draining.clone());
        async move { readiness(store.as_ref(), &draining).await }
    };
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(move || async move { metrics.render() }))
}

async fn readiness(store: &dyn Store, draining: &CancellationToken) -> (StatusCode, &'static str) {
    if draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    match store.has_no_user().await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(error = %error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the task store can't be reached\n")
        }
    }
}
