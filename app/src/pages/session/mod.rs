//! Signing in and out, and the theme (SC-01).

mod api;
mod sign_in;

pub(crate) use api::{SetLineWrap, SetSingleKeys, SetTheme, SetTimeZone, SignOut};
pub(crate) use sign_in::SignIn;
