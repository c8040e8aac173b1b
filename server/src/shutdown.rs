//! First signal: take nothing new and let running tasks end. Second signal, or too long: end their code too, as a stop does. One more: kill
//! what is left of it.

use crate::wiring::App;
use std::io;
use std::pin::pin;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The signals that ask the server to end.
pub(crate) struct Signals {
    term: Signal,
    int: Signal,
}

impl Signals {
    /// From here on they don't end the process by themselves. Errors: the kernel's.
    pub(crate) fn watch() -> io::Result<Self> {
        Ok(Self { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! { _ = self.term.recv() => {}, _ = self.int.recv() => {} }
    }
}

/// Waits for the first signal and ends everything; `draining` is cancelled at once, `ended` when connections may be closed.
pub(crate) async fn run(mut signals: Signals, app: &App, drain_timeout: Duration, draining: &CancellationToken, ended: &CancellationToken) {
    signals.next().await;
    tracing::info!(timeout_s = drain_timeout.as_secs(), "draining: running tasks may end; send the signal again to end them now");
    draining.cancel();
    app.engine.drain();
    tokio::select! {
        () = app.engine.drained() => {}
        () = app.clock.sleep(drain_timeout) => tracing::warn!("drain timeout: ending the running tasks; they run again at the next start"),
        () = signals.next() => tracing::warn!("second signal: ending the running tasks; they run again at the next start"),
    }
    app.engine.abandon();
    let mut ending = pin!(async {
        app.engine.drained().await;
        app.executor.shutdown().await;
    });
    tokio::select! {
        () = &mut ending => {}
        () = signals.next() => {
            tracing::warn!("one more signal: killing the code that has not ended yet");
            tokio::join!(app.executor.kill(), ending);
        }
    }
    app.engine.retire().await;
    tracing::info!("ended");
    ended.cancel();
}
