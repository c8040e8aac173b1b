//! Time, passed in: the real clock here, a test clock in `testing`.

use async_trait::async_trait;
use model::UnixMillis;
use std::time::Duration;

/// Tells the time and waits.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Wall-clock time.
    fn now(&self) -> UnixMillis;

    /// Returns after this long.
    async fn sleep(&self, length: Duration);
}

/// The machine's clock; the only place that reads it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> UnixMillis {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        UnixMillis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that waits by the wall clock")]
    async fn sleep(&self, length: Duration) {
        tokio::time::sleep(length).await;
    }
}
