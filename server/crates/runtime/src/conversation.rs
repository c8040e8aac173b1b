//! How the server talks to an instance: what a protocol has to offer, whatever it is spoken over.
//!
//! One call at a time, but for a hook, which may come while the code still runs; an instance that is to serve several requests at once goes
//! on in another conversation ([`Several`]).

use crate::{containment::Places, errors, executor::Host, process::Process};
use async_trait::async_trait;
use bytes::Bytes;
use engine::ports::{Bodies, End, Invocation};
use model::{HookKind, HttpRequest, HttpResponse, limits::SYNC_PAYLOAD_BYTES_MAX};
use std::{
    ffi::OsString,
    os::fd::{OwnedFd, RawFd},
    sync::atomic::{AtomicBool, Ordering},
};

/// A conversation with one instance.
#[async_trait]
pub(crate) trait Conversation: Send {
    /// The descriptor that the instance's process has to inherit, once.
    fn inherited(&mut self) -> Option<OwnedFd> {
        None
    }

    /// The descriptor that the process has to read a byte from before it becomes the function's own.
    fn hold(&self) -> Option<RawFd> {
        None
    }

    /// Variables that tell the process where to talk.
    fn environment(&self) -> Vec<(&'static str, OsString)>;

    /// Waits until the process has loaded the function.
    async fn load(&mut self, starting: &Starting<'_>) -> Result<(), LoadError>;

    /// What to tell a caller when `load` takes too long.
    fn not_ready(&self, seconds: u64) -> Vec<u8>;

    /// What a process that has ended before it said that it runs means.
    fn ended_early(&self, how: &str) -> EndedEarly;

    /// Begins a call of user code.
    async fn send(&mut self, call: &Call<'_>) -> Result<(), Broken>;

    /// Waits for the answer to the call; one that is dropped half way loses nothing.
    async fn reply(&mut self) -> Result<Reply, Broken>;

    /// Asks the code to give up; its answer, if it gives one after that.
    async fn cancel(&mut self, host: &Host, request_id: &str) -> Option<Reply>;

    /// Runs a hook, also while the code runs; the inner error is the function's.
    async fn hook(&mut self, hook: HookKind, request_id: &str) -> Result<Result<(), Vec<u8>>, Broken>;

    /// True when the instance marks the end of each request in its log (`lines.rs`).
    fn marks_its_log(&self) -> bool;

    /// Goes on with several calls at once. To be asked for when the function has been loaded.
    fn several(self: Box<Self>) -> Box<dyn Several>;
}

/// A conversation with one instance about several calls at once.
#[async_trait]
pub(crate) trait Several: Send + Sync {
    /// Makes a call of the handler and waits for its answer. To be dropped half way only when the instance is ended.
    async fn call(&self, call: &Call<'_>) -> Result<Reply, Broken>;

    /// Asks the code of a call to give up; true when it has heard that and may take its time. What it answers is the call's answer.
    async fn cancel(&self, host: &Host, request_id: &str) -> bool;

    /// Runs a hook, also while the code runs; the inner error is the function's.
    async fn hook(&self, hook: HookKind, request_id: &str) -> Result<Result<(), Vec<u8>>, Broken>;

    /// True when the instance marks the end of each request in its log (`lines.rs`).
    fn marks_its_log(&self) -> bool;

    /// True when a call that breaks says nothing about the others, and means that the code is rid of it.
    fn breaks_singly(&self) -> bool;
}

/// What the conversation with a new process needs.
pub(crate) struct Starting<'a> {
    pub(crate) host: &'a Host,
    pub(crate) invocation: &'a Invocation,
    pub(crate) process: &'a Process,
    /// Begins the marks in its log.
    pub(crate) marker: &'a str,
    pub(crate) places: &'a Places,
    /// Requests that it will serve at once.
    pub(crate) concurrency: usize,
    /// Set when the process has said that it runs.
    pub(crate) greeted: &'a AtomicBool,
}

impl Starting<'_> {
    /// The process runs, and is the function's own by now.
    pub(crate) fn greet(&self) {
        self.greeted.store(true, Ordering::Relaxed);
        self.process.find_main();
    }
}

/// Why an instance has not loaded its function.
pub(crate) enum LoadError {
    /// It ended, or broke the connection and is ended for that.
    Exited,
    /// The function's fault, with the error object for the caller.
    Function(Vec<u8>),
}

impl From<Broken> for LoadError {
    fn from(_: Broken) -> Self {
        Self::Exited
    }
}

/// What an early end of a process means.
pub(crate) enum EndedEarly {
    /// No code of the function was reached: the platform's fault.
    Platform,
    /// The function's fault: an error code of `fc-api.md` 1.5 with its error object.
    Function(&'static str, Vec<u8>),
}

/// A call of user code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) retry_count: u32,
    pub(crate) what: What<'a>,
}

/// What is called.
#[derive(Debug, Clone, Copy)]
pub(crate) enum What<'a> {
    Initializer,
    /// The handler, with the request's number in the instance.
    Handler {
        seq: u32,
        payload: &'a [u8],
        http: Option<&'a HttpRequest>,
        /// Where the answer to `http` goes as it is written.
        bodies: Option<&'a Bodies>,
    },
}

/// What user code gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Output {
    Result(Vec<u8>),
    Answer(HttpResponse, Vec<u8>),
}

/// The answer to a call of user code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) outcome: Result<Output, (&'static str, Vec<u8>)>,
    /// The process can't serve again.
    pub(crate) is_fatal: bool,
    /// The code was asked to give up before it answered.
    pub(crate) is_cancelled: bool,
}

impl Reply {
    /// How the execution ended by it.
    pub(crate) fn end(self) -> End {
        match self.outcome {
            Ok(Output::Result(result)) => End::Succeeded { result },
            Ok(Output::Answer(head, body)) => End::Answered { head, body },
            Err((kind, body)) => End::FunctionError { kind, body },
        }
    }
}

/// An answer that comes bit by bit: passed on, or kept where it is wanted whole.
#[derive(Debug, Default)]
pub(crate) struct Writing {
    bodies: Option<Bodies>,
    head: Option<HttpResponse>,
    kept: Vec<u8>,
    total: usize,
    /// A piece that is being passed on.
    unsent: Option<Bytes>,
}

impl Writing {
    /// The answer to a call.
    pub(crate) fn of(call: &Call<'_>) -> Self {
        let bodies = if let What::Handler { bodies, .. } = call.what { bodies.cloned() } else { None };
        Self { bodies, ..Self::default() }
    }

    /// True when somebody takes the answer as it comes.
    pub(crate) fn is_wanted(&self) -> bool {
        self.bodies.is_some()
    }

    pub(crate) fn begin(&mut self, head: HttpResponse) {
        if let Some(bodies) = &self.bodies {
            bodies.begin(head.clone());
        }
        self.head = Some(head);
    }

    /// Adds a piece; [`Writing::passed_on`] has to be awaited before the next one.
    pub(crate) fn add(&mut self, piece: Bytes) {
        self.total += piece.len();
        if self.bodies.is_some() {
            self.unsent = Some(piece);
        } else if self.total <= SYNC_PAYLOAD_BYTES_MAX {
            self.kept.extend_from_slice(&piece);
        }
    }

    /// Waits until what was added is the caller's; one that is dropped half way loses nothing.
    pub(crate) async fn passed_on(&mut self) {
        if let (Some(bodies), Some(piece)) = (&self.bodies, &self.unsent) {
            // A caller that has gone is heard of elsewhere.
            bodies.write(piece.clone()).await;
            self.unsent = None;
        }
    }

    /// The reply to the call, with what was written before it.
    pub(crate) fn end(&mut self, reply: Reply) -> Reply {
        let Self { bodies, head, kept, total, .. } = std::mem::take(self);
        let (Some(head), Ok(_)) = (head, &reply.outcome) else { return reply };
        let is_whole = bodies.is_some() || total <= SYNC_PAYLOAD_BYTES_MAX;
        Reply { outcome: if is_whole { Ok(Output::Answer(head, kept)) } else { Err(too_large(total)) }, ..reply }
    }
}

/// The instance can't be talked to any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken(pub(crate) String);

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// The error of an answer that is larger than answers may be.
pub(crate) fn too_large(bytes: usize) -> (&'static str, Vec<u8>) {
    (errors::UNHANDLED, errors::result_too_large(bytes))
}
