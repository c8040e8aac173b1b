//! Server-sent events: one message for each change within a scope (B-01).

use super::router::Web;
use app::server::Console;
use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt, stream};
use model::{Change, ChangeScope, FunctionName, FunctionRef, Identity, Region, ServiceName, SessionUser, TaskId};
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// How often an open stream asks whether its session still lasts: other servers don't tell when they end one.
const SESSION_CHECK: Duration = Duration::from_secs(10);
/// How often an idle stream shows that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The scope: a region, a function, or a task.
#[derive(Deserialize)]
pub(super) struct Scope {
    region: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    function: String,
    #[serde(default)]
    task: String,
}

impl From<Scope> for ChangeScope {
    fn from(scope: Scope) -> Self {
        let region = Region::from_stored(scope.region);
        if scope.function.is_empty() {
            return ChangeScope::Region(region);
        }
        let function =
            FunctionRef { region, service: ServiceName::from_stored(scope.service), function: FunctionName::from_stored(scope.function) };
        if scope.task.is_empty() {
            ChangeScope::Function(function)
        } else {
            ChangeScope::Task(function.task(TaskId::from_stored(scope.task)))
        }
    }
}

/// Streams changes until the browser leaves, the session ends or the server drains.
pub(super) async fn stream(State(web): State<Arc<Web>>, Extension(console): Extension<Console>, Query(scope): Query<Scope>) -> Response {
    let (Some(user), Some(token)) = (console.user, console.session_token) else { return StatusCode::UNAUTHORIZED.into_response() };
    let changes = console.control.changes(scope.into()).map(|change| Ok::<_, Infallible>(message(change)));
    // The first message tells the page to read what changed between its rendering and now.
    let hello = stream::once(async { Ok(Event::default().data("{}")) });
    answer(&web, user, token, hello.chain(changes))
}

/// Streams events until the browser leaves, the session ends or the server drains.
pub(super) fn answer(
    web: &Web,
    user: SessionUser,
    token: String,
    events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static,
) -> Response {
    let (draining, identity) = (web.state.draining.clone(), web.state.identity.clone());
    let until = async move {
        tokio::select! {
            () = draining.cancelled() => {}
            () = session_ends(identity, user, token) => {}
        }
    };
    let events = events.take_until(Box::pin(until));
    Sse::new(boxed(events)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

fn boxed(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    events.boxed()
}

fn message(change: Option<Change>) -> Event {
    let text = match change {
        Some(change) => serde_json::json!({ "task": change.task.id, "status": change.status, "isNew": change.is_new }),
        None => serde_json::json!({ "missed": true }),
    };
    Event::default().data(text.to_string())
}

/// Returns when the session is over, or its user has another role: what is open was permitted to the one before.
pub(super) async fn session_ends(identity: Arc<dyn Identity>, user: SessionUser, token: String) {
    let mut changes = identity.session_changes();
    let mut ticks = tokio::time::interval(SESSION_CHECK);
    ticks.tick().await;
    loop {
        // A store that can't be asked does not end a session.
        if identity.session(&token).await.is_ok_and(|now| now.as_ref() != Some(&user)) {
            return;
        }
        tokio::select! {
            _ = ticks.tick() => {}
            Some(()) = changes.next() => {}
        }
    }
}
