//! Starts an instance: process, control channel, the user's module, its initializer.

use crate::{
    containment::{Places, Request},
    errors,
    executor::Host,
    instance::{Body, Broken, Channel, Live},
    language::Interpreter,
    logs::LogBook,
    owner::{INSTANCE_VARIABLE, OWNER_VARIABLE},
    package::PackageError,
    pool::PoolKey,
    process::Launch,
    protocol::{FrameReader, FromInstance, ToInstance},
    registry::Frame,
    tree::Tree,
};
use engine::ports::{AcquireError, Invocation};
use model::{InstanceId, Qualifier};
use std::{
    ffi::OsString,
    fs, io,
    os::{
        fd::{AsRawFd, RawFd},
        unix::{fs::DirBuilderExt, net::UnixStream as StdUnixStream},
    },
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::net::UnixStream;
use tokio_util::sync::CancellationToken;

/// Environment variable with the number of the control channel's descriptor.
const CHANNEL_VARIABLE: &str = "TASKYARD_CHANNEL";

/// Why an instance did not become ready.
enum Failure {
    /// The function's fault, with the error object for the caller.
    Function(&'static str, Vec<u8>),
    /// The process ended, or broke the control channel and is ended for that.
    Exited,
    /// The process ended before it could say that it runs: no code of the function was reached.
    NotStarted,
    Stopped,
    Platform(String),
}

impl From<Broken> for Failure {
    fn from(_: Broken) -> Self {
        Self::Exited
    }
}

impl From<io::Error> for Failure {
    fn from(_: io::Error) -> Self {
        Self::Exited
    }
}

/// An instance that has loaded the function.
struct Booted {
    channel: Channel,
    cancellable: bool,
}

/// Starts an instance for an invocation. Cancelling `stop` ends it again and gives `Exhausted`. After an error nothing of it is left.
pub(crate) async fn start(host: &Host, invocation: &Invocation, key: PoolKey, stop: &CancellationToken) -> Result<Live, AcquireError> {
    let runtime = &invocation.function.spec.runtime;
    let Some((interpreter, is_exact)) = host.catalog.interpreter(runtime) else {
        return Err(AcquireError::Platform(format!("runtime {runtime} is not installed on this server")));
    };
    let code_dir = match host.packages.unpacked(&invocation.function.package_id).await {
        Ok(dir) => dir,
        Err(PackageError::Refused(message)) => return Err(function_error(errors::UNHANDLED, errors::body(&message), String::new())),
        Err(error @ PackageError::Platform(_)) => return Err(AcquireError::Platform(error.to_string())),
    };
    let internet = host.code.internet_access(&invocation.function.function_ref().service_ref()).await.map_err(AcquireError::Platform)?;
    let marker = uuid::Uuid::new_v4().simple().to_string();
    let Launched { mut body, channel, places } = launch(host, invocation, interpreter, &code_dir, &marker, internet).await?;
    if !is_exact {
        let (language, version) = (interpreter.runtime.language(), interpreter.version_text());
        body.book.system(format!("runtime {runtime} runs on {language:?} {version}: its own version is not installed on this server"));
    }
    let greeted = AtomicBool::new(false);
    let talk = Boot { marker: &marker, places: &places, greeted: &greeted };
    let booted = tokio::select! {
        biased;
        booted = boot(host, invocation, &body, channel, &talk) => booted,
        () = stop.cancelled() => Err(Failure::Stopped),
        () = host.shutdown.cancelled() => Err(Failure::Platform("the server is shutting down".to_owned())),
        _ = body.process.wait_end() => Err(Failure::Exited),
    };
    body.note_memory();
    match booted {
        Ok(Booted { channel, cancellable }) => {
            body.card.ready();
            Ok(Live { body, key, channel, cancellable, seq: 0 })
        }
        Err(Failure::Exited) if !greeted.load(Ordering::Relaxed) => Err(give_up(host, body, Failure::NotStarted).await),
        Err(failure) => Err(give_up(host, body, failure).await),
    }
}

fn function_error(kind: &'static str, body: Vec<u8>, log_tail: String) -> AcquireError {
    AcquireError::FunctionError { kind, body, log_tail }
}

/// Ends what was started and tells why.
async fn give_up(host: &Host, body: Body, failure: Failure) -> AcquireError {
    let book = Arc::clone(&body.book);
    let status = body.process.ended();
    let exit_error = body.exit_error();
    let grace = if matches!(failure, Failure::Stopped) { host.config.grace } else { Duration::ZERO };
    let ended = body.end(&*host.clock, grace).await;
    if let Failure::Exited | Failure::NotStarted = failure {
        book.system(errors::describe(status));
    }
    let log_tail = book.finish().await;
    match (ended, failure) {
        (Err(message), _) | (Ok(()), Failure::Platform(message)) => AcquireError::Platform(message),
        (Ok(()), Failure::Function(kind, error)) => function_error(kind, error, log_tail),
        (Ok(()), Failure::Exited) => function_error(errors::UNHANDLED, exit_error, log_tail),
        (Ok(()), Failure::NotStarted) => AcquireError::Platform(format!("the instance did not start: {}", log_tail.trim_end())),
        (Ok(()), Failure::Stopped) => AcquireError::Exhausted,
    }
}

/// A process that has been started, and what is needed to go on with it.
struct Launched {
    body: Body,
    channel: Channel,
    places: Places,
}

/// Makes the control channel and starts the instance's process.
async fn launch(
    host: &Host,
    invocation: &Invocation,
    interpreter: &Interpreter,
    code_dir: &Path,
    marker: &str,
    internet: bool,
) -> Result<Launched, AcquireError> {
    let platform = |what: &str, error: io::Error| AcquireError::Platform(format!("{what}: {error}"));
    let id = new_instance_id(host);
    let card = host.registry.enter(id.clone(), invocation, host.clock.now());
    let outside = Places { code: code_dir.to_owned(), bootstrap: host.bootstrap_dir.clone(), tmp: host.run_dir.join(id.as_str()) };
    let places = host.containment.places(outside.clone());
    let dir = (places.tmp == outside.tmp).then_some(outside.tmp);
    if let Some(dir) = &dir {
        fs::DirBuilder::new().mode(0o700).create(dir).map_err(|error| platform("no directory for an instance", error))?;
    }
    let (channel, far) = channel().map_err(|error| platform("no control channel for an instance", error))?;
    let spec = &invocation.function.spec;
    let request = Request {
        id: id.as_str().to_owned(),
        program: interpreter.program.clone(),
        args: interpreter.runtime.args(&places.bootstrap, spec.memory_mb),
        home: interpreter.home.clone(),
        code_dir: code_dir.to_owned(),
        bootstrap_dir: host.bootstrap_dir.clone(),
        memory_mb: spec.memory_mb,
        disk_mb: spec.disk_mb,
        cpu: spec.cpu,
        internet,
    };
    let env = environment(host, invocation, interpreter, &places, &Private { id: &id, channel: far.as_raw_fd() });
    let frame_env = env.iter().filter(|(name, _)| name != CHANNEL_VARIABLE).cloned().collect();
    let spawned = host.spawner.spawn(Launch { request, env, channel: far.into() }).await;
    let spawned = spawned.map_err(|error| platform(&format!("{} can't be started", interpreter.program.display()), error))?;
    card.started(Frame {
        main: spawned.process.main(),
        cgroup: spawned.cgroup.clone(),
        env: frame_env,
        code: places.code.clone(),
        is_sandboxed: spawned.process.is_sandboxed(),
    });
    let mut tree = Tree::marked(INSTANCE_VARIABLE, id.as_str());
    tree.add_root(spawned.process.pid());
    let (logs, clock) = (Arc::clone(&host.logs), Arc::clone(&host.clock));
    let book = LogBook::new(invocation.function.function_ref(), id.clone(), logs, clock, host.config.log_bytes_max);
    book.begin(&invocation.request_id);
    let pump = tokio::spawn(Arc::clone(&book).pump(spawned.stdout, spawned.stderr, marker.to_owned()));
    let body = Body { id, card, process: spawned.process, tree, book, pump, dir, cgroup: spawned.cgroup, peak_memory_kb: 0 };
    Ok(Launched { body, channel, places })
}

/// The two ends of a control channel: ours, and the one that the instance's process inherits. Having the far end is the proof of being
/// the instance: there is no address that a stranger could connect to.
fn channel() -> io::Result<(Channel, StdUnixStream)> {
    let (near, far) = StdUnixStream::pair()?;
    near.set_nonblocking(true)?;
    Ok((Channel::new(UnixStream::from_std(near)?), far))
}

/// What only this instance has.
struct Private<'a> {
    id: &'a InstanceId,
    /// Number of the descriptor of its end of the control channel.
    channel: RawFd,
}

fn new_instance_id(host: &Host) -> InstanceId {
    let random = uuid::Uuid::new_v4().simple().to_string();
    InstanceId::from_stored(format!("c-{:08x}-{random}", host.clock.now().0 / 1_000))
}

/// The process's whole environment (`fc-api.md` 5.8). What the platform relies on comes last and can't be replaced by the function's own.
fn environment(
    host: &Host,
    invocation: &Invocation,
    interpreter: &Interpreter,
    places: &Places,
    private: &Private<'_>,
) -> Vec<(OsString, OsString)> {
    let function = &invocation.function;
    let mut path = interpreter.program.parent().map(|dir| dir.as_os_str().to_owned()).unwrap_or_default();
    path.push(":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    let mut libraries = places.code.as_os_str().to_owned();
    libraries.push(":");
    libraries.push(places.code.join("lib"));
    let mut env: Vec<(OsString, OsString)> = Vec::new();
    let mut set = |name: &str, value: OsString| env.push((name.into(), value));
    set("PATH", path);
    set("LD_LIBRARY_PATH", libraries);
    set("LANG", "C.UTF-8".into());
    set("TZ", "UTC".into());
    set("HOME", places.tmp.clone().into());
    set("TMPDIR", places.tmp.clone().into());
    // There are no temporary keys of a service role yet; code that reads the variables finds them empty.
    for name in ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"] {
        set(name, OsString::new());
    }
    for name in ["accessKeyID", "accessKeySecret", "securityToken"] {
        set(name, OsString::new());
    }
    for (name, value) in &function.spec.environment {
        set(name, value.into());
    }
    set("FC_FUNC_CODE_PATH", places.code.clone().into());
    set("FC_ACCOUNT_ID", host.config.account_id.as_str().into());
    set("FC_REGION", function.region.as_str().into());
    set("FC_SERVICE_NAME", function.service.as_str().into());
    set("FC_FUNCTION_NAME", function.name.as_str().into());
    set("FC_FUNCTION_HANDLER", function.spec.handler.as_str().into());
    set("FC_FUNCTION_MEMORY_SIZE", function.spec.memory_mb.to_string().into());
    set("FC_QUALIFIER", invocation.qualifier.as_str().into());
    set(INSTANCE_VARIABLE, private.id.as_str().into());
    set(OWNER_VARIABLE, host.owner.as_str().into());
    set(CHANNEL_VARIABLE, private.channel.to_string().into());
    env
}

/// The part of the context that is the same for every request (`fc-api.md` 5.3).
fn context(host: &Host, invocation: &Invocation) -> serde_json::Value {
    let function = &invocation.function;
    let spec = &function.spec;
    serde_json::json!({
        "credentials": { "access_key_id": "", "access_key_secret": "", "security_token": "" },
        "function": {
            "name": function.name,
            "handler": spec.handler,
            "memory": spec.memory_mb,
            "timeout": spec.timeout_s,
            "initializer": spec.initializer,
            "initialization_timeout": spec.initialization_timeout_s,
        },
        "service": {
            "name": function.service,
            "log_project": "",
            "log_store": "",
            "qualifier": invocation.qualifier,
            // As resolved; the current code has no number.
            "version_id": invocation.version.map_or_else(|| Qualifier::LATEST.to_owned(), |version| version.to_string()),
        },
        "tracing": { "span_context": "", "jaeger_endpoint": "", "span_baggages": {} },
        "region": function.region,
        "account_id": host.config.account_id,
    })
}

/// What the conversation with a new process needs.
struct Boot<'a> {
    marker: &'a str,
    places: &'a Places,
    /// Set when the process has said that it runs.
    greeted: &'a AtomicBool,
}

/// Talks to the new process until it has loaded the function and run its initializer.
async fn boot(host: &Host, invocation: &Invocation, body: &Body, channel: Channel, boot: &Boot<'_>) -> Result<Booted, Failure> {
    let spec = &invocation.function.spec;
    let loaded = tokio::select! {
        loaded = load(host, invocation, body, channel, boot) => loaded?,
        () = host.clock.sleep(host.config.start_timeout) => {
            return Err(Failure::Function(errors::UNHANDLED, errors::start_timed_out(host.config.start_timeout.as_secs())));
        }
    };
    body.book.system(format!("FunctionCompute {} runtime inited.", spec.runtime));
    if spec.initializer.is_empty() {
        return Ok(loaded);
    }
    let request_id = invocation.request_id.as_str();
    body.book.system(format!("FC Initialize Start RequestId: {request_id}"));
    let initialized = tokio::select! {
        initialized = initialize(loaded, request_id) => initialized,
        () = host.clock.sleep(Duration::from_secs(spec.initialization_timeout_s)) => {
            Err(Failure::Function(errors::UNHANDLED, errors::initializer_timed_out(spec.initialization_timeout_s)))
        }
    };
    let suffix = if initialized.is_ok() { "" } else { ", Error: Unhandled function error" };
    body.book.system(format!("FC Initialize End RequestId: {request_id}{suffix}"));
    initialized
}

/// Waits for the process to run and to load the user's module.
async fn load(host: &Host, invocation: &Invocation, body: &Body, mut channel: Channel, boot: &Boot<'_>) -> Result<Booted, Failure> {
    let hello = channel.reader.next().await?.ok_or(Failure::Exited)?;
    if hello.message != FromInstance::Hello {
        return Err(Failure::Exited);
    }
    boot.greeted.store(true, Ordering::Relaxed);
    body.process.find_main();
    let code_dir = boot.places.code.to_string_lossy();
    let spec = &invocation.function.spec;
    let init = ToInstance::Init {
        marker: boot.marker,
        code_dir: &code_dir,
        handler: &spec.handler,
        initializer: &spec.initializer,
        request_id: invocation.request_id.as_str(),
        context: &context(host, invocation),
    };
    channel.send(&init, &[]).await?;
    let frame = channel.reader.next().await?.ok_or(Failure::Exited)?;
    match frame.message {
        FromInstance::Ready { cancellable } => Ok(Booted { channel, cancellable }),
        FromInstance::Failed => Err(Failure::Function(errors::UNHANDLED, frame.payload.into())),
        _ => Err(Failure::Exited),
    }
}

async fn initialize(mut booted: Booted, request_id: &str) -> Result<Booted, Failure> {
    booted.channel.send(&ToInstance::Initialize { request_id }, &[]).await?;
    let reply = booted.channel.reply().await?;
    match reply.outcome {
        Ok(_) if !reply.is_fatal => Ok(booted),
        Ok(_) => Err(Failure::Exited),
        Err((kind, error)) => Err(Failure::Function(kind, error)),
    }
}

impl Channel {
    fn new(stream: UnixStream) -> Self {
        let (reader, writer) = stream.into_split();
        Self { reader: FrameReader::new(reader), writer, writable: true }
    }
}
