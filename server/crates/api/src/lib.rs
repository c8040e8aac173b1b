//! The Function Compute HTTP API (versions 2021-04-06 and 2016-08-15) over the [`model::ControlPlane`] port: `fc-api.md` is its contract.
//!
//! This crate turns requests into calls of the port and answers into the wire's JSON. It decides nothing about tasks and knows no
//! engine, no store and no console. Entry point: [`router()`].
//!
//! A request passes, from outside in: `boundary` (request id, error body, one log line), `auth` (signature, then body, then the key's policy and the audit), an operation
//! in `v2`. What differs between the two versions stands in `legacy`; `openapi` describes all of it.

mod absent;
mod actions;
mod auth;
mod body;
mod boundary;
mod error;
mod extract;
mod legacy;
mod lenient;
mod openapi;
mod proxy;
mod query;
mod router;
mod socket;
mod state;
mod uploads;
mod v2;

#[cfg(test)]
mod tests;

pub use auth::Replays;
pub use boundary::refusing;
pub use openapi::{openapi, openapi_router};
pub use proxy::with_targets;
pub use router::router;
pub use socket::{Frames, bounded, relay};
pub use state::{ApiParts, ApiState, Now, SKEW_MS_DEFAULT};
pub use uploads::{Share, Uploads};
