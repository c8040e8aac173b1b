//! Where bulk actions are kept, and how the tasks that they mean are found.

use super::{StoreResult, TaskSeq, WorkerId};
use async_trait::async_trait;
use model::{
    Bulk, BulkFilter, BulkItem, BulkOutcome, BulkScope, DeadLetterKey, DeadLetters, FunctionName, Region, ServiceName, TaskId, TaskRef,
    UnixMillis,
};
use serde::{Deserialize, Serialize};

/// A search for tasks: function by function by their names, of each state by state in the filter's order, within a state in the order of their
/// start.
#[derive(Debug, Clone)]
pub struct TaskScan<'a> {
    pub scope: &'a BulkScope,
    /// Names every state that is wanted.
    pub filter: &'a BulkFilter,
    /// Only tasks up to this number.
    pub until: TaskSeq,
    /// Where an earlier search ended.
    pub after: Option<ScanCursor>,
    /// Tasks looked at, whether they match or not.
    pub rows: u32,
}

/// Where a search goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ScanCursor {
    /// The function that it is at; `None` before the first, and where only one is meant.
    #[serde(default)]
    pub function: Option<(ServiceName, FunctionName)>,
    /// Place of the state among the filter's.
    pub state: usize,
    /// The last task that was looked at in it; `None` before the first.
    pub last: Option<(i64, TaskSeq)>,
}

/// A task that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundTask {
    pub seq: TaskSeq,
    pub task: TaskRef,
    /// It holds an HTTP request and no event.
    pub is_http: bool,
}

/// What a search found; all of it as it was at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scanned {
    pub tasks: Vec<FoundTask>,
    /// Where it goes on; `None` when everything was looked at.
    pub next: Option<ScanCursor>,
}

/// A bulk action in the hands of a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedBulk {
    pub bulk: Bulk,
    /// Number of the lease: a worker that comes late with what it did writes nothing.
    pub fence: i64,
    pub until: TaskSeq,
    /// Where the search for its tasks goes on, while they are collected.
    pub cursor: Option<ScanCursor>,
    /// Tasks that wait, once all are collected.
    pub items: Vec<(TaskSeq, TaskRef)>,
}

/// What came of one task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkItemEnd {
    pub seq: TaskSeq,
    pub outcome: BulkOutcome,
    /// Empty for a task that is done.
    pub reason: String,
    pub new_task: Option<TaskId>,
}

/// Bulk actions and their tasks, and what was dismissed of dead letters.
#[async_trait]
pub trait BulkStore: Send + Sync {
    /// The number of the newest task of all; every task that is submitted later has a greater one.
    async fn newest_task(&self) -> StoreResult<TaskSeq>;

    /// Looks for listed tasks.
    async fn scan_tasks(&self, scan: &TaskScan<'_>) -> StoreResult<Scanned>;

    /// Stores an action with the tasks found so far, and where the search for more goes on.
    async fn insert_bulk(&self, bulk: &Bulk, until: TaskSeq, tasks: &[FoundTask], next: Option<ScanCursor>) -> StoreResult<()>;

    /// Stores an action on the tasks that failed in the one that it names. Returns how many; none means that nothing was stored.
    async fn insert_bulk_retry(&self, bulk: &Bulk) -> StoreResult<u64>;

    /// An action by its id.
    async fn get_bulk(&self, region: &Region, id: &str) -> StoreResult<Option<Bulk>>;

    /// The latest actions of a region, the newest first.
    async fn list_bulks(&self, region: &Region, limit: u32) -> StoreResult<Vec<Bulk>>;

    /// Tasks of an action after the one with this number, those with one outcome if one is given.
    async fn bulk_items(&self, id: &str, outcome: Option<BulkOutcome>, after: TaskSeq, limit: u32)
    -> StoreResult<Vec<(TaskSeq, BulkItem)>>;

    /// When somebody may work on an action again: in the past when one waits; `None` when none goes on.
    async fn next_bulk_due(&self) -> StoreResult<Option<UnixMillis>>;

    /// Leases the action that has waited longest to the worker, with up to `limit` of its tasks. A lease that passes lets any worker go on.
    async fn claim_bulk(&self, worker: &WorkerId, now: UnixMillis, lease_until: UnixMillis, limit: u32)
    -> StoreResult<Option<ClaimedBulk>>;

    /// Adds tasks to a leased action and gives the lease back; `next` `None` ends the search. False when the lease or the search is over.
    async fn extend_bulk(&self, id: &str, fence: i64, tasks: &[FoundTask], next: Option<ScanCursor>, now: UnixMillis) -> StoreResult<bool>;

    /// Writes what came of tasks, gives the lease back, and ends the action when none is left. False when the lease is over.
    async fn end_bulk_items(&self, id: &str, fence: i64, ends: &[BulkItemEnd], now: UnixMillis) -> StoreResult<bool>;

    /// Ends an action that goes on; what its worker has done by then is still written. False when it has ended.
    async fn stop_bulk(&self, region: &Region, id: &str, user: &str, now: UnixMillis) -> StoreResult<bool>;

    /// Gives back what the worker holds; for one that is known to be over.
    async fn free_bulks(&self, worker: &WorkerId, now: UnixMillis) -> StoreResult<()>;

    /// Deletes up to `limit` rows of actions that ended before `before`, and dismissals of what ended before it; as many as `limit` means
    /// that there may be more.
    async fn prune_bulks(&self, before: UnixMillis, limit: u32) -> StoreResult<u64>;

    /// Groups listed tasks that ended badly and started at `since` or later, without what was dismissed; within the limits of
    /// `limits::DEAD_LETTER_ROWS_MAX`.
    async fn dead_letters(&self, region: &Region, since: Option<UnixMillis>) -> StoreResult<DeadLetters>;

    /// Remembers up to when a group is dismissed.
    async fn dismiss_dead_letters(&self, key: &DeadLetterKey, until: UnixMillis) -> StoreResult<()>;
}
