use crate::error::Result;
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
    pub created_at: UnixMillis,
    pub modified_at: UnixMillis,
}

/// The function's configuration as a qualifier shows it; an empty one is `LATEST`.
#[server(input = Json)]
pub async fn read_configuration(function: FunctionRef, qualifier: String) -> Result<Configuration> {
    let (console, _) = crate::server::signed_in()?;
    let stored = console.control.get_function_at(&function, &model::Qualifier::parse(&qualifier)?).await?;
    Ok(Configuration {
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
    use crate::pages::create_function::{parse_environment, spec_error_field};
    use crate::{error::ConsoleError, forms::Checks, notice::Notice, routes::FunctionPage, routes::Route, server};
    use model::{ErrorCode, FunctionPatch, limits};
    let (console, _) = server::signed_in()?;
    let mut checks = Checks::default();
    let memory_mb = checks.memory("memory", &memory);
    let timeout_s = checks.number("timeout", &timeout, 1, limits::TIMEOUT_S_MAX, "Enter 1 to 86400 seconds.");
    let instance_concurrency = checks.concurrency("concurrency", &concurrency);
    if handler.trim().is_empty() {
        checks.fail("handler", "Enter the handler, for example index.handler.");
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
    let function = FunctionRef { region, service, function };
    console.control.update_function(&function, patch, None, Some(&etag)).await.map_err(|error| match error.code {
        ErrorCode::PreconditionFailed | ErrorCode::ConcurrentUpdateError => ConsoleError::new(
            error.code,
            "Somebody changed this function meanwhile. Reload the page to see the current values; yours are still in the form.",
        ),
        _ => match spec_error_field(&error.message) {
            Some(field) => ConsoleError::from(error).at_field(field),
            None => error.into(),
        },
    })?;
    server::redirect(&Route::Function(function, FunctionPage::Configurations).with_notice(Notice::ConfigurationSaved));
    Ok(())
}
