//! Put-, Get-, Delete- and ListFunctionOnDemandConfig(s), Put-, Get- and ListProvisionConfig(s) (`fc-api.md` 3.6).

use super::respond::{no_content, ok, ok_tagged};
use crate::{
    error::{ApiError, ApiResult},
    extract::{Document, IfMatch, Qualified, Query},
    state::{ApiState, Call},
};
use axum::{extract::State, response::Response};
use model::{FunctionRef, ListQuery, OnDemandConfig, Provision, ProvisionQuery, ProvisionSpec, Qualifier, ServiceName};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OnDemandIn {
    maximum_instance_count: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProvisionIn {
    target: Option<u32>,
    #[serde(rename = "alwaysAllocateCPU")]
    always_allocate_cpu: Option<bool>,
    #[serde(default)]
    scheduled_actions: Value,
    #[serde(default)]
    target_tracking_policies: Value,
}

fn required(name: &str) -> ApiError {
    ApiError::invalid(format!("member '{name}' is required"))
}

fn on_demand_out(config: &OnDemandConfig) -> Value {
    json!({"resource": config.resource(), "maximumInstanceCount": config.max_instances})
}

fn provision_out(state: &ApiState, provision: &Provision) -> Value {
    let list = |given: &Value| if given.is_null() { json!([]) } else { given.clone() };
    let spec = &provision.config.spec;
    json!({
        "resource": format!("{}#{}", state.account_id, provision.config.resource()),
        "target": spec.target,
        "current": provision.current,
        "currentError": provision.current_error,
        "alwaysAllocateCPU": spec.always_allocate_cpu,
        "scheduledActions": list(&spec.scheduled_actions),
        "targetTrackingPolicies": list(&spec.target_tracking_policies),
    })
}

pub(crate) async fn put_on_demand(
    State(state): State<ApiState>,
    addressed: Qualified<FunctionRef>,
    if_match: IfMatch,
    Document(body): Document<OnDemandIn>,
) -> ApiResult<Response> {
    let most = body.maximum_instance_count.ok_or_else(|| required("maximumInstanceCount"))?;
    let config = state.control.put_on_demand(&addressed.of, &addressed.qualifier(), most, if_match.etag()).await?;
    Ok(ok_tagged(on_demand_out(&config), &config.etag))
}

pub(crate) async fn get_on_demand(State(state): State<ApiState>, addressed: Qualified<FunctionRef>) -> ApiResult<Response> {
    let config = state.control.get_on_demand(&addressed.of, &addressed.qualifier()).await?;
    Ok(ok_tagged(on_demand_out(&config), &config.etag))
}

pub(crate) async fn delete_on_demand(
    State(state): State<ApiState>,
    addressed: Qualified<FunctionRef>,
    if_match: IfMatch,
) -> ApiResult<Response> {
    state.control.delete_on_demand(&addressed.of, &addressed.qualifier(), if_match.etag()).await?;
    Ok(no_content())
}

pub(crate) async fn list_on_demand(State(state): State<ApiState>, call: Call, query: Query) -> ApiResult<Response> {
    let page = state.control.list_on_demand(&call.region, &query.list()?).await?.map(|config| on_demand_out(&config));
    Ok(ok(json!({"configs": page.items, "nextToken": page.next_token})))
}

pub(crate) async fn put_provision(
    State(state): State<ApiState>,
    addressed: Qualified<FunctionRef>,
    if_match: IfMatch,
    Document(body): Document<ProvisionIn>,
) -> ApiResult<Response> {
    let spec = ProvisionSpec {
        target: body.target.ok_or_else(|| required("target"))?,
        always_allocate_cpu: body.always_allocate_cpu.unwrap_or(true),
        scheduled_actions: body.scheduled_actions,
        target_tracking_policies: body.target_tracking_policies,
    };
    let provision = state.control.put_provision(&addressed.of, &addressed.qualifier(), spec, if_match.etag()).await?;
    Ok(ok_tagged(provision_out(&state, &provision), &provision.config.etag))
}

pub(crate) async fn get_provision(State(state): State<ApiState>, addressed: Qualified<FunctionRef>) -> ApiResult<Response> {
    let provision = state.control.get_provision(&addressed.of, &addressed.qualifier()).await?;
    Ok(ok_tagged(provision_out(&state, &provision), &provision.config.etag))
}

pub(crate) async fn list_provisions(State(state): State<ApiState>, call: Call, query: Query) -> ApiResult<Response> {
    let asked = ProvisionQuery {
        service: query.get("serviceName").map(ServiceName::parse).transpose()?,
        qualifier: query.get("qualifier").map(Qualifier::parse).transpose()?,
        page: ListQuery { prefix: String::new(), start_key: String::new(), ..query.list()? },
    };
    let page = state.control.list_provisions(&call.region, &asked).await?.map(|provision| provision_out(&state, &provision));
    Ok(ok(json!({"provisionConfigs": page.items, "nextToken": page.next_token})))
}
