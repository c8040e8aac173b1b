//! `Task Execution Functions` (SC-03).

mod api;
mod list;

pub(crate) use list::TaskFunctions;
