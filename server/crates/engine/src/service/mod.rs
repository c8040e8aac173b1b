//! What callers ask of the engine, one noun a file.

mod aliases;
mod async_config;
pub(crate) mod bulk;
mod dead_letters;
mod destinations;
mod domains;
mod functions;
mod instances;
mod invoke;
mod layers;
mod logs;
mod lookup;
mod metrics;
mod queue;
mod regions;
mod scaling;
mod services;
mod submit;
mod tags;
mod task_functions;
mod tasks;
mod triggers;
mod versions;
mod views;

pub(crate) use lookup::Route;
