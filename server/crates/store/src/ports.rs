//! The ports of the engine, each method handed to the file of its noun.

use crate::{dialect::Dialect, store::SqlStore};
use async_trait::async_trait;
use engine::ports::{
    AgeLook, AuditStore, Claim, ClaimedDelivery, ClaimedTask, DeliveryEnd, Firing, FunctionStore, Inserted, LogHits, LogPart, LogRead,
    LogSearch, LogStore, LostTask, NewTask, OutboxStore, OverAge, ProvisionState, Published, QueueMark, QueuePlace, ScaleStore,
    StoreResult, TagStore, TaskRow, TaskSeq, TaskStore, Transition, TriggerStore, VersionStore, WorkerId,
};
use model::{
    Alias, AliasName, AsyncConfig, AuditEntry, AuditQuery, Delivery, Function, FunctionName, FunctionRef, HttpParameters, ListQuery,
    OnDemandConfig, Page, ProvisionConfig, ProvisionQuery, Qualifier, Queue, QueueScope, Region, RequestId, Service, ServiceRef,
    StateCounts, TaggedService, Tags, Task, TaskEvent, TaskFilter, TaskId, TaskRef, Trigger, TriggerRef, UnixMillis, Untag, Version,
    VersionId, VersionQuery,
};
use std::sync::atomic::{AtomicBool, Ordering};

#[async_trait]
impl<DB: Dialect> TaskStore for SqlStore<DB> {
    async fn insert_tasks(&self, batch: Vec<NewTask>) -> StoreResult<Vec<Inserted>> {
        let is_retry = AtomicBool::new(false);
        self.run(|| self.insert_batch(&batch, is_retry.swap(true, Ordering::Relaxed))).await
    }

    async fn claim(&self, claim: &Claim) -> StoreResult<Vec<ClaimedTask>> {
        self.run(|| self.claim_due(claim)).await
    }

    async fn queue_heads(&self) -> StoreResult<Vec<(FunctionRef, UnixMillis)>> {
        self.run(|| self.open_heads()).await
    }

    async fn apply(&self, batch: Vec<Transition>) -> StoreResult<Vec<bool>> {
        self.run(|| self.apply_batch(&batch, &[])).await
    }

    async fn apply_with_logs(&self, batch: Vec<Transition>, logs: Vec<LogPart>) -> StoreResult<Vec<bool>> {
        self.run(|| self.apply_batch(&batch, &logs)).await
    }

    async fn release(&self, seq: TaskSeq, fence: i64, attempt: u32, due: UnixMillis) -> StoreResult<bool> {
        self.run(|| self.release_lease(seq, fence, attempt, due)).await
    }

    async fn heartbeat(&self, worker: &WorkerId, alive_until: UnixMillis) -> StoreResult<Vec<TaskSeq>> {
        self.run(|| self.beat(worker, alive_until)).await
    }

    async fn retire_worker(&self, worker: &WorkerId) -> StoreResult<()> {
        self.run(|| self.forget_worker(worker)).await
    }

    async fn held_tasks(&self, worker: &WorkerId) -> StoreResult<Vec<LostTask>> {
        self.run(|| self.held_by(worker)).await
    }

    async fn lost_tasks(&self, now: UnixMillis, limit: u32) -> StoreResult<Vec<LostTask>> {
        self.run(|| self.lost(now, limit)).await
    }

    async fn first_lapse(&self, worker: &WorkerId) -> StoreResult<Option<UnixMillis>> {
        self.run(|| self.other_lapse(worker)).await
    }

    async fn orphaned_tasks(&self, limit: u32) -> StoreResult<Vec<LostTask>> {
        self.run(|| self.orphaned(limit)).await
    }

    async fn waiting_tasks(&self, function: &FunctionRef, until: UnixMillis, limit: u32) -> StoreResult<Vec<LostTask>> {
        self.run(|| self.waiting_of(function, until, limit)).await
    }

    async fn waiting_functions(&self, now: UnixMillis) -> StoreResult<Vec<FunctionRef>> {
        self.run(|| self.functions_that_wait(now)).await
    }

    async fn over_age_tasks(&self, function: &FunctionRef, look: &AgeLook) -> StoreResult<(Vec<OverAge>, Option<QueueMark>)> {
        self.run(|| self.over_age(function, look)).await
    }

    async fn queue_place(&self, task: &TaskRef, count_max: u32) -> StoreResult<Option<QueuePlace>> {
        self.run(|| self.place(task, count_max)).await
    }

    async fn get_queue(&self, scope: &QueueScope) -> StoreResult<Queue> {
        self.run(|| self.queue(scope)).await
    }

    async fn pause_queue(&self, scope: &QueueScope, since: Option<UnixMillis>) -> StoreResult<()> {
        self.run(|| self.set_pause(scope, since)).await
    }

    async fn limit_queue(&self, scope: &QueueScope, max_running: Option<u32>) -> StoreResult<()> {
        self.run(|| self.set_limit(scope, max_running)).await
    }

    async fn get_task(&self, task: &TaskRef) -> StoreResult<Option<TaskRow>> {
        self.run(|| self.task(task)).await
    }

    async fn list_tasks(&self, function: &FunctionRef, filter: &TaskFilter) -> StoreResult<Page<Task>> {
        self.run(|| self.task_page(function, filter)).await
    }

    async fn count_tasks(&self, function: &FunctionRef) -> StoreResult<StateCounts> {
        self.run(|| self.task_counts(function)).await
    }

    async fn task_events(&self, seq: TaskSeq) -> StoreResult<Vec<TaskEvent>> {
        self.run(|| self.events(seq)).await
    }

    async fn prune_tasks(&self, before: UnixMillis, limit: u32) -> StoreResult<u64> {
        self.run(|| self.prune(before, limit)).await
    }
}

#[async_trait]
impl<DB: Dialect> OutboxStore for SqlStore<DB> {
    async fn claim_deliveries(
        &self,
        worker: &WorkerId,
        now: UnixMillis,
        lease_until: UnixMillis,
        busy: &[String],
        limit: u32,
    ) -> StoreResult<Vec<ClaimedDelivery>> {
        self.run(|| self.lease_deliveries(worker, now, lease_until, busy, limit)).await
    }

    async fn next_delivery_due(&self, busy: &[String]) -> StoreResult<Option<UnixMillis>> {
        self.run(|| self.first_delivery_due(busy)).await
    }

    async fn end_deliveries(&self, batch: Vec<DeliveryEnd>) -> StoreResult<Vec<bool>> {
        self.run(|| self.end_tries(&batch)).await
    }

    async fn free_deliveries(&self, worker: &WorkerId, now: UnixMillis) -> StoreResult<()> {
        self.run(|| self.free_leases(worker, now)).await
    }

    async fn get_delivery(&self, seq: TaskSeq) -> StoreResult<Option<Delivery>> {
        self.run(|| self.delivery(seq)).await
    }

    async fn redrive_delivery(&self, seq: TaskSeq, user: &str, now: UnixMillis) -> StoreResult<bool> {
        self.run(|| self.redrive(seq, user, now)).await
    }
}

#[async_trait]
impl<DB: Dialect> LogStore for SqlStore<DB> {
    async fn append_logs(&self, batch: Vec<LogPart>) -> StoreResult<()> {
        self.run(|| self.append_parts(&batch)).await
    }

    async fn read_log(&self, request: &RequestId, from: u64, limit: u32) -> StoreResult<LogRead> {
        self.run(|| self.lines(request, from, limit)).await
    }

    async fn search_logs(&self, search: &LogSearch) -> StoreResult<LogHits> {
        self.run(|| self.search(search)).await
    }

    async fn seal_log(&self, request: &RequestId, now: UnixMillis) -> StoreResult<bool> {
        self.run(|| self.seal(request, now)).await
    }

    async fn sweep_logs(&self, now: UnixMillis, limit: u32) -> StoreResult<u64> {
        self.run(|| self.sweep(now, limit)).await
    }
}

#[async_trait]
impl<DB: Dialect> FunctionStore for SqlStore<DB> {
    async fn insert_service(&self, service: &Service) -> StoreResult<()> {
        self.run(|| self.add_service(service)).await
    }

    async fn get_service(&self, service: &ServiceRef) -> StoreResult<Option<Service>> {
        self.run(|| self.service(service)).await
    }

    async fn list_services(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<Service>> {
        self.run(|| self.service_page(region, query)).await
    }

    async fn update_service(&self, service: &Service, expected_etag: &str) -> StoreResult<()> {
        self.run(|| self.replace_service(service, expected_etag)).await
    }

    async fn delete_service(&self, service: &ServiceRef, expected_etag: &str) -> StoreResult<()> {
        self.run(|| self.remove_service(service, expected_etag)).await
    }

    async fn insert_function(&self, function: &Function, code: &[u8], config: Option<&AsyncConfig>) -> StoreResult<()> {
        self.run(|| self.add_function(function, code, config)).await
    }

    async fn get_function(&self, function: &FunctionRef) -> StoreResult<Option<Function>> {
        self.run(|| self.function(function)).await
    }

    async fn list_functions(&self, service: &ServiceRef, query: &ListQuery) -> StoreResult<Page<Function>> {
        self.run(|| self.function_page(service, query)).await
    }

    async fn update_function(&self, function: &Function, code: Option<&[u8]>, expected_etag: &str) -> StoreResult<()> {
        self.run(|| self.replace_function(function, code, expected_etag)).await
    }

    async fn delete_function(&self, function: &FunctionRef, expected_etag: &str) -> StoreResult<()> {
        self.run(|| self.remove_function(function, expected_etag)).await
    }

    async fn get_code(&self, package_id: &str) -> StoreResult<Option<Vec<u8>>> {
        self.run(|| self.code(package_id)).await
    }

    async fn put_async_config(&self, config: &AsyncConfig) -> StoreResult<()> {
        self.run(|| self.put_config(config)).await
    }

    async fn get_async_config(&self, function: &FunctionRef, qualifier: &Qualifier) -> StoreResult<Option<AsyncConfig>> {
        self.run(|| self.config(function, qualifier)).await
    }

    async fn delete_async_config(&self, function: &FunctionRef, qualifier: &Qualifier) -> StoreResult<bool> {
        self.run(|| self.remove_config(function, qualifier)).await
    }

    async fn list_async_configs(&self, function: &FunctionRef, query: &ListQuery) -> StoreResult<Page<AsyncConfig>> {
        self.run(|| self.config_page(function, query)).await
    }

    async fn list_task_functions(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<(Function, Vec<Qualifier>)>> {
        self.run(|| self.task_function_page(region, query)).await
    }

    async fn get_task_parameters(&self, function: &FunctionRef) -> StoreResult<Option<String>> {
        self.run(|| self.parameters(function)).await
    }

    async fn put_task_parameters(&self, function: &FunctionRef, event: &str) -> StoreResult<()> {
        self.run(|| self.put_parameters(function, event)).await
    }

    async fn get_http_parameters(&self, function: &FunctionRef) -> StoreResult<Option<HttpParameters>> {
        self.run(|| self.http_parameters(function)).await
    }

    async fn put_http_parameters(&self, function: &FunctionRef, request: &HttpParameters) -> StoreResult<()> {
        self.run(|| self.set_http_parameters(function, request)).await
    }

    async fn last_task_at(&self, function: &FunctionRef) -> StoreResult<Option<UnixMillis>> {
        self.run(|| self.latest_acceptance(function)).await
    }

    async fn reexecutions(&self, task: &TaskRef, limit: u32) -> StoreResult<Vec<TaskId>> {
        self.run(|| self.tasks_made_from(task, limit)).await
    }

    async fn function_names(&self, service: &ServiceRef, limit: u32) -> StoreResult<Vec<FunctionName>> {
        self.run(|| self.names_of_functions(service, limit)).await
    }
}

#[async_trait]
impl<DB: Dialect> TagStore for SqlStore<DB> {
    async fn put_tags(&self, service: &ServiceRef, tags: &Tags) -> StoreResult<()> {
        self.run(|| self.set_tags(service, tags)).await
    }

    async fn delete_tags(&self, service: &ServiceRef, which: &Untag) -> StoreResult<()> {
        self.run(|| self.remove_tags(service, which)).await
    }

    async fn get_tags(&self, service: &ServiceRef) -> StoreResult<Tags> {
        self.run(|| self.tags(service)).await
    }

    async fn list_tagged(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<TaggedService>> {
        self.run(|| self.tagged_page(region, query)).await
    }

    async fn list_services_tagged(&self, region: &Region, tags: &Tags, query: &ListQuery) -> StoreResult<Page<Service>> {
        self.run(|| self.services_with_tags(region, tags, query)).await
    }
}

#[async_trait]
impl<DB: Dialect> TriggerStore for SqlStore<DB> {
    async fn insert_trigger(&self, trigger: &Trigger) -> StoreResult<()> {
        self.run(|| self.add_trigger(trigger)).await
    }

    async fn get_trigger(&self, trigger: &TriggerRef) -> StoreResult<Option<Trigger>> {
        self.run(|| self.trigger(trigger)).await
    }

    async fn list_triggers(&self, function: &FunctionRef, query: &ListQuery) -> StoreResult<Page<Trigger>> {
        self.run(|| self.trigger_page(function, query)).await
    }

    async fn update_trigger(&self, trigger: &Trigger, expected_etag: &str, replan: bool) -> StoreResult<()> {
        self.run(|| self.replace_trigger(trigger, expected_etag, replan)).await
    }

    async fn delete_trigger(&self, trigger: &TriggerRef, expected_etag: &str) -> StoreResult<()> {
        self.run(|| self.remove_trigger(trigger, expected_etag)).await
    }

    async fn http_triggers(&self, function: &FunctionRef) -> StoreResult<Vec<Trigger>> {
        self.run(|| self.http_triggers_of(function)).await
    }

    async fn timers(&self, limit: u32) -> StoreResult<Vec<Trigger>> {
        self.run(|| self.first_timers(limit)).await
    }

    async fn fire(&self, batch: Vec<Firing>) -> StoreResult<Vec<Option<Inserted>>> {
        self.run(|| self.fire_batch(&batch)).await
    }

    async fn triggers_of_qualifier(&self, service: &ServiceRef, qualifier: &Qualifier, limit: u32) -> StoreResult<Vec<TriggerRef>> {
        self.run(|| self.triggers_calling(service, qualifier, limit)).await
    }
}

#[async_trait]
impl<DB: Dialect> VersionStore for SqlStore<DB> {
    async fn publish_version(&self, service: &ServiceRef, etag: &str, description: &str, now: UnixMillis) -> StoreResult<Published> {
        self.run(|| self.publish(service, etag, description, now)).await
    }

    async fn list_versions(&self, service: &ServiceRef, query: VersionQuery) -> StoreResult<Page<Version>> {
        self.run(|| self.version_page(service, query)).await
    }

    async fn delete_version(&self, service: &ServiceRef, version: VersionId) -> StoreResult<()> {
        self.run(|| self.remove_version(service, version)).await
    }

    async fn service_version(&self, service: &ServiceRef, version: VersionId) -> StoreResult<Option<Service>> {
        self.run(|| self.service_at(service, version)).await
    }

    async fn function_version(&self, function: &FunctionRef, version: VersionId) -> StoreResult<Option<Function>> {
        self.run(|| self.function_at(function, version)).await
    }

    async fn list_function_versions(&self, service: &ServiceRef, version: VersionId, query: &ListQuery) -> StoreResult<Page<Function>> {
        self.run(|| self.function_at_page(service, version, query)).await
    }

    async fn insert_alias(&self, alias: &Alias) -> StoreResult<()> {
        self.run(|| self.add_alias(alias)).await
    }

    async fn get_alias(&self, service: &ServiceRef, name: &AliasName) -> StoreResult<Option<Alias>> {
        self.run(|| self.alias(service, name)).await
    }

    async fn list_aliases(&self, service: &ServiceRef, query: &ListQuery) -> StoreResult<Page<Alias>> {
        self.run(|| self.alias_page(service, query)).await
    }

    async fn update_alias(&self, alias: &Alias, expected_etag: &str) -> StoreResult<()> {
        self.run(|| self.replace_alias(alias, expected_etag)).await
    }

    async fn delete_alias(&self, service: &ServiceRef, name: &AliasName, expected_etag: &str) -> StoreResult<()> {
        self.run(|| self.remove_alias(service, name, expected_etag)).await
    }

    async fn aliases_of_version(&self, service: &ServiceRef, version: VersionId, limit: u32) -> StoreResult<Vec<AliasName>> {
        self.run(|| self.aliases_leading_to(service, version, limit)).await
    }
}

#[async_trait]
impl<DB: Dialect> AuditStore for SqlStore<DB> {
    async fn insert_audit(&self, entry: &AuditEntry) -> StoreResult<()> {
        self.run(|| self.add_audit(entry)).await
    }

    async fn list_audit(&self, query: &AuditQuery) -> StoreResult<Page<AuditEntry>> {
        self.run(|| self.audit_page(query)).await
    }

    async fn prune_audit(&self, before: UnixMillis, limit: u32) -> StoreResult<u64> {
        self.run(|| self.forget_audit(before, limit)).await
    }
}

#[async_trait]
impl<DB: Dialect> ScaleStore for SqlStore<DB> {
    async fn put_on_demand(&self, config: &OnDemandConfig, expected_etag: Option<&str>) -> StoreResult<()> {
        self.run(|| self.write_on_demand(config, expected_etag)).await
    }

    async fn get_on_demand(&self, function: &FunctionRef, qualifier: &Qualifier) -> StoreResult<Option<OnDemandConfig>> {
        self.run(|| self.on_demand(function, qualifier)).await
    }

    async fn delete_on_demand(&self, function: &FunctionRef, qualifier: &Qualifier, expected_etag: &str) -> StoreResult<()> {
        self.run(|| self.remove_on_demand(function, qualifier, expected_etag)).await
    }

    async fn list_on_demand(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<OnDemandConfig>> {
        self.run(|| self.on_demand_page(region, query)).await
    }

    async fn all_on_demand(&self) -> StoreResult<Vec<OnDemandConfig>> {
        self.run(|| self.every_on_demand()).await
    }

    async fn held_of_qualifier(&self, function: &FunctionRef, qualifier: &Qualifier) -> StoreResult<u64> {
        self.run(|| self.held_in_lane(function, qualifier)).await
    }

    async fn put_provision(&self, config: &ProvisionConfig, expected_etag: Option<&str>) -> StoreResult<()> {
        self.run(|| self.write_provision(config, expected_etag)).await
    }

    async fn get_provision(&self, function: &FunctionRef, qualifier: &Qualifier) -> StoreResult<Option<ProvisionConfig>> {
        self.run(|| self.provision(function, qualifier)).await
    }

    async fn delete_provision(&self, function: &FunctionRef, qualifier: &Qualifier, expected_etag: &str) -> StoreResult<()> {
        self.run(|| self.remove_provision(function, qualifier, expected_etag)).await
    }

    async fn list_provisions(&self, region: &Region, query: &ProvisionQuery) -> StoreResult<Page<ProvisionConfig>> {
        self.run(|| self.provision_page(region, query)).await
    }

    async fn all_provisions(&self) -> StoreResult<Vec<ProvisionConfig>> {
        self.run(|| self.every_provision()).await
    }

    async fn report_provisions(&self, worker: &WorkerId, states: &[ProvisionState], now: UnixMillis, until: UnixMillis) -> StoreResult<()> {
        self.run(|| self.report(worker, states, now, until)).await
    }

    async fn provision_states(&self, function: &FunctionRef, qualifier: &Qualifier, now: UnixMillis) -> StoreResult<Vec<ProvisionState>> {
        self.run(|| self.states_of(function, qualifier, now)).await
    }
}
