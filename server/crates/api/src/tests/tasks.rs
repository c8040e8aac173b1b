use super::{
    double::{KEY, NOW},
    wire::Wire,
};
use insta::assert_snapshot;
use model::{
    FunctionName, FunctionRef, InstanceId, Qualifier, Region, RequestId, ServiceName, SortOrder, Task, TaskEvent, TaskFilter, TaskId,
    TaskStatus, UnixMillis,
};

const TASKS: &str = "/services/demo/functions/f1/stateful-async-invocations";

pub fn task(id: &str, status: TaskStatus) -> Task {
    let function = FunctionRef {
        region: Region::from_stored("cn-hangzhou"),
        service: ServiceName::from_stored("demo"),
        function: FunctionName::from_stored("f1"),
    };
    let event = |id: u32, status, detail: &str| TaskEvent { id, status, at: NOW.plus_ms(i64::from(id)), detail: detail.to_owned() };
    let has_ended = status.is_terminal();
    Task {
        function,
        id: TaskId::from_stored(id),
        qualifier: Qualifier::latest(),
        request_id: RequestId::from_stored("6bd23da1-7a5c-4e0c-a3f4-4c3d0f4a9c11"),
        status,
        submitted_at: NOW,
        due_at: NOW,
        started_at: NOW.plus_ms(3),
        ended_at: has_ended.then(|| NOW.plus_ms(4)),
        next_run_at: None,
        duration_ms: 1,
        attempt: 2,
        retried: 1,
        max_retries: 3,
        expires_at: NOW.plus_ms(86_400_000),
        instance_id: Some(InstanceId::from_stored("c-1-0")),
        destination_status: String::new(),
        error_kind: "UnhandledInvocationError".to_owned(),
        error_message: String::new(),
        origin: None,
        trigger: None,
        payload: Some(b"{\"a\":1}".to_vec()),
        http: None,
        result: has_ended.then(|| b"done".to_vec()),
        result_bytes: 4,
        events: vec![event(1, TaskStatus::Enqueued, ""), event(2, status, r#"{"Error":"UnhandledInvocationError"}"#)],
    }
}

async fn wire_with(tasks: Vec<Task>) -> Wire {
    let wire = Wire::with_task_mode().await;
    wire.double.kept().tasks.extend(tasks.into_iter().map(|task| (task.task_ref(), task)));
    wire
}

#[tokio::test]
async fn get_stateful_async_invocation() {
    let fresh = Task { instance_id: None, duration_ms: 0, error_kind: String::new(), ..task("fresh", TaskStatus::Enqueued) };
    let wire = wire_with(vec![task("ended", TaskStatus::Failed), fresh]).await;
    assert_snapshot!("get_ended_task", wire.call("GET", &format!("{TASKS}/ended?qualifier=LATEST")).send().await.text());
    assert_snapshot!("get_waiting_task", wire.call("GET", &format!("{TASKS}/fresh")).send().await.text());
    wire.call("GET", &format!("{TASKS}/none")).refused(404, "StatefulAsyncInvocationNotFound").await;
    wire.call("GET", &format!("{TASKS}/ended?qualifier=prod")).refused(404, "StatefulAsyncInvocationNotFound").await;
    wire.call("GET", "/services/demo/functions/none/stateful-async-invocations/ended").refused(404, "FunctionNotFound").await;
}

#[tokio::test]
async fn processed_is_returned_by_its_own_name() {
    let wire = wire_with(vec![task("t", TaskStatus::Processed)]).await;
    assert_eq!(wire.call("GET", &format!("{TASKS}/t")).ok().await.json()["status"], "Processed");
}

#[tokio::test]
async fn payloads_that_are_not_text_are_shown_with_replacements() {
    let wire = wire_with(vec![Task { payload: Some(b"a\xff".to_vec()), ..task("t", TaskStatus::Running) }]).await;
    assert_eq!(wire.call("GET", &format!("{TASKS}/t")).ok().await.json()["invocationPayload"], "a\u{fffd}");
}

#[tokio::test]
async fn list_stateful_async_invocations() {
    let wire = wire_with(vec![task("a", TaskStatus::Running), task("b", TaskStatus::Stopped)]).await;
    assert_snapshot!(wire.call("GET", TASKS).send().await.text());
    let shown = wire.call("GET", &format!("{TASKS}?includePayload=True")).ok().await.json();
    assert_eq!(shown["invocations"][0]["invocationPayload"], "{\"a\":1}");
}

#[tokio::test]
async fn filters_reach_the_engine() {
    let wire = wire_with(Vec::new()).await;
    let query = "includePayload=True&invocationIdPrefix=job&limit=10&nextToken=1-2&qualifier=prod&sortOrderByTime=asc\
                 &startedTimeBegin=5&startedTimeEnd=6&status=Dequeued";
    wire.call("GET", &format!("{TASKS}?{query}")).ok().await;
    wire.call("GET", TASKS).ok().await;
    let plain = TaskFilter { qualifier: Some(Qualifier::latest()), with_events: true, ..TaskFilter::default() };
    let full = TaskFilter {
        qualifier: Some(Qualifier::from_stored("prod")),
        statuses: vec![TaskStatus::Processed],
        id_prefix: "job".to_owned(),
        started_from: Some(UnixMillis(5)),
        started_to: Some(UnixMillis(6)),
        order: SortOrder::Asc,
        limit: 10,
        next_token: "1-2".to_owned(),
        with_payload: true,
        with_events: true,
    };
    assert_eq!(wire.double.kept().filters, [full, plain]);
    for bad in ["status=Sleeping", "limit=101", "sortOrderByTime=up", "startedTimeBegin=x"] {
        wire.call("GET", &format!("{TASKS}?{bad}")).refused(400, "InvalidArgument").await;
    }
}

#[tokio::test]
async fn stop_stateful_async_invocation() {
    let wire = wire_with(vec![task("runs", TaskStatus::Running), task("ended", TaskStatus::Succeeded)]).await;
    let stop = |path: &str| wire.call("PUT", &format!("{TASKS}/{path}"));
    assert_snapshot!(stop("runs?qualifier=LATEST").send().await.text());
    assert_eq!(wire.double.kept().stopped_by, [KEY]);
    stop("ended").refused(400, "InvalidArgument").await;
    stop("none").refused(404, "StatefulAsyncInvocationNotFound").await;
    stop("runs?qualifier=prod").refused(404, "StatefulAsyncInvocationNotFound").await;
    assert_eq!(wire.double.kept().stopped_by.len(), 1);
}

#[tokio::test]
async fn list_stateful_async_invocation_functions() {
    let wire = Wire::with_function().await;
    let functions = "/stateful-async-invocation-functions?limit=5&nextToken=";
    assert_eq!(wire.call("GET", functions).ok().await.json()["data"], serde_json::json!([]));
    let wire = Wire::with_task_mode().await;
    assert_snapshot!(wire.call("GET", functions).send().await.text());
}
