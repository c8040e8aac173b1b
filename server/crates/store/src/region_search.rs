//! What bears a name or an id in a region. Names are looked through by the indexes that their lists have; an id is asked for in each function.

use crate::{
    dialect::Dialect,
    error::Done,
    region_tasks::counted,
    rows,
    sql::{Sql, chunks},
    store::SqlStore,
};
use model::limits::{FOUND_MAX, REGION_TASK_FUNCTIONS_MAX, SEARCH_NAMES_MAX};
use model::{Found, FunctionRef, Region, ServiceName, TaskId};

impl<DB: Dialect> SqlStore<DB> {
    /// Services and functions whose names contain the text, tasks with this id, and the function in whose log the request is.
    pub(crate) async fn find(&self, region: &Region, text: &str) -> Done<Found> {
        let mut tx = self.begin_in_order().await?;
        let mut services = services_sql::<DB>(region, text).all(&mut tx, |cells| Ok(ServiceName::from_stored(cells.text()?))).await?;
        let mut functions = functions_sql::<DB>(region, text).all(&mut tx, rows::function_ref::<DB>).await?;
        let mut by_latest: Vec<_> = counted::<DB>(region, &mut tx).await?.into_iter().collect();
        by_latest.sort_by_key(|(_, of_function)| std::cmp::Reverse(of_function.latest_ms));
        let looked: Vec<FunctionRef> = by_latest.into_iter().take(REGION_TASK_FUNCTIONS_MAX).map(|(function, _)| function).collect();
        let mut tasks = Vec::new();
        for chunk in chunks(&looked) {
            let found = tasks_sql::<DB>(chunk, text).all(&mut tx, |cells| Ok((cells.int()?, cells.opt_int()?))).await?;
            let listed = found.into_iter().filter(|(_, listed)| *listed == Some(1)).filter_map(|(number, _)| usize::try_from(number).ok());
            tasks.extend(listed.filter_map(|number| Some(chunk.get(number)?.task(TaskId::from_stored(text)))));
        }
        let requests = request_sql::<DB>(region, text).all(&mut tx, rows::function_ref::<DB>).await?;
        tx.commit().await?;
        let most = usize::try_from(FOUND_MAX).unwrap_or(usize::MAX);
        let is_partial = services.len() > most || functions.len() > most || tasks.len() > most;
        services.truncate(most);
        functions.truncate(most);
        tasks.truncate(most);
        Ok(Found { services, functions, tasks, requests, is_partial })
    }
}

/// Names that contain the text, whatever the case; both databases have `replace`, the word for "contains" differs.
fn push_contains<DB: Dialect>(sql: &mut Sql<DB>, text: &str) {
    sql.push_bind(i64::from(SEARCH_NAMES_MAX)).push(") as looked where replace(lower(name), ");
    sql.push_bind(text.to_lowercase().as_str()).push(", '') <> lower(name) limit ").push_bind(i64::from(FOUND_MAX) + 1);
}

fn services_sql<DB: Dialect>(region: &Region, text: &str) -> Sql<DB> {
    let mut sql = Sql::new("select name from (select name from service where region = ");
    sql.push_bind(region.as_str()).push(" order by name limit ");
    push_contains(&mut sql, text);
    sql
}

fn functions_sql<DB: Dialect>(region: &Region, text: &str) -> Sql<DB> {
    let mut sql = Sql::new("select region, service, name from (select region, service, name from function where region = ");
    sql.push_bind(region.as_str()).push(" order by service, name limit ");
    push_contains(&mut sql, text);
    sql
}

/// For the number of each function, whether its task with this id is listed. As a range in order: of a function of which Postgres expects few
/// tasks it would read all by another index.
fn tasks_sql<DB: Dialect>(functions: &[FunctionRef], id: &str) -> Sql<DB> {
    let mut sql = Sql::new("with heap (number, service, function) as (values ");
    let numbered: Vec<(i64, &FunctionRef)> = (0..).zip(functions).collect();
    sql.push_rows(&numbered, |row, (number, function)| {
        row.put(*number).put(function.service.as_str()).put(function.function.as_str());
    });
    sql.push(") select number, (select listed from task where region = ");
    sql.push_bind(functions.first().map_or("", |function| function.region.as_str()));
    sql.push(" and service = heap.service and function = heap.function and task_id >= ").push_bind(id);
    sql.push(" and task_id <= ").push_bind(id).push(" order by task_id limit 1) from heap");
    sql
}

fn request_sql<DB: Dialect>(region: &Region, request_id: &str) -> Sql<DB> {
    let mut sql = Sql::new("select region, service, function from log_chunk where request_id = ");
    sql.push_bind(request_id).push(" and region = ").push_bind(region.as_str()).push(" order by first_line limit 1");
    sql
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestDb, plan_rows};
    use model::FunctionName;
    use sqlx::Connection;

    fn function(name: &str) -> FunctionRef {
        FunctionRef { region: Region::from_stored("r"), service: ServiceName::from_stored("s"), function: FunctionName::from_stored(name) }
    }

    async fn check<DB: Dialect>(connection: &mut DB::Connection) {
        let ids = tasks_sql::<DB>(&[function("f"), function("g")], "fill-1").plan(connection).await;
        assert!(ids.contains("task_id_key") && !ids.contains("task_list") && !ids.contains("SCAN task"), "{ids}");
        assert!(!ids.contains("Sort") && !ids.contains("Seq Scan on task"), "{ids}");
        let request = request_sql::<DB>(&function("f").region, "fill-1").plan(connection).await;
        assert!(!request.contains("SCAN log_chunk") && !request.contains("Seq Scan") && !request.contains("Sort"), "{request}");
        let functions = functions_sql::<DB>(&function("f").region, "f").plan(connection).await;
        assert!(!functions.contains("Sort") && !functions.contains("TEMP B-TREE"), "{functions}");
    }

    #[tokio::test]
    async fn sc27_ids_are_asked_for_by_their_index_sqlite() {
        let db = TestDb::sqlite().await;
        plan_rows(&db, &function("f")).await;
        let mut connection = sqlx::SqliteConnection::connect(db.url()).await.unwrap();
        check::<sqlx::Sqlite>(&mut connection).await;
    }

    #[tokio::test]
    async fn sc27_ids_are_asked_for_by_their_index_postgres() {
        let Some(db) = TestDb::postgres().await else { return };
        plan_rows(&db, &function("f")).await;
        let pool = sqlx::PgPool::connect_with(crate::postgres::options(db.url()).unwrap()).await.unwrap();
        let mut tx = sqlx::Postgres::begin(&pool, sqlx::Postgres::BEGIN_IN_ORDER).await.unwrap();
        check::<sqlx::Postgres>(&mut tx).await;
    }
}
