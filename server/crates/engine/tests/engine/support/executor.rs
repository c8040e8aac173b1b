//! A simulated executor: the payload says what the "code" does. Not a process runs.

use async_trait::async_trait;
use engine::ports::{AcquireError, End, Executor, Fleet, Instance, InstanceLimits, Invocation, Keep, Outcome, ProvisionState, no_instance};
use model::{
    ExecInput, ExecRequest, ExecSession, ExecSink, Function, FunctionRef, HttpResponse, InstalledRuntime, InstanceId, InstanceInfo,
    InstanceState, Language, Qualifier, Region, RuntimeName, VersionId,
};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

/// What the payload may ask for:
/// `ok`, `fail` (function error), `fail-until:N` (fails while retry_count < N), `block` (until released or stopped),
/// `deaf` (until released, whatever is asked), `no-start` (function error at start), `platform` (platform error), `full` (no instance while
/// `full` is set), `answer:N` (an HTTP answer of that status), `exits-early` (a custom runtime that does not come up), `moved` (waits for its
/// turn until released, and finds its code gone unless that is described as `new`), `no-instance` (waits for one until that is given up),
/// `displaced` (its instance is ended the first time), `stream` (answers in two pieces, the second when released), `streams-and-fails`.
#[derive(Default)]
pub struct SimExecutor {
    shared: Arc<Shared>,
}

/// Request id of a run, the description of the function that ran, and the version that it is of.
type Code = (String, String, Option<VersionId>);

pub struct Shared {
    runs: Mutex<Vec<(String, u32)>>,
    codes: Mutex<Vec<Code>>,
    /// What it says that there is.
    instances: Mutex<Vec<InstanceInfo>>,
    /// Who logged on to what.
    visits: Mutex<Vec<(String, String)>>,
    limits: Mutex<InstanceLimits>,
    kept: Mutex<Vec<Keep>>,
    /// One instance of each less is ready, for this reason.
    problem: Mutex<String>,
    release: Semaphore,
    full: std::sync::atomic::AtomicBool,
    /// Images are run too.
    images: std::sync::atomic::AtomicBool,
    next_instance: AtomicU32,
    /// Instances that stand ready, where there is a flow of them.
    ready: Mutex<Option<usize>>,
    freed: Notify,
    ran: Notify,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            runs: Mutex::default(),
            codes: Mutex::default(),
            instances: Mutex::default(),
            visits: Mutex::default(),
            limits: Mutex::default(),
            kept: Mutex::default(),
            problem: Mutex::default(),
            release: Semaphore::new(0),
            full: false.into(),
            images: false.into(),
            next_instance: AtomicU32::new(1),
            ready: Mutex::default(),
            freed: Notify::new(),
            ran: Notify::new(),
        }
    }
}

impl SimExecutor {
    /// Request id and retry count of each run so far.
    pub fn runs(&self) -> Vec<(String, u32)> {
        self.shared.runs.lock().unwrap().clone()
    }

    /// From now on images are run.
    pub fn install_images(&self) {
        self.shared.images.store(true, Ordering::Relaxed);
    }

    /// What ran so far.
    pub fn codes(&self) -> Vec<Code> {
        self.shared.codes.lock().unwrap().clone()
    }

    /// Waits until so many runs have begun.
    pub async fn until_runs(&self, count: usize) {
        loop {
            let ran = self.shared.ran.notified();
            tokio::pin!(ran);
            ran.as_mut().enable();
            if self.runs().len() >= count {
                return;
            }
            ran.await;
        }
    }

    /// Lets one blocked run end.
    pub fn release(&self) {
        self.shared.release.add_permits(1);
    }

    /// From now on there are these instances.
    pub fn set_instances(&self, instances: Vec<InstanceInfo>) {
        *self.shared.instances.lock().unwrap() = instances;
    }

    /// Who logged on to which instance so far.
    pub fn visits(&self) -> Vec<(String, String)> {
        self.shared.visits.lock().unwrap().clone()
    }

    /// How many instances there may be, as was said last.
    pub fn limits(&self) -> InstanceLimits {
        self.shared.limits.lock().unwrap().clone()
    }

    /// What has to be ready, as was said last.
    pub fn wanted(&self) -> Vec<Keep> {
        self.shared.kept.lock().unwrap().clone()
    }

    /// From now on one instance of each less is ready.
    pub fn miss(&self, problem: &str) {
        *self.shared.problem.lock().unwrap() = problem.to_owned();
    }

    /// From now on tasks get one of these instances, each of which is ready again when it has run.
    pub fn flow(&self, count: usize) {
        *self.shared.ready.lock().unwrap() = Some(count);
    }

    /// With `true`, no instance is free.
    pub fn set_full(&self, full: bool) {
        self.shared.full.store(full, Ordering::SeqCst);
    }
}

/// Whatever is to be ready is ready at once, but for what a test says.
impl Fleet for SimExecutor {
    fn limit(&self, limits: InstanceLimits) {
        *self.shared.limits.lock().unwrap() = limits;
    }

    fn keep(&self, wanted: Vec<Keep>) {
        *self.shared.kept.lock().unwrap() = wanted;
    }

    fn kept(&self) -> Vec<ProvisionState> {
        let problem = self.shared.problem.lock().unwrap().clone();
        let missing = u32::from(!problem.is_empty());
        let state = |keep: &Keep| ProvisionState {
            function: keep.function.function_ref(),
            qualifier: keep.qualifier.clone(),
            instances: keep.instances - missing,
            problem: problem.clone(),
        };
        self.shared.kept.lock().unwrap().iter().map(state).collect()
    }
}

#[async_trait]
impl Executor for SimExecutor {
    async fn acquire(&self, invocation: &Invocation, stop: &CancellationToken) -> Result<Box<dyn Instance>, AcquireError> {
        if self.shared.full.load(Ordering::SeqCst) {
            return Err(AcquireError::Exhausted);
        }
        if invocation.payload == b"no-instance" {
            stop.cancelled().await;
            return Err(AcquireError::Exhausted);
        }
        if invocation.payload == b"moved" && invocation.function.spec.description != "new" {
            self.shared.release.acquire().await.unwrap().forget();
            return Err(AcquireError::Platform("the code is gone".to_owned()));
        }
        if invocation.payload == b"no-start" {
            let body = br#"{"errorMessage":"Cannot find module"}"#.to_vec();
            return Err(AcquireError::FunctionError { kind: "UnhandledInvocationError", body, log_tail: String::new() });
        }
        if invocation.payload == b"exits-early" {
            let body = br#"{"errorMessage":"ended early"}"#.to_vec();
            return Err(AcquireError::FunctionError { kind: "CAExited", body, log_tail: String::new() });
        }
        let id = InstanceId::from_stored(format!("c-{}", self.shared.next_instance.fetch_add(1, Ordering::SeqCst)));
        Ok(Box::new(SimInstance { id, shared: self.shared.clone(), is_ready: false }))
    }

    fn reserve(&self, _: &Function, _: &Qualifier, count: usize) -> Vec<Box<dyn Instance>> {
        let mut ready = self.shared.ready.lock().unwrap();
        let taken = count.min(ready.unwrap_or(0));
        *ready = ready.map(|ready| ready - taken);
        let instance = |n| -> Box<dyn Instance> {
            Box::new(SimInstance { id: InstanceId::from_stored(format!("c-ready-{n}")), shared: self.shared.clone(), is_ready: true })
        };
        (0..taken).map(instance).collect()
    }

    fn flows(&self, _: &Function, _: &Qualifier) -> bool {
        self.shared.ready.lock().unwrap().is_some()
    }

    async fn freed(&self) {
        self.shared.freed.notified().await;
    }

    fn runtimes(&self) -> Vec<InstalledRuntime> {
        let is_there = |name: &str| name == "python3" || name == RuntimeName::CONTAINER && self.shared.images.load(Ordering::Relaxed);
        let names = [("python3", Language::Python), (RuntimeName::CONTAINER, Language::Custom)].into_iter();
        let names = names.filter(|(name, _)| is_there(name)).map(|(name, language)| (RuntimeName::from_stored(name), language));
        let found = |(name, language)| InstalledRuntime { name, language, interpreter: Some("3.11.0".to_owned()), exact: true };
        names.map(found).collect()
    }

    async fn region_instances(&self, region: &Region) -> Vec<InstanceInfo> {
        self.shared.instances.lock().unwrap().iter().filter(|instance| instance.function.region == *region).cloned().collect()
    }

    async fn instances(&self, function: &FunctionRef) -> Vec<InstanceInfo> {
        self.shared.instances.lock().unwrap().iter().filter(|instance| instance.function == *function).cloned().collect()
    }

    async fn exec(&self, function: &FunctionRef, instance: &InstanceId, request: ExecRequest) -> model::Result<ExecSession> {
        if self.instances(function).await.iter().all(|found| found.id != *instance) {
            return Err(no_instance(instance));
        }
        self.shared.visits.lock().unwrap().push((request.user, instance.to_string()));
        Ok(ExecSession { input: Box::new(Nowhere), output: Box::pin(futures::stream::empty()) })
    }

    async fn drain(&self, function: &FunctionRef, instance: &InstanceId) -> model::Result<()> {
        let mut instances = self.shared.instances.lock().unwrap();
        let found = instances.iter_mut().find(|found| found.function == *function && found.id == *instance);
        found.ok_or_else(|| no_instance(instance))?.state = InstanceState::Draining;
        Ok(())
    }

    async fn shutdown(&self) {}
}

struct Nowhere;

#[async_trait]
impl ExecSink for Nowhere {
    async fn send(&mut self, _: ExecInput) -> bool {
        false
    }
}

struct SimInstance {
    id: InstanceId,
    shared: Arc<Shared>,
    /// One of a flow.
    is_ready: bool,
}

impl Drop for SimInstance {
    fn drop(&mut self) {
        if self.is_ready {
            *self.shared.ready.lock().unwrap().as_mut().unwrap() += 1;
            self.shared.freed.notify_one();
        }
    }
}

#[async_trait]
impl Instance for SimInstance {
    fn id(&self) -> &InstanceId {
        &self.id
    }

    async fn run(self: Box<Self>, invocation: Invocation, stop: CancellationToken) -> Outcome {
        let description = invocation.function.spec.description.clone();
        self.shared.codes.lock().unwrap().push((invocation.request_id.to_string(), description, invocation.version));
        self.shared.runs.lock().unwrap().push((invocation.request_id.to_string(), invocation.retry_count));
        self.shared.ran.notify_waiters();
        let bodies = invocation.bodies;
        let payload = String::from_utf8(invocation.payload).unwrap();
        let end = match payload.split_once(':').unwrap_or((&payload, "")) {
            ("ok" | "moved", _) => End::Succeeded { result: b"done".to_vec() },
            ("answer", status) => {
                assert!(invocation.http.is_some(), "the request comes along");
                let head = HttpResponse { status: status.parse().unwrap(), headers: Vec::new() };
                End::Answered { head, body: b"answered".to_vec() }
            }
            ("fail-until", n) if invocation.retry_count >= n.parse().unwrap() => End::Succeeded { result: b"at last".to_vec() },
            ("fail" | "fail-until", _) => {
                End::FunctionError { kind: "UnhandledInvocationError", body: br#"{"errorMessage":"no"}"#.to_vec() }
            }
            // What a destination gets.
            ("{\"timestamp\"", _) => End::Succeeded { result: b"told".to_vec() },
            ("platform", _) if invocation.retry_count == 0 && self.shared.runs.lock().unwrap().len() == 1 => {
                End::PlatformError { message: "lost".to_owned() }
            }
            ("platform", _) => End::Succeeded { result: Vec::new() },
            ("displaced", _) if self.shared.runs.lock().unwrap().len() == 1 => {
                End::Displaced { message: "request r was stopped on the same instance".to_owned() }
            }
            ("displaced", _) => End::Succeeded { result: Vec::new() },
            ("stream", _) => {
                let (bodies, head) = (bodies.unwrap(), HttpResponse { status: 203, headers: Vec::new() });
                bodies.begin(head.clone());
                bodies.write("first".into()).await;
                tokio::select! {
                    permit = self.shared.release.acquire() => {
                        permit.unwrap().forget();
                        bodies.write("second".into()).await;
                        End::Answered { head, body: Vec::new() }
                    }
                    () = stop.cancelled() => End::Stopped { ended_by_itself: false },
                }
            }
            ("streams-and-fails", _) => {
                let bodies = bodies.unwrap();
                bodies.begin(HttpResponse { status: 200, headers: Vec::new() });
                bodies.write("first".into()).await;
                End::FunctionError { kind: "UnhandledInvocationError", body: b"{}".to_vec() }
            }
            ("block", _) => tokio::select! {
                permit = self.shared.release.acquire() => { permit.unwrap().forget(); End::Succeeded { result: Vec::new() } }
                () = stop.cancelled() => End::Stopped { ended_by_itself: false },
            },
            ("deaf", _) => {
                self.shared.release.acquire().await.unwrap().forget();
                End::Succeeded { result: b"late".to_vec() }
            }
            (event, _) if event.starts_with('{') => End::Succeeded { result: Vec::new() },
            other => panic!("unknown payload {other:?}"),
        };
        Outcome { end, duration_ms: 5, log_tail: String::new() }
    }
}
