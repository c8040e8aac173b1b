//! Starts an instance: process, conversation, the user's module, its initializer.

use crate::{
    containment::{Places, Request},
    conversation::{Broken, Call, Conversation, EndedEarly, LoadError, Starting, What},
    crowd::Crowd,
    errors,
    executor::Host,
    frames::{CHANNEL_VARIABLE, Frames},
    held::Held,
    images::{Image, ImageError},
    instance::{Body, Live},
    language::{Command, Interpreter, LanguageRuntime, Protocol, Source},
    logs::{LogBook, Nowhere},
    owner::{INSTANCE_VARIABLE, OWNER_VARIABLE},
    package::PackageError,
    polls::Polls,
    pool::PoolKey,
    process::Launch,
    reach::Reach,
    registry::Frame,
    requests::Requests,
    tree::Tree,
};
use engine::ports::{AcquireError, Invocation, LogSink};
use model::{ContainerConfig, InstanceId, ServiceSpec};
use std::{
    ffi::OsString,
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Why an instance did not become ready.
enum Failure {
    /// The function's fault, with the error object for the caller.
    Function(&'static str, Vec<u8>),
    /// The process ended, or broke the connection and is ended for that.
    Exited,
    /// The process ended before it could say that it runs; the error of that, unless it is the platform's fault.
    NotStarted(Option<(&'static str, Vec<u8>)>),
    Stopped,
    Platform(String),
}

impl From<Broken> for Failure {
    fn from(_: Broken) -> Self {
        Self::Exited
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Exited => Self::Exited,
            LoadError::Function(body) => Self::Function(errors::UNHANDLED, body),
        }
    }
}

/// Starts an instance for an invocation. Cancelling `stop` ends it again and gives `Exhausted`. After an error nothing of it is left.
pub(crate) async fn start(host: &Host, invocation: &Invocation, key: PoolKey, stop: &CancellationToken) -> Result<Held, AcquireError> {
    let runtime = &invocation.function.spec.runtime;
    let Some((interpreter, is_exact)) = host.catalog.interpreter(runtime) else {
        return Err(AcquireError::Platform(format!("runtime {runtime} is not installed on this server")));
    };
    let code = match invocation.function.spec.container() {
        None => code_of(host, invocation).await?,
        Some(config) => tokio::select! {
            biased;
            image = image_of(host, &config) => image?,
            // It may take minutes; who unpacks it goes on.
            () = stop.cancelled() => return Err(AcquireError::Exhausted),
            () = host.shutdown.cancelled() => return Err(AcquireError::Platform("the server is shutting down".to_owned())),
        },
    };
    let service = host.code.service(&invocation.function.function_ref().service_ref()).await.map_err(AcquireError::Platform)?;
    let marker = uuid::Uuid::new_v4().simple().to_string();
    let kind = Kind { interpreter, code, marker: &marker, service: &service, concurrency: key.places };
    let Launched { mut body, mut conversation, places } = launch(host, invocation, kind).await?;
    if !is_exact {
        let (language, version) = (interpreter.runtime.language(), &interpreter.shown);
        let on = if language == model::Language::Custom { version.clone() } else { format!("{language:?} {version}") };
        body.book.system(format!("runtime {runtime} runs on {on}: its own version is not installed on this server"));
    }
    let greeted = AtomicBool::new(false);
    let concurrency = key.places;
    let starting = Starting { host, invocation, process: &body.process, marker: &marker, places: &places, concurrency, greeted: &greeted };
    let booted = tokio::select! {
        biased;
        booted = boot(&starting, &body.book, &mut *conversation) => booted,
        () = stop.cancelled() => Err(Failure::Stopped),
        () = host.shutdown.cancelled() => Err(Failure::Platform("the server is shutting down".to_owned())),
        _ = body.process.wait_end() => Err(Failure::Exited),
    };
    body.note_memory();
    match booted {
        Ok(()) => {
            body.card.ready();
            Ok(if key.places > 1 {
                Held::Many(Crowd::new(body, key, conversation, invocation))
            } else {
                Held::One(Box::new(Live::new(body, key, conversation, invocation)))
            })
        }
        Err(Failure::Exited) if !greeted.load(Ordering::Relaxed) => {
            let error = match conversation.ended_early(&errors::describe(body.process.ended())) {
                EndedEarly::Platform => None,
                EndedEarly::Function(kind, error) => Some((kind, error)),
            };
            Err(give_up(host, body, Failure::NotStarted(error)).await)
        }
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
    if let Failure::Exited | Failure::NotStarted(_) = failure {
        book.system(errors::describe(status));
    }
    let log_tail = book.finish().await;
    match (ended, failure) {
        (Err(message), _) | (Ok(()), Failure::Platform(message)) => AcquireError::Platform(message),
        (Ok(()), Failure::Function(kind, error)) => function_error(kind, error, log_tail),
        (Ok(()), Failure::Exited) => function_error(errors::UNHANDLED, exit_error, log_tail),
        (Ok(()), Failure::NotStarted(Some((kind, error)))) => function_error(kind, error, log_tail),
        (Ok(()), Failure::NotStarted(None)) => AcquireError::Platform(format!("the instance did not start: {}", log_tail.trim_end())),
        (Ok(()), Failure::Stopped) => AcquireError::Exhausted,
    }
}

/// Brings the function's image.
async fn image_of(host: &Host, config: &ContainerConfig) -> Result<Code, AcquireError> {
    let image = host.images.ready(&config.image).await.map_err(|error| match error {
        ImageError::Refused(message) => {
            function_error(errors::FILE_NOT_FOUND, errors::typed_body(&message, errors::FILE_NOT_FOUND), String::new())
        }
        ImageError::Platform(message) => AcquireError::Platform(message),
    })?;
    Ok(Code { dir: image.root().to_owned(), opt: None, image: Some(Arc::new(image)) })
}

/// Brings the function's code and layers.
async fn code_of(host: &Host, invocation: &Invocation) -> Result<Code, AcquireError> {
    let dir = match host.packages.unpacked(&invocation.function.package_id).await {
        Ok(dir) => dir,
        Err(PackageError::Refused(message)) => return Err(function_error(errors::UNHANDLED, errors::body(&message), String::new())),
        Err(error @ PackageError::Platform(_)) => return Err(AcquireError::Platform(error.to_string())),
    };
    Ok(Code { dir, opt: layers(host, invocation).await?, image: None })
}

/// The function's layers as one directory; `None` without any.
async fn layers(host: &Host, invocation: &Invocation) -> Result<Option<PathBuf>, AcquireError> {
    let refused = |message: &str| function_error(errors::UNHANDLED, errors::body(message), String::new());
    let packages = host.code.layers(&invocation.function).await.map_err(AcquireError::Platform)?;
    let found: Option<Vec<String>> = packages.into_iter().collect();
    let found = found.ok_or_else(|| refused("a layer of the function does not exist any more"))?;
    host.packages.layered(&found).await.map_err(|error| match error {
        PackageError::Refused(message) => refused(&message),
        error @ PackageError::Platform(_) => AcquireError::Platform(error.to_string()),
    })
}

/// What an instance is given to run, as it lies outside.
struct Code {
    dir: PathBuf,
    /// The layers.
    opt: Option<PathBuf>,
    /// The image whose files are in `dir`.
    image: Option<Arc<Image>>,
}

/// A process that has been started, and what is needed to go on with it.
struct Launched {
    body: Body,
    conversation: Box<dyn Conversation>,
    places: Places,
}

/// What kind of instance is started.
struct Kind<'a> {
    interpreter: &'a Interpreter,
    code: Code,
    /// Begins the marks in its log.
    marker: &'a str,
    /// What is set on its service now; a later change concerns later instances.
    service: &'a ServiceSpec,
    /// Requests that it will serve at once.
    concurrency: usize,
}

/// Makes what the server will talk by and starts the instance's process.
async fn launch(host: &Host, invocation: &Invocation, kind: Kind<'_>) -> Result<Launched, AcquireError> {
    let Kind { interpreter, code: Code { dir: code_dir, opt, image }, marker, service, concurrency } = kind;
    let internet = service.internet_access;
    let platform = |what: &str, error: io::Error| AcquireError::Platform(format!("{what}: {error}"));
    let id = new_instance_id(host);
    let card = Arc::new(host.registry.enter(id.clone(), invocation, host.clock.now()));
    let (bootstrap, tmp) = (host.bootstrap_dir.clone(), host.run_dir.join(id.as_str()));
    let outside = Places { code: code_dir.clone(), bootstrap, tmp, opt: opt.clone() };
    let mut places = host.containment.places(outside.clone());
    places.opt = places.opt.filter(|_| opt.is_some());
    let image_dir = image.as_ref().map(|image| image.dir());
    let dir = (places.tmp == outside.tmp).then_some(outside.tmp);
    if let Some(dir) = &dir {
        fs::DirBuilder::new().mode(0o700).create(dir).map_err(|error| platform("no directory for an instance", error))?;
    }
    let spec = &invocation.function.spec;
    let source = Source { places: &places, code_dir: &code_dir, image: image.as_deref() };
    let command = interpreter.runtime.command(interpreter, &source, spec);
    let Command { program, args, home } =
        command.map_err(|refused| function_error(refused.code, errors::typed_body(&refused.message, refused.code), String::new()))?;
    let conversation = conversation(host, invocation, interpreter.runtime, internet).await;
    let mut conversation = conversation.map_err(|error| platform("no connection to an instance", error))?;
    let request = Request {
        id: id.as_str().to_owned(),
        program,
        args,
        home,
        code_dir: code_dir.clone(),
        bootstrap_dir: host.bootstrap_dir.clone(),
        opt_dir: opt,
        memory_mb: spec.memory_mb,
        disk_mb: spec.disk_mb,
        cpu: spec.cpu,
        internet,
        hold: conversation.hold(),
        image_dir: image_dir.clone(),
        late: Vec::new(),
    };
    let what = request.program.display().to_string();
    let env = environment(host, invocation, interpreter, &Private { id: &id, source, conversation: &*conversation });
    let frame_env = env.iter().filter(|(name, _)| name != CHANNEL_VARIABLE).cloned().collect();
    let spawned = host.spawner.spawn(Launch { request, env, channel: conversation.inherited() }).await;
    let spawned = spawned.map_err(|error| platform(&format!("{what} can't be started"), error))?;
    card.started(Frame {
        main: spawned.process.main(),
        cgroup: spawned.cgroup.clone(),
        env: frame_env,
        code: image_dir.unwrap_or_else(|| places.code.clone()),
        is_sandboxed: spawned.process.is_sandboxed(),
    });
    let mut tree = Tree::marked(INSTANCE_VARIABLE, id.as_str());
    tree.add_root(spawned.process.pid());
    let logs: Arc<dyn LogSink> = if service.logging() { Arc::clone(&host.logs) } else { Arc::new(Nowhere) };
    let clock = Arc::clone(&host.clock);
    let new_book = if concurrency > 1 { LogBook::shared } else { LogBook::new };
    let book = new_book(invocation.function.function_ref(), id.clone(), logs, clock, host.config.log_bytes_max);
    book.begin(&invocation.request_id);
    let pump = tokio::spawn(Arc::clone(&book).pump(spawned.stdout, spawned.stderr, marker.to_owned()));
    let process = Arc::new(spawned.process);
    let body = Body { id, card, process, tree, book, pump, dir, image, cgroup: spawned.cgroup, peak_memory_kb: 0 };
    Ok(Launched { body, conversation, places })
}

/// What the server will talk to the instance by.
async fn conversation(
    host: &Host,
    invocation: &Invocation,
    runtime: &dyn LanguageRuntime,
    internet: bool,
) -> io::Result<Box<dyn Conversation>> {
    let spec = &invocation.function.spec;
    let (port, has_own_network) = (spec.ca_port(), host.containment.has_own_network(internet));
    Ok(match runtime.protocol(&spec.runtime) {
        Protocol::Frames => Box::new(Frames::open(runtime.read_limit())?),
        Protocol::Requests => {
            let reach = if has_own_network { Reach::own(port) } else { Reach::shared().await? };
            Box::new(Requests::new(reach, host, invocation))
        }
        Protocol::Polls => Box::new(Polls::open(has_own_network, host, invocation).await?),
    })
}

/// What only this instance has.
struct Private<'a> {
    id: &'a InstanceId,
    source: Source<'a>,
    conversation: &'a dyn Conversation,
}

fn new_instance_id(host: &Host) -> InstanceId {
    let random = uuid::Uuid::new_v4().simple().to_string();
    InstanceId::from_stored(format!("c-{:08x}-{random}", host.clock.now().0 / 1_000))
}

/// The process's whole environment (`fc-api.md` 5.8). What the platform relies on comes last and can't be replaced by the function's own.
fn environment(host: &Host, invocation: &Invocation, interpreter: &Interpreter, private: &Private<'_>) -> Vec<(OsString, OsString)> {
    let function = &invocation.function;
    let Source { places, image, .. } = private.source;
    let mut env = vec![
        ("LANG".into(), "C.UTF-8".into()),
        ("TZ".into(), "UTC".into()),
        ("HOME".into(), places.tmp.clone().into()),
        ("TMPDIR".into(), places.tmp.clone().into()),
    ];
    match image {
        Some(image) => env.extend(image.env().into_iter().map(|(name, value)| (name.into(), value.into()))),
        None => env.extend(search_paths(interpreter, places)),
    }
    let mut set = |name: &str, value: OsString| env.push((name.into(), value));
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
    for (name, value) in private.conversation.environment() {
        set(name, value);
    }
    env
}

/// Where an instance that runs on the system finds programs, libraries and modules.
fn search_paths(interpreter: &Interpreter, places: &Places) -> Vec<(OsString, OsString)> {
    let mut path = OsString::new();
    if let Some(dir) = interpreter.program.parent() {
        path.push(dir);
        path.push(":");
    }
    if let Some(opt) = &places.opt {
        path.push(opt.join("bin"));
        path.push(":");
    }
    path.push("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    let mut libraries = places.code.as_os_str().to_owned();
    libraries.push(":");
    libraries.push(places.code.join("lib"));
    if let Some(opt) = &places.opt {
        libraries.push(":");
        libraries.push(opt.join("lib"));
    }
    let mut paths = vec![("PATH".into(), path), ("LD_LIBRARY_PATH".into(), libraries)];
    if let Some(opt) = &places.opt {
        paths.push(("PYTHONPATH".into(), opt.join("python").into()));
        paths.push(("NODE_PATH".into(), opt.join("nodejs/node_modules").into()));
    }
    paths
}

/// Talks to the new process until it has loaded the function and run its initializer.
async fn boot(starting: &Starting<'_>, book: &LogBook, conversation: &mut dyn Conversation) -> Result<(), Failure> {
    let Starting { host, invocation, .. } = starting;
    let spec = &invocation.function.spec;
    let loaded = tokio::select! {
        loaded = conversation.load(starting) => Some(loaded),
        () = host.clock.sleep(host.config.start_timeout) => None,
    };
    match loaded {
        Some(loaded) => loaded?,
        None => return Err(Failure::Function(errors::UNHANDLED, conversation.not_ready(host.config.start_timeout.as_secs()))),
    }
    book.system(format!("FunctionCompute {} runtime inited.", spec.runtime));
    if spec.initializer.is_empty() {
        return Ok(());
    }
    let request_id = invocation.request_id.as_str();
    book.system(format!("FC Initialize Start RequestId: {request_id}"));
    let initialized = tokio::select! {
        initialized = initialize(conversation, request_id) => initialized,
        () = host.clock.sleep(Duration::from_secs(spec.initialization_timeout_s)) => {
            Err(Failure::Function(errors::UNHANDLED, errors::initializer_timed_out(spec.initialization_timeout_s)))
        }
    };
    if !conversation.marks_its_log() {
        book.caught_up().await;
    }
    let suffix = if initialized.is_ok() { "" } else { ", Error: Unhandled function error" };
    book.system(format!("FC Initialize End RequestId: {request_id}{suffix}"));
    initialized
}

async fn initialize(conversation: &mut dyn Conversation, request_id: &str) -> Result<(), Failure> {
    conversation.send(&Call { request_id, retry_count: 0, what: What::Initializer }).await?;
    let reply = conversation.reply().await?;
    match reply.outcome {
        Ok(_) if !reply.is_fatal => Ok(()),
        Ok(_) => Err(Failure::Exited),
        Err((kind, error)) => Err(Failure::Function(kind, error)),
    }
}
