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
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::convert::Infallible;

/// Body of CreateTrigger and UpdateTrigger; the latter ignores name, type and source.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerIn {
    trigger_name: Option<String>,
    trigger_type: Option<String>,
    trigger_config: Option<Value>,
    source_arn: Option<String>,
    invocation_role: Option<String>,
    qualifier: Option<String>,
    description: Option<String>,
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
fn trigger_out(edition: Edition, trigger: &Trigger, reached: &Reached) -> Value {
    let spec = &trigger.spec;
    let address = reached.address(trigger);
    let source = (spec.kind != TriggerKind::Http && !spec.source_arn.is_empty()).then_some(&spec.source_arn);
    json!({
        "triggerName": trigger.name,
        "triggerId": trigger.id,
        "triggerType": spec.kind.as_str(),
        "triggerConfig": edition.trigger_config(spec.config.wire()),
        "sourceArn": source,
        "invocationRole": spec.invocation_role,
        "qualifier": spec.qualifier,
        "description": spec.description,
        "domainName": address.is_some().then(|| reached.host.split(':').next()),
        "urlInternet": address,
        "urlIntranet": address,
        "createdTime": instant(trigger.created_at),
        "lastModifiedTime": instant(trigger.modified_at),
    })
}

/// The same with the members that only UpdateTrigger has.
fn updated_out(edition: Edition, trigger: &Trigger, reached: &Reached) -> Value {
    let mut out = trigger_out(edition, trigger, reached);
    if let Value::Object(members) = &mut out {
        members.insert("status".to_owned(), Value::Null);
        members.insert("targetArn".to_owned(), Value::Null);
    }
    out
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
    Ok(ok_tagged(trigger_out(edition, &trigger, &reached), &trigger.etag))
}

pub(crate) async fn get(
    State(state): State<ApiState>,
    edition: Edition,
    At(trigger): At<TriggerRef>,
    reached: Reached,
) -> ApiResult<Response> {
    let trigger = state.control.get_trigger(&trigger).await?;
    Ok(ok_tagged(trigger_out(edition, &trigger, &reached), &trigger.etag))
}

pub(crate) async fn list(
    State(state): State<ApiState>,
    edition: Edition,
    At(function): At<FunctionRef>,
    query: Query,
    reached: Reached,
) -> ApiResult<Response> {
    let page = state.control.list_triggers(&function, &query.list()?).await?.map(|trigger| trigger_out(edition, &trigger, &reached));
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
    Ok(ok_tagged(updated_out(edition, &trigger, &reached), &trigger.etag))
}

pub(crate) async fn delete(State(state): State<ApiState>, At(trigger): At<TriggerRef>, if_match: IfMatch) -> ApiResult<Response> {
    state.control.delete_trigger(&trigger, if_match.etag()).await?;
    Ok(no_content())
}
