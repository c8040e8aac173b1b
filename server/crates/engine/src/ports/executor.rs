//! What runs code: an executor with its instances, and what it needs of the engine.

use super::{Bodies, Fleet, LogOrigin};
use async_trait::async_trait;
use model::{
    Error, ErrorCode, ExecRequest, ExecSession, Function, FunctionRef, HttpRequest, HttpResponse, InstanceId, InstanceInfo, LogLine,
    Qualifier, Region, RequestId, ServiceRef, ServiceSpec, VersionId,
};
use tokio_util::sync::CancellationToken;

/// One execution to do.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// As it is, or as it was published.
    pub function: Function,
    /// What the caller addressed.
    pub qualifier: Qualifier,
    /// The version that `function` is of; `None` for the current code.
    pub version: Option<VersionId>,
    pub request_id: RequestId,
    /// The event; the body of the request of an HTTP function.
    pub payload: Vec<u8>,
    /// The request to an HTTP function; `None` for an event.
    pub http: Option<HttpRequest>,
    /// 0 on the first attempt; counts function-error retries.
    pub retry_count: u32,
    /// Where an HTTP function's answer goes while it is written, and what is still to come of its request; `None` where all is whole.
    pub bodies: Option<Bodies>,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub end: End,
    /// Execution time.
    pub duration_ms: i64,
    /// Tail of the request's log with the platform's summary line (`fc-api.md` 3.7).
    pub log_tail: String,
}

/// The ways in which an execution ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The handler's result.
    Succeeded { result: Vec<u8> },
    /// An HTTP function's answer, whatever its status. Of one that went its way while it was written ([`Invocation::bodies`]) the body is not
    /// here.
    Answered { head: HttpResponse, body: Vec<u8> },
    /// The function failed: `HandledInvocationError` or `UnhandledInvocationError` with the error object as JSON (`fc-api.md` 5.4).
    FunctionError { kind: &'static str, body: Vec<u8> },
    /// `stop` was cancelled and no process of the instance is left; `ended_by_itself` when the code had returned before.
    Stopped { ended_by_itself: bool },
    /// The platform could not run it; not the function's fault, not counted as a retry.
    PlatformError { message: String },
    /// Its instance was ended for the sake of another request on it, or nobody can tell of which; not counted as a retry. The message says
    /// why.
    Displaced { message: String },
}

/// Why no instance could be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AcquireError {
    /// All instances allowed are busy; 429 for callers, back-off for tasks.
    #[error("no instance is free")]
    Exhausted,
    /// The instance did not start because of the function: code missing, import error, initializer failed. Same body as a function error;
    /// the kind may also be an error code of status 412 (`fc-api.md` 5.5).
    #[error("the function could not be started")]
    FunctionError { kind: &'static str, body: Vec<u8>, log_tail: String },
    /// The platform could not start it.
    #[error("the instance could not be started: {0}")]
    Platform(String),
}

/// The error for an instance that is not there.
pub fn no_instance(instance: &InstanceId) -> Error {
    Error::new(ErrorCode::InstanceNotFound, format!("instance '{instance}' does not exist, or has been released"))
}

/// Runs code. An implementation never blocks the async runtime and leaves nothing running when it is dropped after `shutdown`.
#[async_trait]
pub trait Executor: Fleet {
    /// Waits for an instance for this invocation, warm if there is one. Cancelling `stop` gives up waiting with `Exhausted`.
    async fn acquire(&self, invocation: &Invocation, stop: &CancellationToken) -> Result<Box<dyn Instance>, AcquireError>;

    /// Up to `count` instances that could begin the function's current code at once; dropping one gives it back.
    fn reserve(&self, function: &Function, qualifier: &Qualifier, count: usize) -> Vec<Box<dyn Instance>> {
        let _ = (function, qualifier, count);
        Vec::new()
    }

    /// True while one that waits for an instance of the function's current code would get the next that is free, soon, and bring no other one:
    /// a task is as well off in its queue then, and begins with its claim when `reserve` has an instance.
    fn flows(&self, function: &Function, qualifier: &Qualifier) -> bool {
        let _ = (function, qualifier);
        false
    }

    /// Waits until an instance that nobody has waited for is free, since the last time that this was asked.
    async fn freed(&self) {
        std::future::pending().await
    }

    /// Like `acquire`, for a caller that can try again later: where the function or its region has as many instances as it may, it waits
    /// for one of them only for a moment and then fails with `Exhausted`.
    async fn acquire_soon(&self, invocation: &Invocation, stop: &CancellationToken) -> Result<Box<dyn Instance>, AcquireError> {
        self.acquire(invocation, stop).await
    }

    /// What every vendor runtime runs on here.
    fn runtimes(&self) -> Vec<model::InstalledRuntime>;

    /// The function's instances here, the oldest first; which of their requests are tasks is not said.
    async fn instances(&self, function: &FunctionRef) -> Vec<InstanceInfo> {
        let _ = function;
        Vec::new()
    }

    /// The same for every function of the region.
    async fn region_instances(&self, region: &Region) -> Vec<InstanceInfo> {
        let _ = region;
        Vec::new()
    }

    /// Runs a command in one of the function's instances here, confined like its code. Errors: as `ControlPlane::exec`.
    async fn exec(&self, function: &FunctionRef, instance: &InstanceId, request: ExecRequest) -> model::Result<ExecSession> {
        let _ = (function, request);
        Err(no_instance(instance))
    }

    /// Gives one of the function's instances here no more requests; it ends with the last one that it serves. Errors: as
    /// `ControlPlane::drain_instance`.
    async fn drain(&self, function: &FunctionRef, instance: &InstanceId) -> model::Result<()> {
        let _ = function;
        Err(no_instance(instance))
    }

    /// Ends every instance and waits until no process is left.
    async fn shutdown(&self);

    /// Kills all code at once, without the grace it has, also where `stop` or `shutdown` is waiting for it. An executor without processes of
    /// its own has none to kill.
    async fn kill(&self) {}
}

/// An instance that is reserved for one execution; dropping it without `run` gives it back.
#[async_trait]
pub trait Instance: Send {
    /// The instance's id.
    fn id(&self) -> &InstanceId;

    /// Runs the invocation to its end, with the function's time limit. When `stop` is cancelled it ends the code as `product.md` 3 says
    /// (cancel signal, SIGTERM to the tree, grace, SIGKILL) and returns `End::Stopped` once no process is left.
    async fn run(self: Box<Self>, invocation: Invocation, stop: CancellationToken) -> Outcome;
}

/// Receives log lines while code runs; implemented by the engine, called by executors.
#[async_trait]
pub trait LogSink: Send + Sync {
    /// Takes lines of a request (at most a few hundred) in order; returns when they are stored.
    async fn write(&self, origin: &LogOrigin, lines: Vec<LogLine>);

    /// Takes the last lines of a request's attempt without waiting until they are stored. They are stored before, or together with, the change
    /// of status that the attempt's outcome leads to.
    async fn hand_over(&self, origin: &LogOrigin, lines: Vec<LogLine>) {
        self.write(origin, lines).await;
    }

    /// The request's attempt has ended: no more lines of it for now. Waits for nothing.
    fn ended(&self, request: &RequestId) {
        let _ = request;
    }
}

/// What executors need to start an instance; implemented by the engine.
#[async_trait]
pub trait CodeSource: Send + Sync {
    /// The ZIP archive of a package.
    async fn code(&self, package_id: &str) -> Result<Vec<u8>, String>;

    /// The packages of the function's layers, the first of which wins; `None` for one that is not there (any more).
    async fn layers(&self, function: &Function) -> Result<Vec<Option<String>>, String>;

    /// What is set on a service: whether its functions may use the network, and whether their logs are kept (`fc-api.md` 3.1).
    async fn service(&self, service: &ServiceRef) -> Result<ServiceSpec, String>;
}
