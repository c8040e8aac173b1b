//! Compiled runtimes, by a script that speaks their API as a compiled program does (`fc-api.md` 5.6).

use crate::harness::{Bench, GO, OFFLINE, again, http_request, invocation, shown, survivors};
use engine::ports::{AcquireError, End, Executor, Invocation, Outcome};
use model::{HttpResponse, RequestId, ServiceName};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

fn program(handler: &str, event: &str, is_offline: bool) -> Invocation {
    let mut call = invocation(GO, "basic", handler, event);
    call.function.spec.handler = handler.to_owned();
    if is_offline {
        call.function.service = ServiceName::from_stored(OFFLINE);
        call.function.id.push_str(" offline");
    }
    call
}

#[tokio::test]
async fn i4_a_program_asks_for_its_requests_and_answers_them() {
    let bench = Bench::new().await;
    for is_offline in [false, true] {
        let call = program("main", "hello ü", is_offline);
        let (first, outcome) = bench.invoke(call.clone()).await;
        assert_eq!(outcome.end, End::Succeeded { result: "hello ü".into() }, "{}", shown(&outcome));
        let about = again(&call, "about");
        let (id, outcome) = bench.invoke(about.clone()).await;
        let End::Succeeded { result } = &outcome.end else { panic!("{}", shown(&outcome)) };
        let seen: Value = serde_json::from_slice(result).unwrap();
        let text = |name: &str| seen[name].as_str().unwrap_or_default().to_owned();
        assert_eq!((id, text("x-fc-request-id")), (first.clone(), about.request_id.to_string()), "one instance");
        assert_eq!((text("x-fc-function-type"), text("x-fc-function-name")), ("0".to_owned(), "basic".to_owned()));
        assert_eq!((text("x-fc-function-handler"), text("x-fc-retry-count")), ("main".to_owned(), "0".to_owned()));
        assert!(text("x-fc-function-deadline").parse::<i64>().unwrap() > 1_700_000_000_000);
        let (kind, error) = bench.error(again(&call, "fail")).await;
        assert_eq!((kind, &error["errorMessage"]), ("UnhandledInvocationError", &json!("no luck")));
        assert_eq!(bench.result(again(&call, "")).await, "");
        assert!(bench.logs.texts(&call.request_id).contains(&"serves 0".to_owned()));
    }
}

#[tokio::test]
async fn i4_a_program_serves_http_requests() {
    let bench = Bench::new().await;
    let call = http_request(&program("main", "", false), "PUT", "/a%20b", "q=1&z=2&z=3", "bödy");
    let (_, outcome) = bench.invoke(call).await;
    let Outcome { end: End::Answered { head, body }, .. } = outcome else { panic!("{}", shown(&outcome)) };
    let headers = [("set-cookie", "a=1"), ("set-cookie", "b=2")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(head, HttpResponse { status: 201, headers: headers.to_vec() });
    let expected = json!({
        "path": "/a b",
        "method": "PUT",
        "requestURI": "/2016-08-15/proxy/conformance/http/a%20b?q=1&z=2&z=3",
        "clientIP": "192.0.2.7",
        "host": "localhost:3000",
        "queriesMap": {"q": ["1"], "z": ["2", "3"]},
        "headersMap": {"host": ["localhost:3000"], "content-type": ["text/plain"], "x-greeting": ["hällo"]},
        "body": "bödy",
    });
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
}

#[tokio::test]
async fn i4_a_programs_initializer_and_hooks_are_calls_too() {
    let bench = Bench::new().await;
    let mut call = program("main", "x", true);
    call.function.spec.initializer = "init".to_owned();
    let hooks = json!({ "preFreeze": { "handler": "freeze", "timeout": 5 }, "preStop": { "handler": "stop", "timeout": 5 } });
    call.function.spec.extra.insert("instanceLifecycleConfig".to_owned(), hooks);
    bench.invoke(call.clone()).await;
    bench.logs.wait_for(&call.request_id, "FC PreFreeze End").await;
    let mut newer = again(&call, "x");
    newer.function.etag = "etag-2".to_owned();
    bench.invoke(newer).await;
    bench.logs.wait_for(&call.request_id, "FC PreStop End").await;
    let calls =
        |request: &RequestId| -> Vec<String> { bench.logs.texts(request).into_iter().filter(|line| line.starts_with("serves ")).collect() };
    assert_eq!(calls(&call.request_id), ["serves 1", "serves 0", "serves 3", "serves 2"]);
}

#[tokio::test]
async fn i4_a_program_that_runs_is_stopped_and_one_that_does_not_come_up_says_why() {
    let bench = Bench::new().await;
    for is_offline in [false, true] {
        let running = bench.begin(program("main", "hang", is_offline)).await;
        running.stop.cancel();
        assert_eq!(running.outcome.await.unwrap().end, End::Stopped { ended_by_itself: false });
        assert_eq!(survivors(&running.id), [0; 0]);
        for (handler, code) in [("nothere", "CAFileNotFound"), ("quits", "CAExited")] {
            match bench.executor.acquire(&program(handler, "", is_offline), &CancellationToken::new()).await.map(drop) {
                Err(AcquireError::FunctionError { kind, .. }) => assert_eq!(kind, code),
                other => panic!("{handler}: {other:?}"),
            }
        }
    }
}
