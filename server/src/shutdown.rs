//! First signal: take nothing new and let running tasks end. Second signal, or too long: end their code too.

use crate::wiring::App;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Waits for the first signal and ends everything; `draining` is cancelled at once, `ended` when connections may be closed.
pub(crate) async fn run(app: &App, drain_timeout: Duration, draining: &CancellationToken, ended: &CancellationToken) {
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        tracing::error!("signals can't be watched; the server ends only by SIGKILL");
        return std::future::pending().await;
    };
    tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
    tracing::info!(timeout_s = drain_timeout.as_secs(), "draining: running tasks may end; send the signal again to end them now");
    draining.cancel();
    app.engine.drain();
    tokio::select! {
        () = app.engine.drained() => {}
        () = app.clock.sleep(drain_timeout) => tracing::warn!("drain timeout: ending the running tasks; they run again at the next start"),
        _ = term.recv() => tracing::warn!("second signal: ending the running tasks; they run again at the next start"),
        _ = int.recv() => tracing::warn!("second signal: ending the running tasks; they run again at the next start"),
    }
    app.engine.abandon();
    app.engine.drained().await;
    app.executor.shutdown().await;
    app.engine.retire().await;
    tracing::info!("ended");
    ended.cancel();
}
