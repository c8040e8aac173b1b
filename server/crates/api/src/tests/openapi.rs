//! The OpenAPI document: what it says, and whether requests and answers are as it says.

use super::wire::{Answer, Wire, send};
use crate::{actions::OPERATIONS, openapi, openapi_router};
use axum::{body::Body, http::Request};
use serde_json::Value;
use std::collections::BTreeMap;

/// One operation of the document.
pub struct Documented {
    pub method: String,
    pub path: String,
    pub operation: Value,
}

/// The operations by their ids.
pub fn documented() -> BTreeMap<String, Documented> {
    let mut found = BTreeMap::new();
    for (path, methods) in openapi()["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            let documented = Documented { method: method.to_uppercase(), path: path.clone(), operation: operation.clone() };
            assert!(found.insert(id.clone(), documented).is_none(), "{id} twice");
        }
    }
    found
}

impl Documented {
    /// In what a request is not as documented.
    pub fn fault_of_request(&self, method: &str, target: &str, body: &Value) -> Option<String> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let segments = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
        let (ours, theirs) = (segments(&self.path), segments(&format!("/prefix{path}")));
        assert_eq!((self.method.as_str(), ours.len()), (method, theirs.len()), "{target}");
        assert!(ours.iter().zip(&theirs).skip(2).all(|(ours, theirs)| ours.starts_with('{') || ours == theirs), "{target}");
        let names: Vec<&str> = self.operation["parameters"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        let given = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split('=').next().unwrap());
        if let Some(name) = given.into_iter().find(|name| !names.contains(name)) {
            return Some(format!("{name} is not documented"));
        }
        let schema = &self.operation["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() { None } else { misfit(schema, body, "") }
    }

    /// In what an answer is not as documented.
    pub fn fault_of(&self, answer: &Answer) -> Option<String> {
        let status = answer.status.as_u16().to_string();
        let response = &self.operation["responses"][&status];
        if response.is_null() {
            return Some(format!("status {status} is not documented"));
        }
        for name in response["headers"].as_object().unwrap().keys().filter(|name| *name == "ETag" || *name == "X-Fc-Request-Id") {
            if answer.header(name).is_none() {
                return Some(format!("no header {name}"));
            }
        }
        match answer.header("content-type").and_then(|kind| kind.split(';').next()) {
            None => (!response["content"].is_null()).then(|| "no body".to_owned()),
            Some(kind) if response["content"][kind].is_null() => Some(format!("a body of {kind}")),
            Some("application/json") => misfit(&response["content"]["application/json"]["schema"], &answer.json(), ""),
            Some(_) => None,
        }
    }
}

/// Where a value is not as its schema says: types, members that have to be there, and members that the schema does not know.
fn misfit(schema: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(any) = schema["anyOf"].as_array() {
        return any.iter().all(|one| misfit(one, value, at).is_some()).then(|| format!("{at}: nothing fits {value}"));
    }
    if let Some(words) = schema["enum"].as_array() {
        return (!words.contains(value)).then(|| format!("{at}: {value} is none of them"));
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = |kinds: &Value| kinds == kind || kinds == "number" && kind == "integer";
    let kinds = &schema["type"];
    if !kinds.is_null() && !fits(kinds) && !kinds.as_array().is_some_and(|kinds| kinds.iter().any(fits)) {
        return Some(format!("{at}: {kind} is not {kinds}"));
    }
    if let Some(items) = value.as_array() {
        return items.iter().find_map(|item| misfit(&schema["items"], item, &format!("{at}[]")));
    }
    let members = value.as_object()?;
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if let Some(missing) = required.into_iter().find(|name| !members.contains_key(*name)) {
        return Some(format!("{at}: no {missing}"));
    }
    members.iter().find_map(|(name, value)| {
        let (at, known) = (format!("{at}.{name}"), &schema["properties"][name]);
        match &schema["additionalProperties"] {
            _ if !known.is_null() => misfit(known, value, &at),
            Value::Null if schema["properties"].is_null() => None,
            Value::Null => Some(format!("{at} is not documented")),
            other => misfit(other, value, &at),
        }
    })
}

/// The document in few lines, so that a change of it is seen.
#[test]
fn i5_4_the_document_says_what_each_operation_takes_and_gives() {
    let mut text = String::new();
    for (id, Documented { method, path, operation }) in documented().iter().filter(|(id, _)| !id.starts_with("HttpFunction")) {
        let params = operation["parameters"].as_array().unwrap().iter().filter(|one| one["in"] != "path");
        let params: Vec<&str> = params.map(|one| one["name"].as_str().unwrap()).collect();
        text.push_str(&format!("{id}: {method} {path}\n  takes {}\n", params.join(" ")));
        for (status, response) in operation["responses"].as_object().unwrap() {
            text.push_str(&format!("  {status} {}\n", response["description"].as_str().unwrap()));
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn i5_4_every_operation_is_in_the_document() {
    let all = documented();
    for (method, path, action, _) in OPERATIONS {
        let is_there = all
            .values()
            .any(|one| one.method == method && ["/2021-04-06", "/2016-08-15"].iter().any(|at| one.path == format!("{at}{path}")));
        assert!(is_there, "{method} {path} ({action}) is not described");
    }
}

#[test]
fn i5_4_the_document_refers_to_nothing_outside_and_names_its_dialect() {
    let document = openapi();
    assert_eq!(document["openapi"], "3.1.0");
    let text = document.to_string();
    assert!(!text.contains("$defs") && !text.contains("\"$schema\""), "schemas stand where they are used");
    for reference in text.split("\"$ref\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn i5_4_document_and_page_are_served() {
    let ask = async |path: &str| send(openapi_router().merge(Wire::new().router), Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(ask("/openapi.json").await.json(), *openapi());
    let page = ask("/openapi").await;
    assert_eq!(
        page.header("content-security-policy"),
        Some("default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    );
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    for id in documented().keys() {
        assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert!(!html.contains("<script") && !html.contains("style=") && !html.contains("src=") && !html.contains("href=\"http"));
    assert_eq!(html.matches("<details").count(), html.matches("</details>").count());
    assert_eq!(ask("/openapi.css").await.header("content-type"), Some("text/css; charset=utf-8"));
}
