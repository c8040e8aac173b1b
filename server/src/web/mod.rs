//! The web half of the server: the console's pages and server functions, its files, live streams and downloads.

mod assets;
mod audit_download;
mod audited;
mod bulk_download;
mod compress;
mod csv;
mod download;
mod form_post;
mod guard;
mod headers;
mod live;
mod live_log;
mod log_download;
mod pages;
mod region;
#[cfg(test)]
mod roles_tests;
mod router;
mod session;
#[cfg(test)]
mod source_tests;
mod task_export;
mod terminal;
mod words;

pub(crate) use router::{WebState, router};
