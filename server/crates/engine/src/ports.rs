//! What the engine needs from outside: a store that is durable when a method returns, and an executor that runs code.
//!
//! Rules of the store port:
//! - Every write is one transaction; nothing is half stored after an error.
//! - A task's status changes only by [`TaskStore::claim`] and [`TaskStore::apply`]; each change writes exactly one event row.
//! - Writes of a worker name the fence (lease) and attempt they belong to; a stale one changes nothing (`product.md` 4.2).
//! - Instants are passed in; the store never reads a clock.

use async_trait::async_trait;
use model::{
    AsyncConfig, Destinations, Function, FunctionName, FunctionRef, HttpParameters, HttpRequest, InstanceId, ListQuery, Origin, Page,
    Qualifier, Queue, QueueScope, Region, RequestId, Service, ServiceRef, StateCounts, Task, TaskEvent, TaskFilter, TaskId, TaskRef,
    TaskStatus, UnixMillis, VersionId,
};
use std::collections::HashMap;

mod audit;
mod bodies;
mod bulk;
mod domains;
mod executor;
mod identity;
mod layers;
mod logs;
mod metrics;
mod outbox;
mod peers;
mod regions;
mod scaling;
mod signals;
mod tags;
mod triggers;
mod versions;
mod views;

pub use audit::AuditStore;
pub use bodies::{Answer, Bodies};
pub use bulk::{BulkItemEnd, BulkStore, ClaimedBulk, FoundTask, ScanCursor, Scanned, TaskScan};
pub use domains::DomainStore;
pub use executor::{AcquireError, CodeSource, End, Executor, Instance, Invocation, LogSink, Outcome, no_instance};
pub use identity::{IdentityStore, StoredKey, StoredSecret, StoredSession, StoredUser, UserChange, UserChanged};
pub use layers::LayerStore;
pub use logs::{LogHits, LogOrigin, LogPart, LogRead, LogSearch, LogStore};
pub use metrics::{MetricMinute, MetricStore};
pub use outbox::{ClaimedDelivery, DeliveryEnd, OutboxStore, TaskOutcome, Webhook, WebhookCall};
pub use peers::{Node, NodeStore, PeerHost, Peers};
pub use regions::RegionStore;
pub use scaling::{Fleet, InstanceLimits, Keep, ProvisionState, ScaleStore};
pub use signals::{Hearing, SIGNAL_BYTES_MAX, SignalStore};
pub use tags::TagStore;
pub use triggers::{Firing, TriggerStore};
pub use versions::{Published, VersionStore};
pub use views::ViewStore;

/// Why the store did not do something.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A row with this key exists already; the name is the table's.
    #[error("{0} exists already")]
    Exists(&'static str),
    /// The row to change is not there, or not in the expected version.
    #[error("{0} is not there or was changed meanwhile")]
    Conflict(&'static str),
    /// There are as many rows of this kind as there may be.
    #[error("there are as many {0} as there may be")]
    Full(&'static str),
    /// Something that has to be empty is not.
    #[error("{0} is not empty")]
    NotEmpty(&'static str),
    /// The database can't be reached or written; the same call may succeed later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Anything else; a defect.
    #[error("the database failed: {0}")]
    Other(String),
}

/// Result of store methods.
pub type StoreResult<T> = Result<T, StoreError>;

/// Identifies a task's row for writes: cheap to copy, never shown to anybody.
pub type TaskSeq = i64;

/// Name of one life of one worker process; new at each start.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WorkerId(pub String);

/// A task to insert; its state is `Enqueued` and its first event is written with it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    pub function: FunctionRef,
    pub id: TaskId,
    pub qualifier: Qualifier,
    /// The version that the qualifier led to when the task was accepted: every attempt runs it. `None` for the current code.
    pub version: Option<VersionId>,
    pub request_id: RequestId,
    /// False for asynchronous calls with task mode off: run and retried alike, but never listed.
    pub listed: bool,
    pub payload: Vec<u8>,
    /// The request to an HTTP function, of which `payload` is the body.
    pub http: Option<HttpRequest>,
    pub submitted_at: UnixMillis,
    pub due_at: UnixMillis,
    pub expires_at: UnixMillis,
    pub max_retries: u32,
    /// Who is told of its end; decided at the submission, like the retries and the age.
    pub destinations: Destinations,
    pub origin: Origin,
}

/// What became of one task of an insert batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// Stored and durable.
    New(TaskSeq),
    /// A task of this id exists, kept as it was.
    Duplicate,
}

/// What a worker offers to the waiting tasks of a function.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offer {
    /// Instances that stand ready, each for one task of the unqualified function, one that serves several for each of them: such a task is `Running` from its claim on.
    pub ready: Vec<InstanceId>,
    /// Tasks that may be taken beyond those; they wait in the worker's hands for an instance.
    pub waiting: u32,
    /// Instances of the function serve several tasks at once: one that was begun before may have to run alone, and is not begun by its claim.
    pub is_shared: bool,
}

/// A claim of due tasks.
#[derive(Debug, Clone)]
pub struct Claim {
    pub worker: WorkerId,
    pub now: UnixMillis,
    /// The worker is marked alive until then in the same transaction.
    pub alive_until: UnixMillis,
    /// Tasks taken at most.
    pub limit: u32,
    /// The functions to take from.
    pub offers: HashMap<FunctionRef, Offer>,
    /// A task that is over age by this ([`ClaimedTask::is_over_age`]) is not begun by its claim even where an instance stands ready: its worker
    /// has to end it.
    pub given_back_from: UnixMillis,
}

/// A task that this worker holds: what it needs to run it and to name its writes.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedTask {
    pub seq: TaskSeq,
    pub task: TaskRef,
    pub qualifier: Qualifier,
    pub request_id: RequestId,
    pub listed: bool,
    /// `Processed`, or `Retrying` when an attempt failed before; `Running` when the claim has begun its attempt.
    pub status: TaskStatus,
    /// The instance on which the claim has begun its attempt.
    pub begun_on: Option<InstanceId>,
    /// The lease's number: grows with each claim of the task.
    pub fence: i64,
    /// Attempts begun before this claim; one that it has begun itself is not counted.
    pub attempt: u32,
    pub retried: u32,
    pub max_retries: u32,
    pub due_at: UnixMillis,
    pub expires_at: UnixMillis,
    pub payload: Vec<u8>,
    /// The request to an HTTP function, of which `payload` is the body.
    pub http: Option<HttpRequest>,
    pub error_kind: String,
    pub error_message: String,
    /// Somebody is told of its end.
    pub has_destination: bool,
    /// The version whose code it runs; `None` for the current code.
    pub version: Option<VersionId>,
}

impl ClaimedTask {
    /// True while the task is held for the first time: nobody has tried to run it before.
    pub fn is_first_lease(&self) -> bool {
        self.fence == 1
    }

    /// True when its age has passed at `now`, or the platform has been waited for too long: it was given back, and due before `given_back_from`.
    pub fn is_over_age(&self, now: UnixMillis, given_back_from: UnixMillis) -> bool {
        let was_given_back = self.attempt == 0 && !self.is_first_lease();
        self.expires_at < now || was_given_back && self.due_at < given_back_from
    }
}

/// Where a look along a function's queue has come to: the instant at which a task is due, and its number.
pub type QueueMark = (UnixMillis, TaskSeq);

/// A look for waiting tasks whose age has passed.
#[derive(Debug, Clone, Copy)]
pub struct AgeLook {
    pub now: UnixMillis,
    /// A task that was due before then, has been given back and never begun has waited too long for the platform.
    pub given_back_from: UnixMillis,
    /// Tasks up to here have been looked at.
    pub after: QueueMark,
    /// Tasks looked at, at most.
    pub rows: u32,
}

/// A waiting task whose age has passed, with what its end says.
#[derive(Debug, Clone, PartialEq)]
pub struct OverAge {
    pub task: LostTask,
    pub qualifier: Qualifier,
    pub due_at: UnixMillis,
    pub error_kind: String,
    pub error_message: String,
}

/// A conditional change of a task's status: it is written only if status, fence and attempt are still the expected ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    pub seq: TaskSeq,
    pub from: TaskStatus,
    pub fence: i64,
    /// Attempts begun, as known before the change.
    pub attempt: u32,
    /// What `lifecycle::next` gave.
    pub to: TaskStatus,
    pub at: UnixMillis,
    /// JSON object for the event, or empty.
    pub detail: String,
    pub set: Set,
}

/// What a status change sets besides status and event.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Set {
    /// `Running`: counts the attempt (attempt + 1), sets the instance, and on the first attempt `started_at`. An empty id means that no
    /// instance came up for the attempt; the record then has none.
    pub started_on: Option<InstanceId>,
    /// An attempt ended: its execution time.
    pub duration_ms: Option<i64>,
    /// The result to keep (already cut) and its whole size.
    pub result: Option<(Vec<u8>, u64)>,
    /// Kind and text of the error; kept for the next attempt too.
    pub error: Option<(String, String)>,
    /// `Retrying`: when the next attempt is due. Gives the lease back.
    pub next_run_at: Option<UnixMillis>,
    /// Counts one retry (retried + 1).
    pub count_retry: bool,
}
// A change to a final state sets `ended_at` = `at`, gives the lease back, and writes a delivery if the task names a destination for it; the
// store does so by itself.

/// A task with the numbers that a conditional write names.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRow {
    pub seq: TaskSeq,
    pub fence: i64,
    pub listed: bool,
    pub task: Task,
    pub origin: Origin,
}

/// A held task as the store sees it, for those who end its lease.
#[derive(Debug, Clone, PartialEq)]
pub struct LostTask {
    pub seq: TaskSeq,
    pub task: TaskRef,
    /// `Processed`, `Retrying`, `Running` or `Stopping`.
    pub status: TaskStatus,
    pub fence: i64,
    pub attempt: u32,
    /// The version whose code it runs; `None` for the current code.
    pub version: Option<VersionId>,
}

/// A place in a function's queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuePlace {
    /// When the task may be taken.
    pub run_at: UnixMillis,
    /// Tasks of the function that are taken before it.
    pub ahead: u64,
}

/// Tasks, their history and their queue.
#[async_trait]
pub trait TaskStore: Send + Sync {
    /// Inserts a batch in one transaction; a duplicate does not disturb the others, within the batch too (the first wins).
    /// Answers in the batch's order.
    async fn insert_tasks(&self, batch: Vec<NewTask>) -> StoreResult<Vec<Inserted>>;

    /// Leases due tasks of the offered functions to the worker: of each about as many, oldest due first, and none of a function or region
    /// that is paused or has as many held as it may. `Enqueued` becomes `Processed` with an event; `Processed` and `Retrying` keep their
    /// status. Tasks for which an instance stands ready become `Running` on it, with an event too. Each gets a new fence.
    async fn claim(&self, claim: &Claim) -> StoreResult<Vec<ClaimedTask>>;

    /// Each function with tasks that nobody holds and that no pause or limit holds back, with the instant at which its first one is due;
    /// by region, service and name.
    async fn queue_heads(&self) -> StoreResult<Vec<(FunctionRef, UnixMillis)>>;

    /// Writes a batch of transitions in one transaction, each with its event. Answers in the batch's order whether each was written.
    async fn apply(&self, batch: Vec<Transition>) -> StoreResult<Vec<bool>>;

    /// Like `apply`, and appends to logs in the same transaction.
    async fn apply_with_logs(&self, batch: Vec<Transition>, logs: Vec<LogPart>) -> StoreResult<Vec<bool>>;

    /// Gives a lease back without a status change (`Processed` or `Retrying`), due again at `due`. False when fence or attempt are stale.
    async fn release(&self, seq: TaskSeq, fence: i64, attempt: u32, due: UnixMillis) -> StoreResult<bool>;

    /// Marks the worker alive until `alive_until` and returns the tasks it holds that somebody wants stopped (`Stopping`).
    async fn heartbeat(&self, worker: &WorkerId, alive_until: UnixMillis) -> StoreResult<Vec<TaskSeq>>;

    /// Forgets the worker; its held tasks, if any, are lost tasks at once.
    async fn retire_worker(&self, worker: &WorkerId) -> StoreResult<()>;

    /// Every task that the worker holds, in the order of their numbers.
    async fn held_tasks(&self, worker: &WorkerId) -> StoreResult<Vec<LostTask>>;

    /// Up to `limit` held tasks whose worker is not alive at `now`. The caller ends each lease by `apply` or `release`.
    async fn lost_tasks(&self, now: UnixMillis, limit: u32) -> StoreResult<Vec<LostTask>>;

    /// When the first lease of other workers that hold tasks passes, unless they show that they are alive; `None` when they hold nothing.
    async fn first_lapse(&self, worker: &WorkerId) -> StoreResult<Option<UnixMillis>>;

    /// Up to `limit` tasks that wait (`Enqueued`, `Processed`, `Retrying`) for a function or a version that does not exist any more, whoever
    /// holds them.
    async fn orphaned_tasks(&self, limit: u32) -> StoreResult<Vec<LostTask>>;

    /// Up to `limit` tasks of a function that wait (`Enqueued`, `Processed`, `Retrying`) and were submitted up to `until`, whoever holds them.
    async fn waiting_tasks(&self, function: &FunctionRef, until: UnixMillis, limit: u32) -> StoreResult<Vec<LostTask>>;

    /// Functions with a task that is due and that nobody holds, whatever holds it back.
    async fn waiting_functions(&self, now: UnixMillis) -> StoreResult<Vec<FunctionRef>>;

    /// Due tasks of a function that nobody holds and whose age has passed, of the next `look.rows` in the order of its queue; and where the
    /// next look goes on, if there are more.
    async fn over_age_tasks(&self, function: &FunctionRef, look: &AgeLook) -> StoreResult<(Vec<OverAge>, Option<QueueMark>)>;

    /// Where a task that nobody holds stands in its function's queue; `None` when it is not in it. Counts at most `count_max` before it.
    async fn queue_place(&self, task: &TaskRef, count_max: u32) -> StoreResult<Option<QueuePlace>>;

    /// What holds back the tasks of the scope.
    async fn get_queue(&self, scope: &QueueScope) -> StoreResult<Queue>;

    /// Pauses the scope since then, or since an earlier pause; `None` resumes it.
    async fn pause_queue(&self, scope: &QueueScope, since: Option<UnixMillis>) -> StoreResult<()>;

    /// Limits the held tasks of the scope.
    async fn limit_queue(&self, scope: &QueueScope, max_running: Option<u32>) -> StoreResult<()>;

    /// Reads a task with payload, result and events; unlisted ones are not found.
    async fn get_task(&self, task: &TaskRef) -> StoreResult<Option<TaskRow>>;

    /// Lists the listed tasks of a function in the filter's order; `filter.next_token` has been checked by the caller.
    async fn list_tasks(&self, function: &FunctionRef, filter: &TaskFilter) -> StoreResult<Page<Task>>;

    /// Listed tasks of a function by state.
    async fn count_tasks(&self, function: &FunctionRef) -> StoreResult<StateCounts>;

    /// Events of a task in order.
    async fn task_events(&self, seq: TaskSeq) -> StoreResult<Vec<TaskEvent>>;

    /// Deletes up to `limit` ended tasks, with events and logs, that ended before `before`, and up to as many older parts of each function's log;
    /// as many as `limit` returned means that there may be more.
    async fn prune_tasks(&self, before: UnixMillis, limit: u32) -> StoreResult<u64>;
}

/// Services, functions, code packages, asynchronous configuration, task parameters.
#[async_trait]
pub trait FunctionStore: Send + Sync {
    /// `Exists("service")` when the name is taken.
    async fn insert_service(&self, service: &Service) -> StoreResult<()>;
    async fn get_service(&self, service: &ServiceRef) -> StoreResult<Option<Service>>;
    async fn list_services(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<Service>>;
    /// Replaces the row whose etag is still `expected_etag`, else `Conflict`.
    async fn update_service(&self, service: &Service, expected_etag: &str) -> StoreResult<()>;
    /// `NotEmpty("service")` while it has functions or versions; `Conflict` when it is gone or its etag changed.
    async fn delete_service(&self, service: &ServiceRef, expected_etag: &str) -> StoreResult<()>;

    /// Stores function, code package and, if given, the configuration of a qualifier in one transaction. `Exists("function")`,
    /// `Conflict("service")` when the service is gone.
    async fn insert_function(&self, function: &Function, code: &[u8], config: Option<&AsyncConfig>) -> StoreResult<()>;
    async fn get_function(&self, function: &FunctionRef) -> StoreResult<Option<Function>>;
    async fn list_functions(&self, service: &ServiceRef, query: &ListQuery) -> StoreResult<Page<Function>>;
    /// Replaces the row whose etag is still `expected_etag`, else `Conflict`; stores the new code package, if any, with it.
    async fn update_function(&self, function: &Function, code: Option<&[u8]>, expected_etag: &str) -> StoreResult<()>;
    /// Deletes function, its parameters, pause, limit and configurations; those of versions and aliases stay while a version has it. Tasks
    /// stay. `Conflict` when it is gone or its etag changed, `NotEmpty("function")` while it has triggers.
    async fn delete_function(&self, function: &FunctionRef, expected_etag: &str) -> StoreResult<()>;
    /// Bytes of a code package.
    async fn get_code(&self, package_id: &str) -> StoreResult<Option<Vec<u8>>>;

    /// Inserts or replaces.
    async fn put_async_config(&self, config: &AsyncConfig) -> StoreResult<()>;
    async fn get_async_config(&self, function: &FunctionRef, qualifier: &Qualifier) -> StoreResult<Option<AsyncConfig>>;
    /// False when there was none.
    async fn delete_async_config(&self, function: &FunctionRef, qualifier: &Qualifier) -> StoreResult<bool>;
    async fn list_async_configs(&self, function: &FunctionRef, query: &ListQuery) -> StoreResult<Page<AsyncConfig>>;

    /// Functions with task mode on for any qualifier with those qualifiers, by service and name. The query's `prefix` matches anywhere
    /// in the function's name; its token is `service/function`.
    async fn list_task_functions(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<(Function, Vec<Qualifier>)>>;

    async fn get_task_parameters(&self, function: &FunctionRef) -> StoreResult<Option<String>>;
    async fn put_task_parameters(&self, function: &FunctionRef, event: &str) -> StoreResult<()>;
    async fn get_http_parameters(&self, function: &FunctionRef) -> StoreResult<Option<HttpParameters>>;
    async fn put_http_parameters(&self, function: &FunctionRef, request: &HttpParameters) -> StoreResult<()>;
    /// When the latest listed task of a function was accepted.
    async fn last_task_at(&self, function: &FunctionRef) -> StoreResult<Option<UnixMillis>>;
    /// The listed tasks that re-execute this one, the newest first, at most `limit`.
    async fn reexecutions(&self, task: &TaskRef, limit: u32) -> StoreResult<Vec<TaskId>>;
    /// Names of a service's functions that block its deletion, at most `limit`.
    async fn function_names(&self, service: &ServiceRef, limit: u32) -> StoreResult<Vec<FunctionName>>;
}

/// Everything that is stored, behind one handle.
pub trait Store:
    TaskStore
    + OutboxStore
    + LogStore
    + FunctionStore
    + TagStore
    + VersionStore
    + TriggerStore
    + IdentityStore
    + AuditStore
    + ScaleStore
    + LayerStore
    + DomainStore
    + SignalStore
    + NodeStore
    + MetricStore
    + BulkStore
    + RegionStore
    + ViewStore
{
}

impl<T> Store for T where
    T: TaskStore
        + OutboxStore
        + LogStore
        + FunctionStore
        + TagStore
        + VersionStore
        + TriggerStore
        + IdentityStore
        + AuditStore
        + ScaleStore
        + LayerStore
        + DomainStore
        + SignalStore
        + NodeStore
        + MetricStore
        + BulkStore
        + RegionStore
        + ViewStore
{
}
