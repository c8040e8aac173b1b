//! `Test Function`: one synchronous call and what came of it (SC-15, C-76).

mod api;
mod outcome;
mod tab;
mod value;

#[cfg(feature = "ssr")]
pub(crate) use api::{TestFunction as TestFunctionFn, TestHttpFunction as TestHttpFunctionFn};
pub(crate) use tab::TestTab;
