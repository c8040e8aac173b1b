//! Download links for code packages: signed with the caller's secret, valid for an hour, for exactly the package that was asked for.
//!
//! The signature names the key, so a link works on every node, survives restarts, and dies with the key.

use crate::{
    auth::hmac_sha256,
    error::{ApiError, ApiResult},
    extract::{Query, header_text, path_part, split_service},
    legacy::{self, Edition},
    state::{self, ApiState, Call},
};
use ::acs3::ENCODED;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Uri, header},
    response::{IntoResponse, Response},
};
use model::{Error, ErrorCode, Function, FunctionName, FunctionRef, LayerName, LayerRef, LayerVersionRef, Qualifier, Region, limits};
use percent_encoding::utf8_percent_encode;
use subtle::ConstantTimeEq;

/// Where links to layers point, below the prefix.
pub(crate) const LAYER_ROUTE: &str = "/layer-code/{region}/{layer}/{version}";
/// Where links point, below the prefix.
pub(crate) const ROUTE: &str = "/code/{region}/{service}/{function}/{checksum}";

/// A link to the function's package as the qualifier shows it now.
pub(super) async fn url(
    state: &ApiState,
    call: &Call,
    function: &Function,
    qualifier: &Qualifier,
    headers: &HeaderMap,
    uri: &Uri,
) -> ApiResult<String> {
    // Names, qualifiers, regions and checksums are made of unreserved characters by their own rules; a key id is free text.
    let suffix = if qualifier.is_latest() { String::new() } else { format!(".{qualifier}") };
    let path = format!("/code/{}/{}{suffix}/{}/{}", function.region, function.service, function.name, function.code_checksum);
    signed(state, call, &path, &legacy::host_with_port(state::host(headers, uri), headers, state.port), headers).await
}

/// A link to a path below the prefix, signed by the caller's key.
pub(super) async fn signed(state: &ApiState, call: &Call, path: &str, host: &str, headers: &HeaderMap) -> ApiResult<String> {
    let key = state.identity.access_key(&call.access_key_id).await?.ok_or_else(Error::internal)?;
    let path = format!("{}{path}", Edition::Open.prefix());
    let expires_s = (state.now)().0 / 1000 + limits::CODE_LINK_S;
    let signature = hex::encode(sign(&key.secret, &path, expires_s));
    let scheme = header_text(headers, "x-forwarded-proto").filter(|scheme| *scheme == "https").unwrap_or("http");
    let key_id = utf8_percent_encode(&key.id, ENCODED);
    Ok(format!("{scheme}://{host}{path}?accessKeyId={key_id}&expires={expires_s}&signature={signature}"))
}

/// The link's text starts with a word that no request signature begins with, so that neither can stand in for the other.
fn sign(secret: &str, path: &str, expires_s: i64) -> [u8; 32] {
    hmac_sha256(secret.as_bytes(), format!("taskyard-code-link\n{path}\n{expires_s}").as_bytes())
}

pub(crate) async fn download(State(state): State<ApiState>, query: Query, request: Request) -> ApiResult<Response> {
    let mut parts = request.into_parts().0;
    verify(&state, &query, parts.uri.path()).await?;
    let (service, qualifier) = split_service(&path_part(&mut parts, "service").await?)?;
    let qualifier = qualifier.unwrap_or_else(Qualifier::latest);
    let function = FunctionRef {
        region: Region::from_stored(path_part(&mut parts, "region").await?),
        service,
        function: FunctionName::parse(&path_part(&mut parts, "function").await?)?,
    };
    if state.control.get_function_at(&function, &qualifier).await?.code_checksum != path_part(&mut parts, "checksum").await? {
        return Err(denied("the function's code has changed since this link was made; ask for a new one"));
    }
    let name = format!("attachment; filename=\"{}.zip\"", function.function);
    let code = state.control.get_code_at(&function, &qualifier).await?;
    Ok(([(header::CONTENT_TYPE, "application/zip".to_owned()), (header::CONTENT_DISPOSITION, name)], code).into_response())
}

/// A version's archive never changes, so its link needs no checksum.
pub(crate) async fn download_layer(State(state): State<ApiState>, query: Query, request: Request) -> ApiResult<Response> {
    let mut parts = request.into_parts().0;
    verify(&state, &query, parts.uri.path()).await?;
    let layer = LayerRef {
        region: Region::from_stored(path_part(&mut parts, "region").await?),
        layer: LayerName::parse(&path_part(&mut parts, "layer").await?)?,
    };
    let version = path_part(&mut parts, "version").await?.parse().map_err(|_| denied("the link is not complete"))?;
    let name = format!("attachment; filename=\"{}-{version}.zip\"", layer.layer);
    let code = state.control.get_layer_code(&LayerVersionRef { layer, version }).await?;
    Ok(([(header::CONTENT_TYPE, "application/zip".to_owned()), (header::CONTENT_DISPOSITION, name)], code).into_response())
}

async fn verify(state: &ApiState, query: &Query, path: &str) -> ApiResult<()> {
    let part = |name: &str| query.get(name).ok_or_else(|| denied("the link is not complete"));
    let (key_id, expires) = (part("accessKeyId")?, part("expires")?);
    let expires_s = expires.parse::<i64>().map_err(|_| denied("the link is not complete"))?;
    let key = state.identity.access_key(key_id).await?;
    let given = hex::decode(part("signature")?).unwrap_or_default();
    let is_genuine = key.is_some_and(|key| bool::from(sign(&key.secret, path, expires_s).ct_eq(given.as_slice())));
    if !is_genuine {
        return Err(ApiError::new(ErrorCode::SignatureNotMatch, "the signature of the link does not match"));
    }
    if (state.now)().0 / 1000 > expires_s {
        return Err(denied("the link has expired; ask for a new one"));
    }
    Ok(())
}

fn denied(reason: &str) -> ApiError {
    ApiError::new(ErrorCode::AccessDenied, reason)
}
