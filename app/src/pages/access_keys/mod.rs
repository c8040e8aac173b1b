//! The access keys of the API: the list, making, switching and deleting one (SC-26's tokens, C-82).

mod api;
mod create;
mod delete;
mod list;

#[cfg(feature = "ssr")]
pub(crate) use api::CreateAccessKey as CreateAccessKeyFn;
pub(crate) use create::CreateAccessKey;
pub(crate) use delete::DeleteAccessKey;
pub(crate) use list::AccessKeys;

use model::{Grant, Policy};

/// A policy's word for people.
fn grant_label(grant: Grant) -> &'static str {
    match grant {
        Grant::Full => t!("Full"),
        Grant::ReadOnly => t!("Read only"),
        Grant::InvokeOnly => t!("Invoke only"),
    }
}

/// The services that a key reaches, in words.
fn services_label(policy: &Policy) -> String {
    if policy.services.is_empty() { t!("All").to_owned() } else { policy.services_text() }
}
