//! Instances: what runs a function's code at this moment.

use crate::{FunctionRef, InstanceId, Qualifier, RequestId, TaskId, UnixMillis, VersionId};
use serde::{Deserialize, Serialize};

/// What an instance is doing; the variant's name is the word on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum InstanceState {
    /// Its process is being started or loads the function.
    Starting,
    /// It waits for a request.
    Idle,
    /// It serves at least one request.
    Busy,
    /// It takes no more requests and ends with the last one that it serves.
    Draining,
    /// It is being ended.
    Stopping,
}

impl InstanceState {
    /// All of them, in the order of an instance's life.
    pub const ALL: [Self; 5] = [Self::Starting, Self::Idle, Self::Busy, Self::Draining, Self::Stopping];

    /// The state's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "Starting",
            Self::Idle => "Idle",
            Self::Busy => "Busy",
            Self::Draining => "Draining",
            Self::Stopping => "Stopping",
        }
    }

    /// True while it can be entered: it serves a request, or could be given one (`fc-api.md` 3.6).
    pub fn is_running(self) -> bool {
        matches!(self, Self::Idle | Self::Busy | Self::Draining)
    }

    /// True while it can be drained.
    pub fn takes_requests(self) -> bool {
        matches!(self, Self::Starting | Self::Idle | Self::Busy)
    }
}

impl std::fmt::Display for InstanceState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An instance as it is at the moment of the question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceInfo {
    pub id: InstanceId,
    pub function: FunctionRef,
    /// What the invocation addressed that it was started for; it serves no others.
    pub qualifier: Qualifier,
    /// The version whose code it has; `None` for the current code.
    pub version: Option<VersionId>,
    pub state: InstanceState,
    pub created_at: UnixMillis,
    /// When its latest request began or ended; `None` before its first.
    pub last_used_at: Option<UnixMillis>,
    /// The requests that it serves.
    pub requests: Vec<RequestId>,
    /// Those of them that are tasks.
    pub tasks: Vec<TaskId>,
    /// Bytes of memory in use, those of files in its `/tmp` included where they lie in memory.
    pub memory_bytes: u64,
    /// The most that it has had.
    pub memory_peak_bytes: u64,
    /// What is configured, in megabytes.
    pub memory_mb: u64,
    /// Processor time used so far, in milliseconds.
    pub cpu_ms: u64,
    /// Shells that are open in it.
    pub sessions: u32,
}
