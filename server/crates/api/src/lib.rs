//! The Function Compute HTTP API (version 2021-04-06) over the [`model::ControlPlane`] port: `fc-api.md` is its contract.
//!
//! This crate turns requests into calls of the port and answers into the wire's JSON. It decides nothing about tasks and knows no
//! engine, no store and no console. Entry point: [`router()`].
//!
//! A request passes, from outside in: `boundary` (request id, error body, one log line), `auth` (signature, then body), an operation
//! in `v2`.

mod auth;
mod body;
mod boundary;
mod error;
mod extract;
mod lenient;
mod proxy;
mod query;
mod router;
mod state;
mod v2;

#[cfg(test)]
mod tests;

pub use proxy::with_targets;
pub use router::router;
pub use state::{ApiState, Now, SKEW_MS_DEFAULT};
