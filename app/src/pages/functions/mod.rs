//! The functions of a service (SC-07).

mod api;
mod list;

pub(crate) use list::Functions;
