//! Server functions, called by script or posted as a form by the browser itself.

use super::pages;
use app::error::ConsoleError;
use app::forms::{PAGE_PARAMETER, Posted, PostedForm};
use app::routes::{self, Route};
use app::server::{Console, MULTIPART_FNS, SHOWN_FNS};
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::context::provide_context;
use leptos::prelude::FromServerFnError;
use model::ErrorCode;

/// Bytes of a form without a file.
const FORM_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a value that is shown on its form's page.
const VALUE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of an error that a server function returns.
const ERROR_BYTES_MAX: usize = 64 * 1024;
/// Marks an answer as an error of the function.
const ERROR_MARK: &str = "serverfnerror";
/// Fields that are never sent back.
const SECRETS: [&str; 3] = ["password", "repeated", "present"];

/// Runs a server function. What a script called gets the answer as it is, with the error's status; a form that the browser posted
/// gets a page: on success another one (303), or the same with the function's value where that is shown there; after an error the same
/// again with the error and what was typed.
pub(super) async fn call(Extension(console): Extension<Console>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let page = page_in(request.uri());
    let headers = request.headers().clone();
    let is_multipart = has_boundary(&headers);
    if MULTIPART_FNS.contains(&path.as_str()) && !is_multipart {
        return (StatusCode::BAD_REQUEST, "This form has to be sent as multipart/form-data.\n").into_response();
    }
    if !posted_by_browser(&headers) {
        return with_status(run(&console, request).await).await;
    }
    let (request, mut typed) = match without_accept(request, is_multipart).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let response = run(&console, request).await;
    let from = page.unwrap_or_else(|| page_of(&headers));
    let outcome = match error_of(&response) {
        None if SHOWN_FNS.contains(&path.as_str()) && !response.headers().contains_key(header::LOCATION) => read_value(response).await,
        None => return follow(response, from),
        Some(Ok(())) => Err(read_error(response).await),
        Some(Err(error)) => Err(error),
    };
    if outcome.as_ref().is_err_and(|error| error.code == ErrorCode::Unauthenticated) {
        return Redirect::to(&routes::sign_in_then(&from)).into_response();
    }
    if is_multipart {
        typed = console.read_fields.lock().map(|read| read.clone()).unwrap_or_default();
    }
    again(console, &headers, &from, Posted { path, page: from.clone(), outcome, fields: typed }).await
}

async fn run(console: &Console, request: Request) -> Response {
    let console = console.clone();
    leptos_axum::handle_server_fns_with_context(move || provide_context(console.clone()), request).await.into_response()
}

fn has_boundary(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("multipart/form-data") && kind.contains("boundary=")
}

fn posted_by_browser(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// The same request as if a script had made it, and its text fields. Files are not read here.
async fn without_accept(request: Request, is_multipart: bool) -> Result<(Request, Vec<(String, String)>), Response> {
    let (mut parts, body) = request.into_parts();
    parts.headers.remove(header::ACCEPT);
    if is_multipart {
        return Ok((Request::from_parts(parts, body), Vec::new()));
    }
    let bytes = to_bytes(body, FORM_BYTES_MAX)
        .await
        .map_err(|_| (StatusCode::PAYLOAD_TOO_LARGE, "The form is larger than 1 MB.\n").into_response())?;
    let typed = form_urlencoded::parse(&bytes).into_owned().filter(|(name, _)| !SECRETS.contains(&name.as_str())).collect();
    Ok((Request::from_parts(parts, Body::from(bytes)), typed))
}

/// `None` for success; whether the error's text has to be read.
fn error_of(response: &Response) -> Option<Result<(), ConsoleError>> {
    if response.headers().contains_key(ERROR_MARK) {
        return Some(Ok(()));
    }
    let failed = response.status().is_client_error() || response.status().is_server_error();
    failed.then(|| Err(model::Error::internal().into()))
}

async fn read_value(response: Response) -> Result<String, ConsoleError> {
    let bytes = to_bytes(response.into_body(), VALUE_BYTES_MAX).await.map_err(|_| model::Error::internal())?;
    Ok(String::from_utf8(bytes.into()).map_err(|_| model::Error::internal())?)
}

async fn read_error(response: Response) -> ConsoleError {
    match to_bytes(response.into_body(), ERROR_BYTES_MAX).await {
        Ok(bytes) => ConsoleError::de(bytes),
        Err(_) => model::Error::internal().into(),
    }
}

/// Server functions answer every error with 500; the error itself knows better.
async fn with_status(response: Response) -> Response {
    if !matches!(error_of(&response), Some(Ok(()))) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, ERROR_BYTES_MAX).await.unwrap_or_default();
    parts.status = StatusCode::from_u16(ConsoleError::de(bytes.clone()).code.status()).unwrap_or(parts.status);
    Response::from_parts(parts, Body::from(bytes))
}

/// Where a successful form leads: to what the function said, else back.
fn follow(response: Response, from: String) -> Response {
    let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).map_or(from, str::to_owned);
    let mut redirect = Redirect::to(&to).into_response();
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        redirect.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    redirect
}

/// The page that the form's own address names: that of one which was refused before.
fn page_in(uri: &Uri) -> Option<String> {
    let pairs = routes::pairs(uri.query().unwrap_or_default());
    let page = pairs.into_iter().find(|(name, _)| name == PAGE_PARAMETER).map(|(_, page)| page)?;
    is_page(&page).then_some(page)
}

/// A path on this host, so that nothing leads away from it.
fn is_page(address: &str) -> bool {
    address.starts_with('/') && !address.starts_with("//") && address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
}

/// The address of the page that the form was on.
fn page_of(headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let rest = text(header::REFERER).split_once("://").map_or("", |(_, rest)| rest);
    match rest.strip_prefix(text(header::HOST)) {
        Some(path) if is_page(path) => path.split('#').next().unwrap_or("/").to_owned(),
        _ => Route::Home.path(),
    }
}

/// The form's page once more.
async fn again(console: Console, headers: &HeaderMap, from: &str, posted: Posted) -> Response {
    let (status, message) = match &posted.outcome {
        Ok(_) => (StatusCode::OK, String::new()),
        Err(error) => (StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::BAD_REQUEST), error.message.clone()),
    };
    let mut request = Request::builder().method(Method::GET).uri(from);
    if let Some(language) = headers.get(header::ACCEPT_LANGUAGE) {
        request = request.header(header::ACCEPT_LANGUAGE, language);
    }
    let Ok(request) = request.body(Body::empty()) else { return (status, message).into_response() };
    let mut response = pages::render(console, PostedForm(Some(posted)), request).await;
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_host_are_shown_again() {
        let check = |referer: &'static str, page: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("localhost:3000"));
            headers.insert(header::REFERER, HeaderValue::from_static(referer));
            assert_eq!(page_of(&headers), page, "{referer}");
        };
        check("http://localhost:3000/login?next=%2Fa", "/login?next=%2Fa");
        check("http://localhost:3000/a#b", "/a");
        check("http://localhost:3000.evil.example/a", "/");
        check("http://evil.example/a", "/");
        check("", "/");
    }

    #[test]
    fn a_refused_form_names_its_page_and_no_other_site() {
        let check = |address: &'static str, page: Option<&str>| {
            assert_eq!(page_in(&Uri::from_static(address)).as_deref(), page, "{address}");
        };
        check("/console/fn/x", None);
        check("/console/fn/x?page=%2Flogin%3Fnext%3D%252Fa", Some("/login?next=%2Fa"));
        check("/console/fn/x?page=%2F%2Fevil.example", None);
        check("/console/fn/x?page=https%3A%2F%2Fevil.example", None);
        check("/console/fn/x?page=%2F%5Cevil.example", None);
        check("/console/fn/x?page=%2Fa%0D%0Ab", None);
    }
}
