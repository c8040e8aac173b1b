//! A session whose server, clock and outputs are the test's.

use crate::call::{Answer, Call, Transport};
use crate::clock::Clock;
use crate::output::Output;
use crate::problem::{Outcome, Problem};
use crate::session::Session;
use crate::verbs::Verb;
use async_trait::async_trait;
use bytes::Bytes;
use clap::Parser;
use jiff::tz::TimeZone;
use model::UnixMillis;
use serde_json::Value;
use std::collections::VecDeque;
use std::io::{Cursor, Write};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// 2026-11-24T12:00:00Z.
pub const NOON: i64 = 1_795_521_600_000;

#[derive(Debug, Parser)]
#[command(name = "taskyard")]
pub struct Program {
    #[command(subcommand)]
    pub verb: Verb,
}

/// Reads a command line; words are separated by spaces, and `~` stands for a space within one.
pub fn parse(line: &str) -> Result<Verb, clap::Error> {
    Program::try_parse_from(line.split(' ').map(|word| word.replace('~', " "))).map(|program| program.verb)
}

/// What is written, for the test to read.
#[derive(Clone, Default)]
pub struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A server that gives its answers in turn and keeps what it was sent.
#[derive(Clone, Default)]
pub struct Script {
    answers: Arc<Mutex<VecDeque<Outcome<Answer>>>>,
    pub sent: Arc<Mutex<Vec<Call>>>,
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, call: &Call) -> Outcome<Answer> {
        self.sent.lock().unwrap().push(call.clone());
        self.answers.lock().unwrap().pop_front().unwrap()
    }

    async fn fetch(&self, url: &str) -> Outcome<Bytes> {
        Ok(Bytes::from(format!("from {url}")))
    }
}

/// A clock that passes only while somebody waits.
pub struct TestClock(AtomicI64);

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::SeqCst))
    }

    async fn sleep(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

/// What came of a verb.
pub struct Done {
    pub result: Outcome<()>,
    pub out: String,
    pub err: String,
    pub sent: Vec<Call>,
    /// Milliseconds that it waited.
    pub waited: i64,
}

/// An answer of status 200 with a JSON object.
pub fn json(value: Value) -> Outcome<Answer> {
    Ok(Answer { status: 200, headers: Vec::new(), body: Bytes::from(value.to_string()) })
}

/// An answer with these headers.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Outcome<Answer> {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Answer { status, headers, body: Bytes::copy_from_slice(body) })
}

/// No connection.
pub fn away() -> Outcome<Answer> {
    Err(Problem::Unreachable("127.0.0.1:3000 can't be reached: Connection refused".to_owned()))
}

/// Runs a command line against these answers, all of which it has to take.
pub fn run(line: &str, answers: Vec<Outcome<Answer>>) -> Done {
    run_with(line, answers, b"")
}

/// The same with standard input.
pub fn run_with(line: &str, answers: Vec<Outcome<Answer>>, input: &[u8]) -> Done {
    let verb = parse(line).unwrap();
    let (connection, remote) = verb.remote().unwrap();
    let (out, err) = (Page::default(), Page::default());
    let script = Script { answers: Arc::new(Mutex::new(answers.into())), sent: Arc::default() };
    let clock = Arc::new(TestClock(AtomicI64::new(NOON)));
    let output =
        Output { out: Box::new(out.clone()), err: Box::new(err.clone()), is_json: connection.json, has_colour: false, is_terminal: false };
    let mut session = Session {
        transport: Box::new(script.clone()),
        output,
        clock: clock.clone(),
        zone: TimeZone::UTC,
        input: Box::new(Cursor::new(input.to_vec())),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let result = runtime.block_on(remote.run(&mut session));
    assert_eq!(script.answers.lock().unwrap().len(), 0, "answers are left");
    let sent = script.sent.lock().unwrap().clone();
    Done { result, out: out.text(), err: err.text(), sent, waited: clock.now().0 - NOON }
}
