use super::*;
use crate::testing::{TestDb, plan_rows};
use model::{FunctionName, ServiceName};
use sqlx::Connection;

fn function(name: &str) -> FunctionRef {
    FunctionRef { region: Region::from_stored("r"), service: ServiceName::from_stored("s"), function: FunctionName::from_stored(name) }
}

fn heaps_of(status: Option<TaskStatus>) -> Vec<Heap> {
    ["f", "g"].into_iter().map(|name| Heap { function: function(name), status }).collect()
}

/// Every statement that reads tasks of many functions takes its rows from an index, in order, whatever is filtered by.
async fn check<DB: Dialect>(connection: &mut DB::Connection) {
    let range = Range { after: Some(Cursor { started_at: UnixMillis(300_000), seq: 3_000 }), to: None };
    let window = TaskFilter {
        started_from: Some(UnixMillis(10_000)),
        started_to: Some(UnixMillis(400_000)),
        id_prefix: "fill-1".into(),
        ..TaskFilter::default()
    };
    let ascending = TaskFilter { order: SortOrder::Asc, ..window.clone() };
    for (status, index) in [(None, "task_list"), (Some(TaskStatus::Processed), "task_list_by_status")] {
        let heaps = heaps_of(status);
        let parts: Vec<(&Heap, i64)> = heaps.iter().map(|heap| (heap, 51)).collect();
        for filter in [&TaskFilter::default(), &window, &ascending] {
            for range in [Range::default(), range] {
                let heads = heads_sql::<DB>(&heaps, filter, range).plan(connection).await;
                let places = places_sql::<DB>(&parts, filter, range).plan(connection).await;
                for (plan, times) in [(heads, 1), (places, heaps.len())] {
                    let uses = plan.split_whitespace().filter(|word| *word == index).count();
                    assert_eq!(uses, times, "{filter:?}\n{plan}");
                    assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{filter:?}\n{plan}");
                    assert!(!plan.contains("Seq Scan on task") && !plan.contains("SCAN task"), "{filter:?}\n{plan}");
                }
            }
        }
    }
    let ids = ids_sql::<DB>(&heaps_of(None), &window, 100).plan(connection).await;
    assert_eq!(ids.split_whitespace().filter(|word| *word == "task_id_key").count(), 2, "{ids}");
    assert!(!ids.contains("Sort") && !ids.contains("TEMP B-TREE"), "{ids}");
}

#[tokio::test]
async fn sc17_pages_of_a_region_are_read_from_indexes_in_order_sqlite() {
    let db = TestDb::sqlite().await;
    plan_rows(&db, &function("f")).await;
    let mut connection = sqlx::SqliteConnection::connect(db.url()).await.unwrap();
    check::<sqlx::Sqlite>(&mut connection).await;
}

#[tokio::test]
async fn sc17_pages_of_a_region_are_read_from_indexes_in_order_postgres() {
    let Some(db) = TestDb::postgres().await else { return };
    plan_rows(&db, &function("f")).await;
    let pool = sqlx::PgPool::connect_with(crate::postgres::options(db.url()).unwrap()).await.unwrap();
    let mut tx = sqlx::Postgres::begin(&pool, sqlx::Postgres::BEGIN_IN_ORDER).await.unwrap();
    check::<sqlx::Postgres>(&mut tx).await;
}

#[test]
fn sc17_of_very_many_functions_those_with_the_latest_submissions_are_looked_at() {
    let counted: Vec<(FunctionRef, Counted)> = (0..3_000)
        .map(|n| {
            let mut of_function = Counted { latest_ms: n, ..Counted::default() };
            of_function.counts.set(TaskStatus::Failed, 1);
            (function(&format!("f{n}")), of_function)
        })
        .collect();
    let (all, is_partial) = heaps(counted.clone(), &TaskFilter::default());
    assert_eq!((all.len(), is_partial), (REGION_TASK_FUNCTIONS_MAX, true));
    assert_eq!(all.first(), Some(&Heap { function: function("f2999"), status: None }));
    let of = |status: TaskStatus| heaps(counted.clone(), &TaskFilter { statuses: vec![status], ..TaskFilter::default() });
    assert_eq!(of(TaskStatus::Expired), (Vec::new(), false));
    assert_eq!(of(TaskStatus::Failed).0.len(), REGION_TASK_FUNCTIONS_MAX);
}
