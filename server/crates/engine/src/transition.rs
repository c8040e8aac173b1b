//! The one way by which a status changes: allowed by `lifecycle::next`, written only if nothing changed meanwhile, then told to listeners.

use crate::engine::Core;
use crate::ports::{Set, StoreResult, TaskSeq, Transition};
use model::lifecycle::{self, Event};
use model::{InstanceId, TaskRef, TaskStatus};

/// A task as the caller believes it to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) seq: TaskSeq,
    pub(crate) task: &'a TaskRef,
    pub(crate) status: TaskStatus,
    pub(crate) fence: i64,
    pub(crate) attempt: u32,
    pub(crate) listed: bool,
    /// False when nobody is told of the task's end for certain.
    pub(crate) has_destination: bool,
}

/// Lets `event` happen to the task. `Ok(None)` when the task is not as expected any more or its state does not allow the event.
pub(crate) async fn happen(core: &Core, expected: Expected<'_>, event: Event, detail: String, set: Set) -> StoreResult<Option<TaskStatus>> {
    let Ok(to) = lifecycle::next(expected.status, event) else { return Ok(None) };
    let transition = Transition {
        seq: expected.seq,
        from: expected.status,
        fence: expected.fence,
        attempt: expected.attempt,
        to,
        at: core.clock.now(),
        detail,
        set,
    };
    if !core.transitions.write(transition).await? {
        return Ok(None);
    }
    metrics::counter!("taskyard_task_transitions_total", "status" => to.as_str()).increment(1);
    if to.is_terminal() && expected.has_destination {
        core.deliver.notify_one();
    }
    if expected.listed {
        core.publish(expected.task, to, false);
    }
    Ok(Some(to))
}

/// The detail of an event that an error caused: `{"Error":kind,"Message":text}`, the text cut to a line's worth.
pub(crate) fn error_detail(kind: &str, message: &str) -> String {
    const CHARS_MAX: usize = 400;
    let mut detail = serde_json::Map::new();
    detail.insert("Error".to_owned(), kind.into());
    if !message.is_empty() {
        detail.insert("Message".to_owned(), message.chars().take(CHARS_MAX).collect::<String>().into());
    }
    serde_json::Value::Object(detail).to_string()
}

/// The detail of the event that an attempt begins on this instance.
pub fn begun_detail(instance: &InstanceId) -> String {
    note_detail("InstanceId", instance.as_str())
}

/// The detail of an event that has one thing to say.
pub(crate) fn note_detail(name: &str, value: &str) -> String {
    serde_json::json!({ name: value }).to_string()
}
