//! The router as a service, driven by signed requests over a double of the engine; answers are compared as whole texts.

mod access;
mod async_configs;
mod auth;
mod code_links;
mod codes;
mod domains;
mod double;
mod exchanges;
mod functions;
mod instances;
mod invocations;
mod layers;
mod legacy;
mod openapi;
mod proxy;
mod queue;
mod routes;
mod scaling;
mod services;
mod tags;
mod task_logs;
mod tasks;
mod triggers;
mod versions;
mod wire;
