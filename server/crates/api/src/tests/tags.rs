//! Tags, account settings, and what this server has not.

use super::wire::Wire;
use insta::assert_snapshot;
use serde_json::{Value, json};

async fn with_services(names: &[&str]) -> Wire {
    let wire = Wire::new();
    for name in names {
        wire.call("POST", "/services").json(json!({"serviceName": name})).ok().await;
    }
    wire
}

const FULL: &str = "acs:fc:cn-hangzhou:1000000000000001:services/demo";

#[tokio::test]
async fn i5_tag_get_list_and_untag() {
    let wire = with_services(&["demo", "other"]).await;
    let tag = |arn: &str, tags: Value| json!({"resourceArn": arn, "tags": tags});
    let tagged = wire.call("POST", "/tag").json(tag("services/demo", json!({"k": "v", "empty": null}))).send().await;
    assert_snapshot!("tag_resource", tagged.text());
    wire.call("POST", "/tag").json(tag(FULL, json!({"K": "2"}))).ok().await;
    assert_snapshot!("get_resource_tags", wire.call("GET", "/tag?resourceArn=services%2Fdemo").send().await.text());
    assert_snapshot!("list_tagged_resources", wire.call("GET", "/tags").send().await.text());
    let of = async || wire.call("GET", "/tag?resourceArn=services%2Fdemo").ok().await.json()["tags"].clone();
    // Each edition takes tags off by its own method; keys go before `all`.
    let untag = |keys: Value, all: bool| json!({"resourceArn": "services/demo", "tagKeys": keys, "all": all});
    let untagged = wire.call("PUT", "/tag").json(untag(json!(["k"]), true)).send().await;
    assert_snapshot!("untag_resource", untagged.text());
    assert_eq!(of().await, json!({"K": "2", "empty": ""}));
    let answer = wire.legacy("DELETE", "/tag").json(untag(json!(["K"]), false)).ok().await;
    assert_eq!(answer.json()["requestId"].as_str(), answer.header("x-fc-request-id"));
    assert_eq!(of().await, json!({"empty": ""}));
    wire.legacy("DELETE", "/tag").json(untag(Value::Null, true)).ok().await;
    assert_eq!(of().await, json!({}));
}

#[tokio::test]
async fn i5_services_are_listed_by_tag() {
    let wire = with_services(&["a", "b", "c"]).await;
    for name in ["a", "c"] {
        let tags = json!({"team": "x y", "n": name});
        wire.call("POST", "/tag").json(json!({"resourceArn": format!("services/{name}"), "tags": tags})).ok().await;
    }
    let names = async |query: &str| {
        let page = wire.legacy("GET", &format!("/services?{query}")).ok().await.json();
        page["services"].as_array().unwrap().iter().map(|service| service["serviceName"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("tag_team=x+y").await, ["a", "c"]);
    assert_eq!(names("tag_team=x%20y&tag_n=c").await, ["c"]);
    assert_eq!(names("tag_team=z").await, Vec::<Value>::new());
    assert_eq!(names("limit=10").await, ["a", "b", "c"]);
}

#[tokio::test]
async fn i5_tags_that_cannot_be_set() {
    let wire = with_services(&["demo"]).await;
    let check = async |body: Value, status, code: &str, part: &str| {
        let message = wire.call("POST", "/tag").json(body.clone()).refused(status, code).await;
        assert!(message.contains(part), "{body}: {message}");
    };
    let tags = json!({"k": "v"});
    check(json!({"tags": tags}), 400, "InvalidArgument", "member 'resourceArn' is required").await;
    check(json!({"resourceArn": "services/demo"}), 400, "InvalidArgument", "actual: none").await;
    check(json!({"resourceArn": "services/none", "tags": tags}), 404, "ServiceNotFound", "'none'").await;
    check(json!({"resourceArn": "services/demo/functions/f", "tags": tags}), 400, "InvalidArgument", "only services have tags").await;
    check(json!({"resourceArn": "acs:fc:cn-hangzhou", "tags": tags}), 400, "InvalidArgument", "ResourceArn").await;
    check(json!({"resourceArn": "acs:fc::2:services/demo", "tags": tags}), 403, "AccessDenied", "account '2'").await;
    check(json!({"resourceArn": "acs:fc:mars::services/demo", "tags": tags}), 404, "RegionNotFound", "'mars'").await;
    let message = wire.call("PUT", "/tag").json(json!({"resourceArn": FULL, "tagKeys": []})).refused(400, "InvalidArgument").await;
    assert_eq!(message, "member 'tagKeys' is required unless 'all' is true");
    wire.call("GET", "/tag").refused(400, "InvalidArgument").await;
}

#[tokio::test]
async fn i5_account_settings_and_reserved_capacities() {
    let wire = Wire::new();
    assert_snapshot!("get_account_settings", wire.call("GET", "/account-settings").send().await.text());
    assert_snapshot!("list_reserved_capacities", wire.call("GET", "/reserved-capacities?limit=5").send().await.text());
    let legacy = wire.legacy("GET", "/reservedCapacities").ok().await.json();
    assert_eq!(legacy, json!({"reservedCapacities": [], "nextToken": ""}));
    wire.call("GET", "/account-settings").header("x-fc-region", "mars").refused(404, "RegionNotFound").await;
    wire.legacy("GET", "/reserved-capacities").refused(400, "PathNotSupported").await;
}

#[tokio::test]
async fn i5_what_is_not_here_says_so() {
    let wire = Wire::new();
    let check = async |method: &str, path: &str, what: &str| {
        let message = wire.call(method, path).refused(400, "PathNotSupported").await;
        assert_eq!(message, format!("'{method}' against '/2021-04-06{path}' is not supported: there are no {what}"));
        wire.legacy(method, path).refused(400, "PathNotSupported").await;
    };
    check("POST", "/services/demo/bindings", "VPC bindings").await;
    check("DELETE", "/services/demo/bindings/vpc-1", "VPC bindings").await;
    check("GET", "/services/demo/functions/f1/event-sources", "event sources").await;
    check("DELETE", "/services/demo/functions/f1/event-sources/a%2Fb", "event sources").await;
    check("POST", "/gpuInstances", "GPU instances").await;
    check("GET", "/services/demo/tempCodeBucketToken", "object storage; send code packages in code.zipFile").await;
}
