//! The conversation by HTTP requests with a server that the function brings itself (`fc-api.md` 5.5).

mod several;

use crate::{
    conversation::{Broken, Call, Conversation, EndedEarly, LoadError, Output, Reply, Several, Starting, What, Writing, too_large},
    errors,
    executor::Host,
    frames::version_id,
    reach::Reach,
};
use async_trait::async_trait;
use bytes::Bytes;
use engine::ports::{Bodies, Invocation};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::BoxStream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::{
    body::{Body as _, Frame, Incoming},
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use model::{BodyStream, Hook, HookKind, HttpRequest, HttpResponse, limits::SYNC_PAYLOAD_BYTES_MAX};
use std::{ffi::OsString, sync::Arc, time::Duration};
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;

/// Tries to reach the port are this far apart at first, and at most.
const FIRST_TRY: Duration = Duration::from_millis(1);
const LAST_TRY: Duration = Duration::from_millis(50);
/// Answers up to this length are read whole.
const SHORT_BYTES: u64 = 64 * 1024;
/// By it the function says whether it succeeded; its absence means that it did.
const STATUS: &str = "x-fc-status";
/// Which of the platform's requests this is.
const CONTROL_PATH: &str = "x-fc-control-path";

/// The server's side of a conversation with a custom runtime.
pub(crate) struct Requests {
    maker: Maker,
    /// A connection that waits for the next request.
    kept: Option<Connection>,
    pending: Option<Pending>,
}

/// Makes requests for a program that listens.
struct Maker {
    reach: Arc<Reach>,
    /// Headers that every request has.
    common: HeaderMap,
}

/// A connection with the task that drives it; both end with it.
struct Connection {
    sender: SendRequest<Outgoing>,
    _driver: AbortOnDropHandle<()>,
}

/// A request on its way, and whether its answer is that of an HTTP function.
struct Pending {
    exchange: BoxFuture<'static, Result<Exchanged, Broken>>,
    is_http: bool,
}

/// How a body is sent.
type Outgoing = Either<Full<Bytes>, StreamBody<BoxStream<'static, Result<Frame<Bytes>, model::Error>>>>;

/// A body of which nothing is still to come.
fn whole(body: Bytes) -> Outgoing {
    Either::Left(Full::new(body))
}

/// A body whose rest is still to come.
fn in_pieces(beginning: Bytes, rest: BodyStream) -> Outgoing {
    let beginning = futures::stream::iter([Ok(Frame::data(beginning))]);
    Either::Right(StreamBody::new(beginning.chain(rest.map(|piece| piece.map(|piece| Frame::data(piece.into())))).boxed()))
}

struct Exchanged {
    head: http::response::Parts,
    body: Body,
    connection: Option<Connection>,
}

/// The body of an answer, or its size when it was over the limit and has been thrown away.
enum Body {
    Whole(Vec<u8>),
    TooLarge(usize),
}

impl Requests {
    /// A conversation with the program that will listen there.
    pub(crate) fn new(reach: Reach, host: &Host, invocation: &Invocation) -> Self {
        Self { maker: Maker { reach: Arc::new(reach), common: common(host, invocation) }, kept: None, pending: None }
    }

    async fn exchange(&mut self, request: Request<Outgoing>) -> Result<Exchanged, Broken> {
        exchange(Arc::clone(&self.maker.reach), self.kept.take(), request, Writing::default()).await
    }
}

impl Maker {
    /// A request of the platform's own.
    fn own_request(&self, method: Method, path: &'static str, request_id: &str, body: Bytes) -> Result<Request<Outgoing>, Broken> {
        let mut request = Request::new(whole(body));
        *request.method_mut() = method;
        *request.uri_mut() = http::Uri::from_static(path);
        let headers = request.headers_mut();
        headers.insert(header::HOST, value(&format!("127.0.0.1:{}", self.reach.port()))?);
        headers.insert(CONTROL_PATH, HeaderValue::from_static(path));
        self.add_common(headers, request_id, 0)?;
        Ok(request)
    }

    /// A caller's request, as it came.
    fn callers_request(
        &self,
        given: &HttpRequest,
        call: &Call<'_>,
        payload: Bytes,
        bodies: Option<&Bodies>,
    ) -> Result<Request<Outgoing>, Broken> {
        let broken = |error: http::Error| Broken(format!("the request can't be passed on: {error}"));
        let rest = bodies.and_then(Bodies::take_rest);
        let is_whole = rest.is_none();
        let body = rest.map_or_else(|| whole(payload.clone()), |rest| in_pieces(payload.clone(), rest));
        let mut request = Request::builder().method(given.method.as_str()).uri(given.uri()).body(body).map_err(broken)?;
        let headers = request.headers_mut();
        for (name, text) in &given.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| broken(error.into()))?;
            // One that is whole is sent with its length, whatever way it came.
            if name != header::TRANSFER_ENCODING && (name != header::CONTENT_LENGTH || !is_whole) {
                headers.append(name, value(text)?);
            }
        }
        headers.insert(CONTROL_PATH, HeaderValue::from_static("/http-invoke"));
        if !given.base_path.is_empty() {
            headers.insert("x-fc-base-path", value(&given.base_path)?);
        }
        self.add_common(headers, call.request_id, call.retry_count)?;
        Ok(request)
    }

    fn add_common(&self, headers: &mut HeaderMap, request_id: &str, retry_count: u32) -> Result<(), Broken> {
        headers.extend(self.common.clone());
        headers.insert("x-fc-request-id", value(request_id)?);
        headers.insert("x-fc-retry-count", retry_count.into());
        Ok(())
    }

    /// The request of a call, and whether its answer is that of an HTTP function.
    fn request_of(&self, call: &Call<'_>) -> Result<(Request<Outgoing>, bool), Broken> {
        let is_http = matches!(call.what, What::Handler { http: Some(_), .. });
        let request = match call.what {
            What::Initializer => self.own_request(Method::POST, "/initialize", call.request_id, Bytes::new())?,
            What::Handler { payload, http: Some(given), bodies, .. } => {
                self.callers_request(given, call, Bytes::copy_from_slice(payload), bodies)?
            }
            What::Handler { payload, .. } => {
                let mut request = self.own_request(Method::POST, "/invoke", call.request_id, Bytes::copy_from_slice(payload))?;
                request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
                request.headers_mut().insert("x-fc-retry-count", call.retry_count.into());
                request
            }
        };
        Ok((request, is_http))
    }
}

#[async_trait]
impl Conversation for Requests {
    fn environment(&self) -> Vec<(&'static str, OsString)> {
        let port = || self.maker.reach.port().to_string().into();
        vec![("FC_SERVER_PORT", port()), ("FC_CUSTOM_LISTEN_PORT", port())]
    }

    /// Waits until the program listens.
    async fn load(&mut self, starting: &Starting<'_>) -> Result<(), LoadError> {
        let mut pause = FIRST_TRY;
        loop {
            if let Some(pid) = starting.process.inside() {
                self.maker.reach.enter_by(pid);
            }
            if let Ok(stream) = self.maker.reach.connect().await {
                self.kept = Some(connection(stream).await?);
                starting.greet();
                return Ok(());
            }
            starting.host.clock.sleep(pause).await;
            pause = (pause * 2).min(LAST_TRY);
        }
    }

    fn not_ready(&self, seconds: u64) -> Vec<u8> {
        errors::not_listening(self.maker.reach.port(), seconds)
    }

    fn ended_early(&self, how: &str) -> EndedEarly {
        let text = format!("the custom runtime ended before it listened on port {}: {how}", self.maker.reach.port());
        EndedEarly::Function(errors::EXITED_EARLY, errors::typed_body(&text, errors::EXITED_EARLY))
    }

    async fn send(&mut self, call: &Call<'_>) -> Result<(), Broken> {
        let (request, is_http) = self.maker.request_of(call)?;
        let exchange = exchange(Arc::clone(&self.maker.reach), self.kept.take(), request, Writing::of(call)).boxed();
        self.pending = Some(Pending { exchange, is_http });
        Ok(())
    }

    async fn reply(&mut self) -> Result<Reply, Broken> {
        let Some(pending) = &mut self.pending else {
            return Err(Broken("there is no request to be answered".to_owned()));
        };
        let exchanged = (&mut pending.exchange).await;
        let is_http = pending.is_http;
        self.pending = None;
        let Exchanged { head, body, connection } = exchanged?;
        self.kept = connection;
        Ok(Reply { outcome: outcome(&head, body, is_http), is_fatal: false, is_cancelled: false })
    }

    /// Closes the connection, by which a server learns that nobody waits any more.
    async fn cancel(&mut self, _: &Host, _: &str) -> Option<Reply> {
        (self.pending, self.kept) = (None, None);
        None
    }

    async fn hook(&mut self, hook: HookKind, request_id: &str) -> Result<Result<(), Vec<u8>>, Broken> {
        let path = match hook {
            HookKind::PreFreeze => "/pre-freeze",
            HookKind::PreStop => "/pre-stop",
        };
        let request = self.maker.own_request(Method::GET, path, request_id, Bytes::new())?;
        let Exchanged { head, body, connection } = self.exchange(request).await?;
        self.kept = connection;
        let is_ok = head.status.is_success() && says_ok(&head.headers);
        Ok(if is_ok { Ok(()) } else { Err(error_body(&head, body)) })
    }

    fn marks_its_log(&self) -> bool {
        false
    }

    fn several(self: Box<Self>) -> Box<dyn Several> {
        // Connections of its own have a second hold.
        Box::new(several::Many::new(self.maker))
    }
}

/// Sends a request on a connection that was kept, or on a new one, and reads the answer.
async fn exchange(
    reach: Arc<Reach>,
    kept: Option<Connection>,
    mut request: Request<Outgoing>,
    writing: Writing,
) -> Result<Exchanged, Broken> {
    let failed = |error: hyper::Error| Broken(format!("no answer: {error}"));
    if let Some(mut kept) = kept
        && kept.sender.ready().await.is_ok()
    {
        match kept.sender.try_send_request(request).await {
            Ok(response) => return read(response, kept, writing).await,
            // The server had closed it before it got the request.
            Err(mut error) => match error.take_message() {
                Some(unsent) => request = unsent,
                None => return Err(failed(error.into_error())),
            },
        }
    }
    let stream = reach.connect().await.map_err(|error| Broken(format!("port {}: {error}", reach.port())))?;
    let mut fresh = connection(stream).await?;
    let response = fresh.sender.send_request(request).await.map_err(failed)?;
    read(response, fresh, writing).await
}

async fn connection(stream: TcpStream) -> Result<Connection, Broken> {
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| Broken(error.to_string()))?;
    // Its errors come out of the request that they end.
    let driver = tokio::spawn(connection.map(drop));
    Ok(Connection { sender, _driver: AbortOnDropHandle::new(driver) })
}

/// Reads an answer; one that is the caller's goes there as it comes, unless it is short and says so.
async fn read(response: Response<Incoming>, connection: Connection, mut writing: Writing) -> Result<Exchanged, Broken> {
    let (head, mut incoming) = response.into_parts();
    let (mut bytes, mut total) = (Vec::new(), 0);
    let is_short = incoming.size_hint().exact().is_some_and(|length| length <= SHORT_BYTES);
    let is_callers = writing.is_wanted() && !is_short && says_ok(&head.headers);
    if is_callers {
        writing.begin(response_head(&head));
    }
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| Broken(format!("the answer is not complete: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        if is_callers {
            writing.add(data);
            writing.passed_on().await;
            continue;
        }
        total += data.len();
        if total <= SYNC_PAYLOAD_BYTES_MAX {
            bytes.extend_from_slice(&data);
        }
    }
    let body = if total <= SYNC_PAYLOAD_BYTES_MAX { Body::Whole(bytes) } else { Body::TooLarge(total) };
    let connection = (!connection.sender.is_closed()).then_some(connection);
    Ok(Exchanged { head, body, connection })
}

fn says_ok(headers: &HeaderMap) -> bool {
    headers.get(STATUS).is_none_or(|status| status.as_bytes() == b"200")
}

fn outcome(head: &http::response::Parts, body: Body, is_http: bool) -> Result<Output, (&'static str, Vec<u8>)> {
    let is_ok = says_ok(&head.headers) && (is_http || head.status.is_success());
    match body {
        Body::TooLarge(bytes) => Err(too_large(bytes)),
        body if !is_ok => Err((errors::UNHANDLED, error_body(head, body))),
        Body::Whole(bytes) if is_http => Ok(Output::Answer(response_head(head), bytes)),
        Body::Whole(bytes) => Ok(Output::Result(bytes)),
    }
}

/// The function's own error object, or one made of what it said.
fn error_body(head: &http::response::Parts, body: Body) -> Vec<u8> {
    let Body::Whole(bytes) = body else { return errors::body("the error is too large") };
    if serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&bytes).is_ok() {
        return bytes;
    }
    match String::from_utf8_lossy(&bytes).trim() {
        "" => errors::body(&format!("the custom runtime answered with status {}", head.status.as_u16())),
        text => errors::body(text),
    }
}

fn response_head(head: &http::response::Parts) -> HttpResponse {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    HttpResponse { status: head.status.as_u16(), headers }
}

fn value(text: &str) -> Result<HeaderValue, Broken> {
    HeaderValue::from_str(text).or_else(|_| HeaderValue::from_bytes(text.as_bytes())).map_err(|error| Broken(error.to_string()))
}

/// Headers that are the same for every request to an instance. There are no temporary keys of a service role, no log projects and no
/// tracing yet; what is told about them is empty.
pub(crate) fn common(host: &Host, invocation: &Invocation) -> HeaderMap {
    let function = &invocation.function;
    let spec = &function.spec;
    let hook = |kind| spec.hook(kind).map(|Hook { handler, .. }| handler).unwrap_or_default();
    let version = version_id(invocation);
    let (memory, timeout) = (spec.memory_mb.to_string(), spec.timeout_s.to_string());
    let (initialization_timeout, pre_stop, pre_freeze) =
        (spec.initialization_timeout_s.to_string(), hook(HookKind::PreStop), hook(HookKind::PreFreeze));
    let named: [(&'static str, &str); 21] = [
        ("x-fc-access-key-id", ""),
        ("x-fc-access-key-secret", ""),
        ("x-fc-security-token", ""),
        ("x-fc-function-name", function.name.as_str()),
        ("x-fc-function-handler", &spec.handler),
        ("x-fc-function-memory", &memory),
        ("x-fc-function-timeout", &timeout),
        ("x-fc-function-initializer", &spec.initializer),
        ("x-fc-initialization-timeout", &initialization_timeout),
        ("x-fc-instance-lifecycle-pre-stop-handler", &pre_stop),
        ("x-fc-instance-lifecycle-pre-freeze-handler", &pre_freeze),
        ("x-fc-service-name", function.service.as_str()),
        ("x-fc-service-logproject", ""),
        ("x-fc-service-logstore", ""),
        ("x-fc-region", function.region.as_str()),
        ("x-fc-account-id", host.config.account_id.as_str()),
        ("x-fc-qualifier", invocation.qualifier.as_str()),
        ("x-fc-version-id", &version),
        ("x-fc-tracing-opentracing-span-context", ""),
        ("x-fc-tracing-opentracing-span-baggages", ""),
        ("x-fc-tracing-jaeger-endpoint", ""),
    ];
    // A handler may hold what a header may not; it is left out then.
    named
        .into_iter()
        .filter_map(|(name, text)| Some((HeaderName::from_static(name), HeaderValue::from_bytes(text.as_bytes()).ok()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, says: Option<&'static str>) -> http::response::Parts {
        let mut response = Response::builder().status(status);
        if let Some(says) = says {
            response = response.header(STATUS, says);
        }
        response.body(()).unwrap().into_parts().0
    }

    #[test]
    fn i4_success_is_a_status_of_2xx_and_no_other_word_in_x_fc_status() {
        let check = |status: u16, says: Option<&'static str>, is_http: bool, expected: bool| {
            let got = outcome(&head(status, says), Body::Whole(b"x".to_vec()), is_http).is_ok();
            assert_eq!(got, expected, "{status} {says:?} {is_http}");
        };
        check(200, None, false, true);
        check(200, Some("200"), false, true);
        check(200, Some("404"), false, false);
        check(404, None, false, false);
        check(500, None, false, false);
        check(404, None, true, true);
        check(500, None, true, true);
        check(200, Some("404"), true, false);
    }

    #[test]
    fn i4_an_error_is_the_functions_own_object_or_is_made_of_its_text() {
        let check = |body: &str, expected: &str| {
            assert_eq!(String::from_utf8(error_body(&head(500, None), Body::Whole(body.into()))).unwrap(), expected);
        };
        check(r#"{"errorMessage":"no","errorType":"E"}"#, r#"{"errorMessage":"no","errorType":"E"}"#);
        check("no database\n", r#"{"errorMessage":"no database"}"#);
        check("", r#"{"errorMessage":"the custom runtime answered with status 500"}"#);
        check("[1]", r#"{"errorMessage":"[1]"}"#);
    }
}
