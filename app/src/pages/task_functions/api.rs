use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionRef, Page, Region, RuntimeName, UnixMillis};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub function: FunctionRef,
    pub is_http: bool,
    pub runtime: RuntimeName,
    pub waiting: u64,
    pub running: u64,
    pub failed: u64,
    pub last_task_at: Option<UnixMillis>,
}

/// Functions with task mode on whose name contains `search`, from `page` on.
#[server(input = Json)]
pub async fn task_functions(region: Region, search: String, page: String) -> Result<Page<Row>> {
    use crate::pages::handler_type;
    use model::{ListQuery, TaskStatus};
    let (console, _) = crate::server::signed_in()?;
    let query = ListQuery { prefix: search, next_token: page, ..ListQuery::default() };
    let found = console.control.list_task_functions(&region, &query).await?;
    let mut rows = Vec::with_capacity(found.items.len());
    for row in found.items {
        let function = row.function.function_ref();
        rows.push(Row {
            is_http: handler_type::is_http(&console, &function).await?,
            function,
            runtime: row.function.spec.runtime,
            waiting: row.counts.waiting(),
            running: row.counts.running(),
            failed: row.counts.get(TaskStatus::Failed),
            last_task_at: row.last_task_at,
        });
    }
    Ok(Page { items: rows, next_token: found.next_token })
}
