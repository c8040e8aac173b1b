//! `taskyard serve`.

use crate::config::Config;
use crate::{shutdown, wiring};
use axum::serve::ListenerExt;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long connections get to end after the last task has ended.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Serves until a signal; the error says what is wrong and what to do.
#[expect(clippy::print_stdout, reason = "tells a person where to go")]
pub(crate) async fn serve(config: Config) -> Result<(), String> {
    // Before anything is started, so that a second server on the address does not touch the data.
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| format!("can't listen on {}: {error}; stop what uses the address or choose another --listen", config.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let app = wiring::start(&config).await?;
    let (draining, ended) = (CancellationToken::new(), CancellationToken::new());
    let router = wiring::router(&app, &config, &draining);
    println!("taskyard {} listens on http://{address}", env!("CARGO_PKG_VERSION"));
    let no_delay = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = %error, "TCP_NODELAY not set");
        }
    });
    let server = tokio::spawn(
        axum::serve(no_delay, router.into_make_service()).with_graceful_shutdown(ended.clone().cancelled_owned()).into_future(),
    );
    shutdown::run(&app, config.drain_timeout, &draining, &ended).await;
    tokio::select! {
        served = server => served.map_err(|error| error.to_string())?.map_err(|error| error.to_string()),
        () = app.clock.sleep(CLOSE_TIMEOUT) => Ok(()),
    }
}
