//! Statements about the tasks that servers hold: few beside those that there are, and read by their own index.

use crate::{dialect::Dialect, rows, sql::Sql};

/// How many are held, by function.
pub(crate) fn by_function_sql<DB: Dialect>() -> Sql<DB> {
    count_sql("region, service, function")
}

/// How many are held, by function and qualifier.
pub(crate) fn by_lane_sql<DB: Dialect>() -> Sql<DB> {
    count_sql("region, service, function, qualifier")
}

fn count_sql<DB: Dialect>(by: &'static str) -> Sql<DB> {
    let mut sql = Sql::new("select ");
    sql.push(by).push(", count(*) from task").push(DB::HELD).push(" where worker_id <> '' group by ").push(by);
    sql
}

/// How many are held of region `$1`, service `$2`, function `$3` and qualifier `$4`.
pub(crate) fn of_lane_sql<DB: Dialect>() -> Sql<DB> {
    let mut sql = Sql::new("select count(*) from task");
    sql.push(DB::HELD).push(" where worker_id <> '' and region = $1 and service = $2 and function = $3 and qualifier = $4");
    sql
}

/// At most `$2` of those whose server was not alive at `$1`.
pub(crate) fn lost_sql<DB: Dialect>() -> Sql<DB> {
    let mut sql = Sql::new("select ");
    sql.push(rows::LOST_COLUMNS).push(" from task t").push(DB::HELD);
    sql.push(
        " left join worker w on w.id = t.worker_id \
         where t.worker_id <> '' and (w.id is null or w.alive_until_ms < $1) order by t.seq limit $2",
    );
    sql
}

#[cfg(test)]
pub(crate) mod plans {
    use super::*;

    /// None of them reads tasks that nobody holds. Postgres knows how many are held, and of as many as here it walks all for the lost ones.
    pub(crate) async fn check<DB: Dialect>(connection: &mut DB::Connection) {
        let of_lane = ["r", "s", "f", "LATEST"].into_iter().fold(of_lane_sql::<DB>(), Sql::bind);
        let lost = DB::ALONE.then(|| lost_sql::<DB>().bind(1_i64).bind(10_i64));
        for sql in [by_function_sql::<DB>(), by_lane_sql::<DB>(), of_lane].into_iter().chain(lost) {
            let plan = sql.plan(connection).await;
            assert!(plan.contains("task_held"), "{plan}");
        }
    }
}
