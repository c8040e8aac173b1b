//! One instance: a process that serves one request at a time, and how each request ends.

use crate::{
    containment::Cgroup,
    errors,
    executor::Host,
    logs::{LogBook, Rest},
    pool::{PoolKey, Pooled},
    process::Process,
    protocol::{Frame, FrameReader, FromInstance, Status, ToInstance, write_frame},
    registry::Card,
    tree::{self, Tree},
};
use engine::{
    clock::Clock,
    ports::{End, Invocation, Outcome},
};
use model::InstanceId;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    net::unix::{OwnedReadHalf, OwnedWriteHalf},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// How long a frame may be on its way when the process that sent it has ended.
const LAST_FRAME_WAIT: Duration = Duration::from_millis(200);
/// How long an instance that serves no request may take to end after SIGTERM.
const IDLE_GRACE: Duration = Duration::from_secs(1);

/// An instance that has loaded its function.
pub(crate) struct Live {
    pub(crate) body: Body,
    pub(crate) key: PoolKey,
    pub(crate) channel: Channel,
    /// It hears a cancel while the handler runs.
    pub(crate) cancellable: bool,
    /// Number of its last request.
    pub(crate) seq: u32,
}

/// What there is of an instance from its process's start to its end.
pub(crate) struct Body {
    pub(crate) id: InstanceId,
    /// Its place in the list of instances.
    pub(crate) card: Card,
    pub(crate) process: Process,
    pub(crate) tree: Tree,
    pub(crate) book: Arc<LogBook>,
    pub(crate) pump: JoinHandle<()>,
    /// Its private directory, where it has no sandbox.
    pub(crate) dir: Option<PathBuf>,
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
        let Self { id, card, process, tree, book, pump, dir, cgroup, .. } = self;
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
        // The kernel may take a while to remove a control group; nothing waits for that.
        drop(tokio::task::spawn_blocking(move || drop(cgroup)));
        ended.map_err(|tree::Survivors(pids)| {
            tracing::error!(instance.id = %id, process.pids = ?pids, "processes of an instance can't be ended");
            format!("processes {pids:?} of instance {id} can't be ended")
        })
    }
}

/// The server's end of the control channel.
pub(crate) struct Channel {
    pub(crate) reader: FrameReader<OwnedReadHalf>,
    pub(crate) writer: OwnedWriteHalf,
    /// False while a frame is half written.
    pub(crate) writable: bool,
}

impl Channel {
    /// Sends a message.
    pub(crate) async fn send(&mut self, message: &ToInstance<'_>, payload: &[u8]) -> std::io::Result<()> {
        self.writable = false;
        write_frame(&mut self.writer, message, payload).await?;
        self.writable = true;
        Ok(())
    }

    /// Waits for the answer to a call.
    pub(crate) async fn reply(&mut self) -> Result<Reply, Broken> {
        loop {
            match self.reader.next().await {
                Ok(Some(frame)) => {
                    if let Some(reply) = Reply::from_frame(frame) {
                        return Ok(reply);
                    }
                }
                Ok(None) => return Err(Broken("the instance closed the control channel".to_owned())),
                Err(error) => return Err(Broken(error.to_string())),
            }
        }
    }

    /// Sends a cancel; the answer to the call, if the handler gives one after it.
    async fn cancel(&mut self, host: &Host, invocation: &Invocation) -> Option<Reply> {
        self.send(&ToInstance::Cancel { request_id: invocation.request_id.as_str() }, &[]).await.ok()?;
        let first = tokio::select! {
            frame = self.reader.next() => frame.ok()??,
            () = host.clock.sleep(host.config.cancel_answer) => return None,
        };
        match first.message {
            FromInstance::Cancelling { observed: true } => self.reply().await.ok(),
            _ => Reply::from_frame(first),
        }
    }
}

/// The answer to a call of user code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) outcome: Result<Vec<u8>, (&'static str, Vec<u8>)>,
    /// The process can't serve again.
    pub(crate) is_fatal: bool,
    /// The code was asked to give up before it answered.
    pub(crate) is_cancelled: bool,
}

impl Reply {
    fn from_frame(frame: Frame) -> Option<Self> {
        let FromInstance::Result { status, fatal, cancelled } = frame.message else {
            return None;
        };
        let body = Vec::from(frame.payload);
        let outcome = match (frame.oversized, status) {
            (Some(bytes), _) => Err((errors::UNHANDLED, errors::result_too_large(bytes))),
            (None, Status::Ok) => Ok(body),
            (None, Status::Handled) => Err((errors::HANDLED, body)),
            (None, Status::Unhandled) => Err((errors::UNHANDLED, body)),
        };
        Some(Self { outcome, is_fatal: fatal, is_cancelled: cancelled })
    }
}

/// The control channel can't be used any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken(pub(crate) String);

/// What ended the conversation about a request.
enum Verdict {
    Returned(Reply),
    Broken(Broken),
    Exited,
    Stopped,
    TimedOut,
    ShutDown,
}

impl Pooled for Live {
    fn key(&self) -> &PoolKey {
        &self.key
    }

    fn is_alive(&self) -> bool {
        self.body.process.ended().is_none()
    }

    fn is_visited(&self) -> bool {
        self.body.card.is_visited()
    }
}

impl Live {
    /// Runs a request to its end; the instance comes back when it can serve again, with what is still to be stored of the request's log.
    pub(crate) async fn run(mut self, host: &Host, invocation: &Invocation, stop: &CancellationToken) -> (Outcome, Rest, Option<Self>) {
        self.seq = self.seq.wrapping_add(1);
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
                self.body.book.marked(self.seq).await;
                let grace = reply.is_fatal.then_some(IDLE_GRACE);
                (end_of(reply), grace)
            }
            Verdict::Exited => (self.exited().await, Some(Duration::ZERO)),
            Verdict::Broken(Broken(why)) => {
                self.body.book.system(format!("control channel: {why}"));
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
        let message = ToInstance::Invoke { request_id: invocation.request_id.as_str(), seq: self.seq, retry_count: invocation.retry_count };
        let channel = &mut self.channel;
        let answered = async {
            channel.send(&message, &invocation.payload).await.map_err(|error| Broken(error.to_string()))?;
            channel.reply().await
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

    /// A process that ends closes its channel: looks for an answer on its way, and tells an end from a broken channel.
    async fn last_words(&mut self, host: &Host, verdict: Verdict) -> Verdict {
        let waited = async {
            if let Verdict::Exited = verdict {
                return self.channel.reply().await.map_or(Verdict::Exited, Verdict::Returned);
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

    /// Asks the handler to give up, if it can hear that, and gives it half of the grace for it.
    async fn cancel(&mut self, host: &Host, invocation: &Invocation) -> Cancelled {
        let began = std::time::Instant::now();
        let mut ended_by_itself = false;
        if self.cancellable && self.channel.writable {
            let grace = host.config.grace / 2;
            tokio::select! {
                answer = self.channel.cancel(host, invocation) => {
                    ended_by_itself = answer.is_some_and(|reply| !reply.is_cancelled);
                }
                _ = self.body.process.wait_end() => {}
                () = host.clock.sleep(grace) => {}
            }
        }
        Cancelled { ended_by_itself, time: began.elapsed() }
    }

    /// Ends an instance that serves no request.
    pub(crate) async fn end_idle(self, clock: &dyn Clock, grace: Duration) {
        // What is left is in the log; nobody waits for the answer.
        drop(self.body.end(clock, grace.min(IDLE_GRACE)).await);
    }
}

struct Cancelled {
    ended_by_itself: bool,
    time: Duration,
}

fn unhandled(body: Vec<u8>) -> End {
    End::FunctionError { kind: errors::UNHANDLED, body }
}

fn end_of(reply: Reply) -> End {
    match reply.outcome {
        Ok(result) => End::Succeeded { result },
        Err((kind, body)) => End::FunctionError { kind, body },
    }
}

/// The line that ends a request's log (`fc-api.md` 5.7).
fn end_line(invocation: &Invocation, end: &End) -> String {
    let suffix = match end {
        End::Succeeded { .. } => "",
        End::FunctionError { kind, .. } if *kind == errors::HANDLED => ", Error: Handled function error",
        End::FunctionError { .. } => ", Error: Unhandled function error",
        End::Stopped { .. } => ", Error: Stopped",
        End::PlatformError { .. } => ", Error: Platform error",
    };
    format!("FC Invoke End RequestId: {}{suffix}", invocation.request_id)
}

/// The platform's summary (`fc-api.md` 3.7).
fn summary(invocation: &Invocation, duration: Duration, billed_ms: i64, peak_memory_kb: u64) -> String {
    format!(
        "Duration: {:.2} ms, Billed Duration: {billed_ms} ms, Memory Size: {} MB, Max Memory Used: {:.2} MB",
        duration.as_secs_f64() * 1_000.0,
        invocation.function.spec.memory_mb,
        peak_memory_kb as f64 / 1_024.0,
    )
}
