//! `Create Function`, from the task list and from a service (SC-04).

mod api;
mod code_fields;
mod custom;
mod environment;
mod first_trigger;
mod lifecycle;
mod page;
mod size;

#[cfg(feature = "ssr")]
pub(crate) use api::CreateFunction as CreateFunctionFn;
pub(crate) use code_fields::runtime_label;
pub(crate) use custom::{CustomFields, ImageFields};
#[cfg(feature = "ssr")]
pub(crate) use custom::{print_command, read_custom, read_image};
pub(crate) use environment::{environment_help, print_environment};
#[cfg(feature = "ssr")]
pub(crate) use environment::{parse_environment, spec_error_field};
pub(crate) use lifecycle::{Lifecycle, LifecycleFields};
pub(crate) use page::{CreateFunction, LimitFields};
pub(crate) use size::{SizeFields, TIME_ZONE};
#[cfg(feature = "ssr")]
pub(crate) use size::{print_cpu, set_time_zone};
