//! `Search`: pages, functions, services, and exact ids of tasks and requests (B-22, SC-27).

mod api;
mod page;
mod palette;
mod recent;
mod shortcuts;

pub(crate) use page::SearchPage;
pub(crate) use recent::forget as forget_recent;
pub(crate) use shortcuts::{KeyActions, Shortcuts};
