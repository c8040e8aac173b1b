//! Logs as files, streamed: the server holds one page of lines at a time.

use super::download::refused;
use app::routes::Route;
use app::server::Console;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, RawQuery};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use futures::{Stream, stream};
use model::{
    ControlPlane, FunctionName, FunctionRef, LogEntry, LogLevel, LogLine, LogQuery, Page, Region, ServiceName, TaskId, TaskRef, format,
};
use std::sync::Arc;

/// Lines read at once.
const LINES: u32 = 2_000;

/// Which log, and which lines of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) function: FunctionRef,
    /// `None`: the function's log.
    pub(super) task: Option<TaskRef>,
    pub(super) query: LogQuery,
    /// First line of a task's log, counted from 0.
    pub(super) from: u64,
    /// A line a JSON object instead of a line of text.
    as_json: bool,
}

/// Reads a query string.
pub(super) fn wanted(query: &str) -> model::Result<Wanted> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let get = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).unwrap_or_default();
    let function = FunctionRef {
        region: Region::from_stored(get("region")),
        service: ServiceName::from_stored(get("service")),
        function: FunctionName::from_stored(get("function")),
    };
    let task = Some(get("task")).filter(|id| !id.is_empty()).map(|id| function.task(TaskId::from_stored(id)));
    Ok(Wanted {
        task,
        function,
        query: LogQuery::parse(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))?,
        from: get("line").parse().unwrap_or_default(),
        as_json: get("format") == "jsonl",
    })
}

/// The whole log of a task or function, or the lines of it that the query wants.
pub(super) async fn file(Extension(console): Extension<Console>, RawQuery(query): RawQuery) -> Response {
    if console.user.is_none() {
        return Redirect::to(&Route::SignIn.path()).into_response();
    }
    let mut wanted = match wanted(query.as_deref().unwrap_or_default()) {
        Ok(wanted) => wanted,
        Err(error) => return refused(&error),
    };
    wanted.query.limit = LINES;
    let control = console.control.clone();
    // Fails here, with a status, and not in the middle of the file.
    let first = match page(&*control, &wanted).await {
        Ok(first) => first,
        Err(error) => return refused(&error),
    };
    let ending = if wanted.as_json { "jsonl" } else { "log" };
    // Names and ids of stored things are plain; what is not was never found.
    let name = wanted.task.as_ref().map_or(wanted.function.function.as_str(), |task| task.id.as_str());
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{ending}\"")),
    ];
    (headers, Body::from_stream(pages(control, wanted, first))).into_response()
}

async fn page(control: &dyn ControlPlane, wanted: &Wanted) -> model::Result<Page<LogEntry>> {
    match &wanted.task {
        Some(task) => control.search_task_log(task, &wanted.query).await,
        None => control.function_log(&wanted.function, &wanted.query).await,
    }
}

/// The pages one after the other; one that can't be read breaks the file off, so that nobody takes it for the whole.
fn pages(control: Arc<dyn ControlPlane>, wanted: Wanted, first: Page<LogEntry>) -> impl Stream<Item = Result<Bytes, model::Error>> {
    stream::unfold((Some(Ok(first)), control, wanted), |(read, control, mut wanted)| async move {
        match read? {
            Err(error) => Some((Err(error), (None, control, wanted))),
            Ok(found) => {
                let is_last = found.next_token.is_empty();
                wanted.query.next_token = found.next_token;
                let text = found.items.iter().map(|entry| print(entry, &wanted)).collect::<String>();
                let next = if is_last { None } else { Some(page(&*control, &wanted).await) };
                Some((Ok(Bytes::from(text)), (next, control, wanted)))
            }
        }
    })
}

fn print(entry: &LogEntry, wanted: &Wanted) -> String {
    let LogLine { at, stream, level, text } = &entry.line;
    let at = format::rfc3339(*at);
    if wanted.as_json {
        let json = serde_json::json!({
            "at": at,
            "stream": stream.as_str(),
            "level": level.map(LogLevel::as_str),
            "requestId": entry.request_id.as_str(),
            "instanceId": entry.instance_id.as_str(),
            "number": entry.number,
            "text": text,
        });
        return format!("{json}\n");
    }
    match &wanted.task {
        Some(_) => format!("{at} {} {text}\n", stream.as_str()),
        None => format!("{at} {} {} {text}\n", entry.request_id, stream.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{InstanceId, LogStream, RequestId, UnixMillis};

    #[test]
    fn i4_a_query_names_a_task_or_a_function_and_lines() {
        let task = wanted("region=r&service=s&function=f&task=t%201&text=a%26b&level=ERROR&line=7").unwrap();
        assert_eq!(task.task.map(|task| task.id.to_string()), Some("t 1".to_owned()));
        assert_eq!((task.query.text.as_str(), task.query.levels.as_slice(), task.from), ("a&b", [LogLevel::Error].as_slice(), 7));
        assert_eq!(wanted("region=r&service=s&function=f").unwrap().task, None);
        assert!(wanted("region=r&service=s&function=f&level=LOUD").is_err());
    }

    #[test]
    fn i4_a_line_of_the_file_says_when_where_and_what() {
        let line = LogLine::new(UnixMillis(1_795_521_665_002), LogStream::Stderr, "2022-04-01T10:04:19.024Z r [WARN] \u{1b}[31mtext");
        let entry = LogEntry { request_id: RequestId::from_stored("r"), instance_id: InstanceId::from_stored("c"), number: 3, line };
        let check = |query: &str, text: &str| assert_eq!(print(&entry, &wanted(query).unwrap()), text);
        check("task=t", "2026-11-24T12:01:05.002Z stderr 2022-04-01T10:04:19.024Z r [WARN] \u{1b}[31mtext\n");
        check("function=f", "2026-11-24T12:01:05.002Z r stderr 2022-04-01T10:04:19.024Z r [WARN] \u{1b}[31mtext\n");
        let json: serde_json::Value = serde_json::from_str(&print(&entry, &wanted("task=t&format=jsonl").unwrap())).unwrap();
        assert_eq!((&json["level"], &json["number"], &json["requestId"]), (&"WARNING".into(), &3.into(), &"r".into()));
    }
}
