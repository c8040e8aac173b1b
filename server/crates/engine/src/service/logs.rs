//! Logs of tasks and functions.

use crate::engine::Core;
use crate::fault::store_fault;
use crate::ports::LogSearch;
use model::{FunctionRef, LogCursor, LogEntry, LogLine, LogQuery, Page, Qualifier, Result, TaskRef};

impl Core {
    pub(crate) async fn task_log(&self, task: &TaskRef, from: u64, limit: u32) -> Result<Page<LogLine>> {
        let row = self.task_row(task).await?;
        self.running.logs.flush(&self.store).await;
        let items = self.store.read_log(&row.task.request_id, from, limit).await.map_err(store_fault)?.lines;
        let is_full = items.len() >= limit as usize;
        let next_token = if is_full { (from + items.len() as u64).to_string() } else { String::new() };
        Ok(Page { items, next_token })
    }

    pub(crate) async fn search_task_log(&self, task: &TaskRef, query: &LogQuery) -> Result<Page<LogEntry>> {
        let row = self.task_row(task).await?;
        let query = LogQuery { request_id: Some(row.task.request_id), ..query.clone() };
        self.search(LogSearch { function: None, query }).await
    }

    pub(crate) async fn function_log(&self, function: &FunctionRef, query: &LogQuery) -> Result<Page<LogEntry>> {
        self.check_function(function, &Qualifier::latest()).await?;
        self.search(LogSearch { function: Some(function.clone()), query: query.clone() }).await
    }

    async fn search(&self, search: LogSearch) -> Result<Page<LogEntry>> {
        if !search.query.next_token.is_empty() {
            LogCursor::parse(&search.query.next_token)?;
        }
        self.running.logs.flush(&self.store).await;
        let hits = self.store.search_logs(&search).await.map_err(store_fault)?;
        Ok(Page { items: hits.entries, next_token: hits.next_token })
    }
}
