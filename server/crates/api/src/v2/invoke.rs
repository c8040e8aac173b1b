//! InvokeFunction, synchronous and asynchronous (`fc-api.md` 3.7).

use super::functions::CODE_CHECKSUM;
use crate::{
    error::{ApiError, ApiResult},
    extract::{Payload, Qualified, header_text},
    state::{ApiState, Call},
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use model::{FunctionRef, HttpRequest, InvocationResult, InvokeRequest, Origin, Qualifier, SubmitRequest, limits};

const INVOCATION_TYPE: &str = "x-fc-invocation-type";
const LOG_TYPE: &str = "x-fc-log-type";
const TASK_ENABLE: &str = "x-fc-stateful-async-invocation-enable";
const DELAY: &str = "x-fc-async-delay";
const TASK_ID: &str = "x-fc-stateful-async-invocation-id";
/// Spellings of the task id's header, the official one first; the others occur outside the SDKs and are never sent back.
const TASK_IDS: [&str; 3] = [TASK_ID, "stateful-async-invocation-id", "x-fc-async-task-id"];
pub(crate) const ERROR_TYPE: &str = "x-fc-error-type";
const LOG_RESULT: &str = "x-fc-log-result";
/// Our addition: which interpreter stood in for the runtime's exact version.
pub(crate) const RUNTIME_NOTE: &str = "x-fc-runtime-note";

/// True when the headers ask for an asynchronous invocation.
pub(crate) fn is_async(headers: &HeaderMap) -> bool {
    header_text(headers, INVOCATION_TYPE) == Some("Async")
}

pub(crate) async fn invoke(
    State(state): State<ApiState>,
    call: Call,
    addressed: Qualified<FunctionRef>,
    headers: HeaderMap,
    Payload(event): Payload,
) -> ApiResult<Response> {
    let is_async = choice(&headers, INVOCATION_TYPE, "InvocationType", ["Sync", "Async"])?;
    let is_tail = choice(&headers, LOG_TYPE, "LogType", ["None", "Tail"])?;
    if is_async && is_tail {
        return Err(ApiError::invalid("LogType is set to an invalid value (allowed for asynchronous invocations: None, actual: 'Tail')"));
    }
    let (qualifier, function) = (addressed.qualifier(), addressed.of);
    if is_async {
        return submit(&state, call, function, qualifier, &headers, event.into(), None).await;
    }
    let request = InvokeRequest { function, qualifier, request_id: call.request_id, payload: event.into(), http: None };
    Ok(finished(state.control.invoke(request).await?, is_tail))
}

/// 202 once the invocation is durable.
pub(crate) async fn submit(
    state: &ApiState,
    call: Call,
    function: FunctionRef,
    qualifier: Qualifier,
    headers: &HeaderMap,
    payload: Vec<u8>,
    http: Option<HttpRequest>,
) -> ApiResult<Response> {
    let request = SubmitRequest {
        function,
        qualifier,
        request_id: call.request_id,
        task_id: TASK_IDS.into_iter().find_map(|name| header_text(headers, name)).map(str::to_owned),
        force_task: flag(headers, TASK_ENABLE, "StatefulAsyncInvocationEnable")?,
        delay_s: delay_s(headers)?,
        payload,
        http,
        origin: Origin::Api,
    };
    let receipt = state.control.submit(request).await?;
    let mut response = StatusCode::ACCEPTED.into_response();
    if let Some(id) = receipt.task_id {
        put(&mut response, TASK_ID, id.as_str());
    }
    Ok(response)
}

/// 200 whether the function succeeded or failed; a failure shows in `X-Fc-Error-Type`.
fn finished(result: InvocationResult, with_log: bool) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "application/octet-stream")], result.body).into_response();
    put(&mut response, CODE_CHECKSUM, &result.code_checksum);
    if let Some(kind) = result.error {
        put(&mut response, ERROR_TYPE, &kind);
    }
    if with_log {
        put(&mut response, LOG_RESULT, &BASE64_STANDARD.encode(result.log_tail));
    }
    if let Some(note) = result.runtime_note {
        put(&mut response, RUNTIME_NOTE, &note);
    }
    response
}

/// Sets a header whose value is text of ours; one that can't be a header is left out.
pub(crate) fn put(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Reads a header with two values: false for the first, which is also the default, true for the second.
fn choice(headers: &HeaderMap, header: &str, name: &str, [default, other]: [&str; 2]) -> ApiResult<bool> {
    match header_text(headers, header) {
        None => Ok(false),
        Some(given) if given == default => Ok(false),
        Some(given) if given == other => Ok(true),
        Some(given) => {
            Err(ApiError::invalid(format!("{name} is set to an invalid value (allowed: {other} or {default}, actual: '{given}')")))
        }
    }
}

/// Reads a boolean header in any case; absent means false.
fn flag(headers: &HeaderMap, header: &str, name: &str) -> ApiResult<bool> {
    match header_text(headers, header) {
        None => Ok(false),
        Some(given) if given.eq_ignore_ascii_case("true") => Ok(true),
        Some(given) if given.eq_ignore_ascii_case("false") => Ok(false),
        Some(given) => Err(ApiError::invalid(format!("{name} is set to an invalid value (allowed: true or false, actual: '{given}')"))),
    }
}

fn delay_s(headers: &HeaderMap) -> ApiResult<u64> {
    let Some(given) = header_text(headers, DELAY) else { return Ok(0) };
    given.parse().ok().filter(|seconds| *seconds <= limits::ASYNC_DELAY_S_MAX).ok_or_else(|| {
        let allowed = limits::ASYNC_DELAY_S_MAX;
        ApiError::invalid(format!("AsyncDelay is set to an invalid value (allowed: 0 to {allowed} seconds, actual: '{given}')"))
    })
}
