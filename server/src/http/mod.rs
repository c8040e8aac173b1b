//! The HTTP server: what a connection may cost, and how long a client may keep it waiting.
//!
//! HTTP/1.1 by hyper itself, since `axum::serve` lets a client take for ever to send a head or a body and counts no connections. What each
//! number is stands in `model::limits`; an operator may choose those of [`HttpLimits`].

mod body;
mod connections;
mod descriptors;
mod socket;
#[cfg(test)]
mod tests;

pub(crate) use connections::serve;
pub(crate) use descriptors::connections_allowed;

use std::time::Duration;

/// What connections and bodies may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HttpLimits {
    /// Connections at once, websockets included.
    pub(crate) connections: usize,
    /// For the head of a request, from the connection's beginning or the end of its answer before.
    pub(crate) idle_timeout: Duration,
    /// Without a byte of a request's body, or without the client's taking one of an answer.
    pub(crate) stall_timeout: Duration,
    /// For the whole body of a request.
    pub(crate) body_timeout: Duration,
}
