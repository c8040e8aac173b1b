//! `Configurations` (SC-21).

mod api;
mod form;
mod of_service;
mod tab;

pub(crate) use tab::ConfigurationsTab;
