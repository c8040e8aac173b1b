//! Pausing, limiting and emptying queues, and telling why a task waits.

use crate::engine::Core;
use crate::fault::store_fault;
use crate::ports::{LostTask, Set};
use crate::transition::{Expected, happen, note_detail};
use futures::future::join_all;
use model::lifecycle::Event;
use model::{Error, FunctionRef, Qualifier, Queue, QueueScope, Result, TaskRef, TaskStatus, WaitReason, limits};

/// Tasks ended by one round of a purge.
const PURGE_ROWS: u32 = 500;

impl Core {
    pub(crate) async fn get_queue(&self, scope: &QueueScope) -> Result<Queue> {
        self.check_scope(scope).await?;
        self.store.get_queue(scope).await.map_err(store_fault)
    }

    pub(crate) async fn pause_queue(&self, scope: &QueueScope) -> Result<()> {
        self.check_scope(scope).await?;
        self.store.pause_queue(scope, Some(self.clock.now())).await.map_err(store_fault)?;
        // What shows tasks shows this too.
        self.hub.relay(None);
        Ok(())
    }

    pub(crate) async fn resume_queue(&self, scope: &QueueScope) -> Result<()> {
        self.check_scope(scope).await?;
        self.store.pause_queue(scope, None).await.map_err(store_fault)?;
        self.hub.relay(None);
        self.due();
        Ok(())
    }

    pub(crate) async fn limit_queue(&self, scope: &QueueScope, max_running: Option<u32>) -> Result<()> {
        if max_running == Some(0) {
            return Err(Error::invalid(
                "the limit of running tasks is set to an invalid value (allowed: 1 or more, actual: '0'); pause instead",
            ));
        }
        self.check_scope(scope).await?;
        self.store.limit_queue(scope, max_running).await.map_err(store_fault)?;
        self.due();
        Ok(())
    }

    async fn check_scope(&self, scope: &QueueScope) -> Result<()> {
        match scope {
            QueueScope::Region(region) => self.check_region(region),
            QueueScope::Function(function) => self.function(function).await.map(drop),
        }
    }

    pub(crate) async fn purge_queue(&self, function: &FunctionRef, user: &str) -> Result<u64> {
        self.function(function).await?;
        let until = self.clock.now();
        let mut purged = 0;
        loop {
            let waiting = self.store.waiting_tasks(function, until, PURGE_ROWS).await.map_err(store_fault)?;
            // Together, so that they share transactions.
            let ended = join_all(waiting.iter().map(|task| self.purge(task, user))).await.into_iter().collect::<Result<Vec<bool>>>()?;
            let count = ended.iter().filter(|ended| **ended).count();
            purged += count as u64;
            // Those that were not ended have just been started, so the next look does not find them; a look without any end finds none.
            if waiting.is_empty() || count == 0 {
                return Ok(purged);
            }
        }
    }

    async fn purge(&self, task: &LostTask, user: &str) -> Result<bool> {
        let expected = Expected {
            seq: task.seq,
            task: &task.task,
            status: task.status,
            fence: task.fence,
            attempt: task.attempt,
            listed: true,
            has_destination: true,
        };
        let error = Some(("AsyncInvocationStopped".to_owned(), "the queue was emptied".to_owned()));
        let set = Set { error, ..Set::default() };
        let written = happen(self, expected, Event::StopAsked, note_detail("PurgedBy", user), set).await.map_err(store_fault)?;
        if written.is_some() && task.status != TaskStatus::Enqueued {
            self.end_code(task.seq);
        }
        Ok(written.is_some())
    }

    pub(crate) async fn wait_reason(&self, task: &TaskRef) -> Result<Option<WaitReason>> {
        let row = self.task_row(task).await?.task;
        if !matches!(row.status, TaskStatus::Enqueued | TaskStatus::Processed | TaskStatus::Retrying) {
            return Ok(None);
        }
        let Some(place) = self.store.queue_place(task, limits::QUEUE_AHEAD_MAX).await.map_err(store_fault)? else {
            return Ok(Some(WaitReason::WaitsForInstance));
        };
        if place.run_at > self.clock.now() {
            return Ok(Some(match row.status {
                TaskStatus::Enqueued => WaitReason::DelayedUntil(place.run_at),
                TaskStatus::Retrying => WaitReason::RetryAt(place.run_at),
                _ => WaitReason::NoInstanceUntil(place.run_at),
            }));
        }
        for scope in [QueueScope::Function(task.function.clone()), QueueScope::Region(task.function.region.clone())] {
            let queue = self.store.get_queue(&scope).await.map_err(store_fault)?;
            if let Some(since) = queue.paused_at {
                return Ok(Some(WaitReason::Paused { scope, since }));
            }
            if let Some(limit) = queue.max_running.filter(|_| queue.is_full()) {
                return Ok(Some(WaitReason::LimitReached { scope, running: queue.running, limit, ahead: place.ahead }));
            }
            let (instances, running) = match &scope {
                QueueScope::Function(function) => self.instances_held(function, &row.qualifier).await?,
                QueueScope::Region(_) => (self.config.region_instances, queue.running),
            };
            let function = self.store.get_function(&task.function).await.map_err(store_fault)?;
            let concurrency = function.map_or(1, |function| function.spec.instance_concurrency);
            let limit = instances.map(|instances| instances.saturating_mul(concurrency));
            if let Some(limit) = limit.filter(|limit| running >= u64::from(*limit)) {
                return Ok(Some(WaitReason::LimitReached { scope, running, limit, ahead: place.ahead }));
            }
        }
        Ok(Some(WaitReason::Next { ahead: place.ahead }))
    }

    /// The limit of a qualifier's instances and the tasks of it that servers hold; not counted where there is no limit.
    async fn instances_held(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<(Option<u32>, u64)> {
        match self.store.get_on_demand(function, qualifier).await.map_err(store_fault)? {
            None => Ok((None, 0)),
            Some(config) => {
                let held = self.store.held_of_qualifier(function, qualifier).await.map_err(store_fault)?;
                Ok((Some(config.max_instances), held))
            }
        }
    }
}
