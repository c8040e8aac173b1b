//! Versions and aliases on the wire, and qualifiers in query and path (`fc-api.md` 1.3, 3.4).

use super::wire::{Wire, function};
use insta::assert_snapshot;
use model::{InvocationResult, Qualifier};
use serde_json::{Value, json};

const VERSIONS: &str = "/services/demo/versions";
const ALIASES: &str = "/services/demo/aliases";

/// With function `f1` in version 1, `f1` and `f2` in version 2, and the alias `prod` of version 1.
async fn with_versions() -> Wire {
    let wire = Wire::with_function().await;
    wire.call("POST", VERSIONS).json(json!({"description": "first"})).ok().await;
    wire.call("POST", "/services/demo/functions").json(function("f2")).ok().await;
    wire.call("PUT", "/services/demo/functions/f1").json(json!({"description": "later"})).ok().await;
    wire.call("POST", VERSIONS).ok().await;
    wire.call("POST", ALIASES).json(json!({"aliasName": "prod", "versionId": "1"})).ok().await;
    wire
}

#[tokio::test]
async fn publish_list_and_delete_versions() {
    let wire = Wire::with_function().await;
    let publish = |description: &str| wire.call("POST", VERSIONS).json(json!({"Description": description}));
    assert_snapshot!("publish_version", publish("first ä").send().await.text());
    publish("again").refused(400, "InvalidArgument").await;
    let ignored = publish("again").header("x-fc-ignore-version-publish-error", "True").ok().await.json();
    assert_eq!((&ignored["versionId"], &ignored["description"]), (&json!("1"), &json!("first ä")));
    wire.call("POST", "/services/demo/functions").json(function("f2")).ok().await;
    publish("").header("if-match", "another").refused(412, "PreconditionFailed").await;
    let etag = wire.call("GET", "/services/demo").ok().await.header("etag").unwrap().to_owned();
    // A body is not needed.
    let second = wire.call("POST", VERSIONS).header("if-match", &format!("\"{etag}\"")).ok().await.json();
    assert_eq!((&second["versionId"], &second["description"]), (&json!("2"), &json!("")));
    assert_snapshot!("list_versions", wire.call("GET", VERSIONS).send().await.text());
    let check = async |query: &str, expected: &[&str], token: &str, direction: &str| {
        let page = wire.call("GET", &format!("{VERSIONS}{query}")).ok().await.json();
        let ids: Vec<&str> = page["versions"].as_array().unwrap().iter().map(|version| version["versionId"].as_str().unwrap()).collect();
        assert_eq!(
            (ids.as_slice(), page["nextToken"].as_str(), page["direction"].as_str()),
            (expected, Some(token), Some(direction)),
            "{query}"
        );
    };
    check("?limit=1&nextToken=", &["2"], "1", "BACKWARD").await;
    check("?limit=1&nextToken=1", &["1"], "", "BACKWARD").await;
    check("?direction=FORWARD&limit=1", &["1"], "2", "FORWARD").await;
    check("?direction=forward&startKey=2", &["2"], "", "FORWARD").await;
    wire.call("GET", &format!("{VERSIONS}?direction=UP")).refused(400, "InvalidArgument").await;
    wire.call("GET", &format!("{VERSIONS}?nextToken=x")).refused(400, "InvalidArgument").await;
    assert_snapshot!("delete_version", wire.call("DELETE", &format!("{VERSIONS}/1")).send().await.text());
    wire.call("DELETE", &format!("{VERSIONS}/1")).refused(404, "VersionNotFound").await;
    wire.call("DELETE", &format!("{VERSIONS}/LATEST")).refused(400, "InvalidArgument").await;
    wire.call("POST", "/services/none/versions").refused(404, "ServiceNotFound").await;
}

#[tokio::test]
async fn create_get_update_list_and_delete_aliases() {
    let wire = with_versions().await;
    let body = json!({"aliasName": "beta", "VersionId": "1", "description": "d", "additionalVersionWeight": {"2": 0.05}});
    let created = wire.call("POST", ALIASES).json(body.clone()).send().await;
    assert_snapshot!("create_alias", created.text());
    let etag = created.header("etag").unwrap();
    wire.call("POST", ALIASES).json(body).refused(409, "AliasAlreadyExists").await;
    assert_snapshot!("get_alias", wire.call("GET", &format!("{ALIASES}/prod")).send().await.text());
    let update = |given: &str, body: Value| wire.call("PUT", &format!("{ALIASES}/beta")).header("if-match", given).json(body);
    update("another", json!({})).refused(412, "PreconditionFailed").await;
    // What is not sent stays.
    let kept = update(etag, json!({"description": "new"})).ok().await.json();
    assert_eq!((&kept["description"], &kept["additionalVersionWeight"]), (&json!("new"), &json!({"2": 0.05})));
    let cleared = update("*", json!({"versionId": "2", "additionalVersionWeight": {}})).ok().await.json();
    assert_eq!((&cleared["versionId"], &cleared["additionalVersionWeight"]), (&json!("2"), &json!({})));
    assert_snapshot!("list_aliases", wire.call("GET", &format!("{ALIASES}?limit=1&prefix=b")).send().await.text());
    wire.call("DELETE", &format!("{VERSIONS}/2")).refused(409, "QualifierInUse").await;
    wire.call("DELETE", &format!("{ALIASES}/beta")).header("if-match", etag).refused(412, "PreconditionFailed").await;
    assert_snapshot!("delete_alias", wire.call("DELETE", &format!("{ALIASES}/beta")).send().await.text());
    wire.call("GET", &format!("{ALIASES}/beta")).refused(404, "AliasNotFound").await;
}

#[tokio::test]
async fn aliases_that_cannot_be_made() {
    let wire = with_versions().await;
    let check = async |body: Value, status, code, part: &str| {
        let message = wire.call("POST", ALIASES).json(body.clone()).refused(status, code).await;
        assert!(message.contains(part), "{body}: {message}");
    };
    let with = |member: &str, value: Value| {
        let mut body = json!({"aliasName": "a", "versionId": "1"});
        body[member] = value;
        body
    };
    check(json!({"versionId": "1"}), 400, "InvalidArgument", "'aliasName' is required").await;
    check(json!({"aliasName": "a"}), 400, "InvalidArgument", "'versionId' is required").await;
    check(with("aliasName", json!("LATEST")), 400, "InvalidArgument", "AliasName").await;
    check(with("aliasName", json!("1st")), 400, "InvalidArgument", "AliasName").await;
    check(with("versionId", json!("LATEST")), 400, "InvalidArgument", "VersionId").await;
    check(with("versionId", json!("7")), 404, "VersionNotFound", "version '7'").await;
    check(with("additionalVersionWeight", json!({"1": 0.5})), 400, "AdditionalVersionContainsMajorVersion", "'1'").await;
    check(with("additionalVersionWeight", json!({"7": 0.5})), 404, "VersionNotFound", "version '7'").await;
    check(with("additionalVersionWeight", json!({"2": 1.5})), 400, "InvalidArgument", "allowed: 0 to 1").await;
    check(with("additionalVersionWeight", json!({"2": 0.1, "3": 0.1})), 400, "InvalidArgument", "one version").await;
    check(with("resolvePolicy", json!("Content")), 400, "InvalidArgument", "Random").await;
}

#[tokio::test]
async fn a_qualifier_shows_service_functions_and_code_as_they_were() {
    let wire = with_versions().await;
    wire.call("PUT", "/services/demo").json(json!({"description": "newest"})).ok().await;
    let get = async |path: &str| wire.call("GET", path).ok().await.json();
    for (query, description) in [("", "newest"), ("?qualifier=LATEST", "newest"), ("?qualifier=1", ""), ("?qualifier=prod", "")] {
        assert_eq!(get(&format!("/services/demo{query}")).await["description"], description, "{query}");
    }
    let f1 = async |at: &str| get(&format!("/services/demo{at}")).await["description"].clone();
    for (at, description) in [
        ("/functions/f1", "later"),
        ("/functions/f1?qualifier=2", "later"),
        ("/functions/f1?qualifier=1", ""),
        (".prod/functions/f1", ""),
        (".1/functions/f1", ""),
        (".LATEST/functions/f1", "later"),
        ("./functions/f1", "later"),
        (".1/functions/f1?qualifier=1", ""),
    ] {
        assert_eq!(f1(at).await, description, "{at}");
    }
    wire.call("GET", "/services/demo.1/functions/f1?qualifier=2").refused(400, "InvalidArgument").await;
    wire.call("GET", "/services/demo/functions/f2?qualifier=prod").refused(404, "FunctionNotFound").await;
    let names = async |query: &str| {
        let page = get(&format!("/services/demo/functions{query}")).await;
        page["functions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|function| function["functionName"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!((names("?qualifier=1").await, names("?qualifier=2").await), (vec!["f1".to_owned()], vec!["f1".to_owned(), "f2".to_owned()]));
    // The link of a version still leads to its code when there is other code by then.
    let link = get("/services/demo/functions/f1/code?qualifier=prod").await["url"].as_str().unwrap().to_owned();
    let target = link.strip_prefix("http://127.0.0.1:3000").unwrap().to_owned();
    assert!(target.starts_with("/2021-04-06/code/cn-hangzhou/demo.prod/f1/"), "{target}");
    wire.call("PUT", "/services/demo/functions/f1").json(json!({"code": {"zipFile": "b3RoZXI="}})).ok().await;
    assert_eq!(wire.raw("GET", &target).ok().await.body, "123456789");
}

#[tokio::test]
async fn an_invocation_names_its_qualifier_in_query_or_path() {
    let wire = with_versions().await;
    wire.double.kept().result = Some(InvocationResult {
        body: b"ok".to_vec(),
        http: None,
        error: None,
        duration_ms: 1,
        instance_id: None,
        log_tail: String::new(),
        code_checksum: "1".to_owned(),
        runtime_note: None,
    });
    let invoked = ["/services/demo/functions/f1/invocations?qualifier=prod", "/services/demo.1/functions/f1/invocations"];
    for path in invoked {
        wire.call("POST", path).ok().await;
        wire.call("POST", path).header("x-fc-invocation-type", "Async").ok().await;
    }
    let kept = wire.double.kept();
    let asked: Vec<Qualifier> = kept.invoked.iter().map(|request| request.qualifier.clone()).collect();
    assert_eq!(asked, ["prod", "1"].map(Qualifier::from_stored));
    let submitted: Vec<Qualifier> = kept.submitted.iter().map(|request| request.qualifier.clone()).collect();
    assert_eq!(submitted, asked);
}

#[tokio::test]
async fn i3_2_each_qualifier_is_configured_and_listed_by_itself() {
    let wire = with_versions().await;
    let at = |qualifier: &str| format!("/services/demo/functions/f1/async-invoke-config?qualifier={qualifier}");
    wire.call("PUT", &at("prod")).json(json!({"statefulInvocation": true, "maxAsyncRetryAttempts": 1})).ok().await;
    wire.call("PUT", "/services/demo.2/functions/f1/async-invoke-config").json(json!({"maxAsyncRetryAttempts": 2})).ok().await;
    wire.call("GET", "/services/demo/functions/f1/async-invoke-config").refused(404, "AsyncConfigNotExists").await;
    for (qualifier, retries) in [("prod", 1), ("2", 2)] {
        let config = wire.call("GET", &at(qualifier)).ok().await.json();
        assert_eq!((&config["qualifier"], &config["maxAsyncRetryAttempts"]), (&json!(qualifier), &json!(retries)));
    }
    let page = wire.call("GET", "/services/demo/functions/f1/async-invoke-configs").ok().await.json();
    let listed: Vec<&Value> = page["configs"].as_array().unwrap().iter().map(|config| &config["qualifier"]).collect();
    assert_eq!(listed, [&json!("2"), &json!("prod")]);
    let tasks = "/services/demo.prod/functions/f1/stateful-async-invocations";
    wire.call("GET", tasks).ok().await;
    assert_eq!(wire.double.kept().filters[0].qualifier, Some(Qualifier::from_stored("prod")));
    let functions = wire.call("GET", "/stateful-async-invocation-functions").ok().await.json();
    assert_eq!(functions["data"], json!([{"serviceName": "demo", "functionName": "f1", "qualifier": "prod"}]));
    wire.call("DELETE", &at("prod")).ok().await;
    wire.call("GET", &at("prod")).refused(404, "AsyncConfigNotExists").await;
}
