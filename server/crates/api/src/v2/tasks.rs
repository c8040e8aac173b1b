//! The four task operations (`fc-api.md` 3.8).

use super::{
    queue::{WaitOut, wait_out},
    respond::ok,
};
use crate::{
    error::{ApiError, ApiResult},
    extract::{Qualified, Query},
    state::{ApiState, Call},
};
use axum::{extract::State, response::Response};
use model::{ErrorCode, FunctionRef, Task, TaskEvent, TaskFilter, TaskRef};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// The record of a task. Texts are never absent and times are numbers, because programs compare them without looking; only the
/// payload is `null` where it was not asked for.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskOut {
    service_name: String,
    function_name: String,
    qualifier: String,
    invocation_id: String,
    request_id: String,
    status: &'static str,
    /// Milliseconds since the epoch, as `endTime`.
    started_time: i64,
    /// 0 until the task has ended.
    end_time: i64,
    duration_ms: i64,
    invocation_payload: Option<String>,
    return_payload: String,
    invocation_error_message: String,
    already_retried_times: u32,
    /// Empty, `Running`, `Succeeded` or `Failed`.
    destination_status: String,
    instance_id: String,
    events: Vec<EventOut>,
}

/// One line of a task's history.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EventOut {
    event_id: u32,
    status: &'static str,
    /// Milliseconds since the epoch.
    timestamp: i64,
    /// JSON, or empty.
    event_detail: String,
}

/// Answer of GetStatefulAsyncInvocation.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OneTaskOut {
    #[serde(flatten)]
    task: TaskOut,
    /// Our addition: why the task waits, `null` when it does not.
    wait_reason: Option<WaitOut>,
}

/// A function and a qualifier with task mode on.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskFunctionOut {
    service_name: String,
    function_name: String,
    qualifier: String,
}

/// Answer of StopStatefulAsyncInvocation.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Empty {}

impl From<&Task> for TaskOut {
    fn from(task: &Task) -> Self {
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        let error = if task.error_message.is_empty() { &task.error_kind } else { &task.error_message };
        Self {
            service_name: task.function.service.to_string(),
            function_name: task.function.function.to_string(),
            qualifier: task.qualifier.to_string(),
            invocation_id: task.id.to_string(),
            request_id: task.request_id.to_string(),
            status: task.status.as_str(),
            started_time: task.started_at.0,
            end_time: task.ended_at.map_or(0, |at| at.0),
            duration_ms: task.duration_ms,
            invocation_payload: task.payload.as_ref().map(text),
            return_payload: task.result.as_ref().map(text).unwrap_or_default(),
            invocation_error_message: error.clone(),
            already_retried_times: task.retried,
            destination_status: task.destination_status.clone(),
            instance_id: task.instance_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            events: task.events.iter().map(EventOut::from).collect(),
        }
    }
}

impl From<&TaskEvent> for EventOut {
    fn from(event: &TaskEvent) -> Self {
        Self { event_id: event.id, status: event.status.as_str(), timestamp: event.at.0, event_detail: event.detail.clone() }
    }
}

pub(crate) async fn get(State(state): State<ApiState>, addressed: Qualified<TaskRef>) -> ApiResult<Response> {
    let task = find(&state, &addressed).await?;
    Ok(ok(OneTaskOut { task: TaskOut::from(&task), wait_reason: wait_out(&state, &task).await }))
}

pub(crate) async fn list(State(state): State<ApiState>, addressed: Qualified<FunctionRef>, query: Query) -> ApiResult<Response> {
    let mut filter = TaskFilter::parse(query.pairs())?;
    filter.qualifier = Some(addressed.qualifier());
    filter.with_events = true;
    let page = state.control.list_tasks(&addressed.of, &filter).await?.map(|task| TaskOut::from(&task));
    Ok(ok(json!({"invocations": page.items, "nextToken": page.next_token})))
}

pub(crate) async fn stop(State(state): State<ApiState>, call: Call, addressed: Qualified<TaskRef>) -> ApiResult<Response> {
    if addressed.given.is_some() {
        find(&state, &addressed).await?;
    }
    state.control.stop_task(&addressed.of, &call.access_key_id).await?;
    Ok(ok(Empty {}))
}

pub(crate) async fn functions(State(state): State<ApiState>, call: Call, query: Query) -> ApiResult<Response> {
    let page = state.control.list_task_functions(&call.region, &query.list()?).await?;
    let rows: Vec<TaskFunctionOut> = page
        .items
        .iter()
        .flat_map(|row| row.qualifiers.iter().map(|qualifier| (&row.function, qualifier)))
        .map(|(function, qualifier)| TaskFunctionOut {
            service_name: function.service.to_string(),
            function_name: function.name.to_string(),
            qualifier: qualifier.to_string(),
        })
        .collect();
    Ok(ok(json!({"data": rows, "nextToken": page.next_token})))
}

/// The task; one that was submitted to another qualifier than the call names is not found.
pub(super) async fn find(state: &ApiState, addressed: &Qualified<TaskRef>) -> ApiResult<Task> {
    let found = state.control.get_task(&addressed.of).await?;
    if let Some(qualifier) = addressed.given.as_ref().filter(|qualifier| **qualifier != found.qualifier) {
        let message = format!("stateful async invocation '{}' of qualifier '{qualifier}' does not exist", addressed.of.id);
        return Err(ApiError::new(ErrorCode::StatefulAsyncInvocationNotFound, message));
    }
    Ok(found)
}
