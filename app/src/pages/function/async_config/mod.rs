//! `Asynchronous Configurations` (SC-11).

mod api;
mod destination_form;
mod policy_form;
mod tab;

pub(crate) use tab::AsyncConfigTab;
