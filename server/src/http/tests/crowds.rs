//! Many clients at once, against a server in a process of its own whose memory is looked at.

use super::client::Client;
use super::place::{FUNCTION, Place, head, request};
use super::{ms, within};
use crate::http::connections_allowed;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use model::limits;
use std::net::SocketAddr;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const MB: u64 = 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the tests of this file in a process of its own"]
#[expect(clippy::print_stdout, reason = "tells the test that started it where it listens")]
async fn server_under_pressure() {
    let place = Place::with(&[], |limits| limits).await;
    println!("\nlistens on {}", place.address);
    std::future::pending::<()>().await;
}

/// The server's process.
struct Pressed {
    process: Child,
    address: SocketAddr,
}

impl Pressed {
    async fn start() -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap());
        process.args(["http::tests::crowds::server_under_pressure", "--exact", "--ignored", "--nocapture"]);
        let mut process = process.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = loop {
            let line = within(20, lines.next_line()).await.unwrap().expect("the server ended too early");
            if let Some(address) = line.strip_prefix("listens on ") {
                break address.parse().unwrap();
            }
        };
        Self { process, address }
    }

    /// Bytes of a line of the process's status.
    fn bytes(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_matches([':', ' ', '\t', 'k', 'B']).parse::<u64>().unwrap() * 1024
    }

    async fn call(&self, request: Vec<u8>) -> super::client::Answer {
        let mut client = Client::connect(self.address).await;
        client.send(request).await;
        within(8, client.answer()).await
    }
}

/// An upload that says it is as large as can be and sends this much of it.
async fn upload(address: SocketAddr, bytes: usize) -> Client {
    let mut client = Client::connect(address).await;
    let length = limits::API_CODE_BODY_BYTES_MAX.to_string();
    client.send(head("POST", "/services/s/functions", &[("content-length", length.as_str())], b"") + "\r\n").await;
    client.send(vec![b' '; bytes]).await;
    client
}

#[tokio::test]
async fn i5_6_uploads_beyond_the_memory_for_them_are_told_so() {
    const SENT: u64 = 4 * MB;
    let server = Pressed::start().await;
    let before = server.bytes("VmHWM");
    let fit = limits::UPLOAD_MEMORY_MB_DEFAULT as usize * 1024 * 1024 / limits::API_CODE_BODY_BYTES_MAX;
    let mut clients: FuturesUnordered<_> = (0..64)
        .map(|_| async {
            let mut client = upload(server.address, SENT as usize).await;
            let answer = client.try_answer().await;
            (client, answer)
        })
        .collect();
    for _ in 0..64 - fit {
        let (_, answer) = within(8, clients.next()).await.unwrap();
        let message = answer.unwrap().refusal(429, "ResourceThrottled");
        assert!(message.contains("146800640 bytes"), "{message}");
    }
    // The others are waited for, and what is small has room of its own.
    assert!(tokio::time::timeout(ms(300), clients.next()).await.is_err());
    let task = request("POST", &format!("{FUNCTION}/invocations"), &[("x-fc-invocation-type", "Async")], &[b'x'; 100_000]);
    assert_eq!(server.call(task).await.status, 202);
    let grown = server.bytes("VmHWM") - before;
    assert!(grown < 64 * SENT / 2, "{} MB for uploads of {} MB", grown / MB, 64 * SENT / MB);
    // Given up, they leave their room to others.
    drop(clients);
    let room_again = async {
        let mut again = Vec::new();
        while again.len() < fit {
            let mut client = upload(server.address, 1).await;
            // Some of those before may still be on their way out.
            if client.hears(ms(100)).await.is_none() {
                again.push(client);
            }
        }
    };
    within(8, room_again).await;
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "says what was measured, or why nothing was")]
async fn i5_6_ten_thousand_idle_connections_cost_little_and_keep_nobody_out() {
    const IDLE: usize = 10_000;
    const BYTES_EACH: u64 = 32 * 1024;
    if connections_allowed(IDLE) < IDLE {
        println!("skipped: the hard limit of open files does not allow {IDLE} connections");
        return;
    }
    let server = Pressed::start().await;
    let alive = || request("GET", "/services/s", &[], b"");
    assert_eq!(server.call(alive()).await.status, 200);
    let before = server.bytes("VmRSS");
    let mut idle = Vec::with_capacity(IDLE);
    for _ in 0..IDLE {
        idle.push(within(8, Client::connect(server.address)).await);
    }
    // Some of them have asked something before.
    for crowd in idle.chunks_mut(IDLE / 100).step_by(10) {
        let asked = crowd.iter_mut().map(|client| async {
            client.send("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
            client.answer().await.status
        });
        let statuses = within(8, futures::future::join_all(asked)).await;
        assert!(statuses.iter().all(|status| *status == 200));
    }
    assert_eq!(server.call(alive()).await.status, 200);
    let grown = server.bytes("VmRSS").saturating_sub(before);
    println!("{} bytes for each of {IDLE} connections", grown / IDLE as u64);
    assert!(grown < BYTES_EACH * IDLE as u64, "{} bytes each", grown / IDLE as u64);
    drop(idle);
}
