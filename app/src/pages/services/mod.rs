//! Services: the list, making, configuring and deleting one (SC-05, SC-06).

mod api;
mod configure;
mod create;
mod delete;
mod head;
mod list;
mod tags;

pub(crate) use configure::ConfigureService;
pub(crate) use create::CreateService;
pub(crate) use delete::DeleteService;
pub(crate) use head::{ServiceFields, ServiceHead};
pub(crate) use list::Services;
pub(crate) use tags::{TagLink, print_tag};
