//! `Dead Letters`: the tasks of a region that ended badly, grouped by function and error (B-17, SC-23).

mod api;
mod page;
mod row;

pub(crate) use page::DeadLettersPage;
