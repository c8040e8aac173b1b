//! One function: header, tabs, and a folder for each tab.

mod area;
mod async_config;
mod code;
mod configurations;
mod delete;
mod error_panel;
mod fields;
pub(crate) mod http_input;
mod instances;
mod logs;
mod paused;
pub(crate) mod tasks;
mod test_function;
pub(crate) mod triggers;

pub(crate) use area::{FunctionArea, tab};
#[cfg(feature = "ssr")]
pub(crate) use async_config::async_policy;
pub(crate) use async_config::task_mode_help;
#[cfg(feature = "ssr")]
pub(crate) use code::{DeploySourceFn, UploadCodeFn};
pub(crate) use fields::FunctionFields;
pub(crate) use instances::{DrainForm, instance_item, state_words};
pub(crate) use paused::PausedNotice;
#[cfg(feature = "ssr")]
pub(crate) use paused::queue_markup;
#[cfg(feature = "ssr")]
pub(crate) use test_function::{TestFunctionFn, TestHttpFunctionFn};
#[cfg(feature = "ssr")]
pub(crate) use triggers::{CreateTriggerFn, ModifyTriggerFn};
