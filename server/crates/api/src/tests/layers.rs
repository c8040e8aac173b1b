//! Layers on the wire (`fc-api.md` 3.9).

use super::wire::{Wire, send};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};

const VERSIONS: &str = "/layers/tools/versions";

async fn wire_with(versions: u32) -> Wire {
    let wire = Wire::with_function().await;
    for number in 1..=versions {
        let body = json!({"Code": {"zipFile": "YWJj"}, "description": format!("v{number}"), "compatibleRuntime": ["python3"]});
        wire.call("POST", VERSIONS).json(body).ok().await;
    }
    wire
}

fn numbers(page: &Value) -> Vec<i64> {
    page["layers"].as_array().unwrap().iter().map(|layer| layer["version"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn i5_versions_of_layers_are_numbered_listed_and_deleted() {
    let wire = wire_with(3).await;
    let page = wire.call("GET", &format!("{VERSIONS}?limit=2")).ok().await.json();
    assert_eq!((numbers(&page), &page["nextVersion"]), (vec![1, 2], &json!(3)));
    let rest = wire.call("GET", &format!("{VERSIONS}?limit=2&startVersion=3")).ok().await.json();
    assert_eq!((numbers(&rest), &rest["nextVersion"]), (vec![3], &json!(0)));
    let latest = wire.legacy("GET", "/layers?prefix=to").ok().await.json();
    assert_eq!((numbers(&latest), &latest["nextToken"]), (vec![3], &json!("")));
    assert_eq!(wire.call("DELETE", &format!("{VERSIONS}/3")).ok().await.status.as_u16(), 204);
    wire.call("DELETE", &format!("{VERSIONS}/3")).refused(404, "LayerVersionNotFound").await;
    wire.call("GET", &format!("{VERSIONS}/3")).refused(404, "LayerVersionNotFound").await;
    assert_eq!(numbers(&wire.call("GET", "/layers/none/versions").ok().await.json()), [] as [i64; 0]);
}

#[tokio::test]
async fn i5_a_layer_is_found_by_name_and_by_arn_and_its_archive_is_had() {
    let wire = wire_with(1).await;
    let found = wire.call("GET", &format!("{VERSIONS}/1")).ok().await.json();
    assert_eq!(found["arn"], "acs:fc:cn-hangzhou:1000000000000001:layers/tools/versions/1");
    assert_eq!((&found["codeSize"], &found["codesize"], &found["acl"]), (&json!(3), &json!(3), &json!("0")));
    let arn = found["arn"].as_str().unwrap().replace('/', "%2F");
    let by_arn = wire.legacy("GET", &format!("/layerarn/{arn}")).ok().await.json();
    assert_eq!((&by_arn["version"], &by_arn["codeChecksum"]), (&json!(1), &found["codeChecksum"]));
    let link = found["code"]["location"].as_str().unwrap().strip_prefix("http://127.0.0.1:3000").unwrap().to_owned();
    let ask = async |target: &str| send(wire.router.clone(), Request::get(target).body(Body::empty()).unwrap()).await;
    assert_eq!(ask(&link).await.body, "abc");
    ask(&link.replace("/tools/", "/other/")).await.assert_refusal(403, "SignatureNotMatch", "another layer");
    wire.call("DELETE", &format!("{VERSIONS}/1")).ok().await;
    ask(&link).await.assert_refusal(404, "LayerVersionNotFound", "a deleted layer");
}

#[tokio::test]
async fn i5_a_layers_acl_is_stored() {
    let wire = wire_with(2).await;
    wire.call("PUT", "/layers/tools/acl?public=True").ok().await;
    assert_eq!(wire.call("GET", &format!("{VERSIONS}/2")).ok().await.json()["acl"], "1");
    wire.call("PUT", "/layers/tools/acl?public=false").ok().await;
    assert_eq!(wire.call("GET", &format!("{VERSIONS}/2")).ok().await.json()["acl"], "0");
    wire.call("PUT", "/layers/tools/acl?public=maybe").refused(400, "InvalidArgument").await;
    wire.call("PUT", "/layers/none/acl?public=true").refused(404, "LayerVersionNotFound").await;
}

#[tokio::test]
async fn i5_layers_that_cannot_be_made() {
    let wire = wire_with(0).await;
    let check = async |body: Value, part: &str| {
        let message = wire.call("POST", VERSIONS).json(body).refused(400, "InvalidArgument").await;
        assert!(message.contains(part), "{message}");
    };
    check(json!({}), "member 'code' is required").await;
    check(json!({"code": {"zipFile": "%"}}), "code.zipFile").await;
    check(json!({"code": {"ossBucketName": "b"}}), "object storage").await;
    check(json!({"code": {"zipFile": "YWJj"}, "compatibleRuntime": ["cobol"]}), "cobol").await;
    check(json!({"code": {"zipFile": "YWJj"}, "description": "x".repeat(300)}), "Description").await;
    wire.call("POST", "/layers/-/versions").json(json!({"code": {"zipFile": "YWJj"}})).refused(400, "InvalidArgument").await;
    wire.call("GET", &format!("{VERSIONS}/0")).refused(400, "InvalidArgument").await;
    wire.call("GET", &format!("{VERSIONS}?startVersion=x")).refused(400, "InvalidArgument").await;
    let function = |layers: Value| wire.call("PUT", "/services/demo/functions/f1").json(json!({"layers": layers}));
    function(json!(["l"])).refused(400, "InvalidArgument").await;
    let many: Vec<String> = (1..=6).map(|n| format!("layers/l/versions/{n}")).collect();
    function(json!(many)).refused(400, "InvalidArgument").await;
}
