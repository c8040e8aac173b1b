//! TagResource, UntagResource, GetResourceTags, ListTaggedResources (`fc-api.md` 3.6). Services are the only resources with tags.

use super::respond::ok;
use crate::{
    error::{ApiError, ApiResult},
    extract::{Document, Query},
    state::{ApiState, Call},
};
use axum::{extract::State, response::Response};
use model::{ErrorCode, Region, ServiceName, ServiceRef, Tags, Untag};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// Before each tag in the query of ListServices.
const FILTER: &str = "tag_";

/// Body of TagResource.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TagIn {
    resource_arn: Option<String>,
    /// A value may be missing.
    tags: Option<BTreeMap<String, Option<String>>>,
}

/// Body of UntagResource.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UntagIn {
    resource_arn: Option<String>,
    tag_keys: Option<Vec<String>>,
    /// Counts only when no keys are named.
    all: Option<bool>,
}

/// A service and its tags.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TagsOut {
    resource_arn: String,
    tags: BTreeMap<String, String>,
}

/// Answer of TagResource and UntagResource.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaggedOut {
    request_id: String,
}

/// The service that `acs:fc:{region}:{account}:services/{service}` or `services/{service}` names.
fn service_of(state: &ApiState, call: &Call, arn: Option<&str>) -> ApiResult<ServiceRef> {
    let arn = arn.filter(|arn| !arn.is_empty()).ok_or_else(|| ApiError::invalid("member 'resourceArn' is required"))?;
    let wrong = || {
        let allowed = "acs:fc:{region}:{account}:services/{service} or services/{service}; only services have tags";
        ApiError::invalid(format!("ResourceArn is set to an invalid value (allowed: {allowed}; actual: '{arn}')"))
    };
    let (region, path) = match arn.strip_prefix("acs:fc:") {
        None => ("", arn),
        Some(rest) => {
            let mut parts = rest.splitn(3, ':');
            let (Some(region), Some(account), Some(path)) = (parts.next(), parts.next(), parts.next()) else { return Err(wrong()) };
            if !account.is_empty() && account != state.account_id.as_str() {
                let message = format!("the access key does not belong to account '{account}'");
                return Err(ApiError::new(ErrorCode::AccessDenied, message));
            }
            (region, path)
        }
    };
    let service = ServiceName::parse(path.strip_prefix("services/").filter(|name| !name.contains('/')).ok_or_else(wrong)?)?;
    let region = if region.is_empty() { call.region.clone() } else { Region::from_stored(region) };
    Ok(ServiceRef { region, service })
}

fn arn_of(state: &ApiState, service: &ServiceRef) -> String {
    format!("acs:fc:{}:{}:services/{}", service.region, state.account_id, service.service)
}

/// One SDK reads the answer as JSON, so there is some (`fc-api.md` 1.3).
fn done(call: &Call) -> Response {
    ok(TaggedOut { request_id: call.request_id.to_string() })
}

pub(crate) async fn tag(State(state): State<ApiState>, call: Call, Document(body): Document<TagIn>) -> ApiResult<Response> {
    let service = service_of(&state, &call, body.resource_arn.as_deref())?;
    let tags = body.tags.unwrap_or_default().into_iter().map(|(name, value)| (name, value.unwrap_or_default())).collect();
    state.control.tag_service(&service, Tags(tags)).await?;
    Ok(done(&call))
}

pub(crate) async fn untag(State(state): State<ApiState>, call: Call, Document(body): Document<UntagIn>) -> ApiResult<Response> {
    let service = service_of(&state, &call, body.resource_arn.as_deref())?;
    let which = match (body.tag_keys.filter(|keys| !keys.is_empty()), body.all) {
        (Some(keys), _) => Untag::Named(keys),
        (None, Some(true)) => Untag::All,
        (None, _) => return Err(ApiError::invalid("member 'tagKeys' is required unless 'all' is true")),
    };
    state.control.untag_service(&service, &which).await?;
    Ok(done(&call))
}

pub(crate) async fn get(State(state): State<ApiState>, call: Call, query: Query) -> ApiResult<Response> {
    let service = service_of(&state, &call, query.get("resourceArn"))?;
    let tags = state.control.service_tags(&service).await?;
    Ok(ok(TagsOut { resource_arn: arn_of(&state, &service), tags: tags.0 }))
}

pub(crate) async fn list(State(state): State<ApiState>, call: Call, query: Query) -> ApiResult<Response> {
    let page = state.control.list_tagged_services(&call.region, &query.list()?).await?;
    let page = page.map(|one| TagsOut { resource_arn: arn_of(&state, &one.service), tags: one.tags.0 });
    Ok(ok(json!({"resources": page.items, "nextToken": page.next_token})))
}

/// The tags that a ListServices asks for, `tag_{name}={value}` each.
pub(super) fn filter(query: &Query) -> Tags {
    Tags(query.pairs().filter_map(|(name, value)| Some((name.strip_prefix(FILTER)?.to_owned(), value.to_owned()))).collect())
}
