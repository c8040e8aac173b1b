//! Headers that every answer of the console carries; pages add their content policy (`app::shell`).

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// Adds what is not set yet.
pub(super) async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut fill = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    fill(X_CONTENT_TYPE_OPTIONS, "nosniff");
    fill(X_FRAME_OPTIONS, "DENY");
    // Forms of ours need the full address to be shown again when they are refused; other sites get none.
    fill(REFERRER_POLICY, "same-origin");
    fill(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    fill(CACHE_CONTROL, "no-store");
    fill(CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    response
}
