//! HTTP functions: what they take, and what becomes of their tasks (`fc-api.md` 4.7, `console.md` C-27).

use crate::support::{World, task_mode};
use crate::triggers::{name, spec};
use model::*;
use serde_json::json;

async fn http_world() -> World {
    let world = World::with_config(task_mode()).await;
    let trigger = spec(TriggerKind::Http, json!({ "authType": "anonymous", "methods": ["POST"] }));
    world.engine.create_trigger(&world.function, &name("web"), trigger).await.unwrap();
    world
}

fn request() -> HttpRequest {
    HttpRequest {
        method: "POST".to_owned(),
        base_path: "/2016-08-15/proxy/demo/f".to_owned(),
        path: "/a".to_owned(),
        query: "q=1".to_owned(),
        headers: vec![("x-a".to_owned(), "ü".to_owned())],
        client_ip: "192.0.2.1".to_owned(),
    }
}

fn submission(world: &World, id: &str, payload: &str) -> SubmitRequest {
    SubmitRequest {
        function: world.function.clone(),
        qualifier: Qualifier::latest(),
        request_id: RequestId::from_stored(format!("req-{id}")),
        task_id: Some(id.to_owned()),
        force_task: false,
        delay_s: 0,
        payload: payload.as_bytes().to_vec(),
        http: Some(request()),
        origin: Origin::Api,
    }
}

fn call(world: &World, http: Option<HttpRequest>) -> InvokeRequest {
    let request_id = RequestId::from_stored("req-sync");
    InvokeRequest { function: world.function.clone(), qualifier: Qualifier::latest(), request_id, payload: b"answer:201".to_vec(), http }
}

#[tokio::test]
async fn i4_http_functions_take_http_requests_and_no_events_and_the_reverse() {
    let world = http_world().await;
    let refused = world.engine.invoke(call(&world, None)).await.unwrap_err();
    assert_eq!((refused.code, refused.message.contains("HTTP trigger 'web'")), (ErrorCode::InvalidArgument, true), "{refused}");
    assert_eq!(world.submit("t", "ok").await.unwrap_err().code, ErrorCode::InvalidArgument);
    let answer = world.engine.invoke(call(&world, Some(request()))).await.unwrap();
    assert_eq!((answer.http.unwrap().status, answer.body.as_slice(), answer.error), (201, b"answered".as_slice(), None));
    world.engine.delete_trigger(&world.function.trigger(name("web")), None).await.unwrap();
    assert_eq!(world.engine.invoke(call(&world, Some(request()))).await.unwrap_err().code, ErrorCode::TriggerNotFound);
    assert_eq!(world.engine.submit(submission(&world, "h", "ok")).await.unwrap_err().code, ErrorCode::TriggerNotFound);
    assert_eq!(world.engine.count_tasks(&world.function).await.unwrap().total(), 0, "nothing was stored");
    world.submit("t", "ok").await.unwrap();
}

#[tokio::test]
async fn i4_8_an_http_call_that_finds_no_instance_is_refused_and_not_kept_waiting() {
    let world = http_world().await;
    world.executor.set_full(true);
    let refused = world.engine.invoke(call(&world, Some(request()))).await.unwrap_err();
    assert_eq!((refused.code, refused.status()), (ErrorCode::ResourceExhausted, 429));
    world.executor.set_full(false);
    assert_eq!(world.engine.invoke(call(&world, Some(request()))).await.unwrap().http.unwrap().status, 201);
}

#[tokio::test]
async fn i4_a_task_of_an_http_function_runs_with_its_request_and_is_never_executed_again() {
    let world = http_world().await;
    world.engine.submit(submission(&world, "job", "answer:200")).await.unwrap();
    let task = world.until("job", TaskStatus::Succeeded).await;
    assert_eq!((task.http, task.payload.as_deref()), (Some(request()), Some(b"answer:200".as_slice())));
    assert_eq!(task.result.as_deref(), Some(b"answered".as_slice()));
    assert!(task.events.last().unwrap().detail.contains("200"), "{:?}", task.events);
    let refused = world.engine.reexecute_task(&world.task_ref("job"), "admin").await.unwrap_err();
    assert_eq!((refused.status(), refused.message.as_str()), (400, "HTTP functions cannot be re-executed."));
    let listed = world.engine.list_tasks(&world.function, &TaskFilter::default()).await.unwrap();
    assert_eq!(listed.items[0].reexecute_refusal(), Some("HTTP functions cannot be re-executed."));
}

#[tokio::test]
async fn i4_an_answer_of_4xx_or_5xx_fails_the_attempt_of_a_task() {
    let world = World::with_config(AsyncConfigPatch { max_retry_attempts: Some(0), ..task_mode() }).await;
    let trigger = spec(TriggerKind::Http, json!({ "authType": "anonymous", "methods": ["POST"] }));
    world.engine.create_trigger(&world.function, &name("web"), trigger).await.unwrap();
    world.engine.submit(submission(&world, "job", "answer:503")).await.unwrap();
    let task = world.until("job", TaskStatus::Failed).await;
    assert_eq!(task.error_kind, "UnhandledInvocationError");
    assert_eq!(task.error_message, r#"{"errorMessage":"the function answered with status 503: answered"}"#);
    world.engine.submit(submission(&world, "moved", "answer:302")).await.unwrap();
    world.until("moved", TaskStatus::Succeeded).await;
}

#[tokio::test]
async fn i4_a_custom_runtime_that_can_t_start_is_a_412_for_callers_and_a_failure_for_tasks() {
    let world = World::with_config(AsyncConfigPatch { max_retry_attempts: Some(0), ..task_mode() }).await;
    let request = InvokeRequest { payload: b"exits-early".to_vec(), ..call(&world, None) };
    let refused = world.engine.invoke(request).await.unwrap_err();
    assert_eq!((refused.code, refused.status(), refused.message.as_str()), (ErrorCode::CAExited, 412, "ended early"));
    world.submit("t", "exits-early").await.unwrap();
    assert_eq!(world.until("t", TaskStatus::Failed).await.error_kind, "CAExited");
}
