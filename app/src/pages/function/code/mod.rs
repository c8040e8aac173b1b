//! `Code`: what is in the package, its files in an editor, and a new package (SC-08, B-11).

mod api;
mod changes;
mod compared;
mod deploy;
mod file;
mod files;
#[cfg(feature = "ssr")]
mod package;
#[cfg(feature = "ssr")]
mod sent;
#[cfg(feature = "ssr")]
mod source;
mod tab;
mod upload;

#[cfg(feature = "ssr")]
pub(crate) use api::UploadCode as UploadCodeFn;
#[cfg(feature = "ssr")]
pub(crate) use deploy::DeploySource as DeploySourceFn;
pub(crate) use tab::CodeTab;
