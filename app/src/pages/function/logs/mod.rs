//! `Logs`: the lines of all of a function's requests (SC-16, C-77).

mod api;
mod follow;
mod lines;
mod tab;

pub(crate) use tab::LogsTab;
