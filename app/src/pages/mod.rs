//! The pages, one folder each: `api.rs` holds the server functions, the rest are views.

mod create_function;
mod function;
mod functions;
mod services;
mod session;
mod task_functions;

pub(crate) use create_function::CreateFunction;
#[cfg(feature = "ssr")]
pub(crate) use create_function::CreateFunctionFn;
pub(crate) use function::FunctionArea;
#[cfg(feature = "ssr")]
pub(crate) use function::UploadCodeFn;
pub(crate) use functions::Functions;
pub(crate) use services::{CreateService, DeleteService, Services};
pub(crate) use session::{SetTheme, SignIn, SignOut};
pub(crate) use task_functions::TaskFunctions;
