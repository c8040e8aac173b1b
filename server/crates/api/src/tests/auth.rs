use super::{
    double::SECRET,
    wire::{Call, Wire, send},
};
use axum::{body::Body, http::Request};
use futures::{StreamExt, stream};
use insta::assert_snapshot;
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

fn create(wire: &Wire) -> Call<'_> {
    wire.call("POST", "/services").json(json!({"serviceName": "demo"}))
}

/// Sends a signed request that was spoiled after it was signed.
async fn spoiled(wire: &Wire, spoil: impl FnOnce(&mut Request<Vec<u8>>)) -> (u16, String, String) {
    let mut request = create(wire).signed();
    spoil(&mut request);
    let answer = send(wire.router.clone(), request.map(Body::from)).await;
    let body = answer.json();
    (answer.status.as_u16(), body["Code"].as_str().unwrap().to_owned(), body["Message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_unknown_key_is_refused() {
    let wire = Wire::new();
    assert_snapshot!(create(&wire).key("nobody", SECRET).send().await.text());
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let wire = Wire::new();
    let answer = create(&wire).key(super::double::KEY, "wrong").send().await;
    assert_snapshot!(answer.text());
    assert!(!answer.text().contains(SECRET));
    wire.call("GET", "/services/demo").refused(404, "ServiceNotFound").await;
}

#[tokio::test]
async fn a_stale_date_is_refused_with_the_window() {
    let wire = Wire::new();
    assert_snapshot!(create(&wire).header("x-acs-date", "2026-11-24T11:44:59Z").send().await.text());
}

#[tokio::test]
async fn a_request_without_signature_is_refused() {
    let wire = Wire::new();
    let answer = send(wire.router.clone(), Request::get("/2021-04-06/services").body(Body::empty()).unwrap()).await;
    assert_snapshot!(answer.text());
}

#[tokio::test]
async fn changes_after_signing_are_refused() {
    let wire = Wire::new();
    let check = async |spoil: fn(&mut Request<Vec<u8>>), status, code: &str, message: &str| {
        let (actual_status, actual_code, actual_message) = spoiled(&wire, spoil).await;
        assert_eq!((actual_status, actual_code.as_str()), (status, code), "{actual_message}");
        assert!(actual_message.starts_with(message), "{actual_message}");
    };
    check(|r| r.body_mut()[3] ^= 1, 403, "SignatureNotMatch", "x-acs-content-sha256 differs from the SHA-256 of the body").await;
    check(|r| r.body_mut().clear(), 403, "SignatureNotMatch", "x-acs-content-sha256 differs").await;
    let hash: fn(&mut Request<Vec<u8>>) = |r| {
        r.body_mut().clear();
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        r.headers_mut().insert("x-acs-content-sha256", empty.parse().unwrap());
    };
    check(hash, 403, "SignatureNotMatch", "the signature computed from the request differs").await;
    check(|r| *r.method_mut() = "GET".parse().unwrap(), 403, "SignatureNotMatch", "the signature computed").await;
    let no_hash: fn(&mut Request<Vec<u8>>) = |r| drop(r.headers_mut().remove("x-acs-content-sha256"));
    check(no_hash, 400, "MissingRequiredHeader", "required HTTP header x-acs-content-sha256 was not specified").await;
    let no_date: fn(&mut Request<Vec<u8>>) = |r| drop(r.headers_mut().remove("x-acs-date"));
    check(no_date, 403, "AccessDenied", "the request has no x-acs-date header; the window is 900 seconds").await;
    let set: fn(&mut Request<Vec<u8>>, &str) = |r, value| drop(r.headers_mut().insert("authorization", value.parse().unwrap()));
    let v2: fn(&mut Request<Vec<u8>>) = |r| drop(r.headers_mut().insert("authorization", "acs a:b".parse().unwrap()));
    check(v2, 403, "AccessDenied", "signature algorithm 'acs' is not supported here (supported: ACS3-HMAC-SHA256, FC)").await;
    let (status, code, _) = spoiled(&wire, |r| set(r, "ACS3-HMAC-SHA256 Credential=x")).await;
    assert_eq!((status, code.as_str()), (400, "InvalidArgument"));
    wire.call("GET", "/services/demo").refused(404, "ServiceNotFound").await;
}

#[tokio::test]
async fn a_call_for_another_account_is_refused() {
    let wire = Wire::new();
    create(&wire).header("x-fc-account-id", "2").refused(403, "AccessDenied").await;
    create(&wire).header("host", "2.cn-hangzhou.fc.aliyuncs.com").refused(403, "AccessDenied").await;
    create(&wire).header("x-fc-account-id", "1000000000000001").ok().await;
}

#[tokio::test]
async fn the_region_comes_from_host_then_header_then_default() {
    let wire = Wire::with_function().await;
    wire.double.kept().result = None;
    let check = async |host: &str, region: &str, expected: &str| {
        let call =
            wire.call("POST", "/services/demo/functions/f1/invocations").header("x-fc-invocation-type", "Async").header("host", host);
        let call = if region.is_empty() { call } else { call.header("x-fc-region", region) };
        let message = call.send().await.text();
        assert!(message.contains(expected), "{host} {region}: {message}");
    };
    // The double has `f1` in the default region only, and refuses regions it does not have by name.
    check("127.0.0.1:3000", "", "202 Accepted").await;
    check("127.0.0.1:3000", "cn-hangzhou", "202 Accepted").await;
    check("127.0.0.1:3000", "mars", "region 'mars' does not exist").await;
    check("1000000000000001.mars.fc.aliyuncs.com", "", "region 'mars' does not exist").await;
    check("1000000000000001.cn-hangzhou-internal.fc.aliyuncs.com", "mars", "202 Accepted").await;
}

#[tokio::test]
async fn chunked_bodies_are_read_and_bounded() {
    let wire = Wire::new();
    let request = create(&wire).signed();
    let chunked = request
        .map(|body| Body::from_stream(stream::iter(body.chunks(7).map(<[u8]>::to_vec).collect::<Vec<_>>()).map(Ok::<_, std::io::Error>)));
    assert_eq!(send(wire.router.clone(), chunked).await.status.as_u16(), 200);
    // Endless: the reader has to give up by itself.
    let served = Arc::new(AtomicUsize::new(0));
    let counter = served.clone();
    let endless = stream::repeat_with(move || {
        counter.fetch_add(65_536, Relaxed);
        Ok::<_, std::io::Error>(vec![b'x'; 65_536])
    });
    let answer = send(wire.router.clone(), create(&wire).signed().map(|_| Body::from_stream(endless))).await;
    answer.assert_refusal(400, "EntityTooLarge", "an endless body");
    assert!(served.load(Relaxed) < 80 * 1024 * 1024, "{served:?}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let wire = Wire::new();
    let broken = stream::iter([Ok(b"{".to_vec()), Err(std::io::Error::other("gone"))]);
    let answer = send(wire.router.clone(), create(&wire).signed().map(|_| Body::from_stream(broken))).await;
    answer.assert_refusal(400, "InvalidArgument", "a broken body");
}
