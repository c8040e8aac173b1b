//! Synchronous invocations: never a task, never retried.

use super::lookup::Resolved;
use crate::engine::Core;
use crate::ports::{AcquireError, Bodies, End, Instance, Invocation, Outcome};
use crate::tally::{executed, not_run, not_started};
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use model::{BodyStream, Error, ErrorCode, Function, InvocationResult, InvokeRequest, Invoked, Result, limits};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Statuses of answers that have no body.
const BODILESS: [u16; 2] = [204, 304];

impl Core {
    /// Runs an HTTP function whose answer may begin before the execution has ended.
    pub(crate) async fn invoke_http(self: &Arc<Self>, request: InvokeRequest, rest: Option<BodyStream>) -> Result<Invoked> {
        let (bodies, mut answer) = Bodies::new(rest);
        let (function, qualifier) = (request.function.clone(), request.qualifier.clone());
        let is_head = request.http.as_ref().is_some_and(|http| http.method == "HEAD");
        let core = Arc::clone(self);
        let mut running = async move { core.invoke(request, Some(bodies)).await }.boxed();
        let head = tokio::select! {
            biased;
            // First: what has begun is answered as begun, also when it is over by now.
            Ok(head) = &mut answer.head => head,
            result = &mut running => return Ok(Invoked::Whole(result?)),
        };
        if is_head || BODILESS.contains(&head.status) {
            // Nobody would read on, and that would end the code.
            loop {
                tokio::select! {
                    biased;
                    Some(_) = answer.pieces.recv() => {}
                    result = &mut running => return Ok(Invoked::Whole(result?)),
                }
            }
        }
        let runtime_note = self.resolve(&function, &qualifier).await.ok().and_then(|found| self.empty_result(&found.function).runtime_note);
        let body = futures::stream::unfold(Writing { running: Some(running), pieces: answer.pieces }, next_piece).boxed();
        Ok(Invoked::Streamed { head, body, runtime_note })
    }

    pub(crate) async fn invoke(self: &Arc<Self>, request: InvokeRequest, bodies: Option<Bodies>) -> Result<InvocationResult> {
        if request.payload.len() > limits::SYNC_PAYLOAD_BYTES_MAX {
            return Err(too_large());
        }
        let (Resolved { function, version }, ()) = tokio::try_join!(
            self.resolve(&request.function, &request.qualifier),
            self.check_takes(&request.function, &request.qualifier, request.http.as_ref()),
        )?;
        let mut payload = request.payload;
        if !function.spec.runtime.reads_bit_by_bit()
            && let Some(rest) = bodies.as_ref().and_then(Bodies::take_rest)
        {
            read_on(&mut payload, rest).await?;
        }
        let mut invocation = Invocation {
            function,
            qualifier: request.qualifier,
            version,
            request_id: request.request_id,
            payload,
            http: request.http,
            retry_count: 0,
            bodies,
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
        let (function, qualifier) = (invocation.function.clone(), invocation.qualifier.clone());
        let mut result = self.empty_result(&function);
        match acquired {
            Ok(instance) => {
                result.instance_id = Some(instance.id().clone());
                // On a task of its own: it has to be ended properly after this future was dropped.
                let outcome = self.tracker.spawn(self.clone().execute(instance, invocation, stop)).await;
                self.fill(result, outcome.map_err(|error| lost(&error))?)
            }
            Err(AcquireError::FunctionError { kind, body, .. }) if refusal(kind).is_some() => {
                self.count(&request.function, &qualifier, not_started);
                Err(Error::new(refusal(kind).unwrap_or(ErrorCode::CAExited), message_of(&body)))
            }
            Err(AcquireError::FunctionError { kind, body, log_tail }) => {
                self.count(&request.function, &qualifier, not_started);
                result.error = Some(kind.to_owned());
                Ok(InvocationResult { body, log_tail, ..result })
            }
            Err(AcquireError::Exhausted) => {
                self.count(&request.function, &qualifier, |figures| figures.throttles += 1);
                Err(Error::new(ErrorCode::ResourceExhausted, "no instance is free; try again later"))
            }
            Err(AcquireError::Platform(cause)) => {
                self.count(&request.function, &qualifier, not_run);
                tracing::error!(function.name = %function.name, cause, "instance not started");
                Err(Error::internal())
            }
        }
    }

    /// Runs an invocation and counts it, also where nobody waits for its outcome any more.
    async fn execute(self: Arc<Self>, instance: Box<dyn Instance>, invocation: Invocation, stop: CancellationToken) -> Outcome {
        let (function, qualifier) = (invocation.function.function_ref(), invocation.qualifier.clone());
        let outcome = instance.run(invocation, stop).await;
        self.count(&function, &qualifier, |figures| {
            executed(figures, &outcome.end, outcome.duration_ms);
            if matches!(outcome.end, End::Stopped { .. }) {
                let figure = if self.abandoned.is_cancelled() { &mut figures.server_errors } else { &mut figures.client_errors };
                *figure += 1;
            }
        });
        outcome
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
            End::Displaced { message } => Err(Error::new(ErrorCode::ServiceUnavailable, message)),
            End::PlatformError { message } => {
                tracing::error!(cause = message, "invocation failed");
                Err(Error::internal())
            }
        }
    }
}

/// Reads a body to its end.
async fn read_on(payload: &mut Vec<u8>, mut rest: BodyStream) -> Result<()> {
    while let Some(piece) = rest.next().await {
        payload.extend(piece?);
        if payload.len() > limits::SYNC_PAYLOAD_BYTES_MAX {
            return Err(too_large());
        }
    }
    Ok(())
}

fn too_large() -> Error {
    let text = format!("payload size exceeds maximum allowed size ({} bytes)", limits::SYNC_PAYLOAD_BYTES_MAX);
    Error::new(ErrorCode::EntityTooLarge, text)
}

/// An answer that is being written.
struct Writing {
    /// The execution, until it has ended.
    running: Option<BoxFuture<'static, Result<InvocationResult>>>,
    pieces: mpsc::Receiver<Bytes>,
}

/// The next piece of an answer; an error when the execution fails before the answer is complete.
async fn next_piece(mut writing: Writing) -> Option<(Result<Vec<u8>>, Writing)> {
    if let Some(running) = &mut writing.running {
        let result = tokio::select! {
            biased;
            Some(piece) = writing.pieces.recv() => return Some((Ok(piece.into()), writing)),
            result = running => result,
        };
        writing.running = None;
        let failed = match result {
            Ok(InvocationResult { error: Some(kind), .. }) => {
                Some(Error::new(ErrorCode::BadResponse, format!("the function failed while it answered: {kind}")))
            }
            Ok(_) => None,
            Err(error) => Some(error),
        };
        if let Some(error) = failed {
            return Some((Err(error), writing));
        }
    }
    // It has ended; some of what it wrote may still be on its way.
    let piece = writing.pieces.recv().await?;
    Some((Ok(piece.into()), writing))
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
