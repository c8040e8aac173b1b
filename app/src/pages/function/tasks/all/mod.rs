//! `All Tasks`: the tasks of every function of a region as one list (B-04, B-05, SC-17).

mod api;
pub(super) mod filter;
mod page;
mod row;
mod selection;

pub(crate) use page::AllTasksPage;
#[cfg(all(test, feature = "ssr"))]
pub(super) use row::COLUMNS;
