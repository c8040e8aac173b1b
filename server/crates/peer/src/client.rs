//! The side that asks.

use crate::{Answer, MESSAGE_BYTES_MAX, PATH, Question};
use async_trait::async_trait;
use engine::ports::{Node, Peers};
use futures::{SinkExt, StreamExt};
use model::{ExecEnd, ExecInput, ExecOutput, ExecRequest, ExecSession, ExecSink, FunctionRef, InstanceId, InstanceInfo, Region};
use tokio::{net::TcpStream, sync::mpsc};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message,
        client::IntoClientRequest,
        http::{HeaderValue, header},
        protocol::WebSocketConfig,
    },
};

/// Messages on their way in either direction.
const MESSAGES_MAX: usize = 16;
/// The bytes that begin a command's messages (`fc-api.md` 3.6.1).
const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const RESIZE: u8 = 4;

type Socket = WebSocketStream<TcpStream>;

/// Reaches other servers by websockets.
#[derive(Debug, Clone, Copy, Default)]
pub struct WebSocketPeers;

async fn ask(node: &Node, question: &Question) -> Result<(Socket, Answer), String> {
    let problem = |error: &dyn std::fmt::Display| error.to_string();
    let stream = TcpStream::connect(&node.address).await.map_err(|error| problem(&error))?;
    stream.set_nodelay(true).map_err(|error| problem(&error))?;
    let mut request = format!("ws://{}{PATH}", node.address).into_client_request().map_err(|error| problem(&error))?;
    let secret = HeaderValue::from_str(&format!("Bearer {}", node.secret)).map_err(|error| problem(&error))?;
    request.headers_mut().insert(header::AUTHORIZATION, secret);
    let config = WebSocketConfig::default().max_message_size(Some(MESSAGE_BYTES_MAX)).max_frame_size(Some(MESSAGE_BYTES_MAX));
    let (mut socket, _) = client_async_with_config(request, stream, Some(config)).await.map_err(|error| problem(&error))?;
    let text = serde_json::to_string(question).map_err(|error| problem(&error))?;
    socket.send(Message::text(text)).await.map_err(|error| problem(&error))?;
    match socket.next().await {
        Some(Ok(Message::Text(text))) => Ok((socket, serde_json::from_str(&text).map_err(|error| problem(&error))?)),
        Some(Err(error)) => Err(problem(&error)),
        _ => Err("it has not answered".to_owned()),
    }
}

async fn ask_instances(node: &Node, question: &Question) -> Result<Vec<InstanceInfo>, String> {
    match ask(node, question).await? {
        (_, Answer::Instances(found)) => Ok(found),
        (_, other) => Err(format!("it answered {other:?}")),
    }
}

#[async_trait]
impl Peers for WebSocketPeers {
    async fn instances(&self, node: &Node, function: &FunctionRef) -> Result<Vec<InstanceInfo>, String> {
        ask_instances(node, &Question::Instances { function: function.clone() }).await
    }

    async fn region_instances(&self, node: &Node, region: &Region) -> Result<Vec<InstanceInfo>, String> {
        ask_instances(node, &Question::RegionInstances { region: region.clone() }).await
    }

    async fn exec(
        &self,
        node: &Node,
        function: &FunctionRef,
        instance: &InstanceId,
        request: &ExecRequest,
    ) -> Result<model::Result<ExecSession>, String> {
        let question = Question::Exec { function: function.clone(), instance: instance.clone(), request: request.clone() };
        match ask(node, &question).await? {
            (socket, Answer::Begun) => Ok(Ok(session(socket))),
            (_, Answer::Refused(refusal)) => Ok(Err(refusal)),
            (_, other) => Err(format!("it answered {other:?}")),
        }
    }

    async fn drain(&self, node: &Node, function: &FunctionRef, instance: &InstanceId) -> Result<model::Result<()>, String> {
        match ask(node, &Question::Drain { function: function.clone(), instance: instance.clone() }).await? {
            (_, Answer::Drained) => Ok(Ok(())),
            (_, Answer::Refused(refusal)) => Ok(Err(refusal)),
            (_, other) => Err(format!("it answered {other:?}")),
        }
    }
}

/// The session at the other end of the socket.
fn session(socket: Socket) -> ExecSession {
    let (input, inputs) = mpsc::channel(MESSAGES_MAX);
    let (outputs, mut output) = mpsc::channel(MESSAGES_MAX);
    tokio::spawn(async move {
        let gone = outputs.clone();
        let (to, mut from) = socket.split();
        // Side by side, as at the other end; whoever does not listen any more ends it.
        let end = tokio::select! {
            end = receive(&mut from, &outputs) => end,
            () = send(to, inputs) => return,
            () = gone.closed() => return,
        };
        drop(outputs.send(ExecOutput::Ended(end)).await);
    });
    let output = futures::stream::poll_fn(move |context| output.poll_recv(context));
    ExecSession { input: Box::new(Sink(input)), output: Box::pin(output) }
}

struct Sink(mpsc::Sender<ExecInput>);

#[async_trait]
impl ExecSink for Sink {
    async fn send(&mut self, input: ExecInput) -> bool {
        self.0.send(input).await.is_ok()
    }
}

async fn receive(socket: &mut futures::stream::SplitStream<Socket>, outputs: &mpsc::Sender<ExecOutput>) -> ExecEnd {
    while let Some(Ok(message)) = socket.next().await {
        let output = match message {
            Message::Binary(bytes) => match bytes.split_first() {
                Some((&STDOUT, data)) => ExecOutput::Stdout(data.to_vec()),
                Some((&STDERR, data)) => ExecOutput::Stderr(data.to_vec()),
                _ => continue,
            },
            Message::Close(Some(frame)) => return ExecEnd::from_text(&frame.reason).unwrap_or(ExecEnd::Disconnected),
            Message::Close(None) => return ExecEnd::Disconnected,
            _ => continue,
        };
        if outputs.send(output).await.is_err() {
            break;
        }
    }
    ExecEnd::Disconnected
}

/// Sends what comes until the other end takes no more. Input that ends leaves the session open, as a terminal does.
async fn send(mut socket: futures::stream::SplitSink<Socket, Message>, mut inputs: mpsc::Receiver<ExecInput>) {
    while let Some(input) = inputs.recv().await {
        let message = match input {
            ExecInput::Data(data) => [&[STDIN], &data[..]].concat(),
            ExecInput::Resize(size) => match serde_json::to_vec(&size) {
                Ok(size) => [&[RESIZE], &size[..]].concat(),
                Err(_) => continue,
            },
        };
        if socket.send(Message::binary(message)).await.is_err() {
            return;
        }
    }
    std::future::pending().await
}
