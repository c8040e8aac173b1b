//! The real executor: every instance of a function is a process of its own, kept warm between requests, ended with everything it started.
//!
//! Entry point: [`ProcessExecutor::start`], an [`engine::ports::Executor`]. Linux only.
//!
//! A runtime is one file (`python.rs`, `nodejs.rs`, `custom.rs`, `container.rs`) that implements [`language::LanguageRuntime`] and one line in
//! [`language::RUNTIMES`]: which programs to look for, how to ask one for its version, how to start an instance with it, and by which protocol
//! the server talks to it ([`conversation::Conversation`]: `frames` over a control channel, `requests` by HTTP, `polls` by HTTP the other way round). Everything else is shared:
//! `catalog` finds interpreters, `package` unpacks code, `images` has container images, `pool` keeps instances warm and counts them, `process` starts them, `containment`
//! keeps them to themselves, `protocol` is the control channel, `reach` the way to an instance's port, `start` and `instance` are an
//! instance's life, `crowd` that of one that serves several requests at once, `registry` lists those that live, `exec` enters one, `logs` is what it writes, `tree` proves its end.
//!
//! This crate knows neither store nor API: code comes from a `CodeSource`, log lines go to a `LogSink`, time is the engine's `Clock`.

mod catalog;
mod config;
mod container;
mod containment;
mod conversation;
mod crowd;
mod custom;
mod errors;
mod exec;
mod executor;
mod frames;
mod held;
mod images;
mod instance;
mod keeper;
mod language;
mod lines;
mod logs;
mod loners;
mod nodejs;
mod owner;
mod package;
mod polls;
mod pool;
mod process;
mod protocol;
mod python;
mod reach;
mod registry;
mod requests;
mod reserved;
mod start;
mod survey;
mod tail;
mod tree;
mod usage;

pub use config::{ContainerEngine, RuntimeConfig};
pub use containment::{ContainmentMode, Finding, Piece, State};
pub use executor::ProcessExecutor;
pub use owner::sweep_orphans;
pub use survey::Survey;
