//! Operations of our own beside the vendor's: what holds back the waiting tasks of a function or of the region, and why one task waits.

use super::respond::ok;
use crate::{
    error::ApiResult,
    extract::{At, Document},
    state::{ApiState, Call},
};
use axum::{extract::State, response::Response};
use model::{FunctionRef, Queue, QueueScope, Task, TaskStatus, UnixMillis, WaitReason};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// What to change; a member that is not sent stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueIn {
    paused: Option<bool>,
    /// `null` removes the limit.
    #[serde(default, deserialize_with = "sent")]
    #[schemars(with = "Option<u32>")]
    max_running: Option<Option<u32>>,
}

/// Tells a member that is `null` from one that is missing.
fn sent<'de, D: Deserializer<'de>>(member: D) -> Result<Option<Option<u32>>, D::Error> {
    Option::deserialize(member).map(Some)
}

/// What holds back waiting tasks, and how many the servers have in hand.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueOut {
    paused: bool,
    /// Milliseconds since the epoch.
    paused_time: Option<i64>,
    max_running: Option<u32>,
    running: u64,
}

impl From<&Queue> for QueueOut {
    fn from(queue: &Queue) -> Self {
        let paused_time = queue.paused_at.map(|at| at.0);
        Self { paused: paused_time.is_some(), paused_time, max_running: queue.max_running, running: queue.running }
    }
}

/// Answer of the purge.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PurgeOut {
    /// Tasks that were stopped.
    purged: u64,
}

async fn read(state: &ApiState, scope: &QueueScope) -> ApiResult<Response> {
    Ok(ok(QueueOut::from(&state.control.get_queue(scope).await?)))
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
    Ok(ok(PurgeOut { purged }))
}

/// Why a task waits; members that its reason has not are left out.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct WaitOut {
    reason: &'static str,
    /// `function` or `region`.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    /// Milliseconds since the epoch, as `since`.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    running: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    /// Tasks that come before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    ahead: Option<u64>,
}

/// Why a task waits, as a member of its record; `None` when it does not.
pub(super) async fn wait_out(state: &ApiState, task: &Task) -> Option<WaitOut> {
    if !matches!(task.status, TaskStatus::Enqueued | TaskStatus::Processed | TaskStatus::Retrying) {
        return None;
    }
    // The record has been read, and is worth having without this.
    state.control.wait_reason(&task.task_ref()).await.ok().flatten().as_ref().map(WaitOut::from)
}

impl From<&WaitReason> for WaitOut {
    fn from(reason: &WaitReason) -> Self {
        let name = |scope: &QueueScope| match scope {
            QueueScope::Region(_) => "region",
            QueueScope::Function(_) => "function",
        };
        let until = |reason, at: &UnixMillis| Self { reason, until: Some(at.0), ..Self::default() };
        match reason {
            WaitReason::DelayedUntil(at) => until("Delayed", at),
            WaitReason::RetryAt(at) => until("RetryWait", at),
            WaitReason::NoInstanceUntil(at) => until("NoInstance", at),
            WaitReason::WaitsForInstance => Self { reason: "WaitsForInstance", ..Self::default() },
            WaitReason::Paused { scope, since } => {
                Self { reason: "Paused", scope: Some(name(scope)), since: Some(since.0), ..Self::default() }
            }
            WaitReason::LimitReached { scope, running, limit, ahead } => Self {
                reason: "LimitReached",
                scope: Some(name(scope)),
                running: Some(*running),
                limit: Some(*limit),
                ahead: Some(*ahead),
                ..Self::default()
            },
            WaitReason::Next { ahead } => Self { reason: "Next", ahead: Some(*ahead), ..Self::default() },
        }
    }
}
