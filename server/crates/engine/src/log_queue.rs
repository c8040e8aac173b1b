//! Log lines that nobody waits for: those that a request leaves behind at its end. They are stored with the next changes of status, in the
//! same transaction and before them, or a moment later by themselves; whoever reads logs here has them stored first.

use crate::clock::Clock;
use crate::ports::{LogPart, Store, StoreError, StoreResult, Transition};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How long lines wait for a change of status that they can be stored with.
const LINGER: Duration = Duration::from_millis(25);
/// Bytes of lines, and parts, that may wait.
const BYTES_MAX: usize = 4 << 20;
const PARTS_MAX: usize = 4_096;

#[derive(Debug, Default)]
struct Waiting {
    parts: Vec<LogPart>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// Held while parts are stored: who has it knows that all that came before is stored or waits.
    storing: tokio::sync::Mutex<()>,
    came: Notify,
}

/// The queue. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogQueue {
    shared: Arc<Shared>,
}

impl Shared {
    fn take(&self) -> Vec<LogPart> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.bytes = 0;
        std::mem::take(&mut waiting.parts)
    }
}

impl LogQueue {
    /// Takes a part; gives it back when too much waits.
    pub(crate) fn push(&self, part: LogPart) -> Result<(), LogPart> {
        let more = part.bytes();
        let mut waiting = self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.parts.len() >= PARTS_MAX || waiting.bytes + more > BYTES_MAX {
            return Err(part);
        }
        waiting.bytes += more;
        waiting.parts.push(part);
        drop(waiting);
        self.shared.came.notify_one();
        Ok(())
    }

    /// Stores what waits; returns when everything that came before this call is stored, or is lost and was told to operators.
    pub(crate) async fn flush(&self, store: &Arc<dyn Store>) {
        let (queue, store) = (self.clone(), store.clone());
        // On a task of its own: what was taken has to be stored also when the reader who asked goes away.
        let stored = tokio::spawn(async move { queue.store_waiting(&*store).await }).await;
        if let Err(error) = stored {
            tracing::error!(error = %error, "log lines lost");
        }
    }

    async fn store_waiting(&self, store: &dyn Store) {
        let _storing = self.shared.storing.lock().await;
        let parts = self.shared.take();
        let lines: usize = parts.iter().map(|part| part.lines.len()).sum();
        if lines > 0
            && let Err(error) = store.append_logs(parts).await
        {
            tracing::error!(lines, error = %error, "log lines lost");
        }
    }

    /// Writes changes of status together with the lines that wait. Not to be dropped half way: the lines would be lost.
    pub(crate) async fn apply(&self, store: &dyn Store, batch: Vec<Transition>) -> StoreResult<Vec<bool>> {
        let _storing = self.shared.storing.lock().await;
        let parts = self.shared.take();
        if parts.is_empty() {
            return store.apply(batch).await;
        }
        let lines: usize = parts.iter().map(|part| part.lines.len()).sum();
        match store.apply_with_logs(batch.clone(), parts).await {
            Ok(written) => Ok(written),
            Err(error) => {
                // A task must not fail because its log could not be kept; the loss is told where operators look.
                tracing::error!(lines, error = %error, "log lines lost");
                match error {
                    StoreError::Unavailable(_) => Err(error),
                    _ => store.apply(batch).await,
                }
            }
        }
    }

    /// Stores in time what no change of status comes for; ends, when `ended` is cancelled, with the last that waits.
    pub(crate) async fn keep_stored(self, store: Arc<dyn Store>, clock: Arc<dyn Clock>, ended: CancellationToken) {
        loop {
            let is_over = tokio::select! {
                () = self.shared.came.notified() => ended.run_until_cancelled(clock.sleep(LINGER)).await.is_none(),
                () = ended.cancelled() => true,
            };
            self.store_waiting(&*store).await;
            if is_over {
                return;
            }
        }
    }
}
