//! How servers that share a store reach each other. Whatever is lost on the way is made good by what each looks at by itself.

use super::StoreResult;
use async_trait::async_trait;

/// Longest text of one signal in bytes; Postgres takes less than 8,000.
pub const SIGNAL_BYTES_MAX: usize = 7_900;

/// Texts from server to server.
#[async_trait]
pub trait SignalStore: Send + Sync {
    /// Sends a text to every server that listens, this one included. Never a part of another transaction: on Postgres that would make
    /// commits wait for each other (`product.md` 5).
    async fn send_signal(&self, text: &str) -> StoreResult<()>;

    /// Begins to listen; `None` where no other server can share the store.
    async fn hear_signals(&self) -> StoreResult<Option<Box<dyn Hearing>>>;
}

/// A server that listens; dropping it ends that.
#[async_trait]
pub trait Hearing: Send {
    /// Waits for the next text. After an error nothing more is heard: what was sent meanwhile is missed, and one has to listen anew.
    async fn next(&mut self) -> StoreResult<String>;
}
