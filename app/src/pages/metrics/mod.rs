//! `Metrics`: what was counted, of a function and of a whole region (SC-20, C-79, B-15).

mod api;
#[cfg(feature = "ssr")]
mod charts;
mod page;
mod windows;

#[cfg(feature = "ssr")]
pub(super) use charts::{success, throughput};
pub(super) use page::{MetricsPage, MetricsTab};
pub(super) use windows::WindowSelect;
#[cfg(feature = "ssr")]
pub(super) use windows::minutes_of;
