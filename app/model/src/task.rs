//! Tasks: asynchronous invocations with a record, a history and a log (`fc-api.md` 3.8, `console.md` section 2).

use crate::{FunctionRef, HttpRequest, InstanceId, Qualifier, RequestId, TaskId, TaskRef, TriggerName, UnixMillis};
use serde::{Deserialize, Serialize};

macro_rules! task_states {
    ($( $(#[doc = $doc:literal])* $variant:ident; )*) => {
        /// The ten states of a task; the variant's name is the word on the wire, in the store and on the screen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum TaskStatus { $( $(#[doc = $doc])* $variant, )* }

        impl TaskStatus {
            /// All ten, in the order of the console's chips.
            pub const ALL: [TaskStatus; 10] = [ $( TaskStatus::$variant, )* ];

            /// The state's word.
            pub fn as_str(self) -> &'static str {
                match self { $( TaskStatus::$variant => stringify!($variant), )* }
            }
        }
    };
}

task_states! {
    /// Accepted and stored; waits in the queue or for its delay.
    Enqueued;
    /// Taken from the queue; not yet handed to an instance.
    Processed;
    /// An instance has begun the task's code.
    Running;
    /// An attempt failed; the next one waits.
    Retrying;
    /// A stop was asked for; the code is being ended.
    Stopping;
    /// Ended without error.
    Succeeded;
    /// Ended in error and no retry remains.
    Failed;
    /// Waited longer than allowed and was never run.
    Expired;
    /// Could not be run for a stated reason, such as a deleted function.
    Invalid;
    /// Ended by a stop request.
    Stopped;
}

impl TaskStatus {
    /// True when nothing can change the state any more.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Expired | Self::Invalid | Self::Stopped)
    }

    /// Why a stop can't be asked for in this state, in words for the user; `None` when it can.
    pub fn stop_refusal(self) -> Option<&'static str> {
        match self {
            Self::Stopping => Some("This task is already being stopped."),
            status if status.is_terminal() => Some("This task has already ended."),
            _ => None,
        }
    }

    /// Why a task in this state can't be executed again, in words for the user; `None` when it can.
    pub fn reexecute_refusal(self) -> Option<&'static str> {
        if self.is_terminal() { None } else { Some("This task has not ended yet.") }
    }

    /// Reads a state's word; `Dequeued` is the older name of `Processed` (`product.md` 3).
    pub fn parse(word: &str) -> Option<Self> {
        if word == "Dequeued" {
            return Some(Self::Processed);
        }
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

impl std::fmt::Display for TaskStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The record of a task as console and API show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    pub function: FunctionRef,
    pub id: TaskId,
    pub qualifier: Qualifier,
    /// Request id of the call that submitted it.
    pub request_id: RequestId,
    pub status: TaskStatus,
    /// When it was accepted.
    pub submitted_at: UnixMillis,
    /// When it is or was due: the acceptance plus the delay asked for.
    pub due_at: UnixMillis,
    /// When its first attempt began; the acceptance until then. The list is ordered by it.
    pub started_at: UnixMillis,
    /// When it reached a final state.
    pub ended_at: Option<UnixMillis>,
    /// When the next attempt is due, while it waits for one.
    pub next_run_at: Option<UnixMillis>,
    /// Milliseconds of the last attempt's execution; 0 until one ended.
    pub duration_ms: i64,
    /// Attempts begun.
    pub attempt: u32,
    /// Retries done after function errors; at most `max_retries`.
    pub retried: u32,
    pub max_retries: u32,
    /// When it expires if its first attempt has not begun by then.
    pub expires_at: UnixMillis,
    /// Instance of the latest attempt.
    pub instance_id: Option<InstanceId>,
    /// `""`, `Running`, `Succeeded` or `Failed` (`fc-api.md` 4.6).
    pub destination_status: String,
    /// Kind and text of the last error, empty when there is none.
    pub error_kind: String,
    pub error_message: String,
    /// The task that this one re-executes.
    pub origin: Option<TaskId>,
    /// The trigger that submitted it; present in the details of a task that has one.
    #[serde(default)]
    pub trigger: Option<TriggerName>,
    /// The event, or the body of the HTTP request; present when asked for.
    pub payload: Option<Vec<u8>>,
    /// The request of a task of an HTTP function; `None` for an event.
    #[serde(default)]
    pub http: Option<HttpRequest>,
    /// The handler's result, cut at `limits::RESULT_BYTES_MAX`; present in the details of a task that has one.
    pub result: Option<Vec<u8>>,
    /// Bytes of the whole result before the cut.
    pub result_bytes: u64,
    /// Every state change, in order; present in details and in the API's lists.
    pub events: Vec<TaskEvent>,
}

/// Why a task of an HTTP function can't be executed again (`console.md` C-27).
pub const HTTP_REEXECUTION: &str = "HTTP functions cannot be re-executed.";

impl Task {
    /// The task's full name.
    pub fn task_ref(&self) -> TaskRef {
        self.function.task(self.id.clone())
    }

    /// Why a stop can't be asked for now, in words for the user; `None` when it can.
    pub fn stop_refusal(&self) -> Option<&'static str> {
        self.status.stop_refusal()
    }

    /// Why it can't be executed again now, in words for the user; `None` when it can (`console.md` C-27).
    pub fn reexecute_refusal(&self) -> Option<&'static str> {
        if self.http.is_some() { Some(HTTP_REEXECUTION) } else { self.status.reexecute_refusal() }
    }
}

/// One state change of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskEvent {
    /// Counts from 1 within the task.
    pub id: u32,
    pub status: TaskStatus,
    pub at: UnixMillis,
    /// A JSON object as text, such as `{"Error":"UnhandledInvocationError"}`; empty when there is nothing to say.
    pub detail: String,
}

/// Tasks of one function by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StateCounts {
    /// Indexed like [`TaskStatus::ALL`].
    counts: [u64; 10],
}

impl StateCounts {
    /// Tasks in this state.
    pub fn get(&self, status: TaskStatus) -> u64 {
        self.counts.get(status as usize).copied().unwrap_or(0)
    }

    /// Sets the tasks in this state.
    pub fn set(&mut self, status: TaskStatus, count: u64) {
        if let Some(slot) = self.counts.get_mut(status as usize) {
            *slot = count;
        }
    }

    /// All tasks.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Tasks that wait: Enqueued, Processed, Retrying.
    pub fn waiting(&self) -> u64 {
        self.get(TaskStatus::Enqueued) + self.get(TaskStatus::Processed) + self.get(TaskStatus::Retrying)
    }

    /// Tasks whose code runs: Running, Stopping.
    pub fn running(&self) -> u64 {
        self.get(TaskStatus::Running) + self.get(TaskStatus::Stopping)
    }
}

/// A row of `Task Execution Functions`: a function with task mode on and what its tasks do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FunctionTasks {
    pub function: crate::Function,
    /// The qualifiers with task mode on.
    pub qualifiers: Vec<Qualifier>,
    pub counts: StateCounts,
    /// When the latest task was accepted.
    pub last_task_at: Option<UnixMillis>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for status in TaskStatus::ALL {
            assert_eq!(TaskStatus::parse(status.as_str()), Some(status));
        }
        assert_eq!(TaskStatus::parse("Dequeued"), Some(TaskStatus::Processed));
        assert_eq!(TaskStatus::parse("running"), None);
    }

    #[test]
    fn counts_are_indexed_by_state() {
        let mut counts = StateCounts::default();
        for (n, status) in (1..).zip(TaskStatus::ALL) {
            counts.set(status, n);
        }
        assert_eq!(counts.get(TaskStatus::Stopped), 10);
        assert_eq!(counts.total(), 55);
    }
}
