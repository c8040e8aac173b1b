//! Each operation once: its request and its answer as a golden file, both of them as the OpenAPI document says.

use super::{
    double::NOW,
    instances::instance,
    openapi::{Documented, documented},
    tasks::task,
    wire::{Call, Wire, function},
};
use model::{InstanceState, InvocationResult, LogLine, LogStream, TaskStatus};
use serde_json::{Value, json};

/// A server that has one of everything.
pub async fn world() -> Wire {
    let wire = Wire::with_task_mode().await;
    let put = async |method: &str, path: &str, body: Value| drop(wire.call(method, path).json(body).ok().await);
    let timer = json!({"triggerName": "t1", "triggerType": "timer", "triggerConfig": {"cronExpression": "@every 5m"}});
    put("POST", "/services/demo/functions/f1/triggers", timer).await;
    put("POST", "/services/demo/versions", json!({"description": "first"})).await;
    put("PUT", "/services/demo", json!({"description": "later"})).await;
    put("POST", "/services/demo/versions", json!({"description": "second"})).await;
    put("PUT", "/services/demo", json!({"description": "latest"})).await;
    put("POST", "/services/demo/aliases", json!({"aliasName": "prod", "versionId": "1"})).await;
    put("PUT", "/services/demo/functions/f1/on-demand-config", json!({"maximumInstanceCount": 3})).await;
    put("PUT", "/services/demo/functions/f1/provision-config", json!({"target": 1})).await;
    put("POST", "/tag", json!({"resourceArn": "services/demo", "tags": {"k": "v"}})).await;
    put("POST", "/services", json!({"serviceName": "empty"})).await;
    put("POST", "/layers/tools/versions", json!({"code": {"zipFile": "YWJj"}, "description": "d", "compatibleRuntime": ["python3"]})).await;
    let route = json!({"path": "/api/*", "serviceName": "demo", "functionName": "f1", "qualifier": "prod", "methods": ["GET"]});
    put("POST", "/custom-domains", json!({"domainName": "shop.example.org", "protocol": "HTTP", "routeConfig": {"routes": [route]}})).await;
    let (running, ended) = (task("job-1", TaskStatus::Running), task("job-2", TaskStatus::Succeeded));
    let mut kept = wire.double.kept();
    kept.tasks.extend([running, ended].map(|task| (task.task_ref(), task)));
    kept.instances = vec![instance("c-1-0", InstanceState::Busy)];
    kept.log = vec![
        LogLine::new(NOW, LogStream::System, "FC Invoke Start RequestId: 1"),
        LogLine::new(NOW.plus_ms(1), LogStream::Stdout, "2026-11-24T12:00:00.001Z 1 [INFO] Größe"),
        LogLine::new(NOW.plus_ms(2), LogStream::Stderr, "b"),
    ];
    kept.result = Some(InvocationResult {
        body: b"done".to_vec(),
        http: None,
        error: None,
        duration_ms: 2,
        instance_id: None,
        log_tail: String::new(),
        code_checksum: "1".to_owned(),
        runtime_note: None,
    });
    drop(kept);
    wire
}

const F1: &str = "/services/demo/functions/f1";
const TASKS: &str = "/services/demo/functions/f1/stateful-async-invocations";

/// Operation, method, path and query below the prefix, body.
fn requests() -> Vec<(&'static str, &'static str, String, Value)> {
    let of = |path: &str| format!("{F1}{path}");
    let (fixed, none) = (|path: &str| path.to_owned(), Value::Null);
    let config = json!({"cronExpression": "0 0 4 * * *", "payload": "x", "enable": false});
    let trigger = |name: &str, config: Value| json!({"triggerName": name, "triggerType": "timer", "triggerConfig": config});
    let tags = |body: Value| json!({"resourceArn": "services/demo", "tags": body});
    let domain = json!({
        "domainName": "*.example.org",
        "protocol": "HTTPS",
        "routeConfig": {"routes": [{"path": "/*", "serviceName": "demo", "functionName": "f1"}]},
        "certConfig": {"certName": "mine", "certificate": "-----BEGIN CERTIFICATE-----", "privateKey": "a secret"},
        "tlsConfig": {"minVersion": "TLSv1.2"},
        "wafConfig": {"enableWAF": false},
    });
    let untag = json!({"resourceArn": "services/demo", "tagKeys": ["k"]});
    vec![
        ("ListServices", "GET", fixed("/services?limit=1&prefix=de"), none.clone()),
        ("CreateService", "POST", fixed("/services"), json!({"serviceName": "other", "description": "d", "internetAccess": false})),
        ("GetService", "GET", fixed("/services/demo?qualifier=1"), none.clone()),
        ("UpdateService", "PUT", fixed("/services/demo"), json!({"description": "new"})),
        ("DeleteService", "DELETE", fixed("/services/empty"), none.clone()),
        ("ListServiceVersions", "GET", fixed("/services/demo/versions?direction=FORWARD"), none.clone()),
        ("PublishServiceVersion", "POST", fixed("/services/demo/versions"), json!({"description": "third"})),
        ("DeleteServiceVersion", "DELETE", fixed("/services/demo/versions/2"), none.clone()),
        ("ListAliases", "GET", fixed("/services/demo/aliases"), none.clone()),
        ("CreateAlias", "POST", fixed("/services/demo/aliases"), json!({"aliasName": "next", "versionId": "1"})),
        ("GetAlias", "GET", fixed("/services/demo/aliases/prod"), none.clone()),
        ("UpdateAlias", "PUT", fixed("/services/demo/aliases/prod"), json!({"description": "new"})),
        ("DeleteAlias", "DELETE", fixed("/services/demo/aliases/prod"), none.clone()),
        ("ListFunctions", "GET", fixed("/services/demo/functions?limit=1"), none.clone()),
        ("CreateFunction", "POST", fixed("/services/demo/functions"), function("f2")),
        ("GetFunction", "GET", of("?qualifier=prod"), none.clone()),
        ("UpdateFunction", "PUT", of(""), json!({"timeout": 9, "environmentVariables": {"A": "b"}})),
        ("DeleteFunction", "DELETE", of(""), none.clone()),
        ("GetFunctionCode", "GET", of("/code"), none.clone()),
        ("ListTriggers", "GET", of("/triggers"), none.clone()),
        ("CreateTrigger", "POST", of("/triggers"), trigger("t2", Value::String(config.to_string()))),
        ("GetTrigger", "GET", of("/triggers/t1"), none.clone()),
        ("UpdateTrigger", "PUT", of("/triggers/t1"), json!({"description": "new"})),
        ("DeleteTrigger", "DELETE", of("/triggers/t1"), none.clone()),
        ("ListTriggersLegacy", "GET", of("/triggers"), none.clone()),
        ("CreateTriggerLegacy", "POST", of("/triggers"), trigger("t2", config)),
        ("GetTriggerLegacy", "GET", of("/triggers/t1"), none.clone()),
        ("UpdateTriggerLegacy", "PUT", of("/triggers/t1"), json!({"description": "new"})),
        (
            "PutFunctionAsyncInvokeConfig",
            "PUT",
            of("/async-invoke-config"),
            json!({"maxAsyncRetryAttempts": 1, "destinationConfig": {
                "onFailure": {"destination": "acs:fc:::services/demo/functions/f2"},
            }}),
        ),
        ("GetFunctionAsyncInvokeConfig", "GET", of("/async-invoke-config"), none.clone()),
        ("DeleteFunctionAsyncInvokeConfig", "DELETE", of("/async-invoke-config"), none.clone()),
        ("ListFunctionAsyncInvokeConfigs", "GET", of("/async-invoke-configs"), none.clone()),
        ("PutFunctionOnDemandConfig", "PUT", of("/on-demand-config"), json!({"maximumInstanceCount": 2})),
        ("GetFunctionOnDemandConfig", "GET", of("/on-demand-config"), none.clone()),
        ("DeleteFunctionOnDemandConfig", "DELETE", of("/on-demand-config"), none.clone()),
        ("ListOnDemandConfigs", "GET", fixed("/on-demand-configs"), none.clone()),
        ("PutProvisionConfig", "PUT", of("/provision-config"), json!({"target": 2, "alwaysAllocateCPU": false})),
        ("GetProvisionConfig", "GET", of("/provision-config?qualifier=LATEST"), none.clone()),
        ("ListProvisionConfigs", "GET", fixed("/provision-configs?serviceName=demo"), none.clone()),
        ("InvokeFunction", "POST", of("/invocations?qualifier=LATEST"), json!({"n": 1})),
        ("ListStatefulAsyncInvocations", "GET", format!("{TASKS}?includePayload=true&limit=1&status=Running"), none.clone()),
        ("GetStatefulAsyncInvocation", "GET", format!("{TASKS}/job-1"), none.clone()),
        ("StopStatefulAsyncInvocation", "PUT", format!("{TASKS}/job-1"), none.clone()),
        ("GetStatefulAsyncInvocationLogs", "GET", format!("{TASKS}/job-1/logs?limit=2&startLine=1"), none.clone()),
        ("ListInstances", "GET", of("/instances?instanceIds.1=c-1-0"), none.clone()),
        ("ListInstancesLegacy", "GET", of("/instances?instanceIds=c-1-0"), none.clone()),
        ("DrainInstance", "POST", of("/instances/c-1-0/drain"), none.clone()),
        ("GetQueue", "GET", of("/queue"), none.clone()),
        ("PutQueue", "PUT", of("/queue"), json!({"paused": true, "maxRunning": 4})),
        ("PurgeQueue", "DELETE", of("/queue/tasks"), none.clone()),
        ("GetRegionQueue", "GET", fixed("/queue"), none.clone()),
        ("PutRegionQueue", "PUT", fixed("/queue"), json!({"maxRunning": null})),
        ("ListStatefulAsyncInvocationFunctions", "GET", fixed("/stateful-async-invocation-functions"), none.clone()),
        ("ListLayers", "GET", fixed("/layers?prefix=to"), none.clone()),
        ("ListLayerVersions", "GET", fixed("/layers/tools/versions?startVersion=1"), none.clone()),
        ("CreateLayerVersion", "POST", fixed("/layers/tools/versions"), json!({"code": {"zipFile": "YWJj"}, "license": "MIT"})),
        ("GetLayerVersion", "GET", fixed("/layers/tools/versions/1"), none.clone()),
        ("GetLayerVersionByArnLegacy", "GET", fixed("/layerarn/layers%2Ftools%2Fversions%2F1"), none.clone()),
        ("DeleteLayerVersion", "DELETE", fixed("/layers/tools/versions/1"), none.clone()),
        ("PutLayerACL", "PUT", fixed("/layers/tools/acl?public=true"), none.clone()),
        ("ListCustomDomains", "GET", fixed("/custom-domains?prefix=shop"), none.clone()),
        ("CreateCustomDomain", "POST", fixed("/custom-domains"), domain),
        ("GetCustomDomain", "GET", fixed("/custom-domains/shop.example.org"), none.clone()),
        ("UpdateCustomDomain", "PUT", fixed("/custom-domains/shop.example.org"), json!({"protocol": "HTTP,HTTPS"})),
        ("DeleteCustomDomain", "DELETE", fixed("/custom-domains/shop.example.org"), none.clone()),
        ("GetAccountSettings", "GET", fixed("/account-settings"), none.clone()),
        ("ListReservedCapacities", "GET", fixed("/reserved-capacities"), none.clone()),
        ("ListReservedCapacitiesLegacy", "GET", fixed("/reservedCapacities"), none.clone()),
        ("GetResourceTags", "GET", fixed("/tag?resourceArn=services%2Fdemo"), none.clone()),
        ("TagResource", "POST", fixed("/tag"), tags(json!({"team": "x"}))),
        ("UntagResource", "PUT", fixed("/tag"), untag.clone()),
        ("UntagResourceLegacy", "DELETE", fixed("/tag"), untag),
        ("ListTaggedResources", "GET", fixed("/tags"), none),
    ]
}

fn call<'a>(wire: &'a Wire, id: &str, method: &str, path: &str) -> Call<'a> {
    if id.ends_with("Legacy") { wire.legacy(method, path) } else { wire.call(method, path) }
}

#[tokio::test]
async fn i5_4_request_and_answer_of_each_operation_are_as_documented() {
    let documented = documented();
    let mut faults = Vec::new();
    for (id, method, path, body) in requests() {
        let wire = world().await;
        let operation = documented.get(id).unwrap_or_else(|| panic!("{id} is not in the document"));
        faults.extend(operation.fault_of_request(method, &path, &body).map(|fault| format!("request of {id}: {fault}")));
        let text = if body.is_null() { String::new() } else { format!("{body:#}") };
        let answer = call(&wire, id, method, &path).body(text.clone()).send().await;
        let fault = if answer.status.is_success() { operation.fault_of(&answer) } else { Some(answer.text()) };
        faults.extend(fault.map(|fault| format!("answer of {id}: {fault}")));
        let prefix = if id.ends_with("Legacy") { "/2016-08-15" } else { "/2021-04-06" };
        let shown = format!("{method} {prefix}{path}\n{text}\n\n{}", answer.text());
        insta::assert_snapshot!(format!("exchange_{id}"), shown);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn i5_4_every_documented_operation_has_an_exchange() {
    let given: Vec<&str> = requests().iter().map(|(id, ..)| *id).collect();
    let is_elsewhere = |id: &str| id.starts_with("HttpFunction") || id == "InstanceExecLegacy";
    for id in documented().keys().filter(|id| !is_elsewhere(id)) {
        assert!(given.contains(&id.as_str()), "{id} has no request and answer");
    }
}

#[tokio::test]
async fn i5_4_an_answer_that_is_not_as_documented_is_found() {
    let documented = documented();
    let wire = world().await;
    let other = wire.call("GET", "/services/demo/aliases/prod").ok().await;
    let fits = |operation: &Documented| operation.fault_of(&other);
    assert_eq!(fits(&documented["GetAlias"]), None);
    assert!(fits(&documented["GetService"]).is_some_and(|fault| fault.contains("serviceName")));
    assert!(fits(&documented["DeleteAlias"]).is_some_and(|fault| fault.contains("200")));
}
