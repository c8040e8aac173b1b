//! A page of the tasks of a whole region, by the indexes that the lists of its functions have: one of its own would cost every submission.
//!
//! The counters say which functions have such tasks, and the index of each where its first one stands. A function whose first task comes
//! after those of as many others as the page has rows has none on it, and the others are merged.

use crate::{
    dialect::Dialect,
    error::Done,
    list::{self, Prefix, Range, push_function, push_order, push_prefix_range, push_range, push_state},
    rows,
    sql::{Cells, Sql, chunks},
    store::SqlStore,
};
use async_trait::async_trait;
use engine::ports::{RegionStore, StoreResult, TaskSeq};
use model::filter::Cursor;
use model::limits::{REGION_FUNCTION_NAMES_MAX, REGION_TASK_FUNCTIONS_MAX, TASK_WALK_ROWS_MAX};
use model::{Found, FunctionRef, Region, RegionTaskFilter, RegionTasks, SortOrder, StateCounts, Task, TaskFilter, TaskStatus, UnixMillis};
use std::collections::{BTreeMap, HashMap};

/// Functions whose tasks are read by one statement; databases take some hundred parts.
const PARTS_MAX: usize = 32;

#[async_trait]
impl<DB: Dialect> RegionStore for SqlStore<DB> {
    async fn region_tasks(&self, region: &Region, filter: &RegionTaskFilter) -> StoreResult<RegionTasks> {
        self.run(|| self.region_page(region, filter)).await
    }

    async fn find_in_region(&self, region: &Region, text: &str) -> StoreResult<Found> {
        self.run(|| self.find(region, text)).await
    }
}

/// What the counters say of a function.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counted {
    pub(crate) counts: StateCounts,
    /// When its latest task was accepted.
    pub(crate) latest_ms: i64,
}

/// Tasks of one function, in one state where states are chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Heap {
    function: FunctionRef,
    status: Option<TaskStatus>,
}

/// Where a task stands in the list.
type Place = (i64, TaskSeq);

impl<DB: Dialect> SqlStore<DB> {
    /// A page of a region's listed tasks.
    async fn region_page(&self, region: &Region, filter: &RegionTaskFilter) -> Done<RegionTasks> {
        let tasks = TaskFilter { qualifier: None, ..filter.tasks.clone() };
        let after = list::after(&tasks)?;
        let mut tx = self.begin_in_order().await?;
        let counted = counted::<DB>(region, &mut tx).await?;
        let functions = counted.keys().take(REGION_FUNCTION_NAMES_MAX).cloned().collect();
        let wanted: Vec<(FunctionRef, Counted)> = counted.into_iter().filter(|(function, _)| filter.wants(function)).collect();
        let counts = total(&wanted);
        if let [(only, _)] = wanted.as_slice() {
            // Its own list compares what no index finds in full.
            tx.commit().await?;
            let page = self.task_page(only, &tasks).await?;
            return Ok(RegionTasks { tasks: page.items, next_token: page.next_token, counts, functions, is_partial: false });
        }
        let (heaps, has_more_heaps) = heaps(wanted, &tasks);
        let (mut places, has_more_ids) = if tasks.id_prefix.is_empty() {
            (merged::<DB>(&heaps, &tasks, after, &mut tx).await?, false)
        } else {
            prefixed::<DB>(&heaps, &tasks, after, &mut tx).await?
        };
        let rows = usize::try_from(tasks.rows()).unwrap_or(usize::MAX);
        let has_more = places.len() > rows;
        places.truncate(rows);
        let next_token = places.last().filter(|_| has_more).map_or(String::new(), |(at, seq)| {
            let cursor = Cursor { started_at: UnixMillis(*at), seq: *seq };
            cursor.print()
        });
        let tasks = at_places::<DB>(&places, &mut tx).await?;
        tx.commit().await?;
        Ok(RegionTasks { tasks, next_token, counts, functions, is_partial: has_more_heaps || has_more_ids })
    }
}

/// The functions of a region that have listed tasks, by name.
pub(crate) async fn counted<DB: Dialect>(region: &Region, connection: &mut DB::Connection) -> sqlx::Result<BTreeMap<FunctionRef, Counted>> {
    let sql = Sql::<DB>::new(
        "select region, service, function, status, cast(sum(count) as bigint), max(latest_ms) from task_count \
         where region = $1 and listed = 1 group by region, service, function, status",
    );
    let read = |cells: &mut Cells<'_, DB>| {
        let (function, status) = (rows::function_ref(cells)?, rows::status(cells)?);
        Ok((function, status, rows::unsigned("task count", cells.int()?)?, cells.int()?))
    };
    let mut counted = BTreeMap::<FunctionRef, Counted>::new();
    for (function, status, count, latest_ms) in sql.bind(region.as_str()).all(connection, read).await? {
        let of_function = counted.entry(function).or_default();
        of_function.counts.set(status, count);
        of_function.latest_ms = of_function.latest_ms.max(latest_ms);
    }
    counted.retain(|_, of_function| of_function.counts.total() > 0);
    Ok(counted)
}

fn total(counted: &[(FunctionRef, Counted)]) -> StateCounts {
    let mut counts = StateCounts::default();
    for status in TaskStatus::ALL {
        counts.set(status, counted.iter().map(|(_, of_function)| of_function.counts.get(status)).sum());
    }
    counts
}

/// Where to look for the wanted tasks, and whether not everywhere: the functions with the latest submissions come first.
fn heaps(mut counted: Vec<(FunctionRef, Counted)>, filter: &TaskFilter) -> (Vec<Heap>, bool) {
    counted.sort_by_key(|(_, of_function)| std::cmp::Reverse(of_function.latest_ms));
    // Of every state or of none chosen, the list of all is the shorter way; ids are looked for in all states and compared then.
    let by_state = filter.id_prefix.is_empty() && (1..TaskStatus::ALL.len()).contains(&filter.statuses.len());
    let mut heaps: Vec<Heap> = counted
        .into_iter()
        .flat_map(|(function, of_function)| {
            let states: Vec<Option<TaskStatus>> = if by_state {
                filter.statuses.iter().filter(|status| of_function.counts.get(**status) > 0).copied().map(Some).collect()
            } else {
                vec![None]
            };
            states.into_iter().map(move |status| Heap { function: function.clone(), status })
        })
        .collect();
    let has_more = heaps.len() > REGION_TASK_FUNCTIONS_MAX;
    heaps.truncate(REGION_TASK_FUNCTIONS_MAX);
    (heaps, has_more)
}

/// The places of a page, one more than it has rows if there are any.
async fn merged<DB: Dialect>(
    heaps: &[Heap],
    filter: &TaskFilter,
    after: Option<Cursor>,
    connection: &mut DB::Connection,
) -> sqlx::Result<Vec<Place>> {
    let range = Range { after, to: None };
    let mut heads: Vec<(Place, &Heap)> = Vec::new();
    for chunk in chunks(heaps) {
        let found = heads_sql::<DB>(chunk, filter, range).all(connection, |cells| Ok((cells.int()?, cells.opt_text()?))).await?;
        let heap = |number: i64| usize::try_from(number).ok().and_then(|number| chunk.get(number));
        heads.extend(found.into_iter().filter_map(|(number, place)| Some((read_place(&place?)?, heap(number)?))));
    }
    heads.sort_by(|(one, _), (other, _)| ordered(filter.order, *one, *other));
    let wanted = usize::try_from(filter.rows()).unwrap_or(usize::MAX).saturating_add(1);
    // Before the first task of each stand those of all before it.
    let parts: Vec<(&Heap, i64)> =
        heads.into_iter().take(wanted).zip((1..=i64::from(filter.rows()) + 1).rev()).map(|((_, heap), most)| (heap, most)).collect();
    let mut places = Vec::new();
    for few in parts.chunks(PARTS_MAX) {
        for chunk in chunks(few) {
            places.extend(places_sql::<DB>(chunk, filter, range).all(connection, place::<DB>).await?);
        }
    }
    places.sort_by(|one, other| ordered(filter.order, *one, *other));
    places.truncate(wanted);
    Ok(places)
}

fn ordered(order: SortOrder, one: Place, other: Place) -> std::cmp::Ordering {
    match order {
        SortOrder::Asc => one.cmp(&other),
        SortOrder::Desc => other.cmp(&one),
    }
}

fn place<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<Place> {
    Ok((cells.int()?, cells.int()?))
}

/// A place as [`heads_sql`] writes it.
fn read_place(text: &str) -> Option<Place> {
    let (at, seq) = text.split_once(' ')?;
    Some((at.parse().ok()?, seq.parse().ok()?))
}

/// The number of each heap with the place of its first task, as one text, so that the index is asked once.
fn heads_sql<DB: Dialect>(heaps: &[Heap], filter: &TaskFilter, range: Range) -> Sql<DB> {
    let mut sql = Sql::new("with heap (number, service, function, status) as (values ");
    let numbered: Vec<(i64, &Heap)> = (0..).zip(heaps).collect();
    sql.push_rows(&numbered, |row, (number, heap)| {
        row.put(*number).put(heap.function.service.as_str()).put(heap.function.function.as_str());
        row.put(heap.status.map_or("", TaskStatus::as_str));
    });
    let first = heaps.first();
    let by_state = first.is_some_and(|heap| heap.status.is_some());
    sql.push(") select number, (select cast(started_at_ms as text) || ' ' || cast(seq as text) from task");
    sql.push(if by_state { DB::BY_STATUS } else { "" }).push(" where region = ");
    sql.push_bind(first.map_or("", |heap| heap.function.region.as_str()));
    sql.push(" and service = heap.service and function = heap.function and ");
    if by_state {
        sql.push("status = heap.status").push(DB::LISTED);
    } else {
        sql.push("listed = 1");
    }
    push_range(&mut sql, filter, range);
    push_order(&mut sql, filter, Prefix::None);
    sql.push("1) from heap");
    sql
}

/// The first places of each heap, so many of each.
fn places_sql<DB: Dialect>(parts: &[(&Heap, i64)], filter: &TaskFilter, range: Range) -> Sql<DB> {
    let mut sql = Sql::new("");
    for (n, (heap, most)) in parts.iter().enumerate() {
        sql.push(if n == 0 { "select * from (" } else { " union all select * from (" }).push("select started_at_ms, seq from task");
        sql.push(if heap.status.is_some() { DB::BY_STATUS } else { "" }).push(" where ");
        push_function(&mut sql, &heap.function);
        sql.push(" and ");
        push_state(&mut sql, heap.status);
        push_range(&mut sql, filter, range);
        push_order(&mut sql, filter, Prefix::None);
        sql.push_bind(*most).push(") as of_heap");
    }
    sql
}

/// The places of a page of tasks whose ids begin so, and whether there are more of them than were compared.
async fn prefixed<DB: Dialect>(
    heaps: &[Heap],
    filter: &TaskFilter,
    after: Option<Cursor>,
    connection: &mut DB::Connection,
) -> sqlx::Result<(Vec<Place>, bool)> {
    let mut left = i64::from(TASK_WALK_ROWS_MAX);
    let mut places = Vec::new();
    for few in heaps.chunks(PARTS_MAX) {
        for chunk in chunks(few) {
            let found = ids_sql::<DB>(chunk, filter, left + 1)
                .all(connection, |cells| Ok((place(cells)?, cells.int()? != 0, rows::status(cells)?)))
                .await?;
            left -= i64::try_from(found.len()).unwrap_or(i64::MAX);
            let fits =
                |(place, listed, status): (Place, bool, TaskStatus)| (listed && is_wanted(filter, after, place, status)).then_some(place);
            places.extend(found.into_iter().filter_map(fits));
            if left < 0 {
                break;
            }
        }
        if left < 0 {
            break;
        }
    }
    places.sort_by(|one, other| ordered(filter.order, *one, *other));
    places.truncate(usize::try_from(filter.rows()).unwrap_or(usize::MAX).saturating_add(1));
    Ok((places, left < 0))
}

fn is_wanted(filter: &TaskFilter, after: Option<Cursor>, place: Place, status: TaskStatus) -> bool {
    let after = after.map(|cursor| (cursor.started_at.0, cursor.seq));
    (filter.statuses.is_empty() || filter.statuses.contains(&status))
        && filter.started_from.is_none_or(|from| place.0 >= from.0)
        && filter.started_to.is_none_or(|to| place.0 <= to.0)
        && after.is_none_or(|after| ordered(filter.order, after, place).is_lt())
}

/// At most so many tasks whose ids begin so. In the order of the ids, or Postgres would read all tasks of a function of which it expects few
/// by another index.
fn ids_sql<DB: Dialect>(heaps: &[Heap], filter: &TaskFilter, most: i64) -> Sql<DB> {
    let mut sql = Sql::new("select * from (");
    for (n, heap) in heaps.iter().enumerate() {
        sql.push(if n == 0 { "select * from (" } else { " union all select * from (" });
        sql.push("select started_at_ms, seq, listed, status from task where ");
        push_function(&mut sql, &heap.function);
        push_prefix_range(&mut sql, &filter.id_prefix);
        sql.push(" order by task_id limit ").push_bind(most).push(") as of_heap");
    }
    sql.push(") as found limit ").push_bind(most);
    sql
}

/// The tasks at these places, in their order.
async fn at_places<DB: Dialect>(places: &[Place], connection: &mut DB::Connection) -> sqlx::Result<Vec<Task>> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<TaskSeq> = places.iter().map(|(_, seq)| *seq).collect();
    let mut sql = Sql::<DB>::new("select ");
    sql.push(rows::TASK_COLUMNS).push(", null as payload from task where seq in ").push_list(&numbers);
    let mut found: HashMap<TaskSeq, Task> = sql.all(connection, rows::listed_task::<DB>).await?.into_iter().collect();
    let task = |seq: &TaskSeq| {
        let mut task = found.remove(seq)?;
        task.events.clear();
        Some(task)
    };
    Ok(numbers.iter().filter_map(task).collect())
}

#[cfg(test)]
#[path = "region_tasks_tests.rs"]
mod tests;
