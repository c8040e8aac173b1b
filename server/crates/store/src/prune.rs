//! Old records are deleted in small batches.

use crate::{
    count::CountChanges,
    dialect::Dialect,
    error::Done,
    outbox, rows,
    sql::{Sql, chunks},
    store::SqlStore,
};
use engine::ports::TaskSeq;
use model::{FunctionRef, TaskStatus, UnixMillis};

/// A task that was deleted.
struct Deleted {
    seq: TaskSeq,
    request_id: String,
    function: FunctionRef,
    listed: bool,
    status: TaskStatus,
}

impl<DB: Dialect> SqlStore<DB> {
    /// Deletes ended tasks with their logs, then log chunks that no task brings along: those of synchronous calls.
    pub(crate) async fn prune(&self, before: UnixMillis, limit: u32) -> Done<u64> {
        let candidates = self.ended_before(before, limit).await?;
        let mut deleted = 0;
        if !candidates.is_empty() {
            let mut counts = CountChanges::default();
            let mut tx = self.begin_write().await?;
            for chunk in chunks(&candidates) {
                deleted += delete_tasks::<DB>(chunk, &mut counts, &mut tx).await?;
            }
            counts.write::<DB>(self.shard(), &mut tx).await?;
            tx.commit().await?;
        }
        self.prune_log(before, limit).await?;
        Ok(deleted)
    }

    /// Ended tasks whose outcome is not being delivered any more, by walking the records from where the last look ended: they are in the order of their submission, so the walk ends at
    /// the first one that is too young.
    async fn ended_before(&self, before: UnixMillis, limit: u32) -> Done<Vec<TaskSeq>> {
        let mut ended = Vec::new();
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        while let asked @ 1.. = wanted.saturating_sub(ended.len()) {
            let sql = Sql::<DB>::new(
                "select seq, submitted_at_ms, case when destination_status <> 'Running' then ended_at_ms end from task \
                 where seq > $1 order by seq limit $2",
            )
            .bind(self.pruned_up_to())
            .bind(i64::try_from(asked).unwrap_or(i64::MAX));
            let walked = sql.all(&mut *self.reading().await?, |cells| Ok((cells.int()?, cells.int()?, cells.opt_int()?))).await?;
            let old = walked.iter().take_while(|(_, submitted_at, _)| *submitted_at < before.0);
            let (seen, last) = old.clone().fold((0, None), |(seen, _), (seq, ..)| (seen + 1, Some(*seq)));
            ended.extend(old.filter(|(.., ended_at)| ended_at.is_some_and(|at| at < before.0)).map(|(seq, ..)| *seq));
            // From the beginning next time: some that had not ended may have.
            self.set_pruned_up_to(last.filter(|_| seen == asked).unwrap_or(0));
            if seen < asked {
                break;
            }
        }
        Ok(ended)
    }

    async fn prune_log(&self, before: UnixMillis, limit: u32) -> Done<()> {
        let sql = Sql::<DB>::new("select at_ms from log_chunk where at_ms < $1 order by at_ms limit 1").bind(before.0);
        if sql.first(&mut *self.reading().await?, |cells| cells.int()).await?.is_none() {
            return Ok(());
        }
        Sql::<DB>::new(
            "delete from log_chunk where (request_id, first_line) in \
             (select request_id, first_line from log_chunk where at_ms < $1 order by at_ms limit $2)",
        )
        .bind(before.0)
        .bind(i64::from(limit))
        .execute(&mut *self.writing().await?)
        .await?;
        Ok(())
    }
}

async fn delete_tasks<DB: Dialect>(chunk: &[TaskSeq], counts: &mut CountChanges, connection: &mut DB::Connection) -> sqlx::Result<u64> {
    let mut sql = Sql::<DB>::new("delete from task where seq in ");
    sql.push_list(chunk).push(" returning seq, request_id, region, service, function, listed, status");
    let deleted = sql
        .all(connection, |cells| {
            Ok(Deleted {
                seq: cells.int()?,
                request_id: cells.text()?,
                function: rows::function_ref(cells)?,
                listed: cells.int()? != 0,
                status: rows::status(cells)?,
            })
        })
        .await?;
    if deleted.is_empty() {
        return Ok(0);
    }
    for task in &deleted {
        counts.deleted(&task.function, task.listed, task.status);
    }
    let seqs: Vec<TaskSeq> = deleted.iter().map(|task| task.seq).collect();
    outbox::forget::<DB>(&seqs, connection).await?;
    let requests: Vec<&str> = deleted.iter().map(|task| task.request_id.as_str()).collect();
    let mut sql = Sql::<DB>::new("delete from log_chunk where request_id in ");
    sql.push_list(&requests);
    sql.execute(connection).await?;
    Ok(u64::try_from(deleted.len()).unwrap_or(u64::MAX))
}
