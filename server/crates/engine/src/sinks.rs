//! What executors get from the engine: a place for log lines and the code packages.

use crate::batch::Batcher;
use crate::clock::Clock;
use crate::hub::ChangeHub;
use crate::log_queue::LogQueue;
use crate::ports::{CodeSource, LogOrigin, LogPart, LogSink, Store};
use crate::running::Running;
use async_trait::async_trait;
use model::{Change, Function, LayerVersionRef, LogLine, RequestId, ServiceRef, ServiceSpec, TaskStatus};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Parts of logs that are stored together at most: each may have megabytes.
const BATCH_PARTS_MAX: usize = 64;
/// Bytes of lines that are handed over at most; more are worth a transaction of their own.
const HANDED_BYTES_MAX: usize = 64 << 10;
/// Parts, or bytes of lines, of one request after which they are merged while it goes on.
const SEAL_PARTS: u32 = 64;
const SEAL_BYTES: usize = 1 << 20;
/// Parts, or bytes of lines, that are worth merging when it has ended. Most requests write fewer, and cost nothing more.
const SEAL_PARTS_AT_END: u32 = 4;
const SEAL_BYTES_AT_END: usize = 64 << 10;
/// Requests that wait to have their parts merged; those of further ones stay as they are, which only takes more room.
const SEALS_WAITING_MAX: usize = 4_096;

/// Parts of a request since they were merged last.
#[derive(Debug, Default)]
struct Loose {
    parts: u32,
    bytes: usize,
    was_sealed: bool,
}

/// Stores log lines, those of all instances that write at the same time in one transaction, tells listeners that a task's log grew, and has
/// small parts merged behind everybody's back.
pub struct StoreLogSink {
    parts: Batcher<LogPart, ()>,
    loose: Mutex<HashMap<RequestId, Loose>>,
    seals: mpsc::Sender<RequestId>,
    running: Running,
    hub: ChangeHub,
    _ended: DropGuard,
}

impl StoreLogSink {
    /// `running` and `hub` are the engine's. To be called within a runtime.
    pub fn new(store: Arc<dyn Store>, running: Running, hub: ChangeHub, clock: Arc<dyn Clock>) -> Self {
        let (seals, waiting) = mpsc::channel(SEALS_WAITING_MAX);
        let ended = CancellationToken::new();
        tokio::spawn(running.logs.clone().keep_stored(store.clone(), clock.clone(), ended.clone()));
        tokio::spawn(seal(store.clone(), clock, running.logs.clone(), waiting));
        let parts = Batcher::spawn(BATCH_PARTS_MAX, move |batch: Vec<LogPart>| {
            let (store, written) = (store.clone(), vec![(); batch.len()]);
            Box::pin(async move { store.append_logs(batch).await.map(|()| written) })
        });
        Self { parts, loose: Mutex::default(), seals, running, hub, _ended: ended.drop_guard() }
    }

    /// Counts a stored part; true when it is time to merge.
    fn count(&self, request: &RequestId, bytes: usize) -> bool {
        let mut all = self.loose.lock().unwrap_or_else(PoisonError::into_inner);
        let loose = all.entry(request.clone()).or_default();
        loose.parts += 1;
        loose.bytes += bytes;
        let is_time = loose.parts >= SEAL_PARTS || loose.bytes >= SEAL_BYTES;
        if is_time {
            *loose = Loose { was_sealed: true, ..Loose::default() };
        }
        is_time
    }

    /// Tells listeners that a task's log grew, and has it merged when that is worth it.
    fn tell(&self, request: &RequestId, bytes: usize) {
        if let Some(task) = self.running.task_of(request) {
            self.hub.publish(Change { task, status: TaskStatus::Running, is_new: false });
        }
        if self.count(request, bytes) {
            self.ask_for_seal(request);
        }
    }

    fn ask_for_seal(&self, request: &RequestId) {
        if self.seals.try_send(request.clone()).is_err() {
            tracing::debug!(request.id = %request, "parts of a log stay unmerged: too many wait for it");
        }
    }
}

#[async_trait]
impl LogSink for StoreLogSink {
    async fn write(&self, origin: &LogOrigin, lines: Vec<LogLine>) {
        let request = &origin.request;
        let part = LogPart { origin: origin.clone(), lines };
        let (count, bytes) = (part.lines.len(), part.bytes());
        if let Err(error) = self.parts.write(part).await {
            // A task must not fail because its log could not be kept; the loss is told where operators look.
            tracing::error!(request.id = %request, lines = count, error = %error, "log lines lost");
            return;
        }
        self.tell(request, bytes);
    }

    async fn hand_over(&self, origin: &LogOrigin, lines: Vec<LogLine>) {
        let part = LogPart { origin: origin.clone(), lines };
        let size = part.bytes();
        if size > HANDED_BYTES_MAX {
            return self.write(origin, part.lines).await;
        }
        match self.running.logs.push(part) {
            Ok(()) => self.tell(&origin.request, size),
            // Those who write wait until there is room again.
            Err(part) => self.write(origin, part.lines).await,
        }
    }

    fn ended(&self, request: &RequestId) {
        let loose = self.loose.lock().unwrap_or_else(PoisonError::into_inner).remove(request);
        if loose.is_some_and(|loose| loose.was_sealed || loose.parts >= SEAL_PARTS_AT_END || loose.bytes >= SEAL_BYTES_AT_END) {
            self.ask_for_seal(request);
        }
    }
}

/// Merges parts of one request after the other, until the sink is gone.
async fn seal(store: Arc<dyn Store>, clock: Arc<dyn Clock>, logs: LogQueue, mut waiting: mpsc::Receiver<RequestId>) {
    let mut asked = Vec::new();
    while waiting.recv_many(&mut asked, SEALS_WAITING_MAX).await > 0 {
        let requests: HashSet<RequestId> = asked.drain(..).collect();
        // The last parts of those that have ended.
        logs.flush(&store).await;
        for request in requests {
            loop {
                match store.seal_log(&request, clock.now()).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        // Nothing is lost: the parts are stored, and the next time they are merged with what has come since.
                        tracing::warn!(request.id = %request, error = %error, "parts of a log not merged");
                        break;
                    }
                }
            }
        }
    }
}

/// Reads code packages and services from the store.
pub struct StoreCodeSource {
    store: Arc<dyn Store>,
}

impl StoreCodeSource {
    /// Reads from this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }
}

#[async_trait]
impl CodeSource for StoreCodeSource {
    async fn code(&self, package_id: &str) -> Result<Vec<u8>, String> {
        match self.store.get_code(package_id).await {
            Ok(Some(code)) => Ok(code),
            Ok(None) => Err(format!("code package {package_id} is not stored")),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn layers(&self, function: &Function) -> Result<Vec<Option<String>>, String> {
        // What can't be read was stored before there were layers, and never did anything.
        let wanted = LayerVersionRef::of_function(&function.spec, &function.region).unwrap_or_default();
        let mut packages = Vec::new();
        for at in &wanted {
            let found = self.store.get_layer_version(at, true).await.map_err(|error| error.to_string())?;
            packages.push(found.map(|found| found.package_id));
        }
        Ok(packages)
    }

    async fn service(&self, service: &ServiceRef) -> Result<ServiceSpec, String> {
        match self.store.get_service(service).await {
            Ok(Some(found)) => Ok(found.spec),
            Ok(None) => Err(format!("service {} is not stored", service.service)),
            Err(error) => Err(error.to_string()),
        }
    }
}
