use crate::support::{World, words};
use model::*;

#[tokio::test]
async fn a_dead_worker_s_running_task_runs_again_and_its_late_finish_changes_nothing() {
    let world = World::new().await;
    world.submit("job-1", "deaf").await.unwrap();
    world.until("job-1", TaskStatus::Running).await;
    // The first life takes nothing new and its writes are late; the second knows that it is over.
    world.engine.drain();
    let second = world.reborn("w2", "w1").await;
    second.until("job-1", TaskStatus::Running).await;
    world.executor.release();
    world.engine.drained().await;
    assert_eq!(second.task("job-1").await.status, TaskStatus::Running);
    second.executor.release();
    let task = second.until("job-1", TaskStatus::Succeeded).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Retrying", "Running", "Succeeded"]);
    assert_eq!((task.retried, task.attempt), (0, 2));
}

#[tokio::test]
async fn an_abandoned_task_waits_for_the_next_life_and_is_not_counted_as_retried() {
    let world = World::new().await;
    world.submit("job-1", "block").await.unwrap();
    world.until("job-1", TaskStatus::Running).await;
    world.engine.drain();
    world.engine.abandon();
    world.engine.drained().await;
    assert_eq!(world.task("job-1").await.status, TaskStatus::Retrying);
    world.engine.retire().await;
    let second = world.reborn("w2", "w1").await;
    second.executor.release();
    let task = second.until("job-1", TaskStatus::Succeeded).await;
    assert_eq!(task.retried, 0);
}

#[tokio::test]
async fn a_task_being_stopped_when_its_worker_dies_ends_as_stopped() {
    let world = World::new().await;
    world.submit("job-1", "deaf").await.unwrap();
    world.until("job-1", TaskStatus::Running).await;
    world.engine.stop_task(&world.task_ref("job-1"), "admin").await.unwrap();
    let second = world.reborn("w2", "w1").await;
    let task = second.until("job-1", TaskStatus::Stopped).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Stopping", "Stopped"]);
    assert!(second.executor.runs().is_empty());
}

#[tokio::test]
async fn i4_a_task_whose_instance_was_ended_for_another_one_runs_again_uncounted_and_says_why() {
    let world = World::new().await;
    world.submit("job-1", "displaced").await.unwrap();
    world.until("job-1", TaskStatus::Retrying).await;
    let wait = world.clock.until_asleep(500..=550).await;
    world.clock.advance(wait);
    let task = world.until("job-1", TaskStatus::Succeeded).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Retrying", "Running", "Succeeded"]);
    assert_eq!((task.retried, task.attempt), (0, 2));
    let detail: serde_json::Value = serde_json::from_str(&task.events[3].detail).unwrap();
    assert_eq!(detail, serde_json::json!({ "Error": "InstanceEnded", "Message": "request r was stopped on the same instance" }));
    // A call that somebody waits for is not run twice.
    let world = World::new().await;
    let (function, request_id) = (world.function.clone(), RequestId::from_stored("call"));
    let request = InvokeRequest { function, qualifier: Qualifier::latest(), request_id, payload: b"displaced".to_vec(), http: None };
    let refused = world.engine.invoke(request).await.unwrap_err();
    assert_eq!((refused.code, refused.message.contains("was stopped")), (ErrorCode::ServiceUnavailable, true));
    assert_eq!(world.executor.runs().len(), 1);
}

#[tokio::test]
async fn a_draining_server_accepts_nothing() {
    let world = World::new().await;
    world.engine.drain();
    assert_eq!(world.submit("job-1", "ok").await.unwrap_err().code, ErrorCode::ServiceUnavailable);
}

#[tokio::test]
async fn i4_2_a_synchronous_call_is_ended_with_the_tasks_that_a_draining_server_gives_up() {
    let world = World::new().await;
    let (function, request_id) = (world.function.clone(), RequestId::from_stored("call"));
    let request = InvokeRequest { function, qualifier: Qualifier::latest(), request_id, payload: b"block".to_vec(), http: None };
    let end = async {
        world.executor.until_runs(1).await;
        world.engine.drain();
        world.engine.abandon();
        world.engine.drained().await;
    };
    let (answer, ()) = tokio::join!(world.engine.invoke(request), end);
    assert_eq!(answer.unwrap_err().code, ErrorCode::ServiceUnavailable);
}
