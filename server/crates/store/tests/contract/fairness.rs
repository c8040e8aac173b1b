//! Claims serve every function, and only as far as pauses and limits allow.

use crate::fixtures::{at, change, function_ref, insert, region, start, task, task_of, with_functions, worker};
use engine::ports::{AgeLook, ClaimedTask, QueuePlace, Store};
use model::{QueueScope, TaskId, TaskStatus};
use std::collections::BTreeMap;
use store::each_backend;
use store::testing::TestDb;
use store::testing::{claim_any, next_due};

each_backend!(
    i3_5_a_hundred_thousand_waiting_tasks_do_not_delay_another_function_s_first,
    i3_5_functions_share_a_claim_equally_and_none_wastes_what_another_can_use,
    i3_5_more_functions_than_slots_are_served_in_turn,
    i3_5_a_function_has_at_most_its_limit_in_hand,
    i3_5_a_region_has_at_most_its_limit_in_hand_over_all_functions,
    i3_5_servers_that_claim_together_do_not_overfill_a_limit,
    i3_5_a_paused_function_waits_and_is_not_looked_for,
    i3_5_a_deleted_function_leaves_no_pause,
    i3_5_a_look_for_what_is_over_age_goes_along_the_queue,
    i3_7_a_place_in_the_queue_counts_those_before_it,
    i3_5_waiting_tasks_are_those_submitted_until_then,
);

async fn claim(store: &dyn Store, limit: u32) -> Vec<ClaimedTask> {
    claim_any(store, &worker("w"), at(0), at(9_000), limit).await.unwrap()
}

/// How many of each function.
fn by_function(claimed: &[ClaimedTask]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    claimed.iter().for_each(|task| *counts.entry(task.task.function.function.as_str()).or_default() += 1);
    counts
}

async fn fill(store: &dyn Store, function: &str, count: usize) {
    store.insert_tasks((0..count).map(|n| task_of(function, &format!("{function}{n}"))).collect()).await.unwrap();
}

fn of(function: &str) -> QueueScope {
    QueueScope::Function(function_ref(function))
}

async fn i3_5_a_hundred_thousand_waiting_tasks_do_not_delay_another_function_s_first(db: TestDb) {
    let store = db.store();
    let mut first = task_of("long", "seed");
    first.due_at = at(-1_000);
    insert(&*store, first).await;
    db.texts(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 100000) \
         insert into task (region, service, function, task_id, qualifier, request_id, listed, status, events, submitted_at_ms, \
         due_at_ms, expires_at_ms, started_at_ms, run_at_ms, max_retries, origin, payload) \
         select region, service, function, task_id || cast(i as text), qualifier, request_id, listed, status, events, submitted_at_ms, \
         due_at_ms, expires_at_ms, started_at_ms, run_at_ms, max_retries, origin, payload from task cross join n where task_id = 'seed'",
    )
    .await;
    assert_eq!(claim(&*store, 8).await.len(), 8);
    insert(&*store, task_of("short", "t")).await;
    assert_eq!(by_function(&claim(&*store, 8).await), BTreeMap::from([("long", 7), ("short", 1)]));
    // With a single slot the other one is next.
    insert(&*store, task_of("short", "u")).await;
    let one_by_one = [claim(&*store, 1).await, claim(&*store, 1).await].concat();
    assert_eq!(by_function(&one_by_one), BTreeMap::from([("long", 1), ("short", 1)]));
}

async fn i3_5_functions_share_a_claim_equally_and_none_wastes_what_another_can_use(db: TestDb) {
    let store = db.store();
    for (function, count) in [("a", 50), ("b", 50), ("c", 2)] {
        fill(&*store, function, count).await;
    }
    assert_eq!(by_function(&claim(&*store, 30).await), BTreeMap::from([("a", 14), ("b", 14), ("c", 2)]));
    assert_eq!(by_function(&claim(&*store, 100).await), BTreeMap::from([("a", 36), ("b", 36)]));
}

async fn i3_5_more_functions_than_slots_are_served_in_turn(db: TestDb) {
    let store = db.store();
    for n in 0..40 {
        fill(&*store, &format!("f{n}"), 3).await;
    }
    let mut seen = BTreeMap::new();
    for _ in 0..10 {
        for task in claim(&*store, 4).await {
            *seen.entry(task.task.function.function.to_string()).or_insert(0) += 1;
        }
    }
    assert_eq!(seen.len(), 40);
    assert!(seen.values().all(|count| *count == 1), "{seen:?}");
    assert_eq!(claim(&*store, 100).await.len(), 80, "a claim may need several rounds");
}

async fn i3_5_a_function_has_at_most_its_limit_in_hand(db: TestDb) {
    let store = db.store();
    fill(&*store, "f", 5).await;
    fill(&*store, "g", 5).await;
    store.limit_queue(&of("f"), Some(2)).await.unwrap();
    let mut claimed = claim(&*store, 8).await;
    assert_eq!(by_function(&claimed), BTreeMap::from([("f", 2), ("g", 5)]));
    assert_eq!(claim(&*store, 8).await, []);
    assert_eq!(next_due(&*store).await.unwrap(), None, "what may not be claimed is not waited for");
    let queue = store.get_queue(&of("f")).await.unwrap();
    assert_eq!((queue.running, queue.max_running, queue.is_full()), (2, Some(2), true));
    let task = claimed.iter_mut().find(|task| task.task.function == function_ref("f")).unwrap();
    start(&*store, task, 1).await;
    assert_eq!(claim(&*store, 8).await, [], "it runs and still counts");
    assert_eq!(store.apply(vec![change(task, TaskStatus::Succeeded, 2)]).await.unwrap(), [true]);
    assert_eq!(by_function(&claim(&*store, 8).await), BTreeMap::from([("f", 1)]));
    store.limit_queue(&of("f"), None).await.unwrap();
    assert_eq!(by_function(&claim(&*store, 8).await), BTreeMap::from([("f", 2)]));
}

async fn i3_5_a_region_has_at_most_its_limit_in_hand_over_all_functions(db: TestDb) {
    let store = db.store();
    for function in ["f", "g"] {
        fill(&*store, function, 5).await;
    }
    let mut elsewhere = task("elsewhere");
    elsewhere.function.region = model::Region::from_stored("cn-shanghai");
    insert(&*store, elsewhere).await;
    store.limit_queue(&QueueScope::Region(region()), Some(3)).await.unwrap();
    let claimed = claim(&*store, 20).await;
    assert_eq!(claimed.iter().filter(|task| task.task.function.region == region()).count(), 3);
    assert_eq!(claimed.len(), 4, "the other region has no limit");
    assert_eq!(store.get_queue(&QueueScope::Region(region())).await.unwrap().running, 3);
}

async fn i3_5_servers_that_claim_together_do_not_overfill_a_limit(db: TestDb) {
    fill(&*db.store(), "f", 60).await;
    db.store().limit_queue(&of("f"), Some(5)).await.unwrap();
    let mut running = tokio::task::JoinSet::new();
    for n in 0..6 {
        let store = db.other_handle().await;
        running.spawn(async move {
            let mut mine = 0;
            for _ in 0..10 {
                mine += claim_any(&*store, &worker(&format!("w{n}")), at(0), at(1), 3).await.unwrap().len();
            }
            mine
        });
    }
    assert_eq!(running.join_all().await.into_iter().sum::<usize>(), 5);
}

async fn i3_5_a_paused_function_waits_and_is_not_looked_for(db: TestDb) {
    let store = db.store();
    fill(&*store, "f", 2).await;
    store.pause_queue(&of("f"), Some(at(7))).await.unwrap();
    store.pause_queue(&of("f"), Some(at(8))).await.unwrap();
    assert_eq!(store.get_queue(&of("f")).await.unwrap().paused_at, Some(at(7)), "paused since the first time");
    assert_eq!((claim(&*store, 8).await.len(), next_due(&*store).await.unwrap()), (0, None));
    fill(&*store, "g", 1).await;
    assert_eq!(by_function(&claim(&*store, 8).await), BTreeMap::from([("g", 1)]));
    store.pause_queue(&of("f"), None).await.unwrap();
    assert_eq!(by_function(&claim(&*store, 1).await), BTreeMap::from([("f", 1)]));
    store.pause_queue(&QueueScope::Region(region()), Some(at(9))).await.unwrap();
    assert_eq!((claim(&*store, 8).await.len(), next_due(&*store).await.unwrap()), (0, None));
}

async fn i3_5_a_deleted_function_leaves_no_pause(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    store.pause_queue(&of("f"), Some(at(7))).await.unwrap();
    store.delete_function(&function_ref("f"), "e1").await.unwrap();
    assert_eq!(store.get_queue(&of("f")).await.unwrap(), model::Queue::default());
}

async fn i3_5_a_look_for_what_is_over_age_goes_along_the_queue(db: TestDb) {
    let store = db.store();
    for (id, due, expires) in [("a", 10, 20), ("b", 10, 99), ("c", 11, 20), ("given-back", 12, 99), ("later", 40, 41)] {
        let mut new = task_of("f", id);
        (new.due_at, new.expires_at) = (at(due), at(expires));
        insert(&*store, new).await;
    }
    fill(&*store, "g", 1).await;
    assert_eq!(store.waiting_functions(at(9)).await.unwrap(), [function_ref("g")]);
    assert_eq!(store.waiting_functions(at(10)).await.unwrap(), [function_ref("f"), function_ref("g")]);
    for held in claim_any(&*store, &worker("w"), at(12), at(99), 8).await.unwrap() {
        if held.task.id.as_str() == "given-back" {
            assert!(store.release(held.seq, held.fence, held.attempt, at(12)).await.unwrap());
        }
    }
    // The others are held: nobody but their worker ends them.
    let look = |after, now, rows| AgeLook { now: at(now), given_back_from: at(0), after, rows };
    let start = (at(i64::MIN), 0);
    assert_eq!(store.over_age_tasks(&function_ref("f"), &look(start, 30, 9)).await.unwrap(), (vec![], None));
    store.retire_worker(&worker("w")).await.unwrap();
    for lost in store.lost_tasks(at(13), 9).await.unwrap() {
        assert!(store.release(lost.seq, lost.fence, lost.attempt, at(13)).await.unwrap());
    }
    let ids = async |look: AgeLook| {
        let (found, next) = store.over_age_tasks(&function_ref("f"), &look).await.unwrap();
        (found.iter().map(|found| found.task.task.id.to_string()).collect::<Vec<_>>(), next)
    };
    let (first, next) = ids(look(start, 30, 3)).await;
    assert_eq!(first, ["a"]);
    let (second, end) = ids(look(next.unwrap(), 30, 3)).await;
    assert_eq!((second, end), (vec!["c".to_owned()], None));
    let late = AgeLook { given_back_from: at(13), ..look(start, 15, 9) };
    assert_eq!(ids(late).await.0, ["given-back", "a", "b", "c"]);
    assert_eq!(ids(look(start, 200, 9)).await.0.len(), 5);
}

async fn i3_7_a_place_in_the_queue_counts_those_before_it(db: TestDb) {
    let store = db.store();
    for (id, due) in [("c", 30), ("a", 10), ("b", 20), ("b2", 20)] {
        let mut new = task(id);
        new.due_at = at(due);
        insert(&*store, new).await;
    }
    fill(&*store, "g", 3).await;
    let place = async |id: &str, most| store.queue_place(&function_ref("f").task(TaskId::from_stored(id)), most).await.unwrap();
    assert_eq!(place("a", 10).await, Some(QueuePlace { run_at: at(10), ahead: 0 }));
    assert_eq!(place("b2", 10).await, Some(QueuePlace { run_at: at(20), ahead: 2 }));
    assert_eq!(place("c", 10).await, Some(QueuePlace { run_at: at(30), ahead: 3 }));
    assert_eq!(place("c", 2).await, Some(QueuePlace { run_at: at(30), ahead: 2 }));
    claim_any(&*store, &worker("w"), at(10), at(99), 8).await.unwrap();
    assert_eq!(place("a", 10).await, None, "it is held");
}

async fn i3_5_waiting_tasks_are_those_submitted_until_then(db: TestDb) {
    let store = db.store();
    for (id, ms) in [("old", 1), ("new", 5)] {
        let mut new = task(id);
        (new.submitted_at, new.due_at) = (at(ms), at(ms));
        insert(&*store, new).await;
    }
    let mut running = crate::fixtures::claim_one(&*store, "w", at(1)).await;
    let ids = async |until| -> Vec<String> {
        store.waiting_tasks(&function_ref("f"), at(until), 9).await.unwrap().iter().map(|task| task.task.id.to_string()).collect()
    };
    assert_eq!((ids(4).await.len(), ids(5).await.len()), (1, 2));
    start(&*store, &mut running, 6).await;
    assert_eq!(ids(5).await, ["new"]);
}
