//! The outermost layer: request id, error body, and one log line per failure of ours.

use crate::{error::ApiError, state};
use axum::{Router, extract::Request, http::HeaderValue, middleware::Next, response::Response};
use model::{Error, RequestId};
use tracing::Instrument;

/// On every answer (`fc-api.md` 1.2).
const REQUEST_ID_HEADER: &str = "x-fc-request-id";

/// Gives the request its id, completes an error's body with it and logs what is our fault. The engine's own lines about the cause
/// carry the id too: they are written inside the span.
pub(crate) async fn boundary(mut request: Request, next: Next) -> Response {
    let id = RequestId::generate();
    let host = state::host(request.headers(), request.uri()).to_owned();
    let span = tracing::info_span!("http.request", request.id = %id, http.method = %request.method(), http.path = request.uri().path());
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Some(failure) = response.extensions_mut().remove::<ApiError>() {
        if failure.0.status() >= 500 {
            span.in_scope(|| tracing::error!(error.code = %failure.0.code, error.message = failure.0.message, "request failed"));
        }
        response = failure.render(&id, &host);
    }
    name(&mut response, &id);
    response
}

/// Answers every request with this error, and logs none: for connections beyond the limit.
pub fn refusing(error: Error) -> Router {
    let failure = ApiError(error);
    Router::new().fallback(move |request: Request| {
        let id = RequestId::generate();
        let mut response = failure.render(&id, state::host(request.headers(), request.uri()));
        name(&mut response, &id);
        std::future::ready(response)
    })
}

fn name(response: &mut Response, id: &RequestId) {
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(REQUEST_ID_HEADER, value);
    }
}
