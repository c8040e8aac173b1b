use crate::error::Result;
use leptos::prelude::*;
use model::{FunctionRef, Page, RuntimeName, ServiceRef, UnixMillis};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub function: FunctionRef,
    pub is_http: bool,
    pub runtime: RuntimeName,
    pub memory_mb: u64,
    pub timeout_s: u64,
    /// Of the qualifier.
    pub task_mode: bool,
    pub modified_at: UnixMillis,
}

/// Functions of a service as a qualifier shows them, whose name begins with `search`, from `page` on. An empty qualifier is `LATEST`.
#[server(input = Json)]
pub async fn functions(service: ServiceRef, qualifier: String, search: String, page: String) -> Result<Page<Row>> {
    use crate::pages::handler_type;
    use model::{ListQuery, Qualifier};
    let (console, _) = crate::server::signed_in()?;
    let query = ListQuery { prefix: search, next_token: page, ..ListQuery::default() };
    let qualifier = Qualifier::parse(&qualifier)?;
    let found = console.control.list_functions_at(&service, &qualifier, &query).await?;
    let mut rows = Vec::with_capacity(found.items.len());
    for function in found.items {
        let named = function.function_ref();
        let config = console.control.get_async_config(&named, &qualifier).await;
        rows.push(Row {
            is_http: handler_type::is_http(&console, &named).await?,
            function: named,
            runtime: function.spec.runtime,
            memory_mb: function.spec.memory_mb,
            timeout_s: function.spec.timeout_s,
            task_mode: config.is_ok_and(|config| config.task_mode()),
            modified_at: function.modified_at,
        });
    }
    Ok(Page { items: rows, next_token: found.next_token })
}
