//! The engine's behaviour, each rule with a test named after it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod cluster;
mod dedupe;
mod ends;
mod lost;
mod queues;
mod retries;
mod semantics;
mod stops;
mod support;
mod timers;
mod triggers;
mod waits;
