use crate::fixtures::{at, change, claim_one, ended, function_ref, ids, insert, start, task, task_of, worker};
use engine::ports::{NewTask, Store};
use model::filter::Cursor;
use model::limits::TASK_WALK_ROWS_MAX;
use model::{Qualifier, SortOrder, TaskFilter, TaskStatus};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::each_backend;
use store::testing::{TestDb, claim_any, fill_tasks};

each_backend!(
    newest_first_by_start_then_by_insertion,
    c72_every_filter_alone_and_together,
    prefixes_that_few_and_many_ids_have,
    a_page_compares_a_bounded_number_of_tasks_and_the_next_goes_on,
    pages_have_no_gap_and_no_repeat_while_tasks_come_in,
    pages_of_several_states_join_up,
    payload_and_events_only_when_asked_for,
    a_task_moves_in_the_list_when_it_starts,
);

fn at_start(id: &str, ms: i64) -> NewTask {
    NewTask { submitted_at: at(ms), due_at: at(ms), ..task(id) }
}

async fn newest_first_by_start_then_by_insertion(db: TestDb) {
    let store = db.store();
    for (id, ms) in [("b", 2), ("a", 1), ("d", 2), ("c", 3)] {
        insert(&*store, at_start(id, ms)).await;
    }
    insert(&*store, task_of("g", "other")).await;
    assert_eq!(ids(&*store, &TaskFilter::default()).await, ["c", "d", "b", "a"]);
    let asc = TaskFilter { order: SortOrder::Asc, ..TaskFilter::default() };
    assert_eq!(ids(&*store, &asc).await, ["a", "b", "d", "c"]);
}

/// Tasks that end in different states at different times, under two qualifiers.
async fn mixed(store: &dyn Store) {
    for (id, to, ms) in [
        ("job-1", TaskStatus::Succeeded, 100),
        ("job-2", TaskStatus::Failed, 200),
        ("other", TaskStatus::Succeeded, 300),
        ("job-3", TaskStatus::Stopped, 400),
    ] {
        ended(store, id, to, ms).await;
    }
    let mut prod = at_start("job-4", 500);
    prod.qualifier = Qualifier::from_stored("prod");
    insert(store, prod).await;
}

async fn c72_every_filter_alone_and_together(db: TestDb) {
    let store = db.store();
    mixed(&*store).await;
    let check = async |filter: TaskFilter, expected: &[&str]| assert_eq!(ids(&*store, &filter).await, expected, "{filter:?}");
    let all = TaskFilter::default;
    check(all(), &["job-4", "job-3", "other", "job-2", "job-1"]).await;
    check(TaskFilter { statuses: vec![TaskStatus::Succeeded], ..all() }, &["other", "job-1"]).await;
    check(TaskFilter { statuses: vec![TaskStatus::Stopped, TaskStatus::Failed], ..all() }, &["job-3", "job-2"]).await;
    check(TaskFilter { statuses: vec![TaskStatus::Running], ..all() }, &[]).await;
    check(TaskFilter { statuses: TaskStatus::ALL.to_vec(), ..all() }, &["job-4", "job-3", "other", "job-2", "job-1"]).await;
    check(TaskFilter { id_prefix: "job-".into(), ..all() }, &["job-4", "job-3", "job-2", "job-1"]).await;
    check(TaskFilter { id_prefix: "JOB".into(), ..all() }, &[]).await;
    check(TaskFilter { id_prefix: "job%".into(), ..all() }, &[]).await;
    check(TaskFilter { id_prefix: "ö\u{0}'".into(), ..all() }, &[]).await;
    check(TaskFilter { started_from: Some(at(200)), ..all() }, &["job-4", "job-3", "other", "job-2"]).await;
    check(TaskFilter { started_to: Some(at(200)), ..all() }, &["job-2", "job-1"]).await;
    check(TaskFilter { started_from: Some(at(200)), started_to: Some(at(300)), ..all() }, &["other", "job-2"]).await;
    check(TaskFilter { qualifier: Some(Qualifier::from_stored("prod")), ..all() }, &["job-4"]).await;
    check(TaskFilter { qualifier: Some(Qualifier::latest()), limit: 2, ..all() }, &["job-3", "other"]).await;
    let together = TaskFilter {
        statuses: vec![TaskStatus::Succeeded, TaskStatus::Failed],
        id_prefix: "job".into(),
        started_to: Some(at(250)),
        order: SortOrder::Asc,
        qualifier: Some(Qualifier::latest()),
        ..all()
    };
    check(together, &["job-1", "job-2"]).await;
}

async fn prefixes_that_few_and_many_ids_have(db: TestDb) {
    let store = db.store();
    let mut batch: Vec<NewTask> = (0..2_100).map(|n| at_start(&format!("many-{n:04}"), n)).collect();
    batch.extend((0..3).map(|n| at_start(&format!("few-{n}"), 50 * n)));
    store.insert_tasks(batch).await.unwrap();
    let check = async |prefix: &str, order, statuses: Vec<TaskStatus>, expected: &[&str]| {
        let filter = TaskFilter { id_prefix: prefix.into(), order, limit: 3, statuses, ..TaskFilter::default() };
        assert_eq!(ids(&*store, &filter).await, expected, "{prefix}");
    };
    check("few", SortOrder::Desc, vec![], &["few-2", "few-1", "few-0"]).await;
    check("many", SortOrder::Desc, vec![], &["many-2099", "many-2098", "many-2097"]).await;
    check("many", SortOrder::Asc, vec![], &["many-0000", "many-0001", "many-0002"]).await;
    check("many-00", SortOrder::Asc, vec![], &["many-0000", "many-0001", "many-0002"]).await;
    check("few", SortOrder::Asc, vec![TaskStatus::Enqueued], &["few-0", "few-1", "few-2"]).await;
    check("many", SortOrder::Asc, vec![TaskStatus::Enqueued, TaskStatus::Failed], &["many-0000", "many-0001", "many-0002"]).await;
}

async fn a_page_compares_a_bounded_number_of_tasks_and_the_next_goes_on(db: TestDb) {
    let store = db.store();
    let walked = TASK_WALK_ROWS_MAX as usize;
    fill_tasks(&db, &function_ref("f"), 3 * walked, &[TaskStatus::Succeeded, TaskStatus::Failed], at(0)).await;
    // Very many, and none among the newest.
    let prefixed = TaskFilter { id_prefix: "fill-1".into(), limit: 100, ..TaskFilter::default() };
    let matching = |n: &usize| n.to_string().starts_with('1');
    for statuses in [vec![], vec![TaskStatus::Failed], vec![TaskStatus::Failed, TaskStatus::Running]] {
        let step = if statuses.is_empty() { 1 } else { 2 };
        let old: Vec<String> = (0..3 * walked).skip(step - 1).step_by(step).filter(matching).map(|n| format!("fill-{n}")).collect();
        let filter = TaskFilter { statuses, ..prefixed.clone() };
        let asc = TaskFilter { order: SortOrder::Asc, ..filter.clone() };
        assert_eq!(walk(&*store, asc, async |_| ()).await, old);
        assert_eq!(walk(&*store, filter, async |_| ()).await, old.into_iter().rev().collect::<Vec<_>>());
    }
    let first = store.list_tasks(&function_ref("f"), &prefixed).await.unwrap();
    assert!(first.items.is_empty() && !first.next_token.is_empty(), "the newest {walked} were compared");
    let pages = AtomicUsize::new(0);
    let elsewhere = TaskFilter { qualifier: Some(Qualifier::from_stored("prod")), limit: 100, ..TaskFilter::default() };
    let none = walk(&*store, elsewhere, async |_| _ = pages.fetch_add(1, Ordering::Relaxed)).await;
    assert_eq!((none.len(), pages.load(Ordering::Relaxed)), (0, 3));
}

/// Reads all pages, calling `between` after each.
async fn walk(store: &dyn Store, mut filter: TaskFilter, between: impl AsyncFn(usize)) -> Vec<String> {
    let mut seen = Vec::new();
    for n in 0.. {
        let page = store.list_tasks(&function_ref("f"), &filter).await.unwrap();
        assert!(page.items.len() <= filter.limit as usize);
        seen.extend(page.items.iter().map(|task| task.id.to_string()));
        if page.next_token.is_empty() {
            break;
        }
        assert!(Cursor::parse(&page.next_token).is_ok());
        filter.next_token = page.next_token;
        between(n).await;
    }
    seen
}

async fn pages_have_no_gap_and_no_repeat_while_tasks_come_in(db: TestDb) {
    let store = db.store();
    // Three tasks share each instant, so that ties lie across page borders.
    store.insert_tasks((0..40).map(|n| at_start(&format!("t{n:02}"), n / 3)).collect()).await.unwrap();
    let before: Vec<String> = (0..40).map(|n| format!("t{n:02}")).collect();
    let newer = async |n: usize| {
        insert(&*store, at_start(&format!("new{n}"), 1_000)).await;
    };
    for limit in [1, 7, 40, 100] {
        let seen = walk(&*store, TaskFilter { limit, id_prefix: "t".into(), ..TaskFilter::default() }, async |_| ()).await;
        assert_eq!(seen, before.iter().rev().cloned().collect::<Vec<_>>(), "{limit}");
    }
    let seen = walk(&*store, TaskFilter { limit: 7, ..TaskFilter::default() }, newer).await;
    assert_eq!(seen, before.iter().rev().cloned().collect::<Vec<_>>(), "newest first: what came in later belongs before the first page");
    let asc = walk(&*store, TaskFilter { limit: 7, order: SortOrder::Asc, ..TaskFilter::default() }, async |_| ()).await;
    assert_eq!(asc[..40], before);
    assert_eq!(asc.iter().collect::<HashSet<_>>().len(), asc.len());
}

async fn pages_of_several_states_join_up(db: TestDb) {
    let store = db.store();
    store.insert_tasks((0..30).map(|n| at_start(&format!("t{n:02}"), n / 2)).collect()).await.unwrap();
    for task in claim_any(&*store, &worker("w"), at(100), at(200), 20).await.unwrap() {
        if task.seq % 2 == 0 {
            assert_eq!(store.apply(vec![change(&task, TaskStatus::Invalid, 0)]).await.unwrap(), [true]);
        }
    }
    let all = ids(&*store, &TaskFilter::default()).await;
    for statuses in [vec![TaskStatus::Enqueued, TaskStatus::Processed, TaskStatus::Invalid], vec![]] {
        let seen = walk(&*store, TaskFilter { statuses, limit: 4, ..TaskFilter::default() }, async |_| ()).await;
        assert_eq!(seen, all);
    }
}

async fn payload_and_events_only_when_asked_for(db: TestDb) {
    let store = db.store();
    ended(&*store, "a", TaskStatus::Succeeded, 1).await;
    insert(&*store, task("b")).await;
    let plain = store.list_tasks(&function_ref("f"), &TaskFilter::default()).await.unwrap().items;
    assert!(plain.iter().all(|task| task.payload.is_none() && task.events.is_empty() && task.result.is_none()));
    let filter = TaskFilter { with_payload: true, with_events: true, ..TaskFilter::default() };
    for filter in [filter.clone(), TaskFilter { statuses: vec![TaskStatus::Enqueued, TaskStatus::Succeeded], ..filter }] {
        let whole = store.list_tasks(&function_ref("f"), &filter).await.unwrap().items;
        let read: Vec<(&[u8], usize)> = whole.iter().map(|task| (task.payload.as_deref().unwrap(), task.events.len())).collect();
        assert_eq!(read, [(&b"payload of a"[..], 4), (&b"payload of b"[..], 1)]);
        assert!(whole[0].events.iter().map(|event| event.id).eq(1..=4));
    }
}

async fn a_task_moves_in_the_list_when_it_starts(db: TestDb) {
    let store = db.store();
    insert(&*store, at_start("first", 1)).await;
    insert(&*store, at_start("second", 2)).await;
    let mut first = claim_one(&*store, "w", at(1)).await;
    assert_eq!(ids(&*store, &TaskFilter::default()).await, ["second", "first"]);
    start(&*store, &mut first, 5).await;
    assert_eq!(ids(&*store, &TaskFilter::default()).await, ["first", "second"]);
}
