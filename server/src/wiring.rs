//! The only place that knows every crate: configuration → store → runtime → engine → API and console.

use crate::config::Config;
use crate::node::{self, Node};
use crate::{demo, health, secret_key, web};
use api::{ApiParts, ApiState, Replays, Uploads};
use axum::Router;
use engine::clock::{Clock, SystemClock};
use engine::ports::{Executor, Node as Peer, Store};
use engine::{AuditService, ChangeHub, Engine, EngineConfig, IdentityService, Running, StoreCodeSource, StoreLogSink};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use model::ControlPlane;
use peer::WebSocketPeers;
use runtime::{ProcessExecutor, RuntimeConfig};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use webhook::HttpWebhook;

/// Longest time between two looks of a server that shares its store for tasks of dead ones. It looks when a lease may have passed, so a
/// hand-over takes the lease and what the store needs; with a look missed it still takes less than 10 s.
const RESCUE_INTERVAL: Duration = Duration::from_secs(3);

/// The running parts that the rest of the process has to reach.
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) executor: Arc<dyn Executor>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) identity: Arc<IdentityService>,
    store: Arc<dyn Store>,
    metrics: PrometheusHandle,
    /// What the other servers on the store have to show; `None` where there can be none.
    peer_secret: Option<String>,
    _node: Node,
}

/// Opens the store, takes over what an earlier life left, and begins to run tasks. `address` is where this server listens.
pub(crate) async fn start(config: &Config, address: SocketAddr) -> Result<App, String> {
    let metrics = PrometheusBuilder::new().install_recorder().map_err(|error| format!("metrics can't be set up: {error}"))?;
    let node = node::begin(&config.data_dir)?;
    let store = store::open(&config.database_url, &config.data_dir, &config.log_place).await.map_err(|error| error.to_string())?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let identity = identity(config, &store, &clock).await?;
    let (running, hub) = (Running::default(), ChangeHub::default());
    let executor = executor(config, &store, &clock, &running, &hub).await?;
    let webhook = Arc::new(HttpWebhook::new(config.webhook_targets));
    let mut engine = Engine::new(engine_config(config, &node), store.clone(), executor.clone(), webhook, clock.clone(), running, hub);
    let own = config.is_shared_store().then(|| as_peer(config, &node, address));
    let peer_secret = own.as_ref().map(|own| own.secret.clone());
    if let Some(own) = own {
        engine = engine.among(own, Arc::new(WebSocketPeers));
    }
    engine.start().await;
    let app = App { engine, executor, clock, store, identity, metrics, peer_secret, _node: node };
    first_credentials(&app, config).await.map_err(|error| error.to_string())?;
    if config.demo {
        demo::seed(&app.engine).await.map_err(|error| format!("the demo can't be set up: {error}"))?;
    }
    Ok(app)
}

/// Users and keys, once every stored secret is sealed and can be opened.
async fn identity(config: &Config, store: &Arc<dyn Store>, clock: &Arc<dyn Clock>) -> Result<Arc<IdentityService>, String> {
    let file = &config.secret_key_file;
    let identity = IdentityService::new(store.clone(), clock.clone(), secret_key::load(file)?);
    let closed = identity.check_secrets().await.map_err(|error| error.to_string())?;
    if closed.is_empty() {
        return Ok(Arc::new(identity));
    }
    Err(format!(
        "the secrets of these access keys were sealed with another file than {}: {}; start with the file that this database's servers use \
         (--secret-key-file), or delete the keys with `taskyard key delete`",
        file.display(),
        closed.join(", ")
    ))
}

async fn executor(
    config: &Config,
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    running: &Running,
    hub: &ChangeHub,
) -> Result<Arc<dyn Executor>, String> {
    let settings = RuntimeConfig {
        max_instances: config.max_instances,
        grace: config.stop_grace,
        strict_versions: config.strict_runtimes,
        containment: config.containment,
        container_engine: config.container_engine.clone(),
        pull_images: config.pull_images,
        ..RuntimeConfig::new(&config.data_dir, config.account_id.clone())
    };
    let code = Arc::new(StoreCodeSource::new(store.clone()));
    let log = Arc::new(StoreLogSink::new(store.clone(), running.clone(), hub.clone(), clock.clone()));
    let executor = ProcessExecutor::start(settings, code, log, clock.clone()).await.map_err(|error| error.to_string())?;
    Ok(Arc::new(executor))
}

/// This server as the others reach it, with a secret for this life.
fn as_peer(config: &Config, node: &Node, address: SocketAddr) -> Peer {
    if config.advertise.is_none() && address.ip().is_unspecified() {
        tracing::warn!(%address, "other servers can't reach this one to list its instances or log on to them: say with --advertise where it is");
    }
    let secret = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
    Peer { worker: node.worker.clone(), address: config.advertise.clone().unwrap_or_else(|| address.to_string()), secret }
}

fn engine_config(config: &Config, node: &Node) -> EngineConfig {
    EngineConfig {
        previous_worker: node.previous.clone(),
        slots: config.max_tasks,
        region_instances: Some(config.region_instances),
        rescue_interval: config.is_shared_store().then_some(RESCUE_INTERVAL),
        retention_days: config.retention_days,
        ..EngineConfig::new(config.account_id.clone(), config.regions.clone(), node.worker.clone())
    }
}

/// Makes the first user and the first API key; what was generated is shown once, on standard output, and never logged.
#[expect(clippy::print_stdout, reason = "the one place where generated secrets are shown, once")]
async fn first_credentials(app: &App, config: &Config) -> model::Result<()> {
    let given = config.admin_password.as_ref().map(|secret| secret.0.as_str());
    if let Some(password) = app.identity.ensure_admin(given).await? {
        println!("first start: console user admin, password {password}");
    }
    if let Some(key) = app.identity.ensure_access_key(config.access_key.clone()).await? {
        println!("first start: API access key id {}, secret {}", key.id, key.secret);
    }
    Ok(())
}

/// Everything that the listener answers.
pub(crate) fn router(app: &App, config: &Config, draining: &CancellationToken) -> Router {
    let web = web_state(app, config, draining);
    let uploads = web.uploads.clone();
    let clock = app.clock.clone();
    let default_region = app.engine.regions().into_iter().next().unwrap_or_else(|| model::Region::from_stored(""));
    let (control, identity, audit) = (web.control.clone(), web.identity.clone(), web.audit.clone());
    let api: ApiState = ApiParts {
        port: Some(config.listen.port()).filter(|port| *port != 0),
        skew_ms: config.skew_ms,
        uploads,
        replays: config.skew_ms.filter(|_| config.replay_protection).map(|skew_ms| Arc::new(Replays::new(skew_ms))),
        ..ApiParts::new(control, identity, audit, Arc::new(move || clock.now()), config.account_id.clone(), default_region)
    }
    .into();
    let peers = app.peer_secret.as_deref().map_or_else(Router::new, |secret| peer::router(Arc::new(app.engine.clone()), secret));
    let everything = Router::new()
        .merge(health::router(app.store.clone(), draining.clone(), app.metrics.clone()))
        .merge(peers)
        .merge(api::router(api.clone()))
        .merge(api::openapi_router())
        .merge(web::router(web));
    api::with_targets(api, everything)
}

/// The ports, for the console.
pub(crate) fn web_state(app: &App, config: &Config, draining: &CancellationToken) -> web::WebState {
    web::WebState {
        control: Arc::new(app.engine.clone()),
        identity: app.identity.clone(),
        keys: app.identity.clone(),
        users: app.identity.clone(),
        audit: Arc::new(AuditService::new(app.store.clone())),
        account_id: config.account_id.clone(),
        flags: config.shown_flags().into(),
        draining: draining.clone(),
        uploads: Uploads::of(config.upload_bytes),
    }
}
