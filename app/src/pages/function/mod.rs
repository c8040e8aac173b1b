//! One function: header, tabs, and a folder for each tab.

mod area;
mod async_config;
mod code;
mod configurations;
mod delete;
mod fields;
mod instances;
pub(crate) mod tasks;

pub(crate) use area::{FunctionArea, tab};
#[cfg(feature = "ssr")]
pub(crate) use code::UploadCodeFn;
pub(crate) use fields::FunctionFields;
