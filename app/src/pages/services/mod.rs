//! Services: the list, making and deleting one (SC-05, SC-06).

mod api;
mod create;
mod delete;
mod head;
mod list;

pub(crate) use create::CreateService;
pub(crate) use delete::DeleteService;
pub(crate) use head::{ServiceFields, ServiceHead};
pub(crate) use list::Services;
