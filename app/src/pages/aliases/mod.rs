//! The aliases of a service: the list, making, changing and deleting one (SC-22).

mod api;
mod delete;
mod form;
mod list;

pub(crate) use delete::DeleteAlias;
pub(crate) use form::AliasPage;
pub(crate) use list::Aliases;
