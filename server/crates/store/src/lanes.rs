//! Limits of instances as limits of tasks: of each qualifier of a function, a lane, servers hold at most as many tasks as its instances
//! serve at once. How many one serves is taken from the current code, for its versions too.

use crate::{dialect::Dialect, held, queue_hold::Room, rows, sql::Sql};
use model::{FunctionRef, Qualifier, UnixMillis};
use std::collections::{HashMap, HashSet};

/// First waiting tasks of a function that are looked through for one of a qualifier that has room, when another one has none. One behind so
/// many waits until they are fewer; without a bound each claim would read all that waits.
const LOOK_PAST_ROWS: i64 = 1_000;

/// Functions looked at by one statement.
const FUNCTIONS: usize = 16;

/// Tasks that may still be taken of each lane that has a limit.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    left: HashMap<FunctionRef, HashMap<Qualifier, i64>>,
}

impl Lanes {
    /// Reads what is held of lanes with limits. For a claim the limits are locked like those of queues (`queue_hold.rs`): what another server
    /// has locked counts as full.
    pub(crate) async fn read<DB: Dialect>(
        limits: Vec<(Lane, i64)>,
        for_claim: bool,
        connection: &mut DB::Connection,
    ) -> sqlx::Result<Self> {
        let mut lanes = Self::default();
        if limits.is_empty() {
            return Ok(lanes);
        }
        let locked: Option<HashSet<Lane>> = if for_claim { Some(locked::<DB>(connection).await?.into_iter().collect()) } else { None };
        let held: HashMap<Lane, i64> =
            held::by_lane_sql::<DB>().all(connection, |cells| Ok((lane::<DB>(cells)?, cells.int()?))).await?.into_iter().collect();
        for (lane, limit) in limits {
            let is_free = locked.as_ref().is_none_or(|locked| locked.contains(&lane));
            let left = if is_free { limit - held.get(&lane).copied().unwrap_or(0) } else { 0 };
            lanes.left.entry(lane.0).or_default().insert(lane.1, left);
        }
        Ok(lanes)
    }

    /// True when no lane has a limit.
    pub(crate) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// The qualifiers of a function that have no room.
    pub(crate) fn full(&self, function: &FunctionRef) -> Vec<&str> {
        let full = self.left.get(function).into_iter().flatten().filter(|(_, left)| **left <= 0);
        full.map(|(qualifier, _)| qualifier.as_str()).collect()
    }

    /// Counts one more task of a lane; false when it has no room.
    pub(crate) fn take(&mut self, function: &FunctionRef, qualifier: &Qualifier) -> bool {
        let Some(left) = self.left.get_mut(function).and_then(|lanes| lanes.get_mut(qualifier)) else { return true };
        *left -= 1;
        *left >= 0
    }
}

/// A function and a qualifier of it.
pub(crate) type Lane = (FunctionRef, Qualifier);

fn lane<DB: Dialect>(cells: &mut crate::sql::Cells<'_, DB>) -> sqlx::Result<Lane> {
    Ok((rows::function_ref(cells)?, Qualifier::from_stored(cells.text()?)))
}

async fn locked<DB: Dialect>(connection: &mut DB::Connection) -> sqlx::Result<Vec<Lane>> {
    let mut sql = Sql::<DB>::new("select region, service, function, qualifier from on_demand_config");
    sql.push(DB::SKIP_LOCKED);
    sql.all(connection, lane::<DB>).await
}

/// Appends a condition that passes over the tasks of full lanes of a function.
pub(crate) fn push_past_full<DB: Dialect>(sql: &mut Sql<DB>, function: &FunctionRef, full: &[&str]) {
    sql.push(" and qualifier not in ").push_list(full).push(" and seq in (select seq from (select seq");
    push_first(sql, function);
    sql.push(") as first)");
}

/// Appends the source of the first waiting tasks of a function.
fn push_first<DB: Dialect>(sql: &mut Sql<DB>, function: &FunctionRef) {
    sql.push(" from task where region = ").push_bind(function.region.as_str());
    sql.push(" and service = ").push_bind(function.service.as_str());
    sql.push(" and function = ").push_bind(function.function.as_str());
    sql.push(" and run_at_ms is not null order by run_at_ms, seq limit ").push_bind(LOOK_PAST_ROWS);
}

/// Puts in place of the heads of functions with full lanes their first tasks of other lanes; functions without one are left out.
pub(crate) async fn look_past_full<DB: Dialect>(
    room: &Room,
    heads: &mut Vec<(FunctionRef, UnixMillis)>,
    connection: &mut DB::Connection,
) -> sqlx::Result<()> {
    let narrow: Vec<FunctionRef> = heads.iter().map(|(function, _)| function).filter(|of| !room.full(of).is_empty()).cloned().collect();
    let mut found: HashMap<FunctionRef, UnixMillis> = HashMap::new();
    for functions in narrow.chunks(FUNCTIONS) {
        let mut sql = Sql::<DB>::new("");
        for (n, function) in functions.iter().enumerate() {
            sql.push(if n == 0 { "" } else { " union all " });
            sql.push(
                "select * from (select region, service, function, run_at_ms from (select region, service, function, qualifier, run_at_ms",
            );
            push_first(&mut sql, function);
            sql.push(") as first where qualifier not in ").push_list(&room.full(function));
            sql.push(" order by run_at_ms limit 1) as head");
        }
        found.extend(sql.all(connection, |cells| Ok((rows::function_ref(cells)?, UnixMillis(cells.int()?)))).await?);
    }
    heads.retain_mut(|(function, due)| {
        let head = if narrow.contains(&*function) { found.get(&*function) } else { return true };
        head.inspect(|first| *due = **first).is_some()
    });
    Ok(())
}
