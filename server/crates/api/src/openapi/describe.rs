//! What each operation takes and gives, in the types that its handler reads and writes. Names of resources, their absence, and what is the same
//! everywhere are added by `build`.

use super::shapes::{Answer, Body, Param, flag, instant, integer, list, of, one_of, param, text};
use crate::v2::{
    account::SettingsOut,
    aliases::{AliasIn, AliasOut},
    async_config::{ConfigIn, ConfigOut},
    domains::{DomainIn, DomainOut},
    function_wire::{FunctionIn, FunctionOut},
    functions::CodeOut,
    instances::InstanceOut,
    layers::{LayerIn, LayerOut},
    queue::{PurgeOut, QueueIn, QueueOut},
    scaling::{OnDemandIn, OnDemandOut, ProvisionIn, ProvisionOut},
    service_wire::{ServiceIn, ServiceOut},
    tags::{TagIn, TaggedOut, TagsOut, UntagIn},
    task_logs::LogsOut,
    tasks::{Empty, OneTaskOut, TaskFunctionOut, TaskOut},
    triggers::{TriggerIn, TriggerOut, UpdatedTriggerOut},
    versions::{VersionIn, VersionOut},
};
use model::{
    Action,
    ErrorCode::{self, *},
    LogLevel, TaskStatus, limits,
};

/// What is written about an operation.
pub(super) struct Description {
    /// One sentence.
    pub summary: &'static str,
    pub body: Body,
    /// Of query and headers.
    pub params: Vec<Param>,
    pub answers: Vec<Answer>,
    /// Beside those that every operation, and every path with these resources, may answer with.
    pub errors: Vec<ErrorCode>,
}

/// An operation with a summary and nothing else.
fn op(summary: &'static str) -> Description {
    Description { summary, body: Body::None, params: Vec::new(), answers: Vec::new(), errors: Vec::new() }
}

impl Description {
    fn takes(self, body: Body) -> Self {
        Self { body, ..self }
    }

    fn with(mut self, params: impl IntoIterator<Item = Param>) -> Self {
        self.params.extend(params);
        self
    }

    fn gives(mut self, answer: Answer) -> Self {
        self.answers.push(answer);
        self
    }

    fn fails(mut self, codes: &[ErrorCode]) -> Self {
        self.errors.extend(codes);
        self
    }

    /// A version or alias may be named.
    fn qualified(self) -> Self {
        self.with([text("qualifier", "A version or an alias; `LATEST` by default.")]).fails(&[VersionNotFound, AliasNotFound])
    }

    /// Takes an ETag that the change depends on.
    fn conditional(self) -> Self {
        self.with([param("header", "If-Match", "The resource's ETag: if it is another by now, nothing is changed.", of::<String>)])
            .fails(&[PreconditionFailed])
    }

    /// A page of an alphabetical list.
    fn paged(self) -> Self {
        self.with([
            integer("limit", 1, i64::from(limits::PAGE_ROWS_MAX), "Rows of a page, 20 by default."),
            text("nextToken", "Where an earlier page ended; opaque."),
            text("prefix", "What names begin with."),
            text("startKey", "The first name, inclusive; not looked at beside `nextToken`."),
        ])
    }
}

/// What is written about an action of the API; `None` for those of the console alone.
pub(super) fn describe(action: Action) -> Option<Description> {
    resources(action)
        .or_else(|| layers(action))
        .or_else(|| domains(action))
        .or_else(|| settings(action))
        .or_else(|| invocations(action))
        .or_else(|| ours(action))
}

fn resources(action: Action) -> Option<Description> {
    Some(match action {
        Action::ListServices => op("Lists the services of the region by name.")
            .paged()
            .with([text("tag_{name}", "Only services that have this tag with this value; may be given for several names.")])
            .gives(list::<ServiceOut>("services")),
        Action::CreateService => {
            op("Makes a service.").takes(Body::Json(of::<ServiceIn>)).gives(Answer::tagged::<ServiceOut>()).fails(&[ServiceAlreadyExists])
        }
        Action::GetService => op("Reads a service.").qualified().gives(Answer::tagged::<ServiceOut>()),
        Action::UpdateService => op("Changes a service; members that are not sent stay as they are.")
            .conditional()
            .takes(Body::Json(of::<ServiceIn>))
            .gives(Answer::tagged::<ServiceOut>()),
        Action::DeleteService => {
            op("Deletes a service without functions and versions.").conditional().gives(Answer::nothing()).fails(&[ServiceNotEmpty])
        }
        Action::ListFunctions => {
            op("Lists the functions of a service by name.").qualified().paged().gives(list::<FunctionOut>("functions"))
        }
        Action::CreateFunction => op("Makes a function of a code package.")
            .with([checksum()])
            .takes(Body::Json(of::<FunctionIn>))
            .gives(Answer::tagged::<FunctionOut>())
            .fails(&[FunctionAlreadyExists, LayerVersionNotFound]),
        Action::GetFunction => op("Reads a function.").qualified().gives(Answer::tagged::<FunctionOut>()),
        Action::UpdateFunction => op("Changes a function, its code too when one is sent.")
            .conditional()
            .with([checksum()])
            .takes(Body::Json(of::<FunctionIn>))
            .gives(Answer::tagged::<FunctionOut>())
            .fails(&[LayerVersionNotFound]),
        Action::DeleteFunction => op("Deletes a function that has no triggers: its waiting tasks become Invalid, running ones end.")
            .conditional()
            .gives(Answer::nothing())
            .fails(&[FunctionNotEmpty]),
        Action::GetFunctionCode => op("Gives a link to the code package.").qualified().gives(Answer::json::<CodeOut>()),
        Action::ListTriggers => op("Lists the triggers of a function by name.").paged().gives(list::<TriggerOut>("triggers")),
        Action::CreateTrigger => op("Makes a trigger; those of type `timer` and `http` do something here, others are stored.")
            .takes(Body::Json(of::<TriggerIn>))
            .gives(Answer::tagged::<TriggerOut>())
            .fails(&[TriggerAlreadyExists, LimitExceededError, VersionNotFound, AliasNotFound]),
        Action::GetTrigger => op("Reads a trigger.").gives(Answer::tagged::<TriggerOut>()),
        Action::UpdateTrigger => op("Changes a trigger.")
            .conditional()
            .takes(Body::Json(of::<TriggerIn>))
            .gives(Answer::tagged::<UpdatedTriggerOut>())
            .fails(&[VersionNotFound, AliasNotFound]),
        Action::DeleteTrigger => op("Deletes a trigger; what it has submitted goes on.").conditional().gives(Answer::nothing()),
        Action::ListServiceVersions => op("Lists the published versions of a service by number.")
            .with([
                integer("limit", 1, i64::from(limits::PAGE_ROWS_MAX), "Rows of a page, 20 by default."),
                text("nextToken", "Where an earlier page ended."),
                text("startKey", "The first version, inclusive."),
                one_of("direction", &["FORWARD", "BACKWARD"], "By number, up or down; down by default."),
            ])
            .gives(list::<VersionOut>("versions").and("direction")),
        Action::PublishServiceVersion => op("Publishes the service and all its functions, as they are, under the next number.")
            .conditional()
            .with([param("header", "X-Fc-Ignore-Version-Publish-Error", "`true`: the latest version if nothing has changed since.", flag)])
            .takes(Body::Json(of::<VersionIn>))
            .gives(Answer::json::<VersionOut>()),
        Action::DeleteServiceVersion => {
            op("Deletes a version to which no alias and no trigger leads.").gives(Answer::nothing()).fails(&[QualifierInUse])
        }
        Action::ListAliases => op("Lists the aliases of a service by name.").paged().gives(list::<AliasOut>("aliases")),
        Action::CreateAlias => op("Makes an alias of a version.")
            .takes(Body::Json(of::<AliasIn>))
            .gives(Answer::tagged::<AliasOut>())
            .fails(&[AliasAlreadyExists, VersionNotFound, AdditionalVersionContainsMajorVersion]),
        Action::GetAlias => op("Reads an alias.").gives(Answer::tagged::<AliasOut>()),
        Action::UpdateAlias => op("Changes an alias; tasks accepted before keep their version.")
            .conditional()
            .takes(Body::Json(of::<AliasIn>))
            .gives(Answer::tagged::<AliasOut>())
            .fails(&[VersionNotFound, AdditionalVersionContainsMajorVersion]),
        Action::DeleteAlias => {
            op("Deletes an alias that no trigger calls.").conditional().gives(Answer::nothing()).fails(&[QualifierInUse])
        }
        _ => return None,
    })
}

fn layers(action: Action) -> Option<Description> {
    Some(match action {
        Action::ListLayers => op("Lists the latest version of each layer by the layer's name.").paged().gives(list::<LayerOut>("layers")),
        Action::ListLayerVersions => op("Lists the versions of a layer by number.")
            .with([
                integer("limit", 1, i64::from(limits::PAGE_ROWS_MAX), "Rows of a page, 20 by default."),
                integer("startVersion", 1, i64::from(i32::MAX), "The first version, inclusive."),
            ])
            .gives(Answer::json::<Vec<LayerOut>>().named("layers").and_number("nextVersion")),
        Action::CreateLayerVersion => op("Makes the next version of a layer, the layer with its first one.")
            .takes(Body::Json(of::<LayerIn>))
            .gives(Answer::json::<LayerOut>()),
        Action::GetLayerVersion => op("Reads a version of a layer, with a link to its archive.").gives(Answer::json::<LayerOut>()),
        Action::GetLayerVersionByArn => op("Reads a version of a layer by its ARN.").gives(Answer::json::<LayerOut>()),
        Action::DeleteLayerVersion => op("Deletes a version of a layer; functions that have it keep it.").gives(Answer::nothing()),
        Action::PutLayerACL => op("Says whether all versions of a layer are public; stored and shown.")
            .with([param("query", "public", "`true` or `false`, which is the default.", flag)])
            .gives(Answer::json::<Empty>()),
        _ => return None,
    })
}

fn domains(action: Action) -> Option<Description> {
    const OF_ROUTES: [ErrorCode; 4] = [ServiceNotFound, FunctionNotFound, VersionNotFound, AliasNotFound];
    Some(match action {
        Action::ListCustomDomains => {
            op("Lists the custom domains of the region by name.").paged().gives(list::<DomainOut>("customDomains"))
        }
        Action::CreateCustomDomain => op("Makes a custom domain: requests to this host go to the functions that its routes name.")
            .takes(Body::Json(of::<DomainIn>))
            .gives(Answer::tagged::<DomainOut>())
            .fails(&[DomainNameAlreadyExists, LimitExceededError])
            .fails(&OF_ROUTES),
        Action::GetCustomDomain => op("Reads a custom domain.").gives(Answer::tagged::<DomainOut>()),
        Action::UpdateCustomDomain => op("Changes a custom domain; members that are not sent stay as they are.")
            .conditional()
            .takes(Body::Json(of::<DomainIn>))
            .gives(Answer::tagged::<DomainOut>())
            .fails(&OF_ROUTES),
        Action::DeleteCustomDomain => op("Deletes a custom domain.").conditional().gives(Answer::nothing()),
        _ => return None,
    })
}

fn settings(action: Action) -> Option<Description> {
    Some(match action {
        Action::PutFunctionAsyncInvokeConfig => op("Makes or changes the asynchronous configuration of a qualifier.")
            .qualified()
            .takes(Body::Json(of::<ConfigIn>))
            .gives(Answer::json::<ConfigOut>()),
        Action::GetFunctionAsyncInvokeConfig => op("Reads the asynchronous configuration of a qualifier.")
            .qualified()
            .gives(Answer::json::<ConfigOut>())
            .fails(&[AsyncConfigNotExists]),
        Action::DeleteFunctionAsyncInvokeConfig => {
            op("Deletes the asynchronous configuration of a qualifier.").qualified().gives(Answer::nothing()).fails(&[AsyncConfigNotExists])
        }
        Action::ListFunctionAsyncInvokeConfigs => {
            op("Lists the asynchronous configurations of a function by qualifier.").paged().gives(list::<ConfigOut>("configs"))
        }
        Action::PutFunctionOnDemandConfig => op("Limits the instances of a function and qualifier.")
            .qualified()
            .conditional()
            .takes(Body::Json(of::<OnDemandIn>))
            .gives(Answer::tagged::<OnDemandOut>()),
        Action::GetFunctionOnDemandConfig => {
            op("Reads the limit of instances.").qualified().gives(Answer::tagged::<OnDemandOut>()).fails(&[OnDemandConfigNotFound])
        }
        Action::DeleteFunctionOnDemandConfig => {
            op("Removes the limit of instances.").qualified().conditional().gives(Answer::nothing()).fails(&[OnDemandConfigNotFound])
        }
        Action::ListOnDemandConfigs => op("Lists the limits of instances by resource.").paged().gives(list::<OnDemandOut>("configs")),
        Action::PutProvisionConfig => op("Sets how many instances of a function and qualifier are kept ready.")
            .qualified()
            .conditional()
            .takes(Body::Json(of::<ProvisionIn>))
            .gives(Answer::tagged::<ProvisionOut>()),
        Action::GetProvisionConfig => op("Reads how many instances are kept ready.")
            .qualified()
            .gives(Answer::tagged::<ProvisionOut>())
            .fails(&[ProvisionConfigNotFound]),
        Action::ListProvisionConfigs => op("Lists what is kept ready in the region.")
            .with([
                integer("limit", 1, i64::from(limits::PAGE_ROWS_MAX), "Rows of a page, 20 by default."),
                text("nextToken", "Where an earlier page ended; opaque."),
                text("serviceName", "Only of this service."),
                text("qualifier", "Only of this qualifier."),
            ])
            .gives(list::<ProvisionOut>("provisionConfigs")),
        Action::ListReservedCapacities => op("Always empty: nothing is for sale here.").gives(list::<Empty>("reservedCapacities")),
        Action::GetAccountSettings => op("Reads the region's zones: one, these machines.").gives(Answer::json::<SettingsOut>()),
        Action::GetResourceTags => op("Reads the tags of a service.")
            .with([text("resourceArn", "`acs:fc:{region}:{account}:services/{service}` or `services/{service}`.").required()])
            .gives(Answer::json::<TagsOut>())
            .fails(&[ServiceNotFound]),
        Action::TagResource => op("Puts tags on a service.")
            .takes(Body::Json(of::<TagIn>))
            .gives(Answer::json::<TaggedOut>())
            .fails(&[ServiceNotFound, LimitExceededError]),
        Action::UntagResource => {
            op("Takes tags off a service.").takes(Body::Json(of::<UntagIn>)).gives(Answer::json::<TaggedOut>()).fails(&[ServiceNotFound])
        }
        Action::ListTaggedResources => op("Lists the services that have tags, by name.").paged().gives(list::<TagsOut>("resources")),
        _ => return None,
    })
}

fn invocations(action: Action) -> Option<Description> {
    Some(match action {
        Action::InvokeFunction => op("Runs an event function and waits for its end, or accepts an asynchronous invocation.")
            .qualified()
            .with(invocation_headers())
            .takes(Body::Bytes)
            .gives(Answer::result())
            .gives(Answer::accepted())
            .fails(&[StatefulAsyncInvocationAlreadyExists, TriggerNotFound, ResourceExhausted, ClientClosedRequest])
            .fails(&[CAFileNotFound, CAFilePermission, CAExited]),
        Action::ListStatefulAsyncInvocations => op("Lists the tasks of a function and qualifier by the time of their start.")
            .with([
                text("qualifier", "The qualifier that they were submitted to; `LATEST` by default."),
                integer("limit", 1, i64::from(limits::PAGE_ROWS_MAX), "Rows of a page, 50 by default."),
                text("nextToken", "Where an earlier page ended; opaque. A page may be short, or empty, and still have one."),
                one_of("status", &TaskStatus::ALL.map(TaskStatus::as_str), "Only tasks in this state; may be given several times."),
                text("invocationIdPrefix", "What ids begin with."),
                param("query", "startedTimeBegin", "Milliseconds since the epoch, inclusive.", instant),
                param("query", "startedTimeEnd", "Milliseconds since the epoch, inclusive.", instant),
                one_of("sortOrderByTime", &["asc", "desc"], "The newest first by default."),
                param("query", "includePayload", "With the events.", flag),
            ])
            .gives(list::<TaskOut>("invocations")),
        Action::GetStatefulAsyncInvocation => op("Reads a task.").qualified().gives(Answer::json::<OneTaskOut>()),
        Action::StopStatefulAsyncInvocation => {
            op("Stops a task: after `Stopped` none of its processes is left.").qualified().gives(Answer::json::<Empty>())
        }
        Action::ListStatefulAsyncInvocationFunctions => {
            op("Lists the functions and qualifiers with task mode on.").paged().gives(list::<TaskFunctionOut>("data"))
        }
        Action::ListInstances => op("Lists the instances that serve a request or could be given one.")
            .qualified()
            .with([
                integer("limit", 0, i64::from(limits::INSTANCE_PAGE_ROWS_MAX), "Rows; 0 means as many as there may be."),
                text("instanceIds.1", "Only these; the next one is `instanceIds.2`."),
                text("instanceIds", "The same in the legacy SDKs' way: given several times."),
            ])
            .gives(Answer::json::<Vec<InstanceOut>>().named("instances")),
        Action::InstanceExec => op("Runs a command in an instance, over a websocket: one message is a channel's byte and data.")
            .qualified()
            .with([
                text("command", "A word of the command; may be given several times. A shell by default."),
                param("query", "stdin", "Attach it; `true` by default.", flag),
                param("query", "stdout", "Attach it; `true` by default.", flag),
                param("query", "stderr", "Attach it; `false` by default.", flag),
                param("query", "tty", "On a terminal; `true` by default.", flag),
                integer("idleTimeout", 1, 3_600, "Seconds without traffic after which the command is ended, 120 by default."),
            ])
            .gives(Answer::upgraded())
            .fails(&[ResourceExhausted]),
        _ => return None,
    })
}

/// Operations that only Taskyard has.
fn ours(action: Action) -> Option<Description> {
    Some(match action {
        Action::GetStatefulAsyncInvocationLogs => op("Our addition: reads the log lines of a task, of all its attempts, in their order.")
            .qualified()
            .with([
                integer("limit", 1, i64::from(limits::LOG_PAGE_LINES_MAX), "Lines of a page, 1,000 by default."),
                text("nextToken", "Where an earlier page ended; opaque."),
                integer("startLine", 0, i64::from(u32::MAX), "The first line, counted from 0; not beside what searches."),
                param("query", "from", "Milliseconds since the epoch, inclusive.", instant),
                param("query", "to", "Milliseconds since the epoch, inclusive.", instant),
                text("text", "Only lines that have it, whatever the case of its ASCII letters."),
                one_of("level", &LogLevel::ALL.map(LogLevel::as_str), "Only lines of this level; may be given several times."),
            ])
            .gives(Answer::json::<LogsOut>()),
        Action::GetQueue => op("Our addition: reads what holds back waiting tasks.").gives(Answer::json::<QueueOut>()),
        Action::PutQueue => {
            op("Our addition: pauses, resumes or limits waiting tasks.").takes(Body::Json(of::<QueueIn>)).gives(Answer::json::<QueueOut>())
        }
        Action::DrainInstance => {
            op("Our addition: gives an instance no more requests; it ends with the last one that it serves.").gives(Answer::json::<Empty>())
        }
        Action::PurgeQueue => op("Our addition: stops every task of the function that waits.").gives(Answer::json::<PurgeOut>()),
        _ => return None,
    })
}

fn checksum() -> Param {
    param("header", "X-Fc-Code-Checksum", "CRC-64/XZ of the archive in decimal: what arrives has to have it.", of::<String>)
}

fn invocation_headers() -> [Param; 5] {
    let header = |param: Param| Param { place: "header", ..param };
    [
        header(one_of("X-Fc-Invocation-Type", &["Sync", "Async"], "`Sync` by default.")),
        header(one_of("X-Fc-Log-Type", &["None", "Tail"], "`Tail`: the last 4 KB of log, of a synchronous call.")),
        header(text("X-Fc-Stateful-Async-Invocation-Id", "The task's id; the request's id by default.")),
        param("header", "X-Fc-Stateful-Async-Invocation-Enable", "`true`: a task, whatever the configuration says.", flag),
        header(integer("X-Fc-Async-Delay", 0, 3_600, "Seconds by which an asynchronous call is delayed.")),
    ]
}
