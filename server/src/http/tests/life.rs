//! Connections: how many there may be, what may last, and how they end.

use super::client::Client;
use super::place::{Place, request};
use super::{ms, patient, within};
use crate::http::{HttpLimits, serve};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::{any, get};
use futures::{SinkExt, StreamExt, stream};
use model::limits::REFUSED_CONNECTIONS_MAX;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

/// A server of a few handlers.
struct Few {
    address: SocketAddr,
    ended: CancellationToken,
    serving: JoinHandle<()>,
}

async fn few(router: Router, limits: HttpLimits) -> Few {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, ended) = (listener.local_addr().unwrap(), CancellationToken::new());
    let serving = tokio::spawn(serve(listener, router, limits, ended.clone()));
    Few { address, ended, serving }
}

fn get_of(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")
}

#[tokio::test]
async fn i5_6_connections_beyond_the_limit_are_told_so() {
    let place = Place::with(&["--max-connections", "2"], |limits| limits).await;
    let mut within_limit = vec![place.connect().await, place.connect().await];
    let refused = place.call("GET", "/services").await;
    let message = refused.refusal(503, "ServiceUnavailable");
    assert_eq!(message, "the server has as many connections as it may; try again in a moment");
    assert_eq!(refused.header("connection"), Some("close"));
    // Those that there are go on.
    within_limit[1].send(request("GET", "/services", &[], b"")).await;
    assert_eq!(within(8, within_limit[1].answer()).await.status, 200);
    // Beyond those that are told so there is nothing to be heard.
    let mut waiting = Vec::new();
    for _ in 0..REFUSED_CONNECTIONS_MAX {
        waiting.push(place.connect().await);
    }
    let mut unheard = place.connect().await;
    unheard.send(get_of("/healthz")).await;
    assert!(within(8, unheard.try_answer()).await.is_none());
    drop((waiting, within_limit));
    within(8, async { while place.call("GET", "/services").await.status != 200 {} }).await;
}

#[tokio::test]
async fn i5_6_a_websocket_lasts_and_keeps_its_place() {
    let echo = any(async |upgrade: WebSocketUpgrade| {
        upgrade.on_upgrade(async |mut socket: WebSocket| {
            while let Some(Ok(message)) = socket.recv().await {
                drop(socket.send(message).await);
            }
        })
    });
    let short = HttpLimits { connections: 1, idle_timeout: ms(300), stall_timeout: ms(300), body_timeout: ms(300) };
    let server = few(Router::new().route("/echo", echo).route("/", get(|| async { "ok" })), short).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut socket, _) = within(8, tokio_tungstenite::client_async("ws://x/echo", stream)).await.unwrap();
    assert!(tokio::time::timeout(ms(900), socket.next()).await.is_err(), "three times what an idle connection has");
    socket.send(Message::text("still there")).await.unwrap();
    assert_eq!(within(8, socket.next()).await.unwrap().unwrap(), Message::text("still there"));
    let ask = async || {
        let mut client = Client::connect(server.address).await;
        client.send(get_of("/")).await;
        within(8, client.answer()).await.status
    };
    assert_eq!(ask().await, 503, "the websocket is a connection");
    within(8, socket.close(None)).await.unwrap();
    drop(socket);
    within(8, async { while ask().await != 200 {} }).await;
}

#[tokio::test]
async fn i5_6_an_answer_may_take_its_time_and_a_stream_may_be_silent() {
    let short = HttpLimits { idle_timeout: ms(300), stall_timeout: ms(300), body_timeout: ms(300), ..patient() };
    let go_on = Arc::new(Notify::new());
    let (waits, speaks) = (go_on.clone(), go_on.clone());
    let slow = get(async move || {
        waits.notified().await;
        "done"
    });
    let streamed = get(async move || {
        let second = async move {
            speaks.notified().await;
            Ok::<_, Infallible>("second")
        };
        Response::new(Body::from_stream(stream::iter([Ok("first")]).chain(stream::once(second))))
    });
    let server = few(Router::new().route("/slow", slow).route("/streamed", streamed), short).await;
    let mut called = Client::connect(server.address).await;
    let mut follower = Client::connect(server.address).await;
    called.send(get_of("/slow")).await;
    follower.send(get_of("/streamed")).await;
    assert_eq!(within(8, follower.answer()).await.status, 200);
    within(8, follower.until_heard("first")).await;
    assert_eq!(called.hears(ms(900)).await, None, "three times what an idle connection has");
    go_on.notify_waiters();
    assert_eq!(within(8, called.answer()).await.body, b"done");
    within(8, follower.until_heard("second")).await;
}

#[tokio::test]
async fn i5_6_a_client_that_takes_nothing_of_its_answer_is_given_up() {
    let (gone, is_gone) = oneshot::channel::<()>();
    let gone = Arc::new(std::sync::Mutex::new(Some(gone)));
    let endless = get(async move || {
        // Dropped with the answer's body.
        let held = gone.lock().unwrap().take();
        let pieces = stream::repeat_with(move || {
            let _ = &held;
            Ok::<_, Infallible>(Bytes::from_static(&[0; 16 * 1024]))
        });
        Response::new(Body::from_stream(pieces))
    });
    let server = few(Router::new().route("/", endless), HttpLimits { stall_timeout: ms(500), ..patient() }).await;
    let mut client = Client::connect(server.address).await;
    client.send(get_of("/")).await;
    assert_eq!(within(8, client.answer()).await.status, 200);
    assert!(within(8, is_gone).await.is_err(), "the body was dropped");
}

#[tokio::test]
async fn i5_6_the_end_closes_what_is_idle_and_lets_the_rest_answer() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, waits) = (begun.clone(), go_on.clone());
    let slow = get(async move || {
        begins.notify_one();
        waits.notified().await;
        "done"
    });
    let server = few(Router::new().route("/slow", slow), patient()).await;
    let mut idle = Client::connect(server.address).await;
    let mut called = Client::connect(server.address).await;
    called.send(get_of("/slow")).await;
    within(8, begun.notified()).await;
    server.ended.cancel();
    within(8, idle.until_closed()).await;
    assert!(!server.serving.is_finished());
    go_on.notify_one();
    let answer = within(8, called.answer()).await;
    assert_eq!((answer.body.as_slice(), answer.header("connection")), (b"done".as_slice(), Some("close")));
    within(8, server.serving).await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens");
}
