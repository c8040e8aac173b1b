//! The store of one life of a server: the real one, behind a gate at which every call waits for the simulation's choice.

mod straight;

use crate::laws::Laws;
use crate::stage::{Life, Stage, Verdict};
use async_trait::async_trait;
use engine::ports::*;
use model::*;
use std::sync::Arc;

pub struct Gate {
    pub store: Arc<dyn Store>,
    pub stage: Arc<Stage>,
    pub life: Life,
}

impl Gate {
    async fn pass<T: Send>(
        &self,
        what: String,
        call: impl Future<Output = StoreResult<T>> + Send,
        learn: impl FnOnce(&mut Laws, &T) + Send,
    ) -> StoreResult<T> {
        let verdict = self.stage.call(self.life, what).await;
        if verdict == Verdict::FailBefore {
            self.stage.answered(verdict).await;
            return Err(StoreError::Unavailable("simulated: nothing was written".to_owned()));
        }
        let answer = call.await;
        {
            let mut state = self.stage.state();
            match &answer {
                Ok(value) => learn(&mut state.laws, value),
                // Somebody else deleted the function first.
                Err(StoreError::Conflict(_)) => {}
                Err(error) => state.laws.broken(format!("the store failed by itself: {error}")),
            }
        }
        self.stage.answered(verdict).await;
        match verdict {
            Verdict::FailAfter => Err(StoreError::Unavailable("simulated: the answer was lost".to_owned())),
            _ => answer,
        }
    }
}

#[async_trait]
impl TaskStore for Gate {
    async fn insert_tasks(&self, batch: Vec<NewTask>) -> StoreResult<Vec<Inserted>> {
        let ids: Vec<String> = batch.iter().map(|task| task.id.to_string()).collect();
        let call = self.store.insert_tasks(batch.clone());
        self.pass(format!("insert {}", ids.join(" ")), call, |laws, answer| laws.inserted(&batch, answer)).await
    }

    async fn claim(&self, claim: &Claim) -> StoreResult<Vec<ClaimedTask>> {
        let call = self.store.claim(claim);
        self.pass(format!("claim {}", claim.limit), call, |laws, claimed| laws.claimed(claim, claimed)).await
    }

    async fn queue_heads(&self) -> StoreResult<Vec<(FunctionRef, UnixMillis)>> {
        self.pass("queue_heads".to_owned(), self.store.queue_heads(), |_, _| {}).await
    }

    async fn apply(&self, batch: Vec<Transition>) -> StoreResult<Vec<bool>> {
        let mut what: Vec<String> = batch.iter().map(|change| format!("{}:{}->{}", change.seq, change.from, change.to)).collect();
        what.sort();
        let call = self.store.apply(batch.clone());
        self.pass(format!("apply {}", what.join(" ")), call, |laws, written| laws.applied(self.life, &batch, written)).await
    }

    async fn apply_with_logs(&self, batch: Vec<Transition>, logs: Vec<LogPart>) -> StoreResult<Vec<bool>> {
        assert!(logs.is_empty(), "the simulated executor writes no logs");
        self.apply(batch).await
    }

    async fn release(&self, seq: TaskSeq, fence: i64, attempt: u32, due: UnixMillis) -> StoreResult<bool> {
        let call = self.store.release(seq, fence, attempt, due);
        self.pass(format!("release {seq}"), call, |laws, written| laws.released(self.life, (seq, fence, attempt), due, *written)).await
    }

    async fn heartbeat(&self, worker: &WorkerId, alive_until: UnixMillis) -> StoreResult<Vec<TaskSeq>> {
        let call = self.store.heartbeat(worker, alive_until);
        self.pass("heartbeat".to_owned(), call, |laws, _| laws.alive(worker, alive_until)).await
    }

    async fn retire_worker(&self, worker: &WorkerId) -> StoreResult<()> {
        self.pass(format!("retire {}", worker.0), self.store.retire_worker(worker), |laws, ()| laws.retired(worker)).await
    }

    async fn held_tasks(&self, worker: &WorkerId) -> StoreResult<Vec<LostTask>> {
        self.pass("held_tasks".to_owned(), self.store.held_tasks(worker), |laws, held| laws.held(self.life, held)).await
    }

    async fn lost_tasks(&self, now: UnixMillis, limit: u32) -> StoreResult<Vec<LostTask>> {
        let real_now = self.stage.now();
        self.pass("lost_tasks".to_owned(), self.store.lost_tasks(now, limit), |laws, lost| laws.lost(real_now, lost)).await
    }

    async fn first_lapse(&self, worker: &WorkerId) -> StoreResult<Option<UnixMillis>> {
        self.pass("first_lapse".to_owned(), self.store.first_lapse(worker), |_, _| {}).await
    }

    async fn orphaned_tasks(&self, limit: u32) -> StoreResult<Vec<LostTask>> {
        self.pass("orphaned_tasks".to_owned(), self.store.orphaned_tasks(limit), |_, _| {}).await
    }

    async fn get_task(&self, task: &TaskRef) -> StoreResult<Option<TaskRow>> {
        self.pass(format!("get_task {}", task.id), self.store.get_task(task), |_, _| {}).await
    }

    async fn waiting_tasks(&self, function: &FunctionRef, until: UnixMillis, limit: u32) -> StoreResult<Vec<LostTask>> {
        self.pass("waiting_tasks".to_owned(), self.store.waiting_tasks(function, until, limit), |_, _| {}).await
    }

    async fn waiting_functions(&self, now: UnixMillis) -> StoreResult<Vec<FunctionRef>> {
        self.pass("waiting_functions".to_owned(), self.store.waiting_functions(now), |_, _| {}).await
    }

    async fn over_age_tasks(&self, function: &FunctionRef, look: &AgeLook) -> StoreResult<(Vec<OverAge>, Option<QueueMark>)> {
        self.pass(format!("over_age_tasks {}", function.function), self.store.over_age_tasks(function, look), |_, _| {}).await
    }

    async fn queue_place(&self, task: &TaskRef, count_max: u32) -> StoreResult<Option<QueuePlace>> {
        self.store.queue_place(task, count_max).await
    }

    async fn get_queue(&self, scope: &QueueScope) -> StoreResult<Queue> {
        self.store.get_queue(scope).await
    }

    async fn pause_queue(&self, scope: &QueueScope, since: Option<UnixMillis>) -> StoreResult<()> {
        self.pass("pause_queue".to_owned(), self.store.pause_queue(scope, since), |_, ()| {}).await
    }

    async fn limit_queue(&self, scope: &QueueScope, max_running: Option<u32>) -> StoreResult<()> {
        self.pass("limit_queue".to_owned(), self.store.limit_queue(scope, max_running), |_, ()| {}).await
    }

    async fn list_tasks(&self, function: &FunctionRef, filter: &TaskFilter) -> StoreResult<Page<Task>> {
        self.store.list_tasks(function, filter).await
    }

    async fn count_tasks(&self, function: &FunctionRef) -> StoreResult<StateCounts> {
        self.store.count_tasks(function).await
    }

    async fn task_events(&self, seq: TaskSeq) -> StoreResult<Vec<TaskEvent>> {
        self.store.task_events(seq).await
    }

    async fn prune_tasks(&self, before: UnixMillis, limit: u32) -> StoreResult<u64> {
        self.pass("prune".to_owned(), self.store.prune_tasks(before, limit), |_, _| {}).await
    }
}

#[async_trait]
impl TagStore for Gate {
    async fn put_tags(&self, service: &ServiceRef, tags: &Tags) -> StoreResult<()> {
        self.store.put_tags(service, tags).await
    }

    async fn delete_tags(&self, service: &ServiceRef, which: &Untag) -> StoreResult<()> {
        self.store.delete_tags(service, which).await
    }

    async fn get_tags(&self, service: &ServiceRef) -> StoreResult<Tags> {
        self.store.get_tags(service).await
    }

    async fn list_tagged(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<TaggedService>> {
        self.store.list_tagged(region, query).await
    }

    async fn list_services_tagged(&self, region: &Region, tags: &Tags, query: &ListQuery) -> StoreResult<Page<Service>> {
        self.store.list_services_tagged(region, tags, query).await
    }
}

#[async_trait]
impl TriggerStore for Gate {
    async fn insert_trigger(&self, trigger: &Trigger) -> StoreResult<()> {
        self.store.insert_trigger(trigger).await
    }

    async fn get_trigger(&self, trigger: &TriggerRef) -> StoreResult<Option<Trigger>> {
        self.pass(format!("get_trigger {}", trigger.name), self.store.get_trigger(trigger), |_, _| {}).await
    }

    async fn list_triggers(&self, function: &FunctionRef, query: &ListQuery) -> StoreResult<Page<Trigger>> {
        self.store.list_triggers(function, query).await
    }

    async fn update_trigger(&self, trigger: &Trigger, expected_etag: &str, replan: bool) -> StoreResult<()> {
        let call = self.store.update_trigger(trigger, expected_etag, replan);
        self.pass(format!("update_trigger {}", trigger.name), call, |laws, ()| laws.timers.changed(trigger, replan)).await
    }

    async fn delete_trigger(&self, trigger: &TriggerRef, expected_etag: &str) -> StoreResult<()> {
        self.store.delete_trigger(trigger, expected_etag).await
    }

    async fn http_triggers(&self, function: &FunctionRef) -> StoreResult<Vec<Trigger>> {
        self.pass("http_triggers".to_owned(), self.store.http_triggers(function), |_, _| {}).await
    }

    async fn timers(&self, limit: u32) -> StoreResult<Vec<Trigger>> {
        let now = self.stage.now();
        let timers = self.pass("timers".to_owned(), self.store.timers(limit), |_, _| {}).await?;
        // Only what the server hears of is a look.
        self.stage.state().laws.timers.looked(self.life, now);
        Ok(timers)
    }

    async fn fire(&self, batch: Vec<Firing>) -> StoreResult<Vec<Option<Inserted>>> {
        let names: Vec<&str> = batch.iter().map(|firing| firing.trigger.name.as_str()).collect();
        let call = self.store.fire(batch.clone());
        self.pass(format!("fire {}", names.join(" ")), call, |laws, answer| laws.fired(self.life, &batch, answer)).await
    }

    async fn triggers_of_qualifier(&self, service: &ServiceRef, qualifier: &Qualifier, limit: u32) -> StoreResult<Vec<TriggerRef>> {
        self.store.triggers_of_qualifier(service, qualifier, limit).await
    }
}

#[async_trait]
impl OutboxStore for Gate {
    async fn claim_deliveries(
        &self,
        worker: &WorkerId,
        now: UnixMillis,
        lease_until: UnixMillis,
        busy: &[String],
        limit: u32,
    ) -> StoreResult<Vec<ClaimedDelivery>> {
        let call = self.store.claim_deliveries(worker, now, lease_until, busy, limit);
        self.pass("outbox claim".to_owned(), call, |laws, claimed| laws.deliveries_claimed(worker, now, lease_until, claimed)).await
    }

    async fn next_delivery_due(&self, busy: &[String]) -> StoreResult<Option<UnixMillis>> {
        self.pass("outbox due".to_owned(), self.store.next_delivery_due(busy), |_, _| {}).await
    }

    async fn end_deliveries(&self, batch: Vec<DeliveryEnd>) -> StoreResult<Vec<bool>> {
        let mut what: Vec<String> = batch.iter().map(|end| format!("{}:{}", end.seq, end.status.as_str())).collect();
        what.sort();
        let call = self.store.end_deliveries(batch.clone());
        self.pass(format!("outbox end {}", what.join(" ")), call, |laws, written| laws.deliveries_ended(&batch, written)).await
    }

    async fn free_deliveries(&self, worker: &WorkerId, now: UnixMillis) -> StoreResult<()> {
        let call = self.store.free_deliveries(worker, now);
        self.pass(format!("outbox free {}", worker.0), call, |laws, ()| laws.deliveries_freed(worker, now)).await
    }

    async fn get_delivery(&self, seq: TaskSeq) -> StoreResult<Option<Delivery>> {
        self.store.get_delivery(seq).await
    }

    async fn redrive_delivery(&self, seq: TaskSeq, user: &str, now: UnixMillis) -> StoreResult<bool> {
        let call = self.store.redrive_delivery(seq, user, now);
        self.pass(format!("outbox redrive {seq}"), call, |laws, written| laws.redriven(seq, now, *written)).await
    }
}

/// Writes an implementation that passes every call through the gate, or straight on, or, for what a server does by itself and the simulation
/// is not about, does nothing: how long the disk takes for it would decide when the server's next wait begins.
macro_rules! forward {
    ($port:ident: $( $mode:ident $name:ident ( $($arg:ident : $ty:ty),* ) -> $answer:ty; )*) => {
        #[async_trait]
        impl $port for Gate {
            $( async fn $name(&self, $($arg: $ty),*) -> StoreResult<$answer> {
                let call = self.store.$name($($arg),*);
                forward!($mode self $name call)
            } )*
        }
    };
    (gated $self:ident $name:ident $call:ident) => { $self.pass(stringify!($name).to_owned(), $call, |laws, _| laws.called(stringify!($name))).await };
    (open $self:ident $name:ident $call:ident) => { $call.await };
    (idle $self:ident $name:ident $call:ident) => {{
        drop($call);
        Ok(Default::default())
    }};
}

forward! { LogStore:
    open append_logs(batch: Vec<LogPart>) -> ();
    open read_log(request: &RequestId, from: u64, limit: u32) -> LogRead;
    open search_logs(search: &LogSearch) -> LogHits;
    open seal_log(request: &RequestId, now: UnixMillis) -> bool;
    idle sweep_logs(now: UnixMillis, limit: u32) -> u64;
}

forward! { FunctionStore:
    open insert_service(service: &Service) -> ();
    gated get_service(service: &ServiceRef) -> Option<Service>;
    open list_services(region: &Region, query: &ListQuery) -> Page<Service>;
    open update_service(service: &Service, expected_etag: &str) -> ();
    open delete_service(service: &ServiceRef, expected_etag: &str) -> ();
    open insert_function(function: &Function, code: &[u8], config: Option<&AsyncConfig>) -> ();
    gated get_function(function: &FunctionRef) -> Option<Function>;
    open list_functions(service: &ServiceRef, query: &ListQuery) -> Page<Function>;
    open update_function(function: &Function, code: Option<&[u8]>, expected_etag: &str) -> ();
    gated delete_function(function: &FunctionRef, expected_etag: &str) -> ();
    open get_code(package_id: &str) -> Option<Vec<u8>>;
    open put_async_config(config: &AsyncConfig) -> ();
    gated get_async_config(function: &FunctionRef, qualifier: &Qualifier) -> Option<AsyncConfig>;
    open delete_async_config(function: &FunctionRef, qualifier: &Qualifier) -> bool;
    open list_async_configs(function: &FunctionRef, query: &ListQuery) -> Page<AsyncConfig>;
    open list_task_functions(region: &Region, query: &ListQuery) -> Page<(Function, Vec<Qualifier>)>;
    open get_task_parameters(function: &FunctionRef) -> Option<String>;
    open put_task_parameters(function: &FunctionRef, event: &str) -> ();
    open get_http_parameters(function: &FunctionRef) -> Option<HttpParameters>;
    open put_http_parameters(function: &FunctionRef, request: &HttpParameters) -> ();
    open last_task_at(function: &FunctionRef) -> Option<UnixMillis>;
    open reexecutions(task: &TaskRef, limit: u32) -> Vec<TaskId>;
    open function_names(service: &ServiceRef, limit: u32) -> Vec<FunctionName>;
}

forward! { MetricStore:
    idle add_metrics(minutes: &[MetricMinute]) -> ();
    open read_metrics(scope: &MetricScope, window: MetricWindow, step_ms: i64) -> Vec<MetricPoint>;
    open metrics_by_function(region: &Region, window: MetricWindow, by_hours: bool) -> Vec<(FunctionRef, Figures)>;
    idle prune_metrics(before: UnixMillis, limit: u32) -> u64;
    open backlog(scope: &QueueScope) -> Backlog;
}

forward! { VersionStore:
    open publish_version(service: &ServiceRef, expected_etag: &str, description: &str, now: UnixMillis) -> Published;
    open list_versions(service: &ServiceRef, query: VersionQuery) -> Page<Version>;
    gated delete_version(service: &ServiceRef, version: VersionId) -> ();
    open service_version(service: &ServiceRef, version: VersionId) -> Option<Service>;
    gated function_version(function: &FunctionRef, version: VersionId) -> Option<Function>;
    open list_function_versions(service: &ServiceRef, version: VersionId, query: &ListQuery) -> Page<Function>;
    open insert_alias(alias: &Alias) -> ();
    gated get_alias(service: &ServiceRef, name: &AliasName) -> Option<Alias>;
    open list_aliases(service: &ServiceRef, query: &ListQuery) -> Page<Alias>;
    open update_alias(alias: &Alias, expected_etag: &str) -> ();
    open delete_alias(service: &ServiceRef, name: &AliasName, expected_etag: &str) -> ();
    open aliases_of_version(service: &ServiceRef, version: VersionId, limit: u32) -> Vec<AliasName>;
}

forward! { IdentityStore:
    open user(name: &str) -> Option<StoredUser>;
    open list_users() -> Vec<UserInfo>;
    open insert_user(user: &StoredUser, most: u32) -> bool;
    open change_user(name: &str, change: UserChange, now: UnixMillis) -> UserChanged;
    open put_password(name: &str, password_hash: &str, now: UnixMillis, but: &str) -> bool;
    open has_no_user() -> bool;
    open insert_session(session: &StoredSession) -> bool;
    open session_user(token_hash: &str, now: UnixMillis) -> Option<SessionUser>;
    open list_sessions(user: &str, now: UnixMillis) -> Vec<StoredSession>;
    open delete_session(token_hash: &str) -> ();
    open access_key(id: &str) -> Option<StoredKey>;
    open list_access_keys() -> Vec<StoredKey>;
    open insert_access_key(key: &StoredKey, most: u32) -> bool;
    open put_access_key(key: &StoredKey) -> ();
    open enable_access_key(id: &str, enabled: bool, now: UnixMillis) -> bool;
    open delete_access_key(id: &str) -> bool;
    open seal_access_key(id: &str, sealed: &[u8]) -> ();
    open note_key_use(id: &str, at: UnixMillis) -> ();
}

forward! { AuditStore:
    open insert_audit(entry: &AuditEntry) -> ();
    open list_audit(query: &AuditQuery) -> Page<AuditEntry>;
    idle prune_audit(before: UnixMillis, limit: u32) -> u64;
}

forward! { BulkStore:
    open newest_task() -> TaskSeq;
    open scan_tasks(scan: &TaskScan<'_>) -> Scanned;
    open insert_bulk(bulk: &Bulk, until: TaskSeq, tasks: &[FoundTask], next: Option<ScanCursor>) -> ();
    open insert_bulk_retry(bulk: &Bulk) -> u64;
    open get_bulk(region: &Region, id: &str) -> Option<Bulk>;
    open list_bulks(region: &Region, limit: u32) -> Vec<Bulk>;
    open bulk_items(id: &str, outcome: Option<BulkOutcome>, after: TaskSeq, limit: u32) -> Vec<(TaskSeq, BulkItem)>;
    idle next_bulk_due() -> Option<UnixMillis>;
    open claim_bulk(worker: &WorkerId, now: UnixMillis, lease_until: UnixMillis, limit: u32) -> Option<ClaimedBulk>;
    open extend_bulk(id: &str, fence: i64, tasks: &[FoundTask], next: Option<ScanCursor>, now: UnixMillis) -> bool;
    open end_bulk_items(id: &str, fence: i64, ends: &[BulkItemEnd], now: UnixMillis) -> bool;
    open stop_bulk(region: &Region, id: &str, user: &str, now: UnixMillis) -> bool;
    idle free_bulks(worker: &WorkerId, now: UnixMillis) -> ();
    idle prune_bulks(before: UnixMillis, limit: u32) -> u64;
    open dead_letters(region: &Region, since: Option<UnixMillis>) -> DeadLetters;
    open dismiss_dead_letters(key: &DeadLetterKey, until: UnixMillis) -> ();
}

forward! { RegionStore:
    open region_tasks(region: &Region, filter: &RegionTaskFilter) -> RegionTasks;
    open find_in_region(region: &Region, text: &str) -> Found;
}

forward! { ViewStore:
    open list_views(user: &str) -> Vec<SavedView>;
    open put_view(user: &str, view: &SavedView, now: UnixMillis, most: u32) -> bool;
    open delete_view(user: &str, list: &str, name: &str) -> ();
}

forward! { NodeStore:
    open put_node(node: &Node, now: UnixMillis, forget_before: UnixMillis) -> ();
    open list_nodes() -> Vec<Node>;
    open delete_node(worker: &WorkerId) -> ();
}

#[async_trait]
impl SignalStore for Gate {
    async fn send_signal(&self, text: &str) -> StoreResult<()> {
        self.store.send_signal(text).await
    }

    async fn hear_signals(&self) -> StoreResult<Option<Box<dyn Hearing>>> {
        self.store.hear_signals().await
    }
}
