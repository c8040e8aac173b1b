//! `Instances`: what runs code in a region now, on every server (B-16).

mod api;
mod page;

pub(crate) use page::RegionInstances;
