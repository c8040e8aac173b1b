use crate::support::{World, words};
use futures::StreamExt;
use model::*;

#[tokio::test]
async fn c37_c40_a_task_goes_from_enqueued_to_succeeded_with_one_event_each() {
    let world = World::new().await;
    let receipt = world.submit("job-1", "ok").await.unwrap();
    assert_eq!(receipt.task_id, Some(TaskId::from_stored("job-1")));
    let task = world.until("job-1", TaskStatus::Succeeded).await;
    assert_eq!(words(&task), ["Enqueued", "Processed", "Running", "Succeeded"]);
    assert_eq!(task.events.iter().map(|event| event.id).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(task.result.as_deref(), Some(b"done".as_slice()));
    assert_eq!((task.duration_ms, task.attempt, task.retried), (5, 1, 0));
    assert!(task.ended_at.is_some() && task.instance_id.is_some());
}

#[tokio::test]
async fn c30_a_synchronous_call_makes_no_task() {
    let world = World::new().await;
    let request = InvokeRequest {
        function: world.function.clone(),
        qualifier: Qualifier::latest(),
        request_id: RequestId::from_stored("req-sync"),
        payload: b"ok".to_vec(),
        http: None,
    };
    let result = world.engine.invoke(request).await.unwrap();
    assert_eq!((result.body.as_slice(), result.error), (b"done".as_slice(), None));
    assert_eq!(world.engine.count_tasks(&world.function).await.unwrap().total(), 0);
}

#[tokio::test]
async fn c31_without_task_mode_a_call_runs_unlisted_unless_it_asks_for_a_task() {
    let world = World::with_config(AsyncConfigPatch::default()).await;
    let receipt = world.submit("ignored", "ok").await.unwrap();
    assert_eq!(receipt.task_id, None);
    let request = SubmitRequest {
        function: world.function.clone(),
        qualifier: Qualifier::latest(),
        request_id: RequestId::from_stored("req-forced"),
        task_id: Some("forced".to_owned()),
        force_task: true,
        delay_s: 0,
        payload: b"ok".to_vec(),
        http: None,
        origin: Origin::Api,
    };
    world.engine.submit(request).await.unwrap();
    world.until("forced", TaskStatus::Succeeded).await;
    let listed = world.engine.list_tasks(&world.function, &TaskFilter::default()).await.unwrap();
    assert_eq!(listed.items.iter().map(|task| task.id.as_str()).collect::<Vec<_>>(), ["forced"]);
    // Both run, though only one is listed.
    world.executor.until_runs(2).await;
}

#[tokio::test]
async fn c26_reexecution_is_a_new_linked_task_and_leaves_the_first_as_it_was() {
    let world = World::new().await;
    world.submit("job-1", "fail-until:0").await.unwrap();
    let first = world.until("job-1", TaskStatus::Succeeded).await;
    let again = world.engine.reexecute_task(&world.task_ref("job-1"), "admin").await.unwrap();
    let second = world.until(again.as_str(), TaskStatus::Succeeded).await;
    assert_eq!((second.origin, second.payload), (Some(TaskId::from_stored("job-1")), first.payload.clone()));
    assert_eq!(world.task("job-1").await, first);
}

#[tokio::test]
async fn b07_a_task_is_run_again_with_another_input_and_each_knows_the_other() {
    let world = World::new().await;
    world.submit("job-1", "fail-until:0").await.unwrap();
    world.submit("runs", "block").await.unwrap();
    let first = world.until("job-1", TaskStatus::Succeeded).await;
    let mut told = world.engine.changes(ChangeScope::Task(first.task_ref()));
    let rerun = |id: &str, payload: &str| Rerun {
        request_id: RequestId::from_stored(format!("req-{id}")),
        task_id: Some(id.to_owned()),
        delay_s: 0,
        payload: payload.as_bytes().to_vec(),
    };
    let again = world.engine.reexecute_with(&first.task_ref(), rerun("job-2", "ok"), "admin").await.unwrap();
    let second = world.until("job-2", TaskStatus::Succeeded).await;
    assert_eq!((again.as_str(), second.origin, second.payload), ("job-2", Some(first.id.clone()), Some(b"ok".to_vec())));
    let change = told.next().await.flatten().map(|change| (change.task.id, change.status));
    assert_eq!(change, Some((first.id.clone(), TaskStatus::Succeeded)), "its page is told");
    world.engine.reexecute_task(&first.task_ref(), "admin").await.unwrap();
    let made = world.engine.reexecutions(&first.task_ref()).await.unwrap();
    assert_eq!((made.len(), made.last().map(TaskId::as_str)), (2, Some("job-2")));
    assert_eq!(world.engine.reexecutions(&world.task_ref("job-2")).await.unwrap(), []);
    let refused =
        async |task: &str, rerun: Rerun| world.engine.reexecute_with(&world.task_ref(task), rerun, "admin").await.unwrap_err().code;
    assert_eq!(refused("job-1", rerun("job-2", "ok")).await, ErrorCode::StatefulAsyncInvocationAlreadyExists);
    assert_eq!(refused("none", rerun("job-3", "ok")).await, ErrorCode::StatefulAsyncInvocationNotFound);
    assert_eq!(refused("runs", rerun("job-3", "ok")).await, ErrorCode::InvalidArgument);
    let big = "x".repeat(limits::ASYNC_PAYLOAD_BYTES_MAX + 1);
    assert_eq!(refused("job-1", rerun("job-3", &big)).await, ErrorCode::EntityTooLarge);
    world.executor.release();
}

#[tokio::test]
async fn c45_deleting_a_function_makes_its_waiting_tasks_invalid() {
    let world = World::new().await;
    world.submit_delayed("waits", "ok", 60).await.unwrap();
    world.submit("runs", "block").await.unwrap();
    world.until("runs", TaskStatus::Running).await;
    world.engine.delete_function(&world.function, None).await.unwrap();
    let invalid = world.until("waits", TaskStatus::Invalid).await;
    assert_eq!(words(&invalid), ["Enqueued", "Invalid"]);
    assert!(invalid.events.last().unwrap().detail.contains("FunctionNotFound"));
    world.executor.release();
    world.until("runs", TaskStatus::Succeeded).await;
}

#[tokio::test]
async fn c69_a_payload_over_the_limit_is_refused_and_nothing_is_stored() {
    let world = World::new().await;
    let error = world.submit("big", &"x".repeat(limits::ASYNC_PAYLOAD_BYTES_MAX + 1)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::EntityTooLarge);
    assert_eq!(world.engine.count_tasks(&world.function).await.unwrap().total(), 0);
}
