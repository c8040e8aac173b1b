//! A client that sends whatever bytes it is told to.

use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(super) struct Client {
    pub(super) stream: TcpStream,
    /// What has come and belongs to no answer yet.
    come: Vec<u8>,
}

/// An answer as it came.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    pub(super) body: Vec<u8>,
}

impl Client {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), come: Vec::new() }
    }

    /// Sends it all, or as much as the server takes before it closes.
    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        drop(self.stream.write_all(bytes.as_ref()).await);
    }

    /// What comes within this time; `None` when nothing does. Empty when the server has closed.
    pub(super) async fn hears(&mut self, patience: Duration) -> Option<usize> {
        tokio::time::timeout(patience, self.stream.read_buf(&mut self.come)).await.ok().map(|read| read.unwrap_or(0))
    }

    /// Waits until the server has closed, whatever it says before.
    pub(super) async fn until_closed(&mut self) {
        while self.stream.read_buf(&mut self.come).await.is_ok_and(|read| read > 0) {}
    }

    /// Waits until this text has come.
    pub(super) async fn until_heard(&mut self, text: &str) {
        while !self.come.windows(text.len()).any(|bytes| bytes == text.as_bytes()) {
            assert_ne!(self.stream.read_buf(&mut self.come).await.unwrap_or(0), 0, "closed before {text}");
        }
    }

    /// The next answer; `None` when the server closes without one.
    pub(super) async fn try_answer(&mut self) -> Option<Answer> {
        let end = loop {
            if let Some(end) = self.come.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            if self.stream.read_buf(&mut self.come).await.unwrap_or(0) == 0 {
                return None;
            }
        };
        let head = String::from_utf8(self.come.drain(..end).collect()).unwrap().to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer { status, head, body: Vec::new() };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        while self.come.len() < length {
            assert_ne!(self.stream.read_buf(&mut self.come).await.unwrap_or(0), 0, "{answer:?} is cut off");
        }
        answer.body = self.come.drain(..length).collect();
        Some(answer)
    }

    pub(super) async fn answer(&mut self) -> Answer {
        self.try_answer().await.expect("an answer")
    }
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().filter_map(|line| line.split_once(": ")).find_map(|(given, value)| (given == name).then_some(value))
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The message of a refusal, which has its code, and the request's id twice.
    pub(super) fn refusal(&self, status: u16, code: &str) -> String {
        let body = self.json();
        assert_eq!((self.status, body["Code"].as_str()), (status, Some(code)), "{body}");
        assert_eq!((&body["Code"], &body["Message"]), (&body["ErrorCode"], &body["ErrorMessage"]));
        assert_eq!(body["RequestId"].as_str(), self.header("x-fc-request-id"));
        assert_eq!(body["RequestId"].as_str().unwrap().len(), 36);
        body["Message"].as_str().unwrap().to_owned()
    }
}
