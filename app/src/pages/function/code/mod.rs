//! `Code`: what is in the package, and a new one (SC-08, read-only).

mod api;
#[cfg(feature = "ssr")]
mod package;
mod tab;
mod upload;

#[cfg(feature = "ssr")]
pub(crate) use api::UploadCode as UploadCodeFn;
pub(crate) use tab::CodeTab;
