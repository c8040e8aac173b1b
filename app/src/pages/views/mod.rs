//! Saved views: the filters of a task list by a name (B-05).

mod api;
#[cfg(feature = "ssr")]
mod bar;
mod list;
mod save;

#[cfg(feature = "ssr")]
pub(crate) use bar::views_bar;
pub(crate) use list::SavedViews;
pub(crate) use save::SaveView;
