//! The engine's behaviour, each rule with a test named after it.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by a panic")]

mod access;
mod bulk;
mod cluster;
mod dead_letters;
mod dedupe;
mod destinations;
mod domains;
mod ends;
mod http;
mod instances;
mod logs;
mod lost;
mod metrics;
mod queues;
mod regions;
mod retries;
mod runtimes;
mod scaling;
mod semantics;
mod stops;
mod support;
mod tags;
mod timers;
mod triggers;
mod users;
mod versions;
mod waits;
mod webhooks;
