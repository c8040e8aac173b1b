//! What the planner makes of the hot statements: each is read from an index, whatever the number of tasks. Asserted on the plan, not on time.
//! `TASKYARD_PLAN_ROWS=10000000` looks at them with ten million tasks.

use crate::dialect::Dialect;
use crate::list::{self, page_sql};
use crate::testing::{TestDb, fill_tasks, plan_rows};
use crate::{held, over_age, pick, queue, scan, tasks, transitions};
use model::{FunctionName, FunctionRef, Region, ServiceName, TaskFilter, TaskStatus, UnixMillis};
use sqlx::{Connection, Postgres, Sqlite};

fn function() -> FunctionRef {
    FunctionRef { region: Region::from_stored("r"), service: ServiceName::from_stored("s"), function: FunctionName::from_stored("f") }
}

/// What the engine does all the time.
async fn check_engine<DB: Dialect>(connection: &mut DB::Connection) {
    pick::plans::check::<DB>(connection).await;
    over_age::plans::check::<DB>(&function(), connection).await;
    queue::plans::check::<DB>(connection).await;
    held::plans::check::<DB>(connection).await;
    transitions::plans::check::<DB>(connection).await;
}

/// What people look at.
async fn check_pages<DB: Dialect>(connection: &mut DB::Connection) {
    list::plans::check::<DB>(&function(), connection).await;
    scan::plans::check::<DB>(&function(), connection).await;
    tasks::plans::check::<DB>(&function(), connection).await;
}

/// A transaction as a page is read in.
async fn in_order(db: &TestDb) -> sqlx::Transaction<'static, Postgres> {
    let pool = sqlx::PgPool::connect_with(crate::postgres::options(db.url()).unwrap()).await.unwrap();
    Postgres::begin(&pool, Postgres::BEGIN_IN_ORDER).await.unwrap()
}

#[tokio::test]
async fn i3_hot_statements_read_an_index_sqlite() {
    let db = TestDb::sqlite().await;
    plan_rows(&db, &function()).await;
    let mut connection = sqlx::SqliteConnection::connect(db.url()).await.unwrap();
    check_engine::<Sqlite>(&mut connection).await;
    check_pages::<Sqlite>(&mut connection).await;
}

#[tokio::test]
async fn i3_hot_statements_read_an_index_postgres() {
    let Some(db) = TestDb::postgres().await else { return };
    plan_rows(&db, &function()).await;
    let mut connection = sqlx::PgConnection::connect_with(&crate::postgres::options(db.url()).unwrap()).await.unwrap();
    check_engine::<Postgres>(&mut connection).await;
    let mut tx = in_order(&db).await;
    check_pages::<Postgres>(&mut tx).await;
}

/// From about this many tasks the index of states is taller than that of ids, and so dearer to the planner where it expects one task.
const TALLER: usize = 24_000;

#[tokio::test]
async fn i3_without_statistics_too_one_state_is_read_from_its_index_postgres() {
    let Some(db) = TestDb::postgres().await else { return };
    fill_tasks(&db, &function(), TALLER, &[TaskStatus::Succeeded, TaskStatus::Failed], UnixMillis(600_000)).await;
    let mut tx = in_order(&db).await;
    for (status, events) in [(TaskStatus::Running, false), (TaskStatus::Failed, true)] {
        let one = TaskFilter { statuses: vec![status], with_events: events, ..TaskFilter::default() };
        let plan = page_sql::<Postgres>(&function(), &one, Default::default(), list::Prefix::None).plan(&mut tx).await;
        assert!(plan.contains("task_list_by_status") && !plan.contains("Sort"), "{plan}");
    }
}

/// A plan that was made for the first thousand tasks of an install is kept while there come more, up to the first statistics.
#[tokio::test]
async fn i3_without_statistics_too_a_claim_reads_the_heads_of_queues_only_postgres() {
    let Some(db) = TestDb::postgres().await else { return };
    fill_tasks(&db, &function(), 1_000, &[TaskStatus::Succeeded, TaskStatus::Enqueued], UnixMillis(600_000)).await;
    let mut connection = sqlx::PgConnection::connect_with(&crate::postgres::options(db.url()).unwrap()).await.unwrap();
    pick::plans::check::<Postgres>(&mut connection).await;
}

/// Columns that go together look independent to the planner: of a function among many it expects one task, and would as soon sort all of
/// them by way of their ids.
#[tokio::test]
async fn i3_where_few_tasks_are_expected_a_page_is_not_sorted_either_postgres() {
    let Some(db) = TestDb::postgres().await else { return };
    for number in 0..40 {
        let other = FunctionRef { function: FunctionName::from_stored(format!("f{number}")), ..function() };
        fill_tasks(&db, &other, 10, &[TaskStatus::Succeeded], UnixMillis(600_000)).await;
    }
    db.execute("vacuum (analyze) task".to_owned()).await;
    // Autovacuum comes later than the tasks.
    fill_tasks(&db, &function(), TALLER, &[TaskStatus::Succeeded, TaskStatus::Failed], UnixMillis(600_000)).await;
    let mut tx = in_order(&db).await;
    let failed = TaskFilter { statuses: vec![TaskStatus::Failed], ..TaskFilter::default() };
    for filter in [TaskFilter::default(), failed] {
        let plan = page_sql::<Postgres>(&function(), &filter, Default::default(), list::Prefix::None).plan(&mut tx).await;
        assert!(plan.contains("task_list") && !plan.contains("Sort"), "{plan}");
    }
}
