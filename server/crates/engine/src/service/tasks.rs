//! Reading, stopping and re-executing tasks.

use super::submit::check_size;
use crate::engine::Core;
use crate::fault::store_fault;
use crate::ports::{Set, TaskRow};
use crate::transition::{Expected, happen, note_detail};
use model::filter::Cursor;
use model::lifecycle::Event;
use model::{
    Error, ErrorCode, FunctionRef, Origin, Page, Qualifier, RequestId, Rerun, Result, StateCounts, SubmitRequest, Task, TaskFilter, TaskId,
    TaskRef, TaskStatus, limits,
};

/// A stop loses a race against the task's own progress at most as often as a task has states.
const STOP_TRIES: u32 = 10;

impl Core {
    pub(crate) async fn get_task(&self, task: &TaskRef) -> Result<Task> {
        Ok(self.task_row(task).await?.task)
    }

    /// The record of a task outlives its function, so a missing function matters only when there is no record.
    pub(crate) async fn task_row(&self, task: &TaskRef) -> Result<TaskRow> {
        if let Some(row) = self.store.get_task(task).await.map_err(store_fault)? {
            return Ok(row);
        }
        self.function(&task.function).await?;
        Err(Error::new(ErrorCode::StatefulAsyncInvocationNotFound, format!("task '{}' does not exist", task.id)))
    }

    pub(crate) async fn list_tasks(&self, function: &FunctionRef, filter: &TaskFilter) -> Result<Page<Task>> {
        if !filter.next_token.is_empty() {
            Cursor::parse(&filter.next_token)?;
        }
        self.check_function(function, filter.qualifier.as_ref().unwrap_or(&Qualifier::latest())).await?;
        self.store.list_tasks(function, filter).await.map_err(store_fault)
    }

    pub(crate) async fn count_tasks(&self, function: &FunctionRef) -> Result<StateCounts> {
        self.function(function).await?;
        self.store.count_tasks(function).await.map_err(store_fault)
    }

    pub(crate) async fn stop_task(&self, task: &TaskRef, user: &str) -> Result<TaskStatus> {
        self.stop_with(task, note_detail("StoppedBy", user)).await
    }

    /// The same with the whole detail of the event.
    pub(crate) async fn stop_with(&self, task: &TaskRef, detail: String) -> Result<TaskStatus> {
        for _ in 0..STOP_TRIES {
            let row = self.task_row(task).await?;
            if row.task.status == TaskStatus::Stopping {
                return Ok(TaskStatus::Stopping);
            }
            if row.task.status.is_terminal() {
                return Err(Error::invalid(format!("The task ended before it could be stopped: {}.", row.task.status)));
            }
            let expected = Expected {
                seq: row.seq,
                task,
                status: row.task.status,
                fence: row.fence,
                attempt: row.task.attempt,
                listed: row.listed,
                has_destination: true,
            };
            let written = happen(self, expected, Event::StopAsked, detail.clone(), stopped_before_run(row.task.status)).await;
            if let Some(status) = written.map_err(store_fault)? {
                self.end_code(row.seq);
                return Ok(status);
            }
        }
        Err(Error::new(ErrorCode::ConcurrentUpdateError, "the task changes its state again and again; try again"))
    }

    pub(crate) async fn reexecute_task(&self, task: &TaskRef, user: &str) -> Result<TaskId> {
        let row = self.task_row(task).await?;
        if let Some(refusal) = row.task.reexecute_refusal() {
            return Err(Error::invalid(refusal));
        }
        self.reexecute_as(row, RequestId::generate(), user).await
    }

    pub(crate) async fn reexecute_with(&self, task: &TaskRef, rerun: Rerun, user: &str) -> Result<TaskId> {
        check_size(rerun.payload.len())?;
        let row = self.task_row(task).await?;
        if let Some(refusal) = row.task.reexecute_refusal() {
            return Err(Error::invalid(refusal));
        }
        self.run_again(row.task, rerun, user).await
    }

    pub(crate) async fn reexecutions(&self, task: &TaskRef) -> Result<Vec<TaskId>> {
        self.store.reexecutions(task, limits::REEXECUTIONS_SHOWN_MAX).await.map_err(store_fault)
    }

    /// Submits the task again under the id of this request.
    pub(crate) async fn reexecute_as(&self, mut row: TaskRow, request_id: RequestId, user: &str) -> Result<TaskId> {
        let payload = row.task.payload.take().unwrap_or_default();
        self.run_again(row.task, Rerun { request_id, task_id: None, delay_s: 0, payload }, user).await
    }

    async fn run_again(&self, origin: Task, rerun: Rerun, user: &str) -> Result<TaskId> {
        let (of, status) = (origin.task_ref(), origin.status);
        let receipt = self
            .accept(SubmitRequest {
                function: origin.function,
                qualifier: origin.qualifier,
                request_id: rerun.request_id,
                task_id: rerun.task_id,
                // The new run has to have a record whatever the mode is now.
                force_task: true,
                delay_s: rerun.delay_s,
                payload: rerun.payload,
                http: None,
                origin: Origin::Reexecution { user: user.to_owned(), task: origin.id },
            })
            .await?;
        // Its page names the new one.
        self.publish(&of, status, false);
        receipt.task_id.ok_or_else(Error::internal)
    }
}

/// A task that ends without having run, or between two attempts, gets its error here; a running one gets it when its code has ended.
fn stopped_before_run(status: TaskStatus) -> Set {
    if status == TaskStatus::Running {
        return Set::default();
    }
    Set { error: Some(("AsyncInvocationStopped".to_owned(), "the task was stopped".to_owned())), ..Set::default() }
}
