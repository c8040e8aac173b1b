//! Old records are deleted in small batches.

use crate::{
    count::CountChanges,
    dialect::Dialect,
    error::Done,
    log_seal::list_garbage,
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
    /// Deletes ended tasks with their logs, then log chunks that no task brings along: those of synchronous calls. Gives the larger number of
    /// tasks and of chunks of one function: as many as the limit means that there may be more.
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
        Ok(self.prune_log(before, limit).await?.max(deleted))
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

    /// Deletes up to `limit` chunks of each function; gives the most of one. They are found by function, in the order of their last lines.
    async fn prune_log(&self, before: UnixMillis, limit: u32) -> Done<u64> {
        let mut most = 0;
        let mut function = self.next_with_log(None).await?;
        while let Some(current) = function {
            let sql = Sql::<DB>::new(
                "select at_ms from log_chunk where region = $1 and service = $2 and function = $3 and at_ms < $4 order by at_ms limit 1",
            );
            let old = of_function(sql, &current).bind(before.0).first(&mut *self.reading().await?, |cells| cells.int()).await?;
            if old.is_some() {
                let sql = Sql::<DB>::new(
                    "delete from log_chunk where (request_id, first_line) in (select request_id, first_line from log_chunk \
                     where region = $1 and service = $2 and function = $3 and at_ms < $4 order by at_ms limit $5) returning object",
                );
                let sql = of_function(sql, &current).bind(before.0).bind(i64::from(limit));
                let mut tx = self.begin_write().await?;
                let objects = sql.all(&mut tx, |cells| cells.text()).await?;
                forget::<DB>(&objects, &mut tx).await?;
                tx.commit().await?;
                most = most.max(objects.len() as u64);
            }
            function = self.next_with_log(Some(&current)).await?;
        }
        Ok(most)
    }

    /// The first function that has a log, or the next one; in parts as in `pick.rs`. Chunks of earlier releases name none: that counts as one
    /// too.
    async fn next_with_log(&self, after: Option<&FunctionRef>) -> Done<Option<FunctionRef>> {
        let sql = match after {
            None => Sql::<DB>::new("select region, service, function from log_chunk order by region, service, function limit 1"),
            Some(function) => of_function(
                Sql::<DB>::new(
                    "select region, service, function from (\
                     select * from (select 1 as part, region, service, function from log_chunk \
                     where region = $1 and service = $2 and function > $3 order by function limit 1) as same_service \
                     union all select * from (select 2, region, service, function from log_chunk \
                     where region = $1 and service > $2 order by service, function limit 1) as same_region \
                     union all select * from (select 3, region, service, function from log_chunk \
                     where region > $1 order by region, service, function limit 1) as other_region) as next order by part limit 1",
                ),
                function,
            ),
        };
        Ok(sql.first(&mut *self.reading().await?, |cells| rows::function_ref(cells)).await?)
    }
}

fn of_function<DB: Dialect>(sql: Sql<DB>, function: &FunctionRef) -> Sql<DB> {
    sql.bind(function.region.as_str()).bind(function.service.as_str()).bind(function.function.as_str())
}

/// What deleted rows referred to in the log store is garbage from now on.
async fn forget<DB: Dialect>(objects: &[String], connection: &mut DB::Connection) -> sqlx::Result<()> {
    let names: Vec<&str> = objects.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    list_garbage::<DB>(&names, UnixMillis(0), connection).await
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
    sql.push_list(&requests).push(" returning object");
    let objects = sql.all(connection, |cells| cells.text()).await?;
    forget::<DB>(&objects, connection).await?;
    Ok(u64::try_from(deleted.len()).unwrap_or(u64::MAX))
}
