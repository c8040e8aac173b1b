use crate::error::Result;
use crate::pages::function::triggers::Upcoming;
use leptos::prelude::*;
use model::{InstalledRuntime, Region, ServiceName};
use serde::{Deserialize, Serialize};
use server_fn::codec::{Json, MultipartData, MultipartFormData};

/// What the form offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choices {
    pub services: Vec<ServiceName>,
    /// Those that this install can run.
    pub runtimes: Vec<InstalledRuntime>,
    /// Of the schedule that a new trigger's form begins with.
    pub upcoming: Upcoming,
}

/// Services of the region and installed runtimes.
#[server(input = Json)]
pub async fn form_choices(region: Region) -> Result<Choices> {
    use crate::pages::function::triggers::{self, Values};
    use model::{ListQuery, TriggerKind, limits};
    let (console, _) = crate::server::signed_in()?;
    let query = ListQuery { limit: limits::PAGE_ROWS_MAX, ..ListQuery::default() };
    let services = console.control.list_services(&region, &query).await?;
    let runtimes = console.control.runtimes().into_iter().filter(InstalledRuntime::is_installed).collect();
    let upcoming = triggers::upcoming(&Values::new(TriggerKind::Timer).times, &console);
    Ok(Choices { services: services.items.into_iter().map(|service| service.name).collect(), runtimes, upcoming })
}

/// Makes a function from a multipart form, its service too when a new one was named; task mode is on when `from` is `tasks`.
#[server(input = MultipartFormData)]
pub async fn create_function(data: MultipartData) -> Result<()> {
    use super::environment::spec_error_field;
    use crate::pages::function::triggers::as_query;
    use crate::{error::ConsoleError, notice::Notice, routes::FunctionPage, routes::Route, server, upload::read_form};
    use model::{Code, ErrorCode, FunctionName, FunctionRef, ServiceRef, ServiceSpec};
    let (console, _) = server::signed_in()?;
    let mut form = read_form(data, "file", &console).await?;
    let region = Region::from_stored(form.text("region"));
    let request = read::request(&form, &console)?;
    let code = match (form.text("method") == "zip", form.take_file()) {
        // Its code is its image.
        _ if request.spec.runtime.is_container() => Code::Zip(Vec::new()),
        (true, None) => return Err(ConsoleError::field("file", t!("Choose a ZIP archive."))),
        (true, Some(bytes)) => Code::Zip(bytes),
        (false, _) if request.is_http => Code::HttpSample,
        (false, _) => Code::Sample,
    };
    let service = ServiceRef { region: region.clone(), service: request.service.clone() };
    if request.service_is_new {
        console.control.create_service(&region, &service.service, ServiceSpec::default()).await.map_err(|error| match error.code {
            ErrorCode::ServiceAlreadyExists => {
                ConsoleError::new(error.code, "").with_field("new_service", t!("A service with this name exists."))
            }
            _ => error.into(),
        })?;
    }
    let name: FunctionName = request.name;
    let made = console.control.create_function(&service, &name, request.spec, code, request.async_config).await;
    if made.is_err() && request.service_is_new {
        // Nothing stays half made; a service that somebody else put a function into meanwhile refuses to go.
        _ = console.control.delete_service(&service, None).await;
    }
    made.map_err(|error| match error.code {
        ErrorCode::FunctionAlreadyExists => {
            let message = t!("A function with this name exists in {service}.", service = service.service);
            ConsoleError::new(error.code, "").with_field("name", message)
        }
        ErrorCode::InvalidArgument => match spec_error_field(&error.message) {
            Some(field) => ConsoleError::from(error).at_field(field),
            None => ConsoleError::from(error).at_field("file"),
        },
        _ => error.into(),
    })?;
    let function = FunctionRef { region: region.clone(), service: service.service, function: name };
    if let Some(values) = &request.trigger
        && read::make_trigger(values, &function, &console).await.is_err()
    {
        // The function is there: its trigger alone is left to do, with what was typed (C-06).
        let mut pairs = as_query(values);
        pairs.push(("notice", Notice::TriggerMissing.as_str()));
        server::redirect(&Route::Function(function, FunctionPage::CreateTrigger).with_query(&pairs));
        return Ok(());
    }
    let to = if request.from_tasks { Route::Tasks(region) } else { Route::Function(function, FunctionPage::Code) };
    server::redirect(&to.with_notice(Notice::FunctionCreated));
    Ok(())
}

#[cfg(feature = "ssr")]
mod read {
    use super::super::custom::{read_custom, read_image};
    use super::super::environment::{parse_environment, spec_error_field};
    use super::super::lifecycle::Lifecycle;
    use super::super::size::{TIME_ZONE, set_time_zone};
    use crate::error::Result;
    use crate::forms::Checks;
    use crate::pages::function::triggers::{self, Values};
    use crate::server::Console;
    use crate::upload::ReadForm;
    use model::{AsyncConfigPatch, FunctionName, FunctionRef, FunctionSpec, Language, RuntimeName, ServiceName, TriggerKind, limits};
    use serde_json::{Map, Value};

    pub struct Request {
        pub from_tasks: bool,
        pub service: ServiceName,
        pub service_is_new: bool,
        pub name: FunctionName,
        pub spec: FunctionSpec,
        pub async_config: Option<AsyncConfigPatch>,
        pub is_http: bool,
        /// The trigger that is made with it.
        pub trigger: Option<Values>,
    }

    /// Makes the trigger of a function that was just made.
    pub async fn make_trigger(values: &Values, function: &FunctionRef, console: &Console) -> Result<()> {
        let (name, spec) = triggers::spec(values, console)?;
        console.control.create_trigger(function, &name, spec).await?;
        Ok(())
    }

    /// Reads all text fields; the error names every wrong one.
    pub fn request(form: &ReadForm, console: &Console) -> Result<Request> {
        let mut checks = Checks::default();
        let (chosen, new) = (form.text("service"), form.text("new_service"));
        let service_is_new = chosen.is_empty();
        let service = ServiceName::parse(if service_is_new { new } else { chosen });
        if service.is_err() {
            let field = if service_is_new { "new_service" } else { "service" };
            checks.fail(
                field,
                t!("Choose a service or enter a new name. Names have 1 to 128 letters, digits, _ or -, starting with a letter or _."),
            );
        }
        let name = FunctionName::parse(form.text("name"));
        if name.is_err() {
            checks.fail("name", t!("Use 1 to 128 letters, digits, _ or -. Do not start with a digit or -."));
        }
        let runtime = RuntimeName::parse(form.text("runtime"));
        if runtime.is_err() {
            checks.fail("runtime", t!("This runtime is not installed."));
        }
        let mut spec = FunctionSpec::new(runtime.clone().unwrap_or(RuntimeName::from_stored("python3")), form.text("handler"));
        if spec.handler.is_empty() {
            checks.fail("handler", t!("Enter the handler, for example index.handler."));
        }
        spec.description = form.text("description").to_owned();
        spec.memory_mb = checks.memory("memory", form.text("memory"));
        let most = limits::TIMEOUT_S_MAX;
        spec.timeout_s = checks.number("timeout", form.text("timeout"), 1, most, t!("Enter 1 to {most} seconds.", most));
        spec.instance_concurrency = checks.concurrency("concurrency", form.text("concurrency"));
        spec.cpu = checks.cpu("cpu", form.text("cpu"));
        checks.memory_per_cpu("memory", spec.memory_mb, spec.cpu);
        if !form.text("disk").is_empty() {
            spec.disk_mb = checks.disk("disk", form.text("disk"));
        }
        match parse_environment(form.text("environment")) {
            Ok(environment) => spec.environment = environment,
            Err(message) => checks.fail("environment", message),
        }
        match (spec.environment.contains_key(TIME_ZONE), form.text("time_zone").trim()) {
            (false, zone) => set_time_zone(&mut spec.environment, zone, &*console.control, &mut checks),
            // The field as it is at first says nothing against the variable.
            (true, "" | "UTC") => {}
            (true, _) => checks.fail("time_zone", t!("TZ is among the environment variables too. Set it once.")),
        }
        let lifecycle = Lifecycle::read(|name| form.text(name), &mut checks);
        spec.initializer = lifecycle.initializer.clone();
        spec.initialization_timeout_s = lifecycle.initializer_timeout_s;
        spec.extra.extend(set(lifecycle.members()));
        if spec.runtime.is_container() {
            let (image, program) = ((form.text("image"), form.text("args")), (form.text("command"), form.text("port")));
            spec.extra.extend(read_image(image, program, Map::new(), &mut checks));
        } else if spec.runtime.language() == Language::Custom {
            spec.extra.extend(set(read_custom(form.text("command"), form.text("port"), &mut checks)));
        }
        let is_http = form.text("handler_type") == "http";
        let kind = if is_http { TriggerKind::Http } else { TriggerKind::Timer };
        let trigger = (is_http || !form.text("with_trigger").is_empty()).then(|| Values::of_form_as(form, kind));
        if let Some(values) = &trigger {
            triggers::check(values, &mut checks, console);
        }
        checks.finish()?;
        if let Err(error) = spec.validate() {
            let field = spec_error_field(&error.message).unwrap_or("name");
            return Err(crate::error::ConsoleError::from(error).at_field(field));
        }
        let from_tasks = form.text("from") == "tasks";
        let task_mode = from_tasks || form.text("task_mode") == "enable";
        Ok(Request {
            from_tasks,
            service: service?,
            service_is_new,
            name: name?,
            spec,
            async_config: task_mode.then(|| AsyncConfigPatch { stateful_invocation: Some(true), ..AsyncConfigPatch::default() }),
            is_http,
            trigger,
        })
    }

    /// The members that have a value.
    fn set(members: Map<String, Value>) -> Map<String, Value> {
        members.into_iter().filter(|(_, value)| !value.is_null()).collect()
    }
}
