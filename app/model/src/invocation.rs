//! Requests that run a function, and what comes back (`fc-api.md` 3.7).

use crate::{FunctionRef, HttpRequest, HttpResponse, InstanceId, Qualifier, RequestId, Result, TaskId, TaskRef, TriggerName, UnixMillis};
use futures_core::Stream;
use serde::{Deserialize, Serialize};
use std::pin::Pin;

/// A new run of a task with another input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rerun {
    /// Request id of this call; becomes the new task's id when none is given.
    pub request_id: RequestId,
    /// Id chosen by the caller, unchecked.
    pub task_id: Option<String>,
    pub delay_s: u64,
    /// The new event.
    pub payload: Vec<u8>,
}

/// An asynchronous invocation as it comes in from API or console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmitRequest {
    pub function: FunctionRef,
    pub qualifier: Qualifier,
    /// Request id of this call; becomes the task's id when none is given.
    pub request_id: RequestId,
    /// Id chosen by the caller, unchecked.
    pub task_id: Option<String>,
    /// True turns this one call into a task although task mode is off.
    pub force_task: bool,
    pub delay_s: u64,
    /// The event; the body of the request of an HTTP function.
    pub payload: Vec<u8>,
    /// The request to an HTTP function; `None` for an event.
    pub http: Option<HttpRequest>,
    pub origin: Origin,
}

/// What caused an asynchronous invocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    Api,
    Console {
        user: String,
    },
    /// A re-execution of this earlier task.
    Reexecution {
        user: String,
        task: TaskId,
    },
    /// A time trigger that was due.
    Trigger {
        name: TriggerName,
    },
    /// The outcome of this task, sent to a function as its destination.
    Destination {
        task: TaskRef,
    },
}

/// An accepted asynchronous invocation: it is durable by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitReceipt {
    pub request_id: RequestId,
    /// The task's id; `None` when task mode is off for the call.
    pub task_id: Option<TaskId>,
    pub due_at: UnixMillis,
}

/// A synchronous invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvokeRequest {
    pub function: FunctionRef,
    pub qualifier: Qualifier,
    pub request_id: RequestId,
    /// The event; the body of the request of an HTTP function.
    pub payload: Vec<u8>,
    /// The request to an HTTP function; `None` for an event.
    pub http: Option<HttpRequest>,
}

/// A body in pieces, as they come. An error ends it: there is no more, and it is not complete.
pub type BodyStream = Pin<Box<dyn Stream<Item = Result<Vec<u8>>> + Send>>;

/// What is known of an HTTP function's answer when it begins.
pub enum Invoked {
    /// All of it: the execution has ended.
    Whole(InvocationResult),
    /// Its head; the function goes on writing the body, until that is dropped.
    Streamed { head: HttpResponse, body: BodyStream, runtime_note: Option<String> },
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvocationResult {
    /// The handler's result or the body of its HTTP answer, or the error object as JSON when `error` is set.
    pub body: Vec<u8>,
    /// Head of the answer of an HTTP function; `None` when `error` is set.
    pub http: Option<HttpResponse>,
    /// `HandledInvocationError` or `UnhandledInvocationError`; `None` on success.
    pub error: Option<String>,
    pub duration_ms: i64,
    pub instance_id: Option<InstanceId>,
    /// The last `limits::LOG_TAIL_BYTES_MAX` bytes of the request's log with the platform's summary line.
    pub log_tail: String,
    pub code_checksum: String,
    /// Says which interpreter stood in when the exact version is not installed (`product.md` 3).
    pub runtime_note: Option<String>,
}
