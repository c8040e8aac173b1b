use crate::support::World;
use model::*;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn c32_a_thousand_concurrent_submissions_of_one_id_give_one_task_and_one_run() {
    let world = Arc::new(World::new().await);
    let calls: Vec<_> = (0..1_000)
        .map(|_| {
            tokio::spawn({
                let world = world.clone();
                async move { world.submit("job-1", "ok").await }
            })
        })
        .collect();
    let mut accepted = 0;
    for call in calls {
        match call.await.unwrap() {
            Ok(_) => accepted += 1,
            Err(error) => assert_eq!(error.code, ErrorCode::StatefulAsyncInvocationAlreadyExists),
        }
    }
    world.until("job-1", TaskStatus::Succeeded).await;
    assert_eq!((accepted, world.executor.runs().len()), (1, 1));
    let late = world.submit("job-1", "ok").await.unwrap_err();
    assert_eq!((late.code, late.status()), (ErrorCode::StatefulAsyncInvocationAlreadyExists, 409));
}

#[tokio::test]
async fn c70_a_bad_custom_id_is_refused() {
    let world = World::new().await;
    assert_eq!(world.submit("1task", "ok").await.unwrap_err().code, ErrorCode::InvalidArgument);
}
