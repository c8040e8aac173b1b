//! What the cases share: an executor on a fresh data directory, test doubles of the engine's log and code store, a look at `/proc`.

use async_trait::async_trait;
use engine::{
    clock::SystemClock,
    ports::{AcquireError, CodeSource, End, Executor, Invocation, LogOrigin, LogSink, Outcome},
};
use model::{
    AccountId, Function, FunctionName, FunctionSpec, HttpRequest, InstanceId, LogLine, Qualifier, Region, RequestId, RuntimeName,
    ServiceName, ServicePatch, ServiceRef, ServiceSpec, UnixMillis,
};
use runtime::{ContainerEngine, Piece, ProcessExecutor, RuntimeConfig};
use std::{
    ffi::OsString,
    fs,
    io::{Cursor, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use zip::{ZipWriter, write::SimpleFileOptions};

/// A language with the runtime name that its cases use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language {
    pub fixtures: &'static str,
    pub runtime: &'static str,
}

pub const PYTHON: Language = Language { fixtures: "python", runtime: "python3" };
pub const NODEJS: Language = Language { fixtures: "nodejs", runtime: "nodejs14" };
/// The Python fixtures, served by the program `fixtures/custom/bootstrap`.
pub const CUSTOM: Language = Language { fixtures: "custom", runtime: "custom.debian10" };
/// A script that speaks as a compiled program does; it has cases of its own, because it picks no handler by its name.
pub const GO: Language = Language { fixtures: "go", runtime: "go1" };
pub const LANGUAGES: [Language; 3] = [PYTHON, NODEJS, CUSTOM];
/// Those that load a handler themselves.
pub const SCRIPTED: [Language; 2] = [PYTHON, NODEJS];

/// A test double of the engine's log: keeps every line with its request.
#[derive(Default)]
pub struct MemoryLogs {
    lines: Mutex<Vec<(RequestId, InstanceId, LogLine)>>,
    grown: Notify,
    /// Holds up what stores lines while somebody has it for writing.
    pub gate: tokio::sync::RwLock<()>,
}

#[async_trait]
impl LogSink for MemoryLogs {
    async fn write(&self, origin: &LogOrigin, lines: Vec<LogLine>) {
        let _open = self.gate.read().await;
        let lines = lines.into_iter().map(|line| (origin.request.clone(), origin.instance.clone(), line));
        self.lines.lock().unwrap().extend(lines);
        self.grown.notify_waiters();
    }
}

impl MemoryLogs {
    /// Lines of a request in order.
    pub fn of(&self, request: &RequestId) -> Vec<LogLine> {
        self.lines.lock().unwrap().iter().filter(|(of, _, _)| of == request).map(|(_, _, line)| line.clone()).collect()
    }

    /// Texts of a request's lines in order.
    pub fn texts(&self, request: &RequestId) -> Vec<String> {
        self.of(request).into_iter().map(|line| line.text).collect()
    }

    /// Waits for a line that begins so and returns it.
    pub async fn wait_for(&self, request: &RequestId, beginning: &str) -> String {
        loop {
            let grown = self.grown.notified();
            tokio::pin!(grown);
            grown.as_mut().enable();
            if let Some(line) = self.texts(request).into_iter().find(|text| text.starts_with(beginning)) {
                return line;
            }
            grown.await;
        }
    }
}

/// A test double of the engine's code store: the package `python-basic` is the folder `tests/fixtures/python/basic`, and `custom-basic` the
/// same with the program of `tests/fixtures/custom`.
pub struct FixtureCode;

#[async_trait]
impl CodeSource for FixtureCode {
    async fn code(&self, package_id: &str) -> Result<Vec<u8>, String> {
        if package_id == "garbage" {
            return Ok(b"this is no archive".to_vec());
        }
        let (language, name) = package_id.split_once('-').ok_or("no such package")?;
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let is_custom = language == CUSTOM.fixtures;
        let folder = fixtures.join(if is_custom { PYTHON.fixtures } else { language }).join(name);
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        if is_custom {
            writer.start_file("bootstrap", SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
            writer.write_all(&fs::read(fixtures.join("custom/bootstrap")).unwrap()).unwrap();
        }
        for entry in fs::read_dir(folder).map_err(|error| error.to_string())? {
            let entry = entry.map_err(|error| error.to_string())?;
            if !entry.path().is_file() {
                continue;
            }
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            writer.start_file(entry.file_name().to_str().unwrap(), SimpleFileOptions::default().unix_permissions(mode)).unwrap();
            writer.write_all(&fs::read(entry.path()).unwrap()).unwrap();
        }
        Ok(writer.finish().unwrap().into_inner())
    }

    async fn layers(&self, function: &Function) -> Result<Vec<Option<String>>, String> {
        let named = function.spec.extra.get("layers").and_then(|layers| layers.as_array()).cloned().unwrap_or_default();
        Ok(named.iter().map(|package| package.as_str().filter(|package| *package != "gone").map(str::to_owned)).collect())
    }

    async fn service(&self, service: &ServiceRef) -> Result<ServiceSpec, String> {
        let spec = ServiceSpec { internet_access: service.service.as_str() != OFFLINE, ..ServiceSpec::default() };
        let extra = spec.switch_logging(service.service.as_str() != SILENT);
        Ok(ServicePatch { extra, ..ServicePatch::default() }.apply(spec))
    }
}

/// A service whose functions have no network.
pub const OFFLINE: &str = "offline";

/// A service whose functions' logs are not kept.
pub const SILENT: &str = "silent";

/// An executor with its surroundings.
pub struct Bench {
    pub executor: Arc<ProcessExecutor>,
    pub logs: Arc<MemoryLogs>,
    pub data_dir: tempfile::TempDir,
}

/// The search path without version-manager shims, when that still has both languages: asking ten interpreters takes a second.
pub fn short_search_path() -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let plain: Vec<PathBuf> = std::env::split_paths(&path).filter(|dir| !dir.ends_with("shims")).collect();
    let has = |name: &str| plain.iter().any(|dir| dir.join(name).is_file());
    if has("python3") && has("node") { std::env::join_paths(plain).unwrap() } else { path }
}

pub fn config(data_dir: &Path) -> RuntimeConfig {
    RuntimeConfig {
        search_path: short_search_path(),
        grace: Duration::from_millis(300),
        // Asking one takes longer than most cases.
        container_engine: ContainerEngine::Off,
        ..RuntimeConfig::new(data_dir, AccountId::from_stored("1000000000000001"))
    }
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut RuntimeConfig)) -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let mut config = config(data_dir.path());
        change(&mut config);
        let logs = Arc::new(MemoryLogs::default());
        let sink: Arc<MemoryLogs> = Arc::clone(&logs);
        let executor = ProcessExecutor::start(config, Arc::new(FixtureCode), sink, Arc::new(SystemClock)).await.unwrap();
        Self { executor: Arc::new(executor), logs, data_dir }
    }

    /// Ends the instance that serves an invocation's function.
    pub async fn discard(&self, invocation: &Invocation) {
        let mut replaced = again(invocation, "");
        replaced.function.etag = "discarded".to_owned();
        replaced.function.spec.handler = "index.nothere".to_owned();
        self.start_error(&replaced).await;
    }

    /// True when this piece of containment is in force here; when it is not, says so on stdout and returns false.
    pub fn has(&self, piece: Piece) -> bool {
        let finding = self.executor.containment().iter().find(|finding| finding.piece == piece).unwrap();
        if !finding.is_in_force() {
            println!("this machine's containment: {finding}");
        }
        finding.is_in_force()
    }

    /// Runs an invocation to its end on an instance got for it.
    pub async fn invoke(&self, invocation: Invocation) -> (InstanceId, Outcome) {
        let instance = self.executor.acquire(&invocation, &CancellationToken::new()).await.unwrap();
        let id = instance.id().clone();
        (id, instance.run(invocation, CancellationToken::new()).await)
    }

    /// Runs an invocation that is expected to succeed and returns its result as text.
    pub async fn result(&self, invocation: Invocation) -> String {
        String::from_utf8(self.bytes(invocation).await).unwrap()
    }

    /// Runs an invocation that is expected to succeed and returns its result.
    pub async fn bytes(&self, invocation: Invocation) -> Vec<u8> {
        match self.invoke(invocation).await.1 {
            Outcome { end: End::Succeeded { result }, .. } => result,
            outcome => panic!("{}", shown(&outcome)),
        }
    }

    /// Runs an invocation that is expected to fail and returns kind and error object.
    pub async fn error(&self, invocation: Invocation) -> (&'static str, serde_json::Value) {
        match self.invoke(invocation).await.1 {
            Outcome { end: End::FunctionError { kind, body }, .. } => (kind, serde_json::from_slice(&body).unwrap()),
            outcome => panic!("{}", shown(&outcome)),
        }
    }

    /// The error of an instance that is expected not to start.
    pub async fn start_error(&self, invocation: &Invocation) -> serde_json::Value {
        match self.executor.acquire(invocation, &CancellationToken::new()).await {
            Err(AcquireError::FunctionError { body, .. }) => serde_json::from_slice(&body).unwrap(),
            Err(error) => panic!("{error:?}"),
            Ok(_) => panic!("the instance started"),
        }
    }

    /// Begins an invocation that runs until it is stopped; returns when its handler has printed `ready`, with the pids in that line.
    pub async fn begin(&self, invocation: Invocation) -> Running {
        let instance = self.executor.acquire(&invocation, &CancellationToken::new()).await.unwrap();
        let (id, stop, request) = (instance.id().clone(), CancellationToken::new(), invocation.request_id.clone());
        let outcome = tokio::spawn(instance.run(invocation, stop.clone()));
        let line = self.logs.wait_for(&request, "ready").await;
        let pids = line.split_ascii_whitespace().skip(1).map(|pid| outer_pid(&id, pid.parse().unwrap())).collect();
        Running { id, request, pids, stop, outcome }
    }
}

/// An invocation that runs.
pub struct Running {
    pub id: InstanceId,
    pub request: RequestId,
    pub pids: Vec<i32>,
    pub stop: CancellationToken,
    pub outcome: tokio::task::JoinHandle<Outcome>,
}

pub fn shown(outcome: &Outcome) -> String {
    match &outcome.end {
        End::Succeeded { result } => format!("succeeded with {} bytes\n{}", result.len(), outcome.log_tail),
        End::FunctionError { kind, body } => format!("{kind} {}\n{}", String::from_utf8_lossy(body), outcome.log_tail),
        other => format!("{other:?}\n{}", outcome.log_tail),
    }
}

/// An invocation of a fixture: `handler` is a symbol of its `index` file, or `file.symbol`.
pub fn invocation(language: Language, fixture: &str, handler: &str, event: impl Into<Vec<u8>>) -> Invocation {
    let handler = if handler.contains('.') { handler.to_owned() } else { format!("index.{handler}") };
    let function = Function {
        region: Region::from_stored("cn-hangzhou"),
        service: ServiceName::from_stored("conformance"),
        name: FunctionName::from_stored(fixture),
        id: format!("{}-{fixture}-{handler}", language.fixtures),
        spec: FunctionSpec::new(RuntimeName::from_stored(language.runtime), handler),
        package_id: format!("{}-{fixture}", language.fixtures),
        code_size: 1,
        code_checksum: "0".to_owned(),
        created_at: UnixMillis(0),
        modified_at: UnixMillis(0),
        etag: "etag-1".to_owned(),
    };
    let request_id = RequestId::from_stored(uuid::Uuid::new_v4().to_string());
    Invocation {
        function,
        qualifier: Qualifier::latest(),
        version: None,
        request_id,
        payload: event.into(),
        http: None,
        retry_count: 0,
        bodies: None,
    }
}

/// A request for an HTTP function.
pub fn http_request(call: &Invocation, method: &str, path: &str, query: &str, body: impl Into<Vec<u8>>) -> Invocation {
    let headers = [("host", "localhost:3000"), ("content-type", "text/plain"), ("x-greeting", "hällo")];
    let request = HttpRequest {
        method: method.to_owned(),
        base_path: "/2016-08-15/proxy/conformance/http".to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        client_ip: "192.0.2.7".to_owned(),
    };
    Invocation { http: Some(request), ..again(call, body) }
}

/// A second request for the same function.
pub fn again(invocation: &Invocation, event: impl Into<Vec<u8>>) -> Invocation {
    let request_id = RequestId::from_stored(uuid::Uuid::new_v4().to_string());
    Invocation { request_id, payload: event.into(), ..invocation.clone() }
}

/// Living processes whose environment has this entry.
pub fn marked_processes(entry: &str) -> Vec<i32> {
    all_pids()
        .filter(|pid| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            is_running(*pid) && environment.split(|byte| *byte == 0).any(|found| found == entry.as_bytes())
        })
        .collect()
}

/// Process namespaces that only one instance is in, held open: the number of one that is gone may become another's.
pub struct Namespaces(Vec<(PathBuf, fs::File)>);

/// The process namespaces of an instance that are not ours; none where it has none of its own.
pub fn own_namespaces(instance: &InstanceId) -> Namespaces {
    let outside = fs::read_link("/proc/self/ns/pid").unwrap();
    let held = |pid: i32| fs::File::open(format!("/proc/{pid}/ns/pid")).ok().and_then(|file| Some((namespace(pid)?, file)));
    let mut own: Vec<_> = survivors(instance).into_iter().filter_map(held).filter(|(found, _)| *found != outside).collect();
    own.dedup_by(|(a, _), (b, _)| a == b);
    Namespaces(own)
}

impl Namespaces {
    /// Living processes in them, whatever their environment says.
    pub fn processes(&self) -> Vec<i32> {
        all_pids().filter(|pid| is_running(*pid) && namespace(*pid).is_some_and(|of| self.0.iter().any(|(own, _)| *own == of))).collect()
    }
}

fn namespace(pid: i32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/ns/pid")).ok()
}

fn all_pids() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The pid by which we know what an instance knows by this one: it may have a process namespace of its own.
pub fn outer_pid(instance: &InstanceId, inner: i32) -> i32 {
    let own = own_namespaces(instance);
    // Without a sandbox all of its processes are where we are, and so are their pids.
    if own.0.is_empty() {
        return inner;
    }
    let has_pid = |pid: &i32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let known_as = status.lines().find_map(|line| line.strip_prefix("NSpid:")).and_then(|pids| pids.split_ascii_whitespace().last());
        known_as.is_some_and(|known| known == inner.to_string())
    };
    own.processes().into_iter().find(has_pid).unwrap_or_else(|| panic!("no process {inner} of {instance}"))
}

/// True when this process exists and is no zombie.
pub fn is_running(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

/// Processes of an instance that are still there.
pub fn survivors(instance: &InstanceId) -> Vec<i32> {
    marked_processes(&format!("FC_INSTANCE_ID={instance}"))
}

/// Lets this much time pass, where there is nothing to wait for.
pub async fn pause(time: std::time::Duration) {
    engine::clock::Clock::sleep(&SystemClock, time).await;
}
