//! Log lines of tasks, our own operation.

use super::{exchanges::world, wire::Wire};
use serde_json::{Value, json};

const LOGS: &str = "/services/demo/functions/f1/stateful-async-invocations/job-1/logs";

async fn read(wire: &Wire, query: &str) -> (Vec<Value>, Value, Value) {
    let page = wire.call("GET", &format!("{LOGS}{query}")).ok().await.json();
    let numbers = page["logs"].as_array().unwrap().iter().map(|line| line["lineNumber"].clone()).collect();
    (numbers, page["nextToken"].clone(), page["nextLine"].clone())
}

#[tokio::test]
async fn i5_a_log_is_read_page_by_page_and_gone_on_with_later() {
    let wire = world().await;
    assert_eq!(read(&wire, "").await, (vec![json!(0), json!(1), json!(2)], json!(""), json!(3)));
    assert_eq!(read(&wire, "?limit=2").await, (vec![json!(0), json!(1)], json!("2"), json!(2)));
    assert_eq!(read(&wire, "?limit=2&nextToken=2").await, (vec![json!(2)], json!(""), json!(3)));
    // At the end, until there is more.
    assert_eq!(read(&wire, "?startLine=3").await, (vec![], json!(""), json!(3)));
    let line = wire.double.kept().log[0].clone();
    wire.double.kept().log.push(line);
    assert_eq!(read(&wire, "?startLine=3").await, (vec![json!(3)], json!(""), json!(4)));
}

#[tokio::test]
async fn i5_a_log_is_searched() {
    let wire = world().await;
    assert_eq!(read(&wire, "?level=INFO").await, (vec![json!(1)], json!(""), json!(2)));
    assert_eq!(read(&wire, "?text=gr%C3%B6%C3%9Fe").await.0, [json!(1)]);
    assert_eq!(read(&wire, "?text=none").await, (vec![], json!(""), json!(0)));
    assert_eq!(read(&wire, "?from=1795521600002").await.0, [json!(2)]);
}

#[tokio::test]
async fn i5_logs_that_cannot_be_had() {
    let wire = world().await;
    let refused = async |query: &str| wire.call("GET", &format!("{LOGS}{query}")).refused(400, "InvalidArgument").await;
    refused("?limit=0").await;
    refused("?level=LOUD").await;
    refused("?startLine=-1").await;
    refused("?startLine=18446744073709551615").await;
    refused("?nextToken=tomorrow").await;
    refused("?startLine=1&text=x").await;
    let missing = "StatefulAsyncInvocationNotFound";
    wire.call("GET", &LOGS.replace("job-1", "none")).refused(404, missing).await;
    wire.call("GET", &format!("{LOGS}?qualifier=1")).refused(404, missing).await;
    wire.call("GET", &LOGS.replace("f1", "none")).refused(404, "FunctionNotFound").await;
}
