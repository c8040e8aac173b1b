//! The two prefixes of the API, and everything in which what they carry differs (`fc-api.md` 1.3).
//!
//! The same operations answer under both; whatever one of them accepts, a signature or a spelling, the other accepts too.

use crate::{extract::header_text, query};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use model::VersionId;
use serde_json::{Value, json};
use std::{borrow::Cow, convert::Infallible};

/// Under which prefix a call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edition {
    /// Version 2021-04-06, of the open SDKs.
    Open,
    /// Version 2016-08-15, of the legacy SDKs.
    Legacy,
}

impl Edition {
    pub const ALL: [Edition; 2] = [Edition::Open, Edition::Legacy];

    /// First segment of every path.
    pub fn prefix(self) -> &'static str {
        match self {
            Edition::Open => "/2021-04-06",
            Edition::Legacy => "/2016-08-15",
        }
    }

    /// The edition whose prefix a path begins with.
    fn of_path(path: &str) -> Self {
        let is_legacy = path.strip_prefix(Edition::Legacy.prefix()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if is_legacy { Edition::Legacy } else { Edition::Open }
    }

    /// A trigger's configuration: text that holds JSON, or the object itself.
    pub fn trigger_config(self, config: Value) -> Value {
        match self {
            Edition::Open => Value::String(config.to_string()),
            Edition::Legacy => config,
        }
    }

    /// Where reserved capacities are listed, below the prefix.
    pub fn reserved_capacities(self) -> &'static str {
        match self {
            Edition::Open => "/reserved-capacities",
            Edition::Legacy => "/reservedCapacities",
        }
    }

    /// The version that an instance runs, 0 for `LATEST`: text, or a number.
    pub fn instance_version(self, version: Option<VersionId>) -> Value {
        let number = version.map_or(0, VersionId::number);
        match self {
            Edition::Open => json!(number.to_string()),
            Edition::Legacy => json!(number),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Edition {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Edition::of_path(parts.uri.path()))
    }
}

/// The host that links in an answer name. One SDK leaves the port out of the host that it calls (`fc-api.md` 1.2); a proxy in between,
/// which says so, has a port of its own.
pub(crate) fn host_with_port<'a>(host: &'a str, headers: &HeaderMap, port: Option<u16>) -> Cow<'a, str> {
    let is_that_sdk = header_text(headers, header::USER_AGENT.as_str()).is_some_and(|agent| agent.contains("@alicloud/fc2@"));
    let is_direct = !headers.contains_key("x-forwarded-proto") && !headers.contains_key("x-forwarded-host");
    // The last part of an address of IPv6 stands in brackets.
    let has_port = host.rsplit(']').next().is_some_and(|rest| rest.contains(':'));
    match port {
        Some(port) if is_that_sdk && is_direct && !has_port => Cow::Owned(format!("{host}:{port}")),
        _ => Cow::Borrowed(host),
    }
}

/// Values of a list in a query, which the editions write as `name=a&name=b` and as `name.1=a&name.2=b`; empty ones are left out.
pub(crate) fn list_in_query(query: &str, name: &str) -> Vec<String> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_named =
        |given: &str| given.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.strip_prefix('.').is_some_and(is_number));
    query::decode(query).into_iter().filter(|(given, value)| is_named(given) && !value.is_empty()).map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_a_path_tells_its_edition() {
        let check = |path: &str, expected| assert_eq!(Edition::of_path(path), expected, "{path}");
        check("/2021-04-06/services", Edition::Open);
        check("/2016-08-15", Edition::Legacy);
        check("/2016-08-15/services", Edition::Legacy);
        check("/2016-08-159/services", Edition::Open);
        check("/x/2016-08-15/services", Edition::Open);
    }

    #[test]
    fn i5_lists_in_a_query_in_both_spellings() {
        let check = |query: &str, expected: &[&str]| assert_eq!(list_in_query(query, "instanceIds"), expected, "{query}");
        check("", &[]);
        check("instanceIds=a&limit=5&instanceIds=b%2B", &["a", "b+"]);
        check("instanceIds.1=a&instanceIds.2=b&instanceIds.3=", &["a", "b"]);
        check("instanceIds.x=a&instanceIdsx=b&instanceIds.=c&other.1=d", &[]);
    }

    #[test]
    fn i5_the_port_that_one_sdk_leaves_out() {
        let check = |host: &str, agent: &str, proto: Option<&str>, port, expected: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("user-agent", agent.parse().unwrap());
            headers.extend(proto.map(|proto| (header::HeaderName::from_static("x-forwarded-proto"), proto.parse().unwrap())));
            assert_eq!(host_with_port(host, &headers, port), expected, "{host} {agent} {proto:?}");
        };
        let sdk = "Node.js(v20.20.2) OS(linux/x64) SDK(@alicloud/fc2@v2.6.6)";
        check("127.0.0.1", sdk, None, Some(3000), "127.0.0.1:3000");
        check("[::1]", sdk, None, Some(3000), "[::1]:3000");
        check("[::1]:3001", sdk, None, Some(3000), "[::1]:3001");
        check("127.0.0.1:80", sdk, None, Some(3000), "127.0.0.1:80");
        check("127.0.0.1", sdk, None, None, "127.0.0.1");
        check("fc.example.org", sdk, Some("https"), Some(3000), "fc.example.org");
        check("fc.example.org", "curl/8", None, Some(3000), "fc.example.org");
    }

    #[test]
    fn i5_versions_of_instances_are_text_or_number() {
        let twelve = Some(VersionId::from_stored(12));
        assert_eq!([Edition::Open.instance_version(None), Edition::Open.instance_version(twelve)], [json!("0"), json!("12")]);
        assert_eq!([Edition::Legacy.instance_version(None), Edition::Legacy.instance_version(twelve)], [json!(0), json!(12)]);
    }
}
