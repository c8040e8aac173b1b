use super::wire::Wire;
use insta::assert_snapshot;
use serde_json::{Value, json};

const TRIGGERS: &str = "/services/demo/functions/f1/triggers";
const NIGHTLY: &str = "/services/demo/functions/f1/triggers/nightly";

/// The body of a CreateTrigger with a time trigger.
fn timer(config: Value) -> Value {
    json!({"triggerName": "nightly", "triggerType": "timer", "triggerConfig": config, "description": "d"})
}

fn daily() -> Value {
    // As the SDKs send it: JSON as text, here with a member's name in another case.
    Value::String(json!({"cronExpression": "0 0 4 * * *", "Enable": true, "payload": "p"}).to_string())
}

#[tokio::test]
async fn create_get_update_list_and_delete_trigger() {
    let wire = Wire::with_function().await;
    wire.call("GET", NIGHTLY).refused(404, "TriggerNotFound").await;
    assert_snapshot!("create_trigger", wire.call("POST", TRIGGERS).json(timer(daily())).send().await.text());
    assert_snapshot!("get_trigger", wire.call("GET", NIGHTLY).send().await.text());
    let change = json!({"triggerConfig": "{\"enable\":false}", "qualifier": ""});
    assert_snapshot!("update_trigger", wire.call("PUT", NIGHTLY).json(change).send().await.text());
    assert_snapshot!("list_triggers", wire.call("GET", TRIGGERS).send().await.text());
    assert_snapshot!("delete_trigger", wire.call("DELETE", NIGHTLY).send().await.text());
    wire.call("DELETE", NIGHTLY).refused(404, "TriggerNotFound").await;
}

#[tokio::test]
async fn triggers_of_every_kind_are_kept_as_sent() {
    let wire = Wire::with_function().await;
    let check = async |kind: &str, config: Value, stored: Value, source: Value| {
        let body = json!({"triggerName": kind, "triggerType": kind, "triggerConfig": config, "sourceArn": "acs:x"});
        let made = wire.call("POST", TRIGGERS).json(body).ok().await.json();
        let text = made["triggerConfig"].as_str().unwrap();
        assert_eq!((serde_json::from_str::<Value>(text).unwrap(), &made["sourceArn"]), (stored, &source), "{kind}");
    };
    // An object is taken too.
    let http = json!({"authType": "anonymous", "methods": ["GET"], "disableURLInternet": true});
    check("http", http.clone(), http, Value::Null).await;
    let oss = json!({"events": ["oss:ObjectCreated:*"], "filter": {"Key": {"Prefix": "", "Suffix": ""}}});
    check("oss", Value::String(oss.to_string()), oss, json!("acs:x")).await;
    check("tablestore", Value::Null, json!({}), json!("acs:x")).await;
    for kind in ["log", "mns_topic", "cdn_events", "eventbridge", "rds"] {
        check(kind, json!({"a": [1]}), json!({"a": [1]}), json!("acs:x")).await;
    }
}

#[tokio::test]
async fn if_match_guards_changes_of_triggers() {
    let wire = Wire::with_function().await;
    let made = wire.call("POST", TRIGGERS).json(timer(daily())).ok().await;
    let etag = made.header("etag").unwrap().to_owned();
    wire.call("PUT", NIGHTLY).header("if-match", "another").json(json!({})).refused(412, "PreconditionFailed").await;
    wire.call("DELETE", NIGHTLY).header("if-match", "another").refused(412, "PreconditionFailed").await;
    wire.call("PUT", NIGHTLY).header("if-match", &etag).json(json!({"description": "x"})).ok().await;
}

#[tokio::test]
async fn triggers_that_cannot_be_made() {
    let wire = Wire::with_function().await;
    let check = async |body: Value, status, code, message: &str| {
        let actual = wire.call("POST", TRIGGERS).json(body.clone()).refused(status, code).await;
        assert!(actual.starts_with(message), "{body}: {actual}");
    };
    check(json!({}), 400, "InvalidArgument", "member 'triggerName' is required").await;
    check(json!({"triggerName": "1x"}), 400, "InvalidArgument", "TriggerName is set to an invalid value").await;
    check(json!({"triggerName": "x"}), 400, "InvalidArgument", "member 'triggerType' is required").await;
    check(json!({"triggerName": "x", "triggerType": "cron"}), 400, "InvalidArgument", "TriggerType is set to an invalid value").await;
    check(timer(json!("{")), 400, "InvalidArgument", "member 'triggerConfig' does not hold valid JSON").await;
    check(timer(json!("[]")), 400, "InvalidArgument", "member 'triggerConfig' must hold a JSON object").await;
    check(timer(Value::Null), 400, "InvalidArgument", "member 'triggerConfig.cronExpression' is required").await;
    wire.call("POST", TRIGGERS).json(timer(daily())).ok().await;
    wire.call("POST", TRIGGERS).json(timer(daily())).refused(409, "TriggerAlreadyExists").await;
    wire.call("GET", "/services/demo/functions/none/triggers").refused(404, "FunctionNotFound").await;
    wire.call("GET", "/services/none/functions/f1/triggers").refused(404, "ServiceNotFound").await;
}
