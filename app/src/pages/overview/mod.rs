//! `Overview`: the state of a region at a glance (SC-02, C-50).

mod api;
mod page;
#[cfg(feature = "ssr")]
mod read;

pub(super) use page::Overview;
