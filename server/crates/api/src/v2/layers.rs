//! CreateLayerVersion, GetLayerVersion, DeleteLayerVersion, ListLayers, ListLayerVersions, PutLayerACL, and the legacy GetLayerVersionByArn
//! (`fc-api.md` 1.3, 3.9).

use super::{
    code_link,
    function_wire::{CodeIn, code_of},
    respond::{instant, no_content, ok},
};
use crate::{
    error::{ApiError, ApiResult},
    extract::{Document, Query, path_part},
    legacy,
    state::{self, ApiState, Call},
};
use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderMap, Uri, request::Parts},
    response::Response,
};
use model::{LayerName, LayerRef, LayerSpec, LayerVersion, LayerVersionRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Body of CreateLayerVersion.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LayerIn {
    code: Option<CodeIn>,
    description: Option<String>,
    compatible_runtime: Option<Vec<String>>,
    license: Option<String>,
}

/// The version as every answer shows it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LayerOut {
    layer_name: String,
    version: u32,
    description: String,
    license: String,
    compatible_runtime: Vec<String>,
    /// `0`: seen by this account; `1`: public.
    acl: &'static str,
    arn: String,
    arn_v2: String,
    code_size: u64,
    /// The same under the name that one SDK reads after CreateLayerVersion.
    codesize: u64,
    /// CRC-64/XZ of the archive, in decimal.
    code_checksum: String,
    /// Empty in lists.
    code: LocationOut,
    create_time: String,
}

/// Where the archive is had.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LocationOut {
    location: String,
    repository_type: String,
}

fn layer_out(state: &ApiState, layer: &LayerVersion, location: String) -> LayerOut {
    let arn = format!("acs:fc:{}:{}:{}", layer.at.layer.region, state.account_id, layer.at.path());
    let repository_type = if location.is_empty() { String::new() } else { "HTTP".to_owned() };
    LayerOut {
        layer_name: layer.at.layer.layer.to_string(),
        version: layer.at.version,
        description: layer.spec.description.clone(),
        license: layer.spec.license.clone(),
        compatible_runtime: layer.spec.compatible_runtimes.clone(),
        acl: if layer.is_public { "1" } else { "0" },
        arn: arn.clone(),
        arn_v2: arn,
        code_size: layer.code_size,
        codesize: layer.code_size,
        code_checksum: layer.code_checksum.clone(),
        code: LocationOut { location, repository_type },
        create_time: instant(layer.created_at),
    }
}

/// The layer that the path names, in the call's region.
pub(crate) struct OfPath(LayerRef);

impl<S: Send + Sync> FromRequestParts<S> for OfPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let region = Call::from_request_parts(parts, state).await?.region;
        Ok(Self(LayerRef { region, layer: LayerName::parse(&path_part(parts, "layer").await?)? }))
    }
}

/// The version of a layer that the path names.
pub(crate) struct VersionOfPath(LayerVersionRef);

impl<S: Send + Sync> FromRequestParts<S> for VersionOfPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let OfPath(layer) = OfPath::from_request_parts(parts, state).await?;
        let version = number("Version", &path_part(parts, "layer_version").await?)?;
        Ok(Self(LayerVersionRef { layer, version }))
    }
}

fn number(name: &str, given: &str) -> ApiResult<u32> {
    given.parse().ok().filter(|number| *number > 0 && *number <= i32::MAX as u32).ok_or_else(|| {
        ApiError::invalid(format!("{name} is set to an invalid value (allowed: the number of a version; actual: '{given}')"))
    })
}

pub(crate) async fn create(State(state): State<ApiState>, OfPath(layer): OfPath, Document(body): Document<LayerIn>) -> ApiResult<Response> {
    let code = code_of(body.code)?.ok_or_else(|| ApiError::invalid("member 'code' is required"))?;
    let spec = LayerSpec {
        description: body.description.unwrap_or_default(),
        license: body.license.unwrap_or_default(),
        compatible_runtimes: body.compatible_runtime.unwrap_or_default(),
    };
    let made = state.control.create_layer_version(&layer, spec, code).await?;
    Ok(ok(layer_out(&state, &made, String::new())))
}

/// What a link is made from.
pub(crate) struct Link {
    call: Call,
    headers: HeaderMap,
    uri: Uri,
}

impl<S: Send + Sync> FromRequestParts<S> for Link {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let call = Call::from_request_parts(parts, state).await?;
        Ok(Self { call, headers: parts.headers.clone(), uri: parts.uri.clone() })
    }
}

async fn shown(state: &ApiState, at: &LayerVersionRef, link: &Link) -> ApiResult<Response> {
    let found = state.control.get_layer_version(at).await?;
    let host = legacy::host_with_port(state::host(&link.headers, &link.uri), &link.headers, state.port).into_owned();
    let path = format!("/layer-code/{}/{}/{}", at.layer.region, at.layer.layer, at.version);
    let location = code_link::signed(state, &link.call, &path, &host, &link.headers).await?;
    Ok(ok(layer_out(state, &found, location)))
}

pub(crate) async fn get(State(state): State<ApiState>, VersionOfPath(at): VersionOfPath, link: Link) -> ApiResult<Response> {
    shown(&state, &at, &link).await
}

/// The version that an ARN in the path names.
pub(crate) struct ArnOfPath(String);

impl<S: Send + Sync> FromRequestParts<S> for ArnOfPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        Ok(Self(path_part(parts, "arn").await?))
    }
}

pub(crate) async fn by_arn(State(state): State<ApiState>, ArnOfPath(arn): ArnOfPath, link: Link) -> ApiResult<Response> {
    let at = LayerVersionRef::parse(&arn, &link.call.region)?;
    shown(&state, &at, &link).await
}

pub(crate) async fn list(State(state): State<ApiState>, call: Call, query: Query) -> ApiResult<Response> {
    let page = state.control.list_layers(&call.region, &query.list()?).await?.map(|layer| layer_out(&state, &layer, String::new()));
    Ok(ok(json!({"layers": page.items, "nextToken": page.next_token})))
}

/// Numbers are numbers here, also that of the next version: 0 after the last one.
pub(crate) async fn versions(State(state): State<ApiState>, OfPath(layer): OfPath, query: Query) -> ApiResult<Response> {
    let start = query.get("startVersion").map(|given| number("StartVersion", given)).transpose()?.unwrap_or(1);
    let page = state.control.list_layer_versions(&layer, start, query.list()?.limit).await?;
    let next: u32 = page.next_token.parse().unwrap_or(0);
    let page = page.map(|layer| layer_out(&state, &layer, String::new()));
    Ok(ok(json!({"layers": page.items, "nextVersion": next})))
}

pub(crate) async fn delete(State(state): State<ApiState>, VersionOfPath(at): VersionOfPath) -> ApiResult<Response> {
    state.control.delete_layer_version(&at).await?;
    Ok(no_content())
}

pub(crate) async fn acl(State(state): State<ApiState>, OfPath(layer): OfPath, query: Query) -> ApiResult<Response> {
    let is_public = match query.get("public").map(str::to_ascii_lowercase).as_deref() {
        Some("true") => true,
        None | Some("false") => false,
        Some(given) => {
            return Err(ApiError::invalid(format!("Public is set to an invalid value (allowed: true or false, actual: '{given}')")));
        }
    };
    state.control.put_layer_acl(&layer, is_public).await?;
    Ok(ok(json!({})))
}
