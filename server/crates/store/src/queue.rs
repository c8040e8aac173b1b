//! The queue: leases and who holds them.

use crate::{
    count::CountChanges,
    dialect::Dialect,
    error::Done,
    rows,
    sql::Sql,
    store::SqlStore,
    tasks::{NewEvent, insert_events},
};
use engine::ports::{ClaimedTask, LostTask, TaskSeq, WorkerId};
use model::{FunctionRef, TaskStatus, UnixMillis};

impl<DB: Dialect> SqlStore<DB> {
    /// Leases due tasks to the worker. Reads first, so that an idle server writes nothing.
    pub(crate) async fn claim_due(
        &self,
        worker: &WorkerId,
        now: UnixMillis,
        alive_until: UnixMillis,
        limit: u32,
    ) -> Done<Vec<ClaimedTask>> {
        if limit == 0 || self.first_due().await?.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        let mut tx = self.begin_write().await?;
        let mut sql = Sql::<DB>::new(
            "with picked as materialized (select seq from task where run_at_ms is not null and run_at_ms <= $1 \
             order by run_at_ms, seq limit $2",
        );
        sql.push(DB::SKIP_LOCKED).push(
            ") update task set fence = fence + 1, worker_id = $3, run_at_ms = null, \
             event_count = event_count + case when status = 'Enqueued' then 1 else 0 end, \
             status = case when status = 'Enqueued' then 'Processed' else status end \
             where seq in (select seq from picked) returning ",
        );
        sql.push(rows::CLAIMED_COLUMNS);
        let sql = sql.bind(now.0).bind(i64::from(limit)).bind(worker.0.as_str());
        let mut claimed = sql.all(&mut *tx, rows::claimed::<DB>).await?;
        if claimed.is_empty() {
            tx.rollback().await?;
            return Ok(claimed);
        }
        claimed.sort_by_key(|task| (task.due_at, task.seq));
        let mut counts = CountChanges::default();
        let mut events = Vec::with_capacity(claimed.len());
        // Only a waiting task that was never claimed is `Enqueued`, so the first lease is what made it `Processed`.
        for task in claimed.iter().filter(|task| task.fence == 1) {
            events.push(NewEvent { seq: task.seq, id: 2, status: TaskStatus::Processed, at: now, detail: "" });
            counts.moved(&task.task.function, task.listed, TaskStatus::Enqueued, TaskStatus::Processed);
        }
        insert_events::<DB>(&events, &mut tx).await?;
        mark_alive::<DB>(worker, alive_until, &mut tx).await?;
        counts.write::<DB>(self.shard(), &mut tx).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// When the next task that nobody holds is due.
    pub(crate) async fn first_due(&self) -> Done<Option<UnixMillis>> {
        let sql = Sql::<DB>::new("select run_at_ms from task where run_at_ms is not null order by run_at_ms limit 1");
        Ok(sql.first(&mut *self.reading().await?, |cells| cells.int()).await?.map(UnixMillis))
    }

    /// Gives a lease back without a change of status; the fence grows, so the former holder's writes fail.
    pub(crate) async fn release_lease(&self, seq: TaskSeq, fence: i64, attempt: u32, due: UnixMillis) -> Done<bool> {
        let sql = Sql::<DB>::new(
            "update task set worker_id = '', run_at_ms = $4, fence = fence + 1 \
             where seq = $1 and fence = $2 and attempt = $3 and status in ('Processed', 'Retrying') and worker_id <> ''",
        )
        .bind(seq)
        .bind(fence)
        .bind(i64::from(attempt))
        .bind(due.0);
        Ok(sql.execute(&mut *self.writing().await?).await? == 1)
    }

    /// Marks the worker alive and returns the tasks that it has to stop.
    pub(crate) async fn beat(&self, worker: &WorkerId, alive_until: UnixMillis) -> Done<Vec<TaskSeq>> {
        mark_alive::<DB>(worker, alive_until, &mut *self.writing().await?).await?;
        let sql = Sql::<DB>::new("select seq from task where worker_id = $1 and worker_id <> '' and status = 'Stopping' order by seq")
            .bind(worker.0.as_str());
        Ok(sql.all(&mut *self.reading().await?, |cells| cells.int()).await?)
    }

    /// Forgets the worker.
    pub(crate) async fn forget_worker(&self, worker: &WorkerId) -> Done<()> {
        Sql::<DB>::new("delete from worker where id = $1").bind(worker.0.as_str()).execute(&mut *self.writing().await?).await?;
        Ok(())
    }

    /// Tasks that the worker holds.
    pub(crate) async fn held_by(&self, worker: &WorkerId) -> Done<Vec<LostTask>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::LOST_COLUMNS).push(" from task t where t.worker_id = $1 and t.worker_id <> '' order by t.seq");
        Ok(sql.bind(worker.0.as_str()).all(&mut *self.reading().await?, rows::lost::<DB>).await?)
    }

    /// Held tasks whose worker is not alive.
    pub(crate) async fn lost(&self, now: UnixMillis, limit: u32) -> Done<Vec<LostTask>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(rows::LOST_COLUMNS).push(
            " from task t left join worker w on w.id = t.worker_id \
             where t.worker_id <> '' and (w.id is null or w.alive_until_ms < $1) order by t.seq limit $2",
        );
        let sql = sql.bind(now.0).bind(i64::from(limit));
        Ok(sql.all(&mut *self.reading().await?, rows::lost::<DB>).await?)
    }

    /// Waiting tasks whose function is gone. The counters tell which functions have waiting tasks, however many have ended.
    pub(crate) async fn orphaned(&self, limit: u32) -> Done<Vec<LostTask>> {
        let mut tx = self.begin_read().await?;
        let gone = Sql::<DB>::new(
            "select c.region, c.service, c.function from task_count c \
             where c.status in ('Enqueued', 'Processed', 'Retrying') and not exists (select 1 from function f \
             where f.region = c.region and f.service = c.service and f.name = c.function) \
             group by c.region, c.service, c.function having sum(c.count) > 0 order by c.region, c.service, c.function",
        )
        .all(&mut *tx, rows::function_ref::<DB>)
        .await?;
        let mut found = Vec::new();
        for function in gone {
            let left = i64::from(limit) - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if left <= 0 {
                break;
            }
            found.extend(waiting::<DB>(&function, left, &mut tx).await?);
        }
        tx.commit().await?;
        Ok(found)
    }
}

async fn waiting<DB: Dialect>(function: &FunctionRef, limit: i64, connection: &mut DB::Connection) -> sqlx::Result<Vec<LostTask>> {
    let mut sql = Sql::<DB>::new("select ");
    sql.push(rows::LOST_COLUMNS).push(
        " from task t where t.region = $1 and t.service = $2 and t.function = $3 \
         and t.status in ('Enqueued', 'Processed', 'Retrying') limit $4",
    );
    let sql = sql.bind(function.region.as_str()).bind(function.service.as_str()).bind(function.function.as_str()).bind(limit);
    sql.all(connection, rows::lost::<DB>).await
}

async fn mark_alive<DB: Dialect>(worker: &WorkerId, alive_until: UnixMillis, connection: &mut DB::Connection) -> sqlx::Result<()> {
    Sql::<DB>::new(
        "insert into worker (id, alive_until_ms) values ($1, $2) on conflict (id) do update set alive_until_ms = excluded.alive_until_ms",
    )
    .bind(worker.0.as_str())
    .bind(alive_until.0)
    .execute(connection)
    .await?;
    Ok(())
}
