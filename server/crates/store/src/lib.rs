//! The store: every port of `engine::ports` on SQLite and on Postgres, written once.
//!
//! Entry point: [`open()`]. One generic `SqlStore` holds all statements; what differs between the databases is a `Dialect`,
//! implemented in `sqlite` and `postgres`. The schema lives in `migrations/{sqlite,postgres}` under the same numbers and names.
//!
//! Architecture invariant: this crate decides nothing. It knows no state machine, no clock, no HTTP and no processes; whether a
//! change of status is legal is the engine's business, that it happens once and leaves one event is this crate's.

mod access_keys;
mod aliases;
mod async_config;
mod audit;
mod bulk;
mod bulk_items;
mod count;
mod dead_letters;
mod dialect;
mod domains;
mod error;
mod functions;
mod held;
mod history;
mod identity;
mod identity_port;
mod known;
mod lanes;
mod layers;
mod lease;
mod list;
mod log_chunk;
mod log_seal;
mod log_search;
mod logs;
mod metrics;
mod migrations;
mod nodes;
mod objects;
mod open;
mod outbox;
mod over_age;
mod pick;
#[cfg(test)]
mod plans;
mod ports;
mod postgres;
mod prune;
mod queue;
mod queue_hold;
mod region_search;
mod region_tasks;
mod rows;
mod saved_views;
mod scaling;
mod scan;
mod services;
mod shared_read;
mod signals;
mod sql;
mod sqlite;
mod store;
mod tags;
mod tasks;
#[cfg(feature = "testing")]
pub mod testing;
mod transitions;
mod triggers;
mod versions;
mod waves;

pub use objects::{Bucket, LogPlace};
pub use open::{OpenError, open};
