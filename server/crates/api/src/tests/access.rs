//! Policies of access keys, the audit, and replay protection.

use super::{
    double::{KEY, NOW, SECRET},
    wire::{Call, Wire, function},
};
use crate::{ApiParts, Replays, actions::OPERATIONS, router};
use axum::extract::ConnectInfo;
use model::{AccountId, Action, ActionKind, ActorKind, AuditEntry, Policy, Region, Role};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;

/// With service `demo`, function `f1`, and a key `id` that may do this.
async fn wire_with_key(id: &str, grant: &str, services: &str) -> Wire {
    let wire = Wire::with_task_mode().await;
    wire.double.kept().policies.insert(id.to_owned(), Policy::parse(grant, services).unwrap());
    wire.double.kept().audited.clear();
    wire
}

/// The path of an operation with names in the places of its parameters.
fn filled(path: &str) -> String {
    let named = path.replace("{service}", "demo").replace("{function}", "f1").replace("{version}", "1");
    named.split('/').map(|part| if part.starts_with('{') { "x1" } else { part }).collect::<Vec<_>>().join("/")
}

/// A call of an operation with whatever names it wants in its body.
fn call<'a>(wire: &'a Wire, method: &str, path: &str) -> Call<'a> {
    let body = json!({"serviceName": "demo9", "functionName": "f9", "triggerName": "t9", "aliasName": "a9", "resourceArn": "services/demo",
        "tags": {"k": "a very secret value"}, "tagKeys": ["k"], "description": "a very secret value"});
    let is_legacy = path == "/reservedCapacities";
    let call = if is_legacy { wire.legacy(method, path) } else { wire.call(method, &filled(path)) };
    let call = if path.ends_with("/invocations") { call.header("x-fc-invocation-type", "Async") } else { call };
    if method == "GET" { call } else { call.json(body) }
}

#[tokio::test]
async fn i5_each_policy_against_each_operation() {
    for (grant, kind) in [("read-only", ActionKind::Read), ("invoke-only", ActionKind::Invoke)] {
        let wire = wire_with_key("TYlimited", grant, "").await;
        for (method, path, action, _) in OPERATIONS {
            let target = if method == "GET" && path == "/tag" { "/tag?resourceArn=services%2Fdemo" } else { path };
            let answer = call(&wire, method, target).key("TYlimited", SECRET).send().await;
            if action.kind() == kind {
                assert_ne!(answer.status.as_u16(), 403, "{grant}: {method} {path}: {}", answer.text());
            } else {
                let message = answer.assert_refusal(403, "AccessDenied", &format!("{grant}: {method} {path}"));
                assert!(message.contains(action.as_str()) && message.contains(grant), "{message}");
            }
        }
        wire.call("GET", "/services/demo/functions/f1").ok().await;
    }
    let wire = wire_with_key("TYfull", "full", "").await;
    for (method, path, ..) in OPERATIONS {
        assert_ne!(call(&wire, method, path).key("TYfull", SECRET).send().await.status.as_u16(), 403, "{method} {path}");
    }
}

#[tokio::test]
async fn c82_a_full_key_may_do_what_the_role_of_its_user_allows_and_no_more() {
    for role in Role::ALL {
        let wire = wire_with_key("TYuser", "full", "").await;
        wire.double.kept().roles.insert("TYuser".to_owned(), role);
        for (method, path, action, _) in OPERATIONS {
            let target = if method == "GET" && path == "/tag" { "/tag?resourceArn=services%2Fdemo" } else { path };
            let answer = call(&wire, method, target).key("TYuser", SECRET).send().await;
            if role.allows(action) {
                assert_ne!(answer.status.as_u16(), 403, "{role:?}: {method} {path}: {}", answer.text());
            } else {
                let message = answer.assert_refusal(403, "AccessDenied", &format!("{role:?}: {method} {path}"));
                assert!(message.contains(action.as_str()) && message.contains(role.as_str()), "{message}");
            }
        }
    }
}

#[tokio::test]
async fn c82_values_of_environment_variables_are_for_those_who_configure() {
    let wire = wire_with_key("TYuser", "read-only", "").await;
    let path = "/services/demo/functions/f1";
    wire.call("PUT", path).json(json!({"environmentVariables": {"TOKEN": "a very secret value"}})).ok().await;
    for (role, value) in [(Role::Admin, "a very secret value"), (Role::Operator, "(hidden)"), (Role::Viewer, "(hidden)")] {
        wire.double.kept().roles.insert("TYuser".to_owned(), role);
        let one = wire.call("GET", path).key("TYuser", SECRET).ok().await;
        assert_eq!(one.json()["environmentVariables"], json!({ "TOKEN": value }), "{role:?}");
        let all = wire.call("GET", "/services/demo/functions").key("TYuser", SECRET).ok().await;
        assert_eq!(all.json()["functions"][0]["environmentVariables"], json!({ "TOKEN": value }), "{role:?}");
    }
}

#[tokio::test]
async fn i5_a_key_limited_to_services_reaches_no_other() {
    let wire = wire_with_key("TYdemo", "full", "demo").await;
    wire.call("POST", "/services").json(json!({"serviceName": "other"})).ok().await;
    let by_key = |method: &str, path: &str| wire.call(method, path).key("TYdemo", SECRET);
    by_key("GET", "/services/demo").ok().await;
    by_key("GET", "/services/demo/functions/f1?qualifier=LATEST").ok().await;
    wire.legacy("GET", "/services/demo.LATEST/functions/f1").key("TYdemo", SECRET).ok().await;
    for (method, path) in [("GET", "/services/other"), ("DELETE", "/services/other"), ("GET", "/services"), ("GET", "/account-settings")] {
        let message = by_key(method, path).refused(403, "AccessDenied").await;
        assert!(message.contains("limited to the services demo"), "{message}");
    }
    wire.call("GET", "/services/other").ok().await;
    // What the body names counts as much as what the path does.
    by_key("POST", "/services").json(json!({"serviceName": "third"})).refused(403, "AccessDenied").await;
    by_key("POST", "/services").json(json!({"serviceName": "demo"})).refused(409, "ServiceAlreadyExists").await;
    let tag = |arn: &str| json!({"resourceArn": arn, "tags": {"k": "v"}});
    by_key("POST", "/tag").json(tag("services/demo")).ok().await;
    by_key("POST", "/tag").json(tag("acs:fc:cn-hangzhou:1000000000000001:services/other")).refused(403, "AccessDenied").await;
    by_key("GET", "/tag?resourceArn=services%2Fother").refused(403, "AccessDenied").await;
    let twice = r#"{"resourceArn":"services/demo","ResourceArn":"services/other","tags":{"k":"v"}}"#;
    by_key("POST", "/tag").body(twice).refused(403, "AccessDenied").await;
    let config =
        |service: &str| json!({"destinationConfig": {"onSuccess": {"destination": format!("acs:fc:::services/{service}/functions/f2")}}});
    let path = "/services/demo/functions/f1/async-invoke-config";
    by_key("PUT", path).json(config("demo")).ok().await;
    by_key("PUT", path).json(config("other")).refused(403, "AccessDenied").await;
}

#[tokio::test]
async fn i5_only_a_call_that_was_verified_counts_as_a_use() {
    let wire = Wire::new();
    wire.call("GET", "/services").key(KEY, "wrong").refused(403, "SignatureNotMatch").await;
    assert_eq!(wire.double.kept().used, [""; 0]);
    wire.call("GET", "/services").ok().await;
    assert_eq!(wire.double.kept().used, [KEY]);
}

#[tokio::test]
async fn c86_every_operation_that_changes_something_is_written_down() {
    let wire = wire_with_key("TYnone", "read-only", "").await;
    let mut seen = 0;
    for (method, path, action, _) in OPERATIONS {
        let answer = call(&wire, method, path).send().await;
        let entries = std::mem::take(&mut wire.double.kept().audited);
        if !action.is_audited() {
            assert_eq!(entries, [], "{method} {path}");
            continue;
        }
        let [entry] = entries.as_slice() else { panic!("{method} {path}: {entries:?}") };
        let outcome = if answer.status.is_success() { "OK".to_owned() } else { answer.json()["Code"].as_str().unwrap().to_owned() };
        assert_eq!((entry.action.as_str(), entry.outcome.as_str()), (action.as_str(), outcome.as_str()), "{method} {path}");
        assert_eq!((entry.actor_kind, entry.actor.as_str(), entry.region.as_str()), (ActorKind::AccessKey, KEY, "cn-hangzhou"));
        assert_eq!((entry.at, entry.request_id.as_str()), (NOW, answer.header("x-fc-request-id").unwrap()));
        assert!(!format!("{entry:?}").contains("secret value"), "{entry:?}");
        seen += 1;
        // Refused for its policy, it is written down all the same.
        call(&wire, method, path).key("TYnone", SECRET).refused(403, "AccessDenied").await;
        let entries = std::mem::take(&mut wire.double.kept().audited);
        assert!(matches!(entries.as_slice(), [entry] if entry.outcome == "AccessDenied" && entry.actor == "TYnone"), "{entries:?}");
    }
    assert!(seen > 20, "{seen}");
}

#[tokio::test]
async fn c86_an_entry_names_what_it_was_done_to() {
    let wire = Wire::new();
    let written = async |call: Call<'_>| -> AuditEntry {
        call.send().await;
        wire.double.kept().audited.pop().unwrap()
    };
    let check = async |call: Call<'_>, action: Action, resource: &str| {
        let entry = written(call).await;
        assert_eq!((entry.action.as_str(), entry.resource.as_str()), (action.as_str(), resource));
    };
    check(wire.call("POST", "/services").json(json!({"serviceName": "demo"})), Action::CreateService, "services/demo").await;
    let create = wire.call("POST", "/services/demo/functions").json(function("f1"));
    check(create, Action::CreateFunction, "services/demo/functions/f1").await;
    let publish = wire.call("POST", "/services/demo/versions");
    check(publish, Action::PublishServiceVersion, "services/demo/versions").await;
    let path = "/services/demo.LATEST/functions/f1/stateful-async-invocations/job-1";
    check(wire.legacy("PUT", path), Action::StopStatefulAsyncInvocation, &path[1..].replace(".LATEST", "")).await;
    let arn = json!({"resourceArn": "acs:fc:cn-shanghai:1000000000000001:services/demo", "tags": {"k": "v"}});
    let entry = written(wire.call("POST", "/tag").json(arn)).await;
    assert_eq!((entry.resource.as_str(), entry.region.as_str()), ("services/demo", "cn-shanghai"));
    // The name in a body that is too large to be looked at in passing.
    let mut large = function("f2");
    large["padding"] = json!("x".repeat(400 * 1024));
    check(wire.call("POST", "/services/demo/functions").json(large), Action::CreateFunction, "services/demo/functions/f2").await;
}

#[tokio::test]
async fn c86_strangers_write_nothing_and_the_address_is_the_connections() {
    let wire = Wire::new();
    wire.call("POST", "/services").key("nobody", SECRET).refused(403, "InvalidAccessKeyID").await;
    wire.call("POST", "/services").key(KEY, "wrong").refused(403, "SignatureNotMatch").await;
    assert_eq!(wire.double.kept().audited, []);
    let mut request = wire.call("POST", "/services").json(json!({"serviceName": "demo"})).signed().map(axum::body::Body::from);
    request.extensions_mut().insert(ConnectInfo("192.0.2.7:4711".parse::<SocketAddr>().unwrap()));
    super::wire::send(wire.router.clone(), request).await;
    assert_eq!(wire.double.kept().audited.pop().unwrap().address, "192.0.2.7");
}

#[tokio::test]
async fn i5_where_replays_are_refused_each_request_is_signed_anew() {
    let mut wire = Wire::new();
    let now = Arc::new(|| NOW);
    let (account, region) = (AccountId::from_stored("1000000000000001"), Region::from_stored("cn-hangzhou"));
    let mut state = ApiParts::new(wire.double.clone(), wire.double.clone(), wire.double.clone(), now, account, region);
    state.replays = Some(Arc::new(Replays::new(900_000)));
    wire.router = router(state.into());
    let list = |nonce: &str| wire.call("GET", "/services").header("x-acs-signature-nonce", nonce);
    list("one").ok().await;
    let message = list("one").refused(403, "SignatureNotMatch").await;
    assert!(message.contains("replay"), "{message}");
    list("two").ok().await;
    wire.call("GET", "/services").refused(403, "SignatureNotMatch").await;
    // A signature that does not hold uses no nonce up.
    list("three").key(KEY, "wrong").refused(403, "SignatureNotMatch").await;
    list("three").ok().await;
    // The legacy scheme has no nonce: it goes through as before.
    wire.legacy("GET", "/services").ok().await;
    wire.legacy("GET", "/services").ok().await;
}
