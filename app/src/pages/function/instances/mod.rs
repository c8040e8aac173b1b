//! `Instances` (SC-19).

mod api;
mod tab;

pub(crate) use tab::{InstancesTab, instance_item, state_words};
