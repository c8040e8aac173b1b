//! A request before it is signed and sent: what a verb makes of its arguments. Plain data, so that tests read it.

use crate::problem::Outcome;
use acs3::ENCODED;
use async_trait::async_trait;
use bytes::Bytes;
use percent_encoding::utf8_percent_encode;
use serde_json::Value;

/// First segment of every path.
const PREFIX: &str = "/2021-04-06";

/// One operation of `fc-api.md` 3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// Name of the operation, as the vendor's SDKs send it along.
    pub action: &'static str,
    pub method: &'static str,
    /// Percent-encoded, with the prefix.
    pub path: String,
    /// Decoded pairs.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
    /// True when the answer may take as long as the function does.
    pub is_patient: bool,
}

impl Call {
    /// A call without query and body; the segments are encoded here.
    pub fn new(action: &'static str, method: &'static str, segments: &[&str]) -> Self {
        let mut path = PREFIX.to_owned();
        for segment in segments {
            path.push('/');
            path.extend(utf8_percent_encode(segment, ENCODED));
        }
        Self { action, method, path, query: Vec::new(), headers: Vec::new(), body: Bytes::new(), is_patient: false }
    }

    /// With a pair of the query, unless it is empty.
    pub fn with_query(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.query.push((name.to_owned(), value));
        }
        self
    }

    /// With a header, when there is a value.
    pub fn with_header(mut self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        self.headers.extend(value.map(|value| (name, value.into())));
        self
    }

    /// With a JSON document as its body.
    pub fn with_json(mut self, document: &Value) -> Self {
        self.headers.push(("content-type", "application/json; charset=utf-8".to_owned()));
        self.body = Bytes::from(document.to_string());
        self
    }

    /// The same call for another page of its list.
    pub fn with_token(mut self, token: &str) -> Self {
        self.query.retain(|(name, _)| name != "nextToken");
        self.with_query("nextToken", token)
    }
}

/// What came back with a status of success.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Answer {
    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

/// Who carries calls to the server; tests have one that answers from a list.
#[async_trait]
pub(crate) trait Transport: Send + Sync {
    /// Signs and sends; any status but success is a problem.
    async fn send(&self, call: &Call) -> Outcome<Answer>;

    /// Fetches a link that the server gave, without a signature.
    async fn fetch(&self, url: &str) -> Outcome<Bytes>;
}
