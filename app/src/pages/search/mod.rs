//! `Search`: pages, functions, services, and exact ids of tasks and requests (B-22, SC-27).

mod api;
mod page;
mod palette;
mod recent;

pub(crate) use page::SearchPage;
pub(crate) use palette::Palette;
pub(crate) use recent::forget as forget_recent;
