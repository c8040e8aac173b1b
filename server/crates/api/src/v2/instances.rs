//! ListInstances (`fc-api.md` 3.6) and log-on to an instance (3.6.1).

use super::respond::ok;
use crate::{
    error::{ApiError, ApiResult},
    extract::{At, Qualified, Query, path_part},
    legacy::{Edition, list_in_query},
    socket::{self, Frames},
    state::{ApiState, Call},
};
use axum::{
    extract::{
        FromRequestParts, RawQuery, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::request::Parts,
    response::Response,
};
use model::{ErrorCode, ExecRequest, FunctionRef, InstanceId, InstanceInfo, limits};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// The vendor's two members, and ours.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InstanceOut {
    instance_id: String,
    /// 0 for `LATEST`.
    #[schemars(with = "String")]
    version_id: Value,
    qualifier: String,
    status: &'static str,
    /// Milliseconds since the epoch, as `lastUsedTime`.
    created_time: i64,
    last_used_time: Option<i64>,
    /// The requests that it serves.
    request_ids: Vec<String>,
    /// The tasks that it runs.
    invocation_ids: Vec<String>,
    memory_bytes: u64,
    memory_peak_bytes: u64,
    /// Megabytes that it may use.
    memory_size: u64,
    cpu_ms: u64,
    /// Commands that somebody runs in it.
    sessions: u32,
}

impl InstanceOut {
    fn new(instance: &InstanceInfo, edition: Edition) -> Self {
        Self {
            instance_id: instance.id.to_string(),
            version_id: edition.instance_version(instance.version),
            qualifier: instance.qualifier.to_string(),
            status: instance.state.as_str(),
            created_time: instance.created_at.0,
            last_used_time: instance.last_used_at.map(|at| at.0),
            request_ids: instance.requests.iter().map(ToString::to_string).collect(),
            invocation_ids: instance.tasks.iter().map(ToString::to_string).collect(),
            memory_bytes: instance.memory_bytes,
            memory_peak_bytes: instance.memory_peak_bytes,
            memory_size: instance.memory_mb,
            cpu_ms: instance.cpu_ms,
            sessions: instance.sessions,
        }
    }
}

/// Those that serve a request or could be given one, for exactly this qualifier.
pub(crate) async fn list(
    State(state): State<ApiState>,
    edition: Edition,
    RawQuery(raw): RawQuery,
    addressed: Qualified<FunctionRef>,
    query: Query,
) -> ApiResult<Response> {
    let most = limit(&query)?;
    let wanted = list_in_query(raw.as_deref().unwrap_or_default(), "instanceIds");
    let mut found = state.control.list_instances(&addressed.of, Some(&addressed.qualifier())).await?;
    found.retain(|instance| instance.state.is_running() && (wanted.is_empty() || wanted.iter().any(|id| id == instance.id.as_str())));
    let rows: Vec<InstanceOut> = found.iter().take(most).map(|instance| InstanceOut::new(instance, edition)).collect();
    Ok(ok(json!({"instances": rows})))
}

/// Rows wanted; none named, or 0, means as many as there may be.
fn limit(query: &Query) -> ApiResult<usize> {
    let most = limits::INSTANCE_PAGE_ROWS_MAX;
    let given = query.get("limit").map(|given| match given.parse::<u32>() {
        Ok(limit) if limit <= most => Ok(limit),
        _ => Err(ApiError::invalid(format!("Limit is set to an invalid value (allowed: 0 to {most}, actual: '{given}')"))),
    });
    let limit = given.transpose()?.filter(|limit| *limit > 0).unwrap_or(most);
    Ok(limit as usize)
}

/// The instance that the path names.
pub(crate) struct Named(InstanceId);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        Ok(Self(InstanceId::from_stored(path_part(parts, "instance").await?)))
    }
}

/// Runs a command in an instance and connects it with a websocket. A refusal is an answer as any other.
pub(crate) async fn exec(
    State(state): State<ApiState>,
    call: Call,
    addressed: Qualified<FunctionRef>,
    Named(instance): Named,
    query: Query,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let upgrade = upgrade.map_err(|why| ApiError::invalid(format!("a websocket handshake is expected: {why}")))?;
    let request = exec_request(&query, &call)?;
    if let Some(qualifier) = &addressed.given {
        let found = state.control.get_instance(&addressed.of, &instance).await?;
        if found.qualifier != *qualifier {
            let message = format!("instance '{instance}' of qualifier '{qualifier}' does not exist");
            return Err(ApiError::new(ErrorCode::InstanceNotFound, message));
        }
    }
    let session = state.control.exec(&addressed.of, &instance, request).await?;
    Ok(socket::bounded(upgrade).on_upgrade(move |socket| socket::relay(socket, session, Frames::Text)))
}

/// Gives an instance no more requests, whatever qualifier it was started for.
pub(crate) async fn drain(State(state): State<ApiState>, At(function): At<FunctionRef>, Named(instance): Named) -> ApiResult<Response> {
    state.control.drain_instance(&function, &instance).await?;
    Ok(ok(json!({})))
}

fn exec_request(query: &Query, call: &Call) -> ApiResult<ExecRequest> {
    let flag = |name: &str, otherwise: bool| match query.get(name).map(str::to_ascii_lowercase).as_deref() {
        None => Ok(otherwise),
        Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(given) => Err(ApiError::invalid(format!("{name} is set to an invalid value (allowed: true or false, actual: '{given}')"))),
    };
    let idle_timeout_s = match query.get("idleTimeout") {
        None => limits::EXEC_IDLE_S_DEFAULT,
        Some(given) => given.parse().map_err(|_| ApiError::invalid(format!("IdleTimeout is set to an invalid value ('{given}')")))?,
    };
    let request = ExecRequest {
        command: query.pairs().filter(|(name, _)| *name == "command").map(|(_, word)| word.to_owned()).collect(),
        stdin: flag("stdin", true)?,
        stdout: flag("stdout", true)?,
        stderr: flag("stderr", false)?,
        tty: flag("tty", true)?,
        size: None,
        idle_timeout_s,
        user: call.access_key_id.clone(),
    };
    request.validate()?;
    Ok(request)
}
