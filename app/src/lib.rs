//! The console: pages rendered on the server and hydrated in the browser.
//!
//! It reaches the engine only through `model::ControlPlane`, which the server puts into context, and must not know any
//! store, runtime or HTTP type. Entry points: [`shell::shell`] on the server, [`app::App`] in the browser.

// Views are types: the compiler walks them deeper than its default allows.
#![recursion_limit = "512"]

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!("features `ssr` and `hydrate` exclude each other; never build with --workspace or --all-features");

// First: its macro is in force below it.
#[macro_use]
pub mod language;

pub mod app;
pub mod bootstrap;
mod chrome;
pub mod error;
pub mod forms;
mod navigation;
pub mod notice;
pub mod pages;
pub mod part;
mod permission;
pub mod reactive;
pub mod routes;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod ui;
#[cfg(feature = "ssr")]
mod upload;
pub mod zone;
