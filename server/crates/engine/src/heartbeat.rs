//! Keeps this worker alive in the store while it holds tasks, hears of stops asked elsewhere, and lets go when it can't be heard.

use crate::engine::Core;
use crate::scheduler::lease_ms;
use std::sync::Arc;

/// Runs until the engine has drained; silent while no task is in hand.
pub(crate) async fn run(core: Arc<Core>) {
    let mut alive_until = core.clock.now();
    loop {
        if core.running.is_empty() {
            if core.draining.is_cancelled() {
                return;
            }
            tokio::select! {
                biased;
                () = core.running.began() => {}
                () = core.draining.cancelled() => {}
            }
            // The claim that brought the task marked the worker alive.
            alive_until = core.clock.now().plus_ms(lease_ms(&core));
            continue;
        }
        tokio::select! {
            biased;
            () = core.running.emptied() => continue,
            () = core.clock.sleep(core.config.lease / 3) => {}
        }
        let lapsed = core.clock.now() >= alive_until;
        let next = core.clock.now().plus_ms(lease_ms(&core));
        match core.store.heartbeat(&core.config.worker, next).await {
            Ok(stops) => {
                alive_until = next;
                stops.into_iter().for_each(|seq| _ = core.running.stop(seq));
                if lapsed {
                    // Others may have taken tasks in the time in which this worker was silent.
                    core.doubt.notify_one();
                }
            }
            Err(error) if core.clock.now() >= alive_until => {
                // Others may run these tasks by now; their code must not run here too.
                tracing::error!(error = %error, "lease lost: ending the tasks in hand");
                core.running.stop_all();
            }
            Err(error) => tracing::warn!(error = %error, "heartbeat failed"),
        }
    }
}
