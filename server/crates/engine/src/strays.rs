//! Puts right what this worker and the store see differently after an answer of the store was lost: a task that the store says is held
//! here and is not in hand would wait for ever, since this worker stays alive; code whose lease has passed would run beside its successor.

use crate::engine::Core;
use crate::ports::StoreResult;
use crate::rescue;
use model::TaskStatus;
use std::sync::Arc;
use std::time::Duration;

/// Wait after the store failed.
const STORE_RETRY: Duration = Duration::from_millis(500);

/// Looks whenever somebody had reason to doubt, until the engine drains; what is left then is lost with the worker, and found so.
pub(crate) async fn run(core: Arc<Core>) {
    loop {
        tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            () = core.doubt.notified() => {}
        }
        loop {
            match put_right(&core).await {
                Ok(0) => break,
                // A stop that came in between has taken one to a state that has to be ended in another way.
                Ok(_) => continue,
                Err(error) => tracing::warn!(error = %error, "look for stray tasks failed"),
            }
            tokio::select! {
                biased;
                () = core.draining.cancelled() => return,
                () = core.clock.sleep(STORE_RETRY) => {}
            }
        }
    }
}

/// Frees every stray task and returns how many there were.
async fn put_right(core: &Core) -> StoreResult<usize> {
    // Between a claim and its hold a task is rightly held and not in hand.
    let _no_claim = core.claiming.lock().await;
    let in_hand = core.running.in_hand();
    let held = core.store.held_tasks(&core.config.worker).await?;
    for (seq, fence) in &in_hand {
        if !held.iter().any(|task| (task.seq, task.fence) == (*seq, *fence)) {
            core.running.stop(*seq);
        }
    }
    held.iter().filter(|task| task.status == TaskStatus::Stopping).for_each(|task| _ = core.running.stop(task.seq));
    let strays: Vec<_> = held.iter().filter(|task| !in_hand.contains(&(task.seq, task.fence))).collect();
    for stray in &strays {
        tracing::warn!(task.id = %stray.task.id, status = %stray.status, "stray task freed");
        rescue::free(core, stray).await?;
    }
    core.due();
    Ok(strays.len())
}
