//! Changes of status, each written only if the task is still as the writer knew it, each with one event.

use crate::{
    count::CountChanges,
    dialect::Dialect,
    error::Done,
    history, logs,
    outbox::{self, NewDelivery},
    rows::{self, stored},
    sql::{Sql, filled},
    store::SqlStore,
    waves::waves,
};
use engine::ports::{LogPart, TaskSeq, Transition};
use model::FunctionRef;
use std::collections::HashMap;

/// A row that a transition has changed.
struct Changed {
    seq: TaskSeq,
    listed: bool,
    function: FunctionRef,
    /// Who is told of it, if this was its end.
    target: Option<String>,
}

impl<DB: Dialect> SqlStore<DB> {
    /// Writes transitions after the parts of logs; answers for each whether it was written. Those of one task are written in the batch's order.
    pub(crate) async fn apply_batch(&self, batch: &[Transition], parts: &[LogPart]) -> Done<Vec<bool>> {
        let mut answer = vec![false; batch.len()];
        // Before the transaction: on SQLite everybody else who writes waits for its end.
        let packed = logs::pack_all(parts).await?;
        if batch.is_empty() && packed.is_empty() {
            return Ok(answer);
        }
        let mut counts = CountChanges::default();
        let mut tx = self.begin_write().await?;
        logs::append::<DB>(&packed, &mut tx).await?;
        for mut wave in waves(batch, |transition| transition.seq) {
            // So that concurrent batches lock rows in the same order.
            wave.sort_by_key(|(_, transition)| transition.seq);
            let mut deliveries = Vec::new();
            for chunk in filled(&wave) {
                let places: HashMap<TaskSeq, usize> = chunk.iter().map(|(place, transition)| (transition.seq, *place)).collect();
                for changed in update_rows::<DB>(&chunk).all(&mut *tx, changed::<DB>).await? {
                    let Some(place) = places.get(&changed.seq).copied() else { continue };
                    let (Some(transition), Some(slot)) = (batch.get(place), answer.get_mut(place)) else { continue };
                    *slot = true;
                    counts.moved(&changed.function, changed.listed, transition.from, transition.to);
                    deliveries.extend(changed.target.map(|target| NewDelivery { seq: changed.seq, target, at: transition.at }));
                }
            }
            outbox::insert::<DB>(&deliveries, &mut tx).await?;
        }
        if answer.contains(&true) || !packed.is_empty() {
            counts.write::<DB>(self.shard(), &mut tx).await?;
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(answer)
    }
}

fn changed<DB: Dialect>(cells: &mut crate::sql::Cells<'_, DB>) -> sqlx::Result<Changed> {
    Ok(Changed { seq: cells.int()?, listed: cells.int()? != 0, function: rows::function_ref(cells)?, target: cells.opt_text()? })
}

fn update_rows<DB: Dialect>(chunk: &[(usize, &Transition)]) -> Sql<DB> {
    let mut sql = Sql::new(
        "with change (seq, status_was, fence, attempt, status, event, at_ms, is_start, instance_id, duration_ms, result, result_bytes, \
         error_kind, error_message, retries, is_final, ends_lease, run_at_ms) as (values ",
    );
    sql.push_rows(chunk, |row, (_, transition)| {
        let set = &transition.set;
        row.put(transition.seq).put(transition.from.as_str()).put(transition.fence).put(i64::from(transition.attempt));
        row.put(transition.to.as_str()).put(history::line(transition.to, transition.at, &transition.detail).as_str()).put(transition.at.0);
        row.put(i64::from(set.started_on.is_some())).put(set.started_on.as_ref().map_or("", |instance| instance.as_str()));
        row.put(set.duration_ms);
        row.put(set.result.as_ref().map(|(result, _)| result.as_slice())).put(set.result.as_ref().map(|(_, bytes)| stored(*bytes)));
        row.put(set.error.as_ref().map(|(kind, _)| kind.as_str())).put(set.error.as_ref().map(|(_, message)| message.as_str()));
        row.put(i64::from(set.count_retry));
        let is_final = transition.to.is_terminal();
        row.put(i64::from(is_final)).put(i64::from(is_final || set.next_run_at.is_some()));
        row.put(set.next_run_at.filter(|_| !is_final).map(|at| at.0));
    });
    sql.push(
        ") update task set status = change.status, events = task.events || change.event, \
         attempt = task.attempt + change.is_start, \
         instance_id = case when change.is_start = 1 then change.instance_id else task.instance_id end, \
         started_at_ms = case when change.is_start = 1 and task.attempt = 0 then change.at_ms else task.started_at_ms end, \
         duration_ms = coalesce(change.duration_ms, task.duration_ms), \
         result = coalesce(change.result, task.result), \
         result_bytes = coalesce(change.result_bytes, task.result_bytes), \
         error_kind = coalesce(change.error_kind, task.error_kind), \
         error_message = coalesce(change.error_message, task.error_message), \
         retried = task.retried + change.retries, \
         ended_at_ms = case when change.is_final = 1 then change.at_ms else task.ended_at_ms end, \
         worker_id = case when change.ends_lease = 1 then '' else task.worker_id end, \
         fence = task.fence + change.ends_lease, \
         run_at_ms = case when change.ends_lease = 1 then change.run_at_ms else task.run_at_ms end \
         from change where task.seq = change.seq and task.status = change.status_was and task.fence = change.fence \
         and task.attempt = change.attempt \
         returning task.seq, task.listed, task.region, task.service, task.function, ",
    );
    sql.push(outbox::TARGET);
    sql
}

#[cfg(test)]
pub(crate) mod plans {
    use super::*;
    use engine::ports::Set;
    use model::{TaskStatus, UnixMillis};

    /// A batch of changes is written row by row by number, however many rows there are.
    pub(crate) async fn check<DB: Dialect>(connection: &mut DB::Connection) {
        let end = |seq| Transition {
            seq,
            from: TaskStatus::Running,
            fence: 1,
            attempt: 1,
            to: TaskStatus::Succeeded,
            at: UnixMillis(1),
            detail: String::new(),
            set: Set::default(),
        };
        let ends: Vec<Transition> = (1..=256).map(end).collect();
        let chunk: Vec<(usize, &Transition)> = ends.iter().enumerate().collect();
        let plan = update_rows::<DB>(&chunk).plan(connection).await;
        let by_number = if DB::ALONE { "SEARCH task USING INTEGER PRIMARY KEY" } else { "Index Scan using task_pkey on task" };
        assert!(plan.contains(by_number) && !plan.contains("Seq Scan") && !plan.contains("SCAN task"), "{plan}");
    }
}
