//! Queues of waiting tasks: what holds them back, and why one task waits.

use crate::{FunctionRef, Region, UnixMillis};
use serde::{Deserialize, Serialize};

/// Whose waiting tasks are meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum QueueScope {
    /// Those of every function of the region.
    Region(Region),
    Function(FunctionRef),
}

impl QueueScope {
    /// The region that it lies in.
    pub fn region(&self) -> &Region {
        match self {
            Self::Region(region) => region,
            Self::Function(function) => &function.region,
        }
    }
}

/// What holds back the waiting tasks of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Queue {
    /// Since when no task of it is taken; tasks already taken go on.
    pub paused_at: Option<UnixMillis>,
    /// Tasks that may be in the hands of servers at once; `None` means no limit.
    pub max_running: Option<u32>,
    /// Tasks in the hands of servers.
    pub running: u64,
}

impl Queue {
    /// True while as many tasks are taken as may be.
    pub fn is_full(&self) -> bool {
        self.max_running.is_some_and(|most| self.running >= u64::from(most))
    }
}

/// Why a task waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WaitReason {
    /// The delay asked for ends then.
    DelayedUntil(UnixMillis),
    /// The attempt before failed; the next one is due then.
    RetryAt(UnixMillis),
    /// No instance was to be had; it is tried again then.
    NoInstanceUntil(UnixMillis),
    /// A server has taken it and waits for an instance.
    WaitsForInstance,
    /// The queue of the scope is paused.
    Paused { scope: QueueScope, since: UnixMillis },
    /// As many tasks of the scope run as may; `ahead` tasks of the function are taken before this one.
    LimitReached { scope: QueueScope, running: u64, limit: u32, ahead: u64 },
    /// It is due and is taken next, after `ahead` tasks of the function.
    Next { ahead: u64 },
}
