//! Tasks come in and are looked at.

use crate::{
    count::CountChanges,
    dialect::Dialect,
    error::Done,
    rows,
    sql::{Sql, chunks},
    store::SqlStore,
};
use engine::ports::{Inserted, NewTask, TaskRow, TaskSeq};
use model::{Origin, TaskEvent, TaskRef, TaskStatus, UnixMillis};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// An event to write.
pub(crate) struct NewEvent<'a> {
    pub(crate) seq: TaskSeq,
    pub(crate) id: i64,
    pub(crate) status: TaskStatus,
    pub(crate) at: UnixMillis,
    pub(crate) detail: &'a str,
}

/// Writes events.
pub(crate) async fn insert_events<DB: Dialect>(events: &[NewEvent<'_>], connection: &mut DB::Connection) -> sqlx::Result<()> {
    for chunk in chunks(events) {
        let mut sql = Sql::<DB>::new("insert into task_event (task_seq, event_id, status, at_ms, detail) values ");
        sql.push_rows(chunk, |row, event| {
            row.put(event.seq).put(event.id).put(event.status.as_str()).put(event.at.0).put(event.detail);
        });
        sql.execute(connection).await?;
    }
    Ok(())
}

/// A task to insert with its origin as JSON.
struct Row<'a> {
    task: &'a NewTask,
    origin: String,
}

impl<DB: Dialect> SqlStore<DB> {
    /// Inserts a batch; the first of several equal ids wins, in the batch as in the store. Rows are numbered in the batch's order, unless
    /// `sorted`: two transactions with the same ids in different orders wait for each other, and only one order for all ends that.
    pub(crate) async fn insert_batch(&self, batch: &[NewTask], sorted: bool) -> Done<Vec<Inserted>> {
        let mut places = HashMap::with_capacity(batch.len());
        let mut new = Vec::with_capacity(batch.len());
        for (place, task) in batch.iter().enumerate() {
            if let Entry::Vacant(free) = places.entry((&task.function, &task.id)) {
                free.insert((place, task.submitted_at, task.listed));
                new.push(Row { task, origin: rows::to_json(&task.origin)? });
            }
        }
        let mut answer = vec![Inserted::Duplicate; batch.len()];
        if sorted {
            new.sort_by_key(|row| (&row.task.function, &row.task.id));
        }
        if new.is_empty() {
            return Ok(answer);
        }
        let mut counts = CountChanges::default();
        let mut events = Vec::with_capacity(new.len());
        let mut tx = self.begin_write().await?;
        for chunk in chunks(&new) {
            let stored = insert_rows::<DB>(chunk).all(&mut *tx, |cells| Ok((cells.int()?, rows::task_ref(cells)?))).await?;
            for (seq, task) in stored {
                let Some((place, at, listed)) = places.get(&(&task.function, &task.id)).copied() else { continue };
                if let Some(slot) = answer.get_mut(place) {
                    *slot = Inserted::New(seq);
                }
                events.push(NewEvent { seq, id: 1, status: TaskStatus::Enqueued, at, detail: "" });
                counts.accepted(&task.function, listed, at);
            }
        }
        if events.is_empty() {
            tx.rollback().await?;
            return Ok(answer);
        }
        insert_events::<DB>(&events, &mut tx).await?;
        counts.write::<DB>(self.shard(), &mut tx).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Reads a listed task with payload, result and events.
    pub(crate) async fn task(&self, task: &TaskRef) -> Done<Option<TaskRow>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::TASK_COLUMNS).push(", payload, result, fence, listed, origin from task where region = ");
        sql.push_bind(task.function.region.as_str()).push(" and service = ").push_bind(task.function.service.as_str());
        sql.push(" and function = ").push_bind(task.function.function.as_str());
        sql.push(" and task_id = ").push_bind(task.id.as_str()).push(" and listed = 1");
        let mut tx = self.begin_read().await?;
        let mut found = sql.first(&mut *tx, rows::task_row::<DB>).await?;
        if let Some(row) = &mut found {
            row.task.events = events_of::<DB>(row.seq, &mut tx).await?;
        }
        tx.commit().await?;
        Ok(found)
    }

    /// Events of a task in order.
    pub(crate) async fn events(&self, seq: TaskSeq) -> Done<Vec<TaskEvent>> {
        Ok(events_of::<DB>(seq, &mut *self.reading().await?).await?)
    }
}

async fn events_of<DB: Dialect>(seq: TaskSeq, connection: &mut DB::Connection) -> sqlx::Result<Vec<TaskEvent>> {
    Sql::<DB>::new("select event_id, status, at_ms, detail from task_event where task_seq = $1 order by event_id")
        .bind(seq)
        .all(connection, rows::event::<DB>)
        .await
}

fn insert_rows<DB: Dialect>(chunk: &[Row<'_>]) -> Sql<DB> {
    let mut sql = Sql::new(
        "insert into task (region, service, function, task_id, qualifier, request_id, listed, status, event_count, submitted_at_ms, \
         due_at_ms, expires_at_ms, started_at_ms, run_at_ms, max_retries, origin, origin_task_id, payload) values ",
    );
    sql.push_rows(chunk, |row, Row { task, origin }| {
        row.put(task.function.region.as_str()).put(task.function.service.as_str()).put(task.function.function.as_str());
        row.put(task.id.as_str()).put(task.qualifier.as_str()).put(task.request_id.as_str()).put(i64::from(task.listed));
        row.put(TaskStatus::Enqueued.as_str()).put(1).put(task.submitted_at.0).put(task.due_at.0).put(task.expires_at.0);
        row.put(task.submitted_at.0).put(task.due_at.0).put(i64::from(task.max_retries)).put(origin.as_str());
        row.put(match &task.origin {
            Origin::Reexecution { task, .. } => Some(task.as_str()),
            Origin::Api | Origin::Console { .. } => None,
        });
        row.put(task.payload.as_slice());
    });
    sql.push(" on conflict (region, service, function, task_id) do nothing returning seq, region, service, function, task_id");
    sql
}
