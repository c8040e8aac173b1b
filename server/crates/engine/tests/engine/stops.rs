use crate::support::{World, words};
use model::*;

#[tokio::test]
async fn c25_a_waiting_task_is_stopped_at_once_and_never_runs() {
    let world = World::new().await;
    world.submit_delayed("later", "ok", 20).await.unwrap();
    let status = world.engine.stop_task(&world.task_ref("later"), "admin").await.unwrap();
    assert_eq!(status, TaskStatus::Stopped);
    let task = world.task("later").await;
    assert_eq!(words(&task), ["Enqueued", "Stopped"]);
    assert!(task.events[1].detail.contains("admin"));
    world.clock.advance(30_000);
    world.submit("other", "ok").await.unwrap();
    world.until("other", TaskStatus::Succeeded).await;
    assert_eq!(world.executor.runs().len(), 1);
}

#[tokio::test]
async fn c25_a_running_task_goes_through_stopping_to_stopped() {
    let world = World::new().await;
    world.submit("job-1", "block").await.unwrap();
    world.until("job-1", TaskStatus::Running).await;
    let status = world.engine.stop_task(&world.task_ref("job-1"), "admin").await.unwrap();
    assert_eq!(status, TaskStatus::Stopping);
    let task = world.until("job-1", TaskStatus::Stopped).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Stopping", "Stopped"]);
}

#[tokio::test]
async fn code_that_ended_by_itself_before_the_stop_still_ends_as_stopped_and_says_so() {
    let world = World::new().await;
    world.submit("job-1", "deaf").await.unwrap();
    world.until("job-1", TaskStatus::Running).await;
    world.engine.stop_task(&world.task_ref("job-1"), "admin").await.unwrap();
    assert_eq!(world.engine.stop_task(&world.task_ref("job-1"), "admin").await.unwrap(), TaskStatus::Stopping);
    world.executor.release();
    let task = world.until("job-1", TaskStatus::Stopped).await;
    assert!(task.events.last().unwrap().detail.contains("ended by itself"));
}

#[tokio::test]
async fn a_task_that_has_ended_can_not_be_stopped() {
    let world = World::new().await;
    world.submit("job-1", "ok").await.unwrap();
    world.until("job-1", TaskStatus::Succeeded).await;
    let error = world.engine.stop_task(&world.task_ref("job-1"), "admin").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    assert!(error.message.contains("Succeeded"));
}
