//! `Settings`: what one may choose, and what this install was started with (SC-26).

mod api;
mod install;
mod limits;
mod page;

pub(crate) use page::SettingsPage;
