//! Time triggers fire (issue 3, point 8).

use crate::support::{World, task_mode, words};
use crate::triggers::{name, patch, spec};
use model::*;
use serde_json::{Value, json};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    i3_8_a_timer_fires_as_an_asynchronous_invocation_at_each_due_time,
    i3_8_without_task_mode_it_runs_and_is_not_listed,
    i3_8_several_servers_fire_a_due_time_once,
    i3_8_of_those_missed_while_no_server_was_up_the_latest_fires,
    i3_8_an_interval_goes_on_in_its_own_beat_after_a_restart,
    i3_8_due_times_that_a_server_sees_late_all_fire,
    i3_8_after_a_long_sleep_of_the_machine_only_the_latest_fires,
    i3_8_a_clock_that_is_set_back_repeats_nothing,
    i3_8_a_timer_that_is_switched_off_or_deleted_does_not_fire,
    i3_8_an_idle_server_sleeps_until_the_next_due_time,
);

async fn make(world: &World, at: &str, config: Value) -> Trigger {
    world.engine.create_trigger(&world.function, &name(at), spec(TriggerKind::Timer, config)).await.unwrap()
}

/// Due times that became tasks, in their order.
async fn fired(world: &World) -> Vec<i64> {
    let filter = TaskFilter { with_payload: true, ..TaskFilter::default() };
    let page = world.engine.list_tasks(&world.function, &filter).await.unwrap();
    let mut times: Vec<i64> = page.items.iter().map(due_of).collect();
    times.sort();
    times
}

fn due_of(task: &Task) -> i64 {
    let event: Value = serde_json::from_slice(task.payload.as_ref().unwrap()).unwrap();
    let time: jiff::Timestamp = event.get("triggerTime").and_then(Value::as_str).unwrap().parse().unwrap();
    time.as_second()
}

/// Waits until so many tasks have been fired, and returns their due times.
async fn until_fired(world: &World, count: usize) -> Vec<i64> {
    loop {
        let times = fired(world).await;
        if times.len() >= count {
            return times;
        }
        tokio::task::yield_now().await;
    }
}

async fn i3_8_a_timer_fires_as_an_asynchronous_invocation_at_each_due_time(db: TestDb) {
    let world = World::on(db, AsyncConfigPatch { max_retry_attempts: Some(1), max_event_age_s: Some(60), ..task_mode() }).await;
    let made = make(&world, "tick", json!({ "cronExpression": "*/10 * * * * *", "payload": "hello" })).await;
    assert_eq!(made.next_due_at, Some(UnixMillis(1_010_000)));
    world.clock.until_asleep(10_000..=10_000).await;
    world.clock.advance(9_999);
    assert_eq!(fired(&world).await, Vec::<i64>::new());
    world.clock.advance(1);
    assert_eq!(until_fired(&world, 1).await, [1_010]);
    let listed = world.engine.list_tasks(&world.function, &TaskFilter::default()).await.unwrap();
    let id = listed.items.first().unwrap().id.to_string();
    let task = world.until(&id, TaskStatus::Succeeded).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Succeeded"]);
    let event: Value = serde_json::from_slice(task.payload.as_ref().unwrap()).unwrap();
    assert_eq!(event, json!({ "triggerTime": "1970-01-01T00:16:50Z", "triggerName": "tick", "payload": "hello" }));
    assert_eq!((task.max_retries, task.expires_at, task.qualifier.is_latest()), (1, UnixMillis(1_070_000), true));
    let row = world.store.get_task(&world.task_ref(&id)).await.unwrap().unwrap();
    assert_eq!((row.origin, task.request_id.as_str()), (Origin::Trigger { name: name("tick") }, id.as_str()));

    world.clock.until_asleep(10_000..=10_000).await;
    world.clock.advance(10_000);
    assert_eq!(until_fired(&world, 2).await, [1_010, 1_020]);
    let after = world.engine.get_trigger(&made.trigger_ref()).await.unwrap();
    assert_eq!((after.last_fired_at, after.next_due_at), (Some(UnixMillis(1_020_000)), Some(UnixMillis(1_030_000))));
    assert_eq!(after.etag, made.etag, "firing is no change of the trigger");
}

async fn i3_8_without_task_mode_it_runs_and_is_not_listed(db: TestDb) {
    let world = World::on(db, AsyncConfigPatch::default()).await;
    make(&world, "tick", json!({ "cronExpression": "@every 10s" })).await;
    world.clock.until_asleep(10_000..=10_000).await;
    world.clock.advance(10_000);
    while world.executor.runs().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(fired(&world).await, Vec::<i64>::new());
}

async fn i3_8_several_servers_fire_a_due_time_once(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    for n in 0..5 {
        make(&world, &format!("tick{n}"), json!({ "cronExpression": "@every 10s" })).await;
    }
    let mut others = Vec::new();
    for worker in ["w2", "w3"] {
        others.push(world.beside(worker).await);
    }
    for round in 1..=4 {
        // All of them sleep until the same instant, and wake together.
        world.clock.until_sleepers(10_000, 3).await;
        world.clock.advance(10_000);
        let expected: Vec<i64> = (1..=round).flat_map(|n| [1_000 + 10 * n; 5]).collect();
        assert_eq!(until_fired(&world, expected.len()).await, expected);
    }
    world.clock.until_sleepers(10_000, 3).await;
    assert_eq!(fired(&world).await.len(), 20);
}

async fn i3_8_of_those_missed_while_no_server_was_up_the_latest_fires(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    make(&world, "tick", json!({ "cronExpression": "* * * * * *" })).await;
    make(&world, "daily", json!({ "cronExpression": "CRON_TZ=Asia/Shanghai 0 0 4 * * *" })).await;
    world.clock.until_asleep(1_000..=1_000).await;
    world.engine.drain();
    world.engine.drained().await;
    world.clock.advance(3 * 86_400_000 + 500);
    let next = world.reborn("w2", "w1").await;
    // 04:00 in Shanghai is 20:00 UTC; the clock began at 00:16:40 on 1970-01-01.
    assert_eq!(until_fired(&next, 2).await, [2 * 86_400 + 20 * 3_600, 3 * 86_400 + 1_000]);
    next.clock.until_asleep(500..=500).await;
    next.clock.advance(500);
    assert_eq!(until_fired(&next, 3).await.last(), Some(&(3 * 86_400 + 1_001)));
}

async fn i3_8_an_interval_goes_on_in_its_own_beat_after_a_restart(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    make(&world, "tick", json!({ "cronExpression": "@every 7s" })).await;
    world.clock.until_asleep(7_000..=7_000).await;
    world.engine.drain();
    world.engine.drained().await;
    world.clock.advance(30_000);
    let next = world.reborn("w2", "w1").await;
    assert_eq!(until_fired(&next, 1).await, [1_028]);
    next.clock.until_asleep(5_000..=5_000).await;
    next.clock.advance(5_000);
    assert_eq!(until_fired(&next, 2).await, [1_028, 1_035]);
}

async fn i3_8_due_times_that_a_server_sees_late_all_fire(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    make(&world, "tick", json!({ "cronExpression": "@every 10s" })).await;
    world.clock.until_asleep(10_000..=10_000).await;
    world.clock.advance(45_000);
    assert_eq!(until_fired(&world, 4).await, [1_010, 1_020, 1_030, 1_040]);
}

async fn i3_8_after_a_long_sleep_of_the_machine_only_the_latest_fires(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    make(&world, "tick", json!({ "cronExpression": "@every 10s" })).await;
    world.clock.until_asleep(10_000..=10_000).await;
    world.clock.advance(8 * 3_600_000 + 5_000);
    assert_eq!(until_fired(&world, 1).await, [1_000 + 8 * 3_600]);
    world.clock.until_asleep(5_000..=5_000).await;
    assert_eq!(fired(&world).await.len(), 1);
}

async fn i3_8_a_clock_that_is_set_back_repeats_nothing(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    let made = make(&world, "tick", json!({ "cronExpression": "*/10 * * * * *" })).await;
    world.clock.until_asleep(10_000..=10_000).await;
    world.clock.advance(10_000);
    until_fired(&world, 1).await;
    world.clock.until_asleep(10_000..=10_000).await;
    world.clock.advance(-15_000);
    // Not even when it is planned anew.
    for enable in [false, true] {
        world.engine.update_trigger(&made.trigger_ref(), patch(json!({ "enable": enable })), None).await.unwrap();
    }
    world.clock.until_asleep(25_000..=25_000).await;
    world.clock.advance(25_000);
    assert_eq!(until_fired(&world, 2).await, [1_010, 1_020]);
}

async fn i3_8_a_timer_that_is_switched_off_or_deleted_does_not_fire(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    let off = make(&world, "off", json!({ "cronExpression": "@every 10s" })).await;
    let gone = make(&world, "gone", json!({ "cronExpression": "@every 10s" })).await;
    make(&world, "born-off", json!({ "cronExpression": "@every 10s", "enable": false })).await;
    make(&world, "on", json!({ "cronExpression": "@every 20s" })).await;
    world.engine.update_trigger(&off.trigger_ref(), patch(json!({ "enable": false })), None).await.unwrap();
    world.engine.delete_trigger(&gone.trigger_ref(), None).await.unwrap();
    world.clock.until_asleep(20_000..=20_000).await;
    world.clock.advance(20_000);
    assert_eq!(until_fired(&world, 1).await, [1_020]);
    world.clock.until_asleep(20_000..=20_000).await;
    assert_eq!(fired(&world).await, [1_020]);
}

async fn i3_8_an_idle_server_sleeps_until_the_next_due_time(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.clock.until_asleep(45_000..=45_000).await;
    make(&world, "hourly", json!({ "cronExpression": "0 30 * * * *" })).await;
    world.clock.until_asleep(45_000..=45_000).await;
    make(&world, "soon", json!({ "cronExpression": "@every 12s" })).await;
    world.clock.until_asleep(12_000..=12_000).await;
}
