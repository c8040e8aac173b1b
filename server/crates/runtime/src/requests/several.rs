//! Several HTTP requests at once, each on a connection of its own.

use super::{Connection, Exchanged, Maker, Outgoing, connection, error_body, outcome, read, says_ok};
use crate::{
    conversation::{Broken, Call, Reply, Several, Writing},
    executor::Host,
};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request};
use model::HookKind;
use std::{
    collections::HashMap,
    net::{Shutdown, TcpStream as StdTcpStream},
    os::fd::AsFd,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The server's side of a conversation with a custom runtime about several requests.
pub(super) struct Many {
    maker: Maker,
    lists: Mutex<Lists>,
}

#[derive(Default)]
struct Lists {
    /// Connections that wait for a request.
    kept: Vec<Open>,
    /// A second hold of the connection of each request on its way.
    on_way: HashMap<String, StdTcpStream>,
}

/// A connection, and a second hold of its socket.
struct Open {
    connection: Connection,
    socket: StdTcpStream,
}

impl Many {
    pub(super) fn new(maker: Maker) -> Self {
        Self { maker, lists: Mutex::default() }
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self) -> Result<Open, Broken> {
        let reach = &self.maker.reach;
        let stream = reach.connect().await.map_err(|error| Broken(format!("port {}: {error}", reach.port())))?;
        let socket = StdTcpStream::from(stream.as_fd().try_clone_to_owned()?);
        Ok(Open { connection: connection(stream).await?, socket })
    }

    /// Sends a request on a connection that was kept, or on a new one, and reads the answer.
    async fn exchange(&self, request_id: &str, mut request: Request<Outgoing>, writing: Writing) -> Result<Exchanged, Broken> {
        let failed = |error: hyper::Error| Broken(format!("no answer: {error}"));
        loop {
            let kept = self.lists().kept.pop();
            let is_kept = kept.is_some();
            let Open { mut connection, socket } = match kept {
                Some(mut kept) => {
                    if kept.connection.sender.ready().await.is_err() {
                        continue;
                    }
                    kept
                }
                None => self.connect().await?,
            };
            let second = socket.try_clone()?;
            self.lists().on_way.insert(request_id.to_owned(), socket);
            let sent = connection.sender.try_send_request(request).await;
            let exchanged = match sent {
                Ok(response) => read(response, connection, writing).await,
                Err(mut error) => match error.take_message() {
                    // The server had closed it before it got the request.
                    Some(unsent) if is_kept => {
                        request = unsent;
                        continue;
                    }
                    _ => Err(failed(error.into_error())),
                },
            };
            let mut lists = self.lists();
            lists.on_way.remove(request_id);
            let mut exchanged = exchanged?;
            if let Some(connection) = exchanged.connection.take() {
                lists.kept.push(Open { connection, socket: second });
            }
            return Ok(exchanged);
        }
    }
}

#[async_trait]
impl Several for Many {
    async fn call(&self, call: &Call<'_>) -> Result<Reply, Broken> {
        let (request, is_http) = self.maker.request_of(call)?;
        let Exchanged { head, body, .. } = self.exchange(call.request_id, request, Writing::of(call)).await?;
        Ok(Reply { outcome: outcome(&head, body, is_http), is_fatal: false, is_cancelled: false })
    }

    /// Closes our half of the connection, by which a server learns that nobody waits any more; that it closes its own says that it has let go.
    async fn cancel(&self, _: &Host, request_id: &str) -> bool {
        if let Some(socket) = self.lists().on_way.get(request_id)
            && let Err(error) = socket.shutdown(Shutdown::Write)
        {
            tracing::debug!(%error, "the connection of a request has ended already");
        }
        false
    }

    async fn hook(&self, hook: HookKind, request_id: &str) -> Result<Result<(), Vec<u8>>, Broken> {
        let path = match hook {
            HookKind::PreFreeze => "/pre-freeze",
            HookKind::PreStop => "/pre-stop",
        };
        let request = self.maker.own_request(Method::GET, path, request_id, Bytes::new())?;
        let Exchanged { head, body, .. } = self.exchange(path, request, Writing::default()).await?;
        let is_ok = head.status.is_success() && says_ok(&head.headers);
        Ok(if is_ok { Ok(()) } else { Err(error_body(&head, body)) })
    }

    fn marks_its_log(&self) -> bool {
        false
    }

    fn breaks_singly(&self) -> bool {
        true
    }
}
