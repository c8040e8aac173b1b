//! `Configurations` (SC-21).

mod api;
mod form;
mod tab;

pub(crate) use tab::ConfigurationsTab;
