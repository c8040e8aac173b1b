//! Taskyard's one binary: reads the configuration, puts the crates together, and serves until it is told to stop.

// The views of the console are types: the compiler walks them deeper than its default allows.
#![recursion_limit = "512"]

mod cli;
mod config;
mod demo;
mod doctor;
mod health;
mod http;
mod key;
mod node;
mod secret_key;
mod serve;
mod shutdown;
mod telemetry;
mod user;
mod web;
mod wiring;

use clap::{CommandFactory, Parser};
use std::io::Write;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code for a mistake in flags or variables.
const EXIT_USAGE: u8 = 2;
/// Exit code for everything else that kept the server from running.
const EXIT_FAILURE: u8 = 1;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let (args, is_examination) = match cli.verb {
        cli::Verb::Serve(args) => (args, false),
        cli::Verb::Doctor(args) => (args, true),
        cli::Verb::Key(args) => return on_the_store(key::run(args)),
        cli::Verb::User(args) => return on_the_store(user::run(args)),
        cli::Verb::Openapi => return print_openapi(),
        cli::Verb::Remote(verb) => return ExitCode::from(::cli::run(&verb, cli::Cli::command())),
    };
    let config = match config::Config::from_args(*args) {
        Ok(config) => config,
        Err(problem) => return fail(EXIT_USAGE, &problem),
    };
    if !is_examination {
        telemetry::init(config.log_json);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(EXIT_FAILURE, &format!("the async runtime can't be started: {error}")),
    };
    let done = if is_examination { runtime.block_on(doctor::examine(config)) } else { runtime.block_on(serve::serve(config)) };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => fail(EXIT_FAILURE, &problem),
    }
}

/// Runs what works on the server's own store.
fn on_the_store(done: impl Future<Output = Result<(), String>>) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(done).map_or_else(|problem| fail(EXIT_FAILURE, &problem), |()| ExitCode::SUCCESS),
        Err(error) => fail(EXIT_FAILURE, &format!("the async runtime can't be started: {error}")),
    }
}

fn print_openapi() -> ExitCode {
    match writeln!(std::io::stdout(), "{:#}", api::openapi()) {
        // Whoever reads only its beginning has closed the pipe.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => fail(EXIT_FAILURE, &error.to_string()),
        _ => ExitCode::SUCCESS,
    }
}

/// Says on standard error what is wrong and what to do.
#[expect(clippy::print_stderr, reason = "the one message of a server that does not run")]
fn fail(code: u8, problem: &str) -> ExitCode {
    eprintln!("taskyard: {problem}");
    ExitCode::from(code)
}
