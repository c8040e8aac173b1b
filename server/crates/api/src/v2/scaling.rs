//! Put-, Get-, Delete- and ListFunctionOnDemandConfig(s), Put-, Get- and ListProvisionConfig(s) (`fc-api.md` 3.6).

use super::respond::{no_content, ok, ok_tagged};
use crate::{
    error::{ApiError, ApiResult},
    extract::{Document, IfMatch, Qualified, Query},
    state::{ApiState, Call},
};
use axum::{extract::State, response::Response};
use model::{FunctionRef, ListQuery, OnDemandConfig, Provision, ProvisionQuery, ProvisionSpec, Qualifier, ServiceName};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Body of PutFunctionOnDemandConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OnDemandIn {
    maximum_instance_count: Option<u32>,
}

/// Body of PutProvisionConfig. Actions and policies are stored and given back, and not acted on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProvisionIn {
    target: Option<u32>,
    #[serde(rename = "alwaysAllocateCPU")]
    always_allocate_cpu: Option<bool>,
    #[serde(default)]
    #[schemars(schema_with = "objects")]
    scheduled_actions: Value,
    #[serde(default)]
    #[schemars(schema_with = "objects")]
    target_tracking_policies: Value,
}

/// A list of objects that are not looked into.
fn objects(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["array", "null"], "items": {"type": "object"}})
}

fn required(name: &str) -> ApiError {
    ApiError::invalid(format!("member '{name}' is required"))
}

/// The limit as every answer shows it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OnDemandOut {
    /// `services/{service}.{qualifier}/functions/{function}`.
    resource: String,
    maximum_instance_count: u32,
}

impl From<&OnDemandConfig> for OnDemandOut {
    fn from(config: &OnDemandConfig) -> Self {
        Self { resource: config.resource(), maximum_instance_count: config.max_instances }
    }
}

/// The minimum as every answer shows it, and what has come of it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProvisionOut {
    /// `{account}#{service}#{qualifier}#{function}`.
    resource: String,
    target: u32,
    current: u32,
    current_error: String,
    #[serde(rename = "alwaysAllocateCPU")]
    always_allocate_cpu: bool,
    #[schemars(schema_with = "objects")]
    scheduled_actions: Value,
    #[schemars(schema_with = "objects")]
    target_tracking_policies: Value,
}

impl ProvisionOut {
    fn new(state: &ApiState, provision: &Provision) -> Self {
        let list = |given: &Value| if given.is_null() { json!([]) } else { given.clone() };
        let spec = &provision.config.spec;
        Self {
            resource: format!("{}#{}", state.account_id, provision.config.resource()),
            target: spec.target,
            current: provision.current,
            current_error: provision.current_error.clone(),
            always_allocate_cpu: spec.always_allocate_cpu,
            scheduled_actions: list(&spec.scheduled_actions),
            target_tracking_policies: list(&spec.target_tracking_policies),
        }
    }
}

pub(crate) async fn put_on_demand(
    State(state): State<ApiState>,
    addressed: Qualified<FunctionRef>,
    if_match: IfMatch,
    Document(body): Document<OnDemandIn>,
) -> ApiResult<Response> {
    let most = body.maximum_instance_count.ok_or_else(|| required("maximumInstanceCount"))?;
    let config = state.control.put_on_demand(&addressed.of, &addressed.qualifier(), most, if_match.etag()).await?;
    Ok(ok_tagged(OnDemandOut::from(&config), &config.etag))
}

pub(crate) async fn get_on_demand(State(state): State<ApiState>, addressed: Qualified<FunctionRef>) -> ApiResult<Response> {
    let config = state.control.get_on_demand(&addressed.of, &addressed.qualifier()).await?;
    Ok(ok_tagged(OnDemandOut::from(&config), &config.etag))
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
    let page = state.control.list_on_demand(&call.region, &query.list()?).await?.map(|config| OnDemandOut::from(&config));
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
    Ok(ok_tagged(ProvisionOut::new(&state, &provision), &provision.config.etag))
}

pub(crate) async fn get_provision(State(state): State<ApiState>, addressed: Qualified<FunctionRef>) -> ApiResult<Response> {
    let provision = state.control.get_provision(&addressed.of, &addressed.qualifier()).await?;
    Ok(ok_tagged(ProvisionOut::new(&state, &provision), &provision.config.etag))
}

pub(crate) async fn list_provisions(State(state): State<ApiState>, call: Call, query: Query) -> ApiResult<Response> {
    let asked = ProvisionQuery {
        service: query.get("serviceName").map(ServiceName::parse).transpose()?,
        qualifier: query.get("qualifier").map(Qualifier::parse).transpose()?,
        page: ListQuery { prefix: String::new(), start_key: String::new(), ..query.list()? },
    };
    let page = state.control.list_provisions(&call.region, &asked).await?.map(|provision| ProvisionOut::new(&state, &provision));
    Ok(ok(json!({"provisionConfigs": page.items, "nextToken": page.next_token})))
}
