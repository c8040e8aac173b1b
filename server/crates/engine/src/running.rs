//! The tasks that this worker holds, so that a stop or a lost lease reaches their code.

use crate::ports::TaskSeq;
use model::{RequestId, TaskRef};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

#[derive(Debug, Default)]
struct Held {
    stops: HashMap<TaskSeq, CancellationToken>,
    tasks: HashMap<RequestId, TaskRef>,
}

/// The tasks in hand. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Running {
    held: Arc<Mutex<Held>>,
    /// Told when the first task comes in hand.
    began: Arc<Notify>,
    /// Told when the last task was let go.
    emptied: Arc<Notify>,
}

/// A task in hand; dropping it lets go.
#[derive(Debug)]
pub(crate) struct Hold {
    running: Running,
    seq: TaskSeq,
    request_id: RequestId,
    /// Cancelled when the code has to end.
    pub(crate) stop: CancellationToken,
}

impl Running {
    fn held<T>(&self, f: impl FnOnce(&mut Held) -> T) -> T {
        f(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a task in hand; `listed` tasks are found by their request.
    pub(crate) fn hold(&self, seq: TaskSeq, request_id: &RequestId, task: Option<&TaskRef>) -> Hold {
        let stop = CancellationToken::new();
        self.held(|held| {
            held.stops.insert(seq, stop.clone());
            if let Some(task) = task {
                held.tasks.insert(request_id.clone(), task.clone());
            }
        });
        self.began.notify_one();
        Hold { running: self.clone(), seq, request_id: request_id.clone(), stop }
    }

    /// Ends the code of a task if it is in hand.
    pub(crate) fn stop(&self, seq: TaskSeq) {
        self.held(|held| held.stops.get(&seq).map(CancellationToken::cancel));
    }

    /// Ends the code of every task in hand.
    pub(crate) fn stop_all(&self) {
        self.held(|held| held.stops.values().for_each(CancellationToken::cancel));
    }

    /// True when no task is in hand.
    pub(crate) fn is_empty(&self) -> bool {
        self.held(|held| held.stops.is_empty())
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

impl Drop for Hold {
    fn drop(&mut self) {
        let is_empty = self.running.held(|held| {
            held.stops.remove(&self.seq);
            held.tasks.remove(&self.request_id);
            held.stops.is_empty()
        });
        if is_empty {
            self.running.emptied.notify_one();
        }
    }
}
