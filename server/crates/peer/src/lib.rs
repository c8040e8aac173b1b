//! How servers that share a store ask each other what only one of them knows: its instances, and commands in them.
//!
//! One path of the server's own listener, [`PATH`], takes websockets from whoever shows the server's secret, which it keeps in the store for
//! the others to read. The first message is the question, as JSON; the first message back is the answer. After `Begun` the messages are
//! those of a command (`fc-api.md` 3.6.1), all binary, so that nothing is lost on the way. Servers talk in clear: the way between them has to
//! be as trusted as the one to their database.
//!
//! Entry points: [`router()`] for the side that is asked, [`WebSocketPeers`] for the side that asks.

mod client;
mod server;

pub use client::WebSocketPeers;
pub use server::router;

use model::{Error, ExecRequest, FunctionRef, InstanceId, InstanceInfo, Region};
use serde::{Deserialize, Serialize};

/// Where servers ask each other.
pub const PATH: &str = "/internal/peer";
/// Bytes of one message: a thousand instances take less than half of it.
const MESSAGE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
enum Question {
    Instances { function: FunctionRef },
    RegionInstances { region: Region },
    Exec { function: FunctionRef, instance: InstanceId, request: ExecRequest },
    Drain { function: FunctionRef, instance: InstanceId },
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    Instances(Vec<InstanceInfo>),
    /// The command runs; its messages follow.
    Begun,
    Drained,
    Refused(Error),
}

#[cfg(test)]
mod tests;
