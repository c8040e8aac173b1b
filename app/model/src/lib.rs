//! The nouns and laws of Taskyard: ids, task states and their life-cycle, filters, limits, errors, and the two ports
//! ([`ControlPlane`] and [`Identity`]) through which the console and the HTTP API reach the engine.
//!
//! Architecture invariant: this crate does no I/O, knows neither Leptos nor tokio nor any database, and compiles to wasm.

pub mod access_key;
pub mod action;
pub mod ansi;
pub mod audit;
pub mod bulk;
pub mod bulk_scope;
pub mod config;
pub mod control_plane;
pub mod custom;
pub mod dead_letter;
pub mod destination;
pub mod domain;
pub mod error;
pub mod exec;
pub mod filter;
pub mod format;
pub mod function;
pub mod http;
pub mod identity;
pub mod ids;
pub mod instance;
pub mod invocation;
pub mod layer;
pub mod lifecycle;
pub mod limits;
pub mod log;
pub mod metric;
pub mod page;
pub mod queue;
pub mod region_tasks;
pub mod runtime;
pub mod sample;
pub mod saved_view;
pub mod scaling;
pub mod service;
pub mod summary;
pub mod tag;
pub mod task;
pub mod time;
pub mod trigger;
pub mod user;
pub mod version;

pub use access_key::{AccessKey, AccessKeyInfo, AccessKeySpec, AccessKeys, Grant, Policy};
pub use action::{Action, ActionKind};
pub use audit::{ActorKind, Audit, AuditEntry, AuditQuery};
pub use bulk::{Bulk, BulkAction, BulkControl, BulkFilter, BulkItem, BulkItemQuery, BulkOutcome, BulkPreview, BulkRequest, BulkState};
pub use bulk_scope::BulkScope;
pub use config::{AsyncConfig, AsyncConfigPatch};
pub use control_plane::{Change, ChangeScope, ChangeStream, ControlPlane};
pub use custom::{ContainerConfig, Hook, HookKind};
pub use dead_letter::{DeadLetterControl, DeadLetterGroup, DeadLetterKey, DeadLetters};
pub use destination::{Delivery, DeliveryStatus, Destination, Destinations};
pub use domain::{
    Certificate, CustomDomain, DomainControl, DomainName, DomainPatch, DomainProtocol, DomainRef, DomainRoute, DomainSpec, TlsSettings,
};
pub use error::{Error, ErrorCode, Result};
pub use exec::{ExecEnd, ExecInput, ExecOutput, ExecRequest, ExecSession, ExecSink, ExecStream, TerminalSize};
pub use filter::{SortOrder, TaskFilter};
pub use function::{Code, Function, FunctionPatch, FunctionSpec};
pub use http::{HttpParameters, HttpRequest, HttpResponse};
pub use identity::{Identity, SessionUser};
pub use ids::{
    AccountId, AliasName, FunctionName, FunctionRef, InstanceId, LayerName, Qualifier, Region, RequestId, ServiceName, ServiceRef, TaskId,
    TaskRef, TriggerName, TriggerRef,
};
pub use instance::{InstanceInfo, InstanceState};
pub use invocation::{BodyStream, InvocationResult, InvokeRequest, Invoked, Origin, Rerun, SubmitReceipt, SubmitRequest};
pub use layer::{LayerControl, LayerRef, LayerSpec, LayerVersion, LayerVersionRef};
pub use log::{LogCursor, LogEntry, LogLevel, LogLine, LogQuery, LogStream};
pub use metric::{Backlog, Figures, Histogram, MetricControl, MetricPoint, MetricScope, MetricWindow, Metrics};
pub use page::{ListQuery, Page};
pub use queue::{Queue, QueueScope, WaitReason};
pub use region_tasks::{Found, RegionTaskControl, RegionTaskFilter, RegionTasks};
pub use runtime::{InstalledRuntime, Language, RuntimeName};
pub use saved_view::{SavedView, ViewControl};
pub use scaling::{OnDemandConfig, Provision, ProvisionConfig, ProvisionQuery, ProvisionSpec, ScalingControl};
pub use service::{Service, ServicePatch, ServiceSpec};
pub use summary::RunFigures;
pub use tag::{TaggedService, Tags, Untag};
pub use task::{FunctionTasks, StateCounts, Task, TaskEvent, TaskStatus};
pub use time::UnixMillis;
pub use trigger::{
    HttpConfig, NextRun, NextRuns, TimerConfig, Trigger, TriggerConfig, TriggerControl, TriggerKind, TriggerPatch, TriggerSpec,
};
pub use user::{Role, SessionChanges, SessionInfo, SessionOrigin, UserInfo, Users};
pub use version::{Alias, AliasPatch, AliasSpec, Direction, Version, VersionId, VersionQuery, WeightedVersion};
