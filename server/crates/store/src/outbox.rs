//! Deliveries of outcomes to destinations: written with a task's final state, leased to a worker, ended.

use crate::{
    dialect::Dialect,
    error::{Done, unreadable},
    rows,
    sql::{Cells, Sql, chunks},
    store::SqlStore,
};
use engine::ports::{ClaimedDelivery, DeliveryEnd, TaskSeq, WorkerId};
use model::{Delivery, DeliveryStatus, UnixMillis};
use std::collections::HashMap;

/// Text that reads the target for the state in which a row of `task` is.
pub(crate) const TARGET: &str = "case when task.status = 'Succeeded' then task.on_success \
     when task.status in ('Failed', 'Expired', 'Invalid', 'Stopped') then task.on_failure end";

/// A delivery to write.
pub(crate) struct NewDelivery {
    pub(crate) seq: TaskSeq,
    pub(crate) target: String,
    pub(crate) at: UnixMillis,
}

/// Writes deliveries, due at once, in the transaction that has ended their tasks.
pub(crate) async fn insert<DB: Dialect>(new: &[NewDelivery], connection: &mut DB::Connection) -> sqlx::Result<()> {
    for chunk in chunks(new) {
        let mut sql = Sql::<DB>::new(
            "insert into outbox (task_seq, target, status, attempts, due_at_ms, worker_id, fence, last_error, created_at_ms, changed_at_ms, \
             redriven_by) values ",
        );
        sql.push_rows(chunk, |row, delivery| {
            row.put(delivery.seq).put(delivery.target.as_str()).put(DeliveryStatus::Running.as_str()).put(0).put(delivery.at.0);
            row.put("").put(0).put("").put(delivery.at.0).put(delivery.at.0).put("");
        });
        sql.execute(connection).await?;
        let seqs: Vec<TaskSeq> = chunk.iter().map(|delivery| delivery.seq).collect();
        set_status::<DB>(DeliveryStatus::Running, &seqs, connection).await?;
    }
    Ok(())
}

/// Deletes the deliveries of deleted tasks.
pub(crate) async fn forget<DB: Dialect>(seqs: &[TaskSeq], connection: &mut DB::Connection) -> sqlx::Result<()> {
    let mut sql = Sql::<DB>::new("delete from outbox where task_seq in ");
    sql.push_list(seqs);
    sql.execute(connection).await?;
    Ok(())
}

/// Brings what the records of tasks say of their deliveries up to date.
async fn set_status<DB: Dialect>(status: DeliveryStatus, seqs: &[TaskSeq], connection: &mut DB::Connection) -> sqlx::Result<()> {
    let mut sql = Sql::<DB>::new("update task set destination_status = ");
    sql.push_bind(status.as_str()).push(" where seq in ").push_list(seqs);
    sql.execute(connection).await?;
    Ok(())
}

/// A delivery that was leased, before its outcome was read.
struct Leased {
    seq: TaskSeq,
    fence: i64,
    target: String,
    attempts: u32,
}

impl<DB: Dialect> SqlStore<DB> {
    /// Leases due deliveries to the worker.
    pub(crate) async fn lease_deliveries(
        &self,
        worker: &WorkerId,
        now: UnixMillis,
        lease_until: UnixMillis,
        busy: &[String],
        limit: u32,
    ) -> Done<Vec<ClaimedDelivery>> {
        let mut tx = self.begin_write().await?;
        let mut sql =
            Sql::<DB>::new("with picked as materialized (select task_seq from outbox where due_at_ms is not null and due_at_ms <= ");
        sql.push_bind(now.0);
        push_not_busy(&mut sql, busy);
        sql.push(" order by due_at_ms, task_seq limit ").push_bind(i64::from(limit)).push(DB::SKIP_LOCKED);
        sql.push(") update outbox set fence = fence + 1, worker_id = ").push_bind(worker.0.as_str());
        sql.push(", due_at_ms = ").push_bind(lease_until.0);
        sql.push(" where task_seq in (select task_seq from picked) returning task_seq, fence, target, attempts");
        let leased = sql.all(&mut *tx, leased::<DB>).await?;
        if leased.is_empty() {
            tx.rollback().await?;
            return Ok(Vec::new());
        }
        let claimed = with_outcomes::<DB>(leased, &mut tx).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// When the next delivery is due.
    pub(crate) async fn first_delivery_due(&self, busy: &[String]) -> Done<Option<UnixMillis>> {
        let mut sql = Sql::<DB>::new("select due_at_ms from outbox where due_at_ms is not null");
        push_not_busy(&mut sql, busy);
        sql.push(" order by due_at_ms limit 1");
        Ok(sql.first(&mut *self.reading().await?, |cells| cells.int()).await?.map(UnixMillis))
    }

    /// Writes how tries ended; answers for each whether it was written.
    pub(crate) async fn end_tries(&self, batch: &[DeliveryEnd]) -> Done<Vec<bool>> {
        let mut answer = vec![false; batch.len()];
        // In one order for all, so that concurrent batches don't wait for each other in a circle.
        let mut sorted: Vec<(usize, &DeliveryEnd)> = batch.iter().enumerate().collect();
        sorted.sort_by_key(|(_, end)| (end.seq, end.fence));
        let mut tx = self.begin_write().await?;
        let mut written: HashMap<DeliveryStatus, Vec<TaskSeq>> = HashMap::new();
        for chunk in chunks(&sorted) {
            for (seq, fence) in end_rows::<DB>(chunk).all(&mut *tx, |cells| Ok((cells.int()?, cells.int()?))).await? {
                // The fence has grown by the end of the try.
                let Some((place, end)) = chunk.iter().find(|(_, end)| (end.seq, end.fence + 1) == (seq, fence)) else { continue };
                if let Some(slot) = answer.get_mut(*place) {
                    *slot = true;
                }
                written.entry(end.status).or_default().push(seq);
            }
        }
        for status in [DeliveryStatus::Succeeded, DeliveryStatus::Failed] {
            for seqs in written.get(&status).map(Vec::as_slice).into_iter().flat_map(chunks) {
                set_status::<DB>(status, seqs, &mut tx).await?;
            }
        }
        tx.commit().await?;
        Ok(answer)
    }

    /// Makes what the worker holds due.
    pub(crate) async fn free_leases(&self, worker: &WorkerId, now: UnixMillis) -> Done<()> {
        Sql::<DB>::new(
            "update outbox set due_at_ms = $1, worker_id = '', fence = fence + 1 where due_at_ms is not null and worker_id = $2",
        )
        .bind(now.0)
        .bind(worker.0.as_str())
        .execute(&mut *self.writing().await?)
        .await?;
        Ok(())
    }

    /// The delivery of a task.
    pub(crate) async fn delivery(&self, seq: TaskSeq) -> Done<Option<Delivery>> {
        let sql = Sql::<DB>::new(
            "select target, status, attempts, last_error, due_at_ms, created_at_ms, changed_at_ms, redriven_by from outbox where task_seq = $1",
        )
        .bind(seq);
        Ok(sql.first(&mut *self.reading().await?, delivery::<DB>).await?)
    }

    /// Makes a failed delivery due again.
    pub(crate) async fn redrive(&self, seq: TaskSeq, user: &str, now: UnixMillis) -> Done<bool> {
        let mut tx = self.begin_write().await?;
        let sql = Sql::<DB>::new(
            "update outbox set status = 'Running', attempts = 0, due_at_ms = $1, fence = fence + 1, changed_at_ms = $1, redriven_by = $2 \
             where task_seq = $3 and status = 'Failed'",
        )
        .bind(now.0)
        .bind(user)
        .bind(seq);
        if sql.execute(&mut tx).await? == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        set_status::<DB>(DeliveryStatus::Running, &[seq], &mut tx).await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn push_not_busy<DB: Dialect>(sql: &mut Sql<DB>, busy: &[String]) {
    if !busy.is_empty() {
        let busy: Vec<&str> = busy.iter().map(String::as_str).collect();
        sql.push(" and target not in ").push_list(&busy);
    }
}

fn leased<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Leased> {
    Ok(Leased { seq: cells.int()?, fence: cells.int()?, target: cells.text()?, attempts: rows::small("delivery attempts", cells.int()?)? })
}

/// Reads the outcomes of what was leased, oldest end first.
async fn with_outcomes<DB: Dialect>(leased: Vec<Leased>, connection: &mut DB::Connection) -> sqlx::Result<Vec<ClaimedDelivery>> {
    let seqs: Vec<TaskSeq> = leased.iter().map(|one| one.seq).collect();
    let mut sql = Sql::<DB>::new("select ");
    sql.push(rows::OUTCOME_COLUMNS).push(" from task where seq in ").push_list(&seqs);
    let mut outcomes: HashMap<TaskSeq, _> = sql.all(connection, rows::outcome::<DB>).await?.into_iter().collect();
    let mut claimed: Vec<ClaimedDelivery> = leased
        .into_iter()
        .filter_map(|one| {
            let outcome = outcomes.remove(&one.seq)?;
            Some(ClaimedDelivery { seq: one.seq, fence: one.fence, target: one.target, attempts: one.attempts, outcome })
        })
        .collect();
    claimed.sort_by_key(|one| (one.outcome.ended_at, one.seq));
    Ok(claimed)
}

fn end_rows<DB: Dialect>(chunk: &[(usize, &DeliveryEnd)]) -> Sql<DB> {
    let mut sql = Sql::new("with change (task_seq, fence, status, due_at_ms, tries, last_error, at_ms) as (values ");
    sql.push_rows(chunk, |row, (_, end)| {
        row.put(end.seq).put(end.fence).put(end.status.as_str());
        row.put(end.next_at.filter(|_| end.status == DeliveryStatus::Running).map(|at| at.0));
        row.put(i64::from(end.counts)).put(end.error.as_str()).put(end.at.0);
    });
    sql.push(
        ") update outbox set status = change.status, due_at_ms = change.due_at_ms, attempts = outbox.attempts + change.tries, \
         last_error = change.last_error, changed_at_ms = change.at_ms, worker_id = '', fence = outbox.fence + 1 \
         from change where outbox.task_seq = change.task_seq and outbox.fence = change.fence and outbox.status = 'Running' \
         returning outbox.task_seq, outbox.fence",
    );
    sql
}

fn delivery<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Delivery> {
    Ok(Delivery {
        target: cells.text()?,
        status: {
            let word = cells.text()?;
            DeliveryStatus::parse(&word).ok_or_else(|| unreadable("delivery status", word))?
        },
        attempts: rows::small("delivery attempts", cells.int()?)?,
        last_error: cells.text()?,
        next_at: cells.opt_int()?.map(UnixMillis),
        created_at: UnixMillis(cells.int()?),
        changed_at: UnixMillis(cells.int()?),
        redriven_by: cells.text()?,
    })
}
