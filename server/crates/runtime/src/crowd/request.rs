//! One request on an instance that serves several.

use super::{Crowd, Fate};
use crate::{
    conversation::{Broken, Call, Reply, What},
    errors,
    executor::Host,
    instance::{IDLE_GRACE, LAST_FRAME_WAIT, end_line, summary, unhandled},
    logs::{LogBook, Rest},
};
use engine::ports::{End, Invocation, Outcome};
use model::RequestId;
use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// What a call comes to.
type Answer = Result<Reply, Broken>;

/// What ended the wait for a request's answer.
enum Verdict {
    Answered(Answer),
    Exited,
    Doomed,
    Stopped,
    TimedOut,
    ShutDown,
}

/// Whether a request's code has given up.
enum LetGo {
    Answered(Reply),
    /// Its connection was closed from its side.
    Closed,
    /// It still runs, or the instance has ended.
    No,
}

/// A request in an instance's count, until it is dropped.
struct Presence<'a> {
    crowd: &'a Crowd,
    number: u32,
    is_leaving: bool,
}

impl Presence<'_> {
    /// The request has no right to the instance any more, and the instance takes no further ones.
    fn leave(&mut self) {
        if !std::mem::replace(&mut self.is_leaving, true) {
            let mut serving = self.crowd.serving();
            serving.leaving += 1;
            serving.is_closed = true;
        }
        self.crowd.moved.notify_waiters();
    }
}

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        {
            let mut serving = self.crowd.serving();
            serving.running -= 1;
            serving.leaving -= usize::from(self.is_leaving);
        }
        self.crowd.moved.notify_waiters();
    }
}

/// A request that runs.
struct Running<'a> {
    crowd: &'a Crowd,
    host: &'a Host,
    invocation: &'a Invocation,
    stop: &'a CancellationToken,
    /// Its log.
    book: Arc<LogBook>,
    presence: Presence<'a>,
    began: Instant,
    /// How long its code ran, when that is not until its end is known.
    ran_for: Option<Duration>,
}

impl Crowd {
    /// Runs a request to its end; gives also what is still to be stored of its log.
    pub(crate) async fn run(&self, host: &Host, invocation: &Invocation, stop: &CancellationToken) -> (Outcome, Rest) {
        let request_id = &invocation.request_id;
        let presence = self.come(request_id);
        let number = presence.number;
        let book = self.book.enter(number, request_id).await;
        self.card.begin(request_id, host.clock.now());
        book.system(format!("FC Invoke Start RequestId: {request_id}"));
        self.book.hint();
        let mut running = Running { crowd: self, host, invocation, stop, book, presence, began: Instant::now(), ran_for: None };
        let end = running.until_its_end().await;
        let Running { book, presence, began, ran_for, .. } = running;
        let duration = ran_for.unwrap_or_else(|| began.elapsed());
        let peak_memory_kb = self.process.peak_memory_kb();
        self.card.end(request_id, host.clock.now());
        let billed_ms = i64::try_from(duration.as_micros().div_ceil(1_000)).unwrap_or(i64::MAX);
        book.system(end_line(invocation, &end));
        book.system(summary(invocation, duration, billed_ms, peak_memory_kb));
        self.book.leave(number);
        let (log_tail, rest) = book.close();
        drop(presence);
        (Outcome { end, duration_ms: billed_ms, log_tail }, rest)
    }

    fn come(&self, request_id: &RequestId) -> Presence<'_> {
        let number = {
            let mut serving = self.serving();
            serving.seq = serving.seq.wrapping_add(1);
            serving.running += 1;
            serving.last = request_id.clone();
            serving.seq
        };
        self.moved.notify_waiters();
        Presence { crowd: self, number, is_leaving: false }
    }
}

impl Running<'_> {
    async fn until_its_end(&mut self) -> End {
        let Self { crowd, host, invocation, stop, .. } = *self;
        let (http, bodies) = (invocation.http.as_ref(), invocation.bodies.as_ref());
        let what = What::Handler { seq: self.presence.number, payload: &invocation.payload, http, bodies };
        let call = Call { request_id: invocation.request_id.as_str(), retry_count: invocation.retry_count, what };
        let mut answering = crowd.talk.call(&call);
        let verdict = tokio::select! {
            biased;
            () = crowd.doomed.cancelled() => Verdict::Doomed,
            answer = &mut answering => Verdict::Answered(answer),
            () = stop.cancelled() => Verdict::Stopped,
            () = host.shutdown.cancelled() => Verdict::ShutDown,
            _ = crowd.process.wait_end() => Verdict::Exited,
            () = host.clock.sleep(Duration::from_secs(invocation.function.spec.timeout_s)) => Verdict::TimedOut,
        };
        match verdict {
            Verdict::Doomed => self.displaced().await,
            Verdict::Answered(Ok(reply)) => self.answered(reply).await,
            Verdict::Answered(Err(broken)) => self.broken(broken).await,
            Verdict::Exited => {
                // Its answer may be on its way.
                let last = tokio::select! {
                    answer = &mut answering => answer.ok(),
                    () = host.clock.sleep(LAST_FRAME_WAIT) => None,
                };
                match last {
                    Some(reply) => self.answered_last(reply).await,
                    None => self.exited().await,
                }
            }
            Verdict::Stopped => {
                let ended_by_itself = self.drop_it(answering, host.config.grace, true).await;
                ended_by_itself.map_or_else(platform, |ended_by_itself| End::Stopped { ended_by_itself })
            }
            Verdict::TimedOut => {
                self.ran_for = Some(self.began.elapsed());
                let error = unhandled(errors::timed_out(invocation.function.spec.timeout_s));
                self.drop_it(answering, host.config.grace, false).await.map_or_else(platform, |_| error)
            }
            Verdict::ShutDown => {
                let message = "the server is shutting down";
                crowd.doom(message, false);
                let ended = crowd.end(host, host.config.grace, true).await;
                platform(ended.err().unwrap_or_else(|| message.to_owned()))
            }
        }
    }

    async fn answered(&mut self, reply: Reply) -> End {
        let crowd = self.crowd;
        if self.stop.is_cancelled() {
            self.presence.leave();
            let is_rid = crowd.innocents() > 0;
            let end = End::Stopped { ended_by_itself: !reply.is_cancelled };
            let ended = if is_rid { Ok(()) } else { self.end_it(self.host.config.grace.min(IDLE_GRACE), true).await };
            return ended.map_or_else(platform, |()| end);
        }
        self.read_log().await;
        if reply.is_fatal {
            crowd.doom(&format!("request {} left the instance's process in an unsound state", self.invocation.request_id), false);
            if let Err(left) = crowd.end(self.host, IDLE_GRACE, false).await {
                return platform(left);
            }
        }
        reply.end()
    }

    /// The answer counts, but the process has ended.
    async fn answered_last(&mut self, reply: Reply) -> End {
        let crowd = self.crowd;
        crowd.book.drained().await;
        crowd.doom(&died(&errors::describe(crowd.process.ended())), true);
        let ended = crowd.end(self.host, Duration::ZERO, false).await;
        ended.map_or_else(platform, |()| reply.end())
    }

    /// Waits until everything that the request has written is in its log.
    async fn read_log(&self) {
        if self.crowd.talk.marks_its_log() {
            self.crowd.book.marked_by(self.presence.number).await;
        } else {
            self.crowd.book.caught_up().await;
        }
    }

    /// A broken connection: the request's own, or that of all of them.
    async fn broken(&mut self, Broken(why): Broken) -> End {
        let (crowd, host) = (self.crowd, self.host);
        // A process that ends closes its connections first.
        tokio::select! {
            _ = crowd.process.wait_end() => return self.exited().await,
            () = crowd.doomed.cancelled() => return self.displaced().await,
            () = host.clock.sleep(LAST_FRAME_WAIT) => {}
        }
        self.book.system(format!("connection to the instance: {why}"));
        if crowd.talk.breaks_singly() {
            crowd.close();
            return unhandled(errors::exited(None, None));
        }
        let fate = crowd.doom("the instance could not be talked to any more while it served several requests", true);
        if let Err(left) = crowd.end(host, Duration::ZERO, false).await {
            return platform(left);
        }
        if fate.suspects == 1 { unhandled(errors::exited(None, None)) } else { self.displaced_by(&fate) }
    }

    /// The process has ended: the request's own fault when no other one ran.
    async fn exited(&mut self) -> End {
        let crowd = self.crowd;
        crowd.book.drained().await;
        let how = errors::describe(crowd.process.ended());
        let fate = crowd.doom(&died(&how), true);
        self.book.system(how);
        let error = crowd.exit_error();
        if let Err(left) = crowd.end(self.host, Duration::ZERO, false).await {
            return platform(left);
        }
        if fate.suspects == 1 { unhandled(error) } else { self.displaced_by(&fate) }
    }

    /// How a request ends that ran, not as the only one, when its instance met this fate.
    fn displaced_by(&self, fate: &Fate) -> End {
        if fate.suspects > 1 {
            self.host.loners.add(&self.invocation.request_id);
        }
        End::Displaced { message: fate.why.to_string() }
    }

    /// The instance is ended by somebody else.
    async fn displaced(&mut self) -> End {
        if let Err(left) = self.crowd.wait_ended().await {
            return platform(left);
        }
        if self.stop.is_cancelled() {
            return End::Stopped { ended_by_itself: false };
        }
        self.displaced_by(&self.crowd.fate().unwrap_or(Fate { why: "the instance was ended".into(), suspects: 0 }))
    }

    /// Rids the instance of the request, or ends it; true when the code had ended by itself. Errors: what is left.
    async fn drop_it(
        &mut self,
        mut answering: Pin<Box<dyn Future<Output = Answer> + Send + '_>>,
        grace: Duration,
        is_asked: bool,
    ) -> Result<bool, String> {
        let asked_at = Instant::now();
        self.presence.leave();
        let let_go = self.let_go(&mut answering, grace, is_asked).await;
        let (is_rid, ended_by_itself) = match &let_go {
            LetGo::Answered(reply) => (true, !reply.is_cancelled),
            LetGo::Closed => (true, false),
            LetGo::No => (false, false),
        };
        if is_rid && self.crowd.innocents() > 0 {
            self.read_log().await;
            return Ok(ended_by_itself);
        }
        let left = if is_asked { grace.saturating_sub(asked_at.elapsed()) } else { Duration::ZERO };
        let left = if is_rid { left.min(IDLE_GRACE) } else { left };
        self.end_it(left, is_asked).await.map(|()| ended_by_itself)
    }

    /// Ends the instance because of this request.
    async fn end_it(&self, grace: Duration, is_asked: bool) -> Result<(), String> {
        let what = if is_asked { "was stopped" } else { "reached its time limit" };
        let why = format!("request {} {what} on the same instance, and its code did not give up", self.invocation.request_id);
        self.crowd.doom(&why, false);
        self.crowd.end(self.host, grace, is_asked).await
    }

    /// Asks the code to give up and waits for that: for the whole grace while others run on the instance, else for half of it if it has
    /// heard, and not at all if it has not.
    async fn let_go(&self, answering: &mut Pin<Box<dyn Future<Output = Answer> + Send + '_>>, grace: Duration, is_asked: bool) -> LetGo {
        let (crowd, host, asked_at) = (self.crowd, self.host, Instant::now());
        let of = |answer: Answer| match answer {
            Ok(reply) => LetGo::Answered(reply),
            Err(_) if crowd.talk.breaks_singly() => LetGo::Closed,
            Err(_) => LetGo::No,
        };
        if !is_asked && crowd.innocents() == 0 {
            return LetGo::No;
        }
        let has_heard = tokio::select! {
            biased;
            answer = &mut *answering => return of(answer),
            has_heard = crowd.talk.cancel(host, self.invocation.request_id.as_str()) => has_heard,
        };
        loop {
            let moved = crowd.moved.notified();
            tokio::pin!(moved);
            moved.as_mut().enable();
            let has_others = crowd.innocents() > 0;
            let wait = if has_others {
                grace
            } else if has_heard && is_asked {
                grace / 2
            } else {
                Duration::ZERO
            };
            let wait = wait.saturating_sub(asked_at.elapsed());
            if wait.is_zero() {
                return LetGo::No;
            }
            tokio::select! {
                biased;
                answer = &mut *answering => return of(answer),
                () = crowd.doomed.cancelled() => return LetGo::No,
                _ = crowd.process.wait_end() => return LetGo::No,
                () = moved => {}
                () = host.clock.sleep(wait) => return LetGo::No,
            }
        }
    }
}

fn died(how: &str) -> String {
    format!("the {how} while the instance served several requests")
}

fn platform(message: String) -> End {
    End::PlatformError { message }
}
