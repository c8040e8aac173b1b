//! `taskyard serve`.

use crate::config::Config;
use crate::http::{self, HttpLimits};
use crate::{shutdown, wiring};
use engine::clock::{Clock, SystemClock};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long connections get to end after the last task has ended.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long an address may be in use before that is an error. Processes that a server killed a moment ago had just forked hold its socket
/// until they have become functions, and a supervisor starts the next server at once.
const LISTEN_PATIENCE: Duration = Duration::from_secs(3);
const LISTEN_RETRY: Duration = Duration::from_millis(50);

/// Serves until a signal; the error says what is wrong and what to do.
#[expect(clippy::print_stdout, reason = "tells a person where to go")]
pub(crate) async fn serve(config: Config) -> Result<(), String> {
    // Before anything is started, so that a second server on the address does not touch the data.
    let listener = listen(config.listen).await?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let app = wiring::start(&config, address).await?;
    // Before anybody is told that the server is there: who knows it may ask it to end.
    let signals = shutdown::Signals::watch().map_err(|error| format!("signals can't be watched: {error}"))?;
    let (draining, ended) = (CancellationToken::new(), CancellationToken::new());
    let router = wiring::router(&app, &config, &draining);
    println!("taskyard {} listens on http://{address}", env!("CARGO_PKG_VERSION"));
    let limits = HttpLimits { connections: http::connections_allowed(config.http.connections), ..config.http };
    let server = tokio::spawn(http::serve(listener, router, limits, ended.clone()));
    let identity = app.identity.clone();
    let uses = tokio::spawn({
        let draining = draining.clone();
        async move { identity.write_uses(draining).await }
    });
    shutdown::run(signals, &app, config.drain_timeout, &draining, &ended).await;
    // It has ended with the begin of the drain.
    _ = uses.await;
    tokio::select! {
        served = server => served.map_err(|error| error.to_string()),
        () = app.clock.sleep(CLOSE_TIMEOUT) => Ok(()),
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    let began = Instant::now();
    loop {
        match TcpListener::bind(address).await {
            Err(error) if error.kind() == ErrorKind::AddrInUse && began.elapsed() < LISTEN_PATIENCE => {
                SystemClock.sleep(LISTEN_RETRY).await
            }
            bound => {
                return bound
                    .map_err(|error| format!("can't listen on {address}: {error}; stop what uses the address or choose another --listen"));
            }
        }
    }
}
