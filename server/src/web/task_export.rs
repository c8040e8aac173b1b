//! The tasks that a list shows as a file, streamed: the server holds one page of them at a time.

use super::csv;
use super::download::refused;
use app::routes::Route;
use app::server::{Console, task_filter};
use axum::body::{Body, Bytes};
use axum::extract::{Extension, RawQuery};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use futures::{Stream, stream};
use model::limits::{EXPORT_ROWS_MAX, PAGE_ROWS_MAX};
use model::{ControlPlane, FunctionName, FunctionRef, Page, Region, ServiceName, Task, TaskFilter, format};
use std::sync::Arc;

/// Names of the columns; those of the API, where it has them.
const COLUMNS: [&str; 15] = [
    "invocationId",
    "status",
    "qualifier",
    "submittedTime",
    "startedTime",
    "endTime",
    "durationMs",
    "attempts",
    "retries",
    "requestId",
    "instanceId",
    "error",
    "errorMessage",
    "destinationStatus",
    "reexecutionOf",
];

/// Which tasks, and in which form.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    function: FunctionRef,
    filter: TaskFilter,
    /// A line a JSON object instead of a row of cells.
    as_json: bool,
}

fn wanted(query: &str) -> model::Result<Wanted> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let get = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).unwrap_or_default();
    let function = FunctionRef {
        region: Region::from_stored(get("region")),
        service: ServiceName::from_stored(get("service")),
        function: FunctionName::from_stored(get("function")),
    };
    // From the first page on, whatever page of the list is shown.
    let filter = TaskFilter { limit: PAGE_ROWS_MAX, next_token: String::new(), ..task_filter(query)? };
    Ok(Wanted { function, filter, as_json: get("format") == "jsonl" })
}

/// Every task that the filter shows, in the list's order.
pub(super) async fn file(Extension(console): Extension<Console>, RawQuery(query): RawQuery) -> Response {
    if console.user.is_none() {
        return Redirect::to(&Route::SignIn.path()).into_response();
    }
    let wanted = match wanted(query.as_deref().unwrap_or_default()) {
        Ok(wanted) => wanted,
        Err(error) => return refused(&error),
    };
    let control: Arc<dyn ControlPlane> = console.control.clone();
    // Fails here, with a status, and not in the middle of the file.
    let first = match control.list_tasks(&wanted.function, &wanted.filter).await {
        Ok(first) => first,
        Err(error) => return refused(&error),
    };
    let (kind, ending) = if wanted.as_json { ("application/jsonl", "jsonl") } else { ("text/csv", "csv") };
    // Names of stored functions are plain; what is not was never found.
    let name = format!("attachment; filename=\"{}-tasks.{ending}\"", wanted.function.function);
    let headers = [(header::CONTENT_TYPE, format!("{kind}; charset=utf-8")), (header::CONTENT_DISPOSITION, name)];
    (headers, Body::from_stream(pages(control, wanted, first, EXPORT_ROWS_MAX))).into_response()
}

/// Where a file is.
struct Writing {
    control: Arc<dyn ControlPlane>,
    wanted: Wanted,
    /// `None` once the file has ended.
    read: Option<model::Result<Page<Task>>>,
    /// Rows that it may still get.
    left: u64,
    is_first: bool,
}

/// The pages one after the other; one that can't be read breaks the file off, so that nobody takes it for the whole.
fn pages(control: Arc<dyn ControlPlane>, wanted: Wanted, first: Page<Task>, most: u64) -> impl Stream<Item = Result<Bytes, model::Error>> {
    let writing = Writing { control, wanted, read: Some(Ok(first)), left: most, is_first: true };
    stream::unfold(writing, move |mut writing| async move {
        let found = match writing.read.take()? {
            Ok(found) => found,
            Err(error) => return Some((Err(error), writing)),
        };
        let mut text = match std::mem::take(&mut writing.is_first) && !writing.wanted.as_json {
            true => csv::line(COLUMNS),
            false => String::new(),
        };
        let rows = usize::try_from(writing.left).unwrap_or(usize::MAX).min(found.items.len());
        found.items.iter().take(rows).for_each(|task| text.push_str(&print(task, writing.wanted.as_json)));
        writing.left -= rows as u64;
        if rows < found.items.len() {
            text.push_str(&notice(most, writing.wanted.as_json));
        } else if !found.next_token.is_empty() {
            writing.wanted.filter.next_token = found.next_token;
            writing.read = Some(writing.control.list_tasks(&writing.wanted.function, &writing.wanted.filter).await);
        }
        Some((Ok(Bytes::from(text)), writing))
    })
}

/// The last line of a file that is not the whole.
fn notice(most: u64, as_json: bool) -> String {
    let words = format!("Only the first {} tasks are in this file. Narrow the filters to export the others.", format::count(most));
    if as_json { format!("{}\n", serde_json::json!({ "notice": words })) } else { csv::line([words.as_str()]) }
}

fn print(task: &Task, as_json: bool) -> String {
    let text = format::rfc3339;
    let started = (task.attempt > 0).then(|| text(task.started_at));
    let instance = task.instance_id.as_ref().map(|id| id.as_str());
    let origin = task.origin.as_ref().map(|id| id.as_str());
    if as_json {
        let json = serde_json::json!({
            "invocationId": task.id,
            "status": task.status,
            "qualifier": task.qualifier,
            "submittedTime": text(task.submitted_at),
            "startedTime": started,
            "endTime": task.ended_at.map(text),
            "durationMs": task.duration_ms,
            "attempts": task.attempt,
            "retries": task.retried,
            "requestId": task.request_id,
            "instanceId": instance,
            "error": task.error_kind,
            "errorMessage": task.error_message,
            "destinationStatus": task.destination_status,
            "reexecutionOf": origin,
        });
        return format!("{json}\n");
    }
    csv::line([
        task.id.as_str(),
        task.status.as_str(),
        task.qualifier.as_str(),
        &text(task.submitted_at),
        &started.unwrap_or_default(),
        &task.ended_at.map(text).unwrap_or_default(),
        &task.duration_ms.to_string(),
        &task.attempt.to_string(),
        &task.retried.to_string(),
        task.request_id.as_str(),
        instance.unwrap_or_default(),
        &task.error_kind,
        &task.error_message,
        &task.destination_status,
        origin.unwrap_or_default(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use crate::config::Config;
    use crate::{wiring, wiring::App};
    use clap::Parser;
    use futures::StreamExt;
    use model::{
        AsyncConfigPatch, Code, FunctionSpec, Origin, Qualifier, RequestId, RuntimeName, ServiceRef, ServiceSpec, SubmitRequest,
        TaskStatus, UnixMillis,
    };
    use tokio_util::sync::CancellationToken;

    #[test]
    fn b19_a_query_is_that_of_the_list() {
        let found =
            wanted("region=r&service=s&function=f&status=Failed&from=2026-11-24T12:01:05&nextToken=1-2&format=jsonl&limit=10").unwrap();
        let filter = TaskFilter {
            statuses: vec![TaskStatus::Failed],
            started_from: Some(UnixMillis(1_795_521_665_000)),
            limit: PAGE_ROWS_MAX,
            ..TaskFilter::default()
        };
        assert_eq!((found.filter, found.as_json), (filter, true));
        assert!(wanted("region=r&service=s&function=f&status=Loud").is_err());
        assert!(wanted("region=r&service=s&function=f&from=yesterday").is_err());
    }

    async fn submit(app: &App, function: &FunctionRef, id: &str) {
        let request = SubmitRequest {
            function: function.clone(),
            qualifier: Qualifier::latest(),
            request_id: RequestId::from_stored(format!("request-{id}")),
            task_id: Some(id.to_owned()),
            force_task: true,
            delay_s: 3_600,
            payload: Vec::new(),
            http: None,
            origin: Origin::Api,
        };
        app.engine.submit(request).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn b19_a_file_holds_every_page_and_says_where_it_was_cut() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("data");
        let flags = ["taskyard", "serve", "--data-dir", data_dir.to_str().unwrap(), "--regions", "r1", "--admin-password", "a-password"];
        let Verb::Serve(args) = Cli::try_parse_from(flags).unwrap().verb else { panic!("another verb") };
        let config = Config::from_args(*args).unwrap();
        let app = wiring::start(&config, config.listen).await.unwrap();
        let control = wiring::web_state(&app, &config, &CancellationToken::new()).control;
        let service = ServiceRef { region: Region::from_stored("r1"), service: ServiceName::from_stored("demo") };
        control.create_service(&service.region, &service.service, ServiceSpec::default()).await.unwrap();
        let spec = FunctionSpec::new(RuntimeName::from_stored("python3"), "index.handler");
        let made = control
            .create_function(&service, &FunctionName::from_stored("f"), spec, Code::Sample, Some(AsyncConfigPatch::default()))
            .await
            .unwrap();
        for n in 0..5 {
            submit(&app, &made.function_ref(), &format!("t{n}")).await;
        }
        let file = async |as_json: bool, most: u64| {
            let filter = TaskFilter { limit: 2, ..TaskFilter::default() };
            let wanted = Wanted { function: made.function_ref(), filter, as_json };
            let first = control.list_tasks(&wanted.function, &wanted.filter).await.unwrap();
            let parts: Vec<Bytes> = pages(control.clone(), wanted, first, most).map(Result::unwrap).collect().await;
            String::from_utf8(parts.concat()).unwrap()
        };
        let ids = |text: &str| text.lines().map(|line| line.split(',').next().unwrap_or_default().to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(&file(false, 5).await), ["invocationId", "t4", "t3", "t2", "t1", "t0"]);
        let cut = file(false, 3).await;
        assert_eq!(ids(&cut)[..4], ["invocationId", "t4", "t3", "t2"]);
        assert!(cut.ends_with("Only the first 3 tasks are in this file. Narrow the filters to export the others.\r\n"), "{cut}");
        let lines: Vec<serde_json::Value> = file(true, 4).await.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.iter().take(4).map(|line| line["invocationId"].as_str().unwrap()).collect::<Vec<_>>(), ["t4", "t3", "t2", "t1"]);
        assert_eq!((lines[0]["status"].as_str(), lines[0]["startedTime"].as_str()), (Some("Enqueued"), None));
        assert!(lines[4]["notice"].as_str().unwrap().starts_with("Only the first 4 tasks"), "{lines:?}");
    }
}
