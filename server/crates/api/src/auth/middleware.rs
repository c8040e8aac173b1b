//! Lets in requests whose signature holds; operations behind it see a [`Call`] and a body that was read and checked.

use super::{Authorization, access, acs3, of_header, of_http_call};
use crate::{
    actions,
    body::{self, Limit},
    error::{ApiError, ApiResult},
    extract::{Payload, header_text},
    state::{self, ApiState, Call},
    uploads::{Share, Uploads},
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use model::{Error, ErrorCode, Region, ServiceName};
use subtle::ConstantTimeEq;

/// The layer's state: how long a body may be differs by operation.
#[derive(Clone)]
pub(crate) struct Gate {
    pub state: ApiState,
    pub limit: Limit,
}

/// Verifies the signature over the headers first and only then reads the body, so that strangers can't make us hold one.
pub(crate) async fn authenticate(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let uploads = &gate.state.uploads;
    match admit(&gate.state, &parts).await {
        Err(refusal) => {
            body::drain(&parts.headers, body).await;
            refusal.into_response()
        }
        Ok(Admitted { call, body_sha256 }) => match verified_body(uploads, &parts.headers, body, gate.limit, body_sha256).await {
            Err(refusal) => refusal.into_response(),
            Ok((bytes, share)) => {
                let Some(operation) = actions::operation(&parts) else {
                    tracing::error!(http.path = parts.uri.path(), "a route without an action: it has to be in the table of operations");
                    return ApiError(Error::internal()).into_response();
                };
                parts.extensions.insert(call.clone());
                parts.extensions.insert(Payload(bytes));
                let request = Request::from_parts(parts, axum::body::Body::empty());
                access::perform(&gate.state, operation, call, share, request, next).await
            }
        },
    }
}

/// A request whose signature holds, before its body was read.
pub(crate) struct Admitted {
    pub call: Call,
    /// SHA-256 that the body must have; `None` when the signature does not cover it.
    pub body_sha256: Option<[u8; 32]>,
}

/// Everything of a management call that can be checked without the body.
async fn admit(state: &ApiState, parts: &Parts) -> ApiResult<Admitted> {
    check(state, parts, of_header(parts)?).await
}

/// The same for a call of an HTTP function of this service that asks for a signature: by a presigned address or by a header, the query signed
/// too.
pub(crate) async fn admit_http_call(state: &ApiState, parts: &Parts, service: &ServiceName) -> ApiResult<Admitted> {
    let admitted = check(state, parts, of_http_call(parts)?).await?;
    access::check_http_call(&admitted.call, service)?;
    Ok(admitted)
}

async fn check(state: &ApiState, parts: &Parts, authorization: Box<dyn Authorization>) -> ApiResult<Admitted> {
    let key_id = authorization.key_id();
    let found = state.identity.access_key(key_id).await?;
    let key = found.ok_or_else(|| ApiError::new(ErrorCode::InvalidAccessKeyID, format!("invalid access key ID '{key_id}'")))?;
    authorization.check_date(parts, (state.now)(), state.skew_ms)?;
    let body_sha256 = authorization.verify(parts, &key.secret)?;
    if let Some(replays) = &state.replays
        && let Some(nonce) = authorization.nonce(parts)?
    {
        replays.admit(key_id, nonce, (state.now)())?;
    }
    state.identity.note_use(key_id);
    let region = addressed(state, parts)?;
    let request_id = access::request_id(parts)?;
    Ok(Admitted { call: Call { request_id, access_key_id: key.id, policy: key.policy, role: key.role, region }, body_sha256 })
}

/// The region that the call is for; refuses a call that names another account than the key's (`fc-api.md` 1.1).
pub(crate) fn addressed(state: &ApiState, parts: &Parts) -> ApiResult<Region> {
    let (account, region) = state::vendor_host(state::host(&parts.headers, &parts.uri)).unzip();
    if let Some(other) =
        header_text(&parts.headers, "x-fc-account-id").into_iter().chain(account).find(|given| *given != state.account_id.as_str())
    {
        return Err(ApiError::new(ErrorCode::AccessDenied, format!("the access key does not belong to account '{other}'")));
    }
    let region = region.or(header_text(&parts.headers, "x-fc-region"));
    Ok(region.map_or_else(|| state.default_region.clone(), Region::from_stored))
}

/// Reads a body and compares it with the hash that was signed, if one was. Its share of the memory is to be kept until the request has been
/// answered.
pub(crate) async fn verified_body(
    uploads: &Uploads,
    headers: &HeaderMap,
    body: axum::body::Body,
    limit: Limit,
    claimed: Option<[u8; 32]>,
) -> ApiResult<(Bytes, Share)> {
    let read = body::read(uploads, headers, body, limit.bytes(headers)).await?;
    if claimed.is_none_or(|claimed| bool::from(read.sha256.ct_eq(&claimed))) {
        return Ok((read.bytes, read.share));
    }
    let message = format!("{} differs from the SHA-256 of the body: the body was changed on its way", acs3::CONTENT_HASH);
    Err(ApiError::new(ErrorCode::SignatureNotMatch, message))
}
