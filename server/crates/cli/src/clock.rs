//! The time now, and waiting; handed in so that tests choose both.

use async_trait::async_trait;
use model::UnixMillis;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What the verbs know of time.
#[async_trait]
pub(crate) trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> UnixMillis;

    /// Waits.
    async fn sleep(&self, time: Duration);
}

/// The machine's clock.
pub(crate) struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place of the command line that reads the wall clock")]
    fn now(&self) -> UnixMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place of the command line that waits by the wall clock")]
    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
