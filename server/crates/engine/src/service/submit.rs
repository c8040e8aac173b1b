//! Accepting asynchronous invocations.

use crate::engine::Core;
use crate::fault::store_fault;
use crate::ports::{Inserted, NewTask};
use model::{AsyncConfig, Destinations, Error, ErrorCode, Result, SubmitReceipt, SubmitRequest, TaskId, TaskStatus, VersionId, limits};

impl Core {
    pub(crate) async fn submit(&self, request: SubmitRequest) -> Result<SubmitReceipt> {
        check_size(request.payload.len())?;
        self.accept(request).await
    }

    /// Accepts what is not held to the size of an event from outside: an event that was accepted before, or an outcome for a destination,
    /// which holds the event and the result of a task.
    pub(crate) async fn accept(&self, request: SubmitRequest) -> Result<SubmitReceipt> {
        if request.delay_s > limits::ASYNC_DELAY_S_MAX {
            let text = format!(
                "AsyncDelay is set to an invalid value (allowed: 0 to {}, actual: '{}')",
                limits::ASYNC_DELAY_S_MAX,
                request.delay_s
            );
            return Err(Error::invalid(text));
        }
        if self.draining.is_cancelled() {
            return Err(Error::new(ErrorCode::ServiceUnavailable, "the server is shutting down; nothing was stored, try again"));
        }
        let version = self.resolve(&request.function, &request.qualifier).await?.version;
        let (config, ()) = tokio::try_join!(
            async { self.store.get_async_config(&request.function, &request.qualifier).await.map_err(store_fault) },
            self.check_takes(&request.function, &request.qualifier, request.http.as_ref()),
        )?;
        let listed = request.force_task || config.as_ref().is_some_and(AsyncConfig::task_mode);
        let task = self.new_task(request, version, config.as_ref(), listed)?;
        let receipt = SubmitReceipt { request_id: task.request_id.clone(), task_id: listed.then(|| task.id.clone()), due_at: task.due_at };
        let (task_ref, qualifier) = (task.function.task(task.id.clone()), task.qualifier.clone());
        let inserted = self.inserts.write(task).await;
        // Also after an error: the task may be stored all the same.
        self.due_at(receipt.due_at);
        match inserted.map_err(store_fault)? {
            Inserted::New(_) => {}
            Inserted::Duplicate => {
                let text = format!("a task with the id '{}' already exists; nothing was submitted", task_ref.id);
                return Err(Error::new(ErrorCode::StatefulAsyncInvocationAlreadyExists, text));
            }
        }
        metrics::counter!("taskyard_tasks_submitted_total").increment(1);
        self.count(&task_ref.function, &qualifier, |figures| figures.enqueued += 1);
        if listed {
            self.publish(&task_ref, TaskStatus::Enqueued, true);
        }
        Ok(receipt)
    }

    fn new_task(&self, request: SubmitRequest, version: Option<VersionId>, config: Option<&AsyncConfig>, listed: bool) -> Result<NewTask> {
        // An id given while task mode is off is ignored (`fc-api.md` 4.2).
        let id = match request.task_id.as_deref().filter(|id| listed && !id.is_empty()) {
            Some(custom) => TaskId::parse_custom(custom)?,
            None => TaskId::from_stored(request.request_id.as_str()),
        };
        let submitted_at = self.clock.now();
        let due_at = submitted_at.plus_ms(ms(request.delay_s));
        let age_s = config.map_or(limits::EVENT_AGE_S_DEFAULT, AsyncConfig::event_age_s);
        Ok(NewTask {
            function: request.function,
            id,
            qualifier: request.qualifier,
            version,
            request_id: request.request_id,
            listed,
            payload: request.payload,
            http: request.http,
            submitted_at,
            due_at,
            // The clock of the age starts when the task is due (`product.md` 3).
            expires_at: due_at.plus_ms(ms(age_s)),
            max_retries: config.map_or(limits::RETRY_ATTEMPTS_DEFAULT, AsyncConfig::retries),
            destinations: config.map(Destinations::of).unwrap_or_default(),
            origin: request.origin,
        })
    }
}

/// Fails when the event of an asynchronous invocation is too large.
pub(crate) fn check_size(bytes: usize) -> Result<()> {
    if bytes <= limits::ASYNC_PAYLOAD_BYTES_MAX {
        return Ok(());
    }
    let text = format!("payload size {bytes} exceeds maximum allowed size ({} bytes)", limits::ASYNC_PAYLOAD_BYTES_MAX);
    Err(Error::new(ErrorCode::EntityTooLarge, text))
}

fn ms(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX)
}
