//! `Asynchronous Tasks`: the list, submitting, the parameters of submissions, one task (SC-12…SC-14, SC-18).

mod actions;
mod all;
mod api;
mod cells;
mod columns;
mod delivery;
mod details;
mod empty;
mod error_text;
mod facts;
mod filter_bar;
mod filters;
mod held;
mod held_bar;
mod history;
mod list;
mod list_parts;
mod log;
mod log_filter;
mod log_on;
mod many;
mod parameters;
mod payload;
mod preview;
mod record;
mod rerun;
mod rerun_api;
mod rows;
mod submit;
mod submit_api;
mod tab;
mod ticking;
mod timeline;
mod waiting;
mod with_changes;
mod zoom;

pub(crate) use all::AllTasksPage;
#[cfg(feature = "ssr")]
pub(crate) use columns::COLUMNS;
pub(crate) use details::TaskDetails;
pub(crate) use error_text::ErrorText;
#[cfg(feature = "ssr")]
pub(crate) use filters::task_filter;
pub(crate) use filters::{parse_time, print as list_query};
pub(crate) use held::{HeldStops, KeepStops};
pub(crate) use held_bar::HeldStopsBar;
pub(crate) use many::{BulkConfirm, ManyTasks, filter_words, scope_words};
#[cfg(feature = "ssr")]
pub(crate) use parameters::DEFAULT_EVENT;
pub(crate) use parameters::{ParametersPage, TEMPLATES};
pub(crate) use preview::{Preview, size_words};
pub(crate) use submit::{ParametersDialog, SubmitDialog, SubmitPage};
pub(crate) use tab::TasksTab;
