//! Pages of tasks: keyset paging by (started_at_ms, seq), every filter on an index.

use crate::{
    dialect::Dialect,
    error::{Done, Fault},
    rows,
    sql::Sql,
    store::SqlStore,
};
use engine::ports::StoreError;
use model::filter::Cursor;
use model::limits::TASK_WALK_ROWS_MAX;
use model::{FunctionRef, Page, SortOrder, Task, TaskFilter, TaskStatus, UnixMillis};

/// Up to this many tasks with an id prefix are found by the prefix and sorted; when there are more, the list is walked in its order
/// and the prefix compared on the way: mostly a page is full soon then, and [`TASK_WALK_ROWS_MAX`] is for when it is not.
const PREFIX_SORT_MAX: i64 = 2_000;

/// Pages' worth of rows that are looked through first where rows are compared.
const NEAR_PAGES: u32 = 4;

/// How an id prefix is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefix {
    None,
    /// Few ids have it: by the index of ids.
    Narrow,
    /// Many ids have it: along the list.
    Wide,
}

impl<DB: Dialect> SqlStore<DB> {
    /// A page of a function's listed tasks.
    pub(crate) async fn task_page(&self, function: &FunctionRef, filter: &TaskFilter) -> Done<Page<Task>> {
        let after = after(filter)?;
        let mut tx = self.begin_in_order().await?;
        let prefix = prefix_kind::<DB>(function, &filter.id_prefix, &mut tx).await?;
        let rows = usize::try_from(filter.rows()).unwrap_or(usize::MAX);
        // Where most rows fit the page is full soon, and a short look ahead is enough.
        let near = filter.rows().saturating_mul(NEAR_PAGES).min(TASK_WALK_ROWS_MAX);
        let (mut found, mut walked) = walk::<DB>(function, filter, after, prefix, near, &mut tx).await?;
        if found.len() <= rows && walked.is_some() && near < TASK_WALK_ROWS_MAX {
            (found, walked) = walk::<DB>(function, filter, after, prefix, TASK_WALK_ROWS_MAX, &mut tx).await?;
        }
        let has_more = found.len() > rows;
        found.truncate(rows);
        if !filter.with_events {
            found.iter_mut().for_each(|(_, task)| task.events.clear());
        }
        tx.commit().await?;
        let last = found.last().filter(|_| has_more).map(|(seq, task)| Cursor { started_at: task.started_at, seq: *seq });
        let next_token = last.or(walked).map_or(String::new(), Cursor::print);
        Ok(Page { items: found.into_iter().map(|(_, task)| task).collect(), next_token })
    }
}

/// Where the page begins.
pub(crate) fn after(filter: &TaskFilter) -> Done<Option<Cursor>> {
    Ok(match filter.next_token.as_str() {
        "" => None,
        token => Some(Cursor::parse(token).map_err(|error| Fault::Store(StoreError::Other(error.message)))?),
    })
}

/// The part of the list that a page is looked for in, in the list's order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Range {
    /// The row before the first.
    pub(crate) after: Option<Cursor>,
    /// The last row; `None` for that of the list.
    pub(crate) to: Option<Cursor>,
}

/// A page, one row more than it has if there are any, from at most so many rows of the list; and where these ended, if the list goes on there.
async fn walk<DB: Dialect>(
    function: &FunctionRef,
    filter: &TaskFilter,
    after: Option<Cursor>,
    prefix: Prefix,
    rows: u32,
    connection: &mut DB::Connection,
) -> sqlx::Result<(Vec<(i64, Task)>, Option<Cursor>)> {
    let walked = walked_to::<DB>(function, filter, after, prefix, rows, connection).await?;
    let sql = page_sql::<DB>(function, filter, Range { after, to: walked }, prefix);
    Ok((sql.all(connection, rows::listed_task::<DB>).await?, walked))
}

/// Where a page that compares rows on its way has to end, full or not; `None` where the list ends before, or nothing is compared.
async fn walked_to<DB: Dialect>(
    function: &FunctionRef,
    filter: &TaskFilter,
    after: Option<Cursor>,
    prefix: Prefix,
    rows: u32,
    connection: &mut DB::Connection,
) -> sqlx::Result<Option<Cursor>> {
    let compares = prefix == Prefix::Wide || (filter.qualifier.is_some() && prefix == Prefix::None);
    if !compares {
        return Ok(None);
    }
    walk_sql::<DB>(function, filter, after, rows)
        .first(connection, |cells| Ok(Cursor { started_at: UnixMillis(cells.int()?), seq: cells.int()? }))
        .await
}

/// The last of so many rows that a page may compare, by the index that it walks; in a list of several states, by that of the whole list.
fn walk_sql<DB: Dialect>(function: &FunctionRef, filter: &TaskFilter, after: Option<Cursor>, rows: u32) -> Sql<DB> {
    let mut sql = Sql::new("select started_at_ms, seq from task");
    let one = if let [one] = filter.statuses.as_slice() { Some(one) } else { None };
    sql.push(if one.is_some() { DB::BY_STATUS } else { "" }).push(" where ");
    push_function(&mut sql, function);
    sql.push(" and ");
    push_state(&mut sql, one.copied());
    push_range(&mut sql, filter, Range { after, to: None });
    push_order(&mut sql, filter, Prefix::None);
    sql.push("1 offset ").push_bind(i64::from(rows) - 1);
    sql
}

/// The end of the range of texts that begin with this one. Ids and names are ASCII, so every longer one sorts before it.
pub(crate) fn prefix_end(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

/// How few ids begin with this.
pub(crate) async fn prefix_kind<DB: Dialect>(
    function: &FunctionRef,
    prefix: &str,
    connection: &mut DB::Connection,
) -> sqlx::Result<Prefix> {
    if prefix.is_empty() {
        return Ok(Prefix::None);
    }
    let mut sql = Sql::<DB>::new("select count(*) from (select 1 as one from task where ");
    push_function(&mut sql, function);
    push_prefix_range(&mut sql, prefix);
    sql.push(" limit ").push_bind(PREFIX_SORT_MAX + 1).push(") as matched");
    let matched = sql.first(connection, |cells| cells.int()).await?;
    Ok(if matched.is_some_and(|count| count > PREFIX_SORT_MAX) { Prefix::Wide } else { Prefix::Narrow })
}

/// The condition that names a function.
pub(crate) fn push_function<DB: Dialect>(sql: &mut Sql<DB>, function: &FunctionRef) {
    sql.push("region = ").push_bind(function.region.as_str()).push(" and service = ").push_bind(function.service.as_str());
    sql.push(" and function = ").push_bind(function.function.as_str());
}

/// Only what is listed, of one state if one is given.
pub(crate) fn push_state<DB: Dialect>(sql: &mut Sql<DB>, status: Option<TaskStatus>) {
    match status {
        Some(status) => sql.push("status = ").push_bind(status.as_str()).push(DB::LISTED),
        None => sql.push("listed = 1"),
    };
}

/// Only ids that begin with this.
pub(crate) fn push_prefix_range<DB: Dialect>(sql: &mut Sql<DB>, prefix: &str) {
    sql.push(" and task_id >= ").push_bind(prefix).push(" and task_id < ").push_bind(prefix_end(prefix).as_str());
}

/// The page's statement; one row more than the page tells whether there is a next one.
pub(crate) fn page_sql<DB: Dialect>(function: &FunctionRef, filter: &TaskFilter, range: Range, prefix: Prefix) -> Sql<DB> {
    let mut sql = Sql::new("");
    let statuses: Vec<TaskStatus> = TaskStatus::ALL.into_iter().filter(|status| filter.statuses.contains(status)).collect();
    match statuses.as_slice() {
        [one] => push_select(&mut sql, function, filter, range, prefix, Some(*one)),
        // Each state's rows come in order from the index; merging a page of each is cheaper than any other way.
        several if (2..TaskStatus::ALL.len()).contains(&several.len()) => {
            sql.push("select * from (");
            for (n, status) in several.iter().enumerate() {
                sql.push(if n == 0 { "select * from (" } else { " union all select * from (" });
                push_select(&mut sql, function, filter, range, prefix, Some(*status));
                sql.push(") as of_status");
            }
            sql.push(") as merged");
            push_page(&mut sql, filter, Prefix::None);
        }
        _ => push_select(&mut sql, function, filter, range, prefix, None),
    }
    sql
}

fn push_select<DB: Dialect>(
    sql: &mut Sql<DB>,
    function: &FunctionRef,
    filter: &TaskFilter,
    range: Range,
    prefix: Prefix,
    status: Option<TaskStatus>,
) {
    if prefix == Prefix::Narrow {
        sql.push("with matched as materialized (select seq as matched_seq from task where ");
        push_function(sql, function);
        push_prefix_range(sql, &filter.id_prefix);
        sql.push(") ");
    }
    sql.push("select ").push(rows::TASK_COLUMNS).push(if filter.with_payload { ", payload" } else { ", null as payload" });
    if prefix == Prefix::Narrow {
        sql.push(" from matched join task on seq = matched_seq where ");
    } else {
        sql.push(" from task").push(if status.is_some() { DB::BY_STATUS } else { "" }).push(" where ");
        push_function(sql, function);
        sql.push(" and ");
    }
    push_state(sql, status);
    if prefix == Prefix::Wide {
        let length = i64::try_from(filter.id_prefix.chars().count()).unwrap_or(i64::MAX);
        // `coalesce` hides the comparison from Postgres, which would take it to be true of few rows and sort them all.
        sql.push(" and coalesce(substr(task_id, 1, cast(").push_bind(length).push(" as integer)) = ");
        sql.push_bind(filter.id_prefix.as_str()).push(", false)");
    }
    if let Some(qualifier) = &filter.qualifier {
        sql.push(" and qualifier = ").push_bind(qualifier.as_str());
    }
    push_range(sql, filter, range);
    push_page(sql, filter, prefix);
}

/// The filter's window of time, and the part of the list.
pub(crate) fn push_range<DB: Dialect>(sql: &mut Sql<DB>, filter: &TaskFilter, range: Range) {
    if let Some(from) = filter.started_from {
        sql.push(" and started_at_ms >= ").push_bind(from.0);
    }
    if let Some(to) = filter.started_to {
        sql.push(" and started_at_ms <= ").push_bind(to.0);
    }
    let (later, until) = match filter.order {
        SortOrder::Desc => ("<", ">="),
        SortOrder::Asc => (">", "<="),
    };
    for (bound, comparison) in [(range.after, later), (range.to, until)] {
        if let Some(Cursor { started_at, seq }) = bound {
            sql.push(" and (started_at_ms, seq) ").push(comparison).push(" (").push_bind(started_at.0).push(", ").push_bind(seq).push(")");
        }
    }
}

/// One row more than the page has.
fn push_page<DB: Dialect>(sql: &mut Sql<DB>, filter: &TaskFilter, prefix: Prefix) {
    push_order(sql, filter, prefix);
    sql.push_bind(i64::from(filter.rows()) + 1);
}

/// The list's order. Few tasks found by their ids are sorted: `coalesce` hides that an index has that order, so that no list is walked for them.
pub(crate) fn push_order<DB: Dialect>(sql: &mut Sql<DB>, filter: &TaskFilter, prefix: Prefix) {
    let by = if prefix == Prefix::Narrow { "coalesce(started_at_ms, 0)" } else { "started_at_ms" };
    let way = match filter.order {
        SortOrder::Desc => " desc",
        SortOrder::Asc => "",
    };
    sql.push(" order by ").push(by).push(way).push(", seq").push(way).push(" limit ");
}

#[cfg(test)]
pub(crate) mod plans {
    use super::*;

    /// What pages are asked for, and by which index each has to be read, in order, without sorting.
    fn cases() -> Vec<(TaskFilter, Option<Cursor>, Prefix, &'static str)> {
        let all = TaskFilter::default;
        let one = TaskFilter { statuses: vec![TaskStatus::Processed], ..all() };
        let window = TaskFilter { started_from: Some(UnixMillis(10_000)), started_to: Some(UnixMillis(400_000)), ..all() };
        let after = Some(Cursor { started_at: UnixMillis(300_000), seq: 3_000 });
        let asc = |filter: &TaskFilter| TaskFilter { order: SortOrder::Asc, ..filter.clone() };
        let prefixed = |filter: &TaskFilter| TaskFilter { id_prefix: "fill-1".into(), ..filter.clone() };
        let mut cases = Vec::new();
        for (filter, index) in [(all(), "task_list"), (one, "task_list_by_status"), (window, "task_list")] {
            for filter in [filter.clone(), asc(&filter)] {
                cases.push((filter.clone(), None, Prefix::None, index));
                cases.push((filter.clone(), after, Prefix::None, index));
                cases.push((prefixed(&filter), after, Prefix::Wide, index));
            }
        }
        cases
    }

    /// Every page is read from an index in its order.
    pub(crate) async fn check<DB: Dialect>(function: &FunctionRef, connection: &mut DB::Connection) {
        for (filter, after, prefix, index) in cases() {
            let to = Some(Cursor { started_at: UnixMillis(200_000), seq: 2_000 }).filter(|_| prefix == Prefix::Wide);
            let page = page_sql::<DB>(function, &filter, Range { after, to }, prefix).plan(connection).await;
            let walk = walk_sql::<DB>(function, &filter, after, TASK_WALK_ROWS_MAX).plan(connection).await;
            for plan in [page, walk] {
                let words: Vec<&str> = plan.split_whitespace().collect();
                assert!(words.contains(&index) && !plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{filter:?}\n{plan}");
                assert!(!plan.contains("Seq Scan") && !plan.contains("SCAN"), "{filter:?}\n{plan}");
            }
        }
        let several = TaskFilter { statuses: vec![TaskStatus::Processed, TaskStatus::Failed], ..TaskFilter::default() };
        let several = page_sql::<DB>(function, &several, Range::default(), Prefix::None).plan(connection).await;
        assert_eq!(several.matches("task_list_by_status").count(), 2, "a page of each state, merged:\n{several}");
        let few = TaskFilter { id_prefix: "fill-123".into(), ..TaskFilter::default() };
        let few = page_sql::<DB>(function, &few, Range::default(), Prefix::Narrow).plan(connection).await;
        assert!(few.contains("task_id_key") && !few.contains("Seq Scan") && !few.contains("SCAN task"), "{few}");
        assert!(!few.contains("task_list"), "no list is walked:\n{few}");
    }
}
