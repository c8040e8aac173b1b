//! Pauses and limits of queues, limits of instances, and the room that they leave.

use crate::{dialect::Dialect, error::Done, held, lanes::Lanes, rows, sql::Sql, store::SqlStore};
use model::{FunctionName, FunctionRef, Qualifier, Queue, QueueScope, Region, ServiceName, UnixMillis};
use std::collections::{HashMap, HashSet};

/// The key of a scope's row.
fn key(scope: &QueueScope) -> FunctionRef {
    match scope {
        QueueScope::Region(region) => whole(region),
        QueueScope::Function(function) => function.clone(),
    }
}

/// The key of a region's row.
fn whole(region: &Region) -> FunctionRef {
    FunctionRef { region: region.clone(), service: ServiceName::from_stored(""), function: FunctionName::from_stored("") }
}

/// How many more tasks may be taken, where a pause or a limit says so.
#[derive(Debug, Default)]
pub(crate) struct Room {
    left: HashMap<FunctionRef, i64>,
    /// What limits of instances leave to the qualifiers of a function.
    lanes: Lanes,
}

impl Room {
    /// Tasks that may still be taken of a function.
    pub(crate) fn of(&self, function: &FunctionRef) -> i64 {
        let left = |key: &FunctionRef| self.left.get(key).copied().unwrap_or(i64::MAX);
        if self.left.is_empty() { i64::MAX } else { left(function).min(left(&whole(&function.region))) }
    }

    /// The qualifiers of a function of which no task may be taken.
    pub(crate) fn full(&self, function: &FunctionRef) -> Vec<&str> {
        self.lanes.full(function)
    }

    /// Counts a task that is about to be taken; false when none of its qualifier may be.
    pub(crate) fn take_lane(&mut self, function: &FunctionRef, qualifier: &Qualifier) -> bool {
        self.lanes.take(function, qualifier)
    }

    /// Counts taken tasks.
    pub(crate) fn take(&mut self, function: &FunctionRef, count: i64) {
        for key in [function, &whole(&function.region)] {
            if let Some(left) = self.left.get_mut(key) {
                *left -= count;
            }
        }
    }
}

/// Reads the room. For a claim the rows with a limit are locked, so that two servers don't both fill the same room; what another one has
/// locked counts as full.
async fn room<DB: Dialect>(for_claim: bool, connection: &mut DB::Connection) -> sqlx::Result<Room> {
    // One statement for both, since every claim and every look for due tasks asks.
    let sql = Sql::<DB>::new(
        "select region, service, function, paused_at_ms, max_running, null as qualifier from queue_hold \
         union all select c.region, c.service, c.function, null, c.max_instances * coalesce(f.instance_concurrency, 1), c.qualifier \
         from on_demand_config c left join function f on f.region = c.region and f.service = c.service and f.name = c.function",
    );
    let read = sql.all(connection, |cells| {
        Ok((rows::function_ref(cells)?, cells.opt_int()?, cells.opt_int()?, cells.opt_text()?.map(Qualifier::from_stored)))
    });
    let (mut holds, mut lanes) = (Vec::new(), Vec::new());
    for (key, paused_at, limit, qualifier) in read.await? {
        match (qualifier, limit) {
            (None, _) => holds.push((key, paused_at, limit)),
            (Some(qualifier), Some(limit)) => lanes.push(((key, qualifier), limit)),
            (Some(_), None) => {}
        }
    }
    let mut room = Room::default();
    if holds.iter().any(|(_, _, limit)| limit.is_some()) {
        let locked = if for_claim { Some(locked::<DB>(connection).await?) } else { None };
        let held = held_by_function::<DB>(connection).await?;
        for (key, _, limit) in &holds {
            let Some(limit) = limit else { continue };
            let is_region = key.service.as_str().is_empty();
            let counted = held.iter().filter(|(function, _)| if is_region { function.region == key.region } else { function == key });
            let is_free = locked.as_ref().is_none_or(|locked| locked.contains(key));
            room.left.insert(key.clone(), if is_free { limit - counted.map(|(_, count)| count).sum::<i64>() } else { 0 });
        }
    }
    for (key, paused_at, _) in holds {
        if paused_at.is_some() {
            room.left.insert(key, 0);
        }
    }
    room.lanes = Lanes::read::<DB>(lanes, for_claim, connection).await?;
    Ok(room)
}

async fn locked<DB: Dialect>(connection: &mut DB::Connection) -> sqlx::Result<HashSet<FunctionRef>> {
    let mut sql = Sql::<DB>::new("select region, service, function from queue_hold where max_running is not null");
    sql.push(DB::SKIP_LOCKED);
    Ok(sql.all(connection, rows::function_ref::<DB>).await?.into_iter().collect())
}

async fn held_by_function<DB: Dialect>(connection: &mut DB::Connection) -> sqlx::Result<Vec<(FunctionRef, i64)>> {
    held::by_function_sql::<DB>().all(connection, |cells| Ok((rows::function_ref(cells)?, cells.int()?))).await
}

/// Forgets pause and limit of a function that is deleted.
pub(crate) async fn forget<DB: Dialect>(function: &FunctionRef, connection: &mut DB::Connection) -> sqlx::Result<()> {
    let sql = Sql::<DB>::new("delete from queue_hold where region = $1 and service = $2 and function = $3");
    bound(sql, function).execute(connection).await?;
    Ok(())
}

fn bound<DB: Dialect>(sql: Sql<DB>, key: &FunctionRef) -> Sql<DB> {
    sql.bind(key.region.as_str()).bind(key.service.as_str()).bind(key.function.as_str())
}

impl<DB: Dialect> SqlStore<DB> {
    /// The room that pauses and limits leave.
    pub(crate) async fn room(&self, for_claim: bool, connection: &mut DB::Connection) -> sqlx::Result<Room> {
        if self.known.nothing_held() {
            return Ok(Room::default());
        }
        let asked = self.known.asked();
        let room = room::<DB>(for_claim, connection).await?;
        if room.left.is_empty() && room.lanes.is_empty() {
            self.known.learn_nothing_held(asked);
        }
        Ok(room)
    }

    /// What holds back the tasks of the scope.
    pub(crate) async fn queue(&self, scope: &QueueScope) -> Done<Queue> {
        let key = key(scope);
        let mut tx = self.begin_read().await?;
        let sql = Sql::<DB>::new("select paused_at_ms, max_running from queue_hold where region = $1 and service = $2 and function = $3");
        let hold = bound(sql, &key).first(&mut tx, |cells| Ok((cells.opt_int()?, cells.opt_int()?))).await?;
        let held = held_by_function::<DB>(&mut tx).await?;
        tx.commit().await?;
        let (paused_at, limit) = hold.unwrap_or_default();
        let is_region = matches!(scope, QueueScope::Region(_));
        let of_scope = held.iter().filter(|(function, _)| if is_region { function.region == key.region } else { *function == key });
        Ok(Queue {
            paused_at: paused_at.map(UnixMillis),
            max_running: limit.map(|limit| rows::small("limit of running tasks", limit)).transpose()?,
            running: of_scope.map(|(_, count)| count.unsigned_abs()).sum(),
        })
    }

    /// Pauses the scope, or resumes it.
    pub(crate) async fn set_pause(&self, scope: &QueueScope, since: Option<UnixMillis>) -> Done<()> {
        let sql = Sql::<DB>::new(
            "insert into queue_hold (region, service, function, paused_at_ms) values ($1, $2, $3, $4) \
             on conflict (region, service, function) do update set paused_at_ms = \
             case when excluded.paused_at_ms is null then null else coalesce(queue_hold.paused_at_ms, excluded.paused_at_ms) end",
        );
        let written = bound(sql, &key(scope)).bind(since.map(|at| at.0)).execute(&mut *self.writing().await?).await;
        self.known.forget();
        written?;
        Ok(())
    }

    /// Limits the held tasks of the scope.
    pub(crate) async fn set_limit(&self, scope: &QueueScope, max_running: Option<u32>) -> Done<()> {
        let sql = Sql::<DB>::new(
            "insert into queue_hold (region, service, function, max_running) values ($1, $2, $3, $4) \
             on conflict (region, service, function) do update set max_running = excluded.max_running",
        );
        let written = bound(sql, &key(scope)).bind(max_running.map(i64::from)).execute(&mut *self.writing().await?).await;
        self.known.forget();
        written?;
        Ok(())
    }
}
