//! What executors get from the engine: a place for log lines and the code packages.

use crate::batch::Batcher;
use crate::hub::ChangeHub;
use crate::ports::{CodeSource, LogPart, LogSink, Store};
use crate::running::Running;
use async_trait::async_trait;
use model::{Change, InstanceId, LogLine, RequestId, ServiceRef, TaskStatus};
use std::sync::Arc;

/// Parts of logs that are stored together at most: each may have megabytes.
const BATCH_PARTS_MAX: usize = 64;

/// Stores log lines, those of all instances that write at the same time in one transaction, and tells listeners that a task's log grew.
pub struct StoreLogSink {
    parts: Batcher<LogPart, ()>,
    running: Running,
    hub: ChangeHub,
}

impl StoreLogSink {
    /// `running` and `hub` are the engine's. To be called within a runtime.
    pub fn new(store: Arc<dyn Store>, running: Running, hub: ChangeHub) -> Self {
        let parts = Batcher::spawn(BATCH_PARTS_MAX, move |batch: Vec<LogPart>| {
            let (store, written) = (store.clone(), vec![(); batch.len()]);
            Box::pin(async move { store.append_logs(batch).await.map(|()| written) })
        });
        Self { parts, running, hub }
    }
}

#[async_trait]
impl LogSink for StoreLogSink {
    async fn write(&self, request: &RequestId, instance: &InstanceId, lines: Vec<LogLine>) {
        let count = lines.len();
        let part = LogPart { request: request.clone(), instance: instance.clone(), lines };
        if let Err(error) = self.parts.write(part).await {
            // A task must not fail because its log could not be kept; the loss is told where operators look.
            tracing::error!(request.id = %request, lines = count, error = %error, "log lines lost");
            return;
        }
        if let Some(task) = self.running.task_of(request) {
            self.hub.publish(Change { task, status: TaskStatus::Running, is_new: false });
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

    async fn internet_access(&self, service: &ServiceRef) -> Result<bool, String> {
        match self.store.get_service(service).await {
            Ok(Some(found)) => Ok(found.spec.internet_access),
            Ok(None) => Err(format!("service {} is not stored", service.service)),
            Err(error) => Err(error.to_string()),
        }
    }
}
