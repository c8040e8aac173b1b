//! HTTP functions: what they take, and what becomes of their tasks (`fc-api.md` 4.7, `console.md` C-27).

use crate::support::{World, task_mode};
use crate::triggers::{name, spec};
use futures::StreamExt;
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

async fn stream(world: &World, payload: &str) -> (HttpResponse, BodyStream) {
    let request = InvokeRequest { payload: payload.as_bytes().to_vec(), ..call(world, Some(request())) };
    match world.engine.invoke_http(request, None).await.unwrap() {
        Invoked::Streamed { head, body, .. } => (head, body),
        Invoked::Whole(result) => panic!("{result:?}"),
    }
}

#[tokio::test]
async fn i4_an_answer_begins_before_the_function_has_ended_and_is_whole_when_it_has() {
    let world = http_world().await;
    let (head, mut body) = stream(&world, "stream").await;
    assert_eq!((head.status, body.next().await), (203, Some(Ok(b"first".to_vec()))));
    world.executor.release();
    assert_eq!((body.next().await, body.next().await), (Some(Ok(b"second".to_vec())), None));
    let whole = world.engine.invoke_http(call(&world, Some(request())), None).await.unwrap();
    assert!(matches!(whole, Invoked::Whole(InvocationResult { http: Some(_), error: None, .. })));
}

#[tokio::test]
async fn i4_an_answer_whose_body_nobody_reads_does_not_end_the_code() {
    let world = http_world().await;
    let head = HttpRequest { method: "HEAD".to_owned(), ..request() };
    let request = InvokeRequest { payload: b"stream".to_vec(), ..call(&world, Some(head)) };
    world.executor.release();
    let answer = world.engine.invoke_http(request, None).await.unwrap();
    let Invoked::Whole(InvocationResult { http: Some(head), error: None, .. }) = answer else { panic!("it has ended") };
    assert_eq!(head.status, 203);
}

#[tokio::test]
async fn i4_an_answer_that_breaks_off_ends_with_an_error() {
    let world = http_world().await;
    let (_, mut body) = stream(&world, "streams-and-fails").await;
    assert_eq!(body.next().await, Some(Ok(b"first".to_vec())));
    assert_eq!(body.next().await.unwrap().unwrap_err().code, ErrorCode::BadResponse);
    assert_eq!(body.next().await, None);
}

#[tokio::test]
async fn i4_a_caller_that_hangs_up_half_way_stops_the_code() {
    let world = http_world().await;
    let (_, mut body) = stream(&world, "stream").await;
    assert_eq!(body.next().await, Some(Ok(b"first".to_vec())));
    drop(body);
    world.engine.drain();
    // What has not been stopped would be waited for here.
    world.engine.drained().await;
}

#[tokio::test]
async fn i4_what_is_still_to_come_of_a_request_is_read_for_runtimes_that_need_it_whole() {
    let world = http_world().await;
    let request = InvokeRequest { payload: b"answ".to_vec(), ..call(&world, Some(request())) };
    let rest = |pieces: Vec<Result<Vec<u8>>>| Some(futures::stream::iter(pieces).boxed());
    let pieces = vec![Ok(b"er:2".to_vec()), Ok(b"02".to_vec())];
    let Invoked::Whole(result) = world.engine.invoke_http(request.clone(), rest(pieces)).await.unwrap() else {
        panic!("it is not written bit by bit")
    };
    assert_eq!(result.http.unwrap().status, 202);
    let broken = vec![Ok(b"er:2".to_vec()), Err(Error::invalid("broken off"))];
    assert_eq!(world.engine.invoke_http(request.clone(), rest(broken)).await.err().unwrap().message, "broken off");
    let large = vec![Ok(vec![0; limits::SYNC_PAYLOAD_BYTES_MAX])];
    assert_eq!(world.engine.invoke_http(request, rest(large)).await.err().unwrap().code, ErrorCode::EntityTooLarge);
}
