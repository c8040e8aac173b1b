//! One instance: a process that serves one request at a time, and how each request ends.

use crate::{
    containment::Cgroup,
    conversation::{Broken, Call, Conversation, Reply, What},
    errors,
    executor::Host,
    images::Image,
    logs::{LogBook, Rest},
    pool::PoolKey,
    process::Process,
    registry::Card,
    tree::{self, Tree},
};
use engine::{
    clock::Clock,
    ports::{End, Invocation, Outcome},
};
use model::{Hook, HookKind, InstanceId, RequestId};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long a frame may be on its way when the process that sent it has ended.
pub(crate) const LAST_FRAME_WAIT: Duration = Duration::from_millis(200);
/// How long an instance that serves no request may take to end after SIGTERM.
pub(crate) const IDLE_GRACE: Duration = Duration::from_secs(1);

/// An instance that has loaded its function.
pub(crate) struct Live {
    pub(crate) body: Body,
    key: PoolKey,
    conversation: Box<dyn Conversation>,
    pre_freeze: Option<Hook>,
    pre_stop: Option<Hook>,
    /// Number of its last request.
    seq: u32,
    /// The last request, whose log also gets what hooks write; that of its start when there was none.
    last: RequestId,
}

/// What there is of an instance from its process's start to its end.
pub(crate) struct Body {
    pub(crate) id: InstanceId,
    /// Its place in the list of instances.
    pub(crate) card: Arc<Card>,
    pub(crate) process: Arc<Process>,
    pub(crate) tree: Tree,
    pub(crate) book: Arc<LogBook>,
    pub(crate) pump: JoinHandle<()>,
    /// Its private directory, where it has no sandbox.
    pub(crate) dir: Option<PathBuf>,
    /// The image that it is made of, which is kept until its end.
    pub(crate) image: Option<Arc<Image>>,
    pub(crate) cgroup: Option<Arc<Cgroup>>,
    pub(crate) peak_memory_kb: u64,
}

impl Body {
    /// Takes note of the memory used so far; an ended process can't be asked any more.
    pub(crate) fn note_memory(&mut self) {
        self.peak_memory_kb = self.peak_memory_kb.max(self.process.peak_memory_kb());
    }

    /// The error object of a process that has ended.
    pub(crate) fn exit_error(&self) -> Vec<u8> {
        errors::exited(self.process.ended(), self.cgroup.as_ref().and_then(|cgroup| cgroup.ran_out_of_memory()))
    }

    /// Ends the instance and everything it started; returns when a scan of `/proc` finds none of it. Errors: what is left.
    pub(crate) async fn end(self, clock: &dyn Clock, grace: Duration) -> Result<(), String> {
        let Self { id, card, process, tree, book, pump, dir, image, cgroup, .. } = self;
        card.stopping();
        let forbid_new = || cgroup.iter().for_each(|cgroup| cgroup.forbid_new_processes());
        let ended = tree::end(&process, tree, clock, grace, forbid_new).await;
        book.drained().await;
        pump.abort();
        if let Some(dir) = dir
            && let Err(error) = tokio::fs::remove_dir_all(&dir).await
        {
            tracing::warn!(instance.id = %id, %error, "private directory of an instance left behind");
        }
        drop(image);
        // The kernel may take a while to remove a control group; nothing waits for that.
        drop(tokio::task::spawn_blocking(move || drop(cgroup)));
        ended.map_err(|tree::Survivors(pids)| {
            tracing::error!(instance.id = %id, process.pids = ?pids, "processes of an instance can't be ended");
            format!("processes {pids:?} of instance {id} can't be ended")
        })
    }
}

/// What ended the conversation about a request.
enum Verdict {
    Returned(Reply),
    Broken(Broken),
    Exited,
    Stopped,
    TimedOut,
    ShutDown,
}

impl Live {
    /// Which invocations it can serve.
    pub(crate) fn key(&self) -> &PoolKey {
        &self.key
    }

    /// An instance that can serve.
    pub(crate) fn new(body: Body, key: PoolKey, conversation: Box<dyn Conversation>, invocation: &Invocation) -> Self {
        let spec = &invocation.function.spec;
        let (pre_freeze, pre_stop) = (spec.hook(HookKind::PreFreeze), spec.hook(HookKind::PreStop));
        Self { body, key, conversation, pre_freeze, pre_stop, seq: 0, last: invocation.request_id.clone() }
    }

    /// Runs a request to its end; the instance comes back when it can serve again, with what is still to be stored of the request's log.
    pub(crate) async fn run(
        mut self: Box<Self>,
        host: &Host,
        invocation: &Invocation,
        stop: &CancellationToken,
    ) -> (Outcome, Rest, Option<Box<Self>>) {
        self.seq = self.seq.wrapping_add(1);
        self.last = invocation.request_id.clone();
        self.body.card.begin(&invocation.request_id, host.clock.now());
        self.body.book.begin(&invocation.request_id);
        self.body.book.system(format!("FC Invoke Start RequestId: {}", invocation.request_id));
        let began = std::time::Instant::now();
        let verdict = self.converse(host, invocation, stop).await;
        let mut duration = began.elapsed();
        self.body.note_memory();
        let (end, grace) = match verdict {
            Verdict::Returned(reply) if stop.is_cancelled() => {
                (End::Stopped { ended_by_itself: !reply.is_cancelled }, Some(host.config.grace.min(IDLE_GRACE)))
            }
            Verdict::Returned(reply) => {
                self.read_log().await;
                let grace = reply.is_fatal.then_some(IDLE_GRACE);
                (reply.end(), grace)
            }
            Verdict::Exited => (self.exited().await, Some(Duration::ZERO)),
            Verdict::Broken(Broken(why)) => {
                self.body.book.system(format!("connection to the instance: {why}"));
                (unhandled(errors::exited(None, None)), Some(Duration::ZERO))
            }
            Verdict::TimedOut => (unhandled(errors::timed_out(invocation.function.spec.timeout_s)), Some(Duration::ZERO)),
            Verdict::Stopped => {
                let spent = self.cancel(host, invocation).await;
                (End::Stopped { ended_by_itself: spent.ended_by_itself }, Some(host.config.grace.saturating_sub(spent.time)))
            }
            Verdict::ShutDown => (End::PlatformError { message: "the server is shutting down".to_owned() }, Some(host.config.grace)),
        };
        let book = Arc::clone(&self.body.book);
        let peak_memory_kb = self.body.peak_memory_kb;
        let (end, back) = match grace {
            None => {
                self.body.card.end(&invocation.request_id, host.clock.now());
                (end, Some(self))
            }
            Some(grace) => {
                let is_asked = matches!(end, End::Stopped { .. } | End::PlatformError { .. });
                let grace = if is_asked { self.pre_stop_within(host, grace).await } else { grace };
                let ended = self.body.end(&*host.clock, grace).await;
                duration = if matches!(end, End::Stopped { .. }) { began.elapsed() } else { duration };
                (ended.map_or_else(|message| End::PlatformError { message }, |()| end), None)
            }
        };
        let billed_ms = i64::try_from(duration.as_micros().div_ceil(1_000)).unwrap_or(i64::MAX);
        book.system(end_line(invocation, &end));
        book.system(summary(invocation, duration, billed_ms, peak_memory_kb));
        let (log_tail, rest) = book.close();
        (Outcome { end, duration_ms: billed_ms, log_tail }, rest, back)
    }

    /// Hands the request over and waits for its answer or for a reason to give up on it.
    async fn converse(&mut self, host: &Host, invocation: &Invocation, stop: &CancellationToken) -> Verdict {
        let what = What::Handler {
            seq: self.seq,
            payload: &invocation.payload,
            http: invocation.http.as_ref(),
            bodies: invocation.bodies.as_ref(),
        };
        let call = Call { request_id: invocation.request_id.as_str(), retry_count: invocation.retry_count, what };
        let conversation = &mut self.conversation;
        let answered = async {
            conversation.send(&call).await?;
            conversation.reply().await
        };
        let verdict = tokio::select! {
            biased;
            answer = answered => answer.map_or_else(Verdict::Broken, Verdict::Returned),
            () = stop.cancelled() => Verdict::Stopped,
            () = host.shutdown.cancelled() => Verdict::ShutDown,
            _ = self.body.process.wait_end() => Verdict::Exited,
            () = host.clock.sleep(Duration::from_secs(invocation.function.spec.timeout_s)) => Verdict::TimedOut,
        };
        match verdict {
            Verdict::Exited | Verdict::Broken(_) => self.last_words(host, verdict).await,
            other => other,
        }
    }

    /// A process that ends closes its connection: looks for an answer on its way, and tells an end from a broken connection.
    async fn last_words(&mut self, host: &Host, verdict: Verdict) -> Verdict {
        let waited = async {
            if let Verdict::Exited = verdict {
                return self.conversation.reply().await.map_or(Verdict::Exited, Verdict::Returned);
            }
            self.body.process.wait_end().await;
            Verdict::Exited
        };
        let better = tokio::select! {
            better = waited => Some(better),
            () = host.clock.sleep(LAST_FRAME_WAIT) => None,
        };
        match better.unwrap_or(verdict) {
            // The answer counts, but the process can't serve again.
            Verdict::Returned(reply) => Verdict::Returned(Reply { is_fatal: true, ..reply }),
            other => other,
        }
    }

    async fn exited(&mut self) -> End {
        self.body.book.drained().await;
        self.body.book.system(errors::describe(self.body.process.ended()));
        unhandled(self.body.exit_error())
    }

    /// Waits until everything that the request has written is in its log.
    async fn read_log(&mut self) {
        if self.conversation.marks_its_log() {
            self.body.book.marked(self.seq).await;
        } else {
            self.body.book.caught_up().await;
        }
    }

    /// Asks the handler to give up, if it can hear that, and gives it half of the grace for it.
    async fn cancel(&mut self, host: &Host, invocation: &Invocation) -> Cancelled {
        let began = std::time::Instant::now();
        let grace = host.config.grace / 2;
        let ended_by_itself = tokio::select! {
            answer = self.conversation.cancel(host, invocation.request_id.as_str()) => answer.is_some_and(|reply| !reply.is_cancelled),
            _ = self.body.process.wait_end() => false,
            () = host.clock.sleep(grace) => false,
        };
        Cancelled { ended_by_itself, time: began.elapsed() }
    }

    /// Ends an instance that serves no request.
    pub(crate) async fn end_idle(mut self: Box<Self>, host: &Host) {
        let mut grace = host.config.grace.min(IDLE_GRACE);
        if self.pre_stop.is_some() {
            self.body.book.begin(&self.last);
            if host.shutdown.is_cancelled() {
                grace = self.pre_stop_within(host, host.config.grace).await.min(grace);
            } else {
                self.run_hook(host, HookKind::PreStop, Duration::MAX).await;
            }
        }
        let book = Arc::clone(&self.body.book);
        // What is left is in the log; nobody waits for the answer.
        drop(self.body.end(&*host.clock, grace).await);
        book.finish().await;
    }

    /// True when something is to be run while it is idle.
    pub(crate) fn freezes(&self) -> bool {
        self.pre_freeze.is_some()
    }

    /// Runs the hook of an instance that has become idle; it comes back when it can serve again.
    pub(crate) async fn pre_freeze(mut self: Box<Self>, host: &Host) -> Option<Box<Self>> {
        self.body.book.begin(&self.last);
        let is_sound = tokio::select! {
            is_sound = self.run_hook(host, HookKind::PreFreeze, Duration::MAX) => is_sound,
            () = host.shutdown.cancelled() => false,
        };
        self.body.book.finish().await;
        if is_sound {
            return Some(self);
        }
        self.end_idle(host).await;
        None
    }

    /// Runs the PreStop hook, if there is one, in at most half of the grace; gives what is left of that for SIGTERM.
    async fn pre_stop_within(&mut self, host: &Host, grace: Duration) -> Duration {
        let began = std::time::Instant::now();
        self.run_hook(host, HookKind::PreStop, grace / 2).await;
        grace.saturating_sub(began.elapsed())
    }

    /// Runs a hook, if it is configured, for as long as it may take; false when the instance can't serve after it. Its failure is the log's.
    async fn run_hook(&mut self, host: &Host, kind: HookKind, most: Duration) -> bool {
        let hook = if kind == HookKind::PreStop { &self.pre_stop } else { &self.pre_freeze };
        let (Some(hook), None) = (hook, self.body.process.ended()) else { return true };
        let request_id = &self.last;
        let limit = Duration::from_secs(hook.timeout_s).min(most);
        self.body.book.system(format!("FC {kind} Start RequestId: {request_id}"));
        let (is_sound, suffix) = tokio::select! {
            ran = self.conversation.hook(kind, request_id.as_str()) => match ran {
                Ok(Ok(())) => (true, String::new()),
                Ok(Err(error)) => (true, format!(", Error: {}", String::from_utf8_lossy(&error))),
                Err(Broken(why)) => (false, format!(", Error: {why}")),
            },
            _ = self.body.process.wait_end() => (false, ", Error: the process ended".to_owned()),
            () = host.clock.sleep(limit) => (false, format!(", Error: timed out after {:.1} seconds", limit.as_secs_f64())),
        };
        self.body.book.caught_up().await;
        self.body.book.system(format!("FC {kind} End RequestId: {request_id}{suffix}"));
        is_sound
    }
}

struct Cancelled {
    ended_by_itself: bool,
    time: Duration,
}

pub(crate) fn unhandled(body: Vec<u8>) -> End {
    End::FunctionError { kind: errors::UNHANDLED, body }
}

/// The line that ends a request's log (`fc-api.md` 5.7).
pub(crate) fn end_line(invocation: &Invocation, end: &End) -> String {
    let suffix = match end {
        End::Succeeded { .. } | End::Answered { .. } => "",
        End::FunctionError { kind, .. } if *kind == errors::HANDLED => ", Error: Handled function error",
        End::FunctionError { .. } => ", Error: Unhandled function error",
        End::Stopped { .. } => ", Error: Stopped",
        End::PlatformError { .. } => ", Error: Platform error",
        End::Displaced { .. } => ", Error: The instance was ended",
    };
    format!("FC Invoke End RequestId: {}{suffix}", invocation.request_id)
}

/// The platform's summary (`fc-api.md` 3.7).
pub(crate) fn summary(invocation: &Invocation, duration: Duration, billed_ms: i64, peak_memory_kb: u64) -> String {
    format!(
        "Duration: {:.2} ms, Billed Duration: {billed_ms} ms, Memory Size: {} MB, Max Memory Used: {:.2} MB",
        duration.as_secs_f64() * 1_000.0,
        invocation.function.spec.memory_mb,
        peak_memory_kb as f64 / 1_024.0,
    )
}
