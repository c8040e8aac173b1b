//! HTTP functions: what they get and give (`fc-api.md` 3.3, 5.2).

use crate::harness::{Bench, LANGUAGES, NODEJS, PYTHON, http_request, invocation, shown};
use engine::ports::{End, Invocation, Outcome};
use model::{HttpResponse, limits::SYNC_PAYLOAD_BYTES_MAX};
use serde_json::json;

async fn answer(bench: &Bench, call: Invocation) -> (HttpResponse, Vec<u8>) {
    match bench.invoke(call).await.1 {
        Outcome { end: End::Answered { head, body }, .. } => (head, body),
        outcome => panic!("{}", shown(&outcome)),
    }
}

#[tokio::test]
async fn i4_an_http_function_gets_the_request_and_sets_the_answer() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = http_request(&invocation(language, "http", "handler", ""), "PUT", "/a%20b/c", "q=1&z=2&z=3", "bödy");
        let (head, body) = answer(&bench, call.clone()).await;
        assert_eq!(head.status, 201);
        let mut headers: Vec<(String, String)> = head
            .headers
            .into_iter()
            .map(|(name, value)| (name.to_lowercase(), value))
            .filter(|(name, _)| name.starts_with(['c', 's']))
            .collect();
        headers.retain(|(name, _)| !["content-length", "server"].contains(&name.as_str()));
        let set = [("content-type", "application/json"), ("set-cookie", "a=1"), ("set-cookie", "b=2")];
        assert_eq!(headers, set.map(|(name, value)| (name.to_owned(), value.to_owned())), "{language:?}");
        let seen: serde_json::Value = serde_json::from_slice(&body).unwrap();
        // WSGI makes a character of each byte; a custom runtime gets the path as it was sent.
        let (greeting, path) = match language {
            NODEJS => ("hällo", "/a b/c"),
            PYTHON => ("hÃ¤llo", "/a b/c"),
            _ => ("hÃ¤llo", "/a%20b/c"),
        };
        let expected = json!({
            "method": "PUT",
            "path": path,
            "query": "q=1&z=2&z=3",
            "uri": "/2016-08-15/proxy/conformance/http/a%20b/c?q=1&z=2&z=3",
            "type": "text/plain",
            "header": greeting,
            "requestId": call.request_id,
            "body": "bödy",
        });
        assert_eq!(seen, expected, "{language:?}");
        assert!(bench.logs.texts(&call.request_id).contains(&"served PUT".to_owned()), "{language:?}");
    }
}

#[tokio::test]
async fn i4_one_instance_serves_http_requests_of_every_size_in_turn() {
    let bench = Bench::new().await;
    let whole: Vec<u8> = (0..SYNC_PAYLOAD_BYTES_MAX).map(|n| (n % 251) as u8).collect();
    for language in LANGUAGES {
        let call = invocation(language, "http", "echo", "");
        let mut instances = Vec::new();
        for body in [Vec::new(), b"small".to_vec(), whole.clone(), Vec::new()] {
            let (id, outcome) = bench.invoke(http_request(&call, "POST", "/", "", body.clone())).await;
            let End::Answered { head, body: answered } = outcome.end else { panic!("{}", shown(&outcome)) };
            assert_eq!((head.status, answered == body), (200, true), "{language:?} {}", body.len());
            instances.push(id);
        }
        instances.dedup();
        assert_eq!(instances.len(), 1, "{language:?}");
    }
}

#[tokio::test]
async fn i4_a_status_of_5xx_is_an_answer_and_an_exception_is_the_functions_error() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let (head, body) = answer(&bench, http_request(&invocation(language, "http", "broken", ""), "GET", "/", "", "")).await;
        assert_eq!((head.status, body.as_slice()), (503, b"try later".as_slice()), "{language:?}");
        let (kind, error) = bench.error(http_request(&invocation(language, "http", "fail", ""), "GET", "/", "", "")).await;
        assert_eq!((kind, error["errorMessage"].as_str()), ("UnhandledInvocationError", Some("no page")), "{language:?}");
    }
    let (_, error) = bench.error(http_request(&invocation(PYTHON, "http", "silent", ""), "GET", "/", "", "")).await;
    assert_eq!(error["errorMessage"], "the handler has not called start_response");
}

#[tokio::test]
async fn i4_nodejs_has_queries_and_the_callers_address() {
    let bench = Bench::new().await;
    let (_, body) = answer(&bench, http_request(&invocation(NODEJS, "http", "queries", ""), "GET", "/", "q=a%20b&z=2&z=3", "")).await;
    assert_eq!(String::from_utf8(body).unwrap(), r#"[{"q":"a b","z":["2","3"]},"192.0.2.7"]"#);
}
