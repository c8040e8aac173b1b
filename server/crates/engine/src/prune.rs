//! Forgets tasks, logs, audit entries, bulk actions and figures whose retention has passed, and chunks of logs that nothing refers to, in
//! small batches.

use crate::engine::Core;
use crate::ports::StoreResult;
use model::limits;
use std::sync::Arc;
use std::time::Duration;

/// Time between two rounds.
const INTERVAL: Duration = Duration::from_secs(600);
/// Rows deleted by one transaction.
const ROWS_MAX: u32 = 500;
const MS_PER_DAY: i64 = 86_400_000;

/// Runs until the engine drains.
pub(crate) async fn run(core: Arc<Core>) {
    loop {
        round(&core).await;
        tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            () = core.clock.sleep(INTERVAL) => {}
        }
    }
}

async fn round(core: &Core) {
    let (store, now) = (&core.store, core.clock.now());
    if core.config.retention_days > 0 {
        let before = now.plus_ms(-i64::from(core.config.retention_days) * MS_PER_DAY);
        in_batches(core, "old tasks", || store.prune_tasks(before, ROWS_MAX)).await;
        in_batches(core, "old audit entries", || store.prune_audit(before, ROWS_MAX)).await;
        in_batches(core, "old bulk actions", || store.prune_bulks(before, ROWS_MAX)).await;
    }
    // Figures have a retention of their own, whatever that of the tasks is.
    let before = now.plus_ms(-limits::METRIC_DAYS * MS_PER_DAY);
    in_batches(core, "old figures", || store.prune_metrics(before, ROWS_MAX)).await;
    // Those that were deleted, or whose writer died before it had put them in the place of what they were made of.
    in_batches(core, "chunks of logs", || store.sweep_logs(core.clock.now(), ROWS_MAX)).await;
}

/// Deletes batch by batch until one was not full.
async fn in_batches<F: Future<Output = StoreResult<u64>>>(core: &Core, what: &str, delete: impl Fn() -> F) {
    while !core.draining.is_cancelled() {
        match delete().await {
            Ok(deleted) if deleted < u64::from(ROWS_MAX) => return,
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => {
                tracing::warn!(error = %error, "{what} not deleted");
                return;
            }
        }
    }
}
