//! Lets in requests whose signature holds; operations behind it see a [`Call`] and a body that was read and checked.

use super::acs3::{self, Authorization};
use crate::{
    body::{self, Limit},
    error::{ApiError, ApiResult},
    extract::{Payload, header_text},
    state::{self, ApiState, Call},
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use model::{Error, ErrorCode, Region, RequestId};
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
    match admit(&gate.state, &parts).await {
        Err(refusal) => {
            body::drain(&parts.headers, body).await;
            refusal.into_response()
        }
        Ok((call, claimed)) => match verified_body(&gate, &parts.headers, body, claimed).await {
            Err(refusal) => refusal.into_response(),
            Ok(payload) => {
                parts.extensions.insert(call);
                parts.extensions.insert(payload);
                next.run(Request::from_parts(parts, axum::body::Body::empty())).await
            }
        },
    }
}

/// Lets in a call of an HTTP function whose trigger asks for a signature. Further schemes (`FC`, presigned addresses: `fc-api.md` 2.1, 2.4)
/// belong in here.
pub(crate) async fn signed(state: &ApiState, parts: &Parts, body: axum::body::Body, limit: Limit) -> ApiResult<(Call, Bytes)> {
    match admit(state, parts).await {
        Err(refusal) => {
            body::drain(&parts.headers, body).await;
            Err(refusal)
        }
        Ok((call, claimed)) => {
            let gate = Gate { state: state.clone(), limit };
            let Payload(bytes) = verified_body(&gate, &parts.headers, body, claimed).await?;
            Ok((call, bytes))
        }
    }
}

/// Everything that can be checked without the body; returns the body's hash as the signature has it.
async fn admit(state: &ApiState, parts: &Parts) -> ApiResult<(Call, [u8; 32])> {
    let authorization =
        header_text(&parts.headers, header::AUTHORIZATION.as_str()).ok_or_else(|| ApiError::missing_header("Authorization"))?;
    let authorization = Authorization::parse(authorization)?;
    let key = state
        .identity
        .access_key(authorization.key_id)
        .await?
        .ok_or_else(|| ApiError::new(ErrorCode::InvalidAccessKeyID, format!("invalid access key ID '{}'", authorization.key_id)))?;
    acs3::check_date(&parts.headers, (state.now)(), state.skew_ms)?;
    let hash = header_text(&parts.headers, acs3::CONTENT_HASH).ok_or_else(|| ApiError::missing_header(acs3::CONTENT_HASH))?;
    let claimed = acs3::digest(hash).ok_or_else(|| ApiError::invalid(format!("{} must be 64 hex digits", acs3::CONTENT_HASH)))?;
    authorization.verify(parts, &key.secret, hash)?;
    let region = addressed(state, parts)?;
    let request_id = parts.extensions.get::<RequestId>().cloned().ok_or_else(Error::internal)?;
    Ok((Call { request_id, access_key_id: key.id, region }, claimed))
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

async fn verified_body(gate: &Gate, headers: &HeaderMap, body: axum::body::Body, claimed: [u8; 32]) -> ApiResult<Payload> {
    let read = body::read(headers, body, gate.limit.bytes(headers)).await?;
    if bool::from(read.sha256.ct_eq(&claimed)) {
        return Ok(Payload(read.bytes));
    }
    let message = format!("{} differs from the SHA-256 of the body: the body was changed on its way", acs3::CONTENT_HASH);
    Err(ApiError::new(ErrorCode::SignatureNotMatch, message))
}
