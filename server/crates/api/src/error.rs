//! The one way in which a failure becomes an answer (`fc-api.md` 1.5).

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use model::{Error, ErrorCode, RequestId};
use serde::Serialize;

/// A failure on its way out: the answer carries it until `boundary`, which knows request id and host, writes the body.
#[derive(Debug, Clone)]
pub(crate) struct ApiError(pub Error);

/// What every operation returns.
pub(crate) type ApiResult<T> = Result<T, ApiError>;

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl ApiError {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Error::new(code, message))
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self(Error::invalid(message))
    }

    pub fn too_large(most: usize) -> Self {
        Self::new(ErrorCode::EntityTooLarge, format!("payload size exceeds maximum allowed size ({most} bytes)"))
    }

    pub fn missing_header(name: &str) -> Self {
        Self::new(ErrorCode::MissingRequiredHeader, format!("required HTTP header {name} was not specified"))
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The answer with its body: the members of every SDK generation at once.
    pub fn render(&self, request_id: &RequestId, host: &str) -> Response {
        let (code, message) = (self.0.code.as_str(), self.0.message.as_str());
        let body = Body { request_id: request_id.as_str(), host_id: host, code, message, error_code: code, error_message: message };
        (self.status(), Json(body)).into_response()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    request_id: &'a str,
    host_id: &'a str,
    code: &'a str,
    message: &'a str,
    error_code: &'a str,
    error_message: &'a str,
}
