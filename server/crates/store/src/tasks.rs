//! Tasks come in and are looked at.

use crate::{
    count::CountChanges,
    dialect::Dialect,
    error::Done,
    history,
    list::push_function,
    rows,
    sql::{Sql, chunks},
    store::SqlStore,
};
use engine::ports::{Inserted, NewTask, TaskRow, TaskSeq};
use model::{FunctionRef, Origin, TaskEvent, TaskId, TaskRef, TaskStatus};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// A task to insert with its place in the batch, and its origin and its HTTP request as JSON.
struct Row<'a> {
    place: usize,
    task: &'a NewTask,
    origin: String,
    http: Option<String>,
}

impl<DB: Dialect> SqlStore<DB> {
    /// Inserts a batch; the first of several equal ids wins, in the batch as in the store. Rows are numbered in the batch's order, unless
    /// `sorted`: two transactions with the same ids in different orders wait for each other, and only one order for all ends that.
    pub(crate) async fn insert_batch(&self, batch: &[NewTask], sorted: bool) -> Done<Vec<Inserted>> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.begin_write().await?;
        let answer = self.insert_within(batch, sorted, &mut tx).await?;
        match answer.iter().all(|inserted| *inserted == Inserted::Duplicate) {
            true => tx.rollback().await?,
            false => tx.commit().await?,
        }
        Ok(answer)
    }

    /// The same within a transaction; nothing but the commit may follow it.
    pub(crate) async fn insert_within(&self, batch: &[NewTask], sorted: bool, connection: &mut DB::Connection) -> Done<Vec<Inserted>> {
        let mut places = HashMap::with_capacity(batch.len());
        let mut new = Vec::with_capacity(batch.len());
        for (place, task) in batch.iter().enumerate() {
            if let Entry::Vacant(free) = places.entry((&task.function, &task.id)) {
                free.insert(place);
                let http = task.http.as_ref().map(rows::to_json).transpose()?;
                new.push(Row { place, task, origin: rows::to_json(&task.origin)?, http });
            }
        }
        let mut answer = vec![Inserted::Duplicate; batch.len()];
        if sorted {
            new.sort_by_key(|row| (&row.task.function, &row.task.id));
        }
        let mut counts = CountChanges::default();
        for chunk in chunks(&new) {
            for (seq, place) in insert_rows::<DB>(chunk, &places, connection).await? {
                let (Some(slot), Some(task)) = (answer.get_mut(place), batch.get(place)) else { continue };
                *slot = Inserted::New(seq);
                counts.accepted(&task.function, task.listed, task.submitted_at);
            }
        }
        if !counts.is_empty() {
            counts.write::<DB>(self.shard(), connection).await?;
        }
        Ok(answer)
    }

    /// Reads a listed task with payload, result and events.
    pub(crate) async fn task(&self, task: &TaskRef) -> Done<Option<TaskRow>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::TASK_COLUMNS).push(", payload, result, fence, listed, origin from task where region = ");
        sql.push_bind(task.function.region.as_str()).push(" and service = ").push_bind(task.function.service.as_str());
        sql.push(" and function = ").push_bind(task.function.function.as_str());
        sql.push(" and task_id = ").push_bind(task.id.as_str()).push(" and listed = 1");
        Ok(sql.first(&mut *self.reading().await?, rows::task_row::<DB>).await?)
    }

    /// Ids of the listed tasks that re-execute this one, the newest first.
    pub(crate) async fn tasks_made_from(&self, task: &TaskRef, limit: u32) -> Done<Vec<TaskId>> {
        let sql = made_from_sql::<DB>(task, limit);
        Ok(sql.all(&mut *self.reading().await?, |cells| Ok(TaskId::from_stored(cells.text()?))).await?)
    }

    /// Events of a task in order.
    pub(crate) async fn events(&self, seq: TaskSeq) -> Done<Vec<TaskEvent>> {
        let sql = Sql::<DB>::new("select events from task where seq = $1").bind(seq);
        let events = sql.first(&mut *self.reading().await?, |cells| history::events(&cells.text()?)).await?;
        Ok(events.unwrap_or_default())
    }
}

fn made_from_sql<DB: Dialect>(task: &TaskRef, limit: u32) -> Sql<DB> {
    let mut sql = Sql::new("select task_id from task where ");
    push_function(&mut sql, &task.function);
    sql.push(" and origin_task_id = ").push_bind(task.id.as_str());
    sql.push(" and listed = 1 order by seq desc limit ").push_bind(i64::from(limit));
    sql
}

/// Where the tasks of a batch stand in it.
type Places<'a> = HashMap<(&'a FunctionRef, &'a TaskId), usize>;

/// Inserts those whose ids are new, and tells their numbers and places.
async fn insert_rows<DB: Dialect>(
    chunk: &[Row<'_>],
    places: &Places<'_>,
    connection: &mut DB::Connection,
) -> sqlx::Result<Vec<(TaskSeq, usize)>> {
    let mut sql = insert_sql::<DB>(chunk);
    let Some(last_task) = DB::LAST_TASK else {
        sql.push(" returning seq, region, service, function, task_id");
        return numbered(sql, places, connection).await;
    };
    // Each row that a statement returns wakes its reader: numbers that are in order anyway are not asked for.
    let before = Sql::<DB>::new(last_task).first(connection, |cells| cells.int()).await?.unwrap_or(0);
    if sql.execute(connection).await? == chunk.len() as u64 {
        return Ok((before + 1..).zip(chunk.iter().map(|row| row.place)).collect());
    }
    let sql = Sql::<DB>::new("select seq, region, service, function, task_id from task where seq > $1").bind(before);
    numbered(sql, places, connection).await
}

/// The numbers of the tasks that a statement returns, and their places.
async fn numbered<DB: Dialect>(sql: Sql<DB>, places: &Places<'_>, connection: &mut DB::Connection) -> sqlx::Result<Vec<(TaskSeq, usize)>> {
    let found = sql.all(connection, |cells| Ok((cells.int()?, rows::task_ref(cells)?))).await?;
    Ok(found.into_iter().filter_map(|(seq, task)| Some((seq, *places.get(&(&task.function, &task.id))?))).collect())
}

fn insert_sql<DB: Dialect>(chunk: &[Row<'_>]) -> Sql<DB> {
    let mut sql = Sql::new(
        "insert into task (region, service, function, task_id, qualifier, request_id, listed, status, events, submitted_at_ms, \
         due_at_ms, expires_at_ms, started_at_ms, run_at_ms, max_retries, origin, origin_task_id, on_success, on_failure, \
         version, http, payload) values ",
    );
    sql.push_rows(chunk, |row, Row { task, origin, http, .. }| {
        row.put(task.function.region.as_str()).put(task.function.service.as_str()).put(task.function.function.as_str());
        row.put(task.id.as_str()).put(task.qualifier.as_str()).put(task.request_id.as_str()).put(i64::from(task.listed));
        row.put(TaskStatus::Enqueued.as_str())
            .put(history::line(TaskStatus::Enqueued, task.submitted_at, "").as_str())
            .put(task.submitted_at.0)
            .put(task.due_at.0)
            .put(task.expires_at.0);
        row.put(task.submitted_at.0).put(task.due_at.0).put(i64::from(task.max_retries)).put(origin.as_str());
        row.put(match &task.origin {
            Origin::Reexecution { task, .. } => Some(task.as_str()),
            Origin::Api | Origin::Console { .. } | Origin::Trigger { .. } | Origin::Destination { .. } => None,
        });
        row.put(task.destinations.on_success.as_deref()).put(task.destinations.on_failure.as_deref());
        row.put(task.version.map(crate::versions::number));
        row.put(http.as_deref());
        row.put(task.payload.as_slice());
    });
    sql.push(" on conflict (region, service, function, task_id) do nothing");
    sql
}

#[cfg(test)]
pub(crate) mod plans {
    use super::*;

    /// The tasks made from one are read from their index, in order.
    pub(crate) async fn check<DB: Dialect>(function: &FunctionRef, connection: &mut DB::Connection) {
        let plan = made_from_sql::<DB>(&function.task(TaskId::from_stored("fill-1")), 10).plan(connection).await;
        assert!(plan.contains("task_reexecution") && !plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
