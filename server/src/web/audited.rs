//! The ports as one request of the console reaches them: in this one place the role of the user decides what is done (`console.md` C-82), and
//! whatever is changed is written into the audit (C-86). A new method of a port has to be put under `read` or under `written` with its action,
//! or nothing compiles.

mod accounts;

use super::router::WebState;
use async_trait::async_trait;
use model::*;
use std::sync::Arc;

/// Who sent the request, and from where.
#[derive(Debug, Clone)]
pub(super) struct Who {
    /// `None` before the sign-in. Its role is that of the request's begin.
    pub(super) user: Option<SessionUser>,
    /// The other end of the connection.
    pub(super) address: String,
    pub(super) request_id: String,
}

/// The ports, and who uses them.
pub(super) struct Audited {
    control: Arc<dyn ControlPlane>,
    identity: Arc<dyn Identity>,
    keys: Arc<dyn AccessKeys>,
    users: Arc<dyn Users>,
    audit: Arc<dyn Audit>,
    who: Who,
}

/// Region and path of what something is done to.
type Target = (String, String);

impl Audited {
    pub(super) fn new(state: &WebState, who: Who) -> Self {
        let (control, identity) = (state.control.clone(), state.identity.clone());
        Self { control, identity, keys: state.keys.clone(), users: state.users.clone(), audit: state.audit.clone(), who }
    }

    /// The user, if its role includes the action. Errors: `Unauthenticated`; `AccessDenied` that names the action.
    fn permitted(&self, action: Action) -> Result<&SessionUser> {
        let ended = || Error::new(ErrorCode::Unauthenticated, "Your session has ended. Sign in again.");
        let user = self.who.user.as_ref().ok_or_else(ended)?;
        user.role.check(action).map(|()| user)
    }

    fn permit(&self, action: Action) -> Result<()> {
        self.permitted(action).map(drop)
    }

    async fn record(&self, action: Action, target: Target, outcome: String) {
        let actor = self.who.user.as_ref().map_or_else(String::new, |user| user.name.clone());
        self.record_of(actor, action, target, outcome).await;
    }

    async fn record_of(&self, actor: String, action: Action, (region, resource): Target, outcome: String) {
        let entry = AuditEntry {
            at: self.control.now(),
            actor_kind: ActorKind::User,
            actor,
            address: self.who.address.clone(),
            action: action.as_str().to_owned(),
            resource,
            region,
            outcome,
            request_id: self.who.request_id.clone(),
        };
        self.audit.record(entry).await;
    }
}

fn region(region: &Region) -> Target {
    (region.to_string(), "services".to_owned())
}

fn service(service: &ServiceRef) -> Target {
    (service.region.to_string(), format!("services/{}", service.service))
}

fn function(function: &FunctionRef) -> Target {
    (function.region.to_string(), format!("services/{}/functions/{}", function.service, function.function))
}

fn trigger(trigger: &TriggerRef) -> Target {
    below(function(&trigger.function), &format!("triggers/{}", trigger.name))
}

fn task(task: &TaskRef) -> Target {
    below(function(&task.function), &format!("stateful-async-invocations/{}", task.id))
}

fn queue(scope: &QueueScope) -> Target {
    match scope {
        QueueScope::Region(region) => (region.to_string(), "queue".to_owned()),
        QueueScope::Function(of) => below(function(of), "queue"),
    }
}

fn below((region, path): Target, rest: &str) -> Target {
    (region, format!("{path}/{rest}"))
}

/// The implementation of a port: everything has to be permitted to the user's role, and what changes something, or would have, is written
/// down with what it was done to.
macro_rules! through {
    ($port:ident by $inner:ident;
     read { $( $read_action:ident $read:ident ( $($read_arg:ident : $read_ty:ty),* ) -> $read_answer:ty; )* }
     written { $( $action:ident $name:ident ( $($arg:ident : $ty:ty),* ) -> $answer:ty, $target:expr; )* }
     $($rest:tt)*) => {
        #[async_trait]
        impl $port for Audited {
            $( async fn $read(&self, $($read_arg: $read_ty),*) -> Result<$read_answer> {
                self.permit(Action::$read_action)?;
                self.$inner.$read($($read_arg),*).await
            } )*
            $( async fn $name(&self, $($arg: $ty),*) -> Result<$answer> {
                let target = $target;
                let result = match self.permit(Action::$action) {
                    Ok(()) => self.$inner.$name($($arg),*).await,
                    Err(refusal) => Err(refusal),
                };
                let outcome = audit::outcome(&result);
                self.record(Action::$action, target, outcome).await;
                result
            } )*
            $($rest)*
        }
    };
}

through! { ScalingControl by control;
read {
    GetFunctionOnDemandConfig get_on_demand(of: &FunctionRef, qualifier: &Qualifier) -> OnDemandConfig;
    ListOnDemandConfigs list_on_demand(region: &Region, query: &ListQuery) -> Page<OnDemandConfig>;
    GetProvisionConfig get_provision(of: &FunctionRef, qualifier: &Qualifier) -> Provision;
    ListProvisionConfigs list_provisions(region: &Region, query: &ProvisionQuery) -> Page<Provision>;
}
written {
    PutFunctionOnDemandConfig put_on_demand(of: &FunctionRef, qualifier: &Qualifier, max_instances: u32, if_match: Option<&str>) -> OnDemandConfig,
        below(function(of), "on-demand-config");
    DeleteFunctionOnDemandConfig delete_on_demand(of: &FunctionRef, qualifier: &Qualifier, if_match: Option<&str>) -> (),
        below(function(of), "on-demand-config");
    PutProvisionConfig put_provision(of: &FunctionRef, qualifier: &Qualifier, spec: ProvisionSpec, if_match: Option<&str>) -> Provision,
        below(function(of), "provision-config");
} }

fn layer(of: &LayerRef) -> Target {
    (of.region.to_string(), format!("layers/{}", of.layer))
}

through! { LayerControl by control;
read {
    GetLayerVersion get_layer_version(at: &LayerVersionRef) -> LayerVersion;
    GetLayerVersion get_layer_code(at: &LayerVersionRef) -> Vec<u8>;
    ListLayers list_layers(region: &Region, query: &ListQuery) -> Page<LayerVersion>;
    ListLayerVersions list_layer_versions(of: &LayerRef, start: u32, limit: u32) -> Page<LayerVersion>;
}
written {
    CreateLayerVersion create_layer_version(of: &LayerRef, spec: LayerSpec, code: Code) -> LayerVersion, layer(of);
    DeleteLayerVersion delete_layer_version(at: &LayerVersionRef) -> (), below(layer(&at.layer), &format!("versions/{}", at.version));
    PutLayerACL put_layer_acl(of: &LayerRef, is_public: bool) -> (), layer(of);
} }

fn domain(of: &DomainRef) -> Target {
    (of.region.to_string(), format!("custom-domains/{}", of.name))
}

through! { DomainControl by control;
read {
    GetCustomDomain get_domain(of: &DomainRef) -> CustomDomain;
    ListCustomDomains list_domains(region: &Region, query: &ListQuery) -> Page<CustomDomain>;
    GetCustomDomain domain_of_host(name: &DomainName) -> Option<Arc<CustomDomain>>;
}
written {
    CreateCustomDomain create_domain(of: &DomainRef, spec: DomainSpec) -> CustomDomain, domain(of);
    UpdateCustomDomain update_domain(of: &DomainRef, patch: DomainPatch, if_match: Option<&str>) -> CustomDomain, domain(of);
    DeleteCustomDomain delete_domain(of: &DomainRef, if_match: Option<&str>) -> (), domain(of);
} }
through! { MetricControl by control;
read {
    GetMetrics metrics(scope: &MetricScope, window: MetricWindow) -> Metrics;
    GetMetrics metrics_by_function(region: &Region, window: MetricWindow) -> Vec<(FunctionRef, Figures)>;
    GetMetrics backlog(scope: &QueueScope) -> Backlog;
}
written {} }
through! { TriggerControl by control;
read {
    GetTrigger get_trigger(of: &TriggerRef) -> Trigger;
    GetTrigger http_trigger(of: &FunctionRef, qualifier: &Qualifier) -> Trigger;
    ListTriggers list_triggers(of: &FunctionRef, query: &ListQuery) -> Page<Trigger>;
}
written {
    CreateTrigger create_trigger(of: &FunctionRef, name: &TriggerName, spec: TriggerSpec) -> Trigger,
        below(function(of), &format!("triggers/{name}"));
    UpdateTrigger update_trigger(of: &TriggerRef, patch: TriggerPatch, if_match: Option<&str>) -> Trigger, trigger(of);
    DeleteTrigger delete_trigger(of: &TriggerRef, if_match: Option<&str>) -> (), trigger(of);
    RunTrigger run_trigger(of: &TriggerRef) -> SubmitReceipt, trigger(of);
}
    fn next_runs(&self, cron_expression: &str, count: usize) -> Result<NextRuns> {
        self.control.next_runs(cron_expression, count)
    }
}
fn bulk(of: &Region, id: &str) -> Target {
    (of.to_string(), format!("bulk-actions/{id}"))
}

/// What is begun on the tasks of a function, of a service, or of functions of the region; whose, its outcomes say.
fn started(request: &BulkRequest) -> Target {
    let path = format!("bulk-actions/{}", request.action.as_str());
    match (request.scope.only(), &request.scope.service) {
        (Some(of), _) => below(function(&of), &path),
        (None, Some(name)) => below(service(&ServiceRef { region: request.scope.region.clone(), service: name.clone() }), &path),
        (None, None) => (request.scope.region.to_string(), path),
    }
}

through! { BulkControl by control;
read {
    ListStatefulAsyncInvocations preview_bulk(of: &BulkScope, action: BulkAction, filter: &BulkFilter) -> BulkPreview;
    GetBulkAction get_bulk(of: &Region, id: &str) -> Bulk;
    ListBulkActions list_bulks(of: &Region) -> Vec<Bulk>;
    GetBulkAction list_bulk_items(of: &Region, id: &str, query: &BulkItemQuery) -> Page<BulkItem>;
}
written {
    // What it does to each task stands in its outcomes.
    StartBulkAction create_bulk(request: BulkRequest, user: &str) -> Bulk,
        started(&request);
    StopBulkAction stop_bulk(of: &Region, id: &str, user: &str) -> Bulk, bulk(of, id);
    RetryBulkAction retry_bulk(of: &Region, id: &str, user: &str) -> Bulk, bulk(of, id);
} }

through! { DeadLetterControl by control;
read {
    ListDeadLetters list_dead_letters(of: &Region, since: Option<UnixMillis>) -> DeadLetters;
}
written {
    DismissDeadLetters dismiss_dead_letters(key: &DeadLetterKey, until: UnixMillis) -> (),
        below(function(&key.function), &format!("dead-letters/{}/{}", key.status, key.error_kind));
} }

through! { RegionTaskControl by control;
read {
    ListStatefulAsyncInvocations list_region_tasks(of: &Region, filter: &RegionTaskFilter) -> RegionTasks;
    ListFunctions find_in_region(of: &Region, text: &str) -> Found;
}
written {} }

through! { ControlPlane by control;
read {
    GetService get_service(of: &ServiceRef) -> Service;
    GetService get_service_at(of: &ServiceRef, qualifier: &Qualifier) -> Service;
    ListServices list_services(region: &Region, query: &ListQuery) -> Page<Service>;
    GetResourceTags service_tags(of: &ServiceRef) -> Tags;
    ListTaggedResources list_tagged_services(region: &Region, query: &ListQuery) -> Page<TaggedService>;
    ListServices list_services_tagged(region: &Region, tags: &Tags, query: &ListQuery) -> Page<Service>;
    GetFunctionCode get_code(of: &FunctionRef) -> Vec<u8>;
    GetFunctionCode get_code_at(of: &FunctionRef, qualifier: &Qualifier) -> Vec<u8>;
    ListServiceVersions list_versions(of: &ServiceRef, query: VersionQuery) -> Page<Version>;
    GetAlias get_alias(of: &ServiceRef, name: &AliasName) -> Alias;
    ListAliases list_aliases(of: &ServiceRef, query: &ListQuery) -> Page<Alias>;
    GetFunctionAsyncInvokeConfig get_async_config(of: &FunctionRef, qualifier: &Qualifier) -> AsyncConfig;
    ListFunctionAsyncInvokeConfigs list_async_configs(of: &FunctionRef, query: &ListQuery) -> Page<AsyncConfig>;
    ListStatefulAsyncInvocationFunctions list_task_functions(region: &Region, query: &ListQuery) -> Page<FunctionTasks>;
    // What runs is recorded by its task and its log.
    InvokeFunction invoke(request: InvokeRequest) -> InvocationResult;
    InvokeFunction invoke_http(request: InvokeRequest, rest: Option<BodyStream>) -> Invoked;
    InvokeFunction submit(request: SubmitRequest) -> SubmitReceipt;
    GetStatefulAsyncInvocation get_task(of: &TaskRef) -> Task;
    ListStatefulAsyncInvocations list_tasks(of: &FunctionRef, filter: &TaskFilter) -> Page<Task>;
    ListStatefulAsyncInvocations count_tasks(of: &FunctionRef) -> StateCounts;
    GetStatefulAsyncInvocation get_delivery(of: &TaskRef) -> Option<Delivery>;
    GetStatefulAsyncInvocation wait_reason(of: &TaskRef) -> Option<WaitReason>;
    GetStatefulAsyncInvocation reexecutions(of: &TaskRef) -> Vec<TaskId>;
    GetQueue get_queue(scope: &QueueScope) -> Queue;
    GetStatefulAsyncInvocationLogs task_log(of: &TaskRef, from: u64, limit: u32) -> Page<LogLine>;
    GetStatefulAsyncInvocationLogs search_task_log(of: &TaskRef, query: &LogQuery) -> Page<LogEntry>;
    GetStatefulAsyncInvocationLogs function_log(of: &FunctionRef, query: &LogQuery) -> Page<LogEntry>;
    GetTaskParameters get_task_parameters(of: &FunctionRef) -> Option<String>;
    GetTaskParameters get_http_parameters(of: &FunctionRef) -> Option<HttpParameters>;
    ListInstances list_instances(of: &FunctionRef, qualifier: Option<&Qualifier>) -> Vec<InstanceInfo>;
    ListInstances region_instances(of: &Region) -> Vec<InstanceInfo>;
    ListInstances get_instance(of: &FunctionRef, instance: &InstanceId) -> InstanceInfo;
}
written {
    CreateService create_service(of: &Region, name: &ServiceName, spec: ServiceSpec) -> Service, below(region(of), name.as_str());
    UpdateService update_service(of: &ServiceRef, patch: ServicePatch, if_match: Option<&str>) -> Service, service(of);
    DeleteService delete_service(of: &ServiceRef, if_match: Option<&str>) -> (), service(of);
    TagResource tag_service(of: &ServiceRef, tags: Tags) -> (), service(of);
    UntagResource untag_service(of: &ServiceRef, which: &Untag) -> (), service(of);
    CreateFunction create_function(
        of: &ServiceRef, name: &FunctionName, spec: FunctionSpec, code: Code, async_config: Option<AsyncConfigPatch>
    ) -> Function, below(service(of), &format!("functions/{name}"));
    UpdateFunction update_function(of: &FunctionRef, patch: FunctionPatch, code: Option<Code>, if_match: Option<&str>) -> Function, function(of);
    DeleteFunction delete_function(of: &FunctionRef, if_match: Option<&str>) -> (), function(of);
    PublishServiceVersion publish_version(of: &ServiceRef, description: &str, if_match: Option<&str>, repeat: bool) -> Version,
        below(service(of), "versions");
    DeleteServiceVersion delete_version(of: &ServiceRef, version: VersionId) -> (), below(service(of), &format!("versions/{version}"));
    CreateAlias create_alias(of: &ServiceRef, name: &AliasName, spec: AliasSpec) -> Alias, below(service(of), &format!("aliases/{name}"));
    UpdateAlias update_alias(of: &ServiceRef, name: &AliasName, patch: AliasPatch, if_match: Option<&str>) -> Alias,
        below(service(of), &format!("aliases/{name}"));
    DeleteAlias delete_alias(of: &ServiceRef, name: &AliasName, if_match: Option<&str>) -> (), below(service(of), &format!("aliases/{name}"));
    PutFunctionAsyncInvokeConfig put_async_config(of: &FunctionRef, qualifier: &Qualifier, patch: AsyncConfigPatch) -> AsyncConfig,
        below(function(of), "async-invoke-config");
    DeleteFunctionAsyncInvokeConfig delete_async_config(of: &FunctionRef, qualifier: &Qualifier) -> (),
        below(function(of), "async-invoke-config");
    StopStatefulAsyncInvocation stop_task(of: &TaskRef, user: &str) -> TaskStatus, task(of);
    ReexecuteStatefulAsyncInvocation reexecute_task(of: &TaskRef, user: &str) -> TaskId, task(of);
    ReexecuteStatefulAsyncInvocation reexecute_with(of: &TaskRef, rerun: Rerun, user: &str) -> TaskId, task(of);
    RedriveDestination redrive_destination(of: &TaskRef, user: &str) -> (), task(of);
    PutQueue pause_queue(scope: &QueueScope) -> (), queue(scope);
    PutQueue resume_queue(scope: &QueueScope) -> (), queue(scope);
    PutQueue limit_queue(scope: &QueueScope, max_running: Option<u32>) -> (), queue(scope);
    PurgeQueue purge_queue(of: &FunctionRef, user: &str) -> u64, below(function(of), "queue/tasks");
    PutTaskParameters put_task_parameters(of: &FunctionRef, event: String) -> (), below(function(of), "task-parameters");
    PutTaskParameters put_http_parameters(of: &FunctionRef, request: HttpParameters) -> (), below(function(of), "task-parameters");
    InstanceExec exec(of: &FunctionRef, instance: &InstanceId, request: ExecRequest) -> ExecSession,
        below(function(of), &format!("instances/{instance}/exec"));
    DrainInstance drain_instance(of: &FunctionRef, instance: &InstanceId) -> (), below(function(of), &format!("instances/{instance}"));
}
    fn regions(&self) -> Vec<Region> {
        self.control.regions()
    }

    fn runtimes(&self) -> Vec<InstalledRuntime> {
        self.control.runtimes()
    }

    fn retention_days(&self) -> u32 {
        self.control.retention_days()
    }

    fn now(&self) -> UnixMillis {
        self.control.now()
    }

    fn changes(&self, scope: ChangeScope) -> ChangeStream {
        match self.permit(Action::ListStatefulAsyncInvocations) {
            Ok(()) => self.control.changes(scope),
            Err(_) => Box::pin(futures::stream::empty()),
        }
    }

    async fn get_function(&self, of: &FunctionRef) -> Result<Function> {
        let role = self.permitted(Action::GetFunction)?.role;
        Ok(self.control.get_function(of).await?.shown_to(role))
    }

    async fn get_function_at(&self, of: &FunctionRef, qualifier: &Qualifier) -> Result<Function> {
        let role = self.permitted(Action::GetFunction)?.role;
        Ok(self.control.get_function_at(of, qualifier).await?.shown_to(role))
    }

    async fn list_functions(&self, of: &ServiceRef, query: &ListQuery) -> Result<Page<Function>> {
        let role = self.permitted(Action::ListFunctions)?.role;
        Ok(self.control.list_functions(of, query).await?.map(|function| function.shown_to(role)))
    }

    async fn list_functions_at(&self, of: &ServiceRef, qualifier: &Qualifier, query: &ListQuery) -> Result<Page<Function>> {
        let role = self.permitted(Action::ListFunctions)?.role;
        Ok(self.control.list_functions_at(of, qualifier, query).await?.map(|function| function.shown_to(role)))
    }
}

#[cfg(test)]
mod tests;
