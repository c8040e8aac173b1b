//! Server functions, called by script or posted as a form by the browser itself.

use super::pages;
use super::router::Web;
use super::words::without;
use api::{Share, Uploads};
use app::error::ConsoleError;
use app::forms::{PAGE_PARAMETER, Posted, PostedForm};
use app::language::words;
use app::routes::{self, Route};
use app::server::{Console, MULTIPART_FNS, SET_TIME_ZONE, SHOWN_FNS};
use app::zone::ZONE_PARAMETER;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use futures::StreamExt;
use http_body_util::{LengthLimitError, Limited};
use leptos::context::provide_context;
use leptos::prelude::FromServerFnError;
use model::{Error, ErrorCode, limits};
use std::sync::Arc;

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
pub(super) async fn call(State(web): State<Arc<Web>>, Extension(console): Extension<Console>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    let from = page_in(request.uri()).unwrap_or_else(|| page_of(&headers));
    let is_multipart = has_boundary(&headers);
    if MULTIPART_FNS.contains(&path.as_str()) && !is_multipart {
        let why = words("This form has to be sent as multipart/form-data.");
        return (StatusCode::BAD_REQUEST, format!("{why}\n")).into_response();
    }
    let by_browser = posted_by_browser(&headers);
    let most = if by_browser { limits::FORM_BYTES_MAX } else { limits::CALL_BYTES_MAX };
    let Taken { mut request, form, share } = match take(&web.state.uploads, &console, request, is_multipart, most).await {
        Ok(taken) => taken,
        Err(error) if by_browser => {
            return again(console, &headers, &from, Posted { path, page: from.clone(), outcome: Err(error), fields: Vec::new() }).await;
        }
        Err(error) => return refused(path, &error),
    };
    if by_browser {
        // As if a script had made it.
        request.headers_mut().remove(header::ACCEPT);
    }
    let response = run(&console, request).await;
    drop(share);
    if !by_browser {
        return with_status(response).await;
    }
    let outcome = match error_of(&response) {
        None if SHOWN_FNS.contains(&path.as_str()) && !response.headers().contains_key(header::LOCATION) => read_value(response).await,
        // A zone that the address names would hide what was chosen.
        None if path == SET_TIME_ZONE => return follow(response, without(&from, ZONE_PARAMETER)),
        None => return follow(response, from),
        Some(Ok(())) => Err(read_error(response).await),
        Some(Err(error)) => Err(error),
    };
    if outcome.as_ref().is_err_and(|error| error.code == ErrorCode::Unauthenticated) {
        return Redirect::to(&routes::sign_in_then(&from)).into_response();
    }
    let mut typed = form_urlencoded::parse(&form).into_owned().filter(|(name, _)| !SECRETS.contains(&name.as_str())).collect();
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

/// A request whose body is in memory, but for that of a form with a file.
struct Taken {
    request: Request,
    /// The body again; empty for a form with a file.
    form: Bytes,
    /// The body's memory; `None` where the function will not read it, since there is no session.
    share: Option<Share>,
}

/// Reads the body of a form without a file. Errors: there is no memory for it, it is too long, or it does not come.
async fn take(uploads: &Uploads, console: &Console, request: Request, is_multipart: bool, most: usize) -> Result<Taken, ConsoleError> {
    let ours = |error: Error| ConsoleError { request_id: console.request_id.to_string(), ..error.into() };
    let (parts, body) = request.into_parts();
    // What is longer is not kept.
    let kept = if is_multipart { limits::CODE_ZIP_BYTES_MAX } else { most };
    let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let is_read = !is_multipart || console.user.is_some();
    let share = match is_read.then(|| uploads.share(announced.unwrap_or(kept).min(kept))).transpose() {
        Ok(share) => share,
        Err(error) => {
            drain(body).await;
            return Err(ours(error));
        }
    };
    if is_multipart {
        let body = Body::new(Limited::new(body, limits::UPLOAD_FORM_BYTES_MAX));
        return Ok(Taken { request: Request::from_parts(parts, body), form: Bytes::new(), share });
    }
    match to_bytes(body, most).await {
        Ok(form) => Ok(Taken { request: Request::from_parts(parts, Body::from(form.clone())), form, share }),
        Err(error) => Err(ours(unread(error.into_inner().is::<LengthLimitError>(), most))),
    }
}

fn unread(is_too_long: bool, most: usize) -> Error {
    if is_too_long {
        return Error::new(ErrorCode::EntityTooLarge, format!("The form is larger than {}.", model::format::bytes(most as u64)));
    }
    Error::new(ErrorCode::RequestTimeout, "The form was cut off. Try again.")
}

/// Reads and drops a body, so that the browser gets to read the answer.
async fn drain(body: Body) {
    let mut pieces = Body::new(Limited::new(body, limits::UPLOAD_FORM_BYTES_MAX)).into_data_stream();
    while let Some(Ok(_)) = pieces.next().await {}
}

/// An error that the function was not even asked about, as the function would have answered with it.
fn refused(path: String, error: &ConsoleError) -> Response {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::BAD_REQUEST);
    (status, [(ERROR_MARK, path), (header::CONTENT_TYPE.as_str(), "application/json".to_owned())], error.ser()).into_response()
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

/// The address of the page that the form or link was on.
pub(super) fn page_of(headers: &HeaderMap) -> String {
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
