//! `Asynchronous Configurations` (SC-11).

mod api;
mod destination_form;
mod policy_form;
mod tab;

#[cfg(feature = "ssr")]
pub(crate) use api::async_policy;
pub(crate) use policy_form::task_mode_help;
pub(crate) use tab::AsyncConfigTab;
