//! Puts the document together: the routes' table, what is written about each of its rows, and the schemas of their types.

use super::describe::{Description, describe};
use super::shapes::{Answer, Body, Content, Param, ParamSchema};
use crate::{actions::OPERATIONS, legacy::Edition, proxy};
use model::{Action, ActionKind, ErrorCode};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What any signed call may be answered with.
const EVERYWHERE: [ErrorCode; 11] = [
    ErrorCode::InvalidArgument,
    ErrorCode::MissingRequiredHeader,
    ErrorCode::EntityTooLarge,
    ErrorCode::AccessDenied,
    ErrorCode::SignatureNotMatch,
    ErrorCode::InvalidAccessKeyID,
    ErrorCode::RegionNotFound,
    ErrorCode::RequestTimeout,
    ErrorCode::ResourceThrottled,
    ErrorCode::InternalServerError,
    ErrorCode::ServiceUnavailable,
];

/// Segments of paths: what they are, and the code for one that does not exist.
const SEGMENTS: [(&str, &str, ErrorCode); 11] = [
    ("service", "Name of a service.", ErrorCode::ServiceNotFound),
    ("function", "Name of a function.", ErrorCode::FunctionNotFound),
    ("trigger", "Name of a trigger.", ErrorCode::TriggerNotFound),
    ("alias", "Name of an alias.", ErrorCode::AliasNotFound),
    ("version", "Number of a version.", ErrorCode::VersionNotFound),
    ("task", "Id of a task.", ErrorCode::StatefulAsyncInvocationNotFound),
    ("instance", "Id of an instance.", ErrorCode::InstanceNotFound),
    ("layer", "Name of a layer.", ErrorCode::LayerVersionNotFound),
    ("layer_version", "Number of a layer's version.", ErrorCode::LayerVersionNotFound),
    ("domain", "Name of a custom domain.", ErrorCode::DomainNameNotFound),
    ("arn", "ARN of a layer's version.", ErrorCode::LayerVersionNotFound),
];

/// Operations of the legacy edition whose shape or path differs; every other one answers under its prefix as under the open one.
const LEGACY: [Action; 8] = [
    Action::ListTriggers,
    Action::CreateTrigger,
    Action::GetTrigger,
    Action::UpdateTrigger,
    Action::ListInstances,
    Action::InstanceExec,
    Action::GetLayerVersionByArn,
    Action::ListReservedCapacities,
];

/// The two generators: what is read and what is written differ in what has to be there.
struct Generators {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
}

/// The document.
pub(super) fn document() -> Value {
    let inline = |settings: SchemaSettings| settings.with(|s| (s.inline_subschemas, s.meta_schema) = (true, None)).into_generator();
    let mut generators = Generators {
        requests: inline(SchemaSettings::draft2020_12().for_deserialize()),
        answers: inline(SchemaSettings::draft2020_12().for_serialize()),
    };
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for (method, path, action, _) in OPERATIONS {
        let Some(description) = describe(action) else { continue };
        let edition = edition_of(method, path, action);
        for edition in edition {
            let operation = Operation { edition, path, action, description: &description };
            let at = paths.entry(format!("{}{path}", edition.prefix())).or_default();
            at.insert(method.to_ascii_lowercase(), operation.json(&mut generators));
        }
    }
    for (path, methods) in proxied() {
        paths.insert(path, methods);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Taskyard",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "The Function Compute API of this server.",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"acs3": []}, {"fc": []}],
        "paths": paths,
        "components": {
            "securitySchemes": security_schemes(),
            "headers": {"RequestId": {"description": "Names this request, in logs too.", "schema": {"type": "string"}}},
        },
    })
}

const ABOUT: &str = "Version 2021-04-06 in full, and of 2016-08-15 what differs: everything else of the one prefix answers under the other in \
    the same way, and takes the qualifier there as the end of the service's segment, `{service}.{qualifier}`. Names of members and booleans \
    are read in any case, unknown members are left alone. A body may be sent with any content type. Every answer has X-Fc-Request-Id.";

/// Under which prefixes a row is shown.
fn edition_of(method: &str, path: &str, action: Action) -> Vec<Edition> {
    let is_legacy = LEGACY.contains(&action) && path != Edition::Open.reserved_capacities() || (method, path) == ("DELETE", "/tag");
    let is_legacy_only = matches!(action, Action::InstanceExec | Action::GetLayerVersionByArn)
        || path == Edition::Legacy.reserved_capacities()
        || (method, path) == ("DELETE", "/tag");
    let open = (!is_legacy_only).then_some(Edition::Open);
    open.into_iter().chain(is_legacy.then_some(Edition::Legacy)).collect()
}

/// One operation under one prefix.
struct Operation<'a> {
    edition: Edition,
    path: &'static str,
    action: Action,
    description: &'a Description,
}

impl Operation<'_> {
    fn json(&self, generators: &mut Generators) -> Value {
        let mut operation = json!({
            "operationId": self.id(),
            "summary": self.description.summary,
            "tags": [self.tag()],
            "parameters": self.parameters(generators),
            "responses": self.responses(generators),
        });
        let body = match self.description.body {
            Body::None => return operation,
            Body::Json(of) => json!({"required": true, "content": {"application/json": {"schema": of(&mut generators.requests)}}}),
            Body::Bytes => json!({"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}),
        };
        if let Value::Object(members) = &mut operation {
            members.insert("requestBody".to_owned(), body);
        }
        operation
    }

    fn id(&self) -> String {
        let name = self.action.as_str().trim_start_matches("fc:");
        let name = if self.path == "/queue" { name.replace("Queue", "RegionQueue") } else { name.to_owned() };
        match self.edition {
            Edition::Open => name,
            Edition::Legacy => format!("{name}Legacy"),
        }
    }

    /// What the operation is about: the last name in its path that is no parameter's.
    fn tag(&self) -> &'static str {
        self.path.split('/').rfind(|segment| !segment.is_empty() && !segment.starts_with('{')).unwrap_or_default()
    }

    fn parameters(&self, generators: &mut Generators) -> Vec<Value> {
        let segments = SEGMENTS.iter().filter(|(name, ..)| self.path.contains(&format!("{{{name}}}")));
        let of_path = segments.map(|(name, about, _)| {
            json!({"name": name, "in": "path", "required": true, "description": about, "schema": {"type": "string", "minLength": 1}})
        });
        let mut all: Vec<Value> = of_path.collect();
        all.extend(self.description.params.iter().map(|param| parameter(param, generators)));
        all
    }

    fn errors(&self) -> BTreeMap<u16, Vec<&'static str>> {
        let missing = SEGMENTS.iter().filter(|(name, ..)| self.path.contains(&format!("{{{name}}}"))).map(|(.., code)| *code);
        let at_once = (self.action.kind() == ActionKind::Change).then_some(ErrorCode::ConcurrentUpdateError);
        let mut codes: Vec<ErrorCode> = EVERYWHERE.into_iter().chain(missing).chain(at_once).collect();
        codes.extend(&self.description.errors);
        let mut by_status: BTreeMap<u16, Vec<&'static str>> = BTreeMap::new();
        for code in codes {
            let of_status = by_status.entry(code.status()).or_default();
            if !of_status.contains(&code.as_str()) {
                of_status.push(code.as_str());
            }
        }
        by_status
    }

    fn responses(&self, generators: &mut Generators) -> Map<String, Value> {
        let mut responses = Map::new();
        for answer in &self.description.answers {
            responses.insert(answer.status.to_string(), self.response(answer, generators));
        }
        for (status, codes) in self.errors() {
            responses.insert(status.to_string(), error_response(&codes));
        }
        responses
    }

    fn response(&self, answer: &Answer, generators: &mut Generators) -> Value {
        let mut headers = Map::from_iter([("X-Fc-Request-Id".to_owned(), json!({"$ref": "#/components/headers/RequestId"}))]);
        for (name, about) in answer.headers {
            headers.insert((*name).to_owned(), json!({"description": about, "schema": {"type": "string"}}));
        }
        let content = match answer.content {
            Content::Nothing => return json!({"description": answer.about, "headers": headers}),
            Content::Bytes => json!({"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}),
            Content::Json(of) => {
                json!({"application/json": {"schema": self.answer_schema(answer, of(&mut generators.answers).to_value())}})
            }
        };
        json!({"description": answer.about, "headers": headers, "content": content})
    }

    /// The document of an answer: what the type says, below a member if there is one.
    fn answer_schema(&self, answer: &Answer, mut schema: Value) -> Value {
        if self.edition == Edition::Legacy {
            in_legacy(&mut schema);
        }
        let Some(member) = answer.member else { return schema };
        let mut members = Map::from_iter([(member.to_owned(), schema)]);
        members.extend(answer.texts.iter().map(|name| ((*name).to_owned(), json!({"type": "string"}))));
        members.extend(answer.numbers.iter().map(|name| ((*name).to_owned(), json!({"type": "integer"}))));
        let required: Vec<&String> = members.keys().collect();
        json!({"type": "object", "required": required, "properties": members})
    }
}

/// The two members whose type differs (`fc-api.md` 1.3), wherever they are.
fn in_legacy(schema: &mut Value) {
    if let Some(config) = schema.pointer_mut("/properties/triggerConfig") {
        *config = json!({"type": "object"});
    }
    if let Some(version) = schema.pointer_mut("/properties/versionId") {
        *version = json!({"type": "integer", "description": "0 for `LATEST`."});
    }
    if let Some(items) = schema.get_mut("items") {
        in_legacy(items);
    }
}

fn parameter(param: &Param, generators: &mut Generators) -> Value {
    let schema = match &param.schema {
        ParamSchema::Of(of) => of(&mut generators.requests).to_value(),
        ParamSchema::Plain(schema) => schema.clone(),
    };
    json!({"name": param.name, "in": param.place, "required": param.is_required, "description": param.about, "schema": schema})
}

/// An answer with one of these codes; its members are those that any of the SDKs reads.
fn error_response(codes: &[&str]) -> Value {
    let text = json!({"type": "string"});
    let code = json!({"type": "string", "enum": codes});
    let members = json!({
        "RequestId": text, "HostId": text, "Code": code, "Message": text, "ErrorCode": code, "ErrorMessage": text,
    });
    let required: Vec<&String> = members.as_object().map(|members| members.keys().collect()).unwrap_or_default();
    json!({
        "description": codes.join(", "),
        "headers": {"X-Fc-Request-Id": {"$ref": "#/components/headers/RequestId"}},
        "content": {"application/json": {"schema": {"type": "object", "required": required, "properties": members}}},
    })
}

/// Calls of HTTP functions: whatever the function takes and gives.
fn proxied() -> Vec<(String, Map<String, Value>)> {
    let about = "Calls an HTTP function by its trigger, which says whether a signature is asked for. The answer is the function's, whatever its \
        status; ours are 400, 403, 404, 408 and 429 with the error document, and 502 when the function failed. With X-Fc-Invocation-Type Async it \
        is a 202.";
    let segment =
        |name: &str, about: &str| json!({"name": name, "in": "path", "required": true, "description": about, "schema": {"type": "string"}});
    let service = segment("service", "`{service}` or `{service}.{qualifier}`.");
    let parameters =
        [service, segment("function", "Name of a function."), segment("path", "What the function sees as its path; may have slashes.")];
    let operation = |method: &str| {
        json!({
            "operationId": format!("HttpFunction{method}"),
            "summary": "Calls an HTTP function.",
            "description": about,
            "tags": ["proxy"],
            "security": [{}, {"acs3": []}, {"fc": []}],
            "parameters": parameters,
            "responses": {"default": {"description": "The function's answer."}},
        })
    };
    let methods = ["Get", "Post", "Put", "Delete", "Patch", "Head", "Options"];
    let methods = methods.into_iter().map(|method| (method.to_ascii_lowercase(), operation(method)));
    vec![(format!("{}{{service}}/{{function}}/{{path}}", proxy::PREFIX), methods.collect())]
}

fn security_schemes() -> Value {
    let header = |about: &str| json!({"type": "apiKey", "in": "header", "name": "Authorization", "description": about});
    json!({
        "acs3": header("`ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…`, with X-Acs-Date and X-Acs-Content-Sha256."),
        "fc": header("`FC {access key id}:{signature}`, with Date."),
    })
}
