//! Dead letters: the tasks of a region that ended badly, grouped by what went wrong (`console.md` B-17, SC-23).

use crate::{FunctionRef, Region, Result, TaskId, TaskStatus, UnixMillis};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// What tasks of a group have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeadLetterKey {
    pub function: FunctionRef,
    /// One of [`DEAD`].
    pub status: TaskStatus,
    /// Empty where a task has none.
    pub error_kind: String,
}

/// The states of tasks that ended badly by themselves.
pub const DEAD: [TaskStatus; 3] = [TaskStatus::Failed, TaskStatus::Expired, TaskStatus::Invalid];

/// Tasks of one function that ended in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetterGroup {
    pub key: DeadLetterKey,
    pub count: u64,
    /// When the first and the last of them ended.
    pub first_at: UnixMillis,
    pub last_at: UnixMillis,
    /// The latest one, and its error in its own words.
    pub sample: TaskId,
    pub message: String,
    /// Those that ended up to then were dismissed, and are not counted.
    pub dismissed_until: Option<UnixMillis>,
}

/// The groups of a region.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DeadLetters {
    /// The one with the latest end first.
    pub groups: Vec<DeadLetterGroup>,
    /// There are more tasks or functions than were looked at: counts are those of the latest ones, and groups may be missing.
    pub is_partial: bool,
}

/// The part of [`crate::ControlPlane`] that is about dead letters.
#[async_trait]
pub trait DeadLetterControl: Send + Sync {
    /// Groups the tasks that started at `since` or later, without what was dismissed. The work is limited; the answer says where it was not
    /// enough.
    async fn list_dead_letters(&self, region: &Region, since: Option<UnixMillis>) -> Result<DeadLetters>;

    /// Leaves the tasks of a group that ended up to `until` out of the list; it is back when another one ends so.
    async fn dismiss_dead_letters(&self, key: &DeadLetterKey, until: UnixMillis) -> Result<()>;
}
