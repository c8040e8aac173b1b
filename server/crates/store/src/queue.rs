//! The queue: leases and who holds them.

use crate::{
    dialect::Dialect,
    error::Done,
    held, lanes, lease,
    pick::{self, Picking},
    rows,
    sql::Sql,
    store::SqlStore,
};
use engine::ports::{Claim, ClaimedTask, LostTask, QueuePlace, TaskSeq, WorkerId};
use model::{FunctionRef, TaskRef, UnixMillis, VersionId};

impl<DB: Dialect> SqlStore<DB> {
    /// Leases due tasks to the worker.
    pub(crate) async fn claim_due(&self, claim: &Claim) -> Done<Vec<ClaimedTask>> {
        if claim.offers.is_empty() || claim.limit == 0 {
            return Ok(Vec::new());
        }
        let mut functions: Vec<&FunctionRef> = claim.offers.keys().collect();
        functions.sort();
        if let Some(last) = self.last_served() {
            let after = functions.partition_point(|function| **function <= last);
            functions.rotate_left(after);
        }
        let mut tx = self.begin_write().await?;
        let room = self.room(true, &mut tx).await?;
        let mut picking = Picking::new(claim, functions.into_iter().cloned(), room);
        picking.all::<DB>(&mut tx).await?;
        let Picking { mut claimed, last, .. } = picking;
        if claimed.is_empty() {
            tx.rollback().await?;
            return Ok(claimed);
        }
        claimed.sort_by_key(|task| (task.due_at, task.seq));
        let counts = lease::write::<DB>(claim, &mut claimed, &mut tx).await?;
        mark_alive::<DB>(&claim.worker, claim.alive_until, &mut tx).await?;
        counts.write::<DB>(self.shard(), &mut tx).await?;
        tx.commit().await?;
        self.served(last);
        Ok(claimed)
    }

    /// The first waiting task of each function that no pause or limit holds back.
    pub(crate) async fn open_heads(&self) -> Done<Vec<(FunctionRef, UnixMillis)>> {
        let mut reading = self.reading().await?;
        let mut heads = pick::heads::<DB>(&mut reading).await?;
        if !heads.is_empty() {
            let room = self.room(false, &mut reading).await?;
            heads.retain(|(function, _)| room.of(function) > 0);
            lanes::look_past_full::<DB>(&room, &mut heads, &mut reading).await?;
        }
        Ok(heads)
    }

    /// Waiting tasks of a function that were submitted up to an instant.
    pub(crate) async fn waiting_of(&self, function: &FunctionRef, until: UnixMillis, limit: u32) -> Done<Vec<LostTask>> {
        Ok(waiting::<DB>(function, until, Of::All, i64::from(limit), &mut *self.reading().await?).await?)
    }

    /// Where a task that nobody holds stands in its function's queue.
    pub(crate) async fn place(&self, task: &TaskRef, count_max: u32) -> Done<Option<QueuePlace>> {
        let mut tx = self.begin_read().await?;
        let sql = Sql::<DB>::new(
            "select run_at_ms, seq from task where region = $1 and service = $2 and function = $3 and task_id = $4 and run_at_ms is not null",
        )
        .bind(task.function.region.as_str())
        .bind(task.function.service.as_str())
        .bind(task.function.function.as_str())
        .bind(task.id.as_str());
        let Some((run_at, seq)) = sql.first(&mut *tx, |cells| Ok((cells.int()?, cells.int()?))).await? else { return Ok(None) };
        let sql = Sql::<DB>::new(
            "select count(*) from (select 1 as one from task where region = $1 and service = $2 and function = $3 \
             and run_at_ms is not null and (run_at_ms, seq) < ($4, $5) limit $6) as before",
        )
        .bind(task.function.region.as_str())
        .bind(task.function.service.as_str())
        .bind(task.function.function.as_str())
        .bind(run_at)
        .bind(seq)
        .bind(i64::from(count_max));
        let ahead = sql.first(&mut *tx, |cells| cells.int()).await?.unwrap_or_default();
        tx.commit().await?;
        Ok(Some(QueuePlace { run_at: UnixMillis(run_at), ahead: ahead.unsigned_abs() }))
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
        let sql = held::lost_sql::<DB>().bind(now.0).bind(i64::from(limit));
        Ok(sql.all(&mut *self.reading().await?, rows::lost::<DB>).await?)
    }

    /// When the first lease of other workers that hold tasks passes; the epoch for one that is forgotten.
    pub(crate) async fn other_lapse(&self, worker: &WorkerId) -> Done<Option<UnixMillis>> {
        let sql = Sql::<DB>::new(
            "select min(coalesce(w.alive_until_ms, 0)) from (select distinct worker_id from task \
             where worker_id <> '' and worker_id <> $1) h left join worker w on w.id = h.worker_id",
        )
        .bind(worker.0.as_str());
        let lapse = sql.first(&mut *self.reading().await?, |cells| cells.opt_int()).await?;
        Ok(lapse.flatten().map(UnixMillis))
    }

    /// Waiting tasks whose code is gone. The counters tell which functions have waiting tasks, and an index which versions, however many
    /// have ended.
    pub(crate) async fn orphaned(&self, limit: u32) -> Done<Vec<LostTask>> {
        let mut tx = self.begin_read().await?;
        let gone = Sql::<DB>::new(
            "select c.region, c.service, c.function from task_count c \
             where c.status in ('Enqueued', 'Processed', 'Retrying') and not exists (select 1 from function f \
             where f.region = c.region and f.service = c.service and f.name = c.function) \
             group by c.region, c.service, c.function having sum(c.count) > 0 order by c.region, c.service, c.function",
        )
        .all(&mut *tx, |cells| Ok((rows::function_ref(cells)?, Of::Current)))
        .await?;
        let deleted = deleted_versions_sql::<DB>()
            .all(&mut *tx, |cells| Ok((rows::function_ref(cells)?, rows::opt_version(cells)?.map_or(Of::Current, Of::Version))))
            .await?;
        let mut found = Vec::new();
        for (function, of) in gone.into_iter().chain(deleted) {
            let left = i64::from(limit) - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if left <= 0 {
                break;
            }
            found.extend(waiting::<DB>(&function, UnixMillis(i64::MAX), of, left, &mut tx).await?);
        }
        tx.commit().await?;
        Ok(found)
    }
}

/// Versions that don't exist any more and have tasks that have not ended: one step along the index for each version with such tasks, in
/// parts as in `pick.rs`.
fn deleted_versions_sql<DB: Dialect>() -> Sql<DB> {
    Sql::new(
        "with recursive step (region, service, function, version) as (\
         select * from (select region, service, function, version from task where version is not null and ended_at_ms is null \
         order by region, service, function, version limit 1) as first \
         union all \
         select t.region, t.service, t.function, t.version from step s join task t on t.seq = coalesce(\
         (select n.seq from task n where n.version is not null and n.ended_at_ms is null and n.region = s.region \
         and n.service = s.service and n.function = s.function and n.version > s.version order by n.version limit 1), \
         (select n.seq from task n where n.version is not null and n.ended_at_ms is null and n.region = s.region \
         and n.service = s.service and n.function > s.function order by n.function, n.version limit 1), \
         (select n.seq from task n where n.version is not null and n.ended_at_ms is null and n.region = s.region \
         and n.service > s.service order by n.service, n.function, n.version limit 1), \
         (select n.seq from task n where n.version is not null and n.ended_at_ms is null and n.region > s.region \
         order by n.region, n.service, n.function, n.version limit 1))) \
         select region, service, function, version from step where not exists (select 1 from function_version v \
         where v.region = step.region and v.service = step.service and v.version = step.version and v.name = step.function) \
         order by region, service, function, version",
    )
}

/// Which tasks of a function are meant.
#[derive(Debug, Clone, Copy)]
enum Of {
    All,
    /// Those that run the current code.
    Current,
    Version(VersionId),
}

async fn waiting<DB: Dialect>(
    function: &FunctionRef,
    until: UnixMillis,
    of: Of,
    limit: i64,
    connection: &mut DB::Connection,
) -> sqlx::Result<Vec<LostTask>> {
    let mut sql = Sql::<DB>::new("select ");
    sql.push(rows::LOST_COLUMNS).push(
        " from task t where t.region = $1 and t.service = $2 and t.function = $3 \
         and t.status in ('Enqueued', 'Processed', 'Retrying') and t.submitted_at_ms <= $4",
    );
    sql.push(match of {
        Of::All => "",
        Of::Current => " and t.version is null",
        // Said twice for the index, which holds nothing else.
        Of::Version(_) => " and t.version is not null and t.ended_at_ms is null and t.version = $6",
    });
    sql.push(" limit $5");
    let mut sql = sql.bind(function.region.as_str()).bind(function.service.as_str()).bind(function.function.as_str());
    sql = sql.bind(until.0).bind(limit);
    if let Of::Version(version) = of {
        sql = sql.bind(crate::versions::number(version));
    }
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

#[cfg(test)]
pub(crate) mod plans {
    use super::*;

    /// The look for tasks of deleted versions steps along their index.
    pub(crate) async fn check<DB: Dialect>(connection: &mut DB::Connection) {
        let plan = deleted_versions_sql::<DB>().plan(connection).await;
        assert!(plan.matches("task_version").count() >= 2, "{plan}");
        let reads_all = |line: &str| line.contains("Seq Scan on task") || line.contains("SCAN t") && !line.contains("task_version");
        assert!(!plan.lines().any(reads_all), "{plan}");
        // From one version to the next without a look at the tasks between them.
        let step = if DB::ALONE { "function=? AND version>?)" } else { "(function = s.function) AND (version > s.version)" };
        assert!(plan.contains(step), "{plan}");
    }
}
