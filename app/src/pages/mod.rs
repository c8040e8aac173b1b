//! The pages, one folder each: `api.rs` holds the server functions, the rest are views.

mod create_function;
mod function;
mod functions;
mod parts;
mod services;
mod session;
mod task_functions;

#[cfg(feature = "ssr")]
pub(crate) use create_function::CreateFunctionFn;
pub(crate) use function::FunctionArea;
#[cfg(feature = "ssr")]
pub(crate) use function::UploadCodeFn;
pub(crate) use parts::draw;
pub(crate) use session::{SetTheme, SignOut};
