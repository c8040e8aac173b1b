//! The engine's behaviour, each rule with a test named after it.

mod dedupe;
mod ends;
mod lost;
mod retries;
mod stops;
mod support;
mod waits;
