//! Bulk actions: their records, and whose turn it is.

use crate::{
    bulk_items,
    dialect::Dialect,
    error::{Done, unreadable},
    rows,
    sql::{Cells, Sql},
    store::SqlStore,
};
use async_trait::async_trait;
use engine::ports::{BulkItemEnd, BulkStore, ClaimedBulk, FoundTask, ScanCursor, Scanned, StoreResult, TaskScan, TaskSeq, WorkerId};
use model::{Bulk, BulkAction, BulkItem, BulkOutcome, BulkScope, BulkState, DeadLetterKey, DeadLetters, Region, UnixMillis};

/// What [`bulk`] reads.
const COLUMNS: &str = "id, region, service, function, action, wanted, retry_of, user_name, created_at_ms, ended_at_ms, state, stopped_by, \
     total, done, failed, skipped";

#[async_trait]
impl<DB: Dialect> BulkStore for SqlStore<DB> {
    async fn newest_task(&self) -> StoreResult<TaskSeq> {
        self.run(|| self.last_task()).await
    }

    async fn scan_tasks(&self, scan: &TaskScan<'_>) -> StoreResult<Scanned> {
        self.run(|| self.scan(scan)).await
    }

    async fn insert_bulk(&self, bulk: &Bulk, until: TaskSeq, tasks: &[FoundTask], next: Option<ScanCursor>) -> StoreResult<()> {
        self.run(|| self.add_bulk(bulk, until, tasks, next.as_ref())).await
    }

    async fn insert_bulk_retry(&self, bulk: &Bulk) -> StoreResult<u64> {
        self.run(|| self.add_retry(bulk)).await
    }

    async fn get_bulk(&self, region: &Region, id: &str) -> StoreResult<Option<Bulk>> {
        self.run(|| self.bulk(region, id)).await
    }

    async fn list_bulks(&self, region: &Region, limit: u32) -> StoreResult<Vec<Bulk>> {
        self.run(|| self.latest_bulks(region, limit)).await
    }

    async fn bulk_items(
        &self,
        id: &str,
        outcome: Option<BulkOutcome>,
        after: TaskSeq,
        limit: u32,
    ) -> StoreResult<Vec<(TaskSeq, BulkItem)>> {
        self.run(|| self.item_page(id, outcome, after, limit)).await
    }

    async fn next_bulk_due(&self) -> StoreResult<Option<UnixMillis>> {
        self.run(|| self.first_bulk_due()).await
    }

    async fn claim_bulk(
        &self,
        worker: &WorkerId,
        now: UnixMillis,
        lease_until: UnixMillis,
        limit: u32,
    ) -> StoreResult<Option<ClaimedBulk>> {
        self.run(|| self.lease_bulk(worker, now, lease_until, limit)).await
    }

    async fn extend_bulk(&self, id: &str, fence: i64, tasks: &[FoundTask], next: Option<ScanCursor>, now: UnixMillis) -> StoreResult<bool> {
        self.run(|| self.grow_bulk(id, fence, tasks, next.as_ref(), now)).await
    }

    async fn end_bulk_items(&self, id: &str, fence: i64, ends: &[BulkItemEnd], now: UnixMillis) -> StoreResult<bool> {
        self.run(|| self.end_items(id, fence, ends, now)).await
    }

    async fn stop_bulk(&self, region: &Region, id: &str, user: &str, now: UnixMillis) -> StoreResult<bool> {
        self.run(|| self.halt_bulk(region, id, user, now)).await
    }

    async fn free_bulks(&self, worker: &WorkerId, now: UnixMillis) -> StoreResult<()> {
        self.run(|| self.free_bulks_of(worker, now)).await
    }

    async fn prune_bulks(&self, before: UnixMillis, limit: u32) -> StoreResult<u64> {
        self.run(|| self.forget_bulks(before, limit)).await
    }

    async fn dead_letters(&self, region: &Region, since: Option<UnixMillis>) -> StoreResult<DeadLetters> {
        self.run(|| self.dead_groups(region, since)).await
    }

    async fn dismiss_dead_letters(&self, key: &DeadLetterKey, until: UnixMillis) -> StoreResult<()> {
        self.run(|| self.dismiss(key, until)).await
    }
}

fn word<T>(what: &str, word: String, parse: fn(&str) -> Option<T>) -> sqlx::Result<T> {
    parse(&word).ok_or_else(|| unreadable(what, word))
}

/// Columns [`COLUMNS`].
fn bulk<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Bulk> {
    let id = cells.text()?;
    let scope = BulkScope::named(Region::from_stored(cells.text()?), &cells.text()?, &cells.text()?);
    let action = word("bulk action", cells.text()?, BulkAction::parse)?;
    Ok(Bulk {
        id,
        scope,
        action,
        filter: rows::from_json("filter of a bulk action", &cells.text()?)?,
        retry_of: cells.opt_text()?,
        user: cells.text()?,
        created_at: UnixMillis(cells.int()?),
        ended_at: cells.opt_int()?.map(UnixMillis),
        state: word("state of a bulk action", cells.text()?, BulkState::parse)?,
        stopped_by: cells.text()?,
        total: rows::unsigned("number of tasks", cells.int()?)?,
        done: rows::unsigned("number of tasks", cells.int()?)?,
        failed: rows::unsigned("number of tasks", cells.int()?)?,
        skipped: rows::unsigned("number of tasks", cells.int()?)?,
    })
}

fn cursor_text(next: Option<&ScanCursor>) -> sqlx::Result<Option<String>> {
    next.map(rows::to_json).transpose()
}

/// What an action is in once there is nothing more to look for.
fn state_after(next: Option<&ScanCursor>) -> BulkState {
    if next.is_some() { BulkState::Collecting } else { BulkState::Running }
}

impl<DB: Dialect> SqlStore<DB> {
    async fn add_bulk(&self, bulk: &Bulk, until: TaskSeq, tasks: &[FoundTask], next: Option<&ScanCursor>) -> Done<()> {
        let mut tx = self.begin_write().await?;
        let total = bulk_items::insert::<DB>(&bulk.id, tasks, &mut tx).await?;
        insert_row::<DB>(bulk, state_after(next), until, next, total, &mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn add_retry(&self, bulk: &Bulk) -> Done<u64> {
        let mut tx = self.begin_write().await?;
        let of = bulk.retry_of.as_deref().unwrap_or_default();
        let total = bulk_items::copy_failed::<DB>(of, &bulk.id, &mut tx).await?;
        if total == 0 {
            tx.rollback().await?;
            return Ok(0);
        }
        insert_row::<DB>(bulk, BulkState::Running, 0, None, total, &mut tx).await?;
        tx.commit().await?;
        Ok(total)
    }

    async fn bulk(&self, region: &Region, id: &str) -> Done<Option<Bulk>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(COLUMNS).push(" from bulk where id = ").push_bind(id).push(" and region = ").push_bind(region.as_str());
        Ok(sql.first(&mut *self.reading().await?, bulk::<DB>).await?)
    }

    async fn latest_bulks(&self, region: &Region, limit: u32) -> Done<Vec<Bulk>> {
        let mut sql = Sql::<DB>::new("select ");
        sql.push(COLUMNS).push(" from bulk where region = ").push_bind(region.as_str());
        sql.push(" order by created_at_ms desc, id desc limit ").push_bind(i64::from(limit));
        Ok(sql.all(&mut *self.reading().await?, bulk::<DB>).await?)
    }

    async fn first_bulk_due(&self) -> Done<Option<UnixMillis>> {
        let sql = Sql::<DB>::new("select due_at_ms from bulk where ended_at_ms is null order by due_at_ms limit 1");
        Ok(sql.first(&mut *self.reading().await?, |cells| cells.int()).await?.map(UnixMillis))
    }

    async fn lease_bulk(&self, worker: &WorkerId, now: UnixMillis, lease_until: UnixMillis, limit: u32) -> Done<Option<ClaimedBulk>> {
        let mut tx = self.begin_write().await?;
        let mut sql = Sql::<DB>::new("with picked as materialized (select id from bulk where ended_at_ms is null and due_at_ms <= ");
        sql.push_bind(now.0).push(" order by due_at_ms, id limit 1").push(DB::SKIP_LOCKED);
        sql.push(") update bulk set fence = fence + 1, worker_id = ").push_bind(worker.0.as_str());
        sql.push(", due_at_ms = ").push_bind(lease_until.0).push(" where id in (select id from picked) returning ");
        sql.push(COLUMNS).push(", fence, until_seq, scan_cursor");
        let leased = sql.first(&mut *tx, |cells| Ok((bulk(cells)?, cells.int()?, cells.int()?, cells.opt_text()?))).await?;
        let Some((bulk, fence, until, cursor)) = leased else {
            tx.rollback().await?;
            return Ok(None);
        };
        let cursor = cursor.map(|text| rows::from_json("place of a search", &text)).transpose()?;
        let items = match bulk.state {
            BulkState::Running => bulk_items::waiting::<DB>(&bulk, limit, &mut tx).await?,
            _ => Vec::new(),
        };
        tx.commit().await?;
        Ok(Some(ClaimedBulk { bulk, fence, until, cursor, items }))
    }

    async fn grow_bulk(&self, id: &str, fence: i64, tasks: &[FoundTask], next: Option<&ScanCursor>, now: UnixMillis) -> Done<bool> {
        let mut tx = self.begin_write().await?;
        let sql = Sql::<DB>::new(
            "update bulk set scan_cursor = $1, state = $2, worker_id = '', due_at_ms = $3 where id = $4 and fence = $5 and state = 'Collecting'",
        );
        let cursor = cursor_text(next)?;
        let sql = sql.bind(cursor.as_deref()).bind(state_after(next).as_str()).bind(now.0).bind(id).bind(fence);
        if sql.execute(&mut *tx).await? == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        let added = bulk_items::insert::<DB>(id, tasks, &mut tx).await?;
        Sql::<DB>::new("update bulk set total = total + $1 where id = $2").bind(rows::stored(added)).bind(id).execute(&mut *tx).await?;
        finish::<DB>(id, now, &mut tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn end_items(&self, id: &str, fence: i64, ends: &[BulkItemEnd], now: UnixMillis) -> Done<bool> {
        let mut tx = self.begin_write().await?;
        // Locks the action, so that what comes after a lost lease waits and finds another fence.
        let sql = Sql::<DB>::new("update bulk set worker_id = '', due_at_ms = $1, fence = fence + 1 where id = $2 and fence = $3");
        if sql.bind(now.0).bind(id).bind(fence).execute(&mut *tx).await? == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        let ended = bulk_items::end::<DB>(id, ends, &mut tx).await?;
        let count = |outcome| rows::stored(ended.iter().filter(|found| **found == outcome).count() as u64);
        Sql::<DB>::new("update bulk set done = done + $1, failed = failed + $2, skipped = skipped + $3 where id = $4")
            .bind(count(BulkOutcome::Done))
            .bind(count(BulkOutcome::Failed))
            .bind(count(BulkOutcome::Skipped))
            .bind(id)
            .execute(&mut *tx)
            .await?;
        finish::<DB>(id, now, &mut tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn halt_bulk(&self, region: &Region, id: &str, user: &str, now: UnixMillis) -> Done<bool> {
        // The fence stays: what the worker is doing at the moment is still written.
        let sql = Sql::<DB>::new(
            "update bulk set state = 'Stopped', stopped_by = $1, ended_at_ms = $2 where id = $3 and region = $4 and ended_at_ms is null",
        );
        let sql = sql.bind(user).bind(now.0).bind(id).bind(region.as_str());
        Ok(sql.execute(&mut *self.writing().await?).await? > 0)
    }

    async fn free_bulks_of(&self, worker: &WorkerId, now: UnixMillis) -> Done<()> {
        let sql = Sql::<DB>::new(
            "update bulk set due_at_ms = $1, worker_id = '', fence = fence + 1 where ended_at_ms is null and worker_id = $2",
        );
        sql.bind(now.0).bind(worker.0.as_str()).execute(&mut *self.writing().await?).await?;
        Ok(())
    }

    async fn forget_bulks(&self, before: UnixMillis, limit: u32) -> Done<u64> {
        let mut tx = self.begin_write().await?;
        Sql::<DB>::new("delete from dead_letter_dismissal where until_ms < $1").bind(before.0).execute(&mut *tx).await?;
        let sql = Sql::<DB>::new("select id from bulk where ended_at_ms < $1 order by ended_at_ms limit 1");
        let deleted = match sql.bind(before.0).first(&mut *tx, |cells| cells.text()).await? {
            None => 0,
            Some(id) => match bulk_items::delete::<DB>(&id, limit, &mut tx).await? {
                items if items >= u64::from(limit) => items,
                _ => {
                    Sql::<DB>::new("delete from bulk where id = $1").bind(id.as_str()).execute(&mut *tx).await?;
                    // There may be another one.
                    u64::from(limit)
                }
            },
        };
        tx.commit().await?;
        Ok(deleted)
    }
}

async fn insert_row<DB: Dialect>(
    bulk: &Bulk,
    state: BulkState,
    until: TaskSeq,
    next: Option<&ScanCursor>,
    total: u64,
    connection: &mut DB::Connection,
) -> sqlx::Result<()> {
    let (service, function) = bulk.scope.names();
    let (wanted, cursor) = (rows::to_json(&bulk.filter)?, cursor_text(next)?);
    Sql::<DB>::new(
        "insert into bulk (id, region, service, function, action, wanted, retry_of, user_name, created_at_ms, state, until_seq, scan_cursor, \
         total, due_at_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(bulk.id.as_str())
    .bind(bulk.scope.region.as_str())
    .bind(service)
    .bind(function)
    .bind(bulk.action.as_str())
    .bind(wanted.as_str())
    .bind(bulk.retry_of.as_deref())
    .bind(bulk.user.as_str())
    .bind(bulk.created_at.0)
    .bind(state.as_str())
    .bind(until)
    .bind(cursor.as_deref())
    .bind(rows::stored(total))
    .bind(bulk.created_at.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends an action that has no task left.
async fn finish<DB: Dialect>(id: &str, now: UnixMillis, connection: &mut DB::Connection) -> sqlx::Result<()> {
    let sql = Sql::<DB>::new(
        "update bulk set state = 'Done', ended_at_ms = $1 where id = $2 and state = 'Running' \
         and not exists (select 1 from bulk_item where bulk_id = bulk.id and outcome = '')",
    );
    sql.bind(now.0).bind(id).execute(connection).await?;
    Ok(())
}
