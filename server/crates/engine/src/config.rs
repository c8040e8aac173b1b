//! Settings of the engine with their defaults.

use crate::ports::WorkerId;
use crate::retry::random_up_to;
use model::{AccountId, Region};
use std::time::Duration;

/// Settings of one engine; validated by the composition root, never read from the environment in here.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    pub account_id: AccountId,
    /// At least one; the first is the default.
    pub regions: Vec<Region>,
    /// Name of this life of the process.
    pub worker: WorkerId,
    /// The name of the process's life before this one, known to be over: its tasks are rescued at start without waiting.
    pub previous_worker: Option<WorkerId>,
    /// Tasks in hand at once.
    pub slots: usize,
    /// Tasks of one function that wait in hand for an instance; more of them would only keep others from being taken.
    pub waiting_max: usize,
    /// Tasks taken by one claim at most.
    pub claim_rows_max: u32,
    /// Instances that the functions of a region may have on all servers together, and so the tasks of it that servers hold at once;
    /// `None` means no limit.
    pub region_instances: Option<u32>,
    /// How long a silent worker keeps its tasks.
    pub lease: Duration,
    /// Longest time between two looks for tasks of dead workers while other workers hold any; `None` when no other worker can exist (SQLite).
    pub rescue_interval: Option<Duration>,
    /// How often to look for due tasks when nothing woke the scheduler.
    pub poll_fallback: Duration,
    /// Days that ended tasks are kept; 0 means for ever.
    pub retention_days: u32,
    /// A number from 0 to the one given, for jitter; a simulation passes one that is the same each time.
    pub random: fn(i64) -> i64,
}

impl EngineConfig {
    /// Defaults for one worker that owns its store.
    pub fn new(account_id: AccountId, regions: Vec<Region>, worker: WorkerId) -> Self {
        Self {
            account_id,
            regions,
            worker,
            previous_worker: None,
            slots: 1_024,
            waiting_max: 16,
            claim_rows_max: 512,
            region_instances: None,
            lease: Duration::from_secs(6),
            rescue_interval: None,
            poll_fallback: Duration::from_secs(30),
            retention_days: 7,
            random: random_up_to,
        }
    }
}
