//! The task engine: what happens to a task between its acceptance and its final state, and what console and API may ask.
//!
//! Entry point: [`Engine`], which implements the ports of `model`. It knows the store and the executor only by the traits of
//! [`ports`]. Architecture invariant: no SQL, no processes, no HTTP and no Leptos in here; no wall clock outside [`clock::SystemClock`].

mod access_keys;
mod audit;
mod batch;
mod bulk;
mod bus;
pub mod clock;
mod code;
mod config;
mod control_plane;
mod destinations;
mod engine;
mod fault;
mod fixed_id;
mod heartbeat;
mod hub;
mod identity;
mod log_queue;
mod nodes;
mod offers;
mod outcome;
mod over_age;
pub mod ports;
mod prune;
mod rescue;
mod retry;
mod running;
mod scaling;
mod schedule;
mod scheduler;
mod seal;
mod service;
mod signals;
mod sinks;
mod strays;
mod tally;
mod timers;
mod transition;
mod users;
mod worker;

pub use audit::AuditService;
pub use config::EngineConfig;
pub use engine::Engine;
pub use hub::ChangeHub;
pub use identity::IdentityService;
pub use running::Running;
pub use seal::{SEALING_KEY_BYTES, Sealer};
pub use sinks::{StoreCodeSource, StoreLogSink};
pub use transition::begun_detail;
