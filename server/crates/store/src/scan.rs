//! The search for the tasks that a bulk action means. Bounded by the rows that are looked at, not by those that match: where few match, the
//! caller goes on from the cursor.

use crate::{
    dialect::Dialect,
    error::Done,
    list::{Prefix, prefix_end, prefix_kind, push_function, push_state},
    sql::{Cells, Sql},
    store::SqlStore,
};
use engine::ports::{FoundTask, ScanCursor, Scanned, TaskScan, TaskSeq};
use model::{TaskId, TaskStatus};

/// A row that was looked at.
struct Looked {
    task: FoundTask,
    started_at: i64,
    matches: bool,
}

impl<DB: Dialect> SqlStore<DB> {
    /// The number of the newest task.
    pub(crate) async fn last_task(&self) -> Done<TaskSeq> {
        let sql = Sql::<DB>::new("select seq from task order by seq desc limit 1");
        Ok(sql.first(&mut *self.reading().await?, |cells| cells.int()).await?.unwrap_or(0))
    }

    /// Looks for tasks, state by state, all at one moment.
    pub(crate) async fn scan(&self, scan: &TaskScan<'_>) -> Done<Scanned> {
        if scan.filter.tasks.statuses.is_empty() {
            return Ok(Scanned::default());
        }
        let mut tx = self.begin_in_order().await?;
        let prefix = prefix_kind::<DB>(scan.function, &scan.filter.tasks.id_prefix, &mut tx).await?;
        let found = match prefix == Prefix::Narrow || !scan.filter.ids.is_empty() {
            true => few::<DB>(scan, &mut tx).await?,
            false => along_states::<DB>(scan, &mut tx).await?,
        };
        tx.commit().await?;
        Ok(found)
    }
}

/// Tasks that are found by their ids: all in one go.
async fn few<DB: Dialect>(scan: &TaskScan<'_>, connection: &mut DB::Connection) -> sqlx::Result<Scanned> {
    let looked = few_sql::<DB>(scan).all(connection, looked::<DB>).await?;
    Ok(Scanned { tasks: looked.into_iter().filter(|row| row.matches).map(|row| row.task).collect(), next: None })
}

async fn along_states<DB: Dialect>(scan: &TaskScan<'_>, connection: &mut DB::Connection) -> sqlx::Result<Scanned> {
    let mut after = scan.after.unwrap_or(ScanCursor { state: 0, last: None });
    let mut left = scan.rows;
    let mut tasks = Vec::new();
    while let Some(status) = scan.filter.tasks.statuses.get(after.state) {
        let looked = state_sql::<DB>(scan, *status, after.last, left).all(connection, looked::<DB>).await?;
        let count = u32::try_from(looked.len()).unwrap_or(u32::MAX);
        let last = looked.last().map(|row| (row.started_at, row.task.seq));
        tasks.extend(looked.into_iter().filter(|row| row.matches).map(|row| row.task));
        if count >= left {
            after.last = last.or(after.last);
            return Ok(Scanned { tasks, next: Some(after) });
        }
        left -= count;
        after = ScanCursor { state: after.state + 1, last: None };
    }
    Ok(Scanned { tasks, next: None })
}

fn looked<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Looked> {
    let (seq, id) = (cells.int()?, TaskId::from_stored(cells.text()?));
    let (started_at, is_http) = (cells.int()?, cells.int()? != 0);
    Ok(Looked { task: FoundTask { seq, id, is_http }, started_at, matches: cells.int()? != 0 })
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

/// The next rows of one state by its index.
fn state_sql<DB: Dialect>(scan: &TaskScan<'_>, status: TaskStatus, last: Option<(i64, TaskSeq)>, rows: u32) -> Sql<DB> {
    let mut sql = Sql::new("");
    push_columns(&mut sql, scan);
    sql.push(DB::BY_STATUS).push(" where ");
    push_function(&mut sql, scan.function);
    sql.push(" and ");
    push_state(&mut sql, Some(status));
    push_times(&mut sql, scan);
    if let Some((started_at, seq)) = last {
        sql.push(" and (started_at_ms, seq) > (").push_bind(started_at).push(", ").push_bind(seq).push(")");
    }
    sql.push(" order by started_at_ms, seq limit ").push_bind(i64::from(rows));
    sql
}

/// Tasks by the index of ids, then their states.
fn few_sql<DB: Dialect>(scan: &TaskScan<'_>) -> Sql<DB> {
    let mut sql = Sql::new("with matched as materialized (select seq as matched_seq from task where ");
    push_function(&mut sql, scan.function);
    let (ids, prefix): (Vec<&str>, _) = (scan.filter.ids.iter().map(TaskId::as_str).collect(), scan.filter.tasks.id_prefix.as_str());
    if ids.is_empty() {
        sql.push(" and task_id >= ").push_bind(prefix).push(" and task_id < ").push_bind(prefix_end(prefix).as_str());
    } else {
        sql.push(" and task_id in ").push_list(&ids);
    }
    sql.push(") ");
    push_columns(&mut sql, scan);
    sql.push(" join matched on seq = matched_seq where listed = 1 and status in ");
    let statuses: Vec<&str> = scan.filter.tasks.statuses.iter().map(|status| status.as_str()).collect();
    sql.push_list(&statuses);
    push_times(&mut sql, scan);
    // Hidden from the indexes, as in the list: these are sorted.
    sql.push(" order by coalesce(started_at_ms, 0), seq");
    sql
}

#[cfg(test)]
pub(crate) mod plans {
    use super::*;
    use model::{BulkFilter, FunctionRef, TaskFilter, UnixMillis};

    fn scan<'a>(function: &'a FunctionRef, filter: &'a BulkFilter) -> TaskScan<'a> {
        TaskScan { function, filter, until: i64::MAX, after: None, rows: 100 }
    }

    /// The tasks of a bulk action are found by an index.
    pub(crate) async fn check<DB: Dialect>(function: &FunctionRef, connection: &mut DB::Connection) {
        let tasks = TaskFilter { statuses: vec![TaskStatus::Failed], started_from: Some(UnixMillis(10_000)), ..TaskFilter::default() };
        let filter = BulkFilter { tasks, error_kind: Some("K".to_owned()), ended_after: Some(UnixMillis(1)), ids: Vec::new() };
        for last in [None, Some((300_000, 3_000))] {
            let plan = state_sql::<DB>(&scan(function, &filter), TaskStatus::Failed, last, 100).plan(connection).await;
            assert!(plan.contains("task_list_by_status") && !plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
        let by_id = BulkFilter { ids: vec![TaskId::from_stored("fill-7")], ..filter.clone() };
        let by_prefix = BulkFilter { tasks: TaskFilter { id_prefix: "fill-123".to_owned(), ..filter.tasks.clone() }, ..filter };
        for filter in [by_id, by_prefix] {
            let plan = few_sql::<DB>(&scan(function, &filter)).plan(connection).await;
            assert!(plan.contains("task_id_key") && !plan.contains("Seq Scan") && !plan.contains("SCAN task"), "{plan}");
        }
    }
}
