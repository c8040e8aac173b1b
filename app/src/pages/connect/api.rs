use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionRef, Region, TaskRef};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// Where programs reach the region, and how each client is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connected {
    /// Scheme, host and port, as this browser came.
    pub endpoint: String,
    pub account_id: String,
    /// The region of calls that name none.
    pub default_region: Region,
    pub setups: Vec<Setup>,
}

/// One client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// Language and package.
    pub title: String,
    /// The command that installs it; empty where nothing has to be.
    pub install: String,
    /// A program that lists the services.
    pub code: String,
}

/// For this region, at the address that the request came to.
#[server(input = Json)]
pub async fn connection(region: Region) -> Result<Connected> {
    use super::setups::setups;
    let (console, _) = crate::server::signed_in()?;
    let target = read::target(&console, &region);
    let default_region = console.control.regions().into_iter().next().unwrap_or(region);
    Ok(Connected { endpoint: target.endpoint(), account_id: target.account_id.clone(), default_region, setups: setups(&target) })
}

/// A task's record and its submission as programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskPrograms {
    pub read: Vec<Setup>,
    /// Empty for a task of an HTTP function.
    pub submit: Vec<Setup>,
}

/// What a task's page shows, and the submission of its input, as programs.
#[server(input = Json)]
pub async fn task_calls(task: TaskRef) -> Result<TaskPrograms> {
    use super::calls::{Call, programs};
    let (console, _) = crate::server::signed_in()?;
    let found = console.control.get_task(&task).await?;
    let (target, qualifier) = (read::target(&console, &task.function.region), &found.qualifier);
    let event = found.payload.as_deref().unwrap_or_default();
    let submit = match found.http {
        Some(_) => Vec::new(),
        None => programs(&target, &Call::Submit { function: &task.function, qualifier, event }),
    };
    Ok(TaskPrograms { read: programs(&target, &Call::Read { task: &task, qualifier }), submit })
}

/// A submission with the saved event as programs.
#[server(input = Json)]
pub async fn submission_calls(function: FunctionRef) -> Result<Vec<Setup>> {
    use super::calls::{Call, programs};
    use crate::pages::function::tasks::DEFAULT_EVENT;
    use model::Qualifier;
    let (console, _) = crate::server::signed_in()?;
    let event = console.control.get_task_parameters(&function).await?.unwrap_or_else(|| DEFAULT_EVENT.to_owned());
    let target = read::target(&console, &function.region);
    Ok(programs(&target, &Call::Submit { function: &function, qualifier: &Qualifier::latest(), event: event.as_bytes() }))
}

/// The policy that is in force for a function's asynchronous invocations, as programs that set it.
#[server(input = Json)]
pub async fn policy_calls(function: FunctionRef, qualifier: String) -> Result<Vec<Setup>> {
    use super::calls::{Call, Policy, programs};
    use model::{AsyncConfig, Qualifier, limits};
    let (console, _) = crate::server::signed_in()?;
    let config = crate::pages::function::async_policy(function.clone(), qualifier.clone()).await?;
    let qualifier = Qualifier::parse(&qualifier)?;
    let policy = Policy {
        task_mode: config.as_ref().is_some_and(AsyncConfig::task_mode),
        retries: config.as_ref().map_or(limits::RETRY_ATTEMPTS_DEFAULT, AsyncConfig::retries),
        lifetime_s: config.as_ref().map_or(limits::EVENT_AGE_S_DEFAULT, AsyncConfig::event_age_s),
    };
    let target = read::target(&console, &function.region);
    Ok(programs(&target, &Call::Policy { function: &function, qualifier: &qualifier, policy }))
}

#[cfg(feature = "ssr")]
mod read {
    use super::super::setups::Target;
    use super::Region;
    use crate::server::Console;

    /// The server as this browser reaches it.
    pub(super) fn target(console: &Console, region: &Region) -> Target {
        Target {
            is_secure: console.secure,
            host: crate::server::host(),
            region: region.to_string(),
            account_id: console.account_id.to_string(),
        }
    }
}
