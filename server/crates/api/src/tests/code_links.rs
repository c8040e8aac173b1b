use super::wire::{Answer, Wire, send};
use axum::{body::Body, http::Request};
use serde_json::json;
use std::sync::atomic::Ordering::Relaxed;

const CODE: &str = "/services/demo/functions/f1/code";

async fn link(wire: &Wire) -> String {
    wire.call("GET", CODE).ok().await.json()["url"].as_str().unwrap().to_owned()
}

/// Fetches a link as a browser would, unsigned.
async fn fetch(wire: &Wire, url: &str) -> Answer {
    send(wire.router.clone(), Request::get(url.strip_prefix("http://127.0.0.1:3000").unwrap()).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn get_function_code() {
    let wire = Wire::with_function().await;
    insta::assert_snapshot!(wire.call("GET", CODE).send().await.text());
}

#[tokio::test]
async fn a_link_gives_the_archive() {
    let wire = Wire::with_function().await;
    let answer = fetch(&wire, &link(&wire).await).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type"), &answer.body[..]),
        (200, Some("application/zip"), &b"123456789"[..])
    );
}

#[tokio::test]
async fn a_changed_or_expired_link_gives_nothing() {
    let wire = Wire::with_function().await;
    wire.call("POST", "/services/demo/functions").json(super::wire::function("f2")).ok().await;
    let url = link(&wire).await;
    let check = async |url: String, code: &str| drop(fetch(&wire, &url).await.assert_refusal(403, code, &url));
    check(url.replace("/f1/", "/f2/"), "SignatureNotMatch").await;
    check(url.replace("expires=1", "expires=2"), "SignatureNotMatch").await;
    check(url.replace("LTAI", "LTAJ"), "SignatureNotMatch").await;
    check(url.split('?').next().unwrap().to_owned(), "AccessDenied").await;
    wire.elapsed_ms.store(3_600_000, Relaxed);
    assert_eq!(fetch(&wire, &url).await.status.as_u16(), 200);
    wire.elapsed_ms.store(3_601_000, Relaxed);
    check(url, "AccessDenied").await;
}

#[tokio::test]
async fn a_link_is_for_one_package() {
    let wire = Wire::with_function().await;
    let url = link(&wire).await;
    wire.call("PUT", "/services/demo/functions/f1").json(json!({"code": {"zipFile": "YWJj"}})).ok().await;
    fetch(&wire, &url).await.assert_refusal(403, "AccessDenied", "new code");
    assert_eq!(&fetch(&wire, &link(&wire).await).await.body[..], b"abc");
}
