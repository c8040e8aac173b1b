//! What came of each task of a bulk action as a file, streamed: the server holds one page at a time.

use super::csv;
use super::download::refused;
use app::routes::Route;
use app::server::Console;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, Query};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use futures::{Stream, stream};
use model::limits::BULK_PAGE_ROWS_MAX;
use model::{BulkItem, BulkItemQuery, BulkOutcome, ControlPlane, Page, Region, TaskId, TaskRef};
use serde::Deserialize;
use std::sync::Arc;

/// Of which action.
#[derive(Clone, Deserialize)]
pub(super) struct Wanted {
    region: String,
    id: String,
}

/// Every task with its outcome; one that was not reached has none.
pub(super) async fn file(Extension(console): Extension<Console>, Query(wanted): Query<Wanted>) -> Response {
    if console.user.is_none() {
        return Redirect::to(&Route::SignIn.path()).into_response();
    }
    let control: Arc<dyn ControlPlane> = console.control.clone();
    let of_one = match control.get_bulk(&Region::from_stored(wanted.region.as_str()), &wanted.id).await {
        Ok(bulk) => bulk.scope.only().is_some(),
        Err(error) => return refused(&error),
    };
    // Fails here, with a status, and not in the middle of the file.
    let first = match page(&*control, &wanted, String::new()).await {
        Ok(first) => first,
        Err(error) => return refused(&error),
    };
    // Ids of stored actions are plain; what is not was never found.
    let name = format!("attachment; filename=\"outcomes-{}.csv\"", wanted.id);
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    let columns = ["service", "function", "taskId", "result", "reason", "newTaskId"];
    let head = stream::iter([Ok(Bytes::from(line(of_one, columns)))]);
    (headers, Body::from_stream(futures::StreamExt::chain(head, pages(control, wanted, of_one, first)))).into_response()
}

async fn page(control: &dyn ControlPlane, wanted: &Wanted, next_token: String) -> model::Result<Page<BulkItem>> {
    let query = BulkItemQuery { next_token, limit: BULK_PAGE_ROWS_MAX, ..BulkItemQuery::default() };
    control.list_bulk_items(&Region::from_stored(wanted.region.as_str()), &wanted.id, &query).await
}

/// The pages one after the other; one that can't be read breaks the file off, so that nobody takes it for the whole.
fn pages(
    control: Arc<dyn ControlPlane>,
    wanted: Wanted,
    of_one: bool,
    first: Page<BulkItem>,
) -> impl Stream<Item = Result<Bytes, model::Error>> {
    stream::unfold((Some(Ok(first)), control, wanted), move |(read, control, wanted)| async move {
        match read? {
            Err(error) => Some((Err(error), (None, control, wanted))),
            Ok(found) => {
                let text: String = found.items.iter().map(|item| print(of_one, item)).collect();
                let next = if found.next_token.is_empty() { None } else { Some(page(&*control, &wanted, found.next_token).await) };
                Some((Ok(Bytes::from(text)), (next, control, wanted)))
            }
        }
    })
}

/// A line of the file. Whose a task is stands in it where the action is about several functions.
fn line(of_one: bool, cells: [&str; 6]) -> String {
    let [_, _, rest @ ..] = cells;
    if of_one { csv::line(rest) } else { csv::line(cells) }
}

fn print(of_one: bool, item: &BulkItem) -> String {
    let TaskRef { function, id } = &item.task;
    let (outcome, new_task) = (item.outcome.map_or("", BulkOutcome::as_str), item.new_task.as_ref().map_or("", TaskId::as_str));
    line(of_one, [function.service.as_str(), function.function.as_str(), id.as_str(), outcome, &item.reason, new_task])
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{FunctionName, FunctionRef, ServiceName};

    #[test]
    fn b03_a_file_of_several_functions_says_whose_each_task_is() {
        let (service, function) = (ServiceName::from_stored("demo"), FunctionName::from_stored("f"));
        let task = FunctionRef { region: Region::from_stored("r"), service, function }.task(TaskId::from_stored("a"));
        let item = BulkItem { task, outcome: Some(BulkOutcome::Failed), reason: "why".to_owned(), new_task: None };
        assert_eq!(print(true, &item), "a,Failed,why,\r\n");
        assert_eq!(print(false, &item), "demo,f,a,Failed,why,\r\n");
    }
}
