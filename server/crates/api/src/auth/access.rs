//! What comes between a signature that holds and the operation: the policy of the access key and the role of its user, and behind
//! them the audit.

use crate::{
    actions::{Names, Operation},
    error::ApiError,
    extract::Payload,
    legacy::Edition,
    query,
    state::{ApiState, Call},
    uploads::Share,
};
use axum::{
    extract::{ConnectInfo, Request},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use model::{Action, ActorKind, AuditEntry, Error, RequestId, Result, ServiceName, audit::OUTCOME_OK};
use percent_encoding::percent_decode_str;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::{fmt, net::SocketAddr};
use tracing::Instrument;

/// Bytes of a body from which on looking for a name in it would hold up other requests of the same thread.
const LARGE_BODY_BYTES: usize = 256 * 1024;

/// What an operation is done to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Target {
    /// Such as `services/demo/functions/f1`; without a qualifier.
    resource: String,
    /// `None` for what belongs to no service.
    service: Option<String>,
    /// Of an ARN that names another one than the call.
    region: Option<String>,
}

impl Target {
    fn of_path(path: &str) -> Self {
        let mut segments: Vec<String> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into())
            .collect();
        let mut service = None;
        if let [first, second, ..] = segments.as_mut_slice()
            && first.as_str() == "services"
        {
            // As the operations read it: what follows the last dot is a qualifier.
            if let Some((name, _)) = second.rsplit_once('.') {
                *second = name.to_owned();
            }
            service = Some(second.clone());
        }
        Self { resource: segments.join("/"), service, region: None }
    }

    /// The resource of `acs:fc:{region}:{account}:{path}` or of a path alone.
    fn of_arn(arn: &str) -> Self {
        let Some(rest) = arn.strip_prefix("acs:fc:") else { return Self::of_path(arn) };
        let mut parts = rest.splitn(3, ':');
        let (region, path) = (parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default());
        Self { region: Some(region.to_owned()).filter(|region| !region.is_empty()), ..Self::of_path(path) }
    }

    async fn of(names: Names, parts: &Parts, body: &Bytes) -> Self {
        let path = parts.uri.path();
        let path = Edition::ALL.into_iter().find_map(|edition| path.strip_prefix(edition.prefix())).unwrap_or(path);
        match names {
            Names::Path => Self::of_path(path),
            Names::Member(name) => match member(body, name).await {
                Some(value) => Self::of_path(&format!("{path}/{value}")),
                None => Self::of_path(path),
            },
            Names::ArnInBody(name) => member(body, name).await.map(|arn| Self::of_arn(&arn)).unwrap_or_default(),
            Names::ArnInQuery(name) => {
                let pairs = query::decode(parts.uri.query().unwrap_or_default());
                query::value(&pairs, name).map(Self::of_arn).unwrap_or_default()
            }
        }
    }
}

/// Lets the operation be done if the key's policy and its user's role allow it, and writes into the audit what came of it. The body's share
/// of the memory is held until then.
pub(super) async fn perform(state: &ApiState, operation: &Operation, call: Call, share: Share, request: Request, next: Next) -> Response {
    let (_, _, action, names) = *operation;
    let (parts, body) = request.into_parts();
    // Most calls need no target: an unlimited key's that changes nothing.
    let target = if action.is_audited() || !call.policy.services.is_empty() {
        let payload = parts.extensions.get::<Payload>().map(|payload| payload.0.clone()).unwrap_or_default();
        Target::of(names, &parts, &payload).await
    } else {
        Target::default()
    };
    let allowed = check(&call, action, target.service.as_deref());
    let address = peer_address(&parts);
    let request = Request::from_parts(parts, body);
    if !action.is_audited() {
        return match allowed {
            Ok(()) => next.run(request).await,
            Err(refusal) => ApiError(refusal).into_response(),
        };
    }
    let state = state.clone();
    // To its end, entry included, also when the caller hangs up meanwhile.
    let done = async move {
        let response = match allowed {
            Ok(()) => next.run(request).await,
            Err(refusal) => ApiError(refusal).into_response(),
        };
        drop(share);
        record(&state, &call, action, target, address, outcome(&response)).await;
        response
    };
    tokio::spawn(done.in_current_span()).await.unwrap_or_else(|_| ApiError(Error::internal()).into_response())
}

/// OK, or the code of the error that the answer carries.
fn outcome(response: &Response) -> String {
    let status = response.status();
    match response.extensions().get::<ApiError>() {
        Some(failure) => failure.0.code.as_str().to_owned(),
        None if status.is_client_error() || status.is_server_error() => status.as_u16().to_string(),
        None => OUTCOME_OK.to_owned(),
    }
}

async fn record(state: &ApiState, call: &Call, action: Action, target: Target, address: String, outcome: String) {
    let entry = AuditEntry {
        at: (state.now)(),
        actor_kind: ActorKind::AccessKey,
        actor: call.access_key_id.clone(),
        address,
        action: action.as_str().to_owned(),
        resource: target.resource,
        region: target.region.unwrap_or_else(|| call.region.to_string()),
        outcome,
        request_id: call.request_id.to_string(),
    };
    state.audit.record(entry).await;
}

/// The address at the other end of the connection; empty where there is none.
fn peer_address(parts: &Parts) -> String {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or_else(String::new, |info| info.0.ip().to_string())
}

/// Refuses the call of an HTTP function of this service to a key that may not invoke it.
pub(super) fn check_http_call(call: &Call, service: &ServiceName) -> Result<()> {
    check(call, Action::InvokeFunction, Some(service.as_str()))
}

/// Refuses what the role of the key's user, the key's policy or the services that it is limited to don't allow.
fn check(call: &Call, action: Action, service: Option<&str>) -> Result<()> {
    call.role.check(action)?;
    call.policy.check_action(action)?;
    call.policy.check_service(action, service)
}

/// The text of a member of a JSON object, its name in any case; `None` when it is missing, no text, or given twice, so that it can't mean
/// one thing here and another one to the operation.
async fn member(body: &Bytes, name: &'static str) -> Option<String> {
    if body.len() < LARGE_BODY_BYTES {
        return find_member(body, name);
    }
    let body = body.clone();
    tokio::task::spawn_blocking(move || find_member(&body, name)).await.ok().flatten()
}

fn find_member(body: &[u8], name: &'static str) -> Option<String> {
    let mut json = serde_json::Deserializer::from_slice(body);
    json.deserialize_map(Member { name }).ok().flatten()
}

/// Walks over an object and keeps nothing of it but one text.
struct Member {
    name: &'static str,
}

impl<'de> Visitor<'de> for Member {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<Self::Value, A::Error> {
        let (mut found, mut times) = (None, 0);
        while let Some(key) = members.next_key::<String>()? {
            if key.eq_ignore_ascii_case(self.name) {
                found = members.next_value::<serde_json::Value>()?.as_str().map(str::to_owned);
                times += 1;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found.filter(|_| times == 1))
    }
}

/// What the boundary has given the request.
pub(super) fn request_id(parts: &Parts) -> Result<RequestId> {
    parts.extensions.get::<RequestId>().cloned().ok_or_else(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_a_path_tells_its_service() {
        let check = |path: &str, resource: &str, service: Option<&str>| {
            let target = Target::of_path(path);
            assert_eq!((target.resource.as_str(), target.service.as_deref()), (resource, service), "{path}");
        };
        check("/services", "services", None);
        check("/services/demo", "services/demo", Some("demo"));
        check("/services/demo.LATEST/functions/f1", "services/demo/functions/f1", Some("demo"));
        check("/services/d%65mo./functions/f1", "services/demo/functions/f1", Some("demo"));
        check("/services/a%2Fb", "services/a/b", Some("a/b"));
        check("/queue", "queue", None);
    }

    #[test]
    fn i5_an_arn_tells_its_service_and_region() {
        let check = |arn: &str, resource: &str, service: Option<&str>, region: Option<&str>| {
            let target = Target::of_arn(arn);
            assert_eq!(
                (target.resource.as_str(), target.service.as_deref(), target.region.as_deref()),
                (resource, service, region),
                "{arn}"
            );
        };
        check("services/demo", "services/demo", Some("demo"), None);
        check("acs:fc:cn-shanghai:1:services/demo", "services/demo", Some("demo"), Some("cn-shanghai"));
        check("acs:fc::1:services/demo", "services/demo", Some("demo"), None);
        check("acs:fc:x", "", None, Some("x"));
    }

    #[test]
    fn i5_a_member_is_found_in_any_case_once() {
        let check = |body: &str, expected: Option<&str>| {
            assert_eq!(find_member(body.as_bytes(), "serviceName").as_deref(), expected, "{body}");
        };
        check(r#"{"a":[{"serviceName":"x"}],"ServiceName":"demo"}"#, Some("demo"));
        check(r#"{"serviceName":"demo","servicename":"other"}"#, None);
        check(r#"{"serviceName":"demo","serviceName":"other"}"#, None);
        check(r#"{"serviceName":5}"#, None);
        check("[]", None);
        check("", None);
    }
}
