use super::wire::Wire;
use insta::assert_snapshot;
use serde_json::{Value, json};

#[tokio::test]
async fn create_service() {
    let wire = Wire::new();
    assert_snapshot!(wire.call("POST", "/services").json(json!({"serviceName": "demo", "description": null})).send().await.text());
}

#[tokio::test]
async fn create_service_with_every_member_in_any_case() {
    let wire = Wire::new();
    let body = json!({
        "ServiceName": "demo", "Description": "d", "role": "acs:ram::1:role/r", "internetAccess": "False",
        "logConfig": {"Project": "p", "logstore": "l", "EnableRequestMetrics": true},
        "vpcConfig": {"vpcId": "v", "VSwitchIds": ["s"], "securityGroupId": "g"},
        "nasConfig": {"userId": 1, "groupId": 2, "mountPoints": [{"serverAddr": "a", "mountDir": "/m", "enableTLS": true}]},
        "ossMountConfig": {"mountPoints": [{"bucketName": "b", "bucketPath": "/", "endpoint": "e", "mountDir": "/o", "readOnly": true}]},
        "tracingConfig": {"type": "Jaeger", "params": {"Endpoint": "kept as it is"}},
    });
    assert_snapshot!(wire.call("POST", "/services").json(body).send().await.text());
}

#[tokio::test]
async fn get_update_list_and_delete_service() {
    let wire = Wire::with_function().await;
    assert_snapshot!("get_service", wire.call("GET", "/services/demo").send().await.text());
    let change = json!({"description": "new", "tracingConfig": {}});
    assert_snapshot!("update_service", wire.call("PUT", "/services/demo").json(change).send().await.text());
    assert_snapshot!("list_services", wire.call("GET", "/services").send().await.text());
    wire.call("DELETE", "/services/demo").refused(409, "ServiceNotEmpty").await;
    wire.call("DELETE", "/services/demo/functions/f1").ok().await;
    assert_snapshot!("delete_service", wire.call("DELETE", "/services/demo").send().await.text());
    wire.call("GET", "/services/demo").refused(404, "ServiceNotFound").await;
}

#[tokio::test]
async fn if_match_guards_changes_of_services() {
    let wire = Wire::new();
    let created = wire.call("POST", "/services").json(json!({"serviceName": "demo"})).ok().await;
    let etag = created.header("etag").unwrap();
    let update = |given: &str| wire.call("PUT", "/services/demo").header("if-match", given).json(json!({"description": "x"}));
    update("another").refused(412, "PreconditionFailed").await;
    let unchanged = wire.call("GET", "/services/demo").ok().await;
    assert_eq!(unchanged.json()["description"], "");
    let updated = update(&format!("\"{etag}\"")).ok().await;
    assert_ne!(updated.header("etag"), Some(etag));
    wire.call("DELETE", "/services/demo").header("if-match", etag).refused(412, "PreconditionFailed").await;
    update("*").ok().await;
}

#[tokio::test]
async fn services_are_paged_by_name() {
    let wire = Wire::new();
    for name in ["a1", "a2", "a3", "b1"] {
        wire.call("POST", "/services").json(json!({"serviceName": name})).ok().await;
    }
    let check = async |query: &str, expected: &[&str], token: &str| {
        let page = wire.call("GET", &format!("/services{query}")).ok().await.json();
        let names: Vec<&Value> = page["services"].as_array().unwrap().iter().map(|service| &service["serviceName"]).collect();
        assert_eq!(
            (names, &page["nextToken"]),
            (expected.iter().map(|name| json!(name)).collect::<Vec<_>>().iter().collect(), &json!(token)),
            "{query}"
        );
    };
    check("", &["a1", "a2", "a3", "b1"], "").await;
    check("?limit=2&nextToken=", &["a1", "a2"], "a3").await;
    check("?limit=2&nextToken=a3", &["a3", "b1"], "").await;
    check("?prefix=a&startKey=a2", &["a2", "a3"], "").await;
    check("?nextToken=b1&startKey=a2", &["b1"], "").await;
    check("?limit=1000", &["a1", "a2", "a3", "b1"], "").await;
    let message = wire.call("GET", "/services?limit=many").refused(400, "InvalidArgument").await;
    assert_eq!(message, "Limit is set to an invalid value (allowed: 1 to 100, actual: 'many')");
}

#[tokio::test]
async fn services_that_cannot_be_made() {
    let wire = Wire::new();
    let check = async |body: &str, status, code, message: &str| {
        assert_eq!(wire.call("POST", "/services").body(body).refused(status, code).await, message, "{body}");
    };
    check("{}", 400, "InvalidArgument", "member 'serviceName' is required").await;
    check(
        "{\"serviceName\"",
        400,
        "InvalidArgument",
        "the request body is not valid JSON: EOF while parsing an object at line 1 column 14",
    )
    .await;
    check("[1]", 400, "InvalidArgument", "the request body must be a JSON object").await;
    let rule =
        "ServiceName is set to an invalid value (allowed: 1 to 128 letters, digits, _ or -, starting with a letter or _; actual: '1a')";
    check(r#"{"serviceName":"1a"}"#, 400, "InvalidArgument", rule).await;
    let kind = r#"member 'logConfig.project' is set to an invalid value (expected: a string; actual: integer `5`)"#;
    check(r#"{"serviceName":"a","logConfig":{"project":5}}"#, 400, "InvalidArgument", kind).await;
    wire.call("POST", "/services").body(r#"{"serviceName":"a"}"#).ok().await;
    check(r#"{"serviceName":"a"}"#, 409, "ServiceAlreadyExists", "service 'a' already exists").await;
}

#[tokio::test]
async fn qualifiers_that_do_not_exist() {
    let wire = Wire::with_function().await;
    let check = async |path: &str, status, code| drop(wire.call("GET", path).refused(status, code).await);
    check("/services/demo?qualifier=1", 404, "VersionNotFound").await;
    check("/services/demo?qualifier=prod", 404, "AliasNotFound").await;
    check("/services/demo?qualifier=a.b", 400, "InvalidArgument").await;
    check("/services/none?qualifier=1", 404, "ServiceNotFound").await;
    check("/services/demo/functions?qualifier=1", 404, "VersionNotFound").await;
    check("/services/demo/functions/f1?qualifier=1", 404, "VersionNotFound").await;
    check("/services/demo/functions/f1/code?qualifier=prod", 404, "AliasNotFound").await;
    check("/services/demo/functions/none/code?qualifier=prod", 404, "AliasNotFound").await;
    check("/services/demo.1/functions/f1", 404, "VersionNotFound").await;
    check("/services/demo.a.b/functions/f1", 400, "InvalidArgument").await;
    wire.call("GET", "/services/demo?qualifier=LATEST").ok().await;
    wire.call("GET", "/services/demo?qualifier=").ok().await;
}
