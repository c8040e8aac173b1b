//! `Connect`: where programs reach this server, and what their clients are configured with; and single calls as programs (B-12).

mod api;
#[cfg(feature = "ssr")]
mod calls;
mod copy_as;
mod page;
#[cfg(feature = "ssr")]
mod setups;

pub(crate) use copy_as::{CopyPolicyAs, CopySubmissionAs, CopyTaskAs};
pub(crate) use page::Connect;
