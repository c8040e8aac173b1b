//! The command line for people without an SDK: verbs that use the HTTP API as any client does, and nothing else of the server.
//!
//! Entry points: [`Verb`], which the program's own verbs embed, and [`run`]. A verb makes a `Call` of its arguments, which is plain data;
//! `http_client` signs and sends it; `output` prints what comes back. Environment, clock, terminal and the way to the
//! server are handed in.

mod archive;
mod call;
mod clock;
mod http_client;
mod output;
mod problem;
mod profile;
mod session;
mod settings;
mod sign;
mod target;
mod terminal;
mod verbs;

pub use problem::{EXIT_FAILED, EXIT_OK, EXIT_REFUSED, EXIT_UNREACHABLE, EXIT_USAGE};
pub use verbs::Verb;

use clock::SystemClock;
use http_client::HttpTransport;
use jiff::tz::TimeZone;
use output::Output;
use problem::{Outcome, Problem};
use session::Session;
use settings::{Connection, Settings};
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use verbs::{Prompts, Remote};

/// Does what the verb says and returns the exit code; what went wrong has been told on standard error. `program` is the whole command line,
/// for the completion scripts.
pub fn run(verb: &Verb, mut program: clap::Command) -> u8 {
    let is_json = verb.remote().is_some_and(|(connection, _)| connection.json);
    let mut output = standard_output(is_json);
    let done = match (verb.remote(), verb) {
        (Some((connection, remote)), _) => talk(connection, &remote, output),
        (None, Verb::Configure(configure)) => {
            let input = Box::new(std::io::stdin());
            configure.run(Prompts { env: &env, ask: &terminal::ask, ask_secret: &terminal::ask_secret, input }, &mut output)
        }
        (None, Verb::Completion(completion)) => completion.run(&mut program, &mut output),
        (None, _) => Ok(()),
    };
    match done {
        Ok(()) => EXIT_OK,
        Err(problem) => fail(&problem, is_json),
    }
}

/// Runs a verb that talks to a server.
fn talk(connection: &Connection, remote: &Remote<'_>, output: Output) -> Outcome<()> {
    let settings = Settings::resolve(connection, &env, &terminal::ask_secret)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Problem::Failed(format!("the async runtime can't be started: {error}")))?;
    let clock = Arc::new(SystemClock);
    let transport = Box::new(HttpTransport::new(settings, clock.clone())?);
    let mut session = Session { transport, output, clock, zone: TimeZone::system(), input: Box::new(std::io::stdin()) };
    runtime.block_on(async {
        remote.run(&mut session).await?;
        Ok(session.output.out.flush()?)
    })
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn standard_output(is_json: bool) -> Output {
    let is_terminal = std::io::stdout().is_terminal();
    let has_colour = is_terminal && env("NO_COLOR").is_none() && env("TERM").is_none_or(|term| term != "dumb");
    Output { out: Box::new(std::io::stdout()), err: Box::new(std::io::stderr()), is_json, has_colour, is_terminal }
}

fn fail(problem: &Problem, is_json: bool) -> u8 {
    let text = if is_json { problem.json().to_string() } else { problem.text() };
    if *problem != Problem::Closed {
        // With standard error closed too there is nobody left to tell.
        drop(writeln!(std::io::stderr(), "{text}"));
    }
    problem.exit_code()
}
