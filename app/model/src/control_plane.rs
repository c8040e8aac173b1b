//! The port: everything that console and HTTP API can do. Whatever one can do, so can the other.

use crate::{
    Alias, AliasName, AliasPatch, AliasSpec, AsyncConfig, AsyncConfigPatch, BodyStream, Code, Delivery, ExecRequest, ExecSession, Function,
    FunctionName, FunctionPatch, FunctionRef, FunctionSpec, FunctionTasks, HttpParameters, InstalledRuntime, InstanceId, InstanceInfo,
    InvocationResult, InvokeRequest, Invoked, ListQuery, LogEntry, LogLine, LogQuery, Page, Qualifier, Queue, QueueScope, Region, Rerun,
    Result, Service, ServiceName, ServicePatch, ServiceRef, ServiceSpec, StateCounts, SubmitReceipt, SubmitRequest, TaggedService, Tags,
    Task, TaskFilter, TaskId, TaskRef, TaskStatus, UnixMillis, Untag, Version, VersionId, VersionQuery, WaitReason,
};
use async_trait::async_trait;
use futures_core::Stream;
use serde::{Deserialize, Serialize};
use std::pin::Pin;

/// One task changed its state, or a request's log grew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub task: TaskRef,
    pub status: TaskStatus,
    /// The function's tasks by state after the change are worth reading again.
    pub is_new: bool,
}

/// Which changes a listener wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeScope {
    Region(Region),
    Function(FunctionRef),
    Task(TaskRef),
}

impl ChangeScope {
    /// True when the change concerns this scope.
    pub fn covers(&self, change: &Change) -> bool {
        match self {
            ChangeScope::Region(region) => change.task.function.region == *region,
            ChangeScope::Function(function) => change.task.function == *function,
            ChangeScope::Task(task) => change.task == *task,
        }
    }
}

/// Changes as they happen; `None` in between tells that some were missed and everything shown has to be read again.
pub type ChangeStream = Pin<Box<dyn Stream<Item = Option<Change>> + Send>>;

/// Everything that console and HTTP API can ask of the engine. Object-safe: it is handed around as `Arc<dyn ControlPlane>`.
///
/// Every method fails with `RegionNotFound`, `ServiceNotFound` or `FunctionNotFound` when a named thing does not exist, with
/// `InvalidArgument` when a value breaks its rule, and with `ServiceUnavailable` or `InternalServerError` when the store fails;
/// methods name only what else can go wrong. Nothing is half stored after an error.
#[async_trait]
pub trait ControlPlane:
    crate::ScalingControl
    + crate::LayerControl
    + crate::DomainControl
    + crate::MetricControl
    + crate::TriggerControl
    + crate::BulkControl
    + crate::DeadLetterControl
    + crate::RegionTaskControl
    + crate::ViewControl
{
    /// Regions of the install; the first is the default.
    fn regions(&self) -> Vec<Region>;

    /// Every runtime name of the vendor with what runs it here.
    fn runtimes(&self) -> Vec<InstalledRuntime>;

    /// Days that task records and logs are kept; 0 means for ever.
    fn retention_days(&self) -> u32;

    /// The engine's clock, for pages that count time on from the instants of a record.
    fn now(&self) -> UnixMillis;

    /// Makes a service. Errors: `ServiceAlreadyExists`.
    async fn create_service(&self, region: &Region, name: &ServiceName, spec: ServiceSpec) -> Result<Service>;

    /// Reads a service.
    async fn get_service(&self, service: &ServiceRef) -> Result<Service>;

    /// Reads the service as a qualifier shows it: an alias shows the version that it mainly leads to.
    ///
    /// Errors: `VersionNotFound`, `AliasNotFound`.
    async fn get_service_at(&self, service: &ServiceRef, qualifier: &Qualifier) -> Result<Service>;

    /// Lists services by name.
    async fn list_services(&self, region: &Region, query: &ListQuery) -> Result<Page<Service>>;

    /// Changes a service. Errors: `PreconditionFailed` when `if_match` is given and not its current etag.
    async fn update_service(&self, service: &ServiceRef, patch: ServicePatch, if_match: Option<&str>) -> Result<Service>;

    /// Deletes a service without functions and versions, and its tags. Errors: `ServiceNotEmpty`, `PreconditionFailed`.
    async fn delete_service(&self, service: &ServiceRef, if_match: Option<&str>) -> Result<()>;

    /// Puts tags on a service; those of names that it has already get the new value. Errors: `LimitExceededError`.
    async fn tag_service(&self, service: &ServiceRef, tags: Tags) -> Result<()>;

    /// Takes tags off a service.
    async fn untag_service(&self, service: &ServiceRef, which: &Untag) -> Result<()>;

    /// The tags of a service.
    async fn service_tags(&self, service: &ServiceRef) -> Result<Tags>;

    /// Lists the services that have tags, by name.
    async fn list_tagged_services(&self, region: &Region, query: &ListQuery) -> Result<Page<TaggedService>>;

    /// Lists the services that have all of these tags with these values, by name.
    async fn list_services_tagged(&self, region: &Region, tags: &Tags, query: &ListQuery) -> Result<Page<Service>>;

    /// Makes a function, and with it, in the same transaction, the asynchronous configuration of `LATEST` when one is given.
    ///
    /// Errors: `FunctionAlreadyExists`, `LayerVersionNotFound`; `InvalidArgument` also for a bad archive or a runtime that nothing here can run.
    async fn create_function(
        &self,
        service: &ServiceRef,
        name: &FunctionName,
        spec: FunctionSpec,
        code: Code,
        async_config: Option<AsyncConfigPatch>,
    ) -> Result<Function>;

    /// Reads a function.
    async fn get_function(&self, function: &FunctionRef) -> Result<Function>;

    /// Reads the function as a qualifier shows it: an alias shows the version that it mainly leads to.
    ///
    /// Errors: `VersionNotFound`, `AliasNotFound`.
    async fn get_function_at(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<Function>;

    /// Lists the functions of a service by name.
    async fn list_functions(&self, service: &ServiceRef, query: &ListQuery) -> Result<Page<Function>>;

    /// Lists the functions of a service as a qualifier shows them, by name. Errors: `VersionNotFound`, `AliasNotFound`.
    async fn list_functions_at(&self, service: &ServiceRef, qualifier: &Qualifier, query: &ListQuery) -> Result<Page<Function>>;

    /// Changes a function, its code too when one is given. Errors: `PreconditionFailed`, `LayerVersionNotFound`.
    async fn update_function(
        &self,
        function: &FunctionRef,
        patch: FunctionPatch,
        code: Option<Code>,
        if_match: Option<&str>,
    ) -> Result<Function>;

    /// Deletes a function from `LATEST`: its waiting tasks become `Invalid`, running ones end (`product.md` 3). Published versions of it,
    /// their configurations and their tasks stay. Errors: `FunctionNotEmpty` while it
    /// has triggers, `PreconditionFailed`.
    async fn delete_function(&self, function: &FunctionRef, if_match: Option<&str>) -> Result<()>;

    /// The ZIP archive of the function's code.
    async fn get_code(&self, function: &FunctionRef) -> Result<Vec<u8>>;

    /// The ZIP archive of the function's code as a qualifier shows it. Errors: `VersionNotFound`, `AliasNotFound`.
    async fn get_code_at(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<Vec<u8>>;

    /// Publishes the service and all its functions, as they are, under the next number.
    ///
    /// Errors: `PreconditionFailed`; `InvalidArgument` when nothing has changed since the latest version, unless `repeat`, which then gives
    /// that one.
    async fn publish_version(&self, service: &ServiceRef, description: &str, if_match: Option<&str>, repeat: bool) -> Result<Version>;

    /// Lists the versions of a service by number; the token is the number of the next one.
    async fn list_versions(&self, service: &ServiceRef, query: VersionQuery) -> Result<Page<Version>>;

    /// Deletes a version: its waiting tasks become `Invalid`, running ones end. Errors: `VersionNotFound`; `QualifierInUse` while an alias
    /// or a trigger leads to it.
    async fn delete_version(&self, service: &ServiceRef, version: VersionId) -> Result<()>;

    /// Makes an alias. Errors: `AliasAlreadyExists`, `VersionNotFound`, `AdditionalVersionContainsMajorVersion`.
    async fn create_alias(&self, service: &ServiceRef, name: &AliasName, spec: AliasSpec) -> Result<Alias>;

    /// Reads an alias. Errors: `AliasNotFound`.
    async fn get_alias(&self, service: &ServiceRef, name: &AliasName) -> Result<Alias>;

    /// Lists the aliases of a service by name.
    async fn list_aliases(&self, service: &ServiceRef, query: &ListQuery) -> Result<Page<Alias>>;

    /// Changes an alias; tasks accepted before keep the version that they were accepted for.
    ///
    /// Errors: `AliasNotFound`, `VersionNotFound`, `AdditionalVersionContainsMajorVersion`, `PreconditionFailed`.
    async fn update_alias(&self, service: &ServiceRef, name: &AliasName, patch: AliasPatch, if_match: Option<&str>) -> Result<Alias>;

    /// Deletes an alias with its asynchronous configurations. Errors: `AliasNotFound`, `PreconditionFailed`; `QualifierInUse` while a
    /// trigger calls it.
    async fn delete_alias(&self, service: &ServiceRef, name: &AliasName, if_match: Option<&str>) -> Result<()>;

    /// Makes or changes the asynchronous configuration of a qualifier.
    async fn put_async_config(&self, function: &FunctionRef, qualifier: &Qualifier, patch: AsyncConfigPatch) -> Result<AsyncConfig>;

    /// Reads the asynchronous configuration of a qualifier. Errors: `AsyncConfigNotExists`.
    async fn get_async_config(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<AsyncConfig>;

    /// Deletes the asynchronous configuration of a qualifier. Errors: `AsyncConfigNotExists`.
    async fn delete_async_config(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<()>;

    /// Lists the asynchronous configurations of a function by qualifier.
    async fn list_async_configs(&self, function: &FunctionRef, query: &ListQuery) -> Result<Page<AsyncConfig>>;

    /// Functions with task mode on for any qualifier, by service and name; `prefix` of the query matches anywhere in the name.
    async fn list_task_functions(&self, region: &Region, query: &ListQuery) -> Result<Page<FunctionTasks>>;

    /// Runs a function and waits for its end; never makes a task.
    ///
    /// Errors: `VersionNotFound`, `AliasNotFound`, `EntityTooLarge`, `ResourceExhausted`; `InvalidArgument` for an event to an HTTP function
    /// and `TriggerNotFound` for the reverse; `CAFileNotFound`, `CAFilePermission`, `CAExited`.
    async fn invoke(&self, request: InvokeRequest) -> Result<InvocationResult>;

    /// The same for an HTTP function, whose answer may begin before the execution has ended. `rest` is what is still to come of the request's
    /// body behind its payload. Dropping the answer's body ends the function's code.
    async fn invoke_http(&self, request: InvokeRequest, rest: Option<BodyStream>) -> Result<Invoked>;

    /// Accepts an asynchronous invocation; it is durable when this returns.
    ///
    /// Errors: `VersionNotFound`, `AliasNotFound`, `EntityTooLarge`, `StatefulAsyncInvocationAlreadyExists`; `InvalidArgument` for an event to
    /// an HTTP function and `TriggerNotFound` for the reverse; nothing is stored then.
    async fn submit(&self, request: SubmitRequest) -> Result<SubmitReceipt>;

    /// Reads a task with payload, result and events. Errors: `StatefulAsyncInvocationNotFound`.
    async fn get_task(&self, task: &TaskRef) -> Result<Task>;

    /// Lists tasks of a function in the filter's order.
    async fn list_tasks(&self, function: &FunctionRef, filter: &TaskFilter) -> Result<Page<Task>>;

    /// Tasks of a function by state, exact.
    async fn count_tasks(&self, function: &FunctionRef) -> Result<StateCounts>;

    /// Asks for a stop and returns the state after it: `Stopped` when nothing ran, else `Stopping`; asking again while `Stopping` is no error.
    ///
    /// Errors: `StatefulAsyncInvocationNotFound`; `InvalidArgument` when the task has already ended.
    async fn stop_task(&self, task: &TaskRef, user: &str) -> Result<TaskStatus>;

    /// Submits a new task with the same input, linked to this one. Errors: `StatefulAsyncInvocationNotFound`; `InvalidArgument` while
    /// it has not ended, and for a task of an HTTP function.
    async fn reexecute_task(&self, task: &TaskRef, user: &str) -> Result<TaskId>;

    /// Submits a new task with another input, linked to this one and to its qualifier. Errors: as those of `reexecute_task` and `submit`.
    async fn reexecute_with(&self, task: &TaskRef, rerun: Rerun, user: &str) -> Result<TaskId>;

    /// The tasks that re-execute this one, the latest first, at most `limits::REEXECUTIONS_SHOWN_MAX`.
    async fn reexecutions(&self, task: &TaskRef) -> Result<Vec<TaskId>>;

    /// The delivery of the task's outcome to its destination; `None` when there is none. Errors: `StatefulAsyncInvocationNotFound`.
    async fn get_delivery(&self, task: &TaskRef) -> Result<Option<Delivery>>;

    /// Sends the outcome of a task to its destination again after every try had failed.
    ///
    /// Errors: `StatefulAsyncInvocationNotFound`; `InvalidArgument` when no delivery of the task has failed.
    async fn redrive_destination(&self, task: &TaskRef, user: &str) -> Result<()>;

    /// Why a task waits; `None` when it does not. Errors: `StatefulAsyncInvocationNotFound`.
    async fn wait_reason(&self, task: &TaskRef) -> Result<Option<WaitReason>>;

    /// Reads what holds back waiting tasks.
    async fn get_queue(&self, scope: &QueueScope) -> Result<Queue>;

    /// Takes no more tasks of the scope until it is resumed; those taken go on. Pausing again keeps the first instant.
    async fn pause_queue(&self, scope: &QueueScope) -> Result<()>;

    /// Takes tasks of the scope again.
    async fn resume_queue(&self, scope: &QueueScope) -> Result<()>;

    /// Limits how many tasks of the scope are in the hands of servers at once; `None` removes the limit. Errors: `InvalidArgument` for 0.
    async fn limit_queue(&self, scope: &QueueScope, max_running: Option<u32>) -> Result<()>;

    /// Stops every task of the function that waits and was submitted before now; returns how many.
    async fn purge_queue(&self, function: &FunctionRef, user: &str) -> Result<u64>;

    /// Log lines of a task's attempts from line `from` (counted from 0) on, at most `limit`; the token is the number of the next line,
    /// empty when there is no more at the moment.
    async fn task_log(&self, task: &TaskRef, from: u64, limit: u32) -> Result<Page<LogLine>>;

    /// Lines of a task's log that the query wants, by number; its `request_id` is not looked at. The work of one call is limited: a page may
    /// be short, or empty, and still have a token.
    async fn search_task_log(&self, task: &TaskRef, query: &LogQuery) -> Result<Page<LogEntry>>;

    /// Lines of a function's log that the query wants, of whatever qualifier, of tasks and other calls. They come in the order in which they
    /// were stored, a request's own ones by number, so times may go back a little; a line may come again on a later page while the log of its
    /// request is being merged, under the same request id and number. As above, a page may be short, or empty, and still have a token.
    async fn function_log(&self, function: &FunctionRef, query: &LogQuery) -> Result<Page<LogEntry>>;

    /// The event that later console submissions to this function send; `None` when none was saved.
    async fn get_task_parameters(&self, function: &FunctionRef) -> Result<Option<String>>;

    /// Saves the event that later console submissions to this function send. Errors: `EntityTooLarge`.
    async fn put_task_parameters(&self, function: &FunctionRef, event: String) -> Result<()>;

    /// The request that the console's submissions and tests send to an HTTP function; `None` while none was saved.
    async fn get_http_parameters(&self, function: &FunctionRef) -> Result<Option<HttpParameters>>;

    /// Saves that request. Errors: `EntityTooLarge`; `InvalidArgument` for one that can't be sent.
    async fn put_http_parameters(&self, function: &FunctionRef, request: HttpParameters) -> Result<()>;

    /// The function's instances on every server, those of a qualifier if one is given, the oldest first. A server that can't be reached is
    /// left out. Errors: `VersionNotFound`, `AliasNotFound`.
    async fn list_instances(&self, function: &FunctionRef, qualifier: Option<&Qualifier>) -> Result<Vec<InstanceInfo>>;

    /// Instances of every function of the region on every server, the oldest first, at most `limits::REGION_INSTANCES_SHOWN_MAX`. A server that
    /// can't be reached is left out.
    async fn region_instances(&self, region: &Region) -> Result<Vec<InstanceInfo>>;

    /// One of the function's instances, whichever server has it. Errors: `InstanceNotFound`.
    async fn get_instance(&self, function: &FunctionRef, instance: &InstanceId) -> Result<InstanceInfo>;

    /// Runs a command in one of the function's instances, whichever server has it, beside what the instance does. The command is confined
    /// like the function's code, keeps the instance from being ended as idle, and ends with it.
    ///
    /// Errors: `InstanceNotFound` also for an instance that is starting or ending; `InvalidArgument` for a command that can't be started;
    /// `ResourceExhausted` when enough commands run in it.
    async fn exec(&self, function: &FunctionRef, instance: &InstanceId, request: ExecRequest) -> Result<ExecSession>;

    /// Gives one of the function's instances no more requests, whichever server has it: it ends with the last one that it serves, at once if it
    /// serves none, and whoever has logged on to it leaves with it. Does nothing to one that ends already. Errors: `InstanceNotFound`.
    async fn drain_instance(&self, function: &FunctionRef, instance: &InstanceId) -> Result<()>;

    /// State changes from now on within the scope.
    fn changes(&self, scope: ChangeScope) -> ChangeStream;
}
