//! The legacy prefix and the legacy signature; what both prefixes share is tested once, elsewhere.

use super::{
    double::{KEY, SECRET},
    wire::{Call, Wire, function, send},
};
use crate::{
    auth::admit_http_call,
    state::{ApiParts, ApiState, SKEW_MS_DEFAULT},
};
use axum::{body::Body, http::Request};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use insta::assert_snapshot;
use model::{AccountId, Region, RequestId, ServiceName};
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::Arc;

const TRIGGERS: &str = "/services/demo/functions/f1/triggers";

#[tokio::test]
async fn i5_both_prefixes_take_both_signatures() {
    let wire = Wire::with_function().await;
    for target in ["/2021-04-06/services/demo/functions/f1", "/2016-08-15/services/demo.LATEST/functions/f1"] {
        wire.raw("GET", target).ok().await;
        wire.raw("GET", target).fc().ok().await;
        wire.raw("GET", target).fc().key(KEY, "wrong").refused(403, "SignatureNotMatch").await;
    }
}

#[tokio::test]
async fn i5_refusals_of_the_legacy_signature() {
    let wire = Wire::new();
    let create = || wire.legacy("POST", "/services").json(json!({"serviceName": "demo"}));
    let check = async |call: Call<'_>, status, code: &str, part: &str| {
        let message = call.refused(status, code).await;
        assert!(message.contains(part), "{message}");
    };
    check(create().key("nobody", SECRET), 403, "InvalidAccessKeyID", "invalid access key ID 'nobody'").await;
    check(create().key(KEY, "wrong"), 403, "SignatureNotMatch", "the signature computed from the request differs").await;
    check(create().header("date", "Tue, 24 Nov 2026 11:44:59 GMT"), 403, "AccessDenied", "the window is 900 seconds").await;
    check(create().header("date", "yesterday"), 403, "AccessDenied", "is not of the form").await;
    check(create().header("x-fc-account-id", "2"), 403, "AccessDenied", "does not belong to account '2'").await;
    let mut undated = create().signed();
    undated.headers_mut().remove("date");
    let answer = send(wire.router.clone(), undated.map(Body::from)).await;
    assert_eq!(answer.assert_refusal(400, "MissingRequiredHeader", "no date"), "required HTTP header Date was not specified");
    let bare = send(wire.router.clone(), Request::get("/2016-08-15/services").body(Body::empty()).unwrap()).await;
    bare.assert_refusal(400, "MissingRequiredHeader", "no signature");
    // A key that exists, and what can be no signature of it.
    let mut garbled = create().signed();
    garbled.headers_mut().insert("authorization", format!("FC {KEY}:x").parse().unwrap());
    send(wire.router.clone(), garbled.map(Body::from)).await.assert_refusal(403, "SignatureNotMatch", "garbled");
    wire.legacy("GET", "/services/demo").refused(404, "ServiceNotFound").await;
    create().header("x-fc-security-token", "any").header("x-fc-account-id", "1000000000000001").ok().await;
}

#[tokio::test]
async fn i5_the_other_date_goes_before() {
    let wire = Wire::new();
    let list = || wire.legacy("GET", "/services").header("date", "Mon, 23 Nov 2026 12:00:00 GMT");
    list().refused(403, "AccessDenied").await;
    list().header("x-fc-date", "Tue, 24 Nov 2026 12:00:00 GMT").ok().await;
}

#[tokio::test]
async fn i5_services_and_functions_of_the_legacy_prefix() {
    let wire = Wire::new();
    let created = wire.legacy("POST", "/services").json(json!({"serviceName": "demo", "description": null})).send().await;
    assert_snapshot!("create_service", created.text());
    let made = wire.legacy("POST", "/services/demo/functions").json(function("f1")).send().await;
    assert_snapshot!("create_function", made.text());
    let deleted = wire.legacy("DELETE", "/services/demo/functions/f1").send().await;
    assert_eq!((deleted.status.as_u16(), deleted.body.len(), deleted.header("content-type")), (204, 0, None));
    let nothing = wire.legacy("GET", "/services/demo/functions").ok().await.json();
    assert_eq!(nothing, json!({"functions": [], "nextToken": ""}));
}

#[tokio::test]
async fn i5_a_trigger_is_an_object_under_the_legacy_prefix() {
    let wire = Wire::with_function().await;
    let config = json!({"cronExpression": "0 0 4 * * *", "enable": true, "payload": "p"});
    let body = json!({
        "triggerName": "nightly", "description": "", "triggerType": "timer", "triggerConfig": config, "sourceArn": null,
        "invocationRole": null, "qualifier": null,
    });
    assert_snapshot!("create_trigger", wire.legacy("POST", TRIGGERS).json(body).send().await.text());
    let one = format!("{TRIGGERS}/nightly");
    let shown = async |call: Call<'_>| call.ok().await.json()["triggerConfig"].clone();
    assert_eq!(shown(wire.legacy("GET", &one)).await, config);
    let text = shown(wire.call("GET", &one)).await;
    assert_eq!(serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap(), config);
    assert_eq!(shown(wire.legacy("PUT", &one).json(json!({"triggerConfig": {"enable": false}}))).await["enable"], false);
    let listed = wire.legacy("GET", TRIGGERS).ok().await.json();
    assert_eq!(listed["triggers"][0]["triggerConfig"]["enable"], false);
}

#[tokio::test]
async fn i5_a_qualifier_stands_in_the_path() {
    let wire = Wire::with_task_mode().await;
    let get = |path: &str| wire.legacy("GET", path);
    get("/services/demo./functions/f1").ok().await;
    get("/services/demo.7/functions/f1").refused(404, "VersionNotFound").await;
    get("/services/demo.prod").refused(404, "AliasNotFound").await;
    get("/services/demo.LATEST/functions/f1/async-invoke-config").ok().await;
    get("/services/a.b.LATEST").refused(400, "InvalidArgument").await;
    get("/services/demo.LATEST?qualifier=7").refused(400, "InvalidArgument").await;
    let path = "/services/demo.LATEST/functions/f1/invocations";
    let accepted = wire.legacy("POST", path).header("x-fc-invocation-type", "Async").body("x").ok().await;
    assert_eq!((accepted.status.as_u16(), accepted.header("content-type")), (202, None));
    assert_eq!(wire.double.kept().submitted[0].payload, b"x");
}

#[tokio::test]
async fn i5_unknown_paths_of_the_legacy_prefix() {
    let wire = Wire::new();
    for (method, target) in [("GET", "/2016-08-15"), ("GET", "/2016-08-15/nowhere"), ("PATCH", "/2016-08-15/services")] {
        let expected = format!("'{method}' against '{target}' is not supported");
        assert_eq!(wire.raw(method, target).fc().refused(400, "PathNotSupported").await, expected);
    }
}

#[tokio::test]
async fn i5_calls_of_http_functions_are_admitted_by_header_and_by_address() {
    let wire = Wire::new();
    let (account, region) = (AccountId::from_stored("1000000000000001"), Region::from_stored("cn-hangzhou"));
    let now = Arc::new(|| super::double::NOW);
    let state: ApiState = ApiParts::new(wire.double.clone(), wire.double.clone(), wire.double.clone(), now, account, region).into();
    assert_eq!(state.skew_ms, Some(SKEW_MS_DEFAULT));
    let sign = |text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(text.as_bytes());
        BASE64_STANDARD.encode(mac.finalize().into_bytes())
    };
    let admit = async |request: axum::http::request::Builder| -> Result<String, (u16, &'static str)> {
        let mut parts = request.body(()).unwrap().into_parts().0;
        parts.extensions.insert(RequestId::from_stored("r"));
        let admitted =
            admit_http_call(&state, &parts, &ServiceName::from_stored("demo")).await.map_err(|e| (e.0.status(), e.0.code.as_str()))?;
        assert_eq!((admitted.call.request_id.as_str(), admitted.body_sha256), ("r", None));
        Ok(admitted.call.access_key_id)
    };
    let path = "/2016-08-15/proxy/demo/f1/";
    let date = "Tue, 24 Nov 2026 12:00:00 GMT";
    let signature = sign(&format!("GET\n\n\n{date}\n{path}\na=1\nb=2"));
    let by_header =
        |query: &str| Request::get(format!("{path}?{query}")).header("date", date).header("authorization", format!("FC {KEY}:{signature}"));
    assert_eq!(admit(by_header("b=2&a=1")).await, Ok(KEY.to_owned()));
    assert_eq!(admit(by_header("b=2&a=2")).await, Err((403, "SignatureNotMatch")));
    assert_eq!(admit(Request::get(path)).await, Err((400, "MissingRequiredHeader")));
    let by_address = |expires_s: i64| {
        let query = format!("x-fc-access-key-id={KEY}&x-fc-expires={expires_s}");
        let signature = sign(&format!("GET\n\n\n{expires_s}\n{path}\n{}", query.replace('&', "\n")));
        let signature = signature.replace('+', "%2B").replace('/', "%2F");
        // Another authorization is the function's own business.
        Request::get(format!("{path}?{query}&x-fc-signature={signature}")).header("authorization", "Bearer x")
    };
    let now_s = super::double::NOW.0 / 1000;
    assert_eq!(admit(by_address(now_s)).await, Ok(KEY.to_owned()));
    assert_eq!(admit(by_address(now_s - 1)).await, Err((403, "AccessDenied")));
}
