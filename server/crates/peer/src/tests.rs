//! Both sides over a real socket, with a host that does what the test says.

use crate::{PATH, WebSocketPeers, router};
use async_trait::async_trait;
use engine::ports::{Node, PeerHost, Peers, WorkerId, no_instance};
use futures::StreamExt;
use model::{
    ExecEnd, ExecInput, ExecOutput, ExecRequest, ExecSession, ExecSink, FunctionName, FunctionRef, InstanceId, InstanceInfo, InstanceState,
    Qualifier, Region, Result, ServiceName, TerminalSize, UnixMillis,
};
use std::sync::{Arc, Mutex};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

type Command = (ExecRequest, UnboundedReceiver<ExecInput>, UnboundedSender<ExecOutput>);

#[derive(Default)]
struct Host {
    command: Mutex<Option<Command>>,
}

struct Sink(UnboundedSender<ExecInput>);

#[async_trait]
impl ExecSink for Sink {
    async fn send(&mut self, input: ExecInput) -> bool {
        self.0.send(input).is_ok()
    }
}

fn function() -> FunctionRef {
    FunctionRef { region: Region::from_stored("r"), service: ServiceName::from_stored("s"), function: FunctionName::from_stored("f") }
}

fn instance() -> InstanceInfo {
    InstanceInfo {
        id: InstanceId::from_stored("c-1"),
        function: function(),
        qualifier: Qualifier::latest(),
        version: None,
        state: InstanceState::Idle,
        created_at: UnixMillis(1),
        last_used_at: None,
        requests: Vec::new(),
        tasks: Vec::new(),
        memory_bytes: 1,
        memory_peak_bytes: 2,
        memory_mb: 3,
        cpu_ms: 4,
        sessions: 0,
    }
}

#[async_trait]
impl PeerHost for Host {
    async fn own_instances(&self, of: &FunctionRef) -> Vec<InstanceInfo> {
        if *of == function() { vec![instance()] } else { Vec::new() }
    }

    async fn own_region_instances(&self, region: &Region) -> Vec<InstanceInfo> {
        if *region == function().region { vec![instance()] } else { Vec::new() }
    }

    async fn own_exec(&self, _: &FunctionRef, id: &InstanceId, request: ExecRequest) -> Result<ExecSession> {
        if id.as_str() != "c-1" {
            return Err(no_instance(id));
        }
        let (input, inputs) = unbounded_channel();
        let (outputs, mut output) = unbounded_channel();
        *self.command.lock().unwrap() = Some((request, inputs, outputs));
        let output = futures::stream::poll_fn(move |context| output.poll_recv(context));
        Ok(ExecSession { input: Box::new(Sink(input)), output: Box::pin(output) })
    }

    async fn own_drain(&self, _: &FunctionRef, id: &InstanceId) -> Result<()> {
        if id.as_str() == "c-1" { Ok(()) } else { Err(no_instance(id)) }
    }
}

async fn served() -> (Arc<Host>, Node) {
    let host = Arc::new(Host::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let router = router(host.clone(), "open sesame");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (host, Node { worker: WorkerId("w".to_owned()), address, secret: "open sesame".to_owned() })
}

#[tokio::test]
async fn i4_6_a_server_tells_another_of_its_instances() {
    let (_, node) = served().await;
    assert_eq!(WebSocketPeers.instances(&node, &function()).await, Ok(vec![instance()]));
    let other = FunctionRef { function: FunctionName::from_stored("g"), ..function() };
    assert_eq!(WebSocketPeers.instances(&node, &other).await, Ok(vec![]));
    assert_eq!(WebSocketPeers.region_instances(&node, &function().region).await, Ok(vec![instance()]));
    assert_eq!(WebSocketPeers.region_instances(&node, &Region::from_stored("elsewhere")).await, Ok(vec![]));
    let stranger = Node { secret: "open barley".to_owned(), ..node.clone() };
    assert!(WebSocketPeers.instances(&stranger, &function()).await.unwrap_err().contains("403"), "{PATH} is not for strangers");
    let gone = Node { address: "127.0.0.1:1".to_owned(), ..node };
    assert!(WebSocketPeers.instances(&gone, &function()).await.is_err());
}

#[tokio::test]
async fn b16_an_instance_is_drained_on_the_server_that_has_it() {
    let (_, node) = served().await;
    let drain = async |id: &str| WebSocketPeers.drain(&node, &function(), &InstanceId::from_stored(id)).await;
    assert_eq!(drain("c-1").await, Ok(Ok(())));
    assert_eq!(drain("c-2").await, Ok(Err(no_instance(&InstanceId::from_stored("c-2")))));
}

#[tokio::test]
async fn i4_7_a_command_runs_on_the_server_that_has_the_instance() {
    let (host, node) = served().await;
    let request = ExecRequest { command: vec!["sh".to_owned(), "é".to_owned()], ..ExecRequest::shell("somebody") };
    let refused = WebSocketPeers.exec(&node, &function(), &InstanceId::from_stored("c-2"), &request).await.unwrap();
    assert_eq!(refused.err(), Some(no_instance(&InstanceId::from_stored("c-2"))));
    let id = InstanceId::from_stored("c-1");
    let mut session = WebSocketPeers.exec(&node, &function(), &id, &request).await.unwrap().unwrap();
    let (asked, mut inputs, outputs) = host.command.lock().unwrap().take().unwrap();
    assert_eq!(asked, request);
    for input in [ExecInput::Data(vec![0, 255, 4]), ExecInput::Resize(TerminalSize { cols: 7, rows: 8 })] {
        assert!(session.input.send(input.clone()).await);
        assert_eq!(inputs.recv().await, Some(input));
    }
    for output in [ExecOutput::Stdout(vec![0, 255, 10]), ExecOutput::Stderr(vec![0xe2]), ExecOutput::Ended(ExecEnd::Idle)] {
        outputs.send(output.clone()).unwrap();
        assert_eq!(session.output.next().await, Some(output), "no byte is changed");
    }
}

#[tokio::test]
async fn i4_7_whoever_leaves_ends_the_command_and_a_lost_way_is_told() {
    let (host, node) = served().await;
    let (id, request) = (InstanceId::from_stored("c-1"), ExecRequest::shell("somebody"));
    let session = WebSocketPeers.exec(&node, &function(), &id, &request).await.unwrap().unwrap();
    let (_, _inputs, outputs) = host.command.lock().unwrap().take().unwrap();
    drop(session.output);
    outputs.closed().await;
    let mut session = WebSocketPeers.exec(&node, &function(), &id, &request).await.unwrap().unwrap();
    drop(host.command.lock().unwrap().take());
    assert_eq!(session.output.next().await, Some(ExecOutput::Ended(ExecEnd::Disconnected)));
}
