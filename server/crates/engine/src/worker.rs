//! One task from its claim to the end of its attempt.

use crate::engine::Core;
use crate::offers::Wait;
use crate::over_age;
use crate::ports::{AcquireError, ClaimedTask, End, Instance, Invocation, Outcome, Set, StoreError, StoreResult};
use crate::rescue::gone;
use crate::retry::{PLATFORM_WAIT_MS_MAX, platform_wait_ms, retry_wait_ms};
use crate::running::Hold;
use crate::tally::{executed, not_run, not_started};
use crate::transition::{Expected, begun_detail, error_detail, happen, note_detail};
use model::lifecycle::Event;
use model::{Figures, Function, InstanceId, TaskStatus, limits};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// Tries of a write that the store could not take, and the wait between two.
const WRITE_TRIES: u32 = 120;
const WRITE_RETRY: Duration = Duration::from_millis(500);

/// Statuses of HTTP answers from which on an attempt has failed.
const FAILED_FROM: u16 = 400;
/// Bytes of such an answer that the error quotes.
const QUOTED_BYTES: usize = 1_024;

/// The beginning of an answer as text.
fn beginning(body: &[u8]) -> String {
    String::from_utf8_lossy(body.get(..QUOTED_BYTES).unwrap_or(body)).trim().to_owned()
}

/// A claimed task in hand.
pub(crate) struct Taken {
    pub(crate) task: ClaimedTask,
    pub(crate) hold: Hold,
    /// The current function as it was when the task was claimed, for a task that runs it.
    pub(crate) function: Option<Arc<Function>>,
    /// The instance on which the claim has begun the attempt.
    pub(crate) instance: Option<Box<dyn Instance>>,
    /// Counted while the task waits for an instance.
    pub(crate) wait: Option<Wait>,
}

/// Runs the task; the slot is free when this returns.
pub(crate) async fn run(core: Arc<Core>, taken: Taken, slot: OwnedSemaphorePermit) {
    let Taken { mut task, hold, function, instance, wait } = taken;
    let payload = std::mem::take(&mut task.payload);
    let attempt = Attempt { core: &core, task, in_doubt: AtomicBool::new(false) };
    // The code of an earlier lease of this same task may still be ending here.
    hold.alone().await;
    attempt.run(payload, function, instance, wait, &hold).await;
    drop(hold);
    drop(slot);
    // A limit may have held others back until this one ended.
    core.due();
    if attempt.in_doubt.into_inner() {
        core.doubt.notify_one();
    }
}

/// A claimed task with the engine around it.
struct Attempt<'a> {
    core: &'a Core,
    task: ClaimedTask,
    /// A write was not answered: the store may still hold the task for this worker when the attempt is over.
    in_doubt: AtomicBool,
}

impl Attempt<'_> {
    async fn run(
        &self,
        payload: Vec<u8>,
        function: Option<Arc<Function>>,
        instance: Option<Box<dyn Instance>>,
        wait: Option<Wait>,
        hold: &Hold,
    ) {
        if instance.is_none() && self.is_over_age() {
            return self.end_over_age().await;
        }
        let function = match function {
            Some(function) => Function::clone(&function),
            None => match self.look_up().await {
                Ok(Some(function)) => function,
                Ok(None) => return self.end_without_function().await,
                Err(error) => return self.give_back(&error.to_string()).await,
            },
        };
        let invocation = Invocation {
            function,
            qualifier: self.task.qualifier.clone(),
            version: self.task.version,
            request_id: self.task.request_id.clone(),
            payload,
            http: self.task.http.clone(),
            retry_count: self.task.retried,
            bodies: None,
        };
        if let Some(instance) = instance {
            metrics::counter!("taskyard_task_transitions_total", "status" => TaskStatus::Running.as_str()).increment(1);
            let outcome = instance.run(invocation, hold.stop.clone()).await;
            return self.finish(outcome).await;
        }
        let acquired = self.core.executor.acquire(&invocation, &hold.stop).await;
        drop(wait);
        // There is room for another one to wait.
        self.core.wake.notify_one();
        match acquired {
            Ok(instance) => self.execute(instance, invocation, hold).await,
            Err(AcquireError::FunctionError { kind, body, .. }) => self.fail_to_start(kind, body).await,
            Err(error) => {
                match error {
                    // Who waited and is to be stopped is told the same.
                    AcquireError::Exhausted if hold.stop.is_cancelled() => {}
                    AcquireError::Exhausted => self.count(|figures| figures.throttles += 1),
                    _ => self.count(not_run),
                }
                self.give_back(&error.to_string()).await;
            }
        }
    }

    fn count(&self, change: impl FnOnce(&mut Figures)) {
        self.core.count(&self.task.task.function, &self.task.qualifier, change);
    }

    /// The function that the task was accepted for, if it still exists.
    async fn look_up(&self) -> StoreResult<Option<Function>> {
        match self.task.version {
            None => self.core.store.get_function(&self.task.task.function).await,
            Some(version) => self.core.store.function_version(&self.task.task.function, version).await,
        }
    }

    /// The task before its attempt begins.
    fn waiting(&self) -> Expected<'_> {
        Expected {
            seq: self.task.seq,
            task: &self.task.task,
            status: self.task.status,
            fence: self.task.fence,
            attempt: self.task.attempt,
            listed: self.task.listed,
            has_destination: self.task.has_destination,
        }
    }

    /// The task while its attempt is under way.
    fn begun(&self, status: TaskStatus) -> Expected<'_> {
        Expected { status, attempt: self.task.attempt + 1, ..self.waiting() }
    }

    fn is_over_age(&self) -> bool {
        let now = self.core.clock.now();
        self.task.is_over_age(now, now.plus_ms(-PLATFORM_WAIT_MS_MAX))
    }

    async fn end_over_age(&self) {
        let waited_ms = self.core.clock.now().since(self.task.due_at);
        let message = over_age::message(self.task.attempt, waited_ms, &self.task.error_kind, &self.task.error_message);
        let set = Set { error: Some((over_age::ERROR_KIND.to_owned(), message.clone())), ..Set::default() };
        let detail = error_detail(over_age::ERROR_KIND, &message);
        if self.write(self.waiting(), Event::ValidityOver, detail, set).await == Some(TaskStatus::Expired) {
            self.count(|figures| figures.expired += 1);
        }
    }

    async fn end_without_function(&self) {
        let (kind, message) = gone(self.task.version);
        let set = Set { error: Some((kind.to_owned(), message.clone())), ..Set::default() };
        self.write(self.waiting(), Event::FunctionGone, error_detail(kind, &message), set).await;
    }

    /// The platform could not run it now: due again later, no state change, not counted (`product.md` 3).
    async fn give_back(&self, reason: &str) {
        let now = self.core.clock.now();
        let due = now.plus_ms(platform_wait_ms(self.task.due_at, now, self.core.config.random));
        tracing::info!(task.id = %self.task.task.id, reason, "task not started; waits for an instance");
        if let Err(error) = self.core.store.release(self.task.seq, self.task.fence, self.task.attempt, due).await {
            tracing::warn!(task.id = %self.task.task.id, error = %error, "lease not given back");
            self.in_doubt.store(true, Ordering::Relaxed);
        }
        self.core.due();
    }

    async fn fail_to_start(&self, kind: &'static str, body: Vec<u8>) {
        if self.begin(InstanceId::from_stored("")).await {
            self.count(not_started);
            self.finish_failed(kind, body, 0).await;
        }
    }

    async fn execute(&self, instance: Box<dyn Instance>, invocation: Invocation, hold: &Hold) {
        if !self.begin(instance.id().clone()).await {
            return;
        }
        let outcome = instance.run(invocation, hold.stop.clone()).await;
        self.finish(outcome).await;
    }

    /// Records that the code begins; false when somebody else changed the task first, and then it must not run.
    async fn begin(&self, instance: InstanceId) -> bool {
        let detail = begun_detail(&instance);
        let set = Set { started_on: Some(instance), ..Set::default() };
        self.write(self.waiting(), Event::Started, detail, set).await.is_some()
    }

    async fn finish(&self, outcome: Outcome) {
        self.count(|figures| {
            executed(figures, &outcome.end, outcome.duration_ms);
            figures.function_errors += u64::from(matches!(&outcome.end, End::Answered { head, .. } if head.status >= FAILED_FROM));
        });
        match outcome.end {
            End::Succeeded { result } => self.finish_succeeded(result, String::new(), outcome.duration_ms).await,
            // An HTTP function has nothing but its status to say that it failed.
            End::Answered { head, body } if head.status >= FAILED_FROM => {
                let text = format!("the function answered with status {}: {}", head.status, beginning(&body));
                let error = serde_json::json!({ "errorMessage": text.trim_end_matches(": ") });
                self.finish_failed("UnhandledInvocationError", error.to_string().into_bytes(), outcome.duration_ms).await;
            }
            End::Answered { head, body } => {
                self.finish_succeeded(body, note_detail("HttpStatus", &head.status.to_string()), outcome.duration_ms).await;
            }
            End::FunctionError { kind, body } => self.finish_failed(kind, body, outcome.duration_ms).await,
            End::Stopped { ended_by_itself } => self.finish_stopped(ended_by_itself, outcome.duration_ms).await,
            End::PlatformError { message } => self.finish_lost("WorkerLost", &message, outcome.duration_ms).await,
            End::Displaced { message } => self.finish_lost("InstanceEnded", &message, outcome.duration_ms).await,
        }
    }

    async fn finish_succeeded(&self, mut result: Vec<u8>, detail: String, duration_ms: i64) {
        let whole = result.len() as u64;
        result.truncate(limits::RESULT_BYTES_MAX);
        let set = Set { duration_ms: Some(duration_ms), result: Some((result, whole)), ..Set::default() };
        let event = Event::Finished { ok: true, retry: false };
        if self.write(self.begun(TaskStatus::Running), event, detail, set).await.is_none() {
            self.finish_stopped(true, duration_ms).await;
        }
    }

    async fn finish_failed(&self, kind: &'static str, body: Vec<u8>, duration_ms: i64) {
        let message = String::from_utf8_lossy(&body).into_owned();
        let retry = self.task.retried < self.task.max_retries;
        let now = self.core.clock.now();
        let set = Set {
            duration_ms: Some(duration_ms),
            error: Some((kind.to_owned(), message.clone())),
            next_run_at: retry.then(|| now.plus_ms(retry_wait_ms(self.task.retried, self.core.config.random))),
            count_retry: retry,
            ..Set::default()
        };
        let event = Event::Finished { ok: false, retry };
        match self.write(self.begun(TaskStatus::Running), event, error_detail(kind, &message), set).await {
            None => self.finish_stopped(true, duration_ms).await,
            // The scheduler sleeps until what was due next before; this may be due earlier.
            Some(_) => self.core.due(),
        }
    }

    /// The code was ended: by a user (`Stopping`), or because this server drains or lost its lease (`Running`).
    async fn finish_stopped(&self, ended_by_itself: bool, duration_ms: i64) {
        if !self.record_stopped(ended_by_itself, duration_ms).await {
            self.finish_lost("WorkerLost", "the server that ran this attempt was shut down", duration_ms).await;
        }
    }

    /// Records the end of a stop; false when no stop was asked for, or when it was not this worker's to end.
    async fn record_stopped(&self, ended_by_itself: bool, duration_ms: i64) -> bool {
        let detail =
            if ended_by_itself { note_detail("Note", "the code had ended by itself before the stop reached it") } else { String::new() };
        let error = Some(("AsyncInvocationStopped".to_owned(), "the task was stopped".to_owned()));
        let set = Set { duration_ms: Some(duration_ms), error, ..Set::default() };
        let event = Event::Finished { ok: ended_by_itself, retry: false };
        self.write(self.begun(TaskStatus::Stopping), event, detail, set).await.is_some()
    }

    /// The attempt's outcome is unknown through no fault of the function: it runs again, not counted as a retry.
    async fn finish_lost(&self, kind: &str, message: &str, duration_ms: i64) {
        let now = self.core.clock.now();
        let due = if self.core.draining.is_cancelled() { now } else { now.plus_ms(retry_wait_ms(0, self.core.config.random)) };
        let set = Set { duration_ms: Some(duration_ms), next_run_at: Some(due), ..Set::default() };
        if self.write(self.begun(TaskStatus::Running), Event::WorkerLost, error_detail(kind, message), set).await.is_none() {
            // The stop was asked for in the moment before; nothing else leads away from a running attempt of this lease.
            self.record_stopped(false, duration_ms).await;
        }
        self.core.due();
    }

    /// Writes a change; when the store can't be reached it tries again, since the lease protects against a double.
    async fn write(&self, expected: Expected<'_>, event: Event, detail: String, set: Set) -> Option<TaskStatus> {
        for _ in 0..WRITE_TRIES {
            match happen(self.core, expected, event, detail.clone(), set.clone()).await {
                Ok(written) => return written,
                Err(StoreError::Unavailable(cause)) => {
                    self.in_doubt.store(true, Ordering::Relaxed);
                    tracing::warn!(task.id = %expected.task.id, cause, "status not written; trying again");
                    self.core.clock.sleep(WRITE_RETRY).await;
                }
                Err(error) => {
                    tracing::error!(task.id = %expected.task.id, error = %error, "status not written");
                    self.in_doubt.store(true, Ordering::Relaxed);
                    return None;
                }
            }
        }
        tracing::error!(task.id = %expected.task.id, "status not written; the task is freed when the store answers again");
        None
    }
}
