//! `Connect`: where programs reach this server, and what their clients are configured with.

mod api;
mod page;
#[cfg(feature = "ssr")]
mod setups;

pub(crate) use page::Connect;
