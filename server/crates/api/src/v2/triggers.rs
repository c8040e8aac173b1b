//! CreateTrigger, GetTrigger, ListTriggers, UpdateTrigger, DeleteTrigger (`fc-api.md` 3.3).

use super::respond::{instant, no_content, ok, ok_tagged};
use crate::{
    error::{ApiError, ApiResult},
    extract::{At, Document, IfMatch, Query, header_text},
    legacy::{self, Edition},
    state::{self, ApiState},
};
use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::Response,
};
use model::{FunctionRef, Qualifier, Trigger, TriggerConfig, TriggerKind, TriggerName, TriggerPatch, TriggerRef, TriggerSpec};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::convert::Infallible;

/// Body of CreateTrigger and UpdateTrigger; the latter ignores name, type and source.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerIn {
    trigger_name: Option<String>,
    trigger_type: Option<String>,
    /// JSON as text, or the object itself.
    #[serde(default)]
    #[schemars(schema_with = "config_in")]
    trigger_config: Option<Value>,
    source_arn: Option<String>,
    invocation_role: Option<String>,
    qualifier: Option<String>,
    description: Option<String>,
}

fn config_in(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "object", "null"]})
}

impl TriggerIn {
    /// The configuration: JSON as text, or the object itself (`fc-api.md` 1.3).
    fn config(&self) -> ApiResult<Option<Map<String, Value>>> {
        let sent = match &self.trigger_config {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map_err(|error| ApiError::invalid(format!("member 'triggerConfig' does not hold valid JSON: {error}")))?,
            Some(other) => other.clone(),
        };
        match sent {
            Value::Object(members) => Ok(Some(members)),
            other => Err(ApiError::invalid(format!("member 'triggerConfig' must hold a JSON object (actual: {other})"))),
        }
    }

    fn into_spec(self) -> ApiResult<TriggerSpec> {
        let kind = TriggerKind::parse(self.trigger_type.as_deref().ok_or_else(|| required("triggerType"))?)?;
        let config = TriggerConfig::read(kind, self.config()?.unwrap_or_default(), None)?;
        let qualifier = Qualifier::parse(self.qualifier.as_deref().unwrap_or_default())?;
        Ok(TriggerSpec {
            kind,
            config,
            qualifier,
            description: self.description.unwrap_or_default(),
            source_arn: self.source_arn.unwrap_or_default(),
            invocation_role: self.invocation_role.unwrap_or_default(),
        })
    }

    fn into_patch(self) -> ApiResult<TriggerPatch> {
        Ok(TriggerPatch {
            config: self.config()?,
            // An empty one is one that was not sent: some SDKs send every member.
            qualifier: self.qualifier.as_deref().filter(|given| !given.is_empty()).map(Qualifier::parse).transpose()?,
            description: self.description,
            invocation_role: self.invocation_role,
        })
    }
}

fn required(name: &str) -> ApiError {
    ApiError::invalid(format!("member '{name}' is required"))
}

/// Where the caller reaches this server, for the addresses of HTTP triggers.
pub(crate) struct Reached {
    scheme: &'static str,
    host: String,
}

impl FromRequestParts<ApiState> for Reached {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Infallible> {
        let is_secure = header_text(&parts.headers, "x-forwarded-proto") == Some("https");
        let host = legacy::host_with_port(state::host(&parts.headers, &parts.uri), &parts.headers, state.port);
        Ok(Self { scheme: if is_secure { "https" } else { "http" }, host: host.into_owned() })
    }
}

impl Reached {
    /// The address of a trigger; `None` for those that are not called by HTTP.
    fn address(&self, trigger: &Trigger) -> Option<String> {
        let Self { scheme, host } = self;
        let FunctionRef { service, function, .. } = &trigger.function;
        let qualifier = &trigger.spec.qualifier;
        let suffix = if qualifier.is_latest() { String::new() } else { format!(".{qualifier}") };
        (trigger.spec.kind == TriggerKind::Http).then(|| format!("{scheme}://{host}{}{service}{suffix}/{function}/", crate::proxy::PREFIX))
    }
}

/// The trigger as every answer shows it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerOut {
    trigger_name: String,
    trigger_id: String,
    trigger_type: &'static str,
    #[schemars(with = "String")]
    trigger_config: Value,
    source_arn: Option<String>,
    invocation_role: String,
    qualifier: String,
    description: String,
    /// Set for HTTP triggers, as `urlInternet` and `urlIntranet`.
    domain_name: Option<String>,
    url_internet: Option<String>,
    url_intranet: Option<String>,
    created_time: String,
    last_modified_time: String,
}

/// Answer of UpdateTrigger: two members more, always `null`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdatedTriggerOut {
    #[serde(flatten)]
    trigger: TriggerOut,
    status: Option<()>,
    target_arn: Option<()>,
}

impl TriggerOut {
    fn new(edition: Edition, trigger: &Trigger, reached: &Reached) -> Self {
        let spec = &trigger.spec;
        let address = reached.address(trigger);
        Self {
            trigger_name: trigger.name.to_string(),
            trigger_id: trigger.id.clone(),
            trigger_type: spec.kind.as_str(),
            trigger_config: edition.trigger_config(spec.config.wire()),
            source_arn: (spec.kind != TriggerKind::Http && !spec.source_arn.is_empty()).then(|| spec.source_arn.clone()),
            invocation_role: spec.invocation_role.clone(),
            qualifier: spec.qualifier.to_string(),
            description: spec.description.clone(),
            domain_name: address.as_ref().and_then(|_| reached.host.split(':').next()).map(str::to_owned),
            url_internet: address.clone(),
            url_intranet: address,
            created_time: instant(trigger.created_at),
            last_modified_time: instant(trigger.modified_at),
        }
    }
}

pub(crate) async fn create(
    State(state): State<ApiState>,
    edition: Edition,
    At(function): At<FunctionRef>,
    reached: Reached,
    Document(body): Document<TriggerIn>,
) -> ApiResult<Response> {
    let name = TriggerName::parse(body.trigger_name.as_deref().ok_or_else(|| required("triggerName"))?)?;
    let trigger = state.control.create_trigger(&function, &name, body.into_spec()?).await?;
    Ok(ok_tagged(TriggerOut::new(edition, &trigger, &reached), &trigger.etag))
}

pub(crate) async fn get(
    State(state): State<ApiState>,
    edition: Edition,
    At(trigger): At<TriggerRef>,
    reached: Reached,
) -> ApiResult<Response> {
    let trigger = state.control.get_trigger(&trigger).await?;
    Ok(ok_tagged(TriggerOut::new(edition, &trigger, &reached), &trigger.etag))
}

pub(crate) async fn list(
    State(state): State<ApiState>,
    edition: Edition,
    At(function): At<FunctionRef>,
    query: Query,
    reached: Reached,
) -> ApiResult<Response> {
    let page = state.control.list_triggers(&function, &query.list()?).await?.map(|trigger| TriggerOut::new(edition, &trigger, &reached));
    Ok(ok(json!({"triggers": page.items, "nextToken": page.next_token})))
}

pub(crate) async fn update(
    State(state): State<ApiState>,
    edition: Edition,
    At(trigger): At<TriggerRef>,
    if_match: IfMatch,
    reached: Reached,
    Document(body): Document<TriggerIn>,
) -> ApiResult<Response> {
    let trigger = state.control.update_trigger(&trigger, body.into_patch()?, if_match.etag()).await?;
    let out = UpdatedTriggerOut { trigger: TriggerOut::new(edition, &trigger, &reached), status: None, target_arn: None };
    Ok(ok_tagged(out, &trigger.etag))
}

pub(crate) async fn delete(State(state): State<ApiState>, At(trigger): At<TriggerRef>, if_match: IfMatch) -> ApiResult<Response> {
    state.control.delete_trigger(&trigger, if_match.etag()).await?;
    Ok(no_content())
}
