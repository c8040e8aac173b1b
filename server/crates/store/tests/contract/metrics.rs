use crate::fixtures::{at, claim_one, function_ref, insert, region, start, task, task_of, with_functions};
use engine::ports::{MetricMinute, Store};
use model::{Figures, FunctionRef, MetricPoint, MetricScope, MetricWindow, Qualifier, QueueScope, Region, TaskStatus, UnixMillis};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    c79_minutes_add_up_over_flushes_servers_qualifiers_and_functions,
    c79_points_of_a_window_are_whole_steps_of_minutes_or_hours,
    c79_servers_that_add_at_the_same_time_lose_nothing,
    c79_functions_of_a_region_each_with_its_figures,
    c79_old_rows_are_deleted_in_batches,
    sc02_the_backlog_is_what_waits_now,
);

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// A whole hour.
const T: i64 = 1_795_521_600_000 - 1_795_521_600_000 % HOUR;

fn invoked(count: u64, ms: i64) -> Figures {
    let mut figures = Figures { invocations: count, ..Figures::default() };
    figures.duration.record(ms);
    figures
}

fn minute(function: &str, qualifier: &str, minutes: i64, figures: Figures) -> MetricMinute {
    let at = UnixMillis(T + minutes * MINUTE);
    MetricMinute { function: function_ref(function), qualifier: Qualifier::from_stored(qualifier), at, figures }
}

fn window(from_minutes: i64, until_minutes: i64) -> MetricWindow {
    MetricWindow { from: UnixMillis(T + from_minutes * MINUTE), until: UnixMillis(T + until_minutes * MINUTE) }
}

fn of(function: &str, qualifier: Option<&str>) -> MetricScope {
    MetricScope::Function(function_ref(function), qualifier.map(Qualifier::from_stored))
}

/// Minutes from `T` on and invocations of each point.
async fn points(store: &dyn Store, scope: &MetricScope, window: MetricWindow, step: i64) -> Vec<(i64, u64)> {
    let found = store.read_metrics(scope, window, step).await.unwrap();
    found.into_iter().map(|MetricPoint { at, figures }| ((at.0 - T) / MINUTE, figures.invocations)).collect()
}

async fn c79_minutes_add_up_over_flushes_servers_qualifiers_and_functions(db: TestDb) {
    let (store, other) = (db.store(), db.other_handle().await);
    store.add_metrics(&[minute("f", "LATEST", 0, invoked(1, 10)), minute("g", "LATEST", 0, invoked(100, 1))]).await.unwrap();
    other.add_metrics(&[minute("f", "LATEST", 0, invoked(2, 500)), minute("f", "live", 0, invoked(4, 20))]).await.unwrap();
    store.add_metrics(&[minute("f", "LATEST", 0, invoked(8, 30)), minute("f", "LATEST", 1, invoked(16, 1))]).await.unwrap();
    let all = window(0, 60);
    assert_eq!(points(&*store, &of("f", None), all, MINUTE).await, [(0, 15), (1, 16)]);
    assert_eq!(points(&*store, &of("f", Some("LATEST")), all, MINUTE).await, [(0, 11), (1, 16)]);
    assert_eq!(points(&*store, &of("f", Some("live")), all, MINUTE).await, [(0, 4)]);
    assert_eq!(points(&*store, &MetricScope::Region(region()), all, MINUTE).await, [(0, 115), (1, 16)]);
    assert_eq!(points(&*store, &MetricScope::Region(Region::from_stored("other")), all, MINUTE).await, []);
    assert_eq!(points(&*store, &MetricScope::Region(region()), all, HOUR).await, [(0, 131)], "by hours the same");
    let latest = store.read_metrics(&of("f", Some("LATEST")), all, MINUTE).await.unwrap();
    let duration = &latest[0].figures.duration;
    assert_eq!((duration.count(), duration.max(), duration.mean()), (3, Some(500), Some(180)));
}

async fn c79_points_of_a_window_are_whole_steps_of_minutes_or_hours(db: TestDb) {
    let store = db.store();
    let minutes: Vec<_> = [-1, 0, 1, 4, 5, 59, 60, 125, 180].into_iter().map(|at| minute("f", "LATEST", at, invoked(1, 1))).collect();
    store.add_metrics(&minutes).await.unwrap();
    assert_eq!(
        points(&*store, &of("f", None), window(0, 60), 5 * MINUTE).await,
        [(0, 3), (5, 1), (55, 1)],
        "neither before nor at the end"
    );
    assert_eq!(points(&*store, &of("f", None), window(0, 180), HOUR).await, [(0, 5), (60, 1), (120, 1)]);
    assert_eq!(points(&*store, &of("f", None), window(-60, 240), 2 * HOUR).await.iter().map(|(_, count)| count).sum::<u64>(), 9);
}

async fn c79_servers_that_add_at_the_same_time_lose_nothing(db: TestDb) {
    let handles = [db.store(), db.other_handle().await];
    let writing: Vec<_> = (0..16)
        .map(|n| {
            let store = handles[n % 2].clone();
            // In different orders.
            let mut minutes: Vec<_> = (0..8).map(|at| minute("f", "LATEST", at, invoked(1, 1))).collect();
            if n % 3 == 0 {
                minutes.reverse();
            }
            tokio::spawn(async move { store.add_metrics(&minutes).await })
        })
        .collect();
    for written in writing {
        written.await.unwrap().unwrap();
    }
    let expected: Vec<(i64, u64)> = (0..8).map(|at| (at, 16)).collect();
    assert_eq!(points(&*handles[0], &of("f", None), window(0, 60), MINUTE).await, expected);
    assert_eq!(points(&*handles[0], &MetricScope::Region(region()), window(0, 60), HOUR).await, [(0, 128)]);
}

async fn c79_functions_of_a_region_each_with_its_figures(db: TestDb) {
    let store = db.store();
    let elsewhere = MetricMinute {
        function: FunctionRef { region: Region::from_stored("other"), ..function_ref("f") },
        ..minute("f", "LATEST", 0, invoked(99, 1))
    };
    let counted = [
        minute("g", "LATEST", 0, invoked(1, 1)),
        minute("f", "live", 61, invoked(2, 1)),
        minute("f", "LATEST", 0, invoked(4, 1)),
        elsewhere,
    ];
    store.add_metrics(&counted).await.unwrap();
    let check = async |window: MetricWindow, by_hours: bool, expected: &[(&str, u64)]| {
        let found = store.metrics_by_function(&region(), window, by_hours).await.unwrap();
        let found: Vec<_> = found.iter().map(|(function, figures)| (function.function.as_str(), figures.invocations)).collect();
        assert_eq!(found, expected, "{window:?}");
    };
    check(window(0, 120), false, &[("f", 6), ("g", 1)]).await;
    check(window(1, 120), false, &[("f", 2)]).await;
    check(window(1, 120), true, &[("f", 6), ("g", 1)]).await;
    check(window(60, 61), false, &[]).await;
}

async fn c79_old_rows_are_deleted_in_batches(db: TestDb) {
    let store = db.store();
    let minutes: Vec<_> = [0, 60, 120].into_iter().map(|at| minute("f", "LATEST", at, invoked(1, 1))).collect();
    store.add_metrics(&minutes).await.unwrap();
    let rows = async || db.texts("select cast(count(*) as text) from metric").await.concat().concat();
    // Function and region, by minute and by hour.
    assert_eq!(rows().await, "12");
    let before = UnixMillis(T + 2 * HOUR);
    assert_eq!(store.prune_metrics(before, 3).await.unwrap(), 3, "there may be more");
    assert_eq!(store.prune_metrics(before, 3).await.unwrap(), 1);
    assert_eq!(store.prune_metrics(before, 3).await.unwrap(), 0);
    assert_eq!(rows().await, "4");
    assert_eq!(points(&*store, &of("f", None), window(0, 180), MINUTE).await, [(120, 1)]);
}

async fn sc02_the_backlog_is_what_waits_now(db: TestDb) {
    with_functions(&db, &["f", "g"]).await;
    let store = db.store();
    let nothing = store.backlog(&QueueScope::Region(region())).await.unwrap();
    assert_eq!((nothing.counts.total(), nothing.oldest_due), (0, None));
    for (id, ms) in [("a", 100), ("b", 300)] {
        let mut new = task(id);
        new.due_at = at(ms);
        insert(&*store, new).await;
    }
    let mut of_g = task_of("g", "a");
    of_g.due_at = at(200);
    insert(&*store, of_g).await;
    let mut running = claim_one(&*store, "w", at(150)).await;
    start(&*store, &mut running, 150).await;
    let check = async |scope: QueueScope, waiting: u64, running: u64, oldest_ms: i64| {
        let backlog = store.backlog(&scope).await.unwrap();
        assert_eq!((backlog.counts.waiting(), backlog.counts.get(TaskStatus::Running)), (waiting, running), "{scope:?}");
        assert_eq!(backlog.oldest_due, Some(at(oldest_ms)), "{scope:?}");
    };
    check(QueueScope::Region(region()), 2, 1, 200).await;
    check(QueueScope::Function(function_ref("f")), 1, 1, 300).await;
    check(QueueScope::Function(function_ref("g")), 1, 0, 200).await;
    let other = store.backlog(&QueueScope::Region(Region::from_stored("other"))).await.unwrap();
    assert_eq!((other.counts.total(), other.oldest_due), (0, None));
}
