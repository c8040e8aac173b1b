//! The verbs: each has its arguments, the call that they make, and what is printed of the answer.

mod completion;
mod configure;
mod domain;
mod function;
mod invoke;
mod invoke_output;
mod layer;
mod service;
mod task;
mod task_logs;
mod task_output;
#[cfg(test)]
mod tests;
mod trigger;
mod version;
mod watch;

use crate::problem::Outcome;
use crate::session::Session;
use crate::settings::Connection;
use clap::Subcommand;

pub(crate) use completion::Completion;
pub(crate) use configure::{Configure, Prompts};

/// What can be done with a server from afar, by its HTTP API.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Services: list, get, create, delete.
    Service(service::ServiceArgs),
    /// Functions and their code: list, get, create, update, delete, code.
    Function(function::FunctionArgs),
    /// Calls a function and prints its result, or submits a task with --async.
    Invoke(invoke::InvokeArgs),
    /// Tasks: list, get, watch, stop, retry, logs.
    Task(task::TaskArgs),
    /// Published versions of a service: list, publish, delete.
    Version(version::VersionArgs),
    /// Aliases of versions: list, create, update, delete.
    Alias(version::AliasArgs),
    /// Time triggers: list, create, delete.
    Trigger(trigger::TriggerArgs),
    /// Custom domains of HTTP functions: list, get, create, update, delete.
    Domain(domain::DomainArgs),
    /// Layers: publish, list, get, delete.
    Layer(layer::LayerArgs),
    /// Writes a profile: address, region and key.
    ///
    /// Asks at the terminal for what no flag says. The secret is never an argument: it is taken from TASKYARD_ACCESS_KEY_SECRET, else asked
    /// for without showing it, else read from standard input. The file is taskyard/config.toml in the folder XDG_CONFIG_HOME or ~/.config,
    /// or the one that TASKYARD_CONFIG names; only its owner may read it.
    Configure(Configure),
    /// Prints the completion script of a shell.
    Completion(Completion),
}

/// A verb that talks to a server, with the flags that say to which.
pub(crate) enum Remote<'a> {
    Service(&'a service::ServiceVerb),
    Function(&'a function::FunctionVerb),
    Invoke(&'a invoke::InvokeArgs),
    Task(&'a task::TaskVerb),
    Version(&'a version::VersionVerb),
    Alias(&'a version::AliasVerb),
    Trigger(&'a trigger::TriggerVerb),
    Domain(&'a domain::DomainVerb),
    Layer(&'a layer::LayerVerb),
}

impl Verb {
    /// The part that needs a connection; `None` for the verbs that stay on this machine.
    pub(crate) fn remote(&self) -> Option<(&Connection, Remote<'_>)> {
        match self {
            Verb::Service(args) => Some((&args.connection, Remote::Service(&args.verb))),
            Verb::Function(args) => Some((&args.connection, Remote::Function(&args.verb))),
            Verb::Invoke(args) => Some((&args.connection, Remote::Invoke(args))),
            Verb::Task(args) => Some((&args.connection, Remote::Task(&args.verb))),
            Verb::Version(args) => Some((&args.connection, Remote::Version(&args.verb))),
            Verb::Alias(args) => Some((&args.connection, Remote::Alias(&args.verb))),
            Verb::Trigger(args) => Some((&args.connection, Remote::Trigger(&args.verb))),
            Verb::Domain(args) => Some((&args.connection, Remote::Domain(&args.verb))),
            Verb::Layer(args) => Some((&args.connection, Remote::Layer(&args.verb))),
            Verb::Configure(_) | Verb::Completion(_) => None,
        }
    }
}

impl Remote<'_> {
    pub(crate) async fn run(&self, session: &mut Session) -> Outcome<()> {
        match self {
            Remote::Service(verb) => verb.run(session).await,
            Remote::Function(verb) => verb.run(session).await,
            Remote::Invoke(args) => args.run(session).await,
            Remote::Task(verb) => verb.run(session).await,
            Remote::Version(verb) => verb.run(session).await,
            Remote::Alias(verb) => verb.run(session).await,
            Remote::Trigger(verb) => verb.run(session).await,
            Remote::Domain(verb) => verb.run(session).await,
            Remote::Layer(verb) => verb.run(session).await,
        }
    }
}
