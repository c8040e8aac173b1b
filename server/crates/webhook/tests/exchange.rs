//! Calls to a real server on the loopback interface.

#![cfg(test)]

use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, body::Bytes};
use engine::ports::{Webhook, WebhookCall};
use model::RequestId;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use webhook::{HttpWebhook, Targets};

type Seen = Arc<Mutex<Vec<(Uri, HeaderMap, Bytes)>>>;

/// A server that answers by the path: `/500` with that status, `/302` with a redirect to `/200`, `/never` never, `/endless` without an end.
async fn server() -> (String, Seen) {
    let seen = Seen::default();
    let kept = seen.clone();
    let answer = move |uri: Uri, headers: HeaderMap, body: Bytes| async move {
        kept.lock().unwrap().push((uri.clone(), headers, body));
        match uri.path() {
            "/never" => std::future::pending::<Response>().await,
            "/302" => (StatusCode::FOUND, [(header::LOCATION, "/200")]).into_response(),
            "/endless" => {
                axum::body::Body::from_stream(futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 4_096]))))
                    .into_response()
            }
            path => path.trim_start_matches('/').parse().ok().and_then(|code| StatusCode::from_u16(code).ok()).unwrap().into_response(),
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, Router::new().fallback(answer)).into_future());
    (format!("http://{address}"), seen)
}

fn call(url: String) -> WebhookCall {
    WebhookCall { url, id: "delivery-1".to_owned(), request_id: RequestId::from_stored("req-1"), body: b"{\"a\":1}".to_vec() }
}

async fn post(url: String) -> Result<(), String> {
    HttpWebhook::with_timeout(Targets::Any, Duration::from_millis(500)).post(call(url)).await
}

#[tokio::test]
async fn a_webhook_gets_the_document_with_its_idempotency_key_and_request_id() {
    let (address, seen) = server().await;
    post(format!("{address}/200?key=1")).await.unwrap();
    let (uri, headers, body) = seen.lock().unwrap().pop().unwrap();
    assert_eq!(uri.to_string(), "/200?key=1");
    let text = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(text("content-type"), "application/json");
    assert_eq!((text("idempotency-key"), text("x-fc-request-id")), ("delivery-1".to_owned(), "req-1".to_owned()));
    assert!(text("user-agent").starts_with("taskyard/"));
    assert_eq!(format!("http://{}", text("host")), address);
    assert_eq!(&body[..], b"{\"a\":1}");
}

#[tokio::test]
async fn any_2xx_is_taken_and_everything_else_says_what_it_was() {
    let (address, seen) = server().await;
    assert_eq!(post(format!("{address}/204")).await, Ok(()));
    assert_eq!(post(format!("{address}/500")).await, Err("the webhook answered 500".to_owned()));
    assert_eq!(post(format!("{address}/404")).await, Err("the webhook answered 404".to_owned()));
    assert_eq!(seen.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (address, seen) = server().await;
    assert_eq!(post(format!("{address}/302")).await, Err("the webhook answered 302; redirects are not followed".to_owned()));
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn one_that_never_answers_is_given_up() {
    let (address, _) = server().await;
    assert_eq!(post(format!("{address}/never")).await, Err("the webhook did not answer within 500 ms".to_owned()));
}

#[tokio::test]
async fn an_answer_without_end_is_not_read() {
    let (address, _) = server().await;
    assert_eq!(post(format!("{address}/endless")).await, Ok(()));
}

#[tokio::test]
async fn one_that_is_gone_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = post(format!("http://{address}/")).await.unwrap_err();
    assert!(error.starts_with("the webhook can't be reached: ") && error.contains("refused"), "{error}");
}

#[tokio::test]
async fn a_name_that_leads_where_it_must_not_is_refused_when_it_is_called() {
    let (address, seen) = server().await;
    let port = address.rsplit(':').next().unwrap();
    // Not a number as the check reads them; the resolver makes 127.0.0.1 of it.
    let url = format!("http://127.1:{port}/200");
    let webhook = HttpWebhook::new(Targets::Public);
    assert_eq!(webhook.check(&url), Ok(()));
    let error = webhook.post(call(url.clone())).await.unwrap_err();
    assert!(error.contains("must not call 127.1"), "{error}");
    assert!(seen.lock().unwrap().is_empty());
    // The same may be called where everything may.
    assert_eq!(post(url).await, Ok(()));
}

#[tokio::test]
async fn https_is_spoken_to_an_https_address() {
    let (address, seen) = server().await;
    // The server answers in clear text, which is no TLS.
    let error = post(address.replace("http://", "https://")).await.unwrap_err();
    assert!(error.starts_with("the webhook can't be reached: ") || error.contains("root certificates"), "{error}");
    assert!(seen.lock().unwrap().is_empty());
}
