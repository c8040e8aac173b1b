//! How pages get data and keep it true.

mod boxed;
mod data;
mod decode;
mod invalidator;
mod live;
mod load;
mod query;
mod scripts;
pub(crate) mod wire;

pub use boxed::{derive, effect, memo};
pub use data::{Data, use_data, use_still_data};
pub use invalidator::{Invalidator, use_invalidator};
pub use live::{LiveControl, provide_live_control, use_live, use_live_control, use_poll, use_polled};
pub use load::Load;
pub use query::use_query;
#[cfg(feature = "hydrate")]
pub use scripts::load_script;
pub use scripts::use_scripts;
pub(crate) use wire::OwnJson;
pub use wire::{Query, call};
