//! Clients that mean harm, or are merely slow, on real sockets (issue 5, point 6).

mod bodies;
mod client;
mod crowds;
mod heads;
mod life;
mod place;

use super::HttpLimits;
use std::time::Duration;

/// Limits with which nothing has to be waited for by accident.
fn patient() -> HttpLimits {
    let long = Duration::from_secs(60);
    HttpLimits { connections: 100, idle_timeout: long, stall_timeout: long, body_timeout: long }
}

/// Fails a test whose server waits for ever.
async fn within<T>(seconds: u64, what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(seconds), what).await.expect("the server has ended it by now")
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
