//! PublishServiceVersion, ListServiceVersions, DeleteServiceVersion (`fc-api.md` 3.4).

use super::respond::{instant, no_content, ok};
use crate::{
    error::ApiResult,
    extract::{At, Document, IfMatch, Query, header_text},
    state::ApiState,
};
use axum::{extract::State, http::HeaderMap, response::Response};
use model::{ServiceRef, Version, VersionId};
use serde::Deserialize;
use serde_json::{Value, json};

/// Gives the latest version instead of an error when nothing has changed since it.
const IGNORE_ERROR: &str = "x-fc-ignore-version-publish-error";

#[derive(Debug, Deserialize)]
pub(crate) struct VersionIn {
    description: Option<String>,
}

/// The version as every answer shows it; its number is text.
fn version_out(version: &Version) -> Value {
    json!({
        "versionId": version.id.to_string(),
        "description": version.description,
        "createdTime": instant(version.created_at),
        "lastModifiedTime": instant(version.created_at),
    })
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
    Ok(ok(version_out(&version)))
}

pub(crate) async fn list(State(state): State<ApiState>, At(service): At<ServiceRef>, query: Query) -> ApiResult<Response> {
    let query = query.versions()?;
    let page = state.control.list_versions(&service, query).await?.map(|version| version_out(&version));
    Ok(ok(json!({"versions": page.items, "nextToken": page.next_token, "direction": query.direction.as_str()})))
}

pub(crate) async fn delete(State(state): State<ApiState>, At(service): At<ServiceRef>, At(version): At<VersionId>) -> ApiResult<Response> {
    state.control.delete_version(&service, version).await?;
    Ok(no_content())
}
