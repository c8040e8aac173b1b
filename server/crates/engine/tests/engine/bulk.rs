//! Bulk actions: what they touch, that nothing is done twice, and that they outlive the server that began them (C-75, B-03, SC-24).

use crate::support::{World, task_mode, until};
use engine::ports::{FoundTask, WorkerId};
use model::*;
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    c75_all_that_match_are_stopped_and_what_came_later_is_not,
    c75_all_that_match_are_executed_again_once,
    b03_what_was_done_and_not_written_down_is_not_done_again,
    b03_an_action_goes_on_after_the_death_of_its_server,
    b03_tasks_of_several_functions_are_done_by_one_action,
);

const STATUSES: [TaskStatus; 1] = [TaskStatus::Enqueued];

fn filter(statuses: &[TaskStatus]) -> BulkFilter {
    BulkFilter { tasks: TaskFilter { statuses: statuses.to_vec(), ..TaskFilter::default() }, ..BulkFilter::default() }
}

fn region() -> Region {
    Region::from_stored("r1")
}

/// The world's one function.
fn scope(world: &World) -> BulkScope {
    world.function.clone().into()
}

/// Begins an action on what matches now.
async fn begin(world: &World, action: BulkAction, filter: BulkFilter) -> Bulk {
    let until = world.engine.preview_bulk(&scope(world), action, &filter).await.unwrap().until;
    create(world, action, filter, until).await.unwrap()
}

async fn create(world: &World, action: BulkAction, filter: BulkFilter, until: i64) -> Result<Bulk> {
    world.engine.create_bulk(BulkRequest { scope: scope(world), action, filter, until }, "admin").await
}

/// Waits until an action has ended.
async fn ended(world: &World, id: &str) -> Bulk {
    until("the bulk action has ended", async || !world.engine.get_bulk(&region(), id).await.unwrap().state.is_active()).await;
    world.engine.get_bulk(&region(), id).await.unwrap()
}

fn counts(bulk: &Bulk) -> [u64; 4] {
    [bulk.total, bulk.done, bulk.failed, bulk.skipped]
}

async fn items(world: &World, id: &str, outcome: Option<BulkOutcome>) -> Vec<BulkItem> {
    let query = BulkItemQuery { outcome, limit: 1_000, ..BulkItemQuery::default() };
    world.engine.list_bulk_items(&region(), id, &query).await.unwrap().items
}

/// Nothing is taken from the queue.
async fn pause(world: &World) {
    world.engine.pause_queue(&QueueScope::Function(world.function.clone())).await.unwrap();
}

async fn fail(world: &World, id: &str) {
    world.submit(id, "fail").await.unwrap();
    world.until(id, TaskStatus::Failed).await;
}

fn no_retries() -> AsyncConfigPatch {
    AsyncConfigPatch { max_retry_attempts: Some(0), ..task_mode() }
}

async fn c75_all_that_match_are_stopped_and_what_came_later_is_not(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.submit("done", "ok").await.unwrap();
    world.until("done", TaskStatus::Succeeded).await;
    world.submit("runs", "block").await.unwrap();
    world.until("runs", TaskStatus::Running).await;
    pause(&world).await;
    // More than one turn takes.
    for n in 0..130 {
        world.submit(&format!("t{n}"), "ok").await.unwrap();
    }
    let all = BulkFilter::default();
    let preview = world.engine.preview_bulk(&scope(&world), BulkAction::Stop, &all).await.unwrap();
    assert_eq!((preview.count, preview.http, preview.is_partial, preview.samples.len()), (131, 0, false, 5));
    world.submit("later", "ok").await.unwrap();
    let begun = create(&world, BulkAction::Stop, all, preview.until).await.unwrap();
    assert_eq!((begun.total, begun.title().as_str()), (131, "Stop 131 tasks"));
    assert!(
        begun.words().starts_with("function f, status Enqueued, Processed, Running or Retrying, submitted before "),
        "{}",
        begun.words()
    );

    let bulk = ended(&world, &begun.id).await;
    assert_eq!((bulk.state, counts(&bulk)), (BulkState::Done, [131, 131, 0, 0]));
    assert_eq!(world.task("later").await.status, TaskStatus::Enqueued);
    assert_eq!(world.task("done").await.status, TaskStatus::Succeeded);
    world.until("runs", TaskStatus::Stopped).await;
    let stopped = world.task("t129").await;
    let detail: serde_json::Value = serde_json::from_str(&stopped.events.last().unwrap().detail).unwrap();
    assert_eq!(detail, serde_json::json!({ "StoppedBy": "admin", "BulkAction": bulk.id }));
    let all = items(&world, &bulk.id, None).await;
    assert_eq!((all.len(), all[0].task.id.as_str()), (131, "runs"));
    assert_eq!(world.engine.list_bulks(&region()).await.unwrap(), [bulk]);
}

async fn c75_all_that_match_are_executed_again_once(db: TestDb) {
    let world = World::on(db, no_retries()).await;
    fail(&world, "a").await;
    fail(&world, "b").await;
    world.submit("good", "ok").await.unwrap();
    world.until("good", TaskStatus::Succeeded).await;
    let bulk = begin(&world, BulkAction::Reexecute, filter(&[TaskStatus::Failed, TaskStatus::Running])).await;
    let bulk = ended(&world, &bulk.id).await;
    assert_eq!(counts(&bulk), [2, 2, 0, 0]);
    for item in items(&world, &bulk.id, Some(BulkOutcome::Done)).await {
        let new = world.until(item.new_task.unwrap().as_str(), TaskStatus::Failed).await;
        assert_eq!((new.origin, new.payload), (Some(item.task.id), Some(b"fail".to_vec())));
    }
    // What it submitted is not its own prey, and the old ones stay as they were.
    assert_eq!(world.engine.count_tasks(&world.function).await.unwrap().total(), 5);
    let nothing = create(&world, BulkAction::Stop, BulkFilter::default(), i64::MAX).await.unwrap_err();
    assert_eq!((nothing.code, nothing.message.as_str()), (ErrorCode::InvalidArgument, "No task matches any more."));
}

async fn b03_tasks_of_several_functions_are_done_by_one_action(db: TestDb) {
    let world = World::on(db, no_retries()).await;
    fail(&world, "a").await;
    fail(&world, "left").await;
    let other = World { function: world.make_function("other", no_retries()).await, ..world };
    fail(&other, "a").await;
    fail(&other, "left").await;
    let third = FunctionRef { function: FunctionName::from_stored("third"), ..other.function.clone() };
    let world = World { function: other.make_function("third", no_retries()).await, ..other };
    fail(&world, "gone").await;
    world.engine.delete_function(&third, None).await.unwrap();

    let all = BulkScope::named(region(), "", "");
    let of = |function: &str, id: &str| {
        FunctionRef { function: FunctionName::from_stored(function), ..third.clone() }.task(TaskId::from_stored(id))
    };
    let chosen = BulkFilter { chosen: vec![of("f", "a"), of("other", "a"), of("third", "gone")], ..BulkFilter::default() };
    let preview = world.engine.preview_bulk(&all, BulkAction::Reexecute, &chosen).await.unwrap();
    let samples: Vec<TaskRef> = preview.samples.iter().map(Task::task_ref).collect();
    assert_eq!((preview.count, samples.as_slice()), (3, chosen.chosen.as_slice()));
    let request = BulkRequest { scope: all.clone(), action: BulkAction::Reexecute, filter: chosen.clone(), until: preview.until };
    let begun = world.engine.create_bulk(request, "admin").await.unwrap();
    assert!(begun.words().starts_with("all functions, 3 tasks chosen, status "), "{}", begun.words());
    let bulk = ended(&world, &begun.id).await;
    assert_eq!(counts(&bulk), [3, 2, 1, 0]);
    for item in items(&world, &bulk.id, Some(BulkOutcome::Done)).await {
        let new = world.engine.get_task(&item.task.function.task(item.new_task.unwrap())).await.unwrap();
        assert_eq!((new.function, new.origin), (item.task.function, Some(item.task.id)));
    }
    // What one function refuses is told, with whose it is, and keeps nothing else from being done.
    let refused = items(&world, &bulk.id, Some(BulkOutcome::Failed)).await;
    assert_eq!(refused[0].task, of("third", "gone"));
    assert!(refused[0].reason.contains("does not exist"), "{}", refused[0].reason);

    let failed =
        BulkFilter { tasks: TaskFilter { id_prefix: "left".to_owned(), ..TaskFilter::default() }, ..filter(&[TaskStatus::Failed]) };
    let by_name = BulkScope::named(region(), "", "f");
    assert_eq!(world.engine.preview_bulk(&all, BulkAction::Reexecute, &failed).await.unwrap().count, 2);
    assert_eq!(world.engine.preview_bulk(&by_name, BulkAction::Reexecute, &failed).await.unwrap().count, 1);
    let too_many = BulkFilter { chosen: vec![of("f", "a"); 201], ..BulkFilter::default() };
    let refused = world.engine.preview_bulk(&all, BulkAction::Stop, &too_many).await.unwrap_err();
    assert_eq!(refused.message, "choose at most 200 tasks");
    let nowhere = BulkScope { region: Region::from_stored("nowhere"), ..all };
    assert!(world.engine.preview_bulk(&nowhere, BulkAction::Stop, &BulkFilter::default()).await.is_err());
}

/// An action as the store has it before anybody has worked on it.
fn stored(world: &World, id: &str, action: BulkAction, statuses: &[TaskStatus]) -> Bulk {
    Bulk {
        id: id.to_owned(),
        scope: scope(world),
        action,
        filter: filter(statuses),
        retry_of: None,
        user: "admin".to_owned(),
        created_at: world.engine.now(),
        ended_at: None,
        state: BulkState::Running,
        stopped_by: String::new(),
        total: 0,
        done: 0,
        failed: 0,
        skipped: 0,
    }
}

async fn found(world: &World, id: &str) -> FoundTask {
    let row = world.store.get_task(&world.task_ref(id)).await.unwrap().unwrap();
    FoundTask { seq: row.seq, task: row.task.task_ref(), is_http: false }
}

async fn b03_what_was_done_and_not_written_down_is_not_done_again(db: TestDb) {
    let world = World::on(db, no_retries()).await;
    fail(&world, "failed").await;
    pause(&world).await;
    world.submit("waits", "ok").await.unwrap();
    let cases = [("again", BulkAction::Reexecute, "failed", TaskStatus::Failed), ("stop", BulkAction::Stop, "waits", TaskStatus::Enqueued)];
    for (id, action, task, status) in cases {
        let task = found(&world, task).await;
        let mut outcomes = Vec::new();
        // The second time nothing is known of the first: its outcomes were lost.
        for _ in 0..2 {
            world.store.insert_bulk(&stored(&world, id, action, &[status]), i64::MAX, std::slice::from_ref(&task), None).await.unwrap();
            world.clock.until_asleep(50_000..=50_000).await;
            world.clock.advance(50_000);
            let bulk = ended(&world, id).await;
            assert_eq!(counts(&bulk), [1, 1, 0, 0], "{id}");
            outcomes.push(items(&world, id, None).await);
            while world.store.prune_bulks(UnixMillis(i64::MAX), 100).await.unwrap() > 0 {}
        }
        assert_eq!(outcomes[0], outcomes[1]);
    }
    let counts = world.engine.count_tasks(&world.function).await.unwrap();
    assert_eq!((counts.get(TaskStatus::Failed), counts.get(TaskStatus::Enqueued), counts.total()), (1, 1, 3));
    let history = world.task("waits").await.events;
    assert_eq!(history.iter().filter(|event| event.status == TaskStatus::Stopped).count(), 1);
}

async fn b03_an_action_goes_on_after_the_death_of_its_server(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    pause(&world).await;
    for id in ["a", "b", "c"] {
        world.submit(id, "ok").await.unwrap();
    }
    let tasks = [found(&world, "a").await, found(&world, "b").await, found(&world, "c").await];
    world.store.insert_bulk(&stored(&world, "b1", BulkAction::Stop, &STATUSES), i64::MAX, &tasks, None).await.unwrap();
    // The server died in the middle of a turn.
    let now = world.engine.now();
    let turn = world.store.claim_bulk(&WorkerId("w1".to_owned()), now, now.plus_ms(10_000), 2).await.unwrap().unwrap();
    assert_eq!(turn.items.len(), 2);
    world.engine.stop_task(&world.task_ref("a"), "somebody else").await.unwrap();
    let next = world.reborn("w2", "w1").await;
    let bulk = ended(&next, "b1").await;
    assert_eq!((bulk.state, counts(&bulk)), (BulkState::Done, [3, 2, 0, 1]));
    let skipped = items(&next, "b1", Some(BulkOutcome::Skipped)).await;
    assert_eq!((skipped[0].task.id.as_str(), skipped[0].reason.as_str()), ("a", "This task has already ended."));
    // What its first server has to say now comes too late.
    assert!(!world.store.end_bulk_items("b1", turn.fence, &[], now).await.unwrap());
}

#[tokio::test]
async fn b03_an_action_goes_on_at_another_server_when_its_lease_has_passed() {
    let Some(db) = TestDb::postgres().await else { return };
    let world = World::on(db, task_mode()).await;
    pause(&world).await;
    world.submit("a", "ok").await.unwrap();
    let tasks = [found(&world, "a").await];
    world.store.insert_bulk(&stored(&world, "b1", BulkAction::Stop, &STATUSES), i64::MAX, &tasks, None).await.unwrap();
    let now = world.engine.now();
    world.store.claim_bulk(&WorkerId("dead".to_owned()), now, now.plus_ms(10_000), 2).await.unwrap().unwrap();
    let other = world.beside("w2").await;
    other.clock.until_asleep(10_000..=10_000).await;
    assert_eq!(other.task("a").await.status, TaskStatus::Enqueued);
    other.clock.advance(10_000);
    assert_eq!(counts(&ended(&other, "b1").await), [1, 1, 0, 0]);
}

#[tokio::test]
async fn sc24_a_stopped_action_leaves_what_it_had_not_reached() {
    let world = World::new().await;
    pause(&world).await;
    world.submit("a", "ok").await.unwrap();
    let tasks = [found(&world, "a").await];
    world.store.insert_bulk(&stored(&world, "b1", BulkAction::Stop, &STATUSES), i64::MAX, &tasks, None).await.unwrap();
    let active = world.engine.retry_bulk(&region(), "b1", "admin").await.unwrap_err();
    assert_eq!(active.message, "This bulk action has not ended yet.");
    let stopped = world.engine.stop_bulk(&region(), "b1", "eve").await.unwrap();
    assert_eq!((stopped.state, stopped.stopped_by.as_str(), counts(&stopped)), (BulkState::Stopped, "eve", [1, 0, 0, 0]));
    // Once more is no error and changes nothing.
    assert_eq!(world.engine.stop_bulk(&region(), "b1", "adam").await.unwrap(), stopped);
    world.clock.until_asleep(50_000..=50_000).await;
    world.clock.advance(50_000);
    world.clock.until_asleep(50_000..=50_000).await;
    assert_eq!(world.task("a").await.status, TaskStatus::Enqueued);
    assert_eq!(items(&world, "b1", None).await[0].outcome, None);
    let none = world.engine.retry_bulk(&region(), "b1", "admin").await.unwrap_err();
    assert_eq!(none.message, "No task has failed in this bulk action.");
    let missing = world.engine.get_bulk(&region(), "none").await.unwrap_err();
    assert_eq!(missing.code, ErrorCode::BulkActionNotFound);
}

#[tokio::test]
async fn sc24_a_failure_is_told_and_tried_again_alone() {
    let world = World::with_config(no_retries()).await;
    let other = World { function: world.make_function("other", no_retries()).await, ..world };
    fail(&other, "a").await;
    // There is nothing that could execute it, until there is again.
    other.engine.delete_function(&other.function, None).await.unwrap();
    let first = begin(&other, BulkAction::Reexecute, filter(&[TaskStatus::Failed])).await;
    let first = ended(&other, &first.id).await;
    assert_eq!(counts(&first), [1, 0, 1, 0]);
    let failed = items(&other, &first.id, Some(BulkOutcome::Failed)).await;
    assert!(failed[0].reason.contains("does not exist"), "{}", failed[0].reason);
    other.make_function("other", no_retries()).await;
    let again = other.engine.retry_bulk(&region(), &first.id, "eve").await.unwrap();
    assert_eq!((again.total, again.retry_of.as_deref(), again.user.as_str()), (1, Some(first.id.as_str()), "eve"));
    assert_eq!(counts(&ended(&other, &again.id).await), [1, 1, 0, 0]);
}

#[tokio::test]
async fn c75_requests_to_http_functions_are_skipped_and_the_reason_is_told() {
    let world = World::with_config(no_retries()).await;
    fail(&world, "event").await;
    let http = HttpRequest {
        method: "GET".to_owned(),
        base_path: String::new(),
        path: "/".to_owned(),
        query: String::new(),
        headers: Vec::new(),
        client_ip: String::new(),
    };
    let row = world.store.get_task(&world.task_ref("event")).await.unwrap().unwrap().task;
    let request = engine::ports::NewTask {
        function: row.function,
        id: TaskId::from_stored("request"),
        qualifier: row.qualifier,
        version: None,
        request_id: RequestId::from_stored("req-http"),
        listed: true,
        payload: Vec::new(),
        http: Some(http),
        submitted_at: row.submitted_at,
        due_at: row.due_at.plus_ms(60_000),
        expires_at: row.expires_at,
        max_retries: 0,
        destinations: Destinations::default(),
        origin: Origin::Api,
    };
    world.store.insert_tasks(vec![request]).await.unwrap();
    world.engine.stop_task(&world.task_ref("request"), "admin").await.unwrap();
    let both = filter(&[TaskStatus::Failed, TaskStatus::Stopped]);
    let preview = world.engine.preview_bulk(&scope(&world), BulkAction::Reexecute, &both).await.unwrap();
    assert_eq!((preview.count, preview.http), (2, 1));
    let bulk = begin(&world, BulkAction::Reexecute, both).await;
    let bulk = ended(&world, &bulk.id).await;
    assert_eq!(counts(&bulk), [2, 1, 0, 1]);
    let skipped = items(&world, &bulk.id, Some(BulkOutcome::Skipped)).await;
    assert_eq!((skipped[0].task.id.as_str(), skipped[0].reason.as_str()), ("request", "HTTP functions cannot be re-executed."));
}

#[tokio::test]
async fn b03_very_many_tasks_are_found_while_the_action_goes_on() {
    let db = TestDb::sqlite().await;
    let function = FunctionRef { region: region(), service: ServiceName::from_stored("demo"), function: FunctionName::from_stored("f") };
    store::testing::fill_tasks(&db, &function, 9_000, &[TaskStatus::Failed, TaskStatus::Succeeded], UnixMillis(900_000)).await;
    let world = World::on(db, task_mode()).await;
    pause(&world).await;
    let failed = filter(&[TaskStatus::Failed]);
    let preview = world.engine.preview_bulk(&scope(&world), BulkAction::Reexecute, &failed).await.unwrap();
    assert_eq!((preview.count, preview.is_partial), (4_500, false));
    let begun = begin(&world, BulkAction::Reexecute, failed).await;
    assert_eq!((begun.total, begun.state), (2_000, BulkState::Collecting));
    until("all tasks are found", async || {
        let bulk = world.engine.get_bulk(&region(), &begun.id).await.unwrap();
        bulk.total == 4_500 && bulk.state == BulkState::Running
    })
    .await;
    world.engine.stop_bulk(&region(), &begun.id, "admin").await.unwrap();
}
