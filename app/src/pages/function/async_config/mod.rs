//! `Asynchronous Configurations` (SC-11).

mod api;
mod policy_form;
mod tab;

pub(crate) use tab::AsyncConfigTab;
