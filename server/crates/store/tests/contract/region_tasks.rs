//! SC-17: the tasks of all functions of a region as one list; SC-27: names and ids of a region.

use crate::fixtures::{at, ended, function_ref, insert, region, service, task_of, with_functions};
use engine::ports::{LogOrigin, LogPart, NewTask, Store};
use model::limits::TASK_WALK_ROWS_MAX;
use model::{
    Found, FunctionName, FunctionRef, InstanceId, LogLine, LogStream, Region, RegionTaskFilter, RegionTasks, RequestId, ServiceName,
    SortOrder, TaskFilter, TaskId, TaskStatus,
};
use store::each_backend;
use store::testing::{TestDb, fill_tasks};

each_backend!(
    sc17_tasks_of_all_functions_are_one_list_in_order,
    sc17_pages_follow_each_other_without_gap_or_repeat,
    sc17_counts_equal_the_sum_over_functions,
    sc17_every_filter_alone_and_together,
    sc17_an_id_prefix_that_very_many_have_is_compared_with_so_many,
    sc27_names_are_found_by_any_part_and_ids_whole,
);

/// A task whose place in the list is at `ms`.
fn at_start(function: &str, id: &str, ms: i64) -> NewTask {
    NewTask { submitted_at: at(ms), ..task_of(function, id) }
}

fn of_service(service: &str, function: &str) -> FunctionRef {
    FunctionRef { region: region(), service: ServiceName::from_stored(service), function: FunctionName::from_stored(function) }
}

fn only(tasks: TaskFilter) -> RegionTaskFilter {
    RegionTaskFilter { tasks, ..RegionTaskFilter::default() }
}

async fn page(store: &dyn Store, filter: &RegionTaskFilter) -> RegionTasks {
    store.region_tasks(&region(), filter).await.unwrap()
}

/// `function/id` of each task.
fn names(page: &RegionTasks) -> Vec<String> {
    page.tasks.iter().map(|task| format!("{}/{}", task.function.function, task.id)).collect()
}

async fn sc17_tasks_of_all_functions_are_one_list_in_order(db: TestDb) {
    let store = db.store();
    for (function, id, ms) in [("f", "a", 10), ("g", "b", 20), ("f", "c", 30), ("h", "d", 30), ("g", "e", 5)] {
        insert(&*store, at_start(function, id, ms)).await;
    }
    let unlisted = NewTask { listed: false, ..at_start("g", "hidden", 25) };
    insert(&*store, unlisted).await;
    let elsewhere = FunctionRef { region: Region::from_stored("elsewhere"), ..function_ref("f") };
    insert(&*store, NewTask { function: elsewhere, ..at_start("f", "x", 40) }).await;
    let found = page(&*store, &RegionTaskFilter::default()).await;
    assert_eq!(names(&found), ["h/d", "f/c", "g/b", "f/a", "g/e"]);
    assert!(!found.is_partial && found.next_token.is_empty());
    assert_eq!(found.functions, [function_ref("f"), function_ref("g"), function_ref("h")]);
    assert!(found.tasks.iter().all(|task| task.payload.is_none() && task.events.is_empty()));
    let oldest_first = only(TaskFilter { order: SortOrder::Asc, ..TaskFilter::default() });
    assert_eq!(names(&page(&*store, &oldest_first).await), ["g/e", "f/a", "g/b", "f/c", "h/d"]);
    assert_eq!(store.region_tasks(&Region::from_stored("nowhere"), &oldest_first).await.unwrap(), RegionTasks::default());
}

/// Reads all pages.
async fn walk(store: &dyn Store, mut filter: RegionTaskFilter) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let found = page(store, &filter).await;
        assert!(found.tasks.len() <= filter.tasks.limit as usize);
        seen.extend(names(&found));
        if found.next_token.is_empty() {
            return seen;
        }
        filter.tasks.next_token = found.next_token;
    }
}

async fn sc17_pages_follow_each_other_without_gap_or_repeat(db: TestDb) {
    let store = db.store();
    // More functions than a page has rows, one with many tasks, and ties across functions and page borders.
    let mut tasks: Vec<NewTask> = (0..12).map(|n| at_start(&format!("f{n}"), &format!("one-{n}"), n / 2)).collect();
    tasks.extend((0..20).map(|n| at_start("many", &format!("t{n:02}"), n / 3)));
    store.insert_tasks(tasks).await.unwrap();
    let mut all = Vec::new();
    for order in [SortOrder::Desc, SortOrder::Asc] {
        for limit in [1, 5, 31, 32, 100] {
            let filter = TaskFilter { order, limit, ..TaskFilter::default() };
            let seen = walk(&*store, only(filter.clone())).await;
            assert_eq!(seen.len(), 32, "{order:?} {limit}");
            all.push(if order == SortOrder::Desc { seen } else { seen.into_iter().rev().collect() });
            let one_state = TaskFilter { statuses: vec![TaskStatus::Enqueued], ..filter.clone() };
            assert_eq!(walk(&*store, only(one_state)).await.len(), 32, "{order:?} {limit}");
            let by_id = TaskFilter { id_prefix: "one-".to_owned(), ..filter };
            assert_eq!(walk(&*store, only(by_id)).await.len(), 12, "{order:?} {limit}");
        }
    }
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{all:?}");
}

async fn sc17_counts_equal_the_sum_over_functions(db: TestDb) {
    let store = db.store();
    ended(&*store, "done", TaskStatus::Succeeded, 1).await;
    ended(&*store, "bad", TaskStatus::Failed, 2).await;
    for (function, id) in [("f", "w1"), ("g", "w2"), ("g", "w3")] {
        insert(&*store, at_start(function, id, 3)).await;
    }
    let found = page(&*store, &only(TaskFilter { statuses: vec![TaskStatus::Failed], ..TaskFilter::default() })).await;
    assert_eq!(names(&found), ["f/bad"]);
    for status in TaskStatus::ALL {
        let mut sum = 0;
        for name in ["f", "g"] {
            sum += store.count_tasks(&function_ref(name)).await.unwrap().get(status);
        }
        assert_eq!(found.counts.get(status), sum, "{status}");
    }
    assert_eq!(found.counts.total(), 5);
    let of_g = page(&*store, &RegionTaskFilter { function: "g".to_owned(), ..RegionTaskFilter::default() }).await;
    assert_eq!((of_g.counts.total(), of_g.counts.get(TaskStatus::Enqueued), of_g.functions.len()), (2, 2, 2));
}

async fn sc17_every_filter_alone_and_together(db: TestDb) {
    let store = db.store();
    ended(&*store, "a-1", TaskStatus::Failed, 10).await;
    insert(&*store, at_start("f", "a-2", 20)).await;
    insert(&*store, at_start("g", "a-3", 30)).await;
    insert(&*store, NewTask { function: of_service("other", "g"), ..at_start("g", "b-1", 40) }).await;
    let check = async |filter: RegionTaskFilter, expected: &[&str]| {
        assert_eq!(names(&page(&*store, &filter).await), expected, "{filter:?}");
    };
    let all = RegionTaskFilter::default;
    let named = |service: &str, function: &str| RegionTaskFilter { service: service.to_owned(), function: function.to_owned(), ..all() };
    check(all(), &["g/b-1", "g/a-3", "f/a-2", "f/a-1"]).await;
    check(named("other", ""), &["g/b-1"]).await;
    check(named("", "g"), &["g/b-1", "g/a-3"]).await;
    check(named("demo", "g"), &["g/a-3"]).await;
    check(named("demo", "nothing"), &[]).await;
    let states = |statuses: &[TaskStatus]| TaskFilter { statuses: statuses.to_vec(), ..TaskFilter::default() };
    check(only(states(&[TaskStatus::Failed])), &["f/a-1"]).await;
    check(only(states(&[TaskStatus::Failed, TaskStatus::Enqueued])), &["g/b-1", "g/a-3", "f/a-2", "f/a-1"]).await;
    check(only(states(&[TaskStatus::Expired])), &[]).await;
    check(only(states(&TaskStatus::ALL)), &["g/b-1", "g/a-3", "f/a-2", "f/a-1"]).await;
    let window = TaskFilter { started_from: Some(at(20)), started_to: Some(at(30)), ..TaskFilter::default() };
    check(only(window.clone()), &["g/a-3", "f/a-2"]).await;
    let by_id = |text: &str, tasks: TaskFilter| only(TaskFilter { id_prefix: text.to_owned(), ..tasks });
    check(by_id("a-", TaskFilter::default()), &["g/a-3", "f/a-2", "f/a-1"]).await;
    check(by_id("a-", window.clone()), &["g/a-3", "f/a-2"]).await;
    check(by_id("a-", states(&[TaskStatus::Failed])), &["f/a-1"]).await;
    check(by_id("c", TaskFilter::default()), &[]).await;
    let every = TaskFilter { statuses: vec![TaskStatus::Enqueued], id_prefix: "a".to_owned(), ..window };
    check(RegionTaskFilter { tasks: every, ..named("demo", "g") }, &["g/a-3"]).await;
}

async fn sc17_an_id_prefix_that_very_many_have_is_compared_with_so_many(db: TestDb) {
    let store = db.store();
    let rows = TASK_WALK_ROWS_MAX as usize;
    fill_tasks(&db, &function_ref("f"), rows, &[TaskStatus::Succeeded], at(0)).await;
    insert(&*store, at_start("g", "other", 1)).await;
    let by_id = only(TaskFilter { id_prefix: "fill-".to_owned(), ..TaskFilter::default() });
    assert!(!page(&*store, &by_id).await.is_partial);
    insert(&*store, at_start("g", "fill-more", 2)).await;
    assert!(page(&*store, &by_id).await.is_partial, "one more than is compared");
    // A longer beginning helps.
    let longer = only(TaskFilter { id_prefix: "fill-m".to_owned(), ..TaskFilter::default() });
    let found = page(&*store, &longer).await;
    assert_eq!((names(&found), found.is_partial), (vec!["g/fill-more".to_owned()], false));
}

async fn sc27_names_are_found_by_any_part_and_ids_whole(db: TestDb) {
    let store = db.store();
    with_functions(&db, &["Order-intake", "order-mail", "other"]).await;
    store.insert_service(&service("orders")).await.unwrap();
    insert(&*store, task_of("other", "order-mail")).await;
    insert(&*store, task_of("order-mail", "job-1")).await;
    insert(&*store, task_of("other", "job-1")).await;
    insert(&*store, NewTask { listed: false, ..task_of("other", "hidden") }).await;
    let origin = LogOrigin {
        function: function_ref("other"),
        request: RequestId::from_stored("request-7"),
        instance: InstanceId::from_stored("c-1"),
    };
    store.append_logs(vec![LogPart { origin, lines: vec![LogLine::new(at(0), LogStream::Stdout, "hello")] }]).await.unwrap();
    let found = async |text: &str| store.find_in_region(&region(), text).await.unwrap();
    let by_name = found("ORDER").await;
    assert_eq!(by_name.services, [ServiceName::from_stored("orders")]);
    assert_eq!(by_name.functions, [function_ref("Order-intake"), function_ref("order-mail")]);
    assert!(by_name.tasks.is_empty() && by_name.requests.is_empty() && !by_name.is_partial);
    let both = found("order-mail").await;
    assert_eq!(
        (both.functions, both.tasks),
        (vec![function_ref("order-mail")], vec![function_ref("other").task(TaskId::from_stored("order-mail"))])
    );
    let tasks: Vec<String> = found("job-1").await.tasks.iter().map(|task| task.function.function.to_string()).collect();
    assert!(tasks.len() == 2 && tasks.contains(&"order-mail".to_owned()) && tasks.contains(&"other".to_owned()), "{tasks:?}");
    assert_eq!(found("request-7").await, Found { requests: vec![function_ref("other")], ..Found::default() });
    for nothing in ["job", "hidden", "request-", "%", "_"] {
        let found = found(nothing).await;
        assert!(found.tasks.is_empty() && found.requests.is_empty() && found.functions.is_empty(), "{nothing}");
    }
    assert_eq!(store.find_in_region(&Region::from_stored("elsewhere"), "request-7").await.unwrap(), Found::default());
}
