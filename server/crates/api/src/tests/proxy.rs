use super::{
    double::SECRET,
    wire::{Wire, send},
};
use crate::with_targets;
use axum::{Router, body::Body, http::Request, routing::get};
use http_body_util::BodyExt;
use insta::assert_snapshot;
use model::{HttpResponse, InvocationResult, Policy, limits};
use serde_json::{Value, json};

const TRIGGERS: &str = "/services/demo/functions/f1/triggers";
const PAGE: &str = "/2016-08-15/proxy/demo/f1/a%20b?q=1&z=2";

fn result(status: u16, headers: &[(&str, &str)], body: &str) -> InvocationResult {
    InvocationResult {
        body: body.as_bytes().to_vec(),
        http: Some(HttpResponse {
            status,
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        }),
        error: None,
        duration_ms: 2,
        instance_id: None,
        log_tail: String::new(),
        code_checksum: "1".to_owned(),
        runtime_note: None,
    }
}

/// A function with an HTTP trigger that answers so.
async fn wire_with(config: Value, result: InvocationResult) -> Wire {
    let wire = Wire::with_function().await;
    let trigger = json!({"triggerName": "web", "triggerType": "http", "triggerConfig": config.to_string()});
    wire.call("POST", TRIGGERS).json(trigger).ok().await;
    wire.double.kept().result = Some(result);
    wire
}

async fn open(result: InvocationResult) -> Wire {
    wire_with(json!({"authType": "anonymous", "methods": ["GET", "POST"]}), result).await
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "127.0.0.1:3000")
}

#[tokio::test]
async fn i4_the_answer_is_the_functions_and_the_request_is_the_callers() {
    let headers = [
        ("Content-Type", "text/html"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Set-Cookie", "taskyard_session=x"),
        ("Server", "x"),
        ("X-Fc-Status", "200"),
    ];
    let wire = open(result(201, &headers, "<h1>hi</h1>")).await;
    let call = request("POST", PAGE).header("x-greeting", "hi").header("connection", "close").header("x-fc-log-type", "None");
    let call = call.header("cookie", "c=3; taskyard_session=secret").header("cookie", "taskyard_session=secret");
    assert_snapshot!(send(wire.router.clone(), call.body(Body::from("body")).unwrap()).await.text());
    let invoked = wire.double.kept().invoked.remove(0);
    let http = invoked.http.unwrap();
    assert_eq!((http.method.as_str(), http.base_path.as_str()), ("POST", "/2016-08-15/proxy/demo/f1"));
    assert_eq!((http.path.as_str(), http.query.as_str(), invoked.payload.as_slice()), ("/a%20b", "q=1&z=2", b"body".as_slice()));
    let names: Vec<&str> = http.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["host", "x-greeting", "cookie"]);
    assert_eq!(http.header("cookie"), Some("c=3"), "the console's are not for functions");
}

#[tokio::test]
async fn i4_a_failed_function_is_a_502_with_its_error() {
    let body = br#"{"errorMessage":"no page","errorType":"ValueError","stackTrace":[]}"#.to_vec();
    let error = Some("UnhandledInvocationError".to_owned());
    let wire = open(InvocationResult { body, error, http: None, ..result(200, &[], "") }).await;
    assert_snapshot!(send(wire.router.clone(), request("GET", PAGE).body(Body::empty()).unwrap()).await.text());
}

#[tokio::test]
async fn i4_answers_that_can_t_be_passed_on_are_a_502() {
    let long = "x".repeat(limits::HTTP_HEADERS_BYTES_MAX);
    for headers in [[("X-Long", long.as_str())], [("no name", "x")], [("X-Lines", "a\r\nb: c")]] {
        let wire = open(result(200, &headers, "")).await;
        let answer = send(wire.router.clone(), request("GET", PAGE).body(Body::empty()).unwrap()).await;
        answer.assert_refusal(502, "BadResponse", headers[0].0);
    }
}

#[tokio::test]
async fn i5_a_key_calls_http_functions_of_its_services_only_by_path_and_by_header() {
    let wire = wire_with(json!({"authType": "function", "methods": ["GET"]}), result(200, &[], "called")).await;
    for (key, services) in [("ours", "demo"), ("theirs", "elsewhere")] {
        wire.double.kept().policies.insert(key.to_owned(), Policy::parse("invoke-only", services).unwrap());
    }
    let ask = async |key: &str, path: &str, target: &str| {
        let call = wire.raw("GET", path).header("x-fc-invocation-target", target).key(key, SECRET);
        send(with_targets(wire.state.clone(), wire.router.clone()), call.signed().map(Body::from)).await
    };
    let (path, target) = ("/2016-08-15/proxy/demo/f1/x", "2016-08-15/proxy/demo/f1");
    // The header goes before the path, and it is the service called that counts.
    for (path, target) in [(path, ""), ("/x", target), ("/2016-08-15/proxy/elsewhere/f1/x", target)] {
        assert_eq!(&ask("ours", path, target).await.body[..], b"called", "{path} {target}");
        ask("theirs", path, target).await.assert_refusal(403, "AccessDenied", &format!("{path} {target}"));
    }
}

#[tokio::test]
async fn i4_who_may_not_call_is_told_why() {
    let check = async |config: Value, method: &str, path: &str, status: u16, code: &str| {
        let wire = wire_with(config.clone(), result(200, &[], "")).await;
        let answer = send(wire.router.clone(), request(method, path).body(Body::empty()).unwrap()).await;
        answer.assert_refusal(status, code, &format!("{config} {method} {path}"));
        assert!(wire.double.kept().invoked.is_empty());
    };
    let anonymous = || json!({"authType": "anonymous", "methods": ["GET"]});
    check(anonymous(), "POST", PAGE, 400, "PathNotSupported").await;
    check(json!({"authType": "function", "methods": ["GET"]}), "GET", PAGE, 400, "MissingRequiredHeader").await;
    check(json!({"authType": "jwt", "methods": ["GET"]}), "GET", PAGE, 403, "AccessDenied").await;
    check(json!({"authType": "anonymous", "methods": ["GET"], "disableURLInternet": true}), "GET", PAGE, 403, "AccessDenied").await;
    check(anonymous(), "GET", "/2016-08-15/proxy/demo.prod/f1/", 404, "TriggerNotFound").await;
    check(anonymous(), "GET", "/2016-08-15/proxy/demo/f2/", 404, "FunctionNotFound").await;
    check(anonymous(), "GET", "/2016-08-15/proxy/demo", 400, "PathNotSupported").await;
    check(anonymous(), "GET", &format!("{PAGE}{}", "x".repeat(limits::HTTP_URI_BYTES_MAX)), 400, "InvalidArgument").await;
}

#[tokio::test]
async fn i4_a_trigger_that_asks_for_it_takes_signed_calls() {
    let wire = wire_with(json!({"authType": "function", "methods": ["POST"]}), result(200, &[], "ok")).await;
    for (query, is_fc) in [("", false), ("?a=1&b=2", false), ("", true), ("?b=2&a=1", true)] {
        let call = || {
            let call = wire.raw("POST", &format!("/2016-08-15/proxy/demo/f1/x{query}")).body("body");
            if is_fc { call.fc() } else { call }
        };
        assert_eq!(&call().ok().await.body[..], b"ok");
        call().key(super::double::KEY, "another secret").refused(403, "SignatureNotMatch").await;
    }
    assert_eq!(wire.double.kept().invoked.len(), 4);
    // A body that is not the one that was signed.
    let mut changed = wire.raw("POST", "/2016-08-15/proxy/demo/f1/x").body("body").signed();
    *changed.body_mut() = b"other".to_vec();
    send(wire.router.clone(), changed.map(Body::from)).await.assert_refusal(403, "SignatureNotMatch", "body");
    let address = format!("/2016-08-15/proxy/demo/f1/x?x-fc-access-key-id={}&x-fc-expires=1&x-fc-signature=x", super::double::KEY);
    let expired = send(wire.router.clone(), request("POST", &address).body(Body::empty()).unwrap()).await;
    expired.assert_refusal(403, "AccessDenied", "expired");
    assert_eq!(wire.double.kept().invoked.len(), 4);
}

#[tokio::test]
async fn i4_an_asynchronous_call_becomes_a_task_that_holds_the_request() {
    let wire = open(result(200, &[], "")).await;
    wire.call("PUT", "/services/demo/functions/f1/async-invoke-config").json(json!({"statefulInvocation": true})).ok().await;
    let call = request("POST", PAGE).header("x-fc-invocation-type", "Async").header("x-fc-stateful-async-invocation-id", "job-1");
    let answer = send(wire.router.clone(), call.body(Body::from("body")).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-fc-stateful-async-invocation-id"), answer.body.len()), (202, Some("job-1"), 0));
    let submitted = wire.double.kept().submitted.remove(0);
    assert_eq!((submitted.payload.as_slice(), submitted.http.unwrap().uri().as_str()), (b"body".as_slice(), PAGE));
    let large = request("POST", PAGE).header("x-fc-invocation-type", "Async");
    let large = large.body(Body::from(vec![0; limits::ASYNC_PAYLOAD_BYTES_MAX + 1])).unwrap();
    send(wire.router.clone(), large).await.assert_refusal(400, "EntityTooLarge", "asynchronous");
}

#[tokio::test]
async fn i4_a_header_names_the_target_whatever_the_path_is() {
    let wire = open(result(200, &[], "function")).await;
    let server = Router::new().route("/page", get(|| async { "console" })).merge(wire.router.clone());
    let server = with_targets(wire.state.clone(), server);
    let ask = async |path: &str, target: Option<&str>| {
        let mut call = request("GET", path);
        if let Some(target) = target {
            call = call.header("x-fc-invocation-target", target);
        }
        send(server.clone(), call.body(Body::empty()).unwrap()).await
    };
    assert_eq!(&ask("/page", None).await.body[..], b"console");
    for path in ["/page", "/nowhere?a=1", "/2021-04-06/services"] {
        let answer = ask(path, Some("2016-08-15/proxy/demo/f1")).await;
        assert_eq!((&answer.body[..], answer.header("x-fc-request-id").is_some()), (b"function".as_slice(), true), "{path}");
        let http = wire.double.kept().invoked.remove(0).http.unwrap();
        assert_eq!((http.uri().as_str(), http.base_path.as_str()), (path, ""));
    }
    ask("/page", Some("demo/f1")).await.assert_refusal(400, "InvalidArgument", "no such path");
}

#[tokio::test]
async fn i4_an_http_trigger_has_the_address_to_call() {
    let wire = open(result(200, &[], "")).await;
    let trigger = wire.call("GET", "/services/demo/functions/f1/triggers/web").ok().await.json();
    assert_eq!(trigger["urlInternet"], "http://127.0.0.1:3000/2016-08-15/proxy/demo/f1/");
    assert_eq!((&trigger["urlIntranet"], &trigger["domainName"]), (&trigger["urlInternet"], &json!("127.0.0.1")));
}

#[tokio::test]
async fn i4_an_answer_is_passed_on_piece_by_piece_and_broken_off_when_it_fails() {
    let wire = open(result(200, &[("Content-Type", "text/plain")], "")).await;
    let (pieces, coming) = tokio::sync::mpsc::unbounded_channel();
    wire.double.kept().pieces = Some(coming);
    let answer = tower::ServiceExt::oneshot(wire.router.clone(), request("GET", PAGE).body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()), (200, "text/plain"));
    let mut body = answer.into_body();
    for piece in ["first", "second"] {
        pieces.send(Ok(piece.as_bytes().to_vec())).unwrap();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), piece);
    }
    pieces.send(Err(model::Error::internal())).unwrap();
    assert!(body.frame().await.unwrap().is_err());
}

#[tokio::test]
async fn i4_a_caller_that_hangs_up_is_not_written_for() {
    let wire = open(result(200, &[], "")).await;
    let (pieces, coming) = tokio::sync::mpsc::unbounded_channel();
    wire.double.kept().pieces = Some(coming);
    let answer = tower::ServiceExt::oneshot(wire.router.clone(), request("GET", PAGE).body(Body::empty()).unwrap()).await.unwrap();
    assert!(!pieces.is_closed());
    drop(answer);
    pieces.closed().await;
}

#[tokio::test]
async fn i4_a_long_request_is_passed_on_as_it_comes() {
    let wire = open(result(200, &[], "ok")).await;
    let (pieces, coming) = tokio::sync::mpsc::unbounded_channel::<Result<Vec<u8>, std::io::Error>>();
    let body = futures::stream::unfold(coming, |mut coming| async move { Some((coming.recv().await?, coming)) });
    let length = 2 * 64 * 1024;
    let call = request("POST", PAGE).header("content-length", length).body(Body::from_stream(body)).unwrap();
    let router = wire.router.clone();
    let answer = tokio::spawn(async move { send(router, call).await });
    let arrived = wire.double.kept().arrived.clone();
    pieces.send(Ok(vec![b'a'; length / 2])).unwrap();
    arrived.notified().await;
    assert!(!answer.is_finished(), "the second half is not there");
    pieces.send(Ok(vec![b'b'; length / 2])).unwrap();
    drop(pieces);
    assert_eq!(&answer.await.unwrap().body[..], b"ok");
    assert_eq!(wire.double.kept().invoked.remove(0).payload.len(), length);
    let large = request("POST", PAGE).header("content-length", limits::SYNC_PAYLOAD_BYTES_MAX + 1);
    let large = large.body(Body::from(vec![0; limits::SYNC_PAYLOAD_BYTES_MAX + 1])).unwrap();
    send(wire.router.clone(), large).await.assert_refusal(400, "EntityTooLarge", "a sync call");
}
