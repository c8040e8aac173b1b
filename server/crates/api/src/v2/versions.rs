//! PublishServiceVersion, ListServiceVersions, DeleteServiceVersion (`fc-api.md` 3.4).

use super::respond::{instant, no_content, ok};
use crate::{
    error::ApiResult,
    extract::{At, Document, IfMatch, Query, header_text},
    state::ApiState,
};
use axum::{extract::State, http::HeaderMap, response::Response};
use model::{ServiceRef, Version, VersionId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Gives the latest version instead of an error when nothing has changed since it.
const IGNORE_ERROR: &str = "x-fc-ignore-version-publish-error";

/// Body of PublishServiceVersion.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct VersionIn {
    description: Option<String>,
}

/// The version as every answer shows it; its number is text.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VersionOut {
    version_id: String,
    description: String,
    created_time: String,
    last_modified_time: String,
}

impl From<&Version> for VersionOut {
    fn from(version: &Version) -> Self {
        let created_time = instant(version.created_at);
        let last_modified_time = created_time.clone();
        Self { version_id: version.id.to_string(), description: version.description.clone(), created_time, last_modified_time }
    }
}

pub(crate) async fn publish(
    State(state): State<ApiState>,
    At(service): At<ServiceRef>,
    if_match: IfMatch,
    headers: HeaderMap,
    Document(body): Document<VersionIn>,
) -> ApiResult<Response> {
    let repeat = header_text(&headers, IGNORE_ERROR).is_some_and(|given| given.eq_ignore_ascii_case("true"));
    let description = body.description.unwrap_or_default();
    let version = state.control.publish_version(&service, &description, if_match.etag(), repeat).await?;
    Ok(ok(VersionOut::from(&version)))
}

pub(crate) async fn list(State(state): State<ApiState>, At(service): At<ServiceRef>, query: Query) -> ApiResult<Response> {
    let query = query.versions()?;
    let page = state.control.list_versions(&service, query).await?.map(|version| VersionOut::from(&version));
    Ok(ok(json!({"versions": page.items, "nextToken": page.next_token, "direction": query.direction.as_str()})))
}

pub(crate) async fn delete(State(state): State<ApiState>, At(service): At<ServiceRef>, At(version): At<VersionId>) -> ApiResult<Response> {
    state.control.delete_version(&service, version).await?;
    Ok(no_content())
}
