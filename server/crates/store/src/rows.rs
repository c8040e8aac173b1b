//! Rows to nouns. Each reader names the columns it expects, in order.

use crate::{dialect::Dialect, error::unreadable, history, sql::Cells};
use engine::ports::{ClaimedTask, LostTask, ProvisionState, TaskOutcome, TaskRow, TaskSeq};
use model::{
    Alias, AliasName, AsyncConfig, Function, FunctionName, FunctionRef, HttpRequest, InstanceId, OnDemandConfig, Origin, ProvisionConfig,
    Qualifier, Region, RequestId, Service, ServiceName, ServiceRef, Task, TaskId, TaskRef, TaskStatus, Trigger, TriggerName, UnixMillis,
    Version, VersionId,
};
use serde::de::DeserializeOwned;

/// The stored form of a count or size; more than the column holds becomes its most.
pub(crate) fn stored(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(what: &str, value: i64) -> sqlx::Result<u64> {
    u64::try_from(value).map_err(|why| unreadable(what, why))
}

/// A small counter.
pub(crate) fn small(what: &str, value: i64) -> sqlx::Result<u32> {
    u32::try_from(value).map_err(|why| unreadable(what, why))
}

/// JSON that this crate stored.
pub(crate) fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> sqlx::Result<T> {
    serde_json::from_str(text).map_err(|why| unreadable(what, why))
}

/// JSON to store.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> sqlx::Result<String> {
    serde_json::to_string(value).map_err(|why| sqlx::Error::Encode(Box::new(why)))
}

/// Columns `status`.
pub(crate) fn status<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<TaskStatus> {
    let word = cells.text()?;
    TaskStatus::parse(&word).ok_or_else(|| unreadable("task status", word))
}

/// Columns `region, service`.
fn service_ref<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<ServiceRef> {
    Ok(ServiceRef { region: Region::from_stored(cells.text()?), service: ServiceName::from_stored(cells.text()?) })
}

/// Columns `region, service, function`.
pub(crate) fn function_ref<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<FunctionRef> {
    Ok(FunctionRef {
        region: Region::from_stored(cells.text()?),
        service: ServiceName::from_stored(cells.text()?),
        function: FunctionName::from_stored(cells.text()?),
    })
}

/// Columns `region, service, function, task_id`.
pub(crate) fn task_ref<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<TaskRef> {
    Ok(TaskRef { function: function_ref(cells)?, id: TaskId::from_stored(cells.text()?) })
}

fn instant<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<UnixMillis> {
    cells.int().map(UnixMillis)
}

fn opt_instant<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Option<UnixMillis>> {
    Ok(cells.opt_int()?.map(UnixMillis))
}

/// Columns `version`.
pub(crate) fn opt_version<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Option<VersionId>> {
    Ok(cells.opt_int()?.map(|number| unsigned("version", number)).transpose()?.map(VersionId::from_stored))
}

/// Columns `http`.
fn opt_http<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Option<HttpRequest>> {
    cells.opt_text()?.map(|text| from_json("HTTP request", &text)).transpose()
}

/// What [`listed_task`] reads, but for the payload, which is read or left out.
pub(crate) const TASK_COLUMNS: &str = "seq, region, service, function, task_id, qualifier, request_id, status, submitted_at_ms, due_at_ms, \
     started_at_ms, ended_at_ms, run_at_ms, duration_ms, attempt, retried, max_retries, expires_at_ms, instance_id, destination_status, \
     error_kind, error_message, origin_task_id, result_bytes, events, http";

/// A task of a list with its row number: [`TASK_COLUMNS`], then `payload` or null.
pub(crate) fn listed_task<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<(i64, Task)> {
    let seq = cells.int()?;
    let TaskRef { function, id } = task_ref(cells)?;
    let task = Task {
        function,
        id,
        qualifier: Qualifier::from_stored(cells.text()?),
        request_id: RequestId::from_stored(cells.text()?),
        status: status(cells)?,
        submitted_at: instant(cells)?,
        due_at: instant(cells)?,
        started_at: instant(cells)?,
        ended_at: opt_instant(cells)?,
        next_run_at: opt_instant(cells)?,
        duration_ms: cells.int()?,
        attempt: small("attempt", cells.int()?)?,
        retried: small("retry count", cells.int()?)?,
        max_retries: small("retry limit", cells.int()?)?,
        expires_at: instant(cells)?,
        instance_id: Some(cells.text()?).filter(|id| !id.is_empty()).map(InstanceId::from_stored),
        destination_status: cells.text()?,
        error_kind: cells.text()?,
        error_message: cells.text()?,
        origin: cells.opt_text()?.map(TaskId::from_stored),
        trigger: None,
        result_bytes: unsigned("result size", cells.int()?)?,
        events: history::events(&cells.text()?)?,
        http: opt_http(cells)?,
        payload: cells.opt_blob()?,
        result: None,
    };
    Ok((seq, task))
}

/// A task with everything: [`TASK_COLUMNS`], `payload, result, fence, listed, origin`.
pub(crate) fn task_row<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<TaskRow> {
    let (seq, mut task) = listed_task(cells)?;
    task.result = cells.opt_blob()?;
    let fence = cells.int()?;
    let listed = cells.int()? != 0;
    let origin: Origin = from_json("task origin", &cells.text()?)?;
    if let Origin::Trigger { name } = &origin {
        task.trigger = Some(name.clone());
    }
    Ok(TaskRow { seq, fence, listed, task, origin })
}

/// What [`claimed`] reads.
pub(crate) const CLAIMED_COLUMNS: &str = "seq, region, service, function, task_id, qualifier, request_id, listed, status, fence, attempt, \
     retried, max_retries, due_at_ms, expires_at_ms, payload, error_kind, error_message, \
     coalesce(on_success, on_failure), version, http";

/// A task as it is before its claim: [`CLAIMED_COLUMNS`].
pub(crate) fn claimed<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<ClaimedTask> {
    Ok(ClaimedTask {
        seq: cells.int()?,
        task: task_ref(cells)?,
        qualifier: Qualifier::from_stored(cells.text()?),
        request_id: RequestId::from_stored(cells.text()?),
        listed: cells.int()? != 0,
        status: status(cells)?,
        begun_on: None,
        fence: cells.int()?,
        attempt: small("attempt", cells.int()?)?,
        retried: small("retry count", cells.int()?)?,
        max_retries: small("retry limit", cells.int()?)?,
        due_at: instant(cells)?,
        expires_at: instant(cells)?,
        payload: cells.blob()?,
        error_kind: cells.text()?,
        error_message: cells.text()?,
        has_destination: cells.opt_text()?.is_some(),
        version: opt_version(cells)?,
        http: opt_http(cells)?,
    })
}

/// What [`outcome`] reads.
pub(crate) const OUTCOME_COLUMNS: &str = "seq, region, service, function, task_id, qualifier, request_id, listed, status, ended_at_ms, \
     attempt, error_kind, error_message, payload, result";

/// The outcome of an ended task: [`OUTCOME_COLUMNS`].
pub(crate) fn outcome<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<(TaskSeq, TaskOutcome)> {
    let seq = cells.int()?;
    let outcome = TaskOutcome {
        task: task_ref(cells)?,
        qualifier: Qualifier::from_stored(cells.text()?),
        request_id: RequestId::from_stored(cells.text()?),
        listed: cells.int()? != 0,
        status: status(cells)?,
        ended_at: instant(cells)?,
        attempt: small("attempt", cells.int()?)?,
        error_kind: cells.text()?,
        error_message: cells.text()?,
        payload: cells.blob()?,
        result: cells.opt_blob()?,
    };
    Ok((seq, outcome))
}

/// What [`lost`] reads.
pub(crate) const LOST_COLUMNS: &str = "t.seq, t.region, t.service, t.function, t.task_id, t.status, t.fence, t.attempt, t.version";

/// A lost or orphaned task: [`LOST_COLUMNS`].
pub(crate) fn lost<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<LostTask> {
    Ok(LostTask {
        seq: cells.int()?,
        task: task_ref(cells)?,
        status: status(cells)?,
        fence: cells.int()?,
        attempt: small("attempt", cells.int()?)?,
        version: opt_version(cells)?,
    })
}

/// What [`service`] reads.
pub(crate) const SERVICE_COLUMNS: &str = "region, name, id, etag, spec, created_at_ms, modified_at_ms";

/// A service: [`SERVICE_COLUMNS`].
pub(crate) fn service<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Service> {
    Ok(Service {
        region: Region::from_stored(cells.text()?),
        name: ServiceName::from_stored(cells.text()?),
        id: cells.text()?,
        etag: cells.text()?,
        spec: from_json("service", &cells.text()?)?,
        created_at: instant(cells)?,
        modified_at: instant(cells)?,
    })
}

/// What [`function`] reads.
pub(crate) const FUNCTION_COLUMNS: &str =
    "region, service, name, id, etag, spec, package_id, code_bytes, code_checksum, created_at_ms, modified_at_ms";

/// A function: [`FUNCTION_COLUMNS`].
pub(crate) fn function<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Function> {
    Ok(Function {
        region: Region::from_stored(cells.text()?),
        service: ServiceName::from_stored(cells.text()?),
        name: FunctionName::from_stored(cells.text()?),
        id: cells.text()?,
        etag: cells.text()?,
        spec: from_json("function", &cells.text()?)?,
        package_id: cells.text()?,
        code_size: unsigned("code size", cells.int()?)?,
        code_checksum: cells.text()?,
        created_at: instant(cells)?,
        modified_at: instant(cells)?,
    })
}

/// What [`trigger`] reads.
pub(crate) const TRIGGER_COLUMNS: &str =
    "region, service, function, name, id, etag, spec, created_at_ms, modified_at_ms, next_due_ms, last_due_ms";

/// A trigger: [`TRIGGER_COLUMNS`].
pub(crate) fn trigger<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Trigger> {
    Ok(Trigger {
        function: function_ref(cells)?,
        name: TriggerName::from_stored(cells.text()?),
        id: cells.text()?,
        etag: cells.text()?,
        spec: from_json("trigger", &cells.text()?)?,
        created_at: instant(cells)?,
        modified_at: instant(cells)?,
        next_due_at: opt_instant(cells)?,
        last_fired_at: opt_instant(cells)?,
    })
}

/// What [`version`] reads.
pub(crate) const VERSION_COLUMNS: &str = "region, service, version, description, published_at_ms";

/// A version: [`VERSION_COLUMNS`].
pub(crate) fn version<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Version> {
    Ok(Version {
        service: service_ref(cells)?,
        id: VersionId::from_stored(unsigned("version", cells.int()?)?),
        description: cells.text()?,
        created_at: instant(cells)?,
    })
}

/// What [`alias`] reads.
pub(crate) const ALIAS_COLUMNS: &str = "region, service, name, etag, spec, created_at_ms, modified_at_ms";

/// An alias: [`ALIAS_COLUMNS`].
pub(crate) fn alias<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Alias> {
    Ok(Alias {
        service: service_ref(cells)?,
        name: AliasName::from_stored(cells.text()?),
        etag: cells.text()?,
        spec: from_json("alias", &cells.text()?)?,
        created_at: instant(cells)?,
        modified_at: instant(cells)?,
    })
}

/// What [`async_config`] reads.
pub(crate) const ASYNC_CONFIG_COLUMNS: &str = "region, service, function, qualifier, stateful_invocation, max_retry_attempts, \
     max_event_age_s, on_success, on_failure, created_at_ms, modified_at_ms";

/// An asynchronous configuration: [`ASYNC_CONFIG_COLUMNS`].
pub(crate) fn async_config<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<AsyncConfig> {
    Ok(AsyncConfig {
        function: function_ref(cells)?,
        qualifier: Qualifier::from_stored(cells.text()?),
        stateful_invocation: cells.opt_int()?.map(|flag| flag != 0),
        max_retry_attempts: cells.opt_int()?.map(|count| small("retry limit", count)).transpose()?,
        max_event_age_s: cells.opt_int()?.map(|age| unsigned("event age", age)).transpose()?,
        on_success: cells.opt_text()?,
        on_failure: cells.opt_text()?,
        created_at: instant(cells)?,
        modified_at: instant(cells)?,
    })
}

/// What [`on_demand`] reads.
pub(crate) const ON_DEMAND_COLUMNS: &str = "region, service, function, qualifier, max_instances, modified_at_ms, etag";

/// A limit of instances: [`ON_DEMAND_COLUMNS`].
pub(crate) fn on_demand<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<OnDemandConfig> {
    Ok(OnDemandConfig {
        function: function_ref(cells)?,
        qualifier: Qualifier::from_stored(cells.text()?),
        max_instances: small("limit of instances", cells.int()?)?,
        modified_at: instant(cells)?,
        etag: cells.text()?,
    })
}

/// What [`provision`] reads.
pub(crate) const PROVISION_COLUMNS: &str = "region, service, function, qualifier, spec, modified_at_ms, etag";

/// A minimum of instances: [`PROVISION_COLUMNS`].
pub(crate) fn provision<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<ProvisionConfig> {
    Ok(ProvisionConfig {
        function: function_ref(cells)?,
        qualifier: Qualifier::from_stored(cells.text()?),
        spec: from_json("provision configuration", &cells.text()?)?,
        modified_at: instant(cells)?,
        etag: cells.text()?,
    })
}

/// Columns `region, service, function, qualifier, instances, problem`.
pub(crate) fn provision_state<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<ProvisionState> {
    Ok(ProvisionState {
        function: function_ref(cells)?,
        qualifier: Qualifier::from_stored(cells.text()?),
        instances: small("number of instances", cells.int()?)?,
        problem: cells.text()?,
    })
}
