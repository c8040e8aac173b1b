//! The executor: what is shared by all instances, and the port's methods.

use crate::{
    catalog::Catalog,
    config::RuntimeConfig,
    containment::{Containment, ContainmentMode, Finding},
    exec,
    held::Held,
    images::{Engine, Images, images_dir},
    keeper::Keeper,
    language::RUNTIMES,
    loners::Loners,
    owner::{OWNER_VARIABLE, owner_id, sweep_orphans},
    package::{Packages, share},
    pool::{Caps, Grant, Lease, Pool, PoolKey, Refusal, Slot},
    process::Spawner,
    registry::{Entry, Registry},
    reserved::Reserved,
    start::start,
    tree::{self, Survivors, Tree},
};
use async_trait::async_trait;
use engine::{
    clock::Clock,
    ports::{AcquireError, CodeSource, Executor, Fleet, Instance, InstanceLimits, Invocation, Keep, LogSink, ProvisionState, no_instance},
};
use model::{ExecRequest, ExecSession, Function, FunctionRef, InstalledRuntime, InstanceId, InstanceInfo, Qualifier, Region, VersionId};
use std::{
    fs::{self, DirBuilder, File, TryLockError},
    hash::{DefaultHasher, Hash, Hasher},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

/// What every instance needs.
pub(crate) struct Host {
    pub(crate) config: RuntimeConfig,
    pub(crate) logs: Arc<dyn LogSink>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) catalog: Catalog,
    pub(crate) containment: Arc<Containment>,
    pub(crate) code: Arc<dyn CodeSource>,
    pub(crate) packages: Packages,
    pub(crate) images: Images,
    pub(crate) spawner: Spawner,
    pub(crate) registry: Arc<Registry>,
    pub(crate) loners: Loners,
    /// The data directory's id.
    pub(crate) owner: String,
    /// Where the runtimes' bootstrap files are.
    pub(crate) bootstrap_dir: PathBuf,
    /// Where instances without a sandbox have their private directories.
    pub(crate) run_dir: PathBuf,
    pub(crate) shutdown: CancellationToken,
    pub(crate) tracker: TaskTracker,
    /// Held while the server lives: two servers on one data directory would end each other's instances.
    _lock: File,
}

/// Runs functions in processes of this machine.
pub struct ProcessExecutor {
    host: Arc<Host>,
    pool: Arc<Pool<Held>>,
    keeper: Arc<Keeper>,
    _background: DropGuard,
}

impl ProcessExecutor {
    /// Prepares the data directory, ends what an earlier life left running, and looks for interpreters.
    ///
    /// Errors: the data directory can't be written or belongs to a server that is running; a process of an earlier life can't be ended.
    pub async fn start(
        config: RuntimeConfig,
        code: Arc<dyn CodeSource>,
        logs: Arc<dyn LogSink>,
        clock: Arc<dyn Clock>,
    ) -> io::Result<Self> {
        fs::create_dir_all(&config.data_dir)?;
        let data_dir = config.data_dir.canonicalize()?;
        let lock = lock(&data_dir)?;
        let swept = sweep_orphans(&data_dir, &*clock).await?;
        if swept > 0 {
            tracing::warn!(processes = swept, "ended processes that an earlier life of the server had left behind");
        }
        let owner = owner_id(&data_dir)?;
        let mut containment = contain(&config, &data_dir, &owner, &*clock).await?;
        let engine = find_engine(&config, &data_dir, &owner, &mut containment, &clock).await;
        match &engine {
            Ok(engine) => tracing::info!(engine = engine.shown(), "container images are run"),
            Err(why) => tracing::info!(why, "no container images are run"),
        }
        let (engine, containment) = (engine.ok(), Arc::new(containment));
        let bootstrap_dir = write_bootstraps(&data_dir)?;
        let shown = engine.as_ref().map(Engine::shown);
        let catalog = Catalog::detect(&config.search_path, config.strict_versions, &bootstrap_dir, shown, &clock).await;
        // Python has put its compiled file beside ours by now.
        share(&bootstrap_dir)?;
        let host = Arc::new(Host {
            catalog,
            packages: Packages::open(&data_dir, Arc::clone(&code))?,
            images: Images::open(&data_dir, engine)?,
            spawner: Spawner::start(Arc::clone(&containment))?,
            registry: Arc::default(),
            loners: Loners::default(),
            run_dir: make_run_dir(&data_dir)?,
            bootstrap_dir,
            containment,
            code,
            shutdown: CancellationToken::new(),
            tracker: TaskTracker::new(),
            _lock: lock,
            config,
            logs,
            clock,
            owner,
        });
        Ok(Self::with_host(host))
    }

    /// How functions are contained here, piece by piece.
    pub fn containment(&self) -> &[Finding] {
        self.host.containment.findings()
    }

    fn with_host(host: Arc<Host>) -> Self {
        let retiring = Arc::clone(&host);
        let retire = Box::new(move |held: Held, slot: Slot<Held>| {
            let host = Arc::clone(&retiring);
            retiring.tracker.spawn(async move {
                held.end_idle(&host).await;
                drop(slot);
            });
        });
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let pool = Pool::new(host.config.max_instances, host.config.max_waiting, Some(cores), Arc::clone(&host.clock), retire);
        let background = CancellationToken::new();
        let (idle_pool, idle_timeout, ended) = (Arc::clone(&pool), host.config.idle_timeout, background.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = idle_pool.end_idle(idle_timeout) => {}
                () = ended.cancelled() => {}
            }
        });
        let keeper = Keeper::new(cores);
        let (keeping, ended) = (Arc::clone(&keeper).run(Arc::clone(&host), Arc::clone(&pool)), background.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = keeping => {}
                () = ended.cancelled() => {}
            }
        });
        Self { host, pool, keeper, _background: background.drop_guard() }
    }
}

impl Drop for ProcessExecutor {
    /// Ends what still runs, when there is a runtime to do it; `shutdown` also waits for it.
    fn drop(&mut self) {
        if tokio::runtime::Handle::try_current().is_ok() {
            self.host.shutdown.cancel();
            self.pool.close();
        }
    }
}

fn lock(data_dir: &Path) -> io::Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(data_dir.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::Error(error)) => Err(error),
        Err(TryLockError::WouldBlock) => {
            Err(io::Error::new(io::ErrorKind::ResourceBusy, format!("{} is used by another server", data_dir.display())))
        }
    }
}

/// Writes the bootstrap files into a directory named after their content, so that an older server's are never overwritten.
pub(crate) fn write_bootstraps(data_dir: &Path) -> io::Result<PathBuf> {
    let files: Vec<_> = RUNTIMES.iter().flat_map(|runtime| runtime.bootstraps()).collect();
    let mut content = DefaultHasher::new();
    files.hash(&mut content);
    let dir = data_dir.join("runtime").join(format!("{:016x}", content.finish()));
    fs::create_dir_all(&dir)?;
    for (name, text) in files {
        let path = dir.join(name);
        if fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
            continue;
        }
        let fresh = dir.join(format!("{name}.new"));
        fs::write(&fresh, text)?;
        fs::rename(fresh, path)?;
    }
    Ok(dir)
}

/// Finds out how functions can be contained, tells it, and refuses to go on without a piece that the configuration insists on.
async fn contain(config: &RuntimeConfig, data_dir: &Path, owner: &str, clock: &dyn Clock) -> io::Result<Containment> {
    let dir = data_dir.join("runtime");
    fs::create_dir_all(&dir)?;
    let containment = Containment::detect(data_dir, &dir, owner, &config.search_path, clock).await?;
    let mut missing = Vec::new();
    for finding in containment.findings() {
        if finding.is_in_force() {
            tracing::info!(containment = %finding, "containment piece in force");
        } else {
            tracing::warn!(containment = %finding, "containment piece not in force");
            missing.push(finding.to_string());
        }
    }
    if config.containment == ContainmentMode::Strict && !missing.is_empty() {
        let text = format!("containment is strict and not all of it can be had here: {}", missing.join("; "));
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    Ok(containment)
}

/// The engine whose images functions run here. Errors: why they run none.
pub(crate) async fn find_engine(
    config: &RuntimeConfig,
    data_dir: &Path,
    owner: &str,
    containment: &mut Containment,
    clock: &Arc<dyn Clock>,
) -> Result<Engine, String> {
    let engine = Engine::find(config, owner, clock).await?;
    containment.prepare_images(&images_dir(data_dir), &data_dir.join("runtime"), &**clock).await?;
    Ok(engine)
}

/// An empty directory for the private directories of instances.
fn make_run_dir(data_dir: &Path) -> io::Result<PathBuf> {
    let dir = data_dir.join("run");
    match fs::remove_dir_all(&dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    DirBuilder::new().mode(0o700).create(&dir)?;
    Ok(dir)
}

/// The instances of a version have a scope of their own, so that an alias that leads to two of them does not end those of the one whenever it
/// leads to the other.
pub(crate) fn key_of(function: &Function, qualifier: &Qualifier, version: Option<VersionId>) -> PoolKey {
    let mut scope = format!("{}/{qualifier}", function.id);
    if let Some(version) = version {
        scope.push_str(&format!("@{version}"));
    }
    let (group, region) = (group_of(&function.function_ref(), qualifier), function.region.to_string());
    let places = usize::try_from(function.spec.instance_concurrency).unwrap_or(1).max(1);
    PoolKey { scope, version: function.etag.clone(), group, region, places }
}

/// Instances for requests that have to run alone, whatever the function's concurrency is.
fn alone(key: PoolKey) -> PoolKey {
    PoolKey { scope: format!("{} alone", key.scope), places: 1, ..key }
}

/// What a limit of instances is about.
fn group_of(function: &FunctionRef, qualifier: &Qualifier) -> String {
    format!("{function}/{qualifier}")
}

#[async_trait]
impl Fleet for ProcessExecutor {
    fn limit(&self, limits: InstanceLimits) {
        let size = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        let groups = limits.by_qualifier.iter().map(|((function, qualifier), most)| (group_of(function, qualifier), size(*most)));
        self.pool.set_caps(Caps { groups: groups.collect(), region: limits.by_region.map(size) });
    }

    fn keep(&self, wanted: Vec<Keep>) {
        self.keeper.keep(&self.pool, wanted);
    }

    fn kept(&self) -> Vec<ProvisionState> {
        self.keeper.kept(&self.pool)
    }

    async fn kept_changed(&self) {
        self.keeper.news().await;
    }
}

/// What these instances do and use now, the oldest first.
async fn infos(entries: Vec<Arc<Entry>>) -> Vec<InstanceInfo> {
    let read = tokio::task::spawn_blocking(move || entries.iter().map(|entry| entry.info()).collect::<Vec<_>>());
    let mut found = read.await.unwrap_or_default();
    found.sort_by_key(|instance| instance.created_at);
    found
}

#[async_trait]
impl Executor for ProcessExecutor {
    async fn acquire(&self, invocation: &Invocation, stop: &CancellationToken) -> Result<Box<dyn Instance>, AcquireError> {
        self.obtain(invocation, stop, false).await
    }

    async fn acquire_soon(&self, invocation: &Invocation, stop: &CancellationToken) -> Result<Box<dyn Instance>, AcquireError> {
        self.obtain(invocation, stop, true).await
    }

    fn reserve(&self, function: &Function, qualifier: &Qualifier, count: usize) -> Vec<Box<dyn Instance>> {
        let leases = self.pool.take_idle(&key_of(function, qualifier, None), count);
        let reserved = |lease| Reserved::new(Arc::clone(&self.host), lease).ok().map(|reserved| Box::new(reserved) as Box<dyn Instance>);
        leases.into_iter().filter_map(reserved).collect()
    }

    fn flows(&self, function: &Function, qualifier: &Qualifier) -> bool {
        self.pool.flows(&key_of(function, qualifier, None))
    }

    async fn freed(&self) {
        self.pool.until_free().await;
    }

    fn runtimes(&self) -> Vec<InstalledRuntime> {
        self.host.catalog.runtimes()
    }

    async fn instances(&self, function: &FunctionRef) -> Vec<InstanceInfo> {
        infos(self.host.registry.of(function)).await
    }

    async fn region_instances(&self, region: &Region) -> Vec<InstanceInfo> {
        infos(self.host.registry.of_region(region)).await
    }

    async fn exec(&self, function: &FunctionRef, instance: &InstanceId, request: ExecRequest) -> model::Result<ExecSession> {
        let entry = self.host.registry.get(instance).filter(|entry| entry.function == *function).ok_or_else(|| no_instance(instance))?;
        exec::begin(Arc::clone(&self.host), Arc::clone(&self.pool), entry, request).await
    }

    async fn drain(&self, function: &FunctionRef, instance: &InstanceId) -> model::Result<()> {
        let entry = self.host.registry.get(instance).filter(|entry| entry.function == *function).ok_or_else(|| no_instance(instance))?;
        entry.drain();
        self.pool.discard(|held| held.id() == instance);
        Ok(())
    }

    async fn shutdown(&self) {
        self.host.shutdown.cancel();
        self.pool.close();
        self.pool.wait_empty().await;
        self.host.tracker.close();
        self.host.tracker.wait().await;
        self.kill().await;
    }

    async fn kill(&self) {
        let rest = Tree::marked(OWNER_VARIABLE, &self.host.owner);
        if let Err(Survivors(pids)) = tree::kill_all(rest, &*self.host.clock).await {
            tracing::error!(process.pids = ?pids, "processes can't be ended");
        }
    }
}

impl ProcessExecutor {
    async fn obtain(&self, invocation: &Invocation, stop: &CancellationToken, in_haste: bool) -> Result<Box<dyn Instance>, AcquireError> {
        let mut key = key_of(&invocation.function, &invocation.qualifier, invocation.version);
        if key.places > 1 && self.host.loners.has(&invocation.request_id) {
            key = alone(key);
        }
        let granted = tokio::select! {
            biased;
            granted = self.pool.acquire(&key, in_haste) => granted,
            () = stop.cancelled() => return Err(AcquireError::Exhausted),
        };
        let lease = match granted {
            Ok(Grant::Warm(lease)) => lease,
            Ok(Grant::Slot(slot)) => self.start_instance(invocation, key, slot, stop).await?,
            Err(Refusal::Full | Refusal::Capped) => return Err(AcquireError::Exhausted),
            Err(Refusal::Closed) => return Err(AcquireError::Platform("the server is shutting down".to_owned())),
        };
        Reserved::new(Arc::clone(&self.host), lease).map(|reserved| Box::new(reserved) as Box<dyn Instance>)
    }

    /// Starts an instance in a task of its own: a caller that goes away leaves no half-started process.
    async fn start_instance(
        &self,
        invocation: &Invocation,
        key: PoolKey,
        slot: Slot<Held>,
        stop: &CancellationToken,
    ) -> Result<Lease<Held>, AcquireError> {
        let (host, pool, stop) = (Arc::clone(&self.host), Arc::clone(&self.pool), stop.clone());
        // The event stays behind: it may be large, and the start has no use for it.
        let invocation = Invocation {
            function: invocation.function.clone(),
            qualifier: invocation.qualifier.clone(),
            version: invocation.version,
            request_id: invocation.request_id.clone(),
            payload: Vec::new(),
            http: None,
            retry_count: invocation.retry_count,
            bodies: None,
        };
        let started = self.host.tracker.spawn(async move { begin(&host, &pool, &invocation, key, slot, &stop).await });
        started.await.unwrap_or_else(|error| Err(AcquireError::Platform(format!("the start of an instance failed: {error}"))))
    }
}

/// Starts an instance, and sees to it that the pool does not offer it when it has ended by itself.
pub(crate) async fn begin(
    host: &Host,
    pool: &Arc<Pool<Held>>,
    invocation: &Invocation,
    key: PoolKey,
    slot: Slot<Held>,
    stop: &CancellationToken,
) -> Result<Lease<Held>, AcquireError> {
    let held = start(host, invocation, key, stop).await?;
    let (exit, id, pool) = (held.process().exit_watch(), held.id().clone(), Arc::clone(pool));
    tokio::spawn(async move {
        crate::process::watch_end(exit).await;
        pool.discard(|idle| *idle.id() == id);
    });
    Ok(Lease::new(held, slot))
}
