//! The OpenAPI 3.1 document of this API, made from the table of operations and the types that they read and write; as JSON and as a page.

mod build;
mod describe;
mod page;
mod shapes;

use axum::{
    Json, Router,
    http::{HeaderValue, header},
    response::{Html, IntoResponse},
    routing::get,
};
use serde_json::Value;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> = LazyLock::new(build::document);
static PAGE: LazyLock<String> = LazyLock::new(|| page::html(&DOCUMENT));

/// Nothing but the page's own style sheet.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The document.
pub fn openapi() -> &'static Value {
    &DOCUMENT
}

/// `/openapi.json` and the page `/openapi`, for everybody: they say nothing of what is stored.
pub fn openapi_router() -> Router {
    Router::new()
        .route("/openapi.json", get(|| async { Json(openapi()) }))
        .route("/openapi", get(shown))
        .route("/openapi.css", get(|| async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], page::STYLE) }))
}

async fn shown() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, Html(PAGE.as_str()))
}
