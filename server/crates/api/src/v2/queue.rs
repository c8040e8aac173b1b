//! Operations of our own beside the vendor's: what holds back the waiting tasks of a function or of the region, and why one task waits.

use super::respond::ok;
use crate::{
    error::ApiResult,
    extract::{At, Document},
    state::{ApiState, Call},
};
use axum::{extract::State, response::Response};
use model::{FunctionRef, Queue, QueueScope, Task, TaskStatus, WaitReason};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

/// What to change; a member that is not sent stays as it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueIn {
    paused: Option<bool>,
    /// `null` removes the limit.
    #[serde(default, deserialize_with = "sent")]
    max_running: Option<Option<u32>>,
}

/// Tells a member that is `null` from one that is missing.
fn sent<'de, D: Deserializer<'de>>(member: D) -> Result<Option<Option<u32>>, D::Error> {
    Option::deserialize(member).map(Some)
}

fn queue_out(queue: &Queue) -> Value {
    json!({
        "paused": queue.paused_at.is_some(),
        "pausedTime": queue.paused_at.map(|at| at.0),
        "maxRunning": queue.max_running,
        "running": queue.running,
    })
}

async fn read(state: &ApiState, scope: &QueueScope) -> ApiResult<Response> {
    Ok(ok(queue_out(&state.control.get_queue(scope).await?)))
}

async fn change(state: &ApiState, scope: &QueueScope, body: QueueIn) -> ApiResult<Response> {
    // First what can be refused, so that nothing is half changed.
    if let Some(most) = body.max_running {
        state.control.limit_queue(scope, most).await?;
    }
    match body.paused {
        Some(true) => state.control.pause_queue(scope).await?,
        Some(false) => state.control.resume_queue(scope).await?,
        None => {}
    }
    read(state, scope).await
}

pub(crate) async fn get(State(state): State<ApiState>, At(function): At<FunctionRef>) -> ApiResult<Response> {
    read(&state, &QueueScope::Function(function)).await
}

pub(crate) async fn put(
    State(state): State<ApiState>,
    At(function): At<FunctionRef>,
    Document(body): Document<QueueIn>,
) -> ApiResult<Response> {
    change(&state, &QueueScope::Function(function), body).await
}

pub(crate) async fn get_region(State(state): State<ApiState>, call: Call) -> ApiResult<Response> {
    read(&state, &QueueScope::Region(call.region)).await
}

pub(crate) async fn put_region(State(state): State<ApiState>, call: Call, Document(body): Document<QueueIn>) -> ApiResult<Response> {
    change(&state, &QueueScope::Region(call.region), body).await
}

/// Stops every task of the function that waits.
pub(crate) async fn purge(State(state): State<ApiState>, call: Call, At(function): At<FunctionRef>) -> ApiResult<Response> {
    let purged = state.control.purge_queue(&function, &call.access_key_id).await?;
    Ok(ok(json!({"purged": purged})))
}

/// Why a task waits, as a member of its record; `null` when it does not.
pub(super) async fn wait_out(state: &ApiState, task: &Task) -> Value {
    if !matches!(task.status, TaskStatus::Enqueued | TaskStatus::Processed | TaskStatus::Retrying) {
        return Value::Null;
    }
    // The record has been read, and is worth having without this.
    let reason = state.control.wait_reason(&task.task_ref()).await.ok().flatten();
    reason.map_or(Value::Null, |reason| reason_out(&reason))
}

fn reason_out(reason: &WaitReason) -> Value {
    let name = |scope: &QueueScope| match scope {
        QueueScope::Region(_) => "region",
        QueueScope::Function(_) => "function",
    };
    match reason {
        WaitReason::DelayedUntil(at) => json!({"reason": "Delayed", "until": at.0}),
        WaitReason::RetryAt(at) => json!({"reason": "RetryWait", "until": at.0}),
        WaitReason::NoInstanceUntil(at) => json!({"reason": "NoInstance", "until": at.0}),
        WaitReason::WaitsForInstance => json!({"reason": "WaitsForInstance"}),
        WaitReason::Paused { scope, since } => json!({"reason": "Paused", "scope": name(scope), "since": since.0}),
        WaitReason::LimitReached { scope, running, limit, ahead } => {
            json!({"reason": "LimitReached", "scope": name(scope), "running": running, "limit": limit, "ahead": ahead})
        }
        WaitReason::Next { ahead } => json!({"reason": "Next", "ahead": ahead}),
    }
}
