//! Answers and refusals that several operations share.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::UnixMillis;
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
