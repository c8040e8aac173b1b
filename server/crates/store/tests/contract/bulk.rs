use crate::fixtures::{at, failed, function_ref, insert, region, task, task_of, worker};
use engine::ports::{BulkItemEnd, FoundTask, ScanCursor, Store, TaskScan, TaskSeq};
use model::{
    Bulk, BulkAction, BulkFilter, BulkOutcome, BulkScope, BulkState, Qualifier, Region, ServiceName, TaskFilter, TaskId, TaskRef,
    TaskStatus,
};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    b03_tasks_are_found_by_what_a_filter_says,
    b03_a_search_goes_on_where_it_ended_and_takes_nothing_later,
    b03_a_search_takes_the_functions_of_its_scope_one_after_the_other,
    b03_chosen_tasks_are_found_in_each_function,
    b03_an_action_knows_whose_each_of_its_tasks_is,
    b03_an_action_is_worked_off_turn_by_turn,
    b03_a_worker_that_comes_late_writes_nothing,
    b03_actions_take_turns,
    b03_tasks_that_are_found_twice_count_once,
    sc24_a_stopped_action_keeps_what_was_done,
    sc24_failures_are_tried_again_alone,
    sc24_outcomes_are_had_in_pages,
    b03_old_actions_are_forgotten,
);

fn filter(statuses: &[TaskStatus]) -> BulkFilter {
    BulkFilter { tasks: TaskFilter { statuses: statuses.to_vec(), ..TaskFilter::default() }, ..BulkFilter::default() }
}

fn bulk(id: &str) -> Bulk {
    Bulk {
        id: id.to_owned(),
        scope: function_ref("f").into(),
        action: BulkAction::Stop,
        filter: filter(&[TaskStatus::Enqueued]),
        retry_of: None,
        user: "admin".to_owned(),
        created_at: at(0),
        ended_at: None,
        state: BulkState::Running,
        stopped_by: String::new(),
        total: 0,
        done: 0,
        failed: 0,
        skipped: 0,
    }
}

fn found(seq: TaskSeq) -> FoundTask {
    FoundTask { seq, task: task_ref(&format!("t{seq}")), is_http: false }
}

/// A task of function `f`.
fn task_ref(id: &str) -> TaskRef {
    function_ref("f").task(TaskId::from_stored(id))
}

/// Every function of the region.
fn everywhere() -> BulkScope {
    BulkScope::named(region(), "", "")
}

/// `function/id` of the tasks that a search finds in so many rows at a time, and how many searches that takes.
async fn search(store: &dyn Store, scope: &BulkScope, filter: &BulkFilter, rows: u32) -> (Vec<String>, usize) {
    let (mut after, mut ids, mut rounds) = (None, Vec::new(), 0);
    loop {
        let scan = TaskScan { scope, filter, until: i64::MAX, after, rows };
        let found = store.scan_tasks(&scan).await.unwrap();
        rounds += 1;
        ids.extend(found.tasks.into_iter().map(|found| format!("{}/{}", found.task.function.function, found.task.id)));
        match found.next {
            None => return (ids, rounds),
            next => after = next,
        }
        assert!(rounds < 100, "it ends");
    }
}

fn end(seq: TaskSeq, outcome: BulkOutcome) -> BulkItemEnd {
    BulkItemEnd { seq, outcome, reason: format!("because of {seq}"), new_task: None }
}

/// An action on tasks with these numbers.
async fn begun(store: &dyn Store, id: &str, seqs: std::ops::RangeInclusive<TaskSeq>) {
    let tasks: Vec<FoundTask> = seqs.map(found).collect();
    store.insert_bulk(&bulk(id), 100, &tasks, None).await.unwrap();
}

async fn read(store: &dyn Store, id: &str) -> Bulk {
    store.get_bulk(&region(), id).await.unwrap().unwrap()
}

fn counts(bulk: &Bulk) -> [u64; 4] {
    [bulk.total, bulk.done, bulk.failed, bulk.skipped]
}

async fn b03_tasks_are_found_by_what_a_filter_says(db: TestDb) {
    let store = db.store();
    failed(store.as_ref(), "bad", "K", 50).await;
    for id in ["a-1", "a-2", "b-1"] {
        insert(store.as_ref(), task(id)).await;
    }
    let mut other = task("prod-1");
    other.qualifier = Qualifier::from_stored("prod");
    insert(store.as_ref(), other).await;
    let mut hidden = task("hidden");
    hidden.listed = false;
    insert(store.as_ref(), hidden).await;
    insert(store.as_ref(), task_of("g", "elsewhere")).await;

    let ids = async |filter: BulkFilter| {
        let scan = TaskScan { scope: &function_ref("f").into(), filter: &filter, until: i64::MAX, after: None, rows: 100 };
        let found = store.scan_tasks(&scan).await.unwrap();
        assert_eq!(found.next, None);
        found.tasks.into_iter().map(|found| found.task.id.to_string()).collect::<Vec<_>>()
    };
    let enqueued = || filter(&[TaskStatus::Enqueued]);
    let tasks = |change: fn(&mut TaskFilter)| {
        let mut filter = enqueued();
        change(&mut filter.tasks);
        filter
    };
    assert_eq!(ids(enqueued()).await, ["a-1", "a-2", "b-1", "prod-1"]);
    assert_eq!(ids(filter(&[TaskStatus::Failed, TaskStatus::Enqueued])).await, ["bad", "a-1", "a-2", "b-1", "prod-1"]);
    assert_eq!(ids(tasks(|tasks| tasks.id_prefix = "a-".to_owned())).await, ["a-1", "a-2"]);
    assert_eq!(ids(tasks(|tasks| tasks.qualifier = Some(Qualifier::from_stored("prod")))).await, ["prod-1"]);
    assert_eq!(ids(tasks(|tasks| tasks.started_from = Some(at(1)))).await, Vec::<String>::new());
    let chosen = vec![TaskId::from_stored("b-1"), TaskId::from_stored("bad"), TaskId::from_stored("none")];
    assert_eq!(ids(BulkFilter { ids: chosen, ..enqueued() }).await, ["b-1"]);
    let of_kind =
        |kind: &str, ms| BulkFilter { error_kind: Some(kind.to_owned()), ended_after: Some(at(ms)), ..filter(&[TaskStatus::Failed]) };
    assert_eq!(ids(of_kind("K", 49)).await, ["bad"]);
    assert_eq!(ids(of_kind("K", 50)).await, Vec::<String>::new());
    assert_eq!(ids(of_kind("L", 0)).await, Vec::<String>::new());
    assert_eq!(ids(filter(&[])).await, Vec::<String>::new());
}

async fn b03_a_search_goes_on_where_it_ended_and_takes_nothing_later(db: TestDb) {
    let store = db.store();
    let mut last = 0;
    for n in 0..5 {
        last = insert(store.as_ref(), task(&format!("t{n}"))).await;
    }
    assert_eq!(store.newest_task().await.unwrap(), last);
    insert(store.as_ref(), task("later")).await;
    let (mut after, mut ids) = (None, Vec::new());
    let both = filter(&[TaskStatus::Failed, TaskStatus::Enqueued]);
    loop {
        let scan = TaskScan { scope: &function_ref("f").into(), filter: &both, until: last, after, rows: 2 };
        let found = store.scan_tasks(&scan).await.unwrap();
        assert!(found.tasks.len() <= 2);
        ids.extend(found.tasks.into_iter().map(|found| found.task.id.to_string()));
        match found.next {
            None => break,
            next => after = next,
        }
    }
    assert_eq!(ids, ["t0", "t1", "t2", "t3", "t4"]);
}

async fn b03_a_search_takes_the_functions_of_its_scope_one_after_the_other(db: TestDb) {
    let store = db.store();
    failed(store.as_ref(), "f-bad", "K", 50).await;
    for (function, id) in [("g", "g-1"), ("f", "f-1"), ("g", "g-2"), ("h", "h-1"), ("f", "f-2")] {
        insert(store.as_ref(), task_of(function, id)).await;
    }
    let mut other = task("f-0");
    other.function.service = ServiceName::from_stored("aside");
    insert(store.as_ref(), other).await;
    let mut elsewhere = task("elsewhere");
    elsewhere.function.region = Region::from_stored("elsewhere");
    insert(store.as_ref(), elsewhere).await;

    let waiting = filter(&[TaskStatus::Failed, TaskStatus::Enqueued]);
    let all = ["f/f-0", "f/f-bad", "f/f-1", "f/f-2", "g/g-1", "g/g-2", "h/h-1"];
    // A function costs some rows of its own, so that few rows take several searches; each goes on where the one before ended.
    for (rows, more_than) in [(1_000, 0), (15, 1), (1, 6)] {
        let (ids, rounds) = search(store.as_ref(), &everywhere(), &waiting, rows).await;
        assert_eq!(ids, all, "{rows} rows");
        assert!(rounds > more_than, "{rounds} searches of {rows} rows");
    }
    let named =
        async |service: &str, function: &str| search(store.as_ref(), &BulkScope::named(region(), service, function), &waiting, 100).await.0;
    assert_eq!(named("demo", "").await, all[1..]);
    assert_eq!(named("", "f").await, all[..4]);
    assert_eq!(named("demo", "g").await, all[4..6]);
    assert_eq!(named("demo", "none").await, Vec::<String>::new());
    let prefixed = TaskFilter { id_prefix: "g-".to_owned(), ..waiting.tasks };
    assert_eq!(search(store.as_ref(), &everywhere(), &BulkFilter { tasks: prefixed, ..waiting }, 100).await.0, all[4..6]);
}

async fn b03_chosen_tasks_are_found_in_each_function(db: TestDb) {
    let store = db.store();
    // The same id in two functions: only one of them is meant.
    for (function, id) in [("f", "a"), ("g", "a"), ("g", "b"), ("h", "b")] {
        insert(store.as_ref(), task_of(function, id)).await;
    }
    let of = |function: &str, id: &str| function_ref(function).task(TaskId::from_stored(id));
    let chosen = vec![of("g", "a"), of("h", "b"), of("h", "none"), of("none", "a")];
    let filter = BulkFilter { chosen, ..filter(&[TaskStatus::Enqueued]) };
    assert_eq!(search(store.as_ref(), &everywhere(), &filter, 100).await.0, ["g/a", "h/b"]);
    let only_g = BulkScope::named(region(), "demo", "g");
    assert_eq!(search(store.as_ref(), &only_g, &filter, 100).await.0, ["g/a"]);
    let only_f = BulkScope::named(region(), "demo", "f");
    assert_eq!(search(store.as_ref(), &only_f, &filter, 100).await.0, Vec::<String>::new());
}

async fn b03_an_action_knows_whose_each_of_its_tasks_is(db: TestDb) {
    let store = db.store();
    let of_g = function_ref("g").task(TaskId::from_stored("t1"));
    let tasks = [found(1), FoundTask { seq: 2, task: of_g.clone(), is_http: false }];
    let action = Bulk { scope: BulkScope::named(region(), "demo", ""), ..bulk("b") };
    store.insert_bulk(&action, 100, &tasks, None).await.unwrap();
    assert_eq!(read(store.as_ref(), "b").await.scope, action.scope);
    let turn = store.claim_bulk(&worker("w"), at(1), at(10), 5).await.unwrap().unwrap();
    assert_eq!(turn.items, [(1, task_ref("t1")), (2, of_g.clone())]);
    let ends = [end(1, BulkOutcome::Done), end(2, BulkOutcome::Failed)];
    store.end_bulk_items("b", turn.fence, &ends, at(2)).await.unwrap();
    let items = store.bulk_items("b", Some(BulkOutcome::Failed), 0, 9).await.unwrap();
    assert_eq!(items.into_iter().map(|(_, item)| item.task).collect::<Vec<_>>(), std::slice::from_ref(&of_g));
    let again = Bulk { retry_of: Some("b".to_owned()), scope: action.scope, ..bulk("again") };
    assert_eq!(store.insert_bulk_retry(&again).await.unwrap(), 1);
    let turn = store.claim_bulk(&worker("w"), at(6), at(10), 5).await.unwrap().unwrap();
    assert_eq!(turn.items, [(2, of_g)]);
}

async fn b03_an_action_is_worked_off_turn_by_turn(db: TestDb) {
    let store = db.store();
    begun(store.as_ref(), "b", 1..=3).await;
    assert_eq!(store.next_bulk_due().await.unwrap(), Some(at(0)));
    let first = store.claim_bulk(&worker("w"), at(1), at(10), 2).await.unwrap().unwrap();
    assert_eq!(first.items, [(1, task_ref("t1")), (2, task_ref("t2"))]);
    assert_eq!((first.until, first.cursor, first.bulk.filter.clone()), (100, None, bulk("b").filter));
    // It is somebody's until its lease has passed.
    assert_eq!(store.claim_bulk(&worker("v"), at(9), at(20), 2).await.unwrap(), None);
    assert_eq!(store.next_bulk_due().await.unwrap(), Some(at(10)));
    let ends = [end(1, BulkOutcome::Done), end(2, BulkOutcome::Skipped)];
    assert!(store.end_bulk_items("b", first.fence, &ends, at(9)).await.unwrap());
    assert_eq!((counts(&read(store.as_ref(), "b").await), store.next_bulk_due().await.unwrap()), ([3, 1, 0, 1], Some(at(9))));
    // The same lease has been given back.
    assert!(!store.end_bulk_items("b", first.fence, &[end(3, BulkOutcome::Done)], at(9)).await.unwrap());

    let second = store.claim_bulk(&worker("v"), at(9), at(20), 2).await.unwrap().unwrap();
    assert_eq!(second.items, [(3, task_ref("t3"))]);
    assert!(store.end_bulk_items("b", second.fence, &[end(3, BulkOutcome::Failed)], at(12)).await.unwrap());
    let ended = read(store.as_ref(), "b").await;
    assert_eq!((ended.state, ended.ended_at, counts(&ended)), (BulkState::Done, Some(at(12)), [3, 1, 1, 1]));
    assert_eq!(store.next_bulk_due().await.unwrap(), None);
    assert_eq!(store.get_bulk(&model::Region::from_stored("elsewhere"), "b").await.unwrap(), None);
}

async fn b03_a_worker_that_comes_late_writes_nothing(db: TestDb) {
    let store = db.store();
    begun(store.as_ref(), "b", 1..=1).await;
    let slow = store.claim_bulk(&worker("w"), at(1), at(10), 2).await.unwrap().unwrap();
    let next = store.claim_bulk(&worker("v"), at(10), at(20), 2).await.unwrap().unwrap();
    assert!(!store.end_bulk_items("b", slow.fence, &[end(1, BulkOutcome::Failed)], at(11)).await.unwrap());
    assert!(store.end_bulk_items("b", next.fence, &[end(1, BulkOutcome::Done)], at(11)).await.unwrap());
    assert_eq!(counts(&read(store.as_ref(), "b").await), [1, 1, 0, 0]);

    begun(store.as_ref(), "c", 1..=1).await;
    store.claim_bulk(&worker("w"), at(20), at(90), 2).await.unwrap().unwrap();
    store.free_bulks(&worker("somebody else"), at(21)).await.unwrap();
    assert_eq!(store.next_bulk_due().await.unwrap(), Some(at(90)));
    // What a worker held that is known to be over waits for nothing.
    store.free_bulks(&worker("w"), at(21)).await.unwrap();
    assert_eq!(store.next_bulk_due().await.unwrap(), Some(at(21)));
}

async fn b03_actions_take_turns(db: TestDb) {
    let store = db.store();
    begun(store.as_ref(), "b", 1..=2).await;
    begun(store.as_ref(), "c", 3..=4).await;
    let mut turns = Vec::new();
    for n in 1..=4 {
        let turn = store.claim_bulk(&worker("w"), at(n), at(n + 50), 1).await.unwrap().unwrap();
        store.end_bulk_items(&turn.bulk.id, turn.fence, &[end(turn.items[0].0, BulkOutcome::Done)], at(n)).await.unwrap();
        turns.push(turn.bulk.id);
    }
    assert_eq!(turns, ["b", "c", "b", "c"]);
    let newest: Vec<String> = store.list_bulks(&region(), 1).await.unwrap().into_iter().map(|bulk| bulk.id).collect();
    assert_eq!(newest, ["c"]);
}

async fn b03_tasks_that_are_found_twice_count_once(db: TestDb) {
    let store = db.store();
    let cursor = || Some(ScanCursor { function: None, state: 1, last: Some((7, 2)) });
    store.insert_bulk(&bulk("b"), 100, &[found(1), found(2)], cursor()).await.unwrap();
    let turn = store.claim_bulk(&worker("w"), at(1), at(10), 5).await.unwrap().unwrap();
    assert_eq!((turn.bulk.state, turn.cursor, turn.items.len()), (BulkState::Collecting, cursor(), 0));
    assert!(store.extend_bulk("b", turn.fence, &[found(2), found(3)], None, at(2)).await.unwrap());
    let running = read(store.as_ref(), "b").await;
    assert_eq!((running.state, counts(&running)), (BulkState::Running, [3, 0, 0, 0]));
    // Nothing is looked for any more.
    assert!(!store.extend_bulk("b", turn.fence, &[found(4)], None, at(2)).await.unwrap());
    let turn = store.claim_bulk(&worker("w"), at(3), at(10), 5).await.unwrap().unwrap();
    assert_eq!(turn.items.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [1, 2, 3]);

    store.insert_bulk(&bulk("empty"), 100, &[], cursor()).await.unwrap();
    let turn = store.claim_bulk(&worker("w"), at(4), at(10), 5).await.unwrap().unwrap();
    assert!(store.extend_bulk("empty", turn.fence, &[], None, at(5)).await.unwrap());
    assert_eq!(read(store.as_ref(), "empty").await.state, BulkState::Done);
}

async fn sc24_a_stopped_action_keeps_what_was_done(db: TestDb) {
    let store = db.store();
    begun(store.as_ref(), "b", 1..=3).await;
    let turn = store.claim_bulk(&worker("w"), at(1), at(10), 1).await.unwrap().unwrap();
    assert!(store.stop_bulk(&region(), "b", "eve", at(2)).await.unwrap());
    assert!(!store.stop_bulk(&region(), "b", "adam", at(3)).await.unwrap());
    // The task that was in hand was done.
    assert!(store.end_bulk_items("b", turn.fence, &[end(1, BulkOutcome::Done)], at(4)).await.unwrap());
    let ended = read(store.as_ref(), "b").await;
    assert_eq!((ended.state, ended.stopped_by.as_str(), ended.ended_at), (BulkState::Stopped, "eve", Some(at(2))));
    assert_eq!(counts(&ended), [3, 1, 0, 0]);
    assert_eq!(store.claim_bulk(&worker("w"), at(50), at(60), 1).await.unwrap(), None);
}

async fn sc24_failures_are_tried_again_alone(db: TestDb) {
    let store = db.store();
    begun(store.as_ref(), "b", 1..=3).await;
    let turn = store.claim_bulk(&worker("w"), at(1), at(10), 5).await.unwrap().unwrap();
    let ends = [end(1, BulkOutcome::Failed), end(2, BulkOutcome::Done), end(3, BulkOutcome::Failed)];
    store.end_bulk_items("b", turn.fence, &ends, at(2)).await.unwrap();
    let again = Bulk { retry_of: Some("b".to_owned()), created_at: at(5), ..bulk("again") };
    assert_eq!(store.insert_bulk_retry(&again).await.unwrap(), 2);
    let turn = store.claim_bulk(&worker("w"), at(6), at(10), 5).await.unwrap().unwrap();
    assert_eq!(turn.bulk.retry_of.as_deref(), Some("b"));
    assert_eq!(turn.items.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [1, 3]);
    store.end_bulk_items("again", turn.fence, &[end(1, BulkOutcome::Done), end(3, BulkOutcome::Done)], at(7)).await.unwrap();
    let none = Bulk { retry_of: Some("again".to_owned()), ..bulk("none") };
    assert_eq!(store.insert_bulk_retry(&none).await.unwrap(), 0);
    assert_eq!(store.get_bulk(&region(), "none").await.unwrap(), None);
}

async fn sc24_outcomes_are_had_in_pages(db: TestDb) {
    let store = db.store();
    begun(store.as_ref(), "b", 1..=4).await;
    begun(store.as_ref(), "c", 1..=1).await;
    let turn = store.claim_bulk(&worker("w"), at(1), at(10), 3).await.unwrap().unwrap();
    let new = BulkItemEnd { new_task: Some(TaskId::from_stored("new")), reason: String::new(), ..end(1, BulkOutcome::Done) };
    store.end_bulk_items("b", turn.fence, &[new, end(2, BulkOutcome::Failed), end(3, BulkOutcome::Failed)], at(2)).await.unwrap();
    let seqs = async |outcome, after, limit| {
        let page = store.bulk_items("b", outcome, after, limit).await.unwrap();
        page.into_iter().map(|(seq, _)| seq).collect::<Vec<_>>()
    };
    assert_eq!((seqs(None, 0, 2).await, seqs(None, 2, 9).await), (vec![1, 2], vec![3, 4]));
    assert_eq!(seqs(Some(BulkOutcome::Failed), 0, 9).await, [2, 3]);
    let all = store.bulk_items("b", None, 0, 9).await.unwrap();
    assert_eq!((all[0].1.new_task.as_ref().map(TaskId::as_str), all[0].1.outcome), (Some("new"), Some(BulkOutcome::Done)));
    assert_eq!((all[1].1.reason.as_str(), all[3].1.outcome), ("because of 2", None));
}

async fn b03_old_actions_are_forgotten(db: TestDb) {
    let store = db.store();
    for id in ["b", "c"] {
        begun(store.as_ref(), id, 1..=3).await;
        store.stop_bulk(&region(), id, "admin", at(if id == "b" { 10 } else { 20 })).await.unwrap();
    }
    begun(store.as_ref(), "goes on", 1..=1).await;
    let mut rounds = 0;
    while store.prune_bulks(at(20), 2).await.unwrap() >= 2 {
        rounds += 1;
        assert!(rounds < 10, "it ends");
    }
    assert_eq!(store.get_bulk(&region(), "b").await.unwrap(), None);
    assert!(store.bulk_items("b", None, 0, 9).await.unwrap().is_empty());
    assert_eq!(store.bulk_items("c", None, 0, 9).await.unwrap().len(), 3);
    assert_eq!(read(store.as_ref(), "goes on").await.state, BulkState::Running);
}
