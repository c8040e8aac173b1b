//! Signing in and out, and the theme (SC-01).

mod api;
mod sign_in;

pub(crate) use api::{SetTheme, SignOut};
pub(crate) use sign_in::SignIn;
