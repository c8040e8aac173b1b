//! `Instances` (SC-19).

mod api;
mod drain;
mod tab;

pub(crate) use drain::DrainForm;
pub(crate) use tab::{InstancesTab, instance_item, state_words};
