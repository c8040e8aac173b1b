//! Synchronous invocations: never a task, never retried.

use super::lookup::Resolved;
use crate::engine::Core;
use crate::ports::{AcquireError, End, Invocation, Outcome};
use model::{Error, ErrorCode, Function, InvocationResult, InvokeRequest, Result, limits};

impl Core {
    pub(crate) async fn invoke(&self, request: InvokeRequest) -> Result<InvocationResult> {
        if request.payload.len() > limits::SYNC_PAYLOAD_BYTES_MAX {
            let text = format!("payload size exceeds maximum allowed size ({} bytes)", limits::SYNC_PAYLOAD_BYTES_MAX);
            return Err(Error::new(ErrorCode::EntityTooLarge, text));
        }
        let (Resolved { function, version }, ()) = tokio::try_join!(
            self.resolve(&request.function, &request.qualifier),
            self.check_takes(&request.function, &request.qualifier, request.http.as_ref()),
        )?;
        let mut invocation = Invocation {
            function,
            qualifier: request.qualifier,
            version,
            request_id: request.request_id,
            payload: request.payload,
            http: request.http,
            retry_count: 0,
        };
        // The guard ends the code when the caller goes away and this future is dropped; what a server that ends gives up, ends too.
        let stop = self.abandoned.child_token();
        let _caller_gone = stop.clone().drop_guard();
        let mut acquired = self.executor.acquire_soon(&invocation, &stop).await;
        if let Err(AcquireError::Platform(_)) = &acquired {
            // While it waited for its turn the code may have been replaced, and what it was to run is not there any more.
            let now = self.resolve(&request.function, &invocation.qualifier).await?;
            if now.function.etag != invocation.function.etag {
                (invocation.function, invocation.version) = (now.function, now.version);
                acquired = self.executor.acquire_soon(&invocation, &stop).await;
            }
        }
        let function = invocation.function.clone();
        let mut result = self.empty_result(&function);
        match acquired {
            Ok(instance) => {
                result.instance_id = Some(instance.id().clone());
                // On a task of its own: it has to be ended properly after this future was dropped.
                let outcome = self.tracker.spawn(instance.run(invocation, stop)).await;
                self.fill(result, outcome.map_err(|error| lost(&error))?)
            }
            Err(AcquireError::FunctionError { kind, body, .. }) if refusal(kind).is_some() => {
                Err(Error::new(refusal(kind).unwrap_or(ErrorCode::CAExited), message_of(&body)))
            }
            Err(AcquireError::FunctionError { kind, body, log_tail }) => {
                result.error = Some(kind.to_owned());
                Ok(InvocationResult { body, log_tail, ..result })
            }
            Err(AcquireError::Exhausted) => Err(Error::new(ErrorCode::ResourceExhausted, "no instance is free; try again later")),
            Err(AcquireError::Platform(cause)) => {
                tracing::error!(function.name = %function.name, cause, "instance not started");
                Err(Error::internal())
            }
        }
    }

    fn empty_result(&self, function: &Function) -> InvocationResult {
        let runtime = self.executor.runtimes().into_iter().find(|found| found.name == function.spec.runtime);
        let stand_in = runtime.filter(|found| !found.exact).and_then(|found| found.interpreter);
        InvocationResult {
            body: Vec::new(),
            http: None,
            error: None,
            duration_ms: 0,
            instance_id: None,
            log_tail: String::new(),
            code_checksum: function.code_checksum.clone(),
            runtime_note: stand_in.map(|version| format!("{} runs on {version}", function.spec.runtime)),
        }
    }

    fn fill(&self, result: InvocationResult, outcome: Outcome) -> Result<InvocationResult> {
        let result = InvocationResult { duration_ms: outcome.duration_ms, log_tail: outcome.log_tail, ..result };
        match outcome.end {
            End::Succeeded { result: body } => Ok(InvocationResult { body, ..result }),
            End::Answered { head, body } => Ok(InvocationResult { body, http: Some(head), ..result }),
            End::FunctionError { kind, body } => Ok(InvocationResult { body, error: Some(kind.to_owned()), ..result }),
            End::Stopped { .. } if self.abandoned.is_cancelled() => {
                Err(Error::new(ErrorCode::ServiceUnavailable, "the server is shutting down; the invocation was ended"))
            }
            End::Stopped { .. } => Err(Error::new(ErrorCode::ClientClosedRequest, "the invocation was ended")),
            End::PlatformError { message } => {
                tracing::error!(cause = message, "invocation failed");
                Err(Error::internal())
            }
        }
    }
}

/// The error code of a custom runtime that can't be started (`fc-api.md` 5.5); callers get it instead of a result.
fn refusal(kind: &str) -> Option<ErrorCode> {
    [ErrorCode::CAFileNotFound, ErrorCode::CAFilePermission, ErrorCode::CAExited].into_iter().find(|code| code.as_str() == kind)
}

/// The text of an error object.
fn message_of(body: &[u8]) -> String {
    let object: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    object.get("errorMessage").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

fn lost(error: &tokio::task::JoinError) -> Error {
    tracing::error!(error = %error, "invocation lost");
    Error::internal()
}
