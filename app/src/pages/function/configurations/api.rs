use crate::error::Result;
use crate::pages::create_function::Lifecycle;
use leptos::prelude::*;
use model::{FunctionName, FunctionRef, Region, RuntimeName, ServiceName, UnixMillis};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;
use std::collections::BTreeMap;

/// What the tab shows of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    pub function: FunctionRef,
    pub etag: String,
    pub description: String,
    pub runtime: RuntimeName,
    pub handler: String,
    pub memory_mb: u64,
    pub timeout_s: u64,
    pub instance_concurrency: u32,
    pub environment: BTreeMap<String, String>,
    pub is_http: bool,
    pub disk_mb: u64,
    /// How a custom runtime is started; `None` for other runtimes.
    pub custom: Option<Custom>,
    pub lifecycle: Lifecycle,
    pub created_at: UnixMillis,
    pub modified_at: UnixMillis,
}

/// How a custom runtime is started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custom {
    /// Empty for the file `bootstrap`, or the image's own.
    pub command: String,
    pub port: u16,
    pub image: Option<Image>,
}

/// The image of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    pub name: String,
    /// Empty for the image's own.
    pub args: String,
}

/// The function's configuration as a qualifier shows it; an empty one is `LATEST`.
#[server(input = Json)]
pub async fn read_configuration(function: FunctionRef, qualifier: String) -> Result<Configuration> {
    use crate::pages::create_function::print_command;
    use crate::pages::handler_type;
    use model::Language;
    let (console, _) = crate::server::signed_in()?;
    let stored = console.control.get_function_at(&function, &model::Qualifier::parse(&qualifier)?).await?;
    let spec = &stored.spec;
    let of_custom = || match spec.container() {
        None => Custom { command: print_command(&spec.custom_command()), port: spec.ca_port(), image: None },
        Some(given) => {
            let image = Image { name: given.image, args: print_command(&given.args) };
            Custom { command: print_command(&given.command), port: spec.ca_port(), image: Some(image) }
        }
    };
    let custom = (spec.runtime.language() == Language::Custom).then(of_custom);
    Ok(Configuration {
        is_http: handler_type::is_http(&console, &function).await?,
        disk_mb: spec.disk_mb,
        custom,
        lifecycle: Lifecycle::of(spec),
        function,
        etag: stored.etag,
        description: stored.spec.description,
        runtime: stored.spec.runtime,
        handler: stored.spec.handler,
        memory_mb: stored.spec.memory_mb,
        timeout_s: stored.spec.timeout_s,
        instance_concurrency: stored.spec.instance_concurrency,
        environment: stored.spec.environment,
        created_at: stored.created_at,
        modified_at: stored.modified_at,
    })
}

/// Changes what can be changed after creation; refused when somebody else changed it since `etag` was read.
#[server]
pub async fn modify_configurations(
    region: Region,
    service: ServiceName,
    function: FunctionName,
    etag: String,
    description: String,
    handler: String,
    memory: String,
    timeout: String,
    concurrency: String,
    environment: String,
) -> Result<()> {
    use crate::forms::Checks;
    use crate::pages::create_function::parse_environment;
    use model::{FunctionPatch, limits};
    let (console, _) = crate::server::signed_in()?;
    let mut checks = Checks::default();
    let memory_mb = checks.memory("memory", &memory);
    let timeout_s = checks.number("timeout", &timeout, 1, limits::TIMEOUT_S_MAX, t!("Enter 1 to 86400 seconds."));
    let instance_concurrency = checks.concurrency("concurrency", &concurrency);
    if handler.trim().is_empty() {
        checks.fail("handler", t!("Enter the handler, for example index.handler."));
    }
    let environment = parse_environment(&environment).unwrap_or_else(|message| {
        checks.fail("environment", message);
        Default::default()
    });
    checks.finish()?;
    let patch = FunctionPatch {
        description: Some(description.trim().to_owned()),
        handler: Some(handler.trim().to_owned()),
        memory_mb: Some(memory_mb),
        timeout_s: Some(timeout_s),
        instance_concurrency: Some(instance_concurrency),
        environment: Some(environment),
        ..FunctionPatch::default()
    };
    save(&console, FunctionRef { region, service, function }, patch, &etag).await
}

/// Changes what an instance has, and how a custom runtime is started.
#[server]
pub async fn modify_instance(
    region: Region,
    service: ServiceName,
    function: FunctionName,
    etag: String,
    disk: String,
    command: Option<String>,
    port: Option<String>,
    image: Option<String>,
    args: Option<String>,
) -> Result<()> {
    use crate::forms::Checks;
    use crate::pages::create_function::{read_custom, read_image};
    use model::{FunctionPatch, Qualifier};
    let (console, _) = crate::server::signed_in()?;
    let mut checks = Checks::default();
    let disk_mb = disk.parse::<u64>().ok().filter(|mb| [512, 10_240].contains(mb)).ok_or(());
    let disk_mb = checks.take("disk", disk_mb, t!("Choose a size."));
    let (function, command, args) = (FunctionRef { region, service, function }, command.unwrap_or_default(), args.unwrap_or_default());
    let extra = match (port, image) {
        (None, _) => Default::default(),
        (Some(port), None) => read_custom(&command, &port, &mut checks),
        (Some(port), Some(image)) => {
            let stored = console.control.get_function_at(&function, &Qualifier::latest()).await?.spec.extra;
            let before = stored.get("customContainerConfig").and_then(|config| config.as_object()).cloned().unwrap_or_default();
            read_image((&image, &args), (&command, &port), before, &mut checks)
        }
    };
    checks.finish()?;
    let patch = FunctionPatch { disk_mb: Some(disk_mb), extra, ..FunctionPatch::default() };
    save(&console, function, patch, &etag).await
}

/// Changes initializer and hooks (C-58).
#[server]
pub async fn modify_lifecycle(
    region: Region,
    service: ServiceName,
    function: FunctionName,
    etag: String,
    initializer: String,
    initializer_timeout: String,
    pre_freeze: String,
    pre_freeze_timeout: String,
    pre_stop: String,
    pre_stop_timeout: String,
) -> Result<()> {
    use crate::forms::Checks;
    use model::FunctionPatch;
    let (console, _) = crate::server::signed_in()?;
    let mut checks = Checks::default();
    let text = |name: &str| match name {
        "initializer" => initializer.as_str(),
        "initializer_timeout" => initializer_timeout.as_str(),
        "pre_freeze" => pre_freeze.as_str(),
        "pre_freeze_timeout" => pre_freeze_timeout.as_str(),
        "pre_stop" => pre_stop.as_str(),
        _ => pre_stop_timeout.as_str(),
    };
    let lifecycle = Lifecycle::read(text, &mut checks);
    checks.finish()?;
    let patch = FunctionPatch {
        extra: lifecycle.members(),
        initializer: Some(lifecycle.initializer),
        initialization_timeout_s: Some(lifecycle.initializer_timeout_s),
        ..FunctionPatch::default()
    };
    save(&console, FunctionRef { region, service, function }, patch, &etag).await
}

/// Saves a patch and leads to the tab; refused when somebody else changed the function since `etag` was read.
#[cfg(feature = "ssr")]
async fn save(console: &crate::server::Console, function: FunctionRef, patch: model::FunctionPatch, etag: &str) -> Result<()> {
    use crate::pages::create_function::spec_error_field;
    use crate::{error::ConsoleError, notice::Notice, routes::FunctionPage, routes::Route, server};
    use model::ErrorCode;
    let wish = patch.clone();
    if let Err(error) = console.control.update_function(&function, patch, None, Some(etag)).await {
        return Err(match error.code {
            ErrorCode::PreconditionFailed | ErrorCode::ConcurrentUpdateError => {
                let now = console.control.get_function(&function).await?;
                let message = t!("Somebody changed this function meanwhile. What differs from yours stands beside it; OK saves yours.");
                ConsoleError::changed(error.code, message, now.etag, differing(wish, now.spec))
            }
            _ => match spec_error_field(&error.message) {
                Some(field) => ConsoleError::from(error).at_field(field),
                None => error.into(),
            },
        });
    }
    server::redirect(&Route::Function(function, FunctionPage::Configurations).with_notice(Notice::ConfigurationSaved));
    Ok(())
}

/// Each field of the forms with the user's value and the current one; they are the same where the form does not have the field.
#[cfg(feature = "ssr")]
fn differing(wish: model::FunctionPatch, now: model::FunctionSpec) -> Vec<(&'static str, String, String)> {
    let mine = values(&wish.apply(now.clone()));
    mine.into_iter().zip(values(&now)).map(|((name, mine), (_, now))| (name, mine, now)).collect()
}

#[cfg(feature = "ssr")]
fn values(spec: &model::FunctionSpec) -> Vec<(&'static str, String)> {
    use crate::pages::create_function::{print_command, print_environment};
    let Lifecycle { initializer, initializer_timeout_s, pre_freeze, pre_freeze_timeout_s, pre_stop, pre_stop_timeout_s } =
        Lifecycle::of(spec);
    let (image, args, command) = match spec.container() {
        Some(given) => (given.image, print_command(&given.args), print_command(&given.command)),
        None => (String::new(), String::new(), print_command(&spec.custom_command())),
    };
    vec![
        ("description", spec.description.clone()),
        ("handler", spec.handler.clone()),
        ("memory", format!("{} MB", spec.memory_mb)),
        ("timeout", format!("{} s", spec.timeout_s)),
        ("concurrency", spec.instance_concurrency.to_string()),
        ("environment", print_environment(&spec.environment)),
        ("disk", format!("{} MB", spec.disk_mb)),
        ("image", image),
        ("args", args),
        ("command", command),
        ("port", spec.ca_port().to_string()),
        ("initializer", initializer),
        ("initializer_timeout", format!("{initializer_timeout_s} s")),
        ("pre_freeze", pre_freeze),
        ("pre_freeze_timeout", format!("{pre_freeze_timeout_s} s")),
        ("pre_stop", pre_stop),
        ("pre_stop_timeout", format!("{pre_stop_timeout_s} s")),
    ]
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use model::{FunctionPatch, FunctionSpec};

    #[test]
    fn c85_what_differs_is_told_of_the_fields_that_were_sent() {
        let mut now = FunctionSpec::new(RuntimeName::from_stored("python3"), "index.handler");
        (now.memory_mb, now.description) = (512, "theirs".to_owned());
        let wish = FunctionPatch { memory_mb: Some(256), handler: Some("index.handler".to_owned()), ..FunctionPatch::default() };
        let differing: Vec<_> = differing(wish, now).into_iter().filter(|(_, mine, now)| mine != now).collect();
        assert_eq!(differing, [("memory", "256 MB".to_owned(), "512 MB".to_owned())]);
    }
}
