use super::super::record::Record;
use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionName, FunctionRef, Region, ServiceName, StateCounts, TaskId, UnixMillis};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// A page of the list with the counts above it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AllTasksView {
    pub rows: Vec<AllTasksRow>,
    /// Empty on the last page.
    pub next_token: String,
    /// Of the functions that are filtered by, exact.
    pub counts: StateCounts,
    /// Functions that have tasks, by name.
    pub functions: Vec<(ServiceName, FunctionName)>,
    /// Not everything was looked at.
    pub is_partial: bool,
    /// The server's clock.
    pub now: UnixMillis,
    /// Markup of the views over the list.
    pub views: String,
}

/// A task and whose it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AllTasksRow {
    pub function: FunctionRef,
    pub record: Record,
}

impl AllTasksRow {
    /// True for this task.
    pub(super) fn is(&self, function: &FunctionRef, id: &TaskId) -> bool {
        self.record.id == *id && self.function == *function
    }
}

/// Tasks of a region; `query` is the list's own query string.
#[server(input = Json)]
pub async fn all_tasks(region: Region, query: String) -> Result<AllTasksView> {
    use crate::routes::{AdminPage, Route};
    let (console, user) = crate::server::signed_in()?;
    let filter = super::filter::AllFilters::read(&query).wanted();
    let found = console.control.list_region_tasks(&region, &filter).await?;
    let rows = found.tasks.iter().map(|task| AllTasksRow { function: task.function.clone(), record: Record::of(task) }).collect();
    let list = Route::Admin(region, AdminPage::AllTasks);
    Ok(AllTasksView {
        rows,
        next_token: found.next_token,
        counts: found.counts,
        functions: found.functions.into_iter().map(|function| (function.service, function.function)).collect(),
        is_partial: found.is_partial,
        now: console.control.now(),
        views: crate::pages::views::views_bar(&console, &user, &list, &query).await?,
    })
}
