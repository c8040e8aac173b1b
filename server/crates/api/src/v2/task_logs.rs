//! An operation of our own beside the vendor's: the log lines of a task, all its attempts' in the order in which they were written.

use super::{respond::ok, tasks::find};
use crate::{
    error::{ApiError, ApiResult},
    extract::{Qualified, Query},
    state::ApiState,
};
use axum::{extract::State, response::Response};
use model::{LogLine, LogQuery, TaskRef, limits};
use schemars::JsonSchema;
use serde::Serialize;

/// Parts of the query that make a search of it.
const SEARCHES: [&str; 4] = ["from", "to", "text", "level"];

/// One line.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LineOut {
    /// Within the task, counted from 0.
    line_number: u64,
    /// Milliseconds since the epoch.
    timestamp: i64,
    /// `stdout`, `stderr` or `platform`.
    stream: &'static str,
    /// As its logger wrote it; `null` when it wrote none.
    level: Option<&'static str>,
    message: String,
}

impl LineOut {
    fn new(line_number: u64, line: LogLine) -> Self {
        let (stream, level) = (line.stream.as_str(), line.level.map(|level| level.as_str()));
        Self { line_number, timestamp: line.at.0, stream, level, message: line.text }
    }
}

/// A page of lines.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogsOut {
    logs: Vec<LineOut>,
    /// Empty when there is no more at the moment. A page of a search may be short, or empty, and still have one.
    next_token: String,
    /// What to send as `startLine` to go on reading a log that grows.
    next_line: u64,
}

pub(crate) async fn get(State(state): State<ApiState>, addressed: Qualified<TaskRef>, query: Query) -> ApiResult<Response> {
    if addressed.given.is_some() {
        find(&state, &addressed).await?;
    }
    let wanted = LogQuery::parse(query.pairs())?;
    let start = start_line(&query)?;
    let is_search = SEARCHES.iter().any(|name| query.get(name).is_some());
    Ok(ok(match is_search {
        true => search(&state, &addressed.of, wanted, start).await?,
        false => read(&state, &addressed.of, &wanted, start).await?,
    }))
}

fn start_line(query: &Query) -> ApiResult<Option<u64>> {
    let read = |given: &str| {
        // What a store can count.
        given.parse().ok().filter(|line| *line <= u64::from(u32::MAX)).ok_or_else(|| {
            ApiError::invalid(format!("StartLine is set to an invalid value (allowed: a whole number from 0 on, actual: '{given}')"))
        })
    };
    query.get("startLine").map(read).transpose()
}

async fn read(state: &ApiState, task: &TaskRef, wanted: &LogQuery, start: Option<u64>) -> ApiResult<LogsOut> {
    let from = match wanted.next_token.as_str() {
        "" => start.unwrap_or(0),
        token => token.parse().ok().filter(|line| *line <= u64::from(u32::MAX)).ok_or_else(|| {
            ApiError::invalid("NextToken is set to an invalid value: it has to be one that this operation gave for the same query")
        })?,
    };
    let page = state.control.task_log(task, from, wanted.rows()).await?;
    let logs: Vec<LineOut> = (from..).zip(page.items).map(|(number, line)| LineOut::new(number, line)).collect();
    let next_line = logs.last().map_or(from, |line| line.line_number + 1);
    Ok(LogsOut { logs, next_token: page.next_token, next_line })
}

async fn search(state: &ApiState, task: &TaskRef, wanted: LogQuery, start: Option<u64>) -> ApiResult<LogsOut> {
    if start.is_some() {
        return Err(ApiError::invalid(
            "StartLine can't be given beside from, to, text or level: a search is gone on with by its nextToken",
        ));
    }
    let limit = wanted.limit.min(limits::LOG_PAGE_LINES_MAX);
    let page = state.control.search_task_log(task, &LogQuery { request_id: None, instance_id: None, limit, ..wanted }).await?;
    let logs: Vec<LineOut> = page.items.into_iter().map(|entry| LineOut::new(entry.number, entry.line)).collect();
    let next_line = logs.last().map_or(0, |line| line.line_number + 1);
    Ok(LogsOut { logs, next_token: page.next_token, next_line })
}
