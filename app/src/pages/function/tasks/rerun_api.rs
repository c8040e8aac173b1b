use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionName, Region, ServiceName, TaskId, TaskRef};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// What the form of a re-execution with changes shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RerunSetup {
    /// Names this opening of the form, so that a form sent twice makes one task.
    pub once: String,
    /// The event of the earlier task.
    pub event: String,
}

/// What the form of a re-execution with changes shows.
#[server(input = Json)]
pub async fn rerun_facts(task: TaskRef) -> Result<RerunSetup> {
    let (console, _) = crate::server::signed_in()?;
    let found = read::origin(&console, &task).await?;
    let payload = found.payload.unwrap_or_default();
    Ok(RerunSetup { once: console.request_id.to_string(), event: String::from_utf8_lossy(&payload).into_owned() })
}

/// Submits a task with this event, linked to the earlier one, and leads to it.
#[server]
pub async fn reexecute_with_changes(
    region: Region,
    service: ServiceName,
    function: FunctionName,
    origin: TaskId,
    once: String,
    event: String,
    id_method: String,
    task_id: String,
    execution: String,
    delay_s: String,
) -> Result<()> {
    use super::submit_api::read::{Wish, check_size, once_only, request_id_of};
    use crate::{notice::Notice, routes::Route, server};
    use model::{FunctionRef, Rerun};
    let (console, user) = server::signed_in()?;
    let function = FunctionRef { region, service, function };
    let task = function.task(origin);
    // Browsers send line ends of forms as two bytes; the event has what was typed.
    let payload = event.replace("\r\n", "\n").into_bytes();
    check_size(payload.len()).map_err(|error| error.at_field("event"))?;
    // What is wrong with the earlier task itself, the submission says.
    let age_s = match read::origin(&console, &task).await {
        Ok(found) => read::lifetime_s(&console, &found).await?,
        Err(_) => u64::MAX,
    };
    let wish = Wish::read(&id_method, &task_id, &execution, &delay_s, age_s)?;
    let request_id = request_id_of(&once, wish.task_id.as_ref());
    let id = wish.task_id.clone().unwrap_or_else(|| TaskId::from_stored(request_id.as_str()));
    let task_id = wish.task_id.map(|id| id.to_string());
    let rerun = Rerun { request_id: request_id.clone(), task_id, delay_s: wish.delay_s, payload };
    let sent = console.control.reexecute_with(&task, rerun, &user).await.map(drop);
    let id = once_only(&console, function.task(id), &request_id, sent).await?;
    server::redirect(&Route::task(&function.task(id)).with_notice(Notice::TaskSubmitted));
    Ok(())
}

#[cfg(feature = "ssr")]
mod read {
    use super::super::api::read::task;
    use super::{Result, TaskRef};
    use crate::server::Console;
    use model::{Error, ErrorCode, Task, limits};

    /// The task that is to be run again. Fails when it can't be.
    pub async fn origin(console: &Console, origin: &TaskRef) -> Result<Task> {
        let found = task(console, origin).await?;
        match found.reexecute_refusal() {
            Some(refusal) => Err(Error::invalid(refusal).into()),
            None => Ok(found),
        }
    }

    /// Seconds that a task of the same qualifier may wait.
    pub async fn lifetime_s(console: &Console, task: &Task) -> Result<u64> {
        match console.control.get_async_config(&task.function, &task.qualifier).await {
            Ok(config) => Ok(config.event_age_s()),
            Err(error) if error.code == ErrorCode::AsyncConfigNotExists => Ok(limits::EVENT_AGE_S_DEFAULT),
            Err(error) => Err(error.into()),
        }
    }
}
