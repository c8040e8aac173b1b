//! Answers and refusals that several operations share.

use crate::error::{ApiError, ApiResult};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::{ControlPlane, ErrorCode, FunctionRef, Qualifier, ServiceName, UnixMillis};
use serde::Serialize;

/// 200 with a JSON object.
pub(super) fn ok(body: impl Serialize) -> Response {
    Json(body).into_response()
}

/// 200 with a JSON object and the resource's ETag, sent without quotes (`fc-api.md` 1.6).
pub(super) fn ok_tagged(body: impl Serialize, etag: &str) -> Response {
    let mut response = ok(body);
    if let Ok(etag) = HeaderValue::from_str(etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}

/// 204 without body and content type (`fc-api.md` 1.4).
pub(super) fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// Instants of management resources: ISO 8601 to the second (`fc-api.md` 1.7).
pub(super) fn instant(at: UnixMillis) -> String {
    let text = model::format::rfc3339(at);
    format!("{}Z", text.get(..19).unwrap_or(&text))
}

/// 404 for a qualifier that the service does not have: digits name a version, anything else an alias.
pub(super) fn no_qualifier(service: &ServiceName, qualifier: &Qualifier) -> ApiError {
    let name = qualifier.as_str();
    let (code, kind) = match name.bytes().all(|byte| byte.is_ascii_digit()) {
        true => (ErrorCode::VersionNotFound, "version"),
        false => (ErrorCode::AliasNotFound, "alias"),
    };
    ApiError::new(code, format!("{kind} '{name}' of service '{service}' does not exist"))
}

/// Refuses a qualifier that does not exist; a missing service or function is told first.
pub(super) async fn require_qualifier(control: &dyn ControlPlane, function: &FunctionRef, qualifier: &Qualifier) -> ApiResult<()> {
    if qualifier.is_latest() {
        return Ok(());
    }
    control.get_function(function).await?;
    Err(no_qualifier(&function.service, qualifier))
}
