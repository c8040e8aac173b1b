use super::{
    double::NOW,
    wire::{Answer, Wire},
};
use axum::http::{StatusCode, Uri};
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use insta::assert_snapshot;
use model::{
    ExecEnd, ExecInput, ExecOutput, FunctionName, FunctionRef, InstanceId, InstanceInfo, InstanceState, Qualifier, Region, RequestId,
    ServiceName, TaskId, TerminalSize, VersionId,
};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite};
use tungstenite::{Message, protocol::frame::coding::CloseCode};

const INSTANCES: &str = "/services/demo/functions/f1/instances";
type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub fn instance(id: &str, state: InstanceState) -> InstanceInfo {
    InstanceInfo {
        id: InstanceId::from_stored(id),
        function: FunctionRef {
            region: Region::from_stored("cn-hangzhou"),
            service: ServiceName::from_stored("demo"),
            function: FunctionName::from_stored("f1"),
        },
        qualifier: Qualifier::latest(),
        version: None,
        state,
        created_at: NOW,
        last_used_at: Some(NOW.plus_ms(10)),
        requests: vec![RequestId::from_stored("6bd23da1-7a5c-4e0c-a3f4-4c3d0f4a9c11")],
        tasks: vec![TaskId::from_stored("t1")],
        memory_bytes: 10,
        memory_peak_bytes: 20,
        memory_mb: 128,
        cpu_ms: 30,
        sessions: 0,
    }
}

async fn wire_with(instances: Vec<InstanceInfo>) -> Wire {
    let wire = Wire::with_function().await;
    wire.double.kept().instances = instances;
    wire
}

#[tokio::test]
async fn i4_6_list_instances() {
    let of_version = InstanceInfo {
        qualifier: Qualifier::from_stored("3"),
        version: Some(VersionId::from_stored(3)),
        last_used_at: None,
        ..instance("c-v", InstanceState::Idle)
    };
    let all = [InstanceState::Busy, InstanceState::Idle, InstanceState::Starting, InstanceState::Stopping];
    let all = all.into_iter().map(|state| instance(&format!("c-{state}"), state)).chain([of_version]);
    let wire = wire_with(all.collect()).await;
    wire.call("POST", "/services/demo/versions").ok().await;
    assert_snapshot!("list_instances", wire.call("GET", INSTANCES).send().await.text());
    let ids = async |query: &str| {
        let answer = wire.call("GET", &format!("{INSTANCES}?{query}")).ok().await.json();
        let rows = answer["instances"].as_array().unwrap().clone();
        rows.iter().map(|row| row["instanceId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("limit=0").await, ["c-Busy", "c-Idle"]);
    assert_eq!(ids("limit=1").await, ["c-Busy"]);
    assert_eq!(ids("qualifier=3").await, ["c-v"]);
    assert_eq!(ids("instanceIds.1=c-Idle&instanceIds.2=c-other").await, ["c-Idle"]);
    assert_eq!(ids("instanceIds=c-Busy&instanceIds=c-Idle").await, ["c-Busy", "c-Idle"]);
    assert_eq!(ids("instanceIds=c-Starting").await, [""; 0]);
    let path = format!("{INSTANCES}?limit=1001");
    wire.call("GET", &path).refused(400, "InvalidArgument").await;
    wire.call("GET", "/services/demo/functions/none/instances").refused(404, "FunctionNotFound").await;
}

/// The router behind a real socket, and what the command is given and says.
async fn serve(wire: &Wire) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let router = wire.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn connect(wire: &Wire, path: &str) -> Result<Socket, Answer> {
    let address = serve(wire).await;
    let mut request = wire.legacy("GET", path).header("host", &address).handshake();
    let target = format!("ws://{address}{}", request.uri());
    *request.uri_mut() = target.parse::<Uri>().unwrap();
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(answer)) => {
            let (parts, body) = answer.into_parts();
            Err(Answer { status: parts.status, headers: parts.headers, body: Bytes::from(body.unwrap_or_default()) })
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn b16_an_instance_is_drained_over_the_wire() {
    let wire = wire_with(vec![instance("c-1", InstanceState::Busy)]).await;
    assert_eq!(wire.call("POST", &format!("{INSTANCES}/c-1/drain")).ok().await.json(), json!({}));
    let listed = wire.call("GET", INSTANCES).ok().await.json();
    assert_eq!(listed["instances"][0]["status"], "Draining");
    wire.call("POST", &format!("{INSTANCES}/c-2/drain")).refused(404, "InstanceNotFound").await;
}

#[tokio::test]
async fn i4_7_a_command_talks_over_a_websocket() {
    let wire = wire_with(vec![instance("c-1", InstanceState::Busy)]).await;
    let query = "command=%2Fbin%2Fsh&command=-c&command=ls%20-l&idleTimeout=7&stderr=true&stdin=true&stdout=true&tty=false";
    let mut socket = connect(&wire, &format!("{INSTANCES}/c-1/exec?{query}")).await.unwrap_or_else(|answer| panic!("{}", answer.text()));
    let request = wire.double.kept().executed.pop().unwrap();
    assert_eq!(request.command, ["/bin/sh", "-c", "ls -l"]);
    assert_eq!((request.stdin, request.stdout, request.stderr, request.tty, request.idle_timeout_s), (true, true, true, false, 7));
    assert_eq!(request.user, super::double::KEY);
    let (mut given, says) = wire.double.kept().command.take().unwrap();
    // One client sends texts, another binary messages, and it may leave the channel away.
    for message in [Message::text("\0one"), Message::binary(b"\0two".to_vec()), Message::text("three"), Message::Ping(Bytes::new())] {
        socket.send(message).await.unwrap();
    }
    socket.send(Message::text("\u{4}{\"cols\":90,\"rows\":30}")).await.unwrap();
    for expected in ["one", "two", "three"] {
        assert_eq!(given.recv().await, Some(ExecInput::Data(expected.as_bytes().to_vec())));
    }
    assert_eq!(given.recv().await, Some(ExecInput::Resize(TerminalSize { cols: 90, rows: 30 })));
    let mut next = async || loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Pong(_) => {}
            message => break message,
        }
    };
    // A character in two parts comes whole, and as text.
    says.send(ExecOutput::Stdout(b"a\xe2\x82".to_vec())).unwrap();
    says.send(ExecOutput::Stdout(b"\xacb".to_vec())).unwrap();
    says.send(ExecOutput::Stderr(b"bad\xff".to_vec())).unwrap();
    assert_eq!(next().await, Message::text("\u{1}a"));
    assert_eq!(next().await, Message::text("\u{1}€b"));
    assert_eq!(next().await, Message::text("\u{2}bad\u{fffd}"));
    says.send(ExecOutput::Ended(ExecEnd::Exited)).unwrap();
    let Message::Close(Some(frame)) = next().await else { panic!("a close was expected") };
    assert_eq!((frame.code, frame.reason.as_str()), (CloseCode::Normal, ExecEnd::Exited.text()));
}

#[tokio::test]
async fn i4_7_a_client_that_leaves_ends_the_command_and_an_instance_that_ends_tells_the_client() {
    let wire = wire_with(vec![instance("c-1", InstanceState::Busy)]).await;
    let path = format!("{INSTANCES}/c-1/exec");
    let socket = connect(&wire, &path).await.unwrap_or_else(|answer| panic!("{}", answer.text()));
    let (_, says) = wire.double.kept().command.take().unwrap();
    assert!(wire.double.kept().executed.pop().unwrap().tty, "a terminal, when nothing is said");
    drop(socket);
    says.closed().await;
    let mut socket = connect(&wire, &path).await.unwrap_or_else(|answer| panic!("{}", answer.text()));
    let (_, says) = wire.double.kept().command.take().unwrap();
    socket.close(None).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Close(None), "who says goodbye is answered");
    assert!(socket.next().await.is_none());
    says.closed().await;
    let mut socket = connect(&wire, &path).await.unwrap_or_else(|answer| panic!("{}", answer.text()));
    let (_, says) = wire.double.kept().command.take().unwrap();
    says.send(ExecOutput::Ended(ExecEnd::InstanceReleased)).unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text(format!("\u{3}{}", ExecEnd::InstanceReleased.text())));
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(Some(frame)))) if frame.code == CloseCode::Away));
}

#[tokio::test]
async fn i4_7_a_refused_handshake_is_an_answer_as_any_other() {
    let wire = wire_with(vec![instance("c-1", InstanceState::Busy)]).await;
    let refused = async |path: &str, status: u16, code: &str| {
        let Err(answer) = connect(&wire, path).await else { panic!("{path} was accepted") };
        answer.assert_refusal(status, code, path)
    };
    refused(&format!("{INSTANCES}/c-none/exec"), 404, "InstanceNotFound").await;
    refused("/services/demo.2/functions/f1/instances/c-1/exec", 404, "InstanceNotFound").await;
    refused(&format!("{INSTANCES}/c-1/exec?tty=perhaps"), 400, "InvalidArgument").await;
    refused(&format!("{INSTANCES}/c-1/exec?idleTimeout=0"), 400, "InvalidArgument").await;
    assert_eq!(wire.double.kept().executed, []);
    wire.call("GET", &format!("{INSTANCES}/c-1/exec")).refused(400, "InvalidArgument").await;
    let address = serve(&wire).await;
    let mut request =
        wire.call("GET", &format!("{INSTANCES}/c-1/exec")).header("host", &address).key(super::double::KEY, "wrong").handshake();
    *request.uri_mut() = format!("ws://{address}{}", request.uri()).parse().unwrap();
    let Err(tungstenite::Error::Http(answer)) = connect_async(request).await else { panic!("a wrong signature was accepted") };
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let body: Value = serde_json::from_slice(answer.body().as_deref().unwrap()).unwrap();
    assert_eq!(body["ErrorCode"], "SignatureNotMatch");
}
