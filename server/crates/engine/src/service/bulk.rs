//! Bulk actions: said beforehand, begun, looked at, ended.

use crate::engine::Core;
use crate::fault::store_fault;
use crate::ports::{FoundTask, ScanCursor, TaskScan};
use model::{
    Bulk, BulkAction, BulkFilter, BulkItem, BulkItemQuery, BulkPreview, BulkRequest, BulkScope, BulkState, Error, ErrorCode, Page,
    Qualifier, Region, Result, Task, limits,
};

/// Tasks looked at by one search.
pub(crate) const SCAN_ROWS: u32 = 2_000;
/// Tasks shown before an action is confirmed.
const SAMPLES: usize = 5;

impl Core {
    pub(crate) async fn preview_bulk(&self, scope: &BulkScope, action: BulkAction, filter: &BulkFilter) -> Result<BulkPreview> {
        self.check_bulk(scope, filter).await?;
        let until = self.store.newest_task().await.map_err(store_fault)?;
        let filter = for_action(filter, action);
        let (mut tasks, mut after, mut looked) = (Vec::new(), None, 0);
        let is_partial = loop {
            let scan = TaskScan { scope, filter: &filter, until, after, rows: SCAN_ROWS };
            let found = self.store.scan_tasks(&scan).await.map_err(store_fault)?;
            tasks.extend(found.tasks);
            looked += SCAN_ROWS;
            if is_full(tasks.len() as u64) {
                break tasks.len() as u64 > limits::BULK_TASKS_MAX || found.next.is_some();
            }
            match found.next {
                None => break false,
                Some(_) if looked >= limits::BULK_PREVIEW_ROWS_MAX => break true,
                next => after = next,
            }
        };
        tasks.truncate(usize::try_from(limits::BULK_TASKS_MAX).unwrap_or(usize::MAX));
        let http = tasks.iter().filter(|task| task.is_http && action == BulkAction::Reexecute).count() as u64;
        let samples = self.samples(&tasks).await?;
        Ok(BulkPreview { count: tasks.len() as u64, http, is_partial, until, samples })
    }

    async fn samples(&self, tasks: &[FoundTask]) -> Result<Vec<Task>> {
        let mut samples = Vec::new();
        for found in tasks.iter().take(SAMPLES) {
            let row = self.store.get_task(&found.task).await.map_err(store_fault)?;
            samples.extend(row.map(|row| row.task));
        }
        Ok(samples)
    }

    /// Tasks outlive their function, so a missing one matters only where it never was.
    async fn check_bulk(&self, scope: &BulkScope, filter: &BulkFilter) -> Result<()> {
        if filter.chosen_count() > limits::BULK_IDS_MAX {
            return Err(Error::invalid(format!("choose at most {} tasks", limits::BULK_IDS_MAX)));
        }
        self.check_region(&scope.region)?;
        let Some(function) = scope.only() else { return Ok(()) };
        if self.store.count_tasks(&function).await.map_err(store_fault)?.total() > 0 {
            return Ok(());
        }
        self.check_function(&function, filter.tasks.qualifier.as_ref().unwrap_or(&Qualifier::latest())).await
    }

    pub(crate) async fn create_bulk(&self, request: BulkRequest, user: &str) -> Result<Bulk> {
        let BulkRequest { scope, action, filter, until } = request;
        self.check_bulk(&scope, &filter).await?;
        let until = until.min(self.store.newest_task().await.map_err(store_fault)?);
        let filter = for_action(&filter, action);
        let scan = TaskScan { scope: &scope, filter: &filter, until, after: None, rows: SCAN_ROWS };
        let found = self.store.scan_tasks(&scan).await.map_err(store_fault)?;
        if found.tasks.is_empty() && found.next.is_none() {
            return Err(Error::invalid("No task matches any more."));
        }
        let bulk = self.new_bulk(scope, action, filter, None, user, state_after(found.next.as_ref()));
        self.store.insert_bulk(&bulk, until, &found.tasks, found.next).await.map_err(store_fault)?;
        self.bulks.notify_one();
        metrics::counter!("taskyard_bulk_actions_total", "action" => action.as_str()).increment(1);
        Ok(Bulk { total: found.tasks.len() as u64, ..bulk })
    }

    fn new_bulk(
        &self,
        scope: BulkScope,
        action: BulkAction,
        filter: BulkFilter,
        retry_of: Option<String>,
        user: &str,
        state: BulkState,
    ) -> Bulk {
        Bulk {
            id: uuid::Uuid::new_v4().to_string(),
            scope,
            action,
            filter,
            retry_of,
            user: user.to_owned(),
            created_at: self.clock.now(),
            ended_at: None,
            state,
            stopped_by: String::new(),
            total: 0,
            done: 0,
            failed: 0,
            skipped: 0,
        }
    }

    pub(crate) async fn get_bulk(&self, region: &Region, id: &str) -> Result<Bulk> {
        self.check_region(region)?;
        let found = self.store.get_bulk(region, id).await.map_err(store_fault)?;
        found.ok_or_else(|| Error::new(ErrorCode::BulkActionNotFound, format!("bulk action '{id}' does not exist")))
    }

    pub(crate) async fn list_bulks(&self, region: &Region) -> Result<Vec<Bulk>> {
        self.check_region(region)?;
        self.store.list_bulks(region, limits::BULK_LIST_MAX).await.map_err(store_fault)
    }

    pub(crate) async fn list_bulk_items(&self, region: &Region, id: &str, query: &BulkItemQuery) -> Result<Page<BulkItem>> {
        let after = query.after()?.unwrap_or(0);
        self.get_bulk(region, id).await?;
        let rows = query.rows();
        let mut items = self.store.bulk_items(id, query.outcome, after, rows.saturating_add(1)).await.map_err(store_fault)?;
        let most = usize::try_from(rows).unwrap_or(usize::MAX);
        let has_more = items.len() > most;
        items.truncate(most);
        let next_token = items.last().filter(|_| has_more).map_or(String::new(), |(seq, _)| seq.to_string());
        Ok(Page { items: items.into_iter().map(|(_, item)| item).collect(), next_token })
    }

    pub(crate) async fn stop_bulk(&self, region: &Region, id: &str, user: &str) -> Result<Bulk> {
        self.get_bulk(region, id).await?;
        self.store.stop_bulk(region, id, user, self.clock.now()).await.map_err(store_fault)?;
        self.get_bulk(region, id).await
    }

    pub(crate) async fn retry_bulk(&self, region: &Region, id: &str, user: &str) -> Result<Bulk> {
        let Bulk { scope, action, filter, state, .. } = self.get_bulk(region, id).await?;
        if state.is_active() {
            return Err(Error::invalid("This bulk action has not ended yet."));
        }
        let bulk = self.new_bulk(scope, action, filter, Some(id.to_owned()), user, BulkState::Running);
        let total = self.store.insert_bulk_retry(&bulk).await.map_err(store_fault)?;
        if total == 0 {
            return Err(Error::invalid("No task has failed in this bulk action."));
        }
        self.bulks.notify_one();
        Ok(Bulk { total, ..bulk })
    }
}

/// True when an action takes no more tasks.
pub(crate) fn is_full(tasks: u64) -> bool {
    tasks >= limits::BULK_TASKS_MAX
}

fn state_after(next: Option<&ScanCursor>) -> BulkState {
    if next.is_some() { BulkState::Collecting } else { BulkState::Running }
}

/// The filter with the states in which the action can be done, by name.
fn for_action(filter: &BulkFilter, action: BulkAction) -> BulkFilter {
    let mut filter = filter.clone();
    filter.tasks.statuses = action.states(&filter.tasks.statuses);
    filter
}
