//! The rules of issue 3, points 2, 3 and 6, on both stores.

use crate::support::{World, task_mode, words};
use model::*;
use std::sync::Arc;
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    i3_2_eight_retries_are_spaced_from_half_a_second_to_a_minute_and_each_knows_its_number,
    i3_2_back_off_of_the_platform_ends_after_five_hours,
    i3_2_a_delay_shows_the_planned_time_and_does_not_eat_the_age,
    i3_2_a_deleted_function_ends_its_tasks_in_every_waiting_state_as_invalid,
    i3_2_stop_in_every_state,
    i3_2_task_mode_switched_off_leaves_accepted_tasks_as_they_are,
    i3_2_a_call_may_ask_for_a_task_where_task_mode_is_off,
    i3_3_an_id_is_refused_after_a_restart_and_from_another_server,
    i3_3_a_thousand_concurrent_submissions_of_one_id_at_two_servers_give_one_accept_and_one_run,
    i3_6_ended_tasks_are_pruned_when_their_retention_has_passed,
);

async fn i3_2_eight_retries_are_spaced_from_half_a_second_to_a_minute_and_each_knows_its_number(db: TestDb) {
    let world = World::on(db, AsyncConfigPatch { max_retry_attempts: Some(8), ..task_mode() }).await;
    world.submit("t", "fail").await.unwrap();
    for (n, wait) in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000].into_iter().enumerate() {
        world.executor.until_runs(n + 1).await;
        let task = world.until("t", TaskStatus::Retrying).await;
        assert_eq!(task.retried as usize, n + 1);
        let due = task.next_run_at.unwrap();
        let waits = due.since(task.events.last().unwrap().at);
        assert!((wait..=wait + wait / 10).contains(&waits), "retry {n} waits {waits} ms");
        // The scheduler sleeps at most 30 s at a time, so time goes in steps until the attempt has begun.
        world.clock.until_asleep(waits.min(30_000)..=waits.min(30_000)).await;
        world.clock.advance(waits);
    }
    let task = world.until("t", TaskStatus::Failed).await;
    assert_eq!((task.retried, task.attempt), (8, 9));
    let counts: Vec<u32> = world.executor.runs().into_iter().map(|(_, retry)| retry).collect();
    assert_eq!(counts, (0..=8).collect::<Vec<u32>>(), "x-fc-retry-count");
}

async fn i3_2_back_off_of_the_platform_ends_after_five_hours(db: TestDb) {
    const FIVE_HOURS: i64 = 5 * 3_600_000;
    let world = World::on(db, AsyncConfigPatch { max_event_age_s: Some(2_592_000), ..task_mode() }).await;
    world.executor.set_full(true);
    world.submit("t", "ok").await.unwrap();
    let first = world.until_given_back("t").await;
    assert!((500..=550).contains(&first.since(UnixMillis(1_000_000))));
    world.clock.until_asleep(500..=550).await;
    world.clock.advance(FIVE_HOURS - 1);
    // Tried again and given back for a minute: nothing has changed.
    let due = world.until_given_back("t").await;
    assert!((60_000..=66_000).contains(&due.since(world.engine.now())));
    assert_eq!(words(&world.task("t").await), ["Enqueued", "Processed"]);
    // However long the scheduler sleeps by now, it is less than this.
    world.clock.until_asleep(20..=30_000).await;
    world.clock.advance(66_000);
    let task = world.until("t", TaskStatus::Expired).await;
    assert_eq!((words(&task), task.attempt, task.retried), (vec!["Enqueued", "Processed", "Expired"], 0, 0));
}

async fn i3_2_a_delay_shows_the_planned_time_and_does_not_eat_the_age(db: TestDb) {
    let world = World::on(db, AsyncConfigPatch { max_event_age_s: Some(5), ..task_mode() }).await;
    let receipt = world.submit_delayed("t", "ok", 60).await.unwrap();
    let task = world.task("t").await;
    let planned = UnixMillis(1_060_000);
    assert_eq!((receipt.due_at, task.due_at, task.next_run_at), (planned, planned, Some(planned)));
    assert_eq!(task.expires_at, UnixMillis(1_065_000));
    world.clock.until_asleep(30_000..=30_000).await;
    world.clock.advance(60_000);
    world.until("t", TaskStatus::Succeeded).await;
    let too_long = world.submit_delayed("u", "ok", limits::ASYNC_DELAY_S_MAX + 1).await.unwrap_err();
    assert_eq!(too_long.code, ErrorCode::InvalidArgument);
}

/// A task in each waiting state: `enqueued`, `processed`, `retrying`; and one that runs.
async fn one_in_each_state(world: &World) {
    world.submit("retrying", "fail").await.unwrap();
    world.until("retrying", TaskStatus::Retrying).await;
    world.submit("running", "block").await.unwrap();
    world.until("running", TaskStatus::Running).await;
    world.executor.set_full(true);
    world.submit("processed", "ok").await.unwrap();
    world.until("processed", TaskStatus::Processed).await;
    world.submit_delayed("enqueued", "ok", 60).await.unwrap();
}

async fn i3_2_a_deleted_function_ends_its_tasks_in_every_waiting_state_as_invalid(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    one_in_each_state(&world).await;
    world.engine.delete_function(&world.function, None).await.unwrap();
    for id in ["enqueued", "processed", "retrying"] {
        let task = world.until(id, TaskStatus::Invalid).await;
        assert!(task.events.last().unwrap().detail.contains("FunctionNotFound"), "{id}");
    }
    world.executor.release();
    world.until("running", TaskStatus::Succeeded).await;
    let gone = world.submit("late", "ok").await.unwrap_err();
    assert_eq!(gone.code, ErrorCode::FunctionNotFound);
}

async fn i3_2_stop_in_every_state(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    one_in_each_state(&world).await;
    for id in ["enqueued", "processed", "retrying"] {
        assert_eq!(world.engine.stop_task(&world.task_ref(id), "admin").await.unwrap(), TaskStatus::Stopped, "{id}: nothing runs");
        let again = world.engine.stop_task(&world.task_ref(id), "admin").await.unwrap_err();
        assert_eq!(again.code, ErrorCode::InvalidArgument, "{id}");
    }
    assert_eq!(world.engine.stop_task(&world.task_ref("running"), "admin").await.unwrap(), TaskStatus::Stopping);
    world.until("running", TaskStatus::Stopped).await;
    world.executor.set_full(false);
    world.submit("deaf", "deaf").await.unwrap();
    world.until("deaf", TaskStatus::Running).await;
    for _ in 0..2 {
        assert_eq!(world.engine.stop_task(&world.task_ref("deaf"), "admin").await.unwrap(), TaskStatus::Stopping);
    }
    world.executor.release();
    world.until("deaf", TaskStatus::Stopped).await;
    let missing = world.engine.stop_task(&world.task_ref("nothing"), "admin").await.unwrap_err();
    assert_eq!(missing.code, ErrorCode::StatefulAsyncInvocationNotFound);
}

async fn i3_2_task_mode_switched_off_leaves_accepted_tasks_as_they_are(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.submit("running", "block").await.unwrap();
    world.until("running", TaskStatus::Running).await;
    world.submit_delayed("waiting", "ok", 20).await.unwrap();
    let off = AsyncConfigPatch { stateful_invocation: Some(false), ..AsyncConfigPatch::default() };
    world.engine.put_async_config(&world.function, &Qualifier::latest(), off).await.unwrap();
    assert_eq!(world.submit("unlisted", "ok").await.unwrap().task_id, None);
    world.executor.release();
    world.until("running", TaskStatus::Succeeded).await;
    world.clock.until_asleep(20_000..=20_000).await;
    world.clock.advance(20_000);
    world.until("waiting", TaskStatus::Succeeded).await;
    let listed = world.engine.list_tasks(&world.function, &TaskFilter::default()).await.unwrap();
    assert_eq!(listed.items.len(), 2, "accepted tasks stay listed");
}

async fn i3_2_a_call_may_ask_for_a_task_where_task_mode_is_off(db: TestDb) {
    let world = World::on(db, AsyncConfigPatch::default()).await;
    let request = SubmitRequest {
        function: world.function.clone(),
        qualifier: Qualifier::latest(),
        request_id: RequestId::from_stored("req"),
        task_id: Some("t".to_owned()),
        force_task: true,
        delay_s: 0,
        payload: b"ok".to_vec(),
        http: None,
        origin: Origin::Api,
    };
    let receipt = world.engine.submit(request).await.unwrap();
    assert_eq!(receipt.task_id, Some(TaskId::from_stored("t")));
    world.until("t", TaskStatus::Succeeded).await;
}

async fn i3_3_an_id_is_refused_after_a_restart_and_from_another_server(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.submit("t", "ok").await.unwrap();
    world.until("t", TaskStatus::Succeeded).await;
    let beside = world.beside("w2").await;
    let reborn = world.reborn("w3", "w1").await;
    for server in [&beside, &reborn] {
        let refused = server.submit("t", "ok").await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::StatefulAsyncInvocationAlreadyExists);
    }
    assert_eq!(world.executor.runs().len() + beside.executor.runs().len() + reborn.executor.runs().len(), 1);
}

async fn i3_3_a_thousand_concurrent_submissions_of_one_id_at_two_servers_give_one_accept_and_one_run(db: TestDb) {
    let one = Arc::new(World::on(db, task_mode()).await);
    let two = Arc::new(one.beside("w2").await);
    let calls: Vec<_> = (0..1_000)
        .map(|n| {
            let world = if n % 2 == 0 { one.clone() } else { two.clone() };
            tokio::spawn(async move { world.submit("t", "ok").await })
        })
        .collect();
    let mut accepted = 0;
    for call in calls {
        match call.await.unwrap() {
            Ok(_) => accepted += 1,
            Err(error) => assert_eq!(error.code, ErrorCode::StatefulAsyncInvocationAlreadyExists),
        }
    }
    assert_eq!(accepted, 1);
    // Whichever server runs it says so to its own listeners only, so both wait for a run and one of them sees it.
    tokio::select! {
        () = one.executor.until_runs(1) => {}
        () = two.executor.until_runs(1) => {}
    }
    assert_eq!(one.executor.runs().len() + two.executor.runs().len(), 1);
    assert_eq!(one.task("t").await.attempt, 1);
}

async fn i3_6_ended_tasks_are_pruned_when_their_retention_has_passed(db: TestDb) {
    const DAY: i64 = 86_400_000;
    let world = World::tuned(db, task_mode(), |config| config.retention_days = 1).await;
    for id in ["a", "b"] {
        world.submit(id, "ok").await.unwrap();
        world.until(id, TaskStatus::Succeeded).await;
    }
    world.clock.until_asleep(600_000..=600_000).await;
    world.clock.advance(DAY);
    world.clock.until_asleep(600_000..=600_000).await;
    assert_eq!(world.engine.count_tasks(&world.function).await.unwrap().total(), 2, "ended just a day ago");
    world.clock.advance(600_000);
    world.clock.until_asleep(600_000..=600_000).await;
    assert_eq!(world.engine.count_tasks(&world.function).await.unwrap().total(), 0);
    // The id is free again.
    world.submit("a", "ok").await.unwrap();
}
