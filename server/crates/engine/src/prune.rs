//! Forgets tasks, logs, bulk actions and audit entries whose retention has passed, and chunks of logs that nothing refers to, in small batches.

use crate::engine::Core;
use model::UnixMillis;
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
        if core.config.retention_days > 0 {
            prune(&core).await;
            prune_audit(&core).await;
            prune_bulks(&core).await;
        }
        sweep(&core).await;
        tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            () = core.clock.sleep(INTERVAL) => {}
        }
    }
}

/// Deletes stored chunks of logs that were deleted, or whose writer died before it had put them in the place of what they were made of.
async fn sweep(core: &Core) {
    while !core.draining.is_cancelled() {
        match core.store.sweep_logs(core.clock.now(), ROWS_MAX).await {
            Ok(swept) if swept < u64::from(ROWS_MAX) => return,
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => {
                tracing::warn!(error = %error, "chunks of logs not deleted");
                return;
            }
        }
    }
}

fn retained_from(core: &Core) -> UnixMillis {
    core.clock.now().plus_ms(-i64::from(core.config.retention_days) * MS_PER_DAY)
}

async fn prune_audit(core: &Core) {
    let before = retained_from(core);
    while !core.draining.is_cancelled() {
        match core.store.prune_audit(before, ROWS_MAX).await {
            Ok(deleted) if deleted < u64::from(ROWS_MAX) => return,
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => {
                tracing::warn!(error = %error, "old audit entries not deleted");
                return;
            }
        }
    }
}

async fn prune_bulks(core: &Core) {
    let before = retained_from(core);
    while !core.draining.is_cancelled() {
        match core.store.prune_bulks(before, ROWS_MAX).await {
            Ok(deleted) if deleted < u64::from(ROWS_MAX) => return,
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => {
                tracing::warn!(error = %error, "old bulk actions not deleted");
                return;
            }
        }
    }
}

async fn prune(core: &Core) {
    let before = retained_from(core);
    while !core.draining.is_cancelled() {
        match core.store.prune_tasks(before, ROWS_MAX).await {
            Ok(deleted) if deleted < u64::from(ROWS_MAX) => return,
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => {
                tracing::warn!(error = %error, "prune failed");
                return;
            }
        }
    }
}
