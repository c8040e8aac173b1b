//! How pages get data and keep it true.

mod invalidator;
mod live;
mod load;
mod scripts;

pub use invalidator::{Invalidator, use_invalidator};
pub use live::{LiveControl, provide_live_control, use_live, use_live_control};
pub use load::Load;
pub use scripts::use_scripts;
