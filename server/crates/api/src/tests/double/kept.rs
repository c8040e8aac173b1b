//! What the double keeps, and how it finds it.

use model::{
    Alias, AliasName, AsyncConfig, AuditEntry, Code, CustomDomain, DomainName, Error, ErrorCode, ExecInput, ExecOutput, ExecRequest,
    ExecSession, ExecSink, Function, FunctionRef, InstanceInfo, InvocationResult, InvokeRequest, LayerVersion, LayerVersionRef, ListQuery,
    LogLine, OnDemandConfig, Page, Policy, ProvisionConfig, Qualifier, Queue, QueueScope, Region, Result, Role, Service, ServiceName,
    ServiceRef, SubmitRequest, Tags, Task, TaskFilter, TaskRef, Trigger, TriggerRef, Version, VersionId, WaitReason, version::Named,
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

#[derive(Default)]
pub struct Kept {
    pub(super) services: BTreeMap<ServiceName, Service>,
    pub(super) tags: BTreeMap<ServiceRef, Tags>,
    pub(super) functions: BTreeMap<FunctionRef, Function>,
    pub(super) code: BTreeMap<FunctionRef, Vec<u8>>,
    pub(super) configs: BTreeMap<(FunctionRef, Qualifier), AsyncConfig>,
    pub(super) triggers: BTreeMap<TriggerRef, Trigger>,
    pub(super) versions: BTreeMap<VersionId, Snapshot>,
    pub(super) aliases: BTreeMap<AliasName, Alias>,
    pub(super) queues: BTreeMap<String, Queue>,
    pub(super) on_demand: BTreeMap<String, OnDemandConfig>,
    pub(super) provisions: BTreeMap<String, ProvisionConfig>,
    /// Why every task waits.
    pub waits: Option<WaitReason>,
    pub tasks: BTreeMap<TaskRef, Task>,
    pub(super) changes: u32,
    /// What the next synchronous invocation returns.
    pub result: Option<InvocationResult>,
    /// Where the pieces of the next HTTP answer come from.
    pub pieces: Option<UnboundedReceiver<model::Result<Vec<u8>>>>,
    /// Told of each piece of a request's body that comes.
    pub arrived: std::sync::Arc<tokio::sync::Notify>,
    /// Every call from now on fails with this.
    pub failure: Option<Error>,
    pub invoked: Vec<InvokeRequest>,
    pub submitted: Vec<SubmitRequest>,
    pub filters: Vec<TaskFilter>,
    pub stopped_by: Vec<String>,
    pub(super) layers: BTreeMap<LayerVersionRef, (LayerVersion, Vec<u8>)>,
    pub domains: BTreeMap<DomainName, CustomDomain>,
    /// The log of every task.
    pub log: Vec<LogLine>,
    /// Keys beside the one that may do everything, with what they may do; all have the same secret.
    pub policies: BTreeMap<String, Policy>,
    /// The role of a key's user, where it is no administrator.
    pub roles: BTreeMap<String, Role>,
    /// Keys that were used, once for each call.
    pub used: Vec<String>,
    pub audited: Vec<AuditEntry>,
    pub instances: Vec<InstanceInfo>,
    /// The commands that were asked for.
    pub executed: Vec<ExecRequest>,
    /// Both ends of the latest command: what it was given, and what it says.
    pub command: Option<(UnboundedReceiver<ExecInput>, UnboundedSender<ExecOutput>)>,
}

/// A version with what it keeps.
#[derive(Clone)]
pub(super) struct Snapshot {
    pub(super) version: Version,
    pub(super) service: Service,
    pub(super) functions: BTreeMap<FunctionRef, Function>,
    pub(super) code: BTreeMap<FunctionRef, Vec<u8>>,
}

struct Sink(UnboundedSender<ExecInput>);

#[async_trait::async_trait]
impl ExecSink for Sink {
    async fn send(&mut self, input: ExecInput) -> bool {
        self.0.send(input).is_ok()
    }
}

#[derive(Default)]
pub struct Double(Mutex<Kept>);

impl Double {
    pub fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap()
    }

    pub(super) fn open(&self, region: &Region) -> Result<MutexGuard<'_, Kept>> {
        let kept = self.kept();
        if let Some(failure) = &kept.failure {
            return Err(failure.clone());
        }
        if !["cn-hangzhou", "cn-shanghai"].contains(&region.as_str()) {
            return Err(Error::new(ErrorCode::RegionNotFound, format!("region '{region}' does not exist")));
        }
        Ok(kept)
    }

    pub(super) fn with_service(&self, at: &ServiceRef) -> Result<(MutexGuard<'_, Kept>, Service)> {
        let kept = self.open(&at.region)?;
        let missing = || Error::new(ErrorCode::ServiceNotFound, format!("service '{}' does not exist", at.service));
        let service = kept.services.get(&at.service).cloned().ok_or_else(missing)?;
        Ok((kept, service))
    }

    pub(super) fn with_function(&self, at: &FunctionRef) -> Result<(MutexGuard<'_, Kept>, Function)> {
        let (kept, _) = self.with_service(&at.service_ref())?;
        let text = format!("function '{}' does not exist in service '{}'", at.function, at.service);
        let function = kept.functions.get(at).cloned().ok_or_else(|| Error::new(ErrorCode::FunctionNotFound, text))?;
        Ok((kept, function))
    }
}

impl Double {
    /// The version that a qualifier shows; `None` for `LATEST`.
    pub(super) fn snapshot(&self, at: &ServiceRef, qualifier: &Qualifier) -> Result<Option<Snapshot>> {
        let (kept, _) = self.with_service(at)?;
        let version = match qualifier.named() {
            Named::Latest => return Ok(None),
            Named::Version(version) => Some(version),
            Named::Alias(name) => kept.aliases.get(&name).map(|alias| alias.spec.version),
            Named::Nothing => None,
        };
        let found = version.and_then(|version| kept.versions.get(&version).cloned());
        found.ok_or_else(|| qualifier.missing_in(at)).map(Some)
    }

    pub(super) fn queue(&self, scope: &QueueScope) -> Result<MutexGuard<'_, Kept>> {
        match scope {
            QueueScope::Region(region) => self.open(region),
            QueueScope::Function(function) => Ok(self.with_function(function)?.0),
        }
    }
}

impl Kept {
    /// The first HTTP trigger of a qualifier, whichever function it is of.
    pub(super) fn http_trigger(&self, qualifier: &Qualifier) -> Result<Trigger> {
        let found = self.triggers.values().find(|trigger| trigger.spec.config.http().is_some() && trigger.spec.qualifier == *qualifier);
        found.cloned().ok_or_else(|| Error::new(ErrorCode::TriggerNotFound, "no HTTP trigger"))
    }

    /// A command that does what the test does.
    pub(super) fn execute(&mut self, request: ExecRequest) -> ExecSession {
        self.executed.push(request);
        let (input, inputs) = unbounded_channel();
        let (outputs, mut output) = unbounded_channel();
        self.command = Some((inputs, outputs));
        let output = Box::pin(futures::stream::poll_fn(move |context| output.poll_recv(context)));
        ExecSession { input: Box::new(Sink(input)), output }
    }

    pub(super) fn etag(&mut self) -> String {
        self.changes += 1;
        format!("{:032x}", self.changes)
    }
}

pub(super) fn matching(if_match: Option<&str>, etag: &str) -> Result<()> {
    match if_match {
        Some(expected) if expected != etag => {
            Err(Error::new(ErrorCode::PreconditionFailed, "the resource being modified has been changed"))
        }
        _ => Ok(()),
    }
}

pub(super) fn page<T: Clone>(rows: &[(String, T)], query: &ListQuery) -> Page<T> {
    let mut rest = rows.iter().filter(|(name, _)| name.starts_with(&query.prefix) && name.as_str() >= query.start());
    let items = rest.by_ref().take(query.rows() as usize).map(|(_, item)| item.clone()).collect();
    Page { items, next_token: rest.next().map_or(String::new(), |(name, _)| name.clone()) }
}

pub(super) fn store_code(function: &mut Function, code: Code) -> Vec<u8> {
    let Code::Zip(bytes) = code else { panic!("the API sends archives only") };
    function.code_size = bytes.len() as u64;
    function.code_checksum = crate::v2::functions::checksum(&bytes);
    bytes
}
