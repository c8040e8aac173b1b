//! One suite for every runtime: the same cases on each language, with real processes and real interpreters.
//!
//! A runtime takes part by a folder in `tests/fixtures/` and a line in `harness::LANGUAGES`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "helpers of tests: a broken expectation ends the test, and the child process and the figures speak on stdout"
)]

mod answers;
mod bounds;
mod container;
mod containment;
mod custom;
mod failures;
mod go;
mod harness;
mod hooks;
mod http;
mod http_streams;
mod images;
mod kept;
mod layers;
mod life;
mod logs;
mod server_death;
mod several;
mod starts;
mod stops;
mod stops_of_many;
mod visits;
