use super::wire::{Wire, function, send};
use axum::{Router, body::Body, http::Request, routing::get};
use base64::{Engine, prelude::BASE64_STANDARD};
use model::{Error, ErrorCode, limits};
use serde_json::json;

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_json() {
    let wire = Wire::with_function().await;
    insta::assert_snapshot!(wire.call("GET", "/no/such/path").send().await.text());
    let check = async |method: &str, target: &str| {
        let expected = format!("'{method}' against '{target}' is not supported");
        assert_eq!(wire.raw(method, target).refused(400, "PathNotSupported").await, expected);
    };
    check("GET", "/2021-04-06").await;
    check("GET", "/2021-04-06/").await;
    check("GET", "/2021-04-06/services/").await;
    check("PATCH", "/2021-04-06/services").await;
    check("GET", "/2021-04-06/services/demo/functions/f1/invocations").await;
    check("GET", "/2021-04-06/services/demo/functions/f1/unknown").await;
    check("GET", "/2021-04-06/services/demo/functions/f1/stateful-async-invocations/a/b").await;
}

#[tokio::test]
async fn a_path_that_is_not_utf_8_is_refused() {
    Wire::new().call("GET", "/services/%ff").refused(400, "InvalidArgument").await;
}

#[tokio::test]
async fn the_api_owns_its_prefix_and_nothing_else() {
    let wire = Wire::new();
    let server = Router::new().route("/", get(|| async { "console" })).merge(wire.router.clone());
    let ask = async |path: &str| send(server.clone(), Request::get(path).body(Body::empty()).unwrap()).await;
    let console = ask("/").await;
    assert_eq!((console.status.as_u16(), console.header("x-fc-request-id")), (200, None));
    let nowhere = ask("/nowhere").await;
    assert_eq!((nowhere.status.as_u16(), nowhere.header("x-fc-request-id")), (404, None));
    ask("/2021-04-06/nowhere").await.assert_refusal(400, "PathNotSupported", "inside the prefix");
}

#[tokio::test]
async fn documents_over_their_limit_are_refused() {
    let wire = Wire::with_function().await;
    let padded = |bytes: usize| format!("{}{}", json!({"description": "x"}), " ".repeat(bytes - 19));
    wire.call("PUT", "/services/demo").body(padded(limits::API_DOCUMENT_BYTES_MAX)).ok().await;
    let message = wire.call("PUT", "/services/demo").body(padded(limits::API_DOCUMENT_BYTES_MAX + 1)).refused(400, "EntityTooLarge").await;
    assert_eq!(message, "payload size exceeds maximum allowed size (1048576 bytes)");
}

#[tokio::test]
async fn code_may_be_larger_than_other_documents() {
    let wire = Wire::with_function().await;
    let mut body = function("big");
    body["code"]["zipFile"] = json!(BASE64_STANDARD.encode(vec![7; 3 * 1024 * 1024]));
    assert_eq!(wire.call("POST", "/services/demo/functions").json(body).ok().await.json()["codeSize"], 3 * 1024 * 1024);
}

#[tokio::test]
async fn a_failure_of_ours_names_the_request_and_no_cause() {
    let wire = Wire::new();
    wire.double.kept().failure = Some(Error::internal());
    insta::assert_snapshot!(wire.call("GET", "/services").send().await.text());
    wire.double.kept().failure = Some(Error::new(ErrorCode::ServiceUnavailable, "the server is draining"));
    wire.call("GET", "/services").refused(503, "ServiceUnavailable").await;
}
