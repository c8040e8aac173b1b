//! The four task operations (`fc-api.md` 3.8).

use super::{queue::wait_out, respond::ok};
use crate::{
    error::{ApiError, ApiResult},
    extract::{Qualified, Query},
    state::{ApiState, Call},
};
use axum::{extract::State, response::Response};
use model::{ErrorCode, FunctionRef, Task, TaskEvent, TaskFilter, TaskRef};
use serde_json::{Value, json};

/// The record of a task. Texts are never absent and times are numbers, because programs compare them without looking; only the
/// payload is `null` where it was not asked for.
fn task_out(task: &Task) -> Value {
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let error = if task.error_message.is_empty() { &task.error_kind } else { &task.error_message };
    json!({
        "serviceName": task.function.service,
        "functionName": task.function.function,
        "qualifier": task.qualifier,
        "invocationId": task.id,
        "requestId": task.request_id,
        "status": task.status.as_str(),
        "startedTime": task.started_at.0,
        "endTime": task.ended_at.map_or(0, |at| at.0),
        "durationMs": task.duration_ms,
        "invocationPayload": task.payload.as_ref().map(text),
        "returnPayload": task.result.as_ref().map(text).unwrap_or_default(),
        "invocationErrorMessage": error,
        "alreadyRetriedTimes": task.retried,
        "destinationStatus": task.destination_status,
        "instanceId": task.instance_id.as_ref().map_or("", |id| id.as_str()),
        "events": task.events.iter().map(event_out).collect::<Vec<Value>>(),
    })
}

fn event_out(event: &TaskEvent) -> Value {
    json!({"eventId": event.id, "status": event.status.as_str(), "timestamp": event.at.0, "eventDetail": event.detail})
}

pub(crate) async fn get(State(state): State<ApiState>, addressed: Qualified<TaskRef>) -> ApiResult<Response> {
    let task = find(&state, &addressed).await?;
    let mut out = task_out(&task);
    if let Value::Object(members) = &mut out {
        members.insert("waitReason".to_owned(), wait_out(&state, &task).await);
    }
    Ok(ok(out))
}

pub(crate) async fn list(State(state): State<ApiState>, addressed: Qualified<FunctionRef>, query: Query) -> ApiResult<Response> {
    let mut filter = TaskFilter::parse(query.pairs())?;
    filter.qualifier = Some(addressed.qualifier());
    filter.with_events = true;
    let page = state.control.list_tasks(&addressed.of, &filter).await?.map(|task| task_out(&task));
    Ok(ok(json!({"invocations": page.items, "nextToken": page.next_token})))
}

pub(crate) async fn stop(State(state): State<ApiState>, call: Call, addressed: Qualified<TaskRef>) -> ApiResult<Response> {
    if addressed.given.is_some() {
        find(&state, &addressed).await?;
    }
    state.control.stop_task(&addressed.of, &call.access_key_id).await?;
    Ok(ok(json!({})))
}

pub(crate) async fn functions(State(state): State<ApiState>, call: Call, query: Query) -> ApiResult<Response> {
    let page = state.control.list_task_functions(&call.region, &query.list()?).await?;
    let rows: Vec<Value> = page
        .items
        .iter()
        .flat_map(|row| row.qualifiers.iter().map(|qualifier| (&row.function, qualifier)))
        .map(|(function, qualifier)| json!({"serviceName": function.service, "functionName": function.name, "qualifier": qualifier}))
        .collect();
    Ok(ok(json!({"data": rows, "nextToken": page.next_token})))
}

/// The task; one that was submitted to another qualifier than the call names is not found.
async fn find(state: &ApiState, addressed: &Qualified<TaskRef>) -> ApiResult<Task> {
    let found = state.control.get_task(&addressed.of).await?;
    if let Some(qualifier) = addressed.given.as_ref().filter(|qualifier| **qualifier != found.qualifier) {
        let message = format!("stateful async invocation '{}' of qualifier '{qualifier}' does not exist", addressed.of.id);
        return Err(ApiError::new(ErrorCode::StatefulAsyncInvocationNotFound, message));
    }
    Ok(found)
}
