//! `Logs`: the lines of all of a function's requests (SC-16, C-77).

mod api;
mod follow;
mod lines;
mod tab;
mod view;

pub(crate) use tab::LogsTab;
#[cfg(any(feature = "ssr", test))]
pub(crate) use view::page_of;
pub(crate) use view::{LINES, LineLink, LogFiles, TARGET, TEXT, WrapSwitch, chosen_line, line_id, scroll_when_shown};
