//! Refuses requests that another site makes a browser send (style B4.6).

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Lets requests that change something through only when they come from a page of ours.
pub(super) async fn same_origin(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_ours(request.headers()) {
        return next.run(request).await;
    }
    tracing::warn!(path = request.uri().path(), "a request from another site was refused");
    (StatusCode::FORBIDDEN, "This request was sent by another site and was refused.\n").into_response()
}

/// Browsers say where a request comes from; what says nothing is no browser, and has no session to be abused.
pub(super) fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let host = text(header::HOST).unwrap_or_default();
    origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_change_something() {
        let check = |pairs: &[(&'static str, &'static str)], ours: bool| {
            let headers = pairs.iter().map(|(name, value)| (name.parse().expect("name"), value.parse().expect("value"))).collect();
            assert_eq!(is_ours(&headers), ours, "{pairs:?}");
        };
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "none")], true);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("sec-fetch-site", "cross-site"), ("origin", "http://localhost:3000"), ("host", "localhost:3000")], false);
        check(&[("origin", "http://localhost:3000"), ("host", "localhost:3000")], true);
        check(&[("origin", "http://evil.example"), ("host", "localhost:3000")], false);
        check(&[("origin", "null"), ("host", "localhost:3000")], false);
        check(&[], true);
    }
}
