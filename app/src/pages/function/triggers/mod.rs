//! `Triggers` of a function: the list, making, changing and deleting one (SC-09, SC-10).

mod api;
mod delete;
mod fields;
mod form;
mod list;
mod next_runs;
#[cfg(feature = "ssr")]
mod read;
mod rows;
mod tab;
mod times;
mod values;
mod words;

pub(crate) use api::Upcoming;
#[cfg(feature = "ssr")]
pub(crate) use api::{CreateTrigger as CreateTriggerFn, ModifyTrigger as ModifyTriggerFn};
pub(crate) use fields::{HttpFields, NameField, TimerFields};
#[cfg(feature = "ssr")]
pub(crate) use read::{as_query, check, spec, upcoming};
pub(crate) use tab::TriggersTab;
pub(crate) use values::Values;
