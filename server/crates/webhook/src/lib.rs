//! Sends outcomes of tasks to HTTP addresses: the way out of the machine that users may aim themselves.
//!
//! Entry point: [`HttpWebhook`]. It posts once, within a time limit, follows no redirect, tells nobody what the target answered but its
//! status, and calls only addresses that [`Targets`] allows, whatever a name resolves to at that moment.

mod client;
mod targets;

pub use client::HttpWebhook;
pub use targets::Targets;
