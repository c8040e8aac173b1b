//! Which handler answers what.

use super::assets::Assets;
use super::{
    assets, audit_download, bulk_download, compress, download, form_post, guard, headers, live, live_log, log_download, pages, region,
    session, task_export, terminal, words,
};
use api::Uploads;
use app::language::{LANGUAGE_SWITCH, WORDS};
use app::routes::{
    AUDIT_DOWNLOAD, BULK_DOWNLOAD, CODE_DOWNLOAD, LIVE, LIVE_LOG, LOG_DOWNLOAD, PAYLOAD_DOWNLOAD, REGION_SWITCH, SERVER_FNS, TASK_EXPORT,
    TERMINAL, TERMINAL_PAGE,
};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use model::{AccessKeys, AccountId, Audit, ControlPlane, Identity, Users};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What the console needs of the rest of the server. Requests reach none of it directly: see [`super::audited`].
#[derive(Clone)]
pub(crate) struct WebState {
    pub(crate) control: Arc<dyn ControlPlane>,
    pub(crate) identity: Arc<dyn Identity>,
    pub(crate) keys: Arc<dyn AccessKeys>,
    pub(crate) users: Arc<dyn Users>,
    pub(crate) audit: Arc<dyn Audit>,
    pub(crate) account_id: AccountId,
    /// Memory for the bodies of requests.
    pub(crate) uploads: Uploads,
    /// Flags and what they are set to, for whoever may read the account's settings.
    pub(crate) flags: Arc<[(&'static str, String)]>,
    /// Ends the live streams, which would otherwise keep their connections open.
    pub(crate) draining: CancellationToken,
}

/// [`WebState`] and the console's files.
pub(crate) struct Web {
    pub(crate) state: WebState,
    pub(crate) assets: Assets,
}

/// Answers everything that no other router does.
pub(crate) fn router(state: WebState) -> Router {
    // Leptos wants to know which executor to spawn on; a second call finds it set.
    _ = any_spawner::Executor::init_tokio();
    let web = Arc::new(Web { state, assets: Assets::load() });
    Router::new()
        .route(LIVE, get(live::stream))
        .route(LIVE_LOG, get(live_log::stream))
        .route(LOG_DOWNLOAD, get(log_download::file))
        .route(AUDIT_DOWNLOAD, get(audit_download::file))
        .route(TASK_EXPORT, get(task_export::file))
        .route(BULK_DOWNLOAD, get(bulk_download::file))
        .route(CODE_DOWNLOAD, get(download::code))
        .route(PAYLOAD_DOWNLOAD, get(download::payload))
        .route(TERMINAL, get(terminal::connect))
        .route(TERMINAL_PAGE, get(terminal::page))
        .route(&format!("{WORDS}{{language}}"), get(words::file))
        .route(LANGUAGE_SWITCH, get(words::switch))
        .route(REGION_SWITCH, get(region::switch))
        .route(&format!("{SERVER_FNS}/{{*function}}"), post(form_post::call))
        .fallback(pages::page)
        .layer(from_fn_with_state(web.clone(), session::attach))
        .layer(from_fn(guard::same_origin))
        .layer(from_fn(compress::answers))
        .layer(from_fn_with_state(web.clone(), assets::serve))
        .layer(from_fn(headers::harden))
        .with_state(web)
}
