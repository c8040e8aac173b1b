//! The versions of a service: the list, publishing and deleting one (SC-22).

mod api;
mod delete;
mod list;
mod publish;

pub(crate) use delete::DeleteVersion;
pub(crate) use list::Versions;
pub(crate) use publish::PublishVersion;
