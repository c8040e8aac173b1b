//! Put-, Get-, Delete- and ListFunctionAsyncInvokeConfig(s) (`fc-api.md` 3.5).

use super::respond::{instant, no_content, ok};
use crate::{
    error::ApiResult,
    extract::{At, Document, Qualified, Query},
    state::{ApiState, Call},
};
use axum::{extract::State, response::Response};
use model::{Action, AsyncConfig, AsyncConfigPatch, Destination as Target, FunctionRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Body of PutFunctionAsyncInvokeConfig; members that are not sent keep their value.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConfigIn {
    stateful_invocation: Option<bool>,
    max_async_retry_attempts: Option<u32>,
    max_async_event_age_in_seconds: Option<u64>,
    destination_config: Option<Destinations>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Destinations {
    on_success: Option<Destination>,
    on_failure: Option<Destination>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Destination {
    /// The ARN of a function, or an `http://` or `https://` address.
    destination: Option<String>,
}

impl From<ConfigIn> for AsyncConfigPatch {
    fn from(body: ConfigIn) -> Self {
        let (on_success, on_failure) = body.destination_config.map(|d| (d.on_success, d.on_failure)).unwrap_or_default();
        Self {
            stateful_invocation: body.stateful_invocation,
            max_retry_attempts: body.max_async_retry_attempts,
            max_event_age_s: body.max_async_event_age_in_seconds,
            on_success: on_success.and_then(|target| target.destination),
            on_failure: on_failure.and_then(|target| target.destination),
        }
    }
}

/// The configuration as every answer shows it; a member that was never set is `null`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConfigOut {
    service: String,
    function: String,
    qualifier: String,
    stateful_invocation: Option<bool>,
    max_async_retry_attempts: Option<u32>,
    max_async_event_age_in_seconds: Option<u64>,
    destination_config: Option<Destinations>,
    created_time: String,
    last_modified_time: String,
}

impl From<&AsyncConfig> for ConfigOut {
    fn from(config: &AsyncConfig) -> Self {
        let target = |arn: &Option<String>| arn.clone().filter(|arn| !arn.is_empty()).map(|arn| Destination { destination: Some(arn) });
        let (on_success, on_failure) = (target(&config.on_success), target(&config.on_failure));
        let has_target = on_success.is_some() || on_failure.is_some();
        Self {
            service: config.function.service.to_string(),
            function: config.function.function.to_string(),
            qualifier: config.qualifier.to_string(),
            stateful_invocation: config.stateful_invocation,
            max_async_retry_attempts: config.max_retry_attempts,
            max_async_event_age_in_seconds: config.max_event_age_s,
            destination_config: has_target.then_some(Destinations { on_success, on_failure }),
            created_time: instant(config.created_at),
            last_modified_time: instant(config.modified_at),
        }
    }
}

pub(crate) async fn put(
    State(state): State<ApiState>,
    call: Call,
    addressed: Qualified<FunctionRef>,
    Document(body): Document<ConfigIn>,
) -> ApiResult<Response> {
    let patch = AsyncConfigPatch::from(body);
    check_reach(&call, &patch)?;
    let config = state.control.put_async_config(&addressed.of, &addressed.qualifier(), patch).await?;
    Ok(ok(ConfigOut::from(&config)))
}

/// A key that is limited to some services makes none of another invoked either.
fn check_reach(call: &Call, patch: &AsyncConfigPatch) -> ApiResult<()> {
    for text in patch.on_success.iter().chain(&patch.on_failure) {
        // What can't be read is refused for that later.
        if let Ok(Target::Function { function, .. }) = Target::parse(text, &call.region) {
            call.policy.check_service(Action::InvokeFunction, Some(function.service.as_str()))?;
        }
    }
    Ok(())
}

pub(crate) async fn get(State(state): State<ApiState>, addressed: Qualified<FunctionRef>) -> ApiResult<Response> {
    let config = state.control.get_async_config(&addressed.of, &addressed.qualifier()).await?;
    Ok(ok(ConfigOut::from(&config)))
}

pub(crate) async fn delete(State(state): State<ApiState>, addressed: Qualified<FunctionRef>) -> ApiResult<Response> {
    state.control.delete_async_config(&addressed.of, &addressed.qualifier()).await?;
    Ok(no_content())
}

pub(crate) async fn list(State(state): State<ApiState>, At(function): At<FunctionRef>, query: Query) -> ApiResult<Response> {
    let page = state.control.list_async_configs(&function, &query.list()?).await?.map(|config| ConfigOut::from(&config));
    Ok(ok(json!({"configs": page.items, "nextToken": page.next_token})))
}
