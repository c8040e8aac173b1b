//! An instance that serves several requests at once.
//!
//! What ends one of them and not the others:
//!
//! | what | this request | the others |
//! | --- | --- | --- |
//! | a stop, the time limit | its code is asked to give up; when it has, it is over | go on; the instance takes no new requests and ends with its last |
//! | the code does not give up within the grace | the instance is ended | run again elsewhere, which counts as no retry |
//! | an error that leaves the process unsound | fails | run again |
//! | the process ends, or can't be talked to | nobody can tell whose fault it is | all run again, each alone on an instance: whose fault it is fails there |
//!
//! With no others it is as with an instance that serves one request at a time (`instance.rs`).

mod request;

use crate::{
    containment::Cgroup,
    conversation::{Broken, Conversation, Several},
    errors,
    executor::Host,
    instance::{Body, IDLE_GRACE},
    logs::LogBook,
    pool::PoolKey,
    process::Process,
    registry::Card,
};
use engine::ports::Invocation;
use model::{Hook, HookKind, InstanceId, RequestId};
use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// An instance that has loaded its function and serves as many requests as its key has places.
pub(crate) struct Crowd {
    pub(crate) id: InstanceId,
    pub(crate) key: PoolKey,
    pub(crate) card: Arc<Card>,
    pub(crate) process: Arc<Process>,
    /// What its streams are read by; its own log is that of what is written without a request.
    pub(crate) book: Arc<LogBook>,
    cgroup: Option<Arc<Cgroup>>,
    talk: Box<dyn Several>,
    pre_freeze: Option<Hook>,
    pre_stop: Option<Hook>,
    serving: Mutex<Serving>,
    /// A request has come, has left, or is about to.
    moved: Notify,
    /// It is being ended, with whatever runs on it.
    doomed: CancellationToken,
    /// What is left to end; taken by who ends it.
    body: Mutex<Option<Body>>,
    /// Nothing of it is left.
    ended: CancellationToken,
    /// Why something of it is left all the same.
    problem: OnceLock<String>,
}

struct Serving {
    /// Number of the last request.
    seq: u32,
    /// The last request, whose log also gets what hooks write; that of its start when there was none.
    last: RequestId,
    running: usize,
    /// Those of them that were stopped or have reached their time limit.
    leaving: usize,
    /// It takes no further requests.
    is_closed: bool,
    fate: Option<Fate>,
}

/// Why an instance is ended while requests run on it.
#[derive(Debug, Clone)]
struct Fate {
    why: Arc<str>,
    /// How many requests ran when nobody could tell whose fault it is; 0 when it is known.
    suspects: usize,
}

impl Crowd {
    /// An instance that can serve.
    pub(crate) fn new(body: Body, key: PoolKey, conversation: Box<dyn Conversation>, invocation: &Invocation) -> Arc<Self> {
        let spec = &invocation.function.spec;
        let (pre_freeze, pre_stop) = (spec.hook(HookKind::PreFreeze), spec.hook(HookKind::PreStop));
        let last = invocation.request_id.clone();
        Arc::new(Self {
            id: body.id.clone(),
            key,
            card: Arc::clone(&body.card),
            process: Arc::clone(&body.process),
            book: Arc::clone(&body.book),
            cgroup: body.cgroup.clone(),
            talk: conversation.several(),
            pre_freeze,
            pre_stop,
            serving: Mutex::new(Serving { seq: 0, last, running: 0, leaving: 0, is_closed: false, fate: None }),
            moved: Notify::new(),
            doomed: CancellationToken::new(),
            body: Mutex::new(Some(body)),
            ended: CancellationToken::new(),
            problem: OnceLock::new(),
        })
    }

    fn serving(&self) -> MutexGuard<'_, Serving> {
        self.serving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True when it takes further requests.
    pub(crate) fn is_open(&self) -> bool {
        self.process.ended().is_none() && !self.serving().is_closed
    }

    /// It takes no further requests.
    fn close(&self) {
        self.serving().is_closed = true;
    }

    /// Requests that run and have to go on.
    fn innocents(&self) -> usize {
        let serving = self.serving();
        serving.running - serving.leaving
    }

    /// Decides that it is ended with whatever runs on it; the first reason stands.
    fn doom(&self, why: &str, is_a_riddle: bool) -> Fate {
        let fate = {
            let mut serving = self.serving();
            serving.is_closed = true;
            let suspects = if is_a_riddle { serving.running } else { 0 };
            serving.fate.get_or_insert_with(|| Fate { why: why.into(), suspects }).clone()
        };
        self.doomed.cancel();
        fate
    }

    fn fate(&self) -> Option<Fate> {
        self.serving().fate.clone()
    }

    /// The error object of a process that has ended.
    fn exit_error(&self) -> Vec<u8> {
        errors::exited(self.process.ended(), self.cgroup.as_ref().and_then(|cgroup| cgroup.ran_out_of_memory()))
    }

    /// Ends it with everything it started, PreStop first where the code is asked to go; waits when somebody else does. Errors: what is left.
    async fn end(&self, host: &Host, grace: Duration, is_asked: bool) -> Result<(), String> {
        let body = self.body.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(body) = body else { return self.wait_ended().await };
        // Also when the one that ends it goes away.
        let ended = self.ended.clone().drop_guard();
        let grace = if is_asked { self.pre_stop_within(host, grace).await } else { grace };
        if let Err(left) = body.end(&*host.clock, grace).await {
            self.problem.get_or_init(|| left);
        }
        drop(ended);
        self.wait_ended().await
    }

    async fn wait_ended(&self) -> Result<(), String> {
        self.ended.cancelled().await;
        self.problem.get().map_or(Ok(()), |left| Err(left.clone()))
    }

    /// Ends it while it serves no request.
    pub(crate) async fn end_idle(&self, host: &Host) {
        let last = self.serving().last.clone();
        let mut grace = host.config.grace.min(IDLE_GRACE);
        if self.pre_stop.is_some() && !self.doomed.is_cancelled() {
            self.book.begin(&last);
            if host.shutdown.is_cancelled() {
                grace = self.pre_stop_within(host, host.config.grace).await.min(grace);
            } else {
                self.run_hook(host, HookKind::PreStop, Duration::MAX).await;
            }
        }
        self.doom("the instance was ended", false);
        // What is left is in the log; nobody waits for the answer.
        drop(self.end(host, grace, false).await);
        self.book.finish().await;
    }

    /// True when something is to be run while it is idle.
    pub(crate) fn freezes(&self) -> bool {
        self.pre_freeze.is_some()
    }

    /// Runs the PreFreeze hook, if there is one and no request runs.
    pub(crate) async fn pre_freeze(&self, host: &Host) {
        let last = {
            let serving = self.serving();
            if self.pre_freeze.is_none() || serving.running > 0 || serving.is_closed {
                return;
            }
            serving.last.clone()
        };
        self.book.begin(&last);
        let is_sound = tokio::select! {
            is_sound = self.run_hook(host, HookKind::PreFreeze, Duration::MAX) => is_sound,
            () = host.shutdown.cancelled() => true,
        };
        self.book.finish().await;
        if !is_sound {
            self.close();
        }
    }

    /// Runs the PreStop hook, if there is one, in at most half of the grace; gives what is left of that for SIGTERM.
    async fn pre_stop_within(&self, host: &Host, grace: Duration) -> Duration {
        let began = Instant::now();
        self.run_hook(host, HookKind::PreStop, grace / 2).await;
        grace.saturating_sub(began.elapsed())
    }

    /// Runs a hook, if it is configured, for as long as it may take; false when the instance can't serve after it. Its failure is the log's.
    async fn run_hook(&self, host: &Host, kind: HookKind, most: Duration) -> bool {
        let hook = if kind == HookKind::PreStop { &self.pre_stop } else { &self.pre_freeze };
        let (Some(hook), None) = (hook, self.process.ended()) else { return true };
        let request_id = self.serving().last.clone();
        let limit = Duration::from_secs(hook.timeout_s).min(most);
        self.book.system(format!("FC {kind} Start RequestId: {request_id}"));
        let (is_sound, suffix) = tokio::select! {
            ran = self.talk.hook(kind, request_id.as_str()) => match ran {
                Ok(Ok(())) => (true, String::new()),
                Ok(Err(error)) => (true, format!(", Error: {}", String::from_utf8_lossy(&error))),
                Err(Broken(why)) => (false, format!(", Error: {why}")),
            },
            _ = self.process.wait_end() => (false, ", Error: the process ended".to_owned()),
            () = host.clock.sleep(limit) => (false, format!(", Error: timed out after {:.1} seconds", limit.as_secs_f64())),
        };
        self.book.caught_up().await;
        self.book.system(format!("FC {kind} End RequestId: {request_id}{suffix}"));
        is_sound
    }
}
