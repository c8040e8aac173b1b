//! The ports as one request of the console reaches them: whatever it changes is written into the audit, in this one place (`console.md` C-86).
//! A new method of a port has to be put under `read` or under `written` with its action, or nothing compiles.

use super::router::WebState;
use async_trait::async_trait;
use model::*;
use std::sync::Arc;

/// Who sent the request, and from where.
#[derive(Debug, Clone)]
pub(super) struct Who {
    /// `None` before the sign-in.
    pub(super) user: Option<String>,
    /// The other end of the connection.
    pub(super) address: String,
    pub(super) request_id: String,
}

/// The ports, and who uses them.
pub(super) struct Audited {
    control: Arc<dyn ControlPlane>,
    identity: Arc<dyn Identity>,
    keys: Arc<dyn AccessKeys>,
    audit: Arc<dyn Audit>,
    who: Who,
}

/// Region and path of what something is done to.
type Target = (String, String);

impl Audited {
    pub(super) fn new(state: &WebState, who: Who) -> Self {
        let (control, identity) = (state.control.clone(), state.identity.clone());
        Self { control, identity, keys: state.keys.clone(), audit: state.audit.clone(), who }
    }

    async fn record(&self, action: Action, target: Target, outcome: String) {
        self.record_of(self.who.user.clone().unwrap_or_default(), action, target, outcome).await;
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

/// The implementation of a port: what reads passes on, an action is written down with what it was done to.
macro_rules! through {
    ($port:ident by $inner:ident;
     read { $( $read:ident ( $($read_arg:ident : $read_ty:ty),* ) -> $read_answer:ty; )* }
     written { $( $action:ident $name:ident ( $($arg:ident : $ty:ty),* ) -> $answer:ty, $target:expr; )* }
     $($rest:tt)*) => {
        #[async_trait]
        impl $port for Audited {
            $( async fn $read(&self, $($read_arg: $read_ty),*) -> Result<$read_answer> {
                self.$inner.$read($($read_arg),*).await
            } )*
            $( async fn $name(&self, $($arg: $ty),*) -> Result<$answer> {
                let target = $target;
                let result = self.$inner.$name($($arg),*).await;
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
    get_on_demand(of: &FunctionRef, qualifier: &Qualifier) -> OnDemandConfig;
    list_on_demand(region: &Region, query: &ListQuery) -> Page<OnDemandConfig>;
    get_provision(of: &FunctionRef, qualifier: &Qualifier) -> Provision;
    list_provisions(region: &Region, query: &ProvisionQuery) -> Page<Provision>;
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
    get_layer_version(at: &LayerVersionRef) -> LayerVersion;
    get_layer_code(at: &LayerVersionRef) -> Vec<u8>;
    list_layers(region: &Region, query: &ListQuery) -> Page<LayerVersion>;
    list_layer_versions(of: &LayerRef, start: u32, limit: u32) -> Page<LayerVersion>;
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
    get_domain(of: &DomainRef) -> CustomDomain;
    list_domains(region: &Region, query: &ListQuery) -> Page<CustomDomain>;
    domain_of_host(name: &DomainName) -> Option<Arc<CustomDomain>>;
}
written {
    CreateCustomDomain create_domain(of: &DomainRef, spec: DomainSpec) -> CustomDomain, domain(of);
    UpdateCustomDomain update_domain(of: &DomainRef, patch: DomainPatch, if_match: Option<&str>) -> CustomDomain, domain(of);
    DeleteCustomDomain delete_domain(of: &DomainRef, if_match: Option<&str>) -> (), domain(of);
} }
through! { MetricControl by control;
read {
    metrics(scope: &MetricScope, window: MetricWindow) -> Metrics;
    metrics_by_function(region: &Region, window: MetricWindow) -> Vec<(FunctionRef, Figures)>;
    backlog(scope: &QueueScope) -> Backlog;
}
written {} }
through! { TriggerControl by control;
read {
    get_trigger(of: &TriggerRef) -> Trigger;
    http_trigger(of: &FunctionRef, qualifier: &Qualifier) -> Trigger;
    list_triggers(of: &FunctionRef, query: &ListQuery) -> Page<Trigger>;
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

through! { BulkControl by control;
read {
    preview_bulk(of: &FunctionRef, action: BulkAction, filter: &BulkFilter) -> BulkPreview;
    get_bulk(of: &Region, id: &str) -> Bulk;
    list_bulks(of: &Region) -> Vec<Bulk>;
    list_bulk_items(of: &Region, id: &str, query: &BulkItemQuery) -> Page<BulkItem>;
}
written {
    // What it does to each task stands in its outcomes.
    StartBulkAction create_bulk(request: BulkRequest, user: &str) -> Bulk,
        below(function(&request.function), &format!("bulk-actions/{}", request.action.as_str()));
    StopBulkAction stop_bulk(of: &Region, id: &str, user: &str) -> Bulk, bulk(of, id);
    RetryBulkAction retry_bulk(of: &Region, id: &str, user: &str) -> Bulk, bulk(of, id);
} }

through! { DeadLetterControl by control;
read {
    list_dead_letters(of: &Region, since: Option<UnixMillis>) -> DeadLetters;
}
written {
    DismissDeadLetters dismiss_dead_letters(key: &DeadLetterKey, until: UnixMillis) -> (),
        below(function(&key.function), &format!("dead-letters/{}/{}", key.status, key.error_kind));
} }

through! { RegionTaskControl by control;
read {
    list_region_tasks(of: &Region, filter: &RegionTaskFilter) -> RegionTasks;
    find_in_region(of: &Region, text: &str) -> Found;
}
written {} }

// A user's own bookmarks: nothing else depends on them.
through! { ViewControl by control;
read {
    list_views(user: &str) -> Vec<SavedView>;
    save_view(user: &str, view: &SavedView) -> ();
    delete_view(user: &str, list: &str, name: &str) -> ();
}
written {} }

through! { ControlPlane by control;
read {
    get_service(of: &ServiceRef) -> Service;
    get_service_at(of: &ServiceRef, qualifier: &Qualifier) -> Service;
    list_services(region: &Region, query: &ListQuery) -> Page<Service>;
    service_tags(of: &ServiceRef) -> Tags;
    list_tagged_services(region: &Region, query: &ListQuery) -> Page<TaggedService>;
    list_services_tagged(region: &Region, tags: &Tags, query: &ListQuery) -> Page<Service>;
    get_function(of: &FunctionRef) -> Function;
    get_function_at(of: &FunctionRef, qualifier: &Qualifier) -> Function;
    list_functions(of: &ServiceRef, query: &ListQuery) -> Page<Function>;
    list_functions_at(of: &ServiceRef, qualifier: &Qualifier, query: &ListQuery) -> Page<Function>;
    get_code(of: &FunctionRef) -> Vec<u8>;
    get_code_at(of: &FunctionRef, qualifier: &Qualifier) -> Vec<u8>;
    list_versions(of: &ServiceRef, query: VersionQuery) -> Page<Version>;
    get_alias(of: &ServiceRef, name: &AliasName) -> Alias;
    list_aliases(of: &ServiceRef, query: &ListQuery) -> Page<Alias>;
    get_async_config(of: &FunctionRef, qualifier: &Qualifier) -> AsyncConfig;
    list_async_configs(of: &FunctionRef, query: &ListQuery) -> Page<AsyncConfig>;
    list_task_functions(region: &Region, query: &ListQuery) -> Page<FunctionTasks>;
    // What runs is recorded by its task and its log.
    invoke(request: InvokeRequest) -> InvocationResult;
    invoke_http(request: InvokeRequest, rest: Option<BodyStream>) -> Invoked;
    submit(request: SubmitRequest) -> SubmitReceipt;
    get_task(of: &TaskRef) -> Task;
    list_tasks(of: &FunctionRef, filter: &TaskFilter) -> Page<Task>;
    count_tasks(of: &FunctionRef) -> StateCounts;
    get_delivery(of: &TaskRef) -> Option<Delivery>;
    wait_reason(of: &TaskRef) -> Option<WaitReason>;
    get_queue(scope: &QueueScope) -> Queue;
    task_log(of: &TaskRef, from: u64, limit: u32) -> Page<LogLine>;
    search_task_log(of: &TaskRef, query: &LogQuery) -> Page<LogEntry>;
    function_log(of: &FunctionRef, query: &LogQuery) -> Page<LogEntry>;
    get_task_parameters(of: &FunctionRef) -> Option<String>;
    get_http_parameters(of: &FunctionRef) -> Option<HttpParameters>;
    list_instances(of: &FunctionRef, qualifier: Option<&Qualifier>) -> Vec<InstanceInfo>;
    get_instance(of: &FunctionRef, instance: &InstanceId) -> InstanceInfo;
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
    RedriveDestination redrive_destination(of: &TaskRef, user: &str) -> (), task(of);
    PutQueue pause_queue(scope: &QueueScope) -> (), queue(scope);
    PutQueue resume_queue(scope: &QueueScope) -> (), queue(scope);
    PutQueue limit_queue(scope: &QueueScope, max_running: Option<u32>) -> (), queue(scope);
    PurgeQueue purge_queue(of: &FunctionRef, user: &str) -> u64, below(function(of), "queue/tasks");
    PutTaskParameters put_task_parameters(of: &FunctionRef, event: String) -> (), below(function(of), "task-parameters");
    PutTaskParameters put_http_parameters(of: &FunctionRef, request: HttpParameters) -> (), below(function(of), "task-parameters");
    InstanceExec exec(of: &FunctionRef, instance: &InstanceId, request: ExecRequest) -> ExecSession,
        below(function(of), &format!("instances/{instance}/exec"));
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
        self.control.changes(scope)
    }
}

#[async_trait]
impl Identity for Audited {
    async fn sign_in(&self, name: &str, password: &str) -> Result<(String, UnixMillis)> {
        let result = self.identity.sign_in(name, password).await;
        // A password may have been typed into the wrong field: only the name of somebody who exists is written down.
        let is_known = result.is_ok() || self.identity.has_user(name).await.unwrap_or(false);
        let actor = if is_known { name } else { "" };
        self.record_of(actor.to_owned(), Action::SignIn, (String::new(), format!("users/{actor}")), audit::outcome(&result)).await;
        result
    }

    async fn session(&self, token: &str) -> Result<Option<SessionUser>> {
        self.identity.session(token).await
    }

    async fn sign_out(&self, token: &str) -> Result<()> {
        let result = self.identity.sign_out(token).await;
        // Without a session nobody has signed out.
        if let Some(user) = &self.who.user {
            self.record(Action::SignOut, (String::new(), format!("users/{user}")), audit::outcome(&result)).await;
        }
        result
    }

    async fn has_user(&self, name: &str) -> Result<bool> {
        self.identity.has_user(name).await
    }

    async fn access_key(&self, id: &str) -> Result<Option<AccessKey>> {
        self.identity.access_key(id).await
    }

    fn note_use(&self, id: &str) {
        self.identity.note_use(id);
    }
}

#[async_trait]
impl AccessKeys for Audited {
    async fn create_access_key(&self, spec: &AccessKeySpec, user: &str) -> Result<AccessKey> {
        let result = self.keys.create_access_key(spec, user).await;
        let id = result.as_ref().map_or("", |key| key.id.as_str());
        self.record(Action::CreateAccessKey, key_target(id), audit::outcome(&result)).await;
        result
    }

    async fn list_access_keys(&self) -> Result<Vec<AccessKeyInfo>> {
        self.keys.list_access_keys().await
    }

    async fn enable_access_key(&self, id: &str, enabled: bool) -> Result<()> {
        let result = self.keys.enable_access_key(id, enabled).await;
        let action = if enabled { Action::EnableAccessKey } else { Action::DisableAccessKey };
        self.record(action, key_target(id), audit::outcome(&result)).await;
        result
    }

    async fn delete_access_key(&self, id: &str) -> Result<()> {
        let result = self.keys.delete_access_key(id).await;
        self.record(Action::DeleteAccessKey, key_target(id), audit::outcome(&result)).await;
        result
    }
}

fn key_target(id: &str) -> Target {
    (String::new(), format!("access-keys/{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use crate::{config::Config, wiring};
    use clap::Parser;
    use tokio_util::sync::CancellationToken;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn c86_what_the_console_changes_is_written_down() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("data");
        let flags = ["taskyard", "serve", "--data-dir", data_dir.to_str().unwrap(), "--regions", "r1", "--admin-password", "a-password"];
        let Verb::Serve(args) = Cli::try_parse_from(flags).unwrap().verb else { panic!("another verb") };
        let config = Config::from_args(*args).unwrap();
        let app = wiring::start(&config, config.listen).await.unwrap();
        let state = wiring::web_state(&app, &config, &CancellationToken::new());
        let who = |user: Option<&str>| Who { user: user.map(str::to_owned), address: "192.0.2.7".to_owned(), request_id: "r-1".to_owned() };
        let (stranger, admin) = (Audited::new(&state, who(None)), Audited::new(&state, who(Some("admin"))));

        assert!(stranger.sign_in("admin", "wrong").await.is_err());
        assert!(stranger.sign_in("a-password", "admin").await.is_err());
        let (token, _) = stranger.sign_in("admin", "a-password").await.unwrap();
        stranger.sign_out("none").await.unwrap();
        let service = ServiceRef { region: Region::from_stored("r1"), service: ServiceName::from_stored("demo") };
        let demo = &service.service;
        admin.create_service(&service.region, demo, ServiceSpec::default()).await.unwrap();
        assert!(admin.create_service(&service.region, demo, ServiceSpec::default()).await.is_err());
        admin.get_service(&service).await.unwrap();
        let of_demo = FunctionRef { region: service.region.clone(), service: demo.clone(), function: FunctionName::from_stored("f") };
        assert!(admin.stop_task(&of_demo.task(TaskId::from_stored("t")), "admin").await.is_err());
        admin.pause_queue(&QueueScope::Region(service.region.clone())).await.unwrap();
        let key = admin.create_access_key(&AccessKeySpec { name: "ci".to_owned(), policy: Policy::default() }, "admin").await.unwrap();
        admin.enable_access_key(&key.id, false).await.unwrap();
        assert!(admin.run_trigger(&of_demo.trigger(TriggerName::from_stored("t"))).await.is_err());
        admin.sign_out(&token).await.unwrap();

        let page = state.audit.list_audit(&AuditQuery::default()).await.unwrap();
        let written: Vec<String> = page.items.iter().rev().map(line).collect();
        let task = "services/demo/functions/f/stateful-async-invocations/t";
        let expected = [
            "admin SignIn users/admin  AccessDenied".to_owned(),
            // The name of nobody may be a password.
            " SignIn users/  AccessDenied".to_owned(),
            "admin SignIn users/admin  OK".to_owned(),
            "admin CreateService services/demo r1 OK".to_owned(),
            "admin CreateService services/demo r1 ServiceAlreadyExists".to_owned(),
            format!("admin StopStatefulAsyncInvocation {task} r1 FunctionNotFound"),
            "admin PutQueue queue r1 OK".to_owned(),
            format!("admin CreateAccessKey access-keys/{}  OK", key.id),
            format!("admin DisableAccessKey access-keys/{}  OK", key.id),
            "admin RunTrigger services/demo/functions/f/triggers/t r1 FunctionNotFound".to_owned(),
            "admin SignOut users/admin  OK".to_owned(),
        ];
        assert_eq!(written, expected);
        assert!(page.items.iter().all(|entry| entry.address == "192.0.2.7" && entry.request_id == "r-1"));
        assert!(!format!("{page:?}").contains(&key.secret));
    }

    fn line(entry: &AuditEntry) -> String {
        let action = entry.action.trim_start_matches("fc:");
        format!("{} {action} {} {} {}", entry.actor, entry.resource, entry.region, entry.outcome)
    }
}
