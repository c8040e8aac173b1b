use crate::support::{World, words};
use model::*;

async fn world(retries: u32) -> World {
    World::with_config(AsyncConfigPatch {
        stateful_invocation: Some(true),
        max_retry_attempts: Some(retries),
        max_event_age_s: Some(100),
        ..AsyncConfigPatch::default()
    })
    .await
}

#[tokio::test]
async fn c46_a_failed_attempt_is_retried_after_half_a_second_then_one() {
    let world = world(2).await;
    world.submit("job-1", "fail-until:2").await.unwrap();
    world.until("job-1", TaskStatus::Retrying).await;
    let wait = world.clock.until_asleep(500..=550).await;
    world.clock.advance(wait - 1);
    assert_eq!(world.executor.runs().len(), 1);
    world.clock.advance(1);
    let wait = world.clock.until_asleep(1_000..=1_100).await;
    world.clock.advance(wait);
    let task = world.until("job-1", TaskStatus::Succeeded).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Retrying", "Running", "Retrying", "Running", "Succeeded"]);
    assert_eq!((task.retried, task.attempt), (2, 3));
    let counts: Vec<u32> = world.executor.runs().into_iter().map(|(_, retry)| retry).collect();
    assert_eq!(counts, [0, 1, 2]);
}

#[tokio::test]
async fn c41_a_task_fails_when_no_retry_is_left() {
    let world = world(0).await;
    world.submit("job-1", "fail").await.unwrap();
    let task = world.until("job-1", TaskStatus::Failed).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Failed"]);
    assert_eq!((task.error_kind.as_str(), task.error_message.as_str()), ("UnhandledInvocationError", r#"{"errorMessage":"no"}"#));
    assert!(task.events.last().unwrap().detail.contains("UnhandledInvocationError"));
}

#[tokio::test]
async fn a_function_that_does_not_start_fails_like_one_that_throws() {
    let world = world(0).await;
    world.submit("job-1", "no-start").await.unwrap();
    let task = world.until("job-1", TaskStatus::Failed).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Failed"]);
    assert_eq!(task.instance_id, None);
    assert!(task.error_message.contains("Cannot find module"));
}

#[tokio::test]
async fn a_platform_error_is_retried_and_not_counted() {
    let world = world(0).await;
    world.submit("job-1", "platform").await.unwrap();
    world.until("job-1", TaskStatus::Retrying).await;
    let wait = world.clock.until_asleep(500..=550).await;
    world.clock.advance(wait);
    let task = world.until("job-1", TaskStatus::Succeeded).await;
    assert_eq!((task.retried, task.attempt), (0, 2));
}

#[tokio::test]
async fn age_that_passes_between_attempts_ends_as_failed_with_the_last_error() {
    let world = world(8).await;
    world.submit("job-1", "fail").await.unwrap();
    world.until("job-1", TaskStatus::Retrying).await;
    world.clock.until_asleep(500..=550).await;
    world.clock.advance(101_000);
    let task = world.until("job-1", TaskStatus::Failed).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Retrying", "Failed"]);
    assert!(task.error_message.contains("errorMessage"), "{}", task.error_message);
}
