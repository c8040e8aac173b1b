//! Starts an instance: process, control channel, the user's module, its initializer.

use crate::{
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
    tree::Tree,
};
use engine::ports::{AcquireError, Invocation};
use model::InstanceId;
use std::{
    ffi::OsString,
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

/// Why an instance did not become ready.
enum Failure {
    /// The function's fault, with the error object for the caller.
    Function(&'static str, Vec<u8>),
    /// The process ended, or broke the control channel and is ended for that.
    Exited,
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
    let marker = uuid::Uuid::new_v4().simple().to_string();
    let (mut body, listener, nonce) = launch(host, invocation, interpreter, &code_dir, &marker).await?;
    if !is_exact {
        let (language, version) = (interpreter.runtime.language(), interpreter.version_text());
        body.book.system(format!("runtime {runtime} runs on {language:?} {version}: its own version is not installed on this server"));
    }
    let booted = tokio::select! {
        biased;
        booted = boot(host, invocation, &body.book, listener, &nonce, &marker, &code_dir) => booted,
        () = stop.cancelled() => Err(Failure::Stopped),
        () = host.shutdown.cancelled() => Err(Failure::Platform("the server is shutting down".to_owned())),
        _ = body.process.wait_end() => Err(Failure::Exited),
    };
    body.note_memory();
    match booted {
        Ok(Booted { channel, cancellable }) => Ok(Live { body, key, channel, cancellable, seq: 0 }),
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
    let grace = if matches!(failure, Failure::Stopped) { host.config.grace } else { Duration::ZERO };
    let ended = body.end(&*host.clock, grace).await;
    if let Failure::Exited = failure {
        book.system(errors::describe(status));
    }
    let log_tail = book.finish().await;
    match (ended, failure) {
        (Err(message), _) | (Ok(()), Failure::Platform(message)) => AcquireError::Platform(message),
        (Ok(()), Failure::Function(kind, error)) => function_error(kind, error, log_tail),
        (Ok(()), Failure::Exited) => function_error(errors::UNHANDLED, errors::exited(status), log_tail),
        (Ok(()), Failure::Stopped) => AcquireError::Exhausted,
    }
}

/// Makes the instance's directory and socket and starts its process.
async fn launch(
    host: &Host,
    invocation: &Invocation,
    interpreter: &Interpreter,
    code_dir: &Path,
    marker: &str,
) -> Result<(Body, UnixListener, String), AcquireError> {
    let platform = |what: &str, error: io::Error| AcquireError::Platform(format!("{what}: {error}"));
    let id = new_instance_id(host);
    let dir = new_dir(&host.run_dir).map_err(|error| platform("no directory for an instance", error))?;
    let socket = dir.join("s");
    let listener = UnixListener::bind(&socket).map_err(|error| platform("no socket for an instance", error))?;
    let nonce = uuid::Uuid::new_v4().simple().to_string();
    let launch = Launch {
        program: interpreter.program.clone(),
        args: interpreter.runtime.args(&host.bootstrap_dir),
        env: environment(host, invocation, interpreter, code_dir, &Private { id: &id, dir: &dir, socket: &socket, nonce: &nonce }),
        dir: code_dir.to_owned(),
    };
    let spawned = host.spawner.spawn(launch).await;
    let spawned = spawned.map_err(|error| platform(&format!("{} can't be started", interpreter.program.display()), error))?;
    let mut tree = Tree::marked(INSTANCE_VARIABLE, id.as_str());
    tree.add_root(spawned.process.pid());
    let book = LogBook::new(id.clone(), Arc::clone(&host.logs), Arc::clone(&host.clock));
    book.begin(&invocation.request_id);
    let pump = tokio::spawn(Arc::clone(&book).pump(spawned.stdout, spawned.stderr, marker.to_owned()));
    Ok((Body { id, process: spawned.process, tree, book, pump, dir, peak_memory_kb: 0 }, listener, nonce))
}

/// What only this instance has.
struct Private<'a> {
    id: &'a InstanceId,
    dir: &'a Path,
    socket: &'a Path,
    nonce: &'a str,
}

/// An id of the vendor's form: seconds in hex and twenty random hex digits.
fn new_instance_id(host: &Host) -> InstanceId {
    let random = uuid::Uuid::new_v4().simple().to_string();
    let random = random.get(..20).unwrap_or_default();
    InstanceId::from_stored(format!("c-{:08x}-{random}", host.clock.now().0 / 1_000))
}

/// A private directory with a short name: the path of a socket has little room.
fn new_dir(run_dir: &Path) -> io::Result<PathBuf> {
    let name = uuid::Uuid::new_v4().simple().to_string();
    let dir = run_dir.join(name.get(..12).unwrap_or_default());
    let mut builder = fs::DirBuilder::new();
    builder.mode(0o700);
    builder.create(&dir)?;
    builder.create(dir.join("tmp"))?;
    Ok(dir)
}

/// The process's whole environment (`fc-api.md` 5.8). What the platform relies on comes last and can't be replaced by the function's own.
fn environment(
    host: &Host,
    invocation: &Invocation,
    interpreter: &Interpreter,
    code_dir: &Path,
    private: &Private<'_>,
) -> Vec<(OsString, OsString)> {
    let function = &invocation.function;
    let tmp = private.dir.join("tmp");
    let mut path = interpreter.program.parent().map(|dir| dir.as_os_str().to_owned()).unwrap_or_default();
    path.push(":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    let mut libraries = code_dir.as_os_str().to_owned();
    libraries.push(":");
    libraries.push(code_dir.join("lib"));
    let mut env: Vec<(OsString, OsString)> = Vec::new();
    let mut set = |name: &str, value: OsString| env.push((name.into(), value));
    set("PATH", path);
    set("LD_LIBRARY_PATH", libraries);
    set("LANG", "C.UTF-8".into());
    set("TZ", "UTC".into());
    set("HOME", tmp.clone().into());
    set("TMPDIR", tmp.into());
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
    set("FC_FUNC_CODE_PATH", code_dir.into());
    set("FC_ACCOUNT_ID", host.config.account_id.as_str().into());
    set("FC_REGION", function.region.as_str().into());
    set("FC_SERVICE_NAME", function.service.as_str().into());
    set("FC_FUNCTION_NAME", function.name.as_str().into());
    set("FC_FUNCTION_HANDLER", function.spec.handler.as_str().into());
    set("FC_FUNCTION_MEMORY_SIZE", function.spec.memory_mb.to_string().into());
    set("FC_QUALIFIER", invocation.qualifier.as_str().into());
    set(INSTANCE_VARIABLE, private.id.as_str().into());
    set(OWNER_VARIABLE, host.owner.as_str().into());
    set("TASKYARD_SOCKET", private.socket.into());
    set("TASKYARD_NONCE", private.nonce.into());
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
            "version_id": invocation.qualifier,
        },
        "tracing": { "span_context": "", "jaeger_endpoint": "", "span_baggages": {} },
        "region": function.region,
        "account_id": host.config.account_id,
    })
}

/// Talks to the new process until it has loaded the function and run its initializer.
async fn boot(
    host: &Host,
    invocation: &Invocation,
    book: &LogBook,
    listener: UnixListener,
    nonce: &str,
    marker: &str,
    code_dir: &Path,
) -> Result<Booted, Failure> {
    let spec = &invocation.function.spec;
    let loaded = tokio::select! {
        loaded = load(host, invocation, listener, nonce, marker, code_dir) => loaded?,
        () = host.clock.sleep(host.config.start_timeout) => {
            return Err(Failure::Function(errors::UNHANDLED, errors::start_timed_out(host.config.start_timeout.as_secs())));
        }
    };
    book.system(format!("FunctionCompute {} runtime inited.", spec.runtime));
    if spec.initializer.is_empty() {
        return Ok(loaded);
    }
    let request_id = invocation.request_id.as_str();
    book.system(format!("FC Initialize Start RequestId: {request_id}"));
    let initialized = tokio::select! {
        initialized = initialize(loaded, request_id) => initialized,
        () = host.clock.sleep(Duration::from_secs(spec.initialization_timeout_s)) => {
            Err(Failure::Function(errors::UNHANDLED, errors::initializer_timed_out(spec.initialization_timeout_s)))
        }
    };
    let suffix = if initialized.is_ok() { "" } else { ", Error: Unhandled function error" };
    book.system(format!("FC Initialize End RequestId: {request_id}{suffix}"));
    initialized
}

/// Waits for the process to connect and to load the user's module.
async fn load(
    host: &Host,
    invocation: &Invocation,
    listener: UnixListener,
    nonce: &str,
    marker: &str,
    code_dir: &Path,
) -> Result<Booted, Failure> {
    let mut channel = connect(listener, nonce).await?;
    let code_dir = code_dir.to_string_lossy();
    let spec = &invocation.function.spec;
    let init = ToInstance::Init {
        marker,
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

/// Accepts the connection that knows the nonce; the socket's file goes with the listener's directory.
async fn connect(listener: UnixListener, nonce: &str) -> Result<Channel, Failure> {
    loop {
        let (stream, _) = listener.accept().await?;
        let mut channel = Channel::new(stream);
        match channel.reader.next().await {
            Ok(Some(frame)) if frame.message == (FromInstance::Hello { nonce: nonce.to_owned() }) => return Ok(channel),
            _ => tracing::warn!("a stranger connected to an instance's socket"),
        }
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
