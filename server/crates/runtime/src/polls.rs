//! The conversation with compiled runtimes (`fc-api.md` 5.6): the program asks for its requests and answers them, by HTTP that the server
//! speaks.
//!
//! In a network of the instance's own the server listens inside it, where nobody else gets in; the program waits until it does. In the
//! server's network others reach the port too, so the address has a secret in it.

mod passing;
mod several;

use crate::{
    conversation::{Broken, Call, Conversation, EndedEarly, LoadError, Output, Reply, Several, Starting, What, too_large},
    errors,
    executor::Host,
    reach,
    requests::common,
};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use engine::{clock::Clock, ports::Invocation};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use model::{HookKind, HttpRequest, HttpResponse, limits::SYNC_PAYLOAD_BYTES_MAX};
use passing::{Passing, Wanted, is_short};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    ffi::OsString,
    io::{self, PipeWriter, Write},
    net::Ipv4Addr,
    os::fd::{AsRawFd, OwnedFd, RawFd},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc, watch},
    task::JoinSet,
};
use tokio_util::task::AbortOnDropHandle;

/// What the paths begin with, after the secret.
const BASE: &str = "2020-11-11/runtime/invocation";
/// Port of the API in an instance's own network.
const OWN_PORT: u16 = 9_001;
/// Tries to get into the instance's network are this far apart.
const RETRY: Duration = Duration::from_millis(1);
/// Heads of requests to HTTP functions and of their answers, as base64 of JSON.
const HTTP_PARAMS: &str = "x-fc-http-params";

/// The server's side of a conversation with a program that asks.
pub(crate) struct Polls {
    /// Of the whole address of the API.
    address: String,
    prefix: String,
    shared: Arc<Shared>,
    asks: mpsc::UnboundedSender<Ask>,
    answers: mpsc::UnboundedReceiver<Answer>,
    /// What every request has.
    common: HeaderMap,
    clock: Arc<dyn Clock>,
    limits: Limits,
    /// The call that runs: its id, and whether it is an HTTP request.
    running: Option<(String, bool)>,
    hold: Hold,
    server: Option<AbortOnDropHandle<()>>,
}

/// Seconds that calls may take.
struct Limits {
    handler_s: u64,
    initializer_s: u64,
    pre_stop_s: u64,
    pre_freeze_s: u64,
}

/// How the program is kept from asking before somebody listens.
enum Hold {
    /// Somebody listens already.
    No,
    /// It starts when a byte is written; the first is the process's end of the pipe until it has been started.
    Pipe { far: Option<OwnedFd>, number: RawFd, near: PipeWriter },
}

struct Shared {
    waiting: Mutex<mpsc::UnboundedReceiver<Ask>>,
    /// The program has asked.
    has_asked: watch::Sender<bool>,
    answers: mpsc::UnboundedSender<Answer>,
    wanted: Wanted,
}

/// A request for the program.
struct Ask {
    headers: HeaderMap,
    body: Bytes,
}

/// What the program says to a request.
struct Answer {
    request_id: String,
    is_error: bool,
    params: Option<HeaderValue>,
    /// `None` when it is over the limit.
    body: Option<Vec<u8>>,
}

/// Kinds of calls by their number.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Handler = 0,
    Initializer = 1,
    PreStop = 2,
    PreFreeze = 3,
}

impl Polls {
    /// A conversation with a program that will be started, in a network of its own or in the server's.
    pub(crate) async fn open(has_own_network: bool, host: &Host, invocation: &Invocation) -> io::Result<Self> {
        let (asks, waiting) = mpsc::unbounded_channel();
        let (answered, answers) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            waiting: Mutex::new(waiting),
            has_asked: watch::Sender::new(false),
            answers: answered,
            wanted: Wanted::default(),
        });
        let spec = &invocation.function.spec;
        let hook_s = |kind| spec.hook(kind).map_or(0, |hook| hook.timeout_s);
        let mut polls = Self {
            address: format!("127.0.0.1:{OWN_PORT}"),
            prefix: String::new(),
            shared,
            asks,
            answers,
            common: common(host, invocation),
            clock: Arc::clone(&host.clock),
            limits: Limits {
                handler_s: spec.timeout_s,
                initializer_s: spec.initialization_timeout_s,
                pre_stop_s: hook_s(HookKind::PreStop),
                pre_freeze_s: hook_s(HookKind::PreFreeze),
            },
            running: None,
            hold: Hold::No,
            server: None,
        };
        if has_own_network {
            let (far, near) = io::pipe()?;
            let far = OwnedFd::from(far);
            polls.hold = Hold::Pipe { number: far.as_raw_fd(), far: Some(far), near };
        } else {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            polls.prefix = format!("/{}", uuid::Uuid::new_v4().simple());
            polls.address = format!("{}{}", listener.local_addr()?, polls.prefix);
            polls.serve(listener);
        }
        Ok(polls)
    }

    fn serve(&mut self, listener: TcpListener) {
        let prefix = format!("{}/{BASE}/", self.prefix);
        self.server = Some(AbortOnDropHandle::new(tokio::spawn(accept(listener, prefix.into(), Arc::clone(&self.shared)))));
    }

    fn ask(&self, kind: Kind, request_id: &str, retry_count: u32, seconds: u64) -> Result<Ask, Broken> {
        let mut headers = self.common.clone();
        let deadline = self.clock.now().plus_ms(i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX));
        headers.insert("x-fc-request-id", value(request_id)?);
        headers.insert("x-fc-retry-count", retry_count.into());
        headers.insert("x-fc-function-type", (kind as u32).into());
        headers.insert("x-fc-function-deadline", deadline.0.into());
        Ok(Ask { headers, body: Bytes::new() })
    }

    /// What the program is asked by a call, and whether that is an HTTP request.
    fn ask_for(&self, call: &Call<'_>) -> Result<(Ask, bool), Broken> {
        Ok(match call.what {
            What::Initializer => (self.ask(Kind::Initializer, call.request_id, 0, self.limits.initializer_s)?, false),
            What::Handler { payload, http, bodies, .. } => {
                let mut ask = self.ask(Kind::Handler, call.request_id, call.retry_count, self.limits.handler_s)?;
                ask.body = Bytes::copy_from_slice(payload);
                if let Some(request) = http {
                    ask.headers.insert(HTTP_PARAMS, params_of(request)?);
                    if let Some(bodies) = bodies {
                        self.shared.wanted.add(call.request_id, bodies);
                    }
                }
                (ask, http.is_some())
            }
        })
    }

    /// The kind of a hook's call, its name, and the seconds that it may take.
    fn hook_call(&self, hook: HookKind) -> (Kind, &'static str, u64) {
        match hook {
            HookKind::PreStop => (Kind::PreStop, "pre-stop", self.limits.pre_stop_s),
            HookKind::PreFreeze => (Kind::PreFreeze, "pre-freeze", self.limits.pre_freeze_s),
        }
    }

    fn send_ask(&self, ask: Ask) -> Result<(), Broken> {
        self.asks.send(ask).map_err(|_| Broken("nobody takes requests".to_owned()))
    }

    /// The answer to this request; others are to calls that nobody waits for any more.
    async fn answer_to(&mut self, request_id: &str) -> Result<Answer, Broken> {
        loop {
            let answer = self.answers.recv().await.ok_or_else(|| Broken("nobody answers".to_owned()))?;
            if answer.request_id == request_id {
                return Ok(answer);
            }
        }
    }
}

#[async_trait]
impl Conversation for Polls {
    fn inherited(&mut self) -> Option<OwnedFd> {
        match &mut self.hold {
            Hold::Pipe { far, .. } => far.take(),
            Hold::No => None,
        }
    }

    fn hold(&self) -> Option<RawFd> {
        match &self.hold {
            Hold::Pipe { number, .. } => Some(*number),
            Hold::No => None,
        }
    }

    fn environment(&self) -> Vec<(&'static str, OsString)> {
        vec![("FC_RUNTIME_API", self.address.clone().into())]
    }

    /// Waits until the program asks for its first request.
    async fn load(&mut self, starting: &Starting<'_>) -> Result<(), LoadError> {
        while self.server.is_none() {
            let listening = match starting.process.inside() {
                Some(pid) => reach::listener_in_network_of(pid, OWN_PORT).await.ok(),
                None => None,
            };
            match listening {
                Some(listener) => self.serve(listener),
                None => starting.host.clock.sleep(RETRY).await,
            }
        }
        if let Hold::Pipe { near, .. } = &mut self.hold {
            near.write_all(b"g").map_err(Broken::from)?;
        }
        // The sender lives as long as this.
        drop(self.shared.has_asked.subscribe().wait_for(|asked| *asked).await);
        starting.greet();
        Ok(())
    }

    fn not_ready(&self, seconds: u64) -> Vec<u8> {
        errors::body(&format!("the program did not ask for a request at FC_RUNTIME_API within {seconds} seconds"))
    }

    fn ended_early(&self, how: &str) -> EndedEarly {
        let text = format!("the program ended before it asked for a request: {how}");
        EndedEarly::Function(errors::EXITED_EARLY, errors::typed_body(&text, errors::EXITED_EARLY))
    }

    async fn send(&mut self, call: &Call<'_>) -> Result<(), Broken> {
        let (ask, is_http) = self.ask_for(call)?;
        self.running = Some((call.request_id.to_owned(), is_http));
        self.send_ask(ask)
    }

    async fn reply(&mut self) -> Result<Reply, Broken> {
        let Some((request_id, is_http)) = self.running.clone() else {
            return Err(Broken("there is no request to be answered".to_owned()));
        };
        let answer = self.answer_to(&request_id).await?;
        self.running = None;
        Ok(Reply { outcome: outcome(answer, is_http), is_fatal: false, is_cancelled: false })
    }

    /// Programs can't be told.
    async fn cancel(&mut self, _: &Host, _: &str) -> Option<Reply> {
        None
    }

    async fn hook(&mut self, hook: HookKind, request_id: &str) -> Result<Result<(), Vec<u8>>, Broken> {
        let (kind, name, seconds) = self.hook_call(hook);
        // While the request itself runs its id would not tell the two answers apart.
        let id = if self.running.is_some() { format!("{request_id}-{name}") } else { request_id.to_owned() };
        self.send_ask(self.ask(kind, &id, 0, seconds)?)?;
        let answer = self.answer_to(&id).await?;
        Ok(if answer.is_error { Err(answer.body.unwrap_or_default()) } else { Ok(()) })
    }

    fn marks_its_log(&self) -> bool {
        false
    }

    fn several(self: Box<Self>) -> Box<dyn Several> {
        Box::new(several::Many::new(*self))
    }
}

/// Serves the program's connections; they end with it.
async fn accept(listener: TcpListener, prefix: Arc<str>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => return tracing::warn!(%error, "a compiled runtime is not served any more"),
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY not set");
        }
        let (prefix, shared) = (Arc::clone(&prefix), Arc::clone(&shared));
        let service = service_fn(move |request| respond(Arc::clone(&prefix), Arc::clone(&shared), request));
        // How a connection ended shows in the call that it was for.
        connections.spawn(async move { drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await) });
        while connections.try_join_next().is_some() {}
    }
}

async fn respond(prefix: Arc<str>, shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().strip_prefix(&*prefix).unwrap_or_default();
    Ok(match (head.method.as_str(), path.rsplit_once('/')) {
        ("GET", None) if path == "next" => next(&shared).await,
        ("POST", Some((request_id, "response"))) => take(&shared, request_id, false, &head.headers, body).await,
        ("POST", Some((request_id, "error"))) => take(&shared, request_id, true, &head.headers, body).await,
        _ => empty(StatusCode::NOT_FOUND),
    })
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

/// Waits for a request for the program; one caller after the other gets one.
async fn next(shared: &Shared) -> Response<Full<Bytes>> {
    shared.has_asked.send_replace(true);
    match shared.waiting.lock().await.recv().await {
        Some(Ask { headers, body }) => {
            let mut response = Response::new(Full::new(body));
            *response.headers_mut() = headers;
            response
        }
        None => empty(StatusCode::GONE),
    }
}

async fn take(shared: &Arc<Shared>, request_id: &str, is_error: bool, headers: &HeaderMap, body: Incoming) -> Response<Full<Bytes>> {
    let params = headers.get(HTTP_PARAMS).cloned();
    let bodies = shared.wanted.take(request_id).filter(|_| !is_error && !is_short(&body));
    if let (Some(bodies), Some(head)) = (bodies, head_of(params.as_ref())) {
        let passing = Passing { request_id: request_id.to_owned(), params, head, bodies };
        let is_awaited = passing.run(body, Arc::clone(shared)).await;
        return empty(if is_awaited { StatusCode::OK } else { StatusCode::GONE });
    }
    let Ok(body) = read(body).await else { return empty(StatusCode::BAD_REQUEST) };
    let answer = Answer { request_id: request_id.to_owned(), is_error, params, body };
    empty(if shared.answers.send(answer).is_ok() { StatusCode::OK } else { StatusCode::GONE })
}

/// Reads a body; `None` when it is over the limit.
async fn read(mut incoming: Incoming) -> Result<Option<Vec<u8>>, hyper::Error> {
    let (mut bytes, mut total) = (Vec::new(), 0);
    while let Some(frame) = incoming.frame().await {
        let frame = frame?;
        let Some(data) = frame.data_ref() else { continue };
        total += data.len();
        if total <= SYNC_PAYLOAD_BYTES_MAX {
            bytes.extend_from_slice(data);
        }
    }
    Ok((total <= SYNC_PAYLOAD_BYTES_MAX).then_some(bytes))
}

fn outcome(answer: Answer, is_http: bool) -> Result<Output, (&'static str, Vec<u8>)> {
    match answer.body {
        None => Err(too_large(SYNC_PAYLOAD_BYTES_MAX + 1)),
        Some(error) if answer.is_error => Err((errors::UNHANDLED, error)),
        Some(result) if !is_http => Ok(Output::Result(result)),
        Some(body) => match head_of(answer.params.as_ref()) {
            Some(head) => Ok(Output::Answer(head, body)),
            None => Err((errors::UNHANDLED, errors::body(&format!("the answer's header {HTTP_PARAMS} can't be read")))),
        },
    }
}

/// Head of a request to an HTTP function, as the program gets it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestParams<'a> {
    path: String,
    method: &'a str,
    #[serde(rename = "requestURI")]
    request_uri: String,
    #[serde(rename = "clientIP")]
    client_ip: &'a str,
    host: &'a str,
    queries_map: BTreeMap<String, Vec<String>>,
    headers_map: BTreeMap<&'a str, Vec<&'a str>>,
}

/// Head of an answer, as the program gives it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResponseParams {
    status: u16,
    #[serde(default)]
    headers_map: Option<BTreeMap<String, Vec<String>>>,
}

fn params_of(request: &HttpRequest) -> Result<HeaderValue, Broken> {
    let (mut queries_map, mut headers_map) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
    for (name, value) in form_urlencoded::parse(request.query.as_bytes()) {
        queries_map.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    for (name, value) in &request.headers {
        headers_map.entry(name.as_str()).or_default().push(value.as_str());
    }
    let params = RequestParams {
        path: percent_decode_str(&request.path).decode_utf8_lossy().into_owned(),
        method: &request.method,
        request_uri: request.uri(),
        client_ip: &request.client_ip,
        host: request.header("host").unwrap_or_default(),
        queries_map,
        headers_map,
    };
    let json = serde_json::to_vec(&params).map_err(|error| Broken(error.to_string()))?;
    value(&BASE64_STANDARD.encode(json))
}

/// The head of an answer; `None` when it can't be read.
fn head_of(params: Option<&HeaderValue>) -> Option<HttpResponse> {
    let Some(params) = params else { return Some(HttpResponse { status: StatusCode::OK.as_u16(), headers: Vec::new() }) };
    let json = BASE64_STANDARD.decode(params.as_bytes()).ok()?;
    let ResponseParams { status, headers_map } = serde_json::from_slice(&json).ok()?;
    let headers = headers_map.unwrap_or_default().into_iter();
    let headers = headers.flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value))).collect();
    Some(HttpResponse { status, headers })
}

fn value(text: &str) -> Result<HeaderValue, Broken> {
    HeaderValue::from_str(text).map_err(|error| Broken(error.to_string()))
}
