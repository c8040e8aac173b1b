//! The tasks that this worker holds, so that a stop or a lost lease reaches their code.

use crate::log_queue::LogQueue;
use crate::ports::{ClaimedTask, TaskSeq};
use crate::scaling::ByRegion;
use model::{Region, RequestId, TaskRef};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A lease: the task and the lease's number. After a lapse two leases of one task can be in hand at once.
type Lease = (TaskSeq, i64);

#[derive(Debug, Default)]
struct Held {
    stops: BTreeMap<Lease, CancellationToken>,
    tasks: HashMap<RequestId, TaskRef>,
    by_region: ByRegion,
}

impl Held {
    fn of(&self, seq: TaskSeq) -> impl Iterator<Item = (&Lease, &CancellationToken)> {
        self.stops.range((seq, i64::MIN)..=(seq, i64::MAX))
    }
}

/// The tasks in hand. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Running {
    held: Arc<Mutex<Held>>,
    /// Told when the first task comes in hand.
    began: Arc<Notify>,
    /// Told when the last task was let go.
    emptied: Arc<Notify>,
    /// Told whenever a task was let go.
    let_go: Arc<Notify>,
    /// What requests have written here and is not stored yet.
    pub(crate) logs: LogQueue,
}

/// A task in hand; dropping it lets go.
#[derive(Debug)]
pub(crate) struct Hold {
    running: Running,
    lease: Lease,
    request_id: RequestId,
    region: Region,
    part: usize,
    /// Cancelled when the code has to end.
    pub(crate) stop: CancellationToken,
}

impl Running {
    fn held<T>(&self, f: impl FnOnce(&mut Held) -> T) -> T {
        f(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a task in hand, which takes this part of an instance; `listed` tasks are found by their request.
    pub(crate) fn hold(&self, task: &ClaimedTask, part: usize) -> Hold {
        let stop = CancellationToken::new();
        let lease = (task.seq, task.fence);
        self.held(|held| {
            held.stops.insert(lease, stop.clone());
            held.by_region.add(&task.task.function.region, part);
            if task.listed {
                held.tasks.insert(task.request_id.clone(), task.task.clone());
            }
        });
        self.began.notify_one();
        let region = task.task.function.region.clone();
        Hold { running: self.clone(), lease, request_id: task.request_id.clone(), region, part, stop }
    }

    /// Ends the code of a task; false when it is not in hand.
    pub(crate) fn stop(&self, seq: TaskSeq) -> bool {
        self.held(|held| held.of(seq).map(|(_, stop)| stop.cancel()).count() > 0)
    }

    /// Ends the code of every task in hand.
    pub(crate) fn stop_all(&self) {
        self.held(|held| held.stops.values().for_each(CancellationToken::cancel));
    }

    /// True when no task is in hand.
    pub(crate) fn is_empty(&self) -> bool {
        self.held(|held| held.stops.is_empty())
    }

    /// What tasks in hand take of a region's instances, in parts of one.
    pub(crate) fn of_region(&self, region: &Region) -> usize {
        self.held(|held| held.by_region.of(region))
    }

    /// Every lease in hand.
    pub(crate) fn in_hand(&self) -> Vec<Lease> {
        self.held(|held| held.stops.keys().copied().collect())
    }

    /// Returns when a task has come in hand since the last call.
    pub(crate) async fn began(&self) {
        self.began.notified().await;
    }

    /// Returns when the last task has been let go since the last call.
    pub(crate) async fn emptied(&self) {
        self.emptied.notified().await;
    }

    /// The listed task that a request runs, if it is in hand.
    pub(crate) fn task_of(&self, request_id: &RequestId) -> Option<TaskRef> {
        self.held(|held| held.tasks.get(request_id).cloned())
    }
}

impl Hold {
    /// Ends the code of earlier leases of the same task and returns when they have let go.
    pub(crate) async fn alone(&self) {
        loop {
            let let_go = self.running.let_go.notified();
            tokio::pin!(let_go);
            let_go.as_mut().enable();
            let (seq, _) = self.lease;
            let is_alone = self.running.held(|held| {
                let mut is_alone = true;
                for (_, earlier) in held.of(seq).filter(|(lease, _)| **lease < self.lease) {
                    earlier.cancel();
                    is_alone = false;
                }
                is_alone
            });
            if is_alone {
                return;
            }
            let_go.await;
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let (seq, _) = self.lease;
        let is_empty = self.running.held(|held| {
            held.stops.remove(&self.lease);
            held.by_region.remove(&self.region, self.part);
            if held.of(seq).next().is_none() {
                held.tasks.remove(&self.request_id);
            }
            held.stops.is_empty()
        });
        self.running.let_go.notify_waiters();
        if is_empty {
            self.running.emptied.notify_one();
        }
    }
}
