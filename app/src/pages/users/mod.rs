//! The users of the console: the list and making one, for administrators, and a user's own page (C-82).

mod api;
mod create;
mod list;
mod manage;
mod own;
mod page;

#[cfg(feature = "ssr")]
pub(crate) use api::{CreateUser as CreateUserFn, ResetPassword as ResetPasswordFn};
pub(crate) use create::CreateUser;
pub(crate) use list::Users;
pub(crate) use page::UserPage;

use model::Role;

/// A role's word for people.
fn role_label(role: Role) -> &'static str {
    match role {
        Role::Admin => t!("Administrator"),
        Role::Operator => t!("Operator"),
        Role::Viewer => t!("Viewer"),
        Role::Invoker => t!("Invoker"),
    }
}

/// What helps to choose one.
fn role_help() -> &'static str {
    t!(
        "An administrator may do everything. An operator submits, stops and re-executes tasks and reads everything, but configures nothing and gets no values of environment variables. A viewer reads. An invoker submits tasks and reads them."
    )
}

/// The roles as a select field has them.
fn role_options() -> Vec<(String, String)> {
    Role::ALL.into_iter().map(|role| (role.as_str().to_owned(), role_label(role).to_owned())).collect()
}
