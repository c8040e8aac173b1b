//! Pause, limit and purge of queues, and why a task waits (issue 3, points 5 and 7).

use crate::support::{World, task_mode, words};
use model::*;
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    i3_5_a_paused_queue_takes_nothing_until_it_is_resumed,
    i3_5_tasks_of_a_paused_queue_end_when_their_age_has_passed,
    i3_5_a_pause_may_last_longer_than_the_platform_is_waited_for,
    i3_5_a_limit_lets_the_next_begin_when_one_ends,
    i3_5_tasks_that_wait_in_hand_leave_room_for_another_function,
    i3_5_while_instances_flow_tasks_wait_in_their_queue,
    i3_5_a_purge_stops_what_waits_and_leaves_what_runs,
    i3_5_a_long_queue_is_purged_in_rounds,
    i3_7_every_waiting_task_says_why_it_waits,
);

fn of(world: &World) -> QueueScope {
    QueueScope::Function(world.function.clone())
}

async fn i3_5_a_paused_queue_takes_nothing_until_it_is_resumed(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.submit("runs", "block").await.unwrap();
    world.until("runs", TaskStatus::Running).await;
    world.engine.pause_queue(&of(&world)).await.unwrap();
    world.submit("waits", "ok").await.unwrap();
    // The one that was taken before goes on.
    world.executor.release();
    world.until("runs", TaskStatus::Succeeded).await;
    // The scheduler has looked again and waits as long as when there is nothing.
    world.clock.until_asleep(30_000..=30_000).await;
    assert_eq!(world.task("waits").await.status, TaskStatus::Enqueued);
    world.engine.resume_queue(&of(&world)).await.unwrap();
    let task = world.until("waits", TaskStatus::Succeeded).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Succeeded"]);
}

async fn i3_5_tasks_of_a_paused_queue_end_when_their_age_has_passed(db: TestDb) {
    let world = World::on(db, AsyncConfigPatch { max_event_age_s: Some(60), max_retry_attempts: Some(1), ..task_mode() }).await;
    world.submit("begun", "fail").await.unwrap();
    world.until("begun", TaskStatus::Retrying).await;
    world.engine.pause_queue(&of(&world)).await.unwrap();
    world.submit("waits", "ok").await.unwrap();
    world.submit_delayed("younger", "ok", 10).await.unwrap();
    world.clock.until_asleep(24_000..=24_000).await;
    world.clock.advance(60_001);
    let task = world.until("waits", TaskStatus::Expired).await;
    assert_eq!(words(&task), ["Enqueued", "Expired"]);
    assert_eq!(
        (task.error_kind.as_str(), task.error_message.as_str()),
        ("AsyncEventExpired", "the task waited 1 min 00 s and was not run")
    );
    let begun = world.until("begun", TaskStatus::Failed).await;
    assert!(begun.error_message.contains("last error: UnhandledInvocationError"), "{}", begun.error_message);
    // Its age counts from when it was due.
    assert_eq!(world.task("younger").await.status, TaskStatus::Enqueued);
    world.engine.resume_queue(&of(&world)).await.unwrap();
    world.until("younger", TaskStatus::Succeeded).await;
}

async fn i3_5_a_pause_may_last_longer_than_the_platform_is_waited_for(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.engine.pause_queue(&of(&world)).await.unwrap();
    world.submit("waits", "ok").await.unwrap();
    world.clock.until_asleep(24_000..=24_000).await;
    world.clock.advance(8 * 3_600_000);
    // The look after that has left it alone.
    world.clock.until_asleep(24_000..=24_000).await;
    world.engine.resume_queue(&of(&world)).await.unwrap();
    let task = world.until("waits", TaskStatus::Succeeded).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Succeeded"]);
}

async fn i3_5_a_limit_lets_the_next_begin_when_one_ends(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    let zero = world.engine.limit_queue(&of(&world), Some(0)).await.unwrap_err();
    assert_eq!(zero.code, ErrorCode::InvalidArgument);
    world.engine.limit_queue(&QueueScope::Region(world.function.region.clone()), Some(2)).await.unwrap();
    world.engine.limit_queue(&of(&world), Some(1)).await.unwrap();
    world.submit("first", "block").await.unwrap();
    world.until("first", TaskStatus::Running).await;
    world.submit("second", "ok").await.unwrap();
    world.clock.until_asleep(30_000..=30_000).await;
    assert_eq!(world.task("second").await.status, TaskStatus::Enqueued);
    world.executor.release();
    world.until("second", TaskStatus::Succeeded).await;
}

async fn i3_5_tasks_that_wait_in_hand_leave_room_for_another_function(db: TestDb) {
    let world = World::tuned(db, task_mode(), |config| (config.slots, config.waiting_max) = (3, 2)).await;
    for n in 0..6 {
        world.submit(&format!("waits-{n}"), "no-instance").await.unwrap();
    }
    world.until("waits-1", TaskStatus::Processed).await;
    let other = World { function: world.make_function("other", task_mode()).await, ..world };
    other.submit("runs", "ok").await.unwrap();
    other.until("runs", TaskStatus::Succeeded).await;
    let counts =
        other.engine.count_tasks(&FunctionRef { function: FunctionName::from_stored("f"), ..other.function.clone() }).await.unwrap();
    assert_eq!((counts.get(TaskStatus::Processed), counts.get(TaskStatus::Enqueued)), (2, 4));
}

async fn i3_5_while_instances_flow_tasks_wait_in_their_queue(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.executor.flow(1);
    world.submit("runs", "block").await.unwrap();
    world.until("runs", TaskStatus::Running).await;
    world.submit("next", "ok").await.unwrap();
    world.clock.until_asleep(20..=20).await;
    assert_eq!(world.task("next").await.status, TaskStatus::Enqueued);
    world.executor.release();
    world.until("next", TaskStatus::Succeeded).await;
    let instance = world.task("next").await.instance_id;
    assert_eq!(instance.as_ref().map(InstanceId::as_str), Some("c-ready-0"), "begun by its claim");
}

async fn i3_5_a_purge_stops_what_waits_and_leaves_what_runs(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.submit("runs", "block").await.unwrap();
    world.until("runs", TaskStatus::Running).await;
    world.executor.set_full(true);
    world.submit("held-back", "ok").await.unwrap();
    world.clock.until_asleep(500..=550).await;
    world.submit_delayed("later", "ok", 60).await.unwrap();
    assert_eq!(world.engine.purge_queue(&world.function, "admin").await.unwrap(), 2);
    for id in ["held-back", "later"] {
        let task = world.task(id).await;
        assert_eq!((task.status, task.events.last().unwrap().detail.as_str()), (TaskStatus::Stopped, r#"{"PurgedBy":"admin"}"#));
    }
    world.executor.release();
    world.until("runs", TaskStatus::Succeeded).await;
    assert_eq!(world.engine.purge_queue(&world.function, "admin").await.unwrap(), 0);
}

async fn i3_5_a_long_queue_is_purged_in_rounds(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.engine.pause_queue(&of(&world)).await.unwrap();
    let submits: Vec<_> = (0..1_200).map(|n| (format!("t{n}"), n)).collect();
    let submits = submits.iter().map(|(id, _)| world.submit(id, "ok"));
    futures::future::join_all(submits).await.into_iter().for_each(|answer| drop(answer.unwrap()));
    assert_eq!(world.engine.purge_queue(&world.function, "admin").await.unwrap(), 1_200);
    let counts = world.engine.count_tasks(&world.function).await.unwrap();
    assert_eq!((counts.get(TaskStatus::Stopped), counts.total()), (1_200, 1_200));
}

async fn i3_7_every_waiting_task_says_why_it_waits(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    let why = async |id: &str| world.engine.wait_reason(&world.task_ref(id)).await.unwrap();
    let region = QueueScope::Region(world.function.region.clone());
    world.submit_delayed("later", "ok", 60).await.unwrap();
    assert_eq!(why("later").await, Some(WaitReason::DelayedUntil(UnixMillis(1_060_000))));

    world.submit("fails", "fail").await.unwrap();
    world.until("fails", TaskStatus::Retrying).await;
    assert!(matches!(why("fails").await, Some(WaitReason::RetryAt(at)) if at >= UnixMillis(1_000_500)));

    world.submit("runs", "block").await.unwrap();
    world.until("runs", TaskStatus::Running).await;
    assert_eq!(why("runs").await, None);
    world.engine.limit_queue(&of(&world), Some(1)).await.unwrap();
    for id in ["next", "after"] {
        world.submit(id, "block").await.unwrap();
    }
    let full = |ahead| Some(WaitReason::LimitReached { scope: of(&world), running: 1, limit: 1, ahead });
    assert_eq!((why("next").await, why("after").await), (full(0), full(1)));

    world.engine.pause_queue(&region).await.unwrap();
    world.engine.limit_queue(&of(&world), None).await.unwrap();
    assert_eq!(why("after").await, Some(WaitReason::Paused { scope: region.clone(), since: UnixMillis(1_000_000) }));
    world.engine.pause_queue(&of(&world)).await.unwrap();
    assert_eq!(why("after").await, Some(WaitReason::Paused { scope: of(&world), since: UnixMillis(1_000_000) }));

    world.executor.set_full(true);
    world.engine.resume_queue(&region).await.unwrap();
    world.engine.resume_queue(&of(&world)).await.unwrap();
    world.until("after", TaskStatus::Processed).await;
    let due = world.until_given_back("after").await;
    assert_eq!(why("after").await, Some(WaitReason::NoInstanceUntil(due)));
    world.executor.release();
    world.until("runs", TaskStatus::Succeeded).await;
    assert_eq!(why("runs").await, None);
    let missing = world.engine.wait_reason(&world.task_ref("nothing")).await.unwrap_err();
    assert_eq!(missing.code, ErrorCode::StatefulAsyncInvocationNotFound);
}
