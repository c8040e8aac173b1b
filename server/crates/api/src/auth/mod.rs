//! Who calls: signatures over whole requests and over download links.

pub(crate) mod acs3;
mod middleware;

pub(crate) use middleware::{Gate, addressed, authenticate, signed};
