use super::error_text::ErrorText;
use super::history::Step;
use super::preview::Preview;
use super::record::Record;
use crate::error::Result;
use leptos::prelude::*;
use model::{
    Delivery, FunctionName, FunctionRef, LogLine, LogQuery, Qualifier, Region, ServiceName, ServiceRef, StateCounts, TaskId, TaskRef,
    TriggerName, UnixMillis, WaitReason,
};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// Lines of a log that one call returns.
pub(super) const LOG_LINES: u32 = model::limits::LOG_PAGE_LINES_DEFAULT;

/// A page of the list of a function, or of a region, with the counts above it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskPage {
    /// The query that it answers.
    pub query: String,
    pub rows: Vec<Record>,
    /// Empty on the last page.
    pub next_token: String,
    pub counts: StateCounts,
    /// Of `LATEST`; in the list of a region always on.
    pub task_mode: bool,
    /// The server's clock.
    pub now: UnixMillis,
    /// Markup of the views over the list, and of what holds its tasks back.
    pub views: String,
    /// Markup of the form for its columns.
    pub columns: String,
    /// Classes that hide those that are not chosen.
    pub without: String,
    /// In the list of a region `service/function` of those that have tasks, by name: a line each, so that a function's list reads no more.
    pub functions: String,
    /// Not everything was looked at.
    pub is_partial: bool,
}

/// Tasks of a function; `query` is the list's own query string.
#[server(input = Json)]
pub async fn tasks(function: FunctionRef, query: String) -> Result<TaskPage> {
    use crate::routes::{FunctionPage, Route};
    let (console, user) = crate::server::signed_in()?;
    let filters = super::filters::Filters::read(&query);
    let counts = console.control.count_tasks(&function).await?;
    let page = console.control.list_tasks(&function, &filters.filter).await?;
    let task_mode = read::async_config(&console, &function).await?.is_some_and(|config| config.task_mode());
    let rows = page.items.iter().map(Record::of).collect();
    let list = Route::Function(function.clone(), FunctionPage::Tasks);
    let of_table = super::rows::COLUMNS[0];
    let (columns, without) = (super::columns::form(&list, &filters, of_table), super::columns::without(&filters, of_table));
    let mut views = crate::pages::views::views_bar(&console, &user, &list, &query).await?;
    let back = format!("{}{query}", list.path());
    views.push_str(&crate::pages::function::queue_markup(&console, function.region.clone(), Some(function), &back).await);
    let (next_token, now) = (page.next_token, console.control.now());
    Ok(TaskPage { query, rows, next_token, counts, task_mode, now, views, columns, without, functions: String::new(), is_partial: false })
}

/// A task's record and history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Details {
    pub record: Record,
    pub qualifier: Qualifier,
    /// Execution time of the last attempt that ended.
    pub duration_ms: i64,
    pub expires_at: UnixMillis,
    /// The delivery of the outcome; `None` while there is none.
    pub delivery: Option<Delivery>,
    /// Why it waits; `None` when it does not.
    pub wait: Option<WaitReason>,
    pub origin: Option<TaskId>,
    /// The trigger that submitted it.
    pub trigger: Option<TriggerName>,
    /// The function that its outcome goes to.
    pub outcome_to: Option<FunctionRef>,
    /// The tasks made from it, the latest first; at most `limits::REEXECUTIONS_SHOWN_MAX`.
    pub reexecuted_as: Vec<TaskId>,
    pub error: ErrorText,
    pub steps: Vec<Step>,
    pub result: Option<Preview>,
    /// Seconds of one execution; `None` when the function is gone.
    pub timeout_s: Option<u64>,
    /// The server's clock.
    pub now: UnixMillis,
}

/// All that a task's page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Whole {
    pub details: Details,
    /// The event that it was submitted with.
    pub input: Preview,
    pub log: LogPart,
}

/// All that a task's page shows, with the part of its log that the page's query string asks for.
#[server(input = Json)]
pub async fn whole_task(task: TaskRef, query: String) -> Result<Whole> {
    let (console, _) = crate::server::signed_in()?;
    let found = read::task(&console, &task).await?;
    let payload = found.payload.clone().unwrap_or_default();
    let log = read::asked_log(&console, &task, &query).await?;
    Ok(Whole { details: read::details(&console, found).await, input: Preview::of(&payload, payload.len() as u64), log })
}

/// What can change of a task, apart from its log.
#[server(input = Json)]
pub async fn task_now(task: TaskRef) -> Result<Details> {
    let (console, _) = crate::server::signed_in()?;
    let found = read::task(&console, &task).await?;
    Ok(read::details(&console, found).await)
}

/// A part of a task's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogPart {
    /// Number of the first line, counted from 0.
    pub from: u64,
    /// Lines with their numbers; some are left out where something is looked for.
    pub lines: Vec<(u64, LogLine)>,
    /// True when there are more lines already.
    pub has_more: bool,
    /// What the lines were looked for by; `None` when they are all there.
    pub found_by: Option<LogQuery>,
}

/// Lines of a task's log from line `from` on.
#[server(input = Json)]
pub async fn task_log(task: TaskRef, from: u64) -> Result<LogPart> {
    let (console, _) = crate::server::signed_in()?;
    read::log(&console, &task, from).await
}

/// The tag of a service that says production; `None` too for a service that is gone.
#[server(input = Json)]
pub async fn production_tag(service: ServiceRef) -> Result<Option<String>> {
    let (console, _) = crate::server::signed_in()?;
    let tags = match console.control.service_tags(&service).await {
        Err(error) if error.code == model::ErrorCode::ServiceNotFound => return Ok(None),
        tags => tags?,
    };
    Ok(tags.production().map(|(name, value)| crate::pages::services::print_tag(name, value)))
}

/// The task of a row's button: a list of several functions has no fields for one, and the names stand before the id.
pub(super) fn named(region: Region, service: Option<ServiceName>, function: Option<FunctionName>, id: &str) -> TaskRef {
    let mut words = id.splitn(3, '/');
    let mut word = || words.next().unwrap_or_default();
    let (service, function, id) = match (service, function) {
        (Some(service), Some(function)) => (service, function, id),
        _ => (ServiceName::from_stored(word()), FunctionName::from_stored(word()), word()),
    };
    FunctionRef { region, service, function }.task(TaskId::from_stored(id))
}

/// Asks for a stop and leads back to where it was asked for.
#[server]
pub async fn stop_task(
    region: Region,
    #[server(default)] service: Option<ServiceName>,
    #[server(default)] function: Option<FunctionName>,
    id: String,
    back: String,
) -> Result<()> {
    use crate::notice::Notice;
    use model::{ErrorCode, TaskStatus};
    let (console, user) = crate::server::signed_in()?;
    let task = named(region, service, function, &id);
    let notice = match console.control.stop_task(&task, &user).await {
        Ok(TaskStatus::Stopping) => Notice::TaskStopping,
        Ok(_) => Notice::TaskStopped,
        Err(error) if error.code == ErrorCode::InvalidArgument => read::lost_stop(read::task(&console, &task).await?.status),
        Err(error) => return Err(error.into()),
    };
    crate::server::redirect(&read::back_with(&back, notice, &task.id));
    Ok(())
}

/// Sends the outcome of a task to its destination again and leads back to the task.
#[server]
pub async fn redeliver(region: Region, service: ServiceName, function: FunctionName, id: TaskId) -> Result<()> {
    use crate::{notice::Notice, routes::Route, server};
    let (console, user) = server::signed_in()?;
    let task = FunctionRef { region, service, function }.task(id);
    console.control.redrive_destination(&task, &user).await?;
    server::redirect(&Route::task(&task).with_notice(Notice::DeliveryAsked));
    Ok(())
}

/// Submits a new task with the same input and leads to it.
#[server]
pub async fn reexecute_task(
    region: Region,
    #[server(default)] service: Option<ServiceName>,
    #[server(default)] function: Option<FunctionName>,
    id: String,
) -> Result<()> {
    use crate::{notice::Notice, routes::Route, server};
    let (console, user) = server::signed_in()?;
    let task = named(region, service, function, &id);
    let new = console.control.reexecute_task(&task, &user).await?;
    server::redirect(&Route::task(&task.function.task(new)).with_notice(Notice::TaskReexecuted));
    Ok(())
}

#[cfg(feature = "ssr")]
pub(super) mod read {
    use super::super::log_filter;
    use super::*;
    use crate::error::ConsoleError;
    use crate::notice::Notice;
    use crate::routes;
    use crate::server::Console;
    use model::{AsyncConfig, Destination, ErrorCode, Task, TaskStatus};

    /// The function's asynchronous configuration, if it has one.
    pub async fn async_config(console: &Console, function: &FunctionRef) -> Result<Option<AsyncConfig>> {
        match console.control.get_async_config(function, &Qualifier::latest()).await {
            Ok(config) => Ok(Some(config)),
            Err(error) if error.code == ErrorCode::AsyncConfigNotExists => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A task, or the words of SC-18 for one that there is not.
    pub async fn task(console: &Console, task: &TaskRef) -> Result<Task> {
        console.control.get_task(task).await.map_err(|error| match (error.code, console.control.retention_days()) {
            (ErrorCode::StatefulAsyncInvocationNotFound, 0) => ConsoleError::new(error.code, t!("No task with this ID.")),
            (ErrorCode::StatefulAsyncInvocationNotFound, days) => {
                ConsoleError::new(error.code, t!("No task with this ID. Records are kept for {days} days.", days))
            }
            _ => error.into(),
        })
    }

    pub async fn details(console: &Console, task: Task) -> Details {
        let timeout_s = console.control.get_function(&task.function).await.ok().map(|function| function.spec.timeout_s);
        // Without a status there is none, and nothing to ask for.
        let delivery = match task.destination_status.is_empty() {
            true => None,
            false => console.control.get_delivery(&task.task_ref()).await.ok().flatten(),
        };
        // One more thing to know about the task; its page is worth having without it.
        let wait = console.control.wait_reason(&task.task_ref()).await.ok().flatten();
        let reexecuted_as = console.control.reexecutions(&task.task_ref()).await.unwrap_or_default();
        let outcome_to = delivery.as_ref().and_then(|delivery| match Destination::parse(&delivery.target, &task.function.region) {
            Ok(Destination::Function { function, .. }) => Some(function),
            _ => None,
        });
        Details {
            record: Record::of(&task),
            qualifier: task.qualifier,
            duration_ms: task.duration_ms,
            expires_at: task.expires_at,
            delivery,
            wait,
            origin: task.origin,
            trigger: task.trigger,
            outcome_to,
            reexecuted_as,
            error: ErrorText::read(&task.error_kind, &task.error_message),
            steps: task.events.iter().map(Step::of).collect(),
            result: task.result.map(|result| Preview::of(&result, task.result_bytes)),
            timeout_s,
            now: console.control.now(),
        }
    }

    /// What the page's address asks for: lines from one on, or those that are looked for.
    pub async fn asked_log(console: &Console, task: &TaskRef, query: &str) -> Result<LogPart> {
        let asked = log_filter::read(query);
        if !log_filter::is_active(&asked) {
            return log(console, task, log_filter::from_line(query)).await;
        }
        let page = console.control.search_task_log(task, &LogQuery { limit: LOG_LINES, ..asked.clone() }).await?;
        let lines: Vec<(u64, LogLine)> = page.items.into_iter().map(|entry| (entry.number, entry.line)).collect();
        let from = lines.first().map_or(0, |(number, _)| *number);
        let found_by = Some(LogQuery { next_token: page.next_token, ..asked });
        Ok(LogPart { from, has_more: found_by.as_ref().is_some_and(|query| !query.next_token.is_empty()), lines, found_by })
    }

    /// Lines of a task's log from line `from` on.
    pub async fn log(console: &Console, task: &TaskRef, from: u64) -> Result<LogPart> {
        let page = console.control.task_log(task, from, LOG_LINES).await?;
        let has_more = !page.next_token.is_empty();
        Ok(LogPart { from, lines: (from..).zip(page.items).collect(), has_more, found_by: None })
    }

    /// What to say of a stop that came after the end.
    pub fn lost_stop(status: TaskStatus) -> Notice {
        match status {
            TaskStatus::Succeeded => Notice::StopLostSucceeded,
            TaskStatus::Failed => Notice::StopLostFailed,
            TaskStatus::Expired => Notice::StopLostExpired,
            TaskStatus::Invalid => Notice::StopLostInvalid,
            _ => Notice::StopLostStopped,
        }
    }

    /// The page that a form was on, saying what was done to which task.
    pub fn back_with(back: &str, notice: Notice, task: &TaskId) -> String {
        let back = routes::safe_next(back);
        let (path, search) = back.split_once('?').unwrap_or((&back, ""));
        let mut pairs = routes::pairs(search);
        pairs.retain(|(name, _)| name != "notice" && name != "task");
        pairs.push(("notice".to_owned(), notice.as_str().to_owned()));
        pairs.push(("task".to_owned(), task.to_string()));
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        format!("{path}{}", routes::query(&pairs))
    }
}
