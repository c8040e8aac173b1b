//! The search for the tasks that a bulk action means. Bounded by the rows that are looked at, not by those that match: where few match, the
//! caller goes on from the cursor.

use crate::{
    dialect::Dialect,
    error::Done,
    list::{Prefix, prefix_end, prefix_kind, push_function, push_prefix_range, push_state},
    region_tasks::{Counted, counted},
    sql::{Cells, Sql},
    store::SqlStore,
};
use engine::ports::{FoundTask, ScanCursor, Scanned, TaskScan, TaskSeq};
use model::{FunctionRef, TaskId, TaskStatus};

/// What looking into one function costs of the rows of a search, beside those that it has.
const FUNCTION_ROWS: u32 = 10;

/// A row that was looked at.
struct Looked {
    seq: TaskSeq,
    id: TaskId,
    is_http: bool,
    started_at: i64,
    matches: bool,
}

/// A search in the tasks of one function.
struct InFunction<'a> {
    function: &'a FunctionRef,
    scan: &'a TaskScan<'a>,
    /// What its counters say, where the search is in several.
    counted: Option<Counted>,
    /// Only these tasks; empty means any.
    ids: Vec<&'a str>,
    /// Rows that may still be looked at.
    left: u32,
    found: Vec<FoundTask>,
}

impl<DB: Dialect> SqlStore<DB> {
    /// The number of the newest task.
    pub(crate) async fn last_task(&self) -> Done<TaskSeq> {
        let sql = Sql::<DB>::new("select seq from task order by seq desc limit 1");
        Ok(sql.first(&mut *self.reading().await?, |cells| cells.int()).await?.unwrap_or(0))
    }

    /// Looks for tasks, function by function and state by state, all at one moment.
    pub(crate) async fn scan(&self, scan: &TaskScan<'_>) -> Done<Scanned> {
        if scan.filter.tasks.statuses.is_empty() {
            return Ok(Scanned::default());
        }
        let mut tx = self.begin_in_order().await?;
        let mut functions = functions::<DB>(scan, &mut tx).await?.into_iter().peekable();
        let mut after = scan.after.clone().unwrap_or_default();
        let (mut left, mut tasks) = (scan.rows, Vec::new());
        let next = loop {
            let Some((function, counted)) = functions.next() else { break None };
            let ids = ids_in(scan, &function);
            let mut search = InFunction { function: &function, scan, counted, ids, left, found: Vec::new() };
            // Where the search had ended in it, unless that was in one before it.
            let begun = after.function.as_ref().is_none_or(|(service, name)| (service, name) == (&function.service, &function.function));
            let stopped = search.look::<DB>(if begun { std::mem::take(&mut after) } else { ScanCursor::default() }, &mut tx).await?;
            left = search.left.saturating_sub(FUNCTION_ROWS);
            tasks.append(&mut search.found);
            if let Some(place) = stopped {
                break Some(ScanCursor { function: scan.scope.only().is_none().then_some((function.service, function.function)), ..place });
            }
            if let Some((next, _)) = functions.peek().filter(|_| left == 0) {
                break Some(ScanCursor { function: Some((next.service.clone(), next.function.clone())), ..ScanCursor::default() });
            }
        };
        tx.commit().await?;
        Ok(Scanned { tasks, next })
    }
}

/// The functions to look into, by name, from the one on at which the search had ended, with what their counters say.
async fn functions<DB: Dialect>(scan: &TaskScan<'_>, connection: &mut DB::Connection) -> sqlx::Result<Vec<(FunctionRef, Option<Counted>)>> {
    let chosen = &scan.filter.chosen;
    let is_over = |function: &FunctionRef| {
        let at = scan.after.as_ref().and_then(|after| after.function.as_ref());
        at.is_some_and(|(service, name)| (&function.service, &function.function) < (service, name))
    };
    let is_wanted = |function: &FunctionRef| {
        scan.scope.wants(function) && !is_over(function) && (chosen.is_empty() || chosen.iter().any(|task| task.function == *function))
    };
    if let Some(only) = scan.scope.only() {
        return Ok(Some(only).filter(is_wanted).map(|only| (only, None)).into_iter().collect());
    }
    let all = counted::<DB>(&scan.scope.region, connection).await?.into_iter();
    Ok(all.filter(|(function, _)| is_wanted(function)).map(|(function, counted)| (function, Some(counted))).collect())
}

/// Ids that are looked for in a function; empty where any will do.
fn ids_in<'a>(scan: &'a TaskScan<'_>, function: &FunctionRef) -> Vec<&'a str> {
    let chosen = scan.filter.chosen.iter().filter(|task| task.function == *function).map(|task| task.id.as_str());
    scan.filter.ids.iter().map(TaskId::as_str).chain(chosen).collect()
}

impl InFunction<'_> {
    /// Looks on from a place; where it stopped, if that is not at the end of the function.
    async fn look<DB: Dialect>(&mut self, from: ScanCursor, connection: &mut DB::Connection) -> sqlx::Result<Option<ScanCursor>> {
        let prefix = prefix_kind::<DB>(self.function, &self.scan.filter.tasks.id_prefix, connection).await?;
        if prefix != Prefix::Narrow && self.ids.is_empty() {
            return self.along_states::<DB>(from, connection).await;
        }
        // Tasks that are found by their ids: all in one go.
        let looked = self.few_sql::<DB>().all(connection, looked::<DB>).await?;
        self.take(looked);
        Ok(None)
    }

    async fn along_states<DB: Dialect>(&mut self, from: ScanCursor, connection: &mut DB::Connection) -> sqlx::Result<Option<ScanCursor>> {
        let mut after = from;
        while let Some(status) = self.scan.filter.tasks.statuses.get(after.state).copied() {
            if self.counted.is_none_or(|counted| counted.counts.get(status) > 0) {
                let looked = self.state_sql::<DB>(status, after.last).all(connection, looked::<DB>).await?;
                let last = looked.last().map(|row| (row.started_at, row.seq));
                self.take(looked);
                if self.left == 0 {
                    return Ok(Some(ScanCursor { last: last.or(after.last), ..after }));
                }
            }
            after = ScanCursor { state: after.state + 1, ..ScanCursor::default() };
        }
        Ok(None)
    }

    /// Keeps what matches.
    fn take(&mut self, looked: Vec<Looked>) {
        self.left = self.left.saturating_sub(u32::try_from(looked.len()).unwrap_or(u32::MAX));
        let found = |row: Looked| FoundTask { seq: row.seq, task: self.function.task(row.id), is_http: row.is_http };
        self.found.extend(looked.into_iter().filter(|row| row.matches).map(found));
    }
}

fn looked<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Looked> {
    let (seq, id) = (cells.int()?, TaskId::from_stored(cells.text()?));
    let (started_at, is_http) = (cells.int()?, cells.int()? != 0);
    Ok(Looked { seq, id, is_http, started_at, matches: cells.int()? != 0 })
}

/// What [`looked`] reads: whether a row matches is a column, so that each row that is looked at counts.
fn push_columns<DB: Dialect>(sql: &mut Sql<DB>, scan: &TaskScan<'_>) {
    let filter = scan.filter;
    sql.push("select seq, task_id, started_at_ms, cast(case when http is null then 0 else 1 end as bigint), cast(case when seq <= ")
        .push_bind(scan.until);
    if !filter.tasks.id_prefix.is_empty() {
        sql.push(" and task_id >= ").push_bind(filter.tasks.id_prefix.as_str());
        sql.push(" and task_id < ").push_bind(prefix_end(&filter.tasks.id_prefix).as_str());
    }
    if let Some(qualifier) = &filter.tasks.qualifier {
        sql.push(" and qualifier = ").push_bind(qualifier.as_str());
    }
    if let Some(kind) = &filter.error_kind {
        sql.push(" and error_kind = ").push_bind(kind.as_str());
    }
    if let Some(at) = filter.ended_after {
        sql.push(" and ended_at_ms > ").push_bind(at.0);
    }
    // Bare numbers would be shorter ones on Postgres.
    sql.push(" then 1 else 0 end as bigint) from task");
}

fn push_times<DB: Dialect>(sql: &mut Sql<DB>, scan: &TaskScan<'_>) {
    if let Some(from) = scan.filter.tasks.started_from {
        sql.push(" and started_at_ms >= ").push_bind(from.0);
    }
    if let Some(to) = scan.filter.tasks.started_to {
        sql.push(" and started_at_ms <= ").push_bind(to.0);
    }
}

impl InFunction<'_> {
    /// The next rows of one state by its index.
    fn state_sql<DB: Dialect>(&self, status: TaskStatus, last: Option<(i64, TaskSeq)>) -> Sql<DB> {
        let mut sql = Sql::new("");
        push_columns(&mut sql, self.scan);
        sql.push(DB::BY_STATUS).push(" where ");
        push_function(&mut sql, self.function);
        sql.push(" and ");
        push_state(&mut sql, Some(status));
        push_times(&mut sql, self.scan);
        if let Some((started_at, seq)) = last {
            sql.push(" and (started_at_ms, seq) > (").push_bind(started_at).push(", ").push_bind(seq).push(")");
        }
        sql.push(" order by started_at_ms, seq limit ").push_bind(i64::from(self.left));
        sql
    }

    /// Tasks by the index of ids, then their states.
    fn few_sql<DB: Dialect>(&self) -> Sql<DB> {
        let filter = &self.scan.filter.tasks;
        let mut sql = Sql::new("with matched as materialized (select seq as matched_seq from task where ");
        push_function(&mut sql, self.function);
        if self.ids.is_empty() {
            push_prefix_range(&mut sql, &filter.id_prefix);
        } else {
            sql.push(" and task_id in ").push_list(&self.ids);
        }
        sql.push(") ");
        push_columns(&mut sql, self.scan);
        sql.push(" join matched on seq = matched_seq where listed = 1 and status in ");
        let statuses: Vec<&str> = filter.statuses.iter().map(|status| status.as_str()).collect();
        sql.push_list(&statuses);
        push_times(&mut sql, self.scan);
        // Hidden from the indexes, as in the list: these are sorted.
        sql.push(" order by coalesce(started_at_ms, 0), seq");
        sql
    }
}

#[cfg(test)]
pub(crate) mod plans {
    use super::*;
    use model::{BulkFilter, BulkScope, TaskFilter, UnixMillis};

    fn scan<'a>(scope: &'a BulkScope, filter: &'a BulkFilter) -> TaskScan<'a> {
        TaskScan { scope, filter, until: i64::MAX, after: None, rows: 100 }
    }

    fn within<'a>(function: &'a FunctionRef, scan: &'a TaskScan<'a>) -> InFunction<'a> {
        InFunction { function, scan, counted: None, ids: ids_in(scan, function), left: 100, found: Vec::new() }
    }

    /// The tasks of a bulk action are found by an index.
    pub(crate) async fn check<DB: Dialect>(function: &FunctionRef, connection: &mut DB::Connection) {
        let tasks = TaskFilter { statuses: vec![TaskStatus::Failed], started_from: Some(UnixMillis(10_000)), ..TaskFilter::default() };
        let filter = BulkFilter { tasks, error_kind: Some("K".to_owned()), ended_after: Some(UnixMillis(1)), ..BulkFilter::default() };
        let scope = BulkScope::from(function.clone());
        for last in [None, Some((300_000, 3_000))] {
            let plan = within(function, &scan(&scope, &filter)).state_sql::<DB>(TaskStatus::Failed, last).plan(connection).await;
            assert!(plan.contains("task_list_by_status") && !plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
        let by_id = BulkFilter { ids: vec![TaskId::from_stored("fill-7")], ..filter.clone() };
        let by_prefix = BulkFilter { tasks: TaskFilter { id_prefix: "fill-123".to_owned(), ..filter.tasks.clone() }, ..filter };
        for filter in [by_id, by_prefix] {
            let plan = within(function, &scan(&scope, &filter)).few_sql::<DB>().plan(connection).await;
            assert!(plan.contains("task_id_key") && !plan.contains("Seq Scan") && !plan.contains("SCAN task"), "{plan}");
        }
    }
}
