//! The pages, one folder each: `api.rs` holds the server functions, the rest are views.

mod access_keys;
mod aliases;
mod audit;
mod bulk;
mod components;
mod connect;
mod create_function;
mod dead_letters;
mod function;
mod functions;
mod handler_type;
mod instances;
mod leading_select;
mod metrics;
mod overview;
mod parts;
mod qualifier;
#[cfg(feature = "ssr")]
mod qualifiers;
mod search;
mod services;
mod session;
mod settings;
mod task_functions;
mod users;
mod versions;
mod views;

#[cfg(feature = "ssr")]
pub(crate) use access_keys::CreateAccessKeyFn;
#[cfg(feature = "ssr")]
pub(crate) use create_function::CreateFunctionFn;
pub(crate) use function::FunctionArea;
#[cfg(feature = "ssr")]
pub(crate) use function::tasks::task_filter;
pub(crate) use function::tasks::{HeldStops, KeepStops};
#[cfg(feature = "ssr")]
pub(crate) use function::{CreateTriggerFn, DeploySourceFn, ModifyTriggerFn, TestFunctionFn, TestHttpFunctionFn, UploadCodeFn};
pub(crate) use parts::draw;
pub(crate) use session::{SetLineWrap, SetTheme, SetTimeZone, SignOut};
#[cfg(feature = "ssr")]
pub(crate) use users::{CreateUserFn, ResetPasswordFn};
