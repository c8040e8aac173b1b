//! Tasks that ended badly, in groups. Which functions have any is known from the counters; of each function and state the latest tasks are
//! looked at, by the index of that state.

use crate::{
    dialect::Dialect,
    error::Done,
    list::{push_function, push_state},
    rows,
    sql::{Cells, Sql},
    store::SqlStore,
};
use engine::ports::TaskSeq;
use model::dead_letter::DEAD;
use model::limits::{DEAD_LETTER_ALL_ROWS_MAX, DEAD_LETTER_ROWS_MAX};
use model::{DeadLetterGroup, DeadLetterKey, DeadLetters, FunctionRef, Region, TaskId, TaskStatus, UnixMillis};
use std::collections::HashMap;

/// Tasks of one function in one state.
struct Heap {
    function: FunctionRef,
    status: TaskStatus,
    count: u64,
}

/// Those of a heap that have one kind of error.
struct Part {
    error_kind: String,
    count: u64,
    first_at: UnixMillis,
    last_at: UnixMillis,
    newest: TaskSeq,
}

impl<DB: Dialect> SqlStore<DB> {
    /// The groups of a region, the one with the latest end first.
    pub(crate) async fn dead_groups(&self, region: &Region, since: Option<UnixMillis>) -> Done<DeadLetters> {
        let mut tx = self.begin_in_order().await?;
        let heaps = heaps::<DB>(region, &mut tx).await?;
        let dismissed = dismissals::<DB>(region, &mut tx).await?;
        let mut found = DeadLetters::default();
        let mut left = u64::from(DEAD_LETTER_ALL_ROWS_MAX);
        for heap in heaps {
            let rows = u64::from(DEAD_LETTER_ROWS_MAX).min(left);
            found.is_partial |= heap.count > rows;
            left -= rows.min(heap.count);
            let dismissed: Vec<(&str, UnixMillis)> = dismissed
                .iter()
                .filter(|(key, _)| key.function == heap.function && key.status == heap.status)
                .map(|(key, until)| (key.error_kind.as_str(), *until))
                .collect();
            let parts = parts_sql::<DB>(&heap, since, &dismissed, rows).all(&mut *tx, part::<DB>).await?;
            let samples = samples::<DB>(&parts, &mut tx).await?;
            found.groups.extend(parts.into_iter().filter_map(|part| {
                let (sample, message) = samples.get(&part.newest)?.clone();
                let key = DeadLetterKey { function: heap.function.clone(), status: heap.status, error_kind: part.error_kind };
                let dismissed_until = dismissed.iter().find(|(kind, _)| *kind == key.error_kind).map(|(_, until)| *until);
                let Part { count, first_at, last_at, .. } = part;
                Some(DeadLetterGroup { key, count, first_at, last_at, sample, message, dismissed_until })
            }));
        }
        tx.commit().await?;
        found.groups.sort_by(|one, other| (other.last_at, &one.key).cmp(&(one.last_at, &other.key)));
        Ok(found)
    }

    /// Remembers up to when a group is dismissed.
    pub(crate) async fn dismiss(&self, key: &DeadLetterKey, until: UnixMillis) -> Done<()> {
        Sql::<DB>::new(
            "insert into dead_letter_dismissal (region, service, function, status, error_kind, until_ms) values ($1, $2, $3, $4, $5, $6) \
             on conflict (region, service, function, status, error_kind) do update set until_ms = excluded.until_ms",
        )
        .bind(key.function.region.as_str())
        .bind(key.function.service.as_str())
        .bind(key.function.function.as_str())
        .bind(key.status.as_str())
        .bind(key.error_kind.as_str())
        .bind(until.0)
        .execute(&mut *self.writing().await?)
        .await?;
        Ok(())
    }
}

/// The functions of a region with badly ended tasks, by name.
async fn heaps<DB: Dialect>(region: &Region, connection: &mut DB::Connection) -> sqlx::Result<Vec<Heap>> {
    let mut sql = Sql::<DB>::new("select region, service, function, status, cast(sum(count) as bigint) from task_count where region = ");
    sql.push_bind(region.as_str()).push(" and listed = 1 and status in ").push_list(&DEAD.map(TaskStatus::as_str));
    sql.push(" group by region, service, function, status having sum(count) > 0 order by service, function, status");
    let read = |cells: &mut Cells<'_, DB>| {
        let (function, status) = (rows::function_ref(cells)?, rows::status(cells)?);
        Ok(Heap { function, status, count: rows::unsigned("task count", cells.int()?)? })
    };
    sql.all(connection, read).await
}

async fn dismissals<DB: Dialect>(region: &Region, connection: &mut DB::Connection) -> sqlx::Result<Vec<(DeadLetterKey, UnixMillis)>> {
    let sql = Sql::<DB>::new("select region, service, function, status, error_kind, until_ms from dead_letter_dismissal where region = $1");
    let read = |cells: &mut Cells<'_, DB>| {
        let (function, status) = (rows::function_ref(cells)?, rows::status(cells)?);
        Ok((DeadLetterKey { function, status, error_kind: cells.text()? }, UnixMillis(cells.int()?)))
    };
    sql.bind(region.as_str()).all(connection, read).await
}

fn part<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Part> {
    Ok(Part {
        error_kind: cells.text()?,
        count: rows::unsigned("number of tasks", cells.int()?)?,
        first_at: UnixMillis(cells.int()?),
        last_at: UnixMillis(cells.int()?),
        newest: cells.int()?,
    })
}

/// The latest tasks of a heap by their kind of error, without those that were dismissed.
fn parts_sql<DB: Dialect>(heap: &Heap, since: Option<UnixMillis>, dismissed: &[(&str, UnixMillis)], rows: u64) -> Sql<DB> {
    let mut sql = Sql::new(
        "select error_kind, count(*), min(ended_at_ms), max(ended_at_ms), max(seq) from (select error_kind, ended_at_ms, seq from task",
    );
    sql.push(DB::BY_STATUS).push(" where ");
    push_function(&mut sql, &heap.function);
    sql.push(" and ");
    push_state(&mut sql, Some(heap.status));
    if let Some(since) = since {
        sql.push(" and started_at_ms >= ").push_bind(since.0);
    }
    sql.push(" order by started_at_ms desc, seq desc limit ")
        .push_bind(rows::stored(rows))
        .push(") as latest where ended_at_ms is not null");
    for (kind, until) in dismissed {
        sql.push(" and not (error_kind = ").push_bind(*kind).push(" and ended_at_ms <= ").push_bind(until.0).push(")");
    }
    sql.push(" group by error_kind");
    sql
}

/// Id and error of the newest task of each part.
async fn samples<DB: Dialect>(parts: &[Part], connection: &mut DB::Connection) -> sqlx::Result<HashMap<TaskSeq, (TaskId, String)>> {
    let newest: Vec<TaskSeq> = parts.iter().map(|part| part.newest).collect();
    if newest.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql = Sql::<DB>::new("select seq, task_id, error_message from task where seq in ");
    sql.push_list(&newest);
    let rows = sql.all(connection, |cells| Ok((cells.int()?, (TaskId::from_stored(cells.text()?), cells.text()?)))).await?;
    Ok(rows.into_iter().collect())
}
