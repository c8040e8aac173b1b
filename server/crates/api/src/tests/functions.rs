use super::wire::{Wire, function};
use insta::assert_snapshot;
use serde_json::{Value, json};

const FUNCTIONS: &str = "/services/demo/functions";
const F1: &str = "/services/demo/functions/f1";

/// The body of a CreateFunction with a member set.
fn with(member: &str, value: Value) -> Value {
    let mut body = function("f2");
    body[member] = value;
    body
}

#[tokio::test]
async fn create_function() {
    let wire = Wire::new();
    wire.call("POST", "/services").json(json!({"serviceName": "demo"})).ok().await;
    assert_snapshot!(wire.call("POST", FUNCTIONS).json(function("f1")).send().await.text());
}

#[tokio::test]
async fn create_function_with_every_member() {
    let wire = Wire::with_function().await;
    let mut body = json!({
        "functionName": "f2", "description": "d", "runtime": "nodejs20", "handler": "index.handler", "initializer": "index.init",
        "initializationTimeout": 5, "timeout": 61, "memorySize": 256, "cpu": 0.5, "diskSize": 512, "gpuMemorySize": 1024,
        "instanceType": "c1", "instanceConcurrency": 3, "instanceSoftConcurrency": 2, "caPort": 9000,
        "instanceLifecycleConfig": {"preStop": {"handler": "index.stop", "timeout": 3}},
        "environmentVariables": {"Some_Key": "v"}, "layers": ["acs:fc:::layers/l/versions/1"],
        "customContainerConfig": {"image": "i", "webServerMode": true}, "customRuntimeConfig": {"command": ["node"], "args": []},
        "customHealthCheckConfig": {"httpGetUrl": "/h", "periodSeconds": 3},
        "customDNS": {"nameServers": ["n"], "searches": ["s"], "dnsOptions": [{"name": "ndots", "value": "1"}]},
    });
    body["code"] = function("")["code"].clone();
    assert_snapshot!(wire.call("POST", FUNCTIONS).json(body).send().await.text());
}

#[tokio::test]
async fn i4_1_words_of_an_image_are_kept_as_the_vendor_keeps_them() {
    let wire = Wire::with_function().await;
    let set = json!({"customContainerConfig": {"image": "localhost/a:1", "command": ["node", "a b"], "args": "[\"-v\"]"}});
    let kept = wire.call("PUT", F1).json(set).ok().await.json();
    let config = &kept["customContainerConfig"];
    assert_eq!(
        (&config["image"], &config["command"], &config["args"]),
        (&json!("localhost/a:1"), &json!(r#"["node","a b"]"#), &json!(r#"["-v"]"#))
    );
    let wrong = json!({"customContainerConfig": {"image": "a", "command": 7}});
    wire.call("PUT", F1).json(wrong).refused(400, "InvalidArgument").await;
}

#[tokio::test]
async fn get_update_list_and_delete_function() {
    let wire = Wire::with_function().await;
    assert_snapshot!("get_function", wire.call("GET", F1).send().await.text());
    let change = json!({"InstanceConcurrency": 5, "description": "x", "environmentVariables": {"A": "b"}});
    assert_snapshot!("update_function", wire.call("PUT", F1).json(change).send().await.text());
    let kept = wire.call("PUT", F1).json(json!({"timeout": 9})).ok().await.json();
    assert_eq!((&kept["environmentVariables"], &kept["timeout"]), (&json!({"A": "b"}), &json!(9)));
    let cleared = wire.call("PUT", F1).json(json!({"environmentVariables": {}})).ok().await.json();
    assert_eq!(cleared["environmentVariables"], json!({}));
    assert_snapshot!("list_functions", wire.call("GET", FUNCTIONS).send().await.text());
    assert_snapshot!("delete_function", wire.call("DELETE", F1).send().await.text());
    wire.call("GET", F1).refused(404, "FunctionNotFound").await;
}

#[tokio::test]
async fn update_function_takes_new_code() {
    let wire = Wire::with_function().await;
    let updated = wire.call("PUT", F1).json(json!({"code": {"zipFile": "YWJj"}})).ok().await.json();
    assert_eq!(updated["codeSize"], 3);
}

#[tokio::test]
async fn if_match_guards_changes_of_functions() {
    let wire = Wire::with_function().await;
    let etag = wire.call("GET", F1).ok().await.header("etag").unwrap().to_owned();
    wire.call("PUT", F1).header("if-match", "another").json(json!({"timeout": 9})).refused(412, "PreconditionFailed").await;
    wire.call("DELETE", F1).header("if-match", "another").refused(412, "PreconditionFailed").await;
    wire.call("PUT", F1).header("if-match", &etag).json(json!({"timeout": 9})).ok().await;
}

#[tokio::test]
async fn functions_that_cannot_be_made() {
    let wire = Wire::with_function().await;
    let check = async |body: Value, status, code, message: &str| {
        let actual = wire.call("POST", FUNCTIONS).json(body.clone()).refused(status, code).await;
        assert!(actual.starts_with(message), "{body}: {actual}");
    };
    check(json!({}), 400, "InvalidArgument", "member 'functionName' is required").await;
    check(with("code", Value::Null), 400, "InvalidArgument", "member 'code' is required").await;
    check(with("code", json!({})), 400, "InvalidArgument", "member 'code.zipFile' is required").await;
    check(with("code", json!({"zipFile": "%"})), 400, "InvalidArgument", "member 'code.zipFile' is set to an invalid value").await;
    let bucket = json!({"ossBucketName": "b", "ossObjectName": "o"});
    check(with("code", bucket), 400, "InvalidArgument", "code from object storage is not supported here").await;
    check(with("runtime", Value::Null), 400, "InvalidArgument", "member 'runtime' is required").await;
    check(with("runtime", json!("cobol")), 400, "InvalidArgument", "Runtime is set to an invalid value").await;
    check(with("handler", Value::Null), 400, "InvalidArgument", "member 'handler' is required").await;
    check(with("timeout", json!(0)), 400, "InvalidArgument", "Timeout is set to an invalid value").await;
    check(with("timeout", json!(-1)), 400, "InvalidArgument", "member 'timeout' is set to an invalid value").await;
    check(with("functionName", json!("f1")), 409, "FunctionAlreadyExists", "function 'f1' already exists in service 'demo'").await;
    wire.call("POST", "/services/none/functions").json(function("f")).refused(404, "ServiceNotFound").await;
}

#[tokio::test]
async fn code_checksum_is_verified_when_sent() {
    let wire = Wire::with_function().await;
    let create = |sum: &str| wire.call("POST", FUNCTIONS).header("x-fc-code-checksum", sum).json(function("f2"));
    let message = create("1").refused(400, "InvalidArgument").await;
    assert_eq!(message, "X-Fc-Code-Checksum is '1', but the CRC-64 of the archive received is '11051210869376104954'");
    wire.call("GET", "/services/demo/functions/f2").refused(404, "FunctionNotFound").await;
    create("11051210869376104954").ok().await;
    let update = wire.call("PUT", F1).header("x-fc-code-checksum", "1").json(json!({"code": {"zipFile": "YWJj"}}));
    update.refused(400, "InvalidArgument").await;
}
