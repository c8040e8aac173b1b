//! Operations of API version 2021-04-06, one module per noun.

pub(crate) mod account;
pub(crate) mod aliases;
pub(crate) mod async_config;
pub(crate) mod code_link;
pub(crate) mod domains;
pub(crate) mod function_wire;
pub(crate) mod functions;
pub(crate) mod instances;
pub(crate) mod invoke;
pub(crate) mod layers;
pub(crate) mod queue;
mod respond;
pub(crate) mod scaling;
pub(crate) mod service_wire;
pub(crate) mod services;
pub(crate) mod tags;
pub(crate) mod task_logs;
pub(crate) mod tasks;
pub(crate) mod triggers;
pub(crate) mod versions;
