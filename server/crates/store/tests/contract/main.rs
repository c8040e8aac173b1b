//! What every store must do, executed on every database. A case is an `async fn case(db: TestDb)`; `each_backend!` makes its tests.

#![cfg(test)]

mod access_keys;
mod audit;
mod begin;
mod bulk;
mod dead_letters;
mod domains;
mod fairness;
mod fixtures;
mod functions;
mod identity;
mod layers;
mod lease;
mod list;
mod log_chunks;
mod log_search;
mod logs;
mod metrics;
mod nodes;
mod opening;
mod outbox;
mod parity;
mod prune;
mod queue;
mod region_tasks;
mod saved_views;
mod scaling;
mod services;
mod signals;
mod tags;
mod tasks;
mod transitions;
mod triggers;
mod versions;
mod walk;
