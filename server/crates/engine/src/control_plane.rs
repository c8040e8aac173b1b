//! The engine behind the port of `model`; each operation stands in `service` under its noun.

mod bulk;
mod domains;
mod layers;
mod metrics;
mod regions;
mod scaling;
mod triggers;
mod views;

use crate::engine::Engine;
use async_trait::async_trait;
use model::*;

#[async_trait]
impl ControlPlane for Engine {
    fn regions(&self) -> Vec<Region> {
        self.core.config.regions.clone()
    }

    fn runtimes(&self) -> Vec<InstalledRuntime> {
        self.core.executor.runtimes()
    }

    fn retention_days(&self) -> u32 {
        self.core.config.retention_days
    }

    fn now(&self) -> UnixMillis {
        self.core.clock.now()
    }

    async fn create_service(&self, region: &Region, name: &ServiceName, spec: ServiceSpec) -> Result<Service> {
        self.core.create_service(region, name, spec).await
    }

    async fn get_service(&self, service: &ServiceRef) -> Result<Service> {
        self.core.service(service).await
    }

    async fn get_service_at(&self, service: &ServiceRef, qualifier: &Qualifier) -> Result<Service> {
        self.core.service_at(service, qualifier).await
    }

    async fn list_services(&self, region: &Region, query: &ListQuery) -> Result<Page<Service>> {
        self.core.list_services(region, query).await
    }

    async fn update_service(&self, service: &ServiceRef, patch: ServicePatch, if_match: Option<&str>) -> Result<Service> {
        self.core.update_service(service, patch, if_match).await
    }

    async fn delete_service(&self, service: &ServiceRef, if_match: Option<&str>) -> Result<()> {
        self.core.delete_service(service, if_match).await
    }

    async fn tag_service(&self, service: &ServiceRef, tags: Tags) -> Result<()> {
        self.core.tag_service(service, tags).await
    }

    async fn untag_service(&self, service: &ServiceRef, which: &Untag) -> Result<()> {
        self.core.untag_service(service, which).await
    }

    async fn service_tags(&self, service: &ServiceRef) -> Result<Tags> {
        self.core.service_tags(service).await
    }

    async fn list_tagged_services(&self, region: &Region, query: &ListQuery) -> Result<Page<TaggedService>> {
        self.core.list_tagged_services(region, query).await
    }

    async fn list_services_tagged(&self, region: &Region, tags: &Tags, query: &ListQuery) -> Result<Page<Service>> {
        self.core.list_services_tagged(region, tags, query).await
    }

    async fn create_function(
        &self,
        service: &ServiceRef,
        name: &FunctionName,
        spec: FunctionSpec,
        code: Code,
        async_config: Option<AsyncConfigPatch>,
    ) -> Result<Function> {
        self.core.create_function(service, name, spec, code, async_config).await
    }

    async fn get_function(&self, function: &FunctionRef) -> Result<Function> {
        self.core.function(function).await
    }

    async fn get_function_at(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<Function> {
        self.core.function_at(function, qualifier).await
    }

    async fn list_functions_at(&self, service: &ServiceRef, qualifier: &Qualifier, query: &ListQuery) -> Result<Page<Function>> {
        self.core.list_functions_at(service, qualifier, query).await
    }

    async fn list_functions(&self, service: &ServiceRef, query: &ListQuery) -> Result<Page<Function>> {
        self.core.list_functions(service, query).await
    }

    async fn update_function(
        &self,
        function: &FunctionRef,
        patch: FunctionPatch,
        code: Option<Code>,
        if_match: Option<&str>,
    ) -> Result<Function> {
        self.core.update_function(function, patch, code, if_match).await
    }

    async fn delete_function(&self, function: &FunctionRef, if_match: Option<&str>) -> Result<()> {
        self.core.delete_function(function, if_match).await
    }

    async fn get_code(&self, function: &FunctionRef) -> Result<Vec<u8>> {
        self.core.get_code(function).await
    }

    async fn get_code_at(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<Vec<u8>> {
        self.core.get_code_at(function, qualifier).await
    }

    async fn publish_version(&self, service: &ServiceRef, description: &str, if_match: Option<&str>, repeat: bool) -> Result<Version> {
        self.core.publish_version(service, description, if_match, repeat).await
    }

    async fn list_versions(&self, service: &ServiceRef, query: VersionQuery) -> Result<Page<Version>> {
        self.core.list_versions(service, query).await
    }

    async fn delete_version(&self, service: &ServiceRef, version: VersionId) -> Result<()> {
        self.core.delete_version(service, version).await
    }

    async fn create_alias(&self, service: &ServiceRef, name: &AliasName, spec: AliasSpec) -> Result<Alias> {
        self.core.create_alias(service, name, spec).await
    }

    async fn get_alias(&self, service: &ServiceRef, name: &AliasName) -> Result<Alias> {
        self.core.get_alias(service, name).await
    }

    async fn list_aliases(&self, service: &ServiceRef, query: &ListQuery) -> Result<Page<Alias>> {
        self.core.list_aliases(service, query).await
    }

    async fn update_alias(&self, service: &ServiceRef, name: &AliasName, patch: AliasPatch, if_match: Option<&str>) -> Result<Alias> {
        self.core.update_alias(service, name, patch, if_match).await
    }

    async fn delete_alias(&self, service: &ServiceRef, name: &AliasName, if_match: Option<&str>) -> Result<()> {
        self.core.delete_alias(service, name, if_match).await
    }

    async fn put_async_config(&self, function: &FunctionRef, qualifier: &Qualifier, patch: AsyncConfigPatch) -> Result<AsyncConfig> {
        self.core.put_async_config(function, qualifier, patch).await
    }

    async fn get_async_config(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<AsyncConfig> {
        self.core.get_async_config(function, qualifier).await
    }

    async fn delete_async_config(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<()> {
        self.core.delete_async_config(function, qualifier).await
    }

    async fn list_async_configs(&self, function: &FunctionRef, query: &ListQuery) -> Result<Page<AsyncConfig>> {
        self.core.list_async_configs(function, query).await
    }

    async fn list_task_functions(&self, region: &Region, query: &ListQuery) -> Result<Page<FunctionTasks>> {
        self.core.list_task_functions(region, query).await
    }

    async fn invoke(&self, request: InvokeRequest) -> Result<InvocationResult> {
        self.core.invoke(request, None).await
    }

    async fn invoke_http(&self, request: InvokeRequest, rest: Option<BodyStream>) -> Result<Invoked> {
        self.core.invoke_http(request, rest).await
    }

    async fn submit(&self, request: SubmitRequest) -> Result<SubmitReceipt> {
        self.core.submit(request).await
    }

    async fn get_task(&self, task: &TaskRef) -> Result<Task> {
        self.core.get_task(task).await
    }

    async fn list_tasks(&self, function: &FunctionRef, filter: &TaskFilter) -> Result<Page<Task>> {
        self.core.list_tasks(function, filter).await
    }

    async fn count_tasks(&self, function: &FunctionRef) -> Result<StateCounts> {
        self.core.count_tasks(function).await
    }

    async fn stop_task(&self, task: &TaskRef, user: &str) -> Result<TaskStatus> {
        self.core.stop_task(task, user).await
    }

    async fn reexecute_task(&self, task: &TaskRef, user: &str) -> Result<TaskId> {
        self.core.reexecute_task(task, user).await
    }

    async fn reexecute_with(&self, task: &TaskRef, rerun: Rerun, user: &str) -> Result<TaskId> {
        self.core.reexecute_with(task, rerun, user).await
    }

    async fn reexecutions(&self, task: &TaskRef) -> Result<Vec<TaskId>> {
        self.core.reexecutions(task).await
    }

    async fn get_delivery(&self, task: &TaskRef) -> Result<Option<Delivery>> {
        self.core.get_delivery(task).await
    }

    async fn redrive_destination(&self, task: &TaskRef, user: &str) -> Result<()> {
        self.core.redrive_destination(task, user).await
    }

    async fn wait_reason(&self, task: &TaskRef) -> Result<Option<WaitReason>> {
        self.core.wait_reason(task).await
    }

    async fn get_queue(&self, scope: &QueueScope) -> Result<Queue> {
        self.core.get_queue(scope).await
    }

    async fn pause_queue(&self, scope: &QueueScope) -> Result<()> {
        self.core.pause_queue(scope).await
    }

    async fn resume_queue(&self, scope: &QueueScope) -> Result<()> {
        self.core.resume_queue(scope).await
    }

    async fn limit_queue(&self, scope: &QueueScope, max_running: Option<u32>) -> Result<()> {
        self.core.limit_queue(scope, max_running).await
    }

    async fn purge_queue(&self, function: &FunctionRef, user: &str) -> Result<u64> {
        self.core.purge_queue(function, user).await
    }

    async fn task_log(&self, task: &TaskRef, from: u64, limit: u32) -> Result<Page<LogLine>> {
        self.core.task_log(task, from, limit).await
    }

    async fn search_task_log(&self, task: &TaskRef, query: &LogQuery) -> Result<Page<LogEntry>> {
        self.core.search_task_log(task, query).await
    }

    async fn function_log(&self, function: &FunctionRef, query: &LogQuery) -> Result<Page<LogEntry>> {
        self.core.function_log(function, query).await
    }

    async fn get_task_parameters(&self, function: &FunctionRef) -> Result<Option<String>> {
        self.core.get_task_parameters(function).await
    }

    async fn put_task_parameters(&self, function: &FunctionRef, event: String) -> Result<()> {
        self.core.put_task_parameters(function, &event).await
    }

    async fn get_http_parameters(&self, function: &FunctionRef) -> Result<Option<HttpParameters>> {
        self.core.get_http_parameters(function).await
    }

    async fn put_http_parameters(&self, function: &FunctionRef, request: HttpParameters) -> Result<()> {
        self.core.put_http_parameters(function, &request).await
    }

    async fn list_instances(&self, function: &FunctionRef, qualifier: Option<&Qualifier>) -> Result<Vec<InstanceInfo>> {
        self.core.list_instances(function, qualifier).await
    }

    async fn region_instances(&self, region: &Region) -> Result<Vec<InstanceInfo>> {
        self.core.region_instances(region).await
    }

    async fn get_instance(&self, function: &FunctionRef, instance: &InstanceId) -> Result<InstanceInfo> {
        self.core.get_instance(function, instance).await
    }

    async fn exec(&self, function: &FunctionRef, instance: &InstanceId, request: ExecRequest) -> Result<ExecSession> {
        self.core.exec(function, instance, request).await
    }

    async fn drain_instance(&self, function: &FunctionRef, instance: &InstanceId) -> Result<()> {
        self.core.drain_instance(function, instance).await
    }

    fn changes(&self, scope: ChangeScope) -> ChangeStream {
        self.core.hub.listen(scope)
    }
}
