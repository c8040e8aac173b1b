//! A double of the engine: keeps resources in memory, runs nothing, answers as it was told and remembers what it was asked.

mod bulk;
mod domains;
mod functions;
mod http;
mod identity;
mod kept;
mod layers;
mod logs;
mod queues;
mod scaling;
mod tags;
mod triggers;
mod versions;
use async_trait::async_trait;
pub use kept::Double;
use kept::{matching, page, store_code};
use model::{
    Alias, AliasName, AliasPatch, AliasSpec, AsyncConfig, AsyncConfigPatch, ChangeScope, ChangeStream, Code, ControlPlane, Delivery, Error,
    ErrorCode, ExecRequest, ExecSession, Function, FunctionName, FunctionPatch, FunctionRef, FunctionSpec, FunctionTasks, HttpParameters,
    InstalledRuntime, InstanceId, InstanceInfo, InstanceState, InvocationResult, InvokeRequest, ListQuery, LogEntry, LogLine, LogQuery,
    Page, Qualifier, Queue, QueueScope, Region, Rerun, Result, Service, ServiceName, ServicePatch, ServiceRef, ServiceSpec, StateCounts,
    SubmitReceipt, SubmitRequest, TaggedService, Tags, Task, TaskFilter, TaskId, TaskRef, TaskStatus, UnixMillis, Untag, Version,
    VersionId, VersionQuery, WaitReason,
};

/// 2026-11-24T12:00:00Z, when every test begins.
pub const NOW: UnixMillis = UnixMillis(1_795_521_600_000);
pub const KEY: &str = "LTAItest0001";
pub const SECRET: &str = "a secret/with+signs=";

#[async_trait]
impl ControlPlane for Double {
    fn regions(&self) -> Vec<Region> {
        vec![Region::from_stored("cn-hangzhou"), Region::from_stored("cn-shanghai")]
    }

    fn runtimes(&self) -> Vec<InstalledRuntime> {
        Vec::new()
    }

    fn retention_days(&self) -> u32 {
        7
    }

    fn now(&self) -> UnixMillis {
        NOW
    }

    async fn create_service(&self, region: &Region, name: &ServiceName, spec: ServiceSpec) -> Result<Service> {
        let mut kept = self.open(region)?;
        spec.validate()?;
        if kept.services.contains_key(name) {
            return Err(Error::new(ErrorCode::ServiceAlreadyExists, format!("service '{name}' already exists")));
        }
        let etag = kept.etag();
        let (region, name, id) = (region.clone(), name.clone(), format!("id-of-{name}"));
        let service = Service { region, name: name.clone(), id, spec, created_at: NOW, modified_at: NOW, etag };
        kept.services.insert(name, service.clone());
        Ok(service)
    }

    async fn get_service(&self, service: &ServiceRef) -> Result<Service> {
        Ok(self.with_service(service)?.1)
    }

    async fn get_service_at(&self, service: &ServiceRef, qualifier: &Qualifier) -> Result<Service> {
        Ok(match self.snapshot(service, qualifier)? {
            Some(snapshot) => snapshot.service,
            None => self.with_service(service)?.1,
        })
    }

    async fn list_services(&self, region: &Region, query: &ListQuery) -> Result<Page<Service>> {
        let kept = self.open(region)?;
        let rows: Vec<_> = kept.services.iter().map(|(name, service)| (name.to_string(), service.clone())).collect();
        Ok(page(&rows, query))
    }

    async fn update_service(&self, at: &ServiceRef, patch: ServicePatch, if_match: Option<&str>) -> Result<Service> {
        let (mut kept, mut service) = self.with_service(at)?;
        matching(if_match, &service.etag)?;
        service.spec = patch.apply(service.spec);
        service.modified_at = NOW.plus_ms(60_000);
        service.etag = kept.etag();
        kept.services.insert(at.service.clone(), service.clone());
        Ok(service)
    }

    async fn delete_service(&self, at: &ServiceRef, if_match: Option<&str>) -> Result<()> {
        let (mut kept, service) = self.with_service(at)?;
        matching(if_match, &service.etag)?;
        if kept.functions.keys().any(|function| function.service == at.service) {
            return Err(Error::new(ErrorCode::ServiceNotEmpty, format!("service '{}' still has functions", at.service)));
        }
        kept.services.remove(&at.service);
        Ok(())
    }

    async fn tag_service(&self, at: &ServiceRef, tags: Tags) -> Result<()> {
        self.put_tags(at, tags)
    }

    async fn untag_service(&self, at: &ServiceRef, which: &Untag) -> Result<()> {
        self.delete_tags(at, which)
    }

    async fn service_tags(&self, at: &ServiceRef) -> Result<Tags> {
        Ok(self.with_service(at)?.0.tags.get(at).cloned().unwrap_or_default())
    }

    async fn list_tagged_services(&self, region: &Region, query: &ListQuery) -> Result<Page<TaggedService>> {
        self.tagged(region, query)
    }

    async fn list_services_tagged(&self, region: &Region, tags: &Tags, query: &ListQuery) -> Result<Page<Service>> {
        self.services_tagged(region, tags, query)
    }

    async fn create_function(
        &self,
        at: &ServiceRef,
        name: &FunctionName,
        spec: FunctionSpec,
        code: Code,
        _: Option<AsyncConfigPatch>,
    ) -> Result<Function> {
        self.made_function(at, name, spec, code)
    }

    async fn get_function(&self, function: &FunctionRef) -> Result<Function> {
        Ok(self.with_function(function)?.1)
    }

    async fn get_function_at(&self, at: &FunctionRef, qualifier: &Qualifier) -> Result<Function> {
        match self.snapshot(&at.service_ref(), qualifier)? {
            Some(snapshot) => snapshot.functions.get(at).cloned().ok_or_else(|| Error::new(ErrorCode::FunctionNotFound, "not in it")),
            None => self.get_function(at).await,
        }
    }

    async fn list_functions_at(&self, at: &ServiceRef, qualifier: &Qualifier, query: &ListQuery) -> Result<Page<Function>> {
        let Some(snapshot) = self.snapshot(at, qualifier)? else { return self.list_functions(at, query).await };
        let rows: Vec<_> = snapshot.functions.values().map(|function| (function.name.to_string(), function.clone())).collect();
        Ok(page(&rows, query))
    }

    async fn list_functions(&self, at: &ServiceRef, query: &ListQuery) -> Result<Page<Function>> {
        let (kept, _) = self.with_service(at)?;
        let of_service = kept.functions.values().filter(|function| function.service == at.service);
        let rows: Vec<_> = of_service.map(|function| (function.name.to_string(), function.clone())).collect();
        Ok(page(&rows, query))
    }

    async fn update_function(
        &self,
        at: &FunctionRef,
        patch: FunctionPatch,
        code: Option<Code>,
        if_match: Option<&str>,
    ) -> Result<Function> {
        let (mut kept, mut function) = self.with_function(at)?;
        matching(if_match, &function.etag)?;
        function.spec = patch.apply(function.spec);
        function.spec.validate()?;
        function.etag = kept.etag();
        if let Some(code) = code {
            let bytes = store_code(&mut function, code);
            kept.code.insert(at.clone(), bytes);
        }
        kept.functions.insert(at.clone(), function.clone());
        Ok(function)
    }

    async fn delete_function(&self, at: &FunctionRef, if_match: Option<&str>) -> Result<()> {
        let (mut kept, function) = self.with_function(at)?;
        matching(if_match, &function.etag)?;
        kept.functions.remove(at);
        kept.configs.retain(|(function, _), _| function != at);
        Ok(())
    }

    async fn get_code(&self, at: &FunctionRef) -> Result<Vec<u8>> {
        Ok(self.with_function(at)?.0.code[at].clone())
    }

    async fn get_code_at(&self, at: &FunctionRef, qualifier: &Qualifier) -> Result<Vec<u8>> {
        match self.snapshot(&at.service_ref(), qualifier)? {
            Some(snapshot) => Ok(snapshot.code[at].clone()),
            None => self.get_code(at).await,
        }
    }

    async fn publish_version(&self, at: &ServiceRef, description: &str, if_match: Option<&str>, repeat: bool) -> Result<Version> {
        self.published(at, description, if_match, repeat)
    }

    async fn list_versions(&self, at: &ServiceRef, query: VersionQuery) -> Result<Page<Version>> {
        self.versions_page(at, query)
    }

    async fn delete_version(&self, at: &ServiceRef, version: VersionId) -> Result<()> {
        self.snapshot(at, &Qualifier::from(version))?;
        let mut kept = self.kept();
        if kept.aliases.values().any(|alias| alias.spec.version == version) {
            return Err(Error::new(ErrorCode::QualifierInUse, "an alias uses it"));
        }
        kept.versions.remove(&version);
        Ok(())
    }

    async fn create_alias(&self, at: &ServiceRef, name: &AliasName, spec: AliasSpec) -> Result<Alias> {
        self.made_alias(at, name, spec)
    }

    async fn get_alias(&self, at: &ServiceRef, name: &AliasName) -> Result<Alias> {
        let (kept, _) = self.with_service(at)?;
        kept.aliases.get(name).cloned().ok_or_else(|| Qualifier::from(name).missing_in(at))
    }

    async fn list_aliases(&self, at: &ServiceRef, query: &ListQuery) -> Result<Page<Alias>> {
        let (kept, _) = self.with_service(at)?;
        let rows: Vec<_> = kept.aliases.values().map(|alias| (alias.name.to_string(), alias.clone())).collect();
        Ok(page(&rows, query))
    }

    async fn update_alias(&self, at: &ServiceRef, name: &AliasName, patch: AliasPatch, if_match: Option<&str>) -> Result<Alias> {
        let mut alias = self.get_alias(at, name).await?;
        matching(if_match, &alias.etag)?;
        alias.spec = patch.apply(alias.spec);
        alias.spec.validate()?;
        let mut kept = self.kept();
        alias.etag = kept.etag();
        kept.aliases.insert(name.clone(), alias.clone());
        Ok(alias)
    }

    async fn delete_alias(&self, at: &ServiceRef, name: &AliasName, if_match: Option<&str>) -> Result<()> {
        matching(if_match, &self.get_alias(at, name).await?.etag)?;
        self.kept().aliases.remove(name);
        Ok(())
    }

    async fn put_async_config(&self, at: &FunctionRef, qualifier: &Qualifier, patch: AsyncConfigPatch) -> Result<AsyncConfig> {
        self.snapshot(&at.service_ref(), qualifier)?;
        let (mut kept, _) = self.with_function(at)?;
        patch.validate()?;
        let fresh = AsyncConfig {
            function: at.clone(),
            qualifier: qualifier.clone(),
            stateful_invocation: None,
            max_retry_attempts: None,
            max_event_age_s: None,
            on_success: None,
            on_failure: None,
            created_at: NOW,
            modified_at: NOW,
        };
        let key = (at.clone(), qualifier.clone());
        let config = patch.apply(kept.configs.get(&key).cloned().unwrap_or(fresh));
        kept.configs.insert(key, config.clone());
        Ok(config)
    }

    async fn get_async_config(&self, at: &FunctionRef, qualifier: &Qualifier) -> Result<AsyncConfig> {
        let (kept, _) = self.with_function(at)?;
        let text = format!("AsyncConfig for {}:{} does not exist.", at.service, at.function);
        kept.configs.get(&(at.clone(), qualifier.clone())).cloned().ok_or_else(|| Error::new(ErrorCode::AsyncConfigNotExists, text))
    }

    async fn delete_async_config(&self, at: &FunctionRef, qualifier: &Qualifier) -> Result<()> {
        self.get_async_config(at, qualifier).await?;
        self.kept().configs.remove(&(at.clone(), qualifier.clone()));
        Ok(())
    }

    async fn list_async_configs(&self, at: &FunctionRef, query: &ListQuery) -> Result<Page<AsyncConfig>> {
        let (kept, _) = self.with_function(at)?;
        let of_function = kept.configs.values().filter(|config| config.function == *at);
        let rows: Vec<_> = of_function.map(|config| (config.qualifier.to_string(), config.clone())).collect();
        Ok(page(&rows, query))
    }

    async fn list_task_functions(&self, region: &Region, query: &ListQuery) -> Result<Page<FunctionTasks>> {
        let kept = self.open(region)?;
        let on = kept.configs.values().filter(|config| config.task_mode()).map(|config| {
            let function = kept.functions[&config.function].clone();
            let qualifiers = vec![config.qualifier.clone()];
            let row = FunctionTasks { function, qualifiers, counts: StateCounts::default(), last_task_at: None };
            (config.function.function.to_string(), row)
        });
        Ok(page(&on.collect::<Vec<_>>(), query))
    }

    async fn invoke(&self, request: InvokeRequest) -> Result<InvocationResult> {
        self.snapshot(&request.function.service_ref(), &request.qualifier)?;
        let (mut kept, _) = self.with_function(&request.function)?;
        kept.invoked.push(request);
        Ok(kept.result.clone().expect("the test says what comes back"))
    }

    async fn invoke_http(&self, request: InvokeRequest, rest: Option<model::BodyStream>) -> Result<model::Invoked> {
        self.call_http(request, rest).await
    }

    async fn submit(&self, request: SubmitRequest) -> Result<SubmitReceipt> {
        self.snapshot(&request.function.service_ref(), &request.qualifier)?;
        let (mut kept, _) = self.with_function(&request.function)?;
        let config = kept.configs.get(&(request.function.clone(), request.qualifier.clone()));
        let is_task = request.force_task || config.is_some_and(AsyncConfig::task_mode);
        let id = request.task_id.as_deref().unwrap_or(request.request_id.as_str());
        let task_id = is_task.then(|| TaskId::from_stored(id));
        if let Some(id) = &task_id
            && kept.submitted.iter().any(|earlier| earlier.task_id.as_deref() == Some(id.as_str()))
        {
            let text = format!("task '{id}' already exists");
            return Err(Error::new(ErrorCode::StatefulAsyncInvocationAlreadyExists, text));
        }
        let receipt = SubmitReceipt { request_id: request.request_id.clone(), task_id, due_at: NOW };
        kept.submitted.push(request);
        Ok(receipt)
    }

    async fn get_task(&self, task: &TaskRef) -> Result<Task> {
        let (kept, _) = self.with_function(&task.function)?;
        let text = format!("task '{}' does not exist", task.id);
        kept.tasks.get(task).cloned().ok_or_else(|| Error::new(ErrorCode::StatefulAsyncInvocationNotFound, text))
    }

    async fn list_tasks(&self, function: &FunctionRef, filter: &TaskFilter) -> Result<Page<Task>> {
        let (mut kept, _) = self.with_function(function)?;
        kept.filters.push(filter.clone());
        let mut items: Vec<Task> = kept.tasks.values().cloned().collect();
        if !filter.with_payload {
            items.iter_mut().for_each(|task| task.payload = None);
        }
        Ok(Page { items, next_token: "19-2a".to_owned() })
    }

    async fn count_tasks(&self, _: &FunctionRef) -> Result<StateCounts> {
        unimplemented!("no operation of the API calls it")
    }

    async fn stop_task(&self, task: &TaskRef, user: &str) -> Result<TaskStatus> {
        let found = self.get_task(task).await?;
        if found.status.is_terminal() {
            return Err(Error::invalid(found.stop_refusal().unwrap()));
        }
        self.kept().stopped_by.push(user.to_owned());
        Ok(TaskStatus::Stopping)
    }

    async fn reexecute_with(&self, _: &TaskRef, _: Rerun, _: &str) -> Result<TaskId> {
        unimplemented!("no operation of the API calls it")
    }

    async fn reexecutions(&self, _: &TaskRef) -> Result<Vec<TaskId>> {
        unimplemented!("no operation of the API calls it")
    }

    async fn reexecute_task(&self, _: &TaskRef, _: &str) -> Result<TaskId> {
        unimplemented!("no operation of the API calls it")
    }

    async fn search_task_log(&self, task: &TaskRef, query: &LogQuery) -> Result<Page<LogEntry>> {
        self.found_in_log(self.get_task(task).await?, query)
    }

    async fn function_log(&self, _: &FunctionRef, _: &LogQuery) -> Result<Page<LogEntry>> {
        unimplemented!("no operation of the API calls it")
    }

    async fn task_log(&self, task: &TaskRef, from: u64, limit: u32) -> Result<Page<LogLine>> {
        self.get_task(task).await?;
        Ok(self.log_page(from, limit))
    }

    async fn wait_reason(&self, task: &TaskRef) -> Result<Option<WaitReason>> {
        self.get_task(task).await?;
        Ok(self.kept().waits.clone())
    }

    async fn get_queue(&self, scope: &QueueScope) -> Result<Queue> {
        Ok(*self.queue(scope)?.queues.entry(format!("{scope:?}")).or_default())
    }

    async fn pause_queue(&self, scope: &QueueScope) -> Result<()> {
        self.queue(scope)?.queues.entry(format!("{scope:?}")).or_default().paused_at = Some(NOW);
        Ok(())
    }

    async fn resume_queue(&self, scope: &QueueScope) -> Result<()> {
        self.queue(scope)?.queues.entry(format!("{scope:?}")).or_default().paused_at = None;
        Ok(())
    }

    async fn limit_queue(&self, scope: &QueueScope, most: Option<u32>) -> Result<()> {
        self.limit(scope, most)
    }

    async fn purge_queue(&self, function: &FunctionRef, _: &str) -> Result<u64> {
        drop(self.with_function(function)?);
        Ok(7)
    }

    async fn get_delivery(&self, _: &TaskRef) -> Result<Option<Delivery>> {
        unimplemented!("no operation of the API calls it")
    }

    async fn redrive_destination(&self, _: &TaskRef, _: &str) -> Result<()> {
        unimplemented!("no operation of the API calls it")
    }

    async fn get_task_parameters(&self, _: &FunctionRef) -> Result<Option<String>> {
        unimplemented!("no operation of the API calls it")
    }

    async fn put_task_parameters(&self, _: &FunctionRef, _: String) -> Result<()> {
        unimplemented!("no operation of the API calls it")
    }

    async fn get_http_parameters(&self, _: &FunctionRef) -> Result<Option<HttpParameters>> {
        unimplemented!("no operation of the API calls it")
    }

    async fn put_http_parameters(&self, _: &FunctionRef, _: HttpParameters) -> Result<()> {
        unimplemented!("no operation of the API calls it")
    }

    async fn list_instances(&self, at: &FunctionRef, qualifier: Option<&Qualifier>) -> Result<Vec<InstanceInfo>> {
        let found = self.with_function(at)?.0.instances.clone().into_iter();
        Ok(found.filter(|instance| qualifier.is_none_or(|qualifier| instance.qualifier == *qualifier)).collect())
    }

    async fn region_instances(&self, _: &Region) -> Result<Vec<InstanceInfo>> {
        unimplemented!("no operation of the API calls it")
    }

    async fn get_instance(&self, at: &FunctionRef, id: &InstanceId) -> Result<InstanceInfo> {
        let found = self.list_instances(at, None).await?.into_iter().find(|instance| instance.id == *id);
        found.ok_or_else(|| Error::new(ErrorCode::InstanceNotFound, "no instance"))
    }

    async fn exec(&self, at: &FunctionRef, id: &InstanceId, request: ExecRequest) -> Result<ExecSession> {
        self.get_instance(at, id).await?;
        Ok(self.kept().execute(request))
    }

    async fn drain_instance(&self, at: &FunctionRef, id: &InstanceId) -> Result<()> {
        self.get_instance(at, id).await?;
        self.kept().instances.iter_mut().filter(|one| one.id == *id).for_each(|one| one.state = InstanceState::Draining);
        Ok(())
    }

    fn changes(&self, _: ChangeScope) -> ChangeStream {
        Box::pin(futures::stream::pending())
    }
}
