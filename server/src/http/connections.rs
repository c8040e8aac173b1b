//! Takes connections and serves them.

use super::HttpLimits;
use super::body::paced;
use super::socket::Socket;
use axum::Router;
use axum::extract::{ConnectInfo, Request};
use engine::clock::{Clock, SystemClock};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use model::{Error, ErrorCode, limits};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

/// How long no connection is taken when the kernel gives none, for example because there are no more descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);
/// How often the log says that there are too many connections.
const WARN_EVERY: Duration = Duration::from_secs(10);
/// How long a connection beyond the limit may take to send the head of its request.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(5);

/// Serves the router until `ended` is cancelled; then idle connections are closed, the others when they have answered, and it returns.
pub(crate) async fn serve(listener: TcpListener, router: Router, limits: HttpLimits, ended: CancellationToken) {
    let full = Error::new(ErrorCode::ServiceUnavailable, "the server has as many connections as it may; try again in a moment");
    let served = Desk { router, ..Desk::new(limits, limits.connections, ended.clone()) };
    // One request each, and no waiting: they are to be gone before there are many.
    let quick = HttpLimits { idle_timeout: REFUSAL_TIMEOUT, stall_timeout: REFUSAL_TIMEOUT, ..limits };
    let mut refused = Desk { router: api::refusing(full), ..Desk::new(quick, limits::REFUSED_CONNECTIONS_MAX, ended.clone()) };
    refused.http.keep_alive(false);
    let tasks = TaskTracker::new();
    let mut warned: Option<Instant> = None;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = ended.cancelled() => break,
        };
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                pause(&error).await;
                continue;
            }
        };
        if let Some(place) = served.place() {
            tasks.spawn(served.attend(stream, from, place));
            continue;
        }
        metrics::counter!("taskyard_connections_refused_total").increment(1);
        if warned.is_none_or(|at| at.elapsed() >= WARN_EVERY) {
            warned = Some(Instant::now());
            tracing::warn!(limit = limits.connections, "too many connections: those beyond --max-connections get a 503");
        }
        if let Some(place) = refused.place() {
            tasks.spawn(refused.attend(stream, from, place));
        }
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
}

/// Waits where trying again at once would not help. A connection that was given up before it was taken is nobody's fault.
async fn pause(error: &io::Error) {
    if matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) {
        return;
    }
    tracing::error!(%error, "no connection can be taken");
    SystemClock.sleep(ACCEPT_PAUSE).await;
}

/// What connections of a kind are answered with, and how many there may be.
struct Desk {
    router: Router,
    http: http1::Builder,
    limits: HttpLimits,
    places: Arc<Semaphore>,
    ended: CancellationToken,
}

impl Desk {
    fn new(limits: HttpLimits, places: usize, ended: CancellationToken) -> Self {
        let mut http = http1::Builder::new();
        // Its limit for headers is `limits::HEADERS_MAX` by itself.
        http.timer(TokioTimer::new()).header_read_timeout(limits.idle_timeout);
        http.max_header_size(limits::HEAD_BYTES_MAX).max_buf_size(limits::HEAD_BYTES_MAX);
        Self { router: Router::new(), http, limits, places: Arc::new(Semaphore::new(places)), ended }
    }

    fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Answers a connection's requests until either side ends it.
    fn attend(&self, stream: TcpStream, from: SocketAddr, place: OwnedSemaphorePermit) -> impl Future<Output = ()> + Send + use<> {
        let (router, limits, ended) = (self.router.clone(), self.limits, self.ended.clone());
        let answer = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request: Request = request.map(|body| paced(body, limits));
            request.extensions_mut().insert(ConnectInfo(from));
            router.clone().call(request)
        });
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY not set");
        }
        let socket = TokioIo::new(Socket::new(stream, limits.stall_timeout, place));
        let connection = self.http.serve_connection(socket, answer).with_upgrades();
        async move {
            let mut connection = pin!(connection);
            let done = tokio::select! {
                done = connection.as_mut() => done,
                () = ended.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = done {
                tracing::debug!(%error, "a connection ended in an error");
            }
        }
    }
}
