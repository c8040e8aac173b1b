//! Tasks by state, kept exact in the transactions that change them.

use crate::{
    dialect::Dialect,
    error::Done,
    rows,
    sql::{Sql, chunks},
    store::SqlStore,
};
use model::{FunctionRef, Region, StateCounts, TaskStatus, UnixMillis};
use std::collections::BTreeMap;

/// Changes of counters of one transaction, added up so that each row is written once, and sorted so that concurrent transactions
/// lock the rows in the same order.
#[derive(Default)]
pub(crate) struct CountChanges {
    by_key: BTreeMap<(FunctionRef, bool, TaskStatus), Change>,
}

#[derive(Default)]
struct Change {
    delta: i64,
    latest_ms: i64,
}

impl CountChanges {
    /// True when nothing was changed.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// A new task.
    pub(crate) fn accepted(&mut self, function: &FunctionRef, listed: bool, at: UnixMillis) {
        let change = self.entry(function, listed, TaskStatus::Enqueued);
        change.delta += 1;
        change.latest_ms = change.latest_ms.max(at.0);
    }

    /// A task that changed its state.
    pub(crate) fn moved(&mut self, function: &FunctionRef, listed: bool, from: TaskStatus, to: TaskStatus) {
        self.entry(function, listed, from).delta -= 1;
        self.entry(function, listed, to).delta += 1;
    }

    /// A task that is deleted.
    pub(crate) fn deleted(&mut self, function: &FunctionRef, listed: bool, status: TaskStatus) {
        self.entry(function, listed, status).delta -= 1;
    }

    fn entry(&mut self, function: &FunctionRef, listed: bool, status: TaskStatus) -> &mut Change {
        self.by_key.entry((function.clone(), listed, status)).or_default()
    }

    /// Writes the changes; the last statement before a commit, so that the counters' rows are locked as briefly as possible.
    pub(crate) async fn write<DB: Dialect>(self, shard: i64, connection: &mut DB::Connection) -> sqlx::Result<()> {
        let rows: Vec<_> = self.by_key.into_iter().filter(|(_, change)| change.delta != 0 || change.latest_ms != 0).collect();
        for chunk in chunks(&rows) {
            let mut sql =
                Sql::<DB>::new("insert into task_count (region, service, function, listed, status, shard, count, latest_ms) values ");
            sql.push_rows(chunk, |row, ((function, listed, status), change)| {
                row.put(function.region.as_str()).put(function.service.as_str()).put(function.function.as_str());
                row.put(i64::from(*listed)).put(status.as_str()).put(shard).put(change.delta).put(change.latest_ms);
            });
            sql.push(
                " on conflict (region, service, function, listed, status, shard) do update set count = task_count.count + excluded.count, \
                 latest_ms = case when excluded.latest_ms > task_count.latest_ms then excluded.latest_ms else task_count.latest_ms end",
            );
            sql.execute(connection).await?;
        }
        Ok(())
    }
}

/// Listed tasks by state, of one function or of a whole region.
pub(crate) async fn by_state<DB: Dialect>(
    region: &Region,
    function: Option<&FunctionRef>,
    connection: &mut DB::Connection,
) -> sqlx::Result<StateCounts> {
    let mut sql = Sql::<DB>::new("select status, cast(sum(count) as bigint) from task_count where region = ");
    sql.push_bind(region.as_str());
    if let Some(function) = function {
        sql.push(" and service = ").push_bind(function.service.as_str());
        sql.push(" and function = ").push_bind(function.function.as_str());
    }
    sql.push(" and listed = 1 group by status");
    let mut counts = StateCounts::default();
    for (status, count) in sql.all(connection, |cells| Ok((rows::status(cells)?, cells.int()?))).await? {
        counts.set(status, rows::unsigned("task count", count)?);
    }
    Ok(counts)
}

impl<DB: Dialect> SqlStore<DB> {
    /// Listed tasks of a function by state.
    pub(crate) async fn task_counts(&self, function: &FunctionRef) -> Done<StateCounts> {
        Ok(by_state::<DB>(&function.region, Some(function), &mut *self.reading().await?).await?)
    }

    /// When the latest listed task of a function was accepted.
    pub(crate) async fn latest_acceptance(&self, function: &FunctionRef) -> Done<Option<UnixMillis>> {
        let sql = Sql::<DB>::new(
            "select max(latest_ms) from task_count \
             where region = $1 and service = $2 and function = $3 and listed = 1 and latest_ms > 0",
        )
        .bind(function.region.as_str())
        .bind(function.service.as_str())
        .bind(function.function.as_str());
        let read = sql.first(&mut *self.reading().await?, |cells| cells.opt_int()).await?;
        Ok(read.flatten().map(UnixMillis))
    }
}
