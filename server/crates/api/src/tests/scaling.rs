//! Limits and minimums of instances on the wire (`fc-api.md` 3.6).

use super::wire::{Wire, function};
use insta::assert_snapshot;
use serde_json::{Value, json};

const LIMIT: &str = "/services/demo/functions/f1/on-demand-config";
const MINIMUM: &str = "/services/demo/functions/f1/provision-config";

#[tokio::test]
async fn i3_5_put_get_list_and_delete_on_demand_config() {
    let wire = Wire::with_function().await;
    wire.call("GET", LIMIT).refused(404, "OnDemandConfigNotFound").await;
    let put = wire.call("PUT", &format!("{LIMIT}?qualifier=LATEST")).json(json!({"MaximumInstanceCount": 3})).send().await;
    assert_snapshot!("put_on_demand_config", put.text());
    let etag = put.header("etag").unwrap();
    assert_snapshot!("get_on_demand_config", wire.call("GET", LIMIT).send().await.text());
    let change = |given: &str| wire.call("PUT", LIMIT).header("if-match", given).json(json!({"maximumInstanceCount": 4}));
    change("another").refused(412, "PreconditionFailed").await;
    let newer = change(&format!("\"{etag}\"")).ok().await.header("etag").unwrap().to_owned();
    assert_ne!(newer, etag);
    assert_snapshot!("list_on_demand_configs", wire.call("GET", "/on-demand-configs?prefix=services%2Fdemo.").send().await.text());
    assert_eq!(wire.call("GET", "/on-demand-configs?prefix=services%2Fother.").ok().await.json(), json!({"configs": [], "nextToken": ""}));
    wire.call("DELETE", LIMIT).header("if-match", etag).refused(412, "PreconditionFailed").await;
    assert_snapshot!("delete_on_demand_config", wire.call("DELETE", LIMIT).header("if-match", &newer).send().await.text());
    wire.call("DELETE", LIMIT).refused(404, "OnDemandConfigNotFound").await;
}

#[tokio::test]
async fn i3_5_limits_of_instances_that_are_refused() {
    let wire = Wire::with_function().await;
    for body in
        [json!({}), json!({"maximumInstanceCount": 0}), json!({"maximumInstanceCount": -1}), json!({"maximumInstanceCount": 10_001})]
    {
        wire.call("PUT", LIMIT).json(body).refused(400, "InvalidArgument").await;
    }
    let body = json!({"maximumInstanceCount": 1});
    wire.call("PUT", &format!("{LIMIT}?qualifier=prod")).json(body.clone()).refused(404, "AliasNotFound").await;
    wire.call("PUT", "/services/demo/functions/none/on-demand-config").json(body).refused(404, "FunctionNotFound").await;
}

#[tokio::test]
async fn i4_2_put_get_and_list_provision_config() {
    let wire = Wire::with_function().await;
    wire.call("POST", "/services/demo/functions").json(function("f2")).ok().await;
    wire.call("GET", &format!("{MINIMUM}?qualifier=LATEST")).refused(404, "ProvisionConfigNotFound").await;
    let action = json!({
        "name": "evening", "startTime": "2026-11-25T00:00:00Z", "endTime": "2026-12-25T00:00:00Z", "target": 5,
        "scheduleExpression": "cron(0 0 20 * * *)",
    });
    let body = json!({"Target": 2, "alwaysAllocateCPU": "False", "scheduledActions": [action]});
    let put = wire.call("PUT", &format!("{MINIMUM}?qualifier=LATEST")).json(body).send().await;
    assert_snapshot!("put_provision_config", put.text());
    assert!(put.header("etag").is_some());
    assert_snapshot!("get_provision_config", wire.call("GET", &format!("{MINIMUM}?qualifier=LATEST")).send().await.text());
    wire.call("PUT", "/services/demo/functions/f2/provision-config").json(json!({"target": 1})).ok().await;
    assert_snapshot!("list_provision_configs", wire.call("GET", "/provision-configs?limit=1").send().await.text());
    let count = async |query: &str| wire.call("GET", &format!("/provision-configs?{query}")).ok().await.json()["provisionConfigs"].clone();
    assert_eq!(count("nextToken=demo%23LATEST%23f2&qualifier=LATEST&serviceName=demo").await.as_array().map(Vec::len), Some(1));
    assert_eq!(count("serviceName=other").await, json!([]));
    wire.call("PUT", MINIMUM).header("if-match", "another").json(json!({"target": 3})).refused(412, "PreconditionFailed").await;
}

#[tokio::test]
async fn i4_2_minimums_of_instances_that_are_refused() {
    let wire = Wire::with_function().await;
    let with = |member: &str, value: Value| {
        let mut body = json!({"target": 1});
        body[member] = value;
        body
    };
    for body in [json!({}), with("target", json!(-1)), with("target", json!(10_001)), with("scheduledActions", json!({}))] {
        wire.call("PUT", MINIMUM).json(body).refused(400, "InvalidArgument").await;
    }
}
