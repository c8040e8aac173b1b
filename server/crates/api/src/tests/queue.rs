use super::double::NOW;
use super::tasks::task;
use super::wire::Wire;
use model::{QueueScope, Region, TaskStatus, WaitReason};
use serde_json::{Value, json};

const QUEUE: &str = "/services/demo/functions/f1/queue";

#[tokio::test]
async fn i3_5_queues_are_paused_limited_and_resumed_over_the_wire() {
    let wire = Wire::with_function().await;
    for path in [QUEUE, "/queue"] {
        let put = async |body: Value| wire.call("PUT", path).json(body).ok().await.json();
        let state = |paused: bool, most: Value| json!({"paused": paused, "pausedTime": if paused { json!(NOW.0) } else { Value::Null }, "maxRunning": most, "running": 0});
        assert_eq!(wire.call("GET", path).ok().await.json(), state(false, Value::Null));
        assert_eq!(put(json!({"Paused": "True"})).await, state(true, Value::Null));
        assert_eq!(put(json!({"maxRunning": 3})).await, state(true, json!(3)), "{path}: what is not sent stays");
        assert_eq!(put(json!({"paused": false})).await, state(false, json!(3)));
        assert_eq!(put(json!({"maxRunning": null})).await, state(false, Value::Null));
        wire.call("PUT", path).json(json!({"maxRunning": 0, "paused": true})).refused(400, "InvalidArgument").await;
        assert_eq!(wire.call("GET", path).ok().await.json(), state(false, Value::Null), "nothing is half changed");
        wire.call("PUT", path).json(json!({"maxRunning": -1})).refused(400, "InvalidArgument").await;
    }
    wire.call("GET", "/services/demo/functions/none/queue").refused(404, "FunctionNotFound").await;
}

#[tokio::test]
async fn i3_5_a_queue_is_emptied_over_the_wire() {
    let wire = Wire::with_function().await;
    assert_eq!(wire.call("DELETE", &format!("{QUEUE}/tasks")).ok().await.json(), json!({"purged": 7}));
    wire.call("DELETE", "/services/demo/functions/none/queue/tasks").refused(404, "FunctionNotFound").await;
}

#[tokio::test]
async fn i3_7_the_record_of_a_waiting_task_says_why_it_waits() {
    let wire = Wire::with_function().await;
    let check = async |status: TaskStatus, reason: Option<WaitReason>, expected: Value| {
        let stored = task("t1", status);
        let path = format!("/services/demo/functions/f1/stateful-async-invocations/{}", stored.id);
        {
            let mut kept = wire.double.kept();
            kept.waits = reason;
            kept.tasks.insert(stored.task_ref(), stored);
        }
        assert_eq!(wire.call("GET", &path).ok().await.json().get("waitReason"), Some(&expected), "{status}");
    };
    let region = QueueScope::Region(Region::from_stored("cn-hangzhou"));
    check(TaskStatus::Enqueued, Some(WaitReason::DelayedUntil(NOW)), json!({"reason": "Delayed", "until": NOW.0})).await;
    check(TaskStatus::Retrying, Some(WaitReason::RetryAt(NOW)), json!({"reason": "RetryWait", "until": NOW.0})).await;
    check(TaskStatus::Processed, Some(WaitReason::NoInstanceUntil(NOW)), json!({"reason": "NoInstance", "until": NOW.0})).await;
    check(TaskStatus::Processed, Some(WaitReason::WaitsForInstance), json!({"reason": "WaitsForInstance"})).await;
    let paused = WaitReason::Paused { scope: region.clone(), since: NOW };
    check(TaskStatus::Enqueued, Some(paused), json!({"reason": "Paused", "scope": "region", "since": NOW.0})).await;
    let full = WaitReason::LimitReached { scope: region, running: 2, limit: 2, ahead: 5 };
    let expected = json!({"reason": "LimitReached", "scope": "region", "running": 2, "limit": 2, "ahead": 5});
    check(TaskStatus::Enqueued, Some(full), expected).await;
    check(TaskStatus::Enqueued, Some(WaitReason::Next { ahead: 0 }), json!({"reason": "Next", "ahead": 0})).await;
    check(TaskStatus::Enqueued, None, Value::Null).await;
    check(TaskStatus::Running, Some(WaitReason::WaitsForInstance), Value::Null).await;
}
