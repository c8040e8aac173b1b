use crate::support::{World, words};
use model::*;

#[tokio::test]
async fn c19_a_delayed_task_stays_enqueued_until_it_is_due() {
    let world = World::new().await;
    let receipt = world.submit_delayed("later", "ok", 20).await.unwrap();
    assert_eq!(receipt.due_at, UnixMillis(1_020_000));
    world.clock.until_asleep(20_000..=20_000).await;
    world.clock.advance(19_999);
    assert_eq!(world.task("later").await.status, TaskStatus::Enqueued);
    world.clock.advance(1);
    let task = world.until("later", TaskStatus::Succeeded).await;
    assert_eq!(task.events[1].at, UnixMillis(1_020_000));
    assert_eq!(task.started_at, UnixMillis(1_020_000));
}

#[tokio::test]
async fn c19_a_task_that_is_due_after_the_next_look_is_found_by_it() {
    let world = World::new().await;
    world.clock.until_asleep(30_000..=30_000).await;
    world.clock.advance(10_000);
    world.submit_delayed("later", "ok", 45).await.unwrap();
    world.clock.advance(20_000);
    world.clock.until_asleep(25_000..=25_000).await;
    world.clock.advance(25_000);
    let task = world.until("later", TaskStatus::Succeeded).await;
    assert_eq!(task.started_at, UnixMillis(1_055_000));
}

#[tokio::test]
async fn no_free_instance_is_waited_out_without_a_state_change() {
    let world = World::new().await;
    world.executor.set_full(true);
    world.submit("job-1", "ok").await.unwrap();
    for _ in 0..2 {
        let wait = world.clock.until_asleep(500..=1_100).await;
        world.clock.advance(wait);
    }
    assert_eq!(words(&world.task("job-1").await), ["Enqueued", "Processed"]);
    world.executor.set_full(false);
    let wait = world.clock.until_asleep(500..=2_200).await;
    world.clock.advance(wait);
    let task = world.until("job-1", TaskStatus::Succeeded).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Succeeded"]);
    assert_eq!(task.retried, 0);
}

#[tokio::test]
async fn c44_a_task_that_was_not_run_in_time_expires() {
    let config = AsyncConfigPatch { stateful_invocation: Some(true), max_event_age_s: Some(5), ..AsyncConfigPatch::default() };
    let world = World::with_config(config).await;
    world.executor.set_full(true);
    world.submit("job-1", "ok").await.unwrap();
    world.clock.until_asleep(500..=550).await;
    world.clock.advance(5_001);
    let task = world.until("job-1", TaskStatus::Expired).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Expired"]);
    assert!(world.executor.runs().is_empty());
}
