//! Which tasks a claim takes: of each function about as many, so that a long queue does not delay a short one.

use crate::{dialect::Dialect, lanes, queue_hold::Room, rows, sql::Sql};
use engine::ports::{Claim, ClaimedTask};
use model::{FunctionRef, UnixMillis};
use std::collections::{HashMap, VecDeque};

/// Functions served by one statement, each under its name in it.
const NAMES: [&str; 16] = ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11", "p12", "p13", "p14", "p15"];

/// The first waiting task of each function, by function: one step along the index for each, however long the queues are.
pub(crate) async fn heads<DB: Dialect>(connection: &mut DB::Connection) -> sqlx::Result<Vec<(FunctionRef, UnixMillis)>> {
    heads_sql::<DB>().all(connection, |cells| Ok((rows::function_ref(cells)?, UnixMillis(cells.int()?)))).await
}

/// The next function is looked for in three parts, since by `(region, service, function) > (…)` SQLite goes to the region and reads on from
/// there, past all that waits.
fn heads_sql<DB: Dialect>() -> Sql<DB> {
    Sql::new(
        "with recursive head (seq, region, service, function, run_at_ms) as (\
         select * from (select seq, region, service, function, run_at_ms from task where run_at_ms is not null \
         order by region, service, function, run_at_ms, seq limit 1) as first \
         union all \
         select t.seq, t.region, t.service, t.function, t.run_at_ms from head h join task t on t.seq = coalesce(\
         (select n.seq from task n where n.run_at_ms is not null and n.region = h.region and n.service = h.service \
         and n.function > h.function order by n.function, n.run_at_ms, n.seq limit 1), \
         (select n.seq from task n where n.run_at_ms is not null and n.region = h.region and n.service > h.service \
         order by n.service, n.function, n.run_at_ms, n.seq limit 1), \
         (select n.seq from task n where n.run_at_ms is not null and n.region > h.region \
         order by n.region, n.service, n.function, n.run_at_ms, n.seq limit 1))) \
         select region, service, function, run_at_ms from head order by region, service, function",
    )
}

/// A claim under way.
pub(crate) struct Picking<'a> {
    claim: &'a Claim,
    /// Functions that may have more to take, in the order in which they are served.
    open: VecDeque<FunctionRef>,
    room: Room,
    /// Tasks still offered to by function.
    offered: HashMap<&'a FunctionRef, usize>,
    /// Tasks still wanted.
    wanted: usize,
    pub(crate) claimed: Vec<ClaimedTask>,
    /// Functions at the front of `open` that this claim has not served yet.
    unserved: usize,
    /// The last function of the order that this claim has served.
    pub(crate) last: Option<FunctionRef>,
}

impl<'a> Picking<'a> {
    /// Begins with these functions, in their order.
    pub(crate) fn new(claim: &'a Claim, functions: impl Iterator<Item = FunctionRef>, room: Room) -> Self {
        let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let offered = claim.offers.iter().map(|(function, offer)| (function, offer.ready.len() + size(offer.waiting))).collect();
        let wanted = size(claim.limit);
        Self { claim, open: functions.collect(), room, offered, wanted, claimed: Vec::new(), unserved: 0, last: None }
    }

    /// How many more tasks of a function may be taken.
    fn room_of(&self, function: &FunctionRef) -> usize {
        let offered = self.offered.get(function).copied().unwrap_or(0);
        usize::try_from(self.room.of(function)).unwrap_or(0).min(offered)
    }

    /// Counts tasks of a function as taken.
    fn take_room(&mut self, function: &FunctionRef, count: usize) {
        self.room.take(function, bound(count));
        if let Some(offered) = self.offered.get_mut(function) {
            *offered = offered.saturating_sub(count);
        }
    }

    /// Gives back what was counted and not found.
    fn give_room(&mut self, function: &FunctionRef, count: usize) {
        self.room.take(function, -bound(count));
        if let Some(offered) = self.offered.get_mut(function) {
            *offered += count;
        }
    }

    /// Takes tasks until enough are taken or no function has more.
    pub(crate) async fn all<DB: Dialect>(&mut self, connection: &mut DB::Connection) -> sqlx::Result<()> {
        let mut open = std::mem::take(&mut self.open);
        open.retain(|function| self.room_of(function) > 0);
        self.open = open;
        self.unserved = self.open.len();
        while self.wanted > 0 && !self.open.is_empty() {
            self.round::<DB>(connection).await?;
        }
        Ok(())
    }

    /// Serves the next functions, each with an equal share of what is wanted.
    async fn round<DB: Dialect>(&mut self, connection: &mut DB::Connection) -> sqlx::Result<()> {
        let share = (self.wanted / self.open.len()).max(1);
        let served = NAMES.len().min(self.wanted).min(self.open.len());
        if let Some(last) = self.unserved.min(served).checked_sub(1).and_then(|last| self.open.get(last)) {
            self.last = Some(last.clone());
        }
        self.unserved = self.unserved.saturating_sub(served);
        let functions: Vec<FunctionRef> = self.open.drain(..served).collect();
        let mut shares = Vec::with_capacity(served);
        for function in functions {
            // Two functions of a limited region share its room.
            let asked = share.min(self.room_of(&function));
            if asked > 0 {
                self.take_room(&function, asked);
                shares.push((function, asked));
            }
        }
        if shares.is_empty() {
            return Ok(());
        }
        let found = self.take::<DB>(&shares).all(connection, rows::claimed::<DB>).await?;
        let found_of: Vec<usize> = shares.iter().map(|(function, _)| count_of(&found, function)).collect();
        // Those of a qualifier that has no room left are passed over by the next round.
        let mut taken: Vec<_> = found.into_iter().filter(|task| self.room.take_lane(&task.task.function, &task.qualifier)).collect();
        self.wanted = self.wanted.saturating_sub(taken.len());
        for ((function, asked), found) in shares.into_iter().zip(found_of) {
            self.give_room(&function, asked.saturating_sub(count_of(&taken, &function)));
            if found == asked && self.room_of(&function) > 0 {
                self.open.push_back(function);
            }
        }
        self.claimed.append(&mut taken);
        Ok(())
    }

    fn take<DB: Dialect>(&self, shares: &[(FunctionRef, usize)]) -> Sql<DB> {
        let mut sql = Sql::new("with ");
        for (n, (name, (function, asked))) in NAMES.into_iter().zip(shares).enumerate() {
            let full = self.room.full(function);
            // What earlier rounds have picked is not written yet, and comes first.
            let is_passed = |task: &&ClaimedTask| task.task.function == *function && !full.contains(&task.qualifier.as_str());
            let picked = self.claimed.iter().filter(is_passed).count();
            sql.push(if n == 0 { "" } else { ", " }).push(name).push(" as materialized (select ").push(rows::CLAIMED_COLUMNS);
            sql.push(" from task where region = ").push_bind(function.region.as_str());
            sql.push(" and service = ").push_bind(function.service.as_str());
            sql.push(" and function = ").push_bind(function.function.as_str());
            sql.push(" and run_at_ms is not null and run_at_ms <= ").push_bind(self.claim.now.0);
            if !full.is_empty() {
                lanes::push_past_full(&mut sql, function, &full);
            }
            sql.push(" order by run_at_ms, seq limit ");
            sql.push_bind(bound(*asked)).push(" offset ").push_bind(bound(picked)).push(DB::SKIP_LOCKED).push(")");
        }
        for (n, name) in NAMES.into_iter().take(shares.len()).enumerate() {
            sql.push(if n == 0 { " select * from " } else { " union all select * from " }).push(name);
        }
        sql
    }
}

fn count_of(tasks: &[ClaimedTask], function: &FunctionRef) -> usize {
    tasks.iter().filter(|task| task.task.function == *function).count()
}

fn bound(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
pub(crate) mod plans {
    use super::*;
    use engine::ports::{Offer, WorkerId};
    use model::{FunctionName, Region, ServiceName};

    fn function(name: &str) -> FunctionRef {
        FunctionRef { region: Region::from_stored("r"), service: ServiceName::from_stored("s"), function: FunctionName::from_stored(name) }
    }

    /// A claim reads the index of the queue.
    pub(crate) async fn check<DB: Dialect>(connection: &mut DB::Connection) {
        let offers = ["f", "g"].map(|name| (function(name), Offer { ready: Vec::new(), waiting: 4, ..Offer::default() }));
        let claim = Claim {
            worker: WorkerId("w".to_owned()),
            now: UnixMillis(50),
            alive_until: UnixMillis(60),
            limit: 8,
            offers: offers.into(),
            given_back_from: UnixMillis(0),
        };
        let picking = Picking::new(&claim, std::iter::empty(), Room::default());
        for sql in [heads_sql::<DB>(), picking.take::<DB>(&[(function("f"), 4), (function("g"), 4)])] {
            let plan = sql.plan(connection).await;
            assert!(plan.matches("task_queue").count() >= 2, "{plan}");
            let reads_all = |line: &str| line.contains("Seq Scan on task") || line.contains("SCAN t") && !line.contains("task_queue");
            assert!(!plan.lines().any(reads_all), "{plan}");
        }
        // No more of them than there are functions.
        let plan = heads_sql::<DB>().plan(connection).await;
        assert!(!plan.contains("Hash") && !plan.contains("Merge"), "{plan}");
        // From one function to the next without a look at what waits between them.
        let step = if DB::ALONE { "(region=? AND service=? AND function>?)" } else { "(service = h.service) AND (function > h.function)" };
        assert!(plan.contains(step), "{plan}");
    }
}
