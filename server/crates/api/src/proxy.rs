//! Calls of HTTP functions (`fc-api.md` 1.3, 3.3): by the path `/2016-08-15/proxy/{service}[.{qualifier}]/{function}/…`, or by the header
//! `X-Fc-Invocation-Target` with such a path in front of whatever path the request has, or by the routes of the custom domain that the
//! request was sent to.
//!
//! Bodies go their way as they come: an answer in the pieces in which the function writes it, a long request to a custom runtime in those in
//! which it arrives. Other runtimes have the whole request when they begin, and a signed body has to be whole to be checked.

use crate::{
    auth,
    body::{self, Limit, Passing},
    boundary::boundary,
    error::{ApiError, ApiResult},
    extract::{header_text, split_service},
    router::unsupported,
    state::{self, ApiState, Call},
    v2::invoke::{ERROR_TYPE, RUNTIME_NOTE, is_async, put, submit},
};
use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::StreamExt;
use model::{
    CustomDomain, DomainName, DomainProtocol, Error, ErrorCode, FunctionName, FunctionRef, HttpConfig, HttpRequest, HttpResponse,
    InvocationResult, InvokeRequest, Invoked, Policy, Qualifier, Region, Role, ServiceName,
    http::{cookies_for_function, is_for_caller, is_for_function, sets_console_cookie},
    limits,
};
use std::{net::SocketAddr, sync::Arc};

/// What the paths begin with.
pub(crate) const PREFIX: &str = "/2016-08-15/proxy/";
const TARGET: &str = "x-fc-invocation-target";
/// The path that tells whether the server is alive, also to who asks by a name while the domains can't be read.
const ALIVE: &str = "/healthz";
/// Gives a function's page an origin of its own in browsers: with the console's, its scripts could act for whoever is logged in there.
const SANDBOX: &str = "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts";

/// Wraps a server's router: a request that was sent to a custom domain, or that names its target in a header, goes to that function, whatever
/// its path is.
pub fn with_targets(state: ApiState, router: Router) -> Router {
    // A router of its own, for the layers that every answer of the API passes.
    let calls = Router::new().fallback(diverted).layer(from_fn(boundary)).with_state(state.clone());
    router.layer(axum::middleware::from_fn_with_state((state, calls), divert))
}

/// The custom domain that a request was sent to, or why that can't be told.
#[derive(Clone)]
struct Asked(Result<Arc<CustomDomain>, Error>);

async fn divert(State((state, calls)): State<(ApiState, Router)>, mut request: Request, next: Next) -> Response {
    // An address, by which most callers come, is no name and costs nothing.
    let name = DomainName::of_host(state::host(request.headers(), request.uri()));
    let domain = match name {
        Some(name) => state.control.domain_of_host(&name).await.transpose(),
        None => None,
    };
    match domain {
        Some(Err(_)) if request.uri().path() == ALIVE => return next.run(request).await,
        Some(domain) => drop(request.extensions_mut().insert(Asked(domain))),
        None if header_text(request.headers(), TARGET).is_none() => return next.run(request).await,
        None => {}
    }
    // A router's error is never one.
    match tower::ServiceExt::oneshot(calls, request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Which function is called, and by which part of the path.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    service: ServiceName,
    qualifier: Qualifier,
    function: FunctionName,
    base_path: String,
    path: String,
    /// Region of the custom domain that the request was sent to; `None` when it came to this server's own address.
    domain: Option<Region>,
}

impl Target {
    /// Reads a path that begins with [`PREFIX`]; `None` when it names no function.
    fn parse(path: &str) -> ApiResult<Option<Self>> {
        let mut parts = path.strip_prefix(PREFIX).unwrap_or_default().splitn(3, '/');
        let (service, function) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if service.is_empty() || function.is_empty() {
            return Ok(None);
        }
        let (name, qualifier) = split_service(service)?;
        Ok(Some(Self {
            service: name,
            qualifier: qualifier.unwrap_or_else(Qualifier::latest),
            function: FunctionName::parse(function)?,
            base_path: format!("{PREFIX}{service}/{function}"),
            path: format!("/{}", parts.next().unwrap_or_default()),
            domain: None,
        }))
    }

    /// Where the domain's routes lead a request.
    fn of_domain(domain: &CustomDomain, request: &Request) -> ApiResult<Self> {
        let (name, path) = (&domain.at.name, request.uri().path());
        if domain.spec.protocol == DomainProtocol::Https && header_text(request.headers(), "x-forwarded-proto") != Some("https") {
            let text =
                format!("domain '{name}' takes HTTPS only, and what is in front of this server has not said so by X-Forwarded-Proto");
            return Err(ApiError::new(ErrorCode::AccessDenied, text));
        }
        let route = domain
            .route(path)
            .ok_or_else(|| ApiError::new(ErrorCode::DomainRouteNotFound, format!("no route found in domain '{name}' for path '{path}'")))?;
        let method = request.method().as_str();
        if !route.methods.is_empty() && !route.methods.iter().any(|allowed| allowed == method) {
            return Err(ApiError::new(ErrorCode::PathNotSupported, format!("'{method}' against '{path}' is not supported")));
        }
        Ok(Self {
            service: route.service.clone(),
            qualifier: route.qualifier.clone(),
            function: route.function.clone(),
            base_path: String::new(),
            path: path.to_owned(),
            domain: Some(domain.at.region.clone()),
        })
    }
}

pub(crate) async fn by_path(State(state): State<ApiState>, request: Request) -> Response {
    match Target::parse(request.uri().path()) {
        Ok(Some(target)) => call(&state, target, request).await,
        Ok(None) => unsupported(request).await,
        Err(error) => error.into_response(),
    }
}

async fn diverted(State(state): State<ApiState>, mut request: Request) -> Response {
    let Some(Asked(domain)) = request.extensions_mut().remove() else { return by_header(&state, request).await };
    match domain.map_err(ApiError).and_then(|domain| Target::of_domain(&domain, &request)) {
        Ok(target) => call(&state, target, request).await,
        Err(error) => error.into_response(),
    }
}

async fn by_header(state: &ApiState, request: Request) -> Response {
    let given = header_text(request.headers(), TARGET).unwrap_or_default();
    match Target::parse(&format!("/{}", given.trim_start_matches('/'))) {
        Ok(Some(target)) => {
            let path = request.uri().path().to_owned();
            call(state, Target { base_path: String::new(), path, ..target }, request).await
        }
        Ok(None) => {
            let text = format!(
                "X-Fc-Invocation-Target is set to an invalid value (allowed: 2016-08-15/proxy/SERVICE/FUNCTION; actual: '{given}')"
            );
            ApiError::invalid(text).into_response()
        }
        Err(error) => error.into_response(),
    }
}

async fn call(state: &ApiState, target: Target, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match admitted(state, &target, &parts).await {
        Err(refusal) => {
            body::drain(&parts.headers, body).await;
            refusal.into_response()
        }
        Ok(admitted) => run(state, target, admitted, parts, body).await.unwrap_or_else(IntoResponse::into_response),
    }
}

/// A request that may call its function.
struct Admitted {
    function: FunctionRef,
    http: HttpRequest,
    caller: auth::Admitted,
}

/// Everything that can be checked before the body is read.
async fn admitted(state: &ApiState, target: &Target, parts: &Parts) -> ApiResult<Admitted> {
    check_size(parts)?;
    let region = match &target.domain {
        Some(region) => region.clone(),
        None => auth::addressed(state, parts)?,
    };
    let function = function_ref(region, target);
    let trigger = state.control.http_trigger(&function, &target.qualifier).await?;
    let config = trigger.spec.config.http().ok_or_else(Error::internal)?;
    check_trigger(config, parts)?;
    let caller = if config.auth_type == "function" {
        auth::admit_http_call(state, parts, &target.service).await?
    } else {
        anybody(function.region.clone(), parts)?
    };
    Ok(Admitted { function, http: http_request(target, parts), caller })
}

/// A caller of whom nothing is asked.
fn anybody(region: Region, parts: &Parts) -> ApiResult<auth::Admitted> {
    let request_id = parts.extensions.get().cloned().ok_or_else(Error::internal)?;
    Ok(auth::Admitted {
        call: Call { request_id, access_key_id: String::new(), policy: Policy::default(), role: Role::Invoker, region },
        body_sha256: None,
    })
}

fn function_ref(region: Region, target: &Target) -> FunctionRef {
    FunctionRef { region, service: target.service.clone(), function: target.function.clone() }
}

/// Size of path and headers (`fc-api.md` 3.3).
fn check_size(parts: &Parts) -> ApiResult<()> {
    let uri = parts.uri.path_and_query().map_or(0, |given| given.as_str().len());
    let headers: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    for (what, bytes, most) in
        [("path and query", uri, limits::HTTP_URI_BYTES_MAX), ("all headers", headers, limits::HTTP_HEADERS_BYTES_MAX)]
    {
        if bytes > most {
            return Err(ApiError::invalid(format!("{what} of the request have {bytes} bytes; the most is {most}")));
        }
    }
    Ok(())
}

fn check_trigger(config: &HttpConfig, parts: &Parts) -> ApiResult<()> {
    let denied = |text: &str| Err(ApiError::new(ErrorCode::AccessDenied, text));
    if config.disable_url_internet {
        return denied("the HTTP trigger's address is switched off");
    }
    if !config.methods.iter().any(|method| method == parts.method.as_str()) {
        let message = format!("'{}' against '{}' is not supported", parts.method, parts.uri.path());
        return Err(ApiError::new(ErrorCode::PathNotSupported, message));
    }
    match config.auth_type.as_str() {
        "anonymous" | "function" => Ok(()),
        _ => denied("the HTTP trigger asks for a JWT, which this install can't verify: choose 'function' or 'anonymous'"),
    }
}

fn http_request(target: &Target, parts: &Parts) -> HttpRequest {
    let given = parts.headers.iter().filter(|(name, _)| is_for_function(name.as_str()));
    let headers = given.filter_map(|(name, value)| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let text = if name == header::COOKIE { cookies_for_function(&text)? } else { text };
        Some((name.to_string(), text))
    });
    HttpRequest {
        method: parts.method.to_string(),
        base_path: target.base_path.clone(),
        path: target.path.clone(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        client_ip: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(from)| from.ip().to_string()).unwrap_or_default(),
    }
}

async fn run(state: &ApiState, target: Target, admitted: Admitted, parts: Parts, body: Body) -> ApiResult<Response> {
    let Admitted { function, http, caller: auth::Admitted { call, body_sha256 } } = admitted;
    // A custom domain is an origin of its own.
    let is_boxed = target.domain.is_none();
    if is_async(&parts.headers) {
        let (payload, _share) = auth::verified_body(&state.uploads, &parts.headers, body, Limit::Event, body_sha256).await?;
        return submit(state, call, function, target.qualifier, &parts.headers, payload.into(), Some(http)).await;
    }
    let mut request =
        InvokeRequest { function, qualifier: target.qualifier, request_id: call.request_id, payload: Vec::new(), http: Some(http) };
    let body = match body_sha256 {
        None => Passing::of(&parts.headers, body),
        Some(_) => Err(body),
    };
    match body {
        Ok(passing) => match state.control.invoke_http(request, Some(passing.stream())).await {
            Ok(invoked) => answer(invoked, is_boxed),
            Err(error) => {
                passing.drain(&parts.headers).await;
                Err(error.into())
            }
        },
        Err(body) => {
            let (payload, _share) = auth::verified_body(&state.uploads, &parts.headers, body, Limit::Event, body_sha256).await?;
            request.payload = payload.into();
            answer(state.control.invoke_http(request, None).await?, is_boxed)
        }
    }
}

/// The function's answer as it gave it; 502 when it failed. It is boxed where it shares its origin with the console.
fn answer(invoked: Invoked, is_boxed: bool) -> ApiResult<Response> {
    let (mut response, runtime_note) = match invoked {
        Invoked::Streamed { head, body, runtime_note } => {
            // A failure on the way breaks the connection off: nothing else can tell it by then.
            (callers_answer(&head, Body::from_stream(body.map(|piece| piece.map(Bytes::from))), is_boxed)?, runtime_note)
        }
        Invoked::Whole(InvocationResult { http: Some(head), error: None, body, runtime_note, .. }) => {
            (callers_answer(&head, Body::from(body), is_boxed)?, runtime_note)
        }
        Invoked::Whole(InvocationResult { error, body, runtime_note, .. }) => {
            let mut response = (StatusCode::BAD_GATEWAY, [(header::CONTENT_TYPE, "application/json")], body).into_response();
            put(&mut response, ERROR_TYPE, error.as_deref().unwrap_or("UnhandledInvocationError"));
            (response, runtime_note)
        }
    };
    if let Some(note) = runtime_note {
        put(&mut response, RUNTIME_NOTE, &note);
    }
    Ok(response)
}

fn callers_answer(head: &HttpResponse, body: Body, is_boxed: bool) -> ApiResult<Response> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(head.status).map_err(|_| bad("its status is no HTTP status"))?;
    *response.headers_mut() = callers_headers(head)?;
    if is_boxed {
        // One more policy takes nothing from the function's own: a browser obeys both.
        response.headers_mut().append(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    }
    Ok(response)
}

fn callers_headers(head: &HttpResponse) -> ApiResult<HeaderMap> {
    let bytes: usize = head.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > limits::HTTP_HEADERS_BYTES_MAX {
        return Err(bad(&format!("its headers have {bytes} bytes; the most is {}", limits::HTTP_HEADERS_BYTES_MAX)));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in head.headers.iter().filter(|(name, _)| is_for_caller(name)) {
        if name.eq_ignore_ascii_case("set-cookie") && sets_console_cookie(value) {
            continue;
        }
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad(&format!("'{name}' is no name of a header")))?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| bad(&format!("the value of header '{name}' can't be sent")))?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn bad(why: &str) -> ApiError {
    ApiError::new(ErrorCode::BadResponse, format!("the function's answer can't be passed on: {why}"))
}

#[cfg(test)]
mod unit {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn i5_6_any_path_is_read_or_refused(path in "(/2016-08-15/proxy/[a-zA-Z0-9._%-]{0,12}/[a-zA-Z0-9._-]{0,9}(/.{0,12})?|.*)") {
            if let Ok(Some(target)) = Target::parse(&path) {
                // The parts are the path, but for a slash at its end and a dot without a qualifier.
                let whole = format!("{}{}", target.base_path, target.path);
                prop_assert_eq!(whole.trim_end_matches('/'), path.trim_end_matches('/'));
            }
        }
    }

    #[test]
    fn i4_targets_are_read_from_paths() {
        let check = |path: &str, expected: Option<[&str; 5]>| {
            let target = Target::parse(path).unwrap();
            let got = target.map(|target| {
                let Target { service, qualifier, function, base_path, path, .. } = target;
                [service.to_string(), qualifier.to_string(), function.to_string(), base_path, path]
            });
            assert_eq!(got, expected.map(|words| words.map(str::to_owned)), "{path}");
        };
        check("/2016-08-15/proxy/s/f", Some(["s", "LATEST", "f", "/2016-08-15/proxy/s/f", "/"]));
        check("/2016-08-15/proxy/s.prod/f/a%20b//c/", Some(["s", "prod", "f", "/2016-08-15/proxy/s.prod/f", "/a%20b//c/"]));
        check("/2016-08-15/proxy/s", None);
        check("/2016-08-15/proxy//f", None);
        check("/other", None);
        assert!(Target::parse("/2016-08-15/proxy/s/-f").is_err());
    }
}
