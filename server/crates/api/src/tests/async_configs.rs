use super::wire::Wire;
use insta::assert_snapshot;
use serde_json::{Value, json};

const CONFIG: &str = "/services/demo/functions/f1/async-invoke-config";

#[tokio::test]
async fn put_get_list_and_delete_async_config() {
    let wire = Wire::with_function().await;
    wire.call("GET", CONFIG).refused(404, "AsyncConfigNotExists").await;
    let body = json!({
        "StatefulInvocation": true, "maxAsyncRetryAttempts": 1, "MaxAsyncEventAgeInSeconds": 3600,
        "DestinationConfig": {"OnSuccess": {"Destination": "acs:fc:::services/s/functions/ok"}},
    });
    assert_snapshot!("put_async_config", wire.call("PUT", &format!("{CONFIG}?qualifier=LATEST")).json(body).send().await.text());
    assert_snapshot!("get_async_config", wire.call("GET", CONFIG).send().await.text());
    let configs = "/services/demo/functions/f1/async-invoke-configs";
    assert_snapshot!("list_async_configs", wire.call("GET", configs).send().await.text());
    assert_snapshot!("delete_async_config", wire.call("DELETE", CONFIG).send().await.text());
    wire.call("DELETE", CONFIG).refused(404, "AsyncConfigNotExists").await;
}

#[tokio::test]
async fn members_not_sent_keep_their_value_and_unset_ones_are_null() {
    let wire = Wire::with_function().await;
    let put = async |body: Value| wire.call("PUT", CONFIG).json(body).ok().await.json();
    let empty = put(json!({})).await;
    for member in ["statefulInvocation", "maxAsyncRetryAttempts", "maxAsyncEventAgeInSeconds", "destinationConfig"] {
        assert_eq!(empty.get(member), Some(&Value::Null), "{member}");
    }
    put(json!({"maxAsyncRetryAttempts": 0, "destinationConfig": {"onFailure": {"destination": "acs:x"}}})).await;
    let kept = put(json!({"statefulInvocation": true})).await;
    assert_eq!(kept["maxAsyncRetryAttempts"], 0);
    assert_eq!(kept["destinationConfig"], json!({"onSuccess": null, "onFailure": {"destination": "acs:x"}}));
    let removed = put(json!({"destinationConfig": {"onFailure": {"destination": ""}}})).await;
    assert_eq!(removed["destinationConfig"], Value::Null);
}

#[tokio::test]
async fn values_outside_their_range_are_refused() {
    let wire = Wire::with_function().await;
    let check = async |member: &str, value: Value, fits: bool| {
        let answer = wire.call("PUT", CONFIG).json(json!({member: value})).send().await;
        assert_eq!(answer.status.as_u16(), if fits { 200 } else { 400 }, "{member}: {}", answer.text());
    };
    check("maxAsyncRetryAttempts", json!(8), true).await;
    check("maxAsyncRetryAttempts", json!(9), false).await;
    check("maxAsyncRetryAttempts", json!(-1), false).await;
    check("maxAsyncEventAgeInSeconds", json!(0), false).await;
    check("maxAsyncEventAgeInSeconds", json!(1), true).await;
    check("maxAsyncEventAgeInSeconds", json!(2_592_000), true).await;
    check("maxAsyncEventAgeInSeconds", json!(2_592_001), false).await;
    check("statefulInvocation", json!("maybe"), false).await;
}

#[tokio::test]
async fn a_qualifier_that_does_not_exist_cannot_be_configured() {
    let wire = Wire::with_function().await;
    wire.call("PUT", &format!("{CONFIG}?qualifier=prod")).json(json!({})).refused(404, "AliasNotFound").await;
    wire.call("GET", &format!("{CONFIG}?qualifier=prod")).refused(404, "AsyncConfigNotExists").await;
    wire.call("PUT", "/services/demo/functions/none/async-invoke-config").json(json!({})).refused(404, "FunctionNotFound").await;
}
