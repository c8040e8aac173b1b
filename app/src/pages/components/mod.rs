//! `/-/components`: every component of the kit in all its states. Nothing leads there; it is for those who change the kit, and for the
//! tests that look at it in both themes.

mod actions;
mod fields;
mod page;
mod rows;
mod words;

pub(crate) use page::ComponentsPage;
