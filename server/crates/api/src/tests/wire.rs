//! A small client: signs requests by its own reading of `fc-api.md` 2.1 and 2.2, sends them into the router, shows answers as text.

use super::double::{Double, KEY, NOW, SECRET};
use crate::{ApiParts, ApiState, router};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::BodyExt;
use model::{AccountId, Region};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering::Relaxed},
};
use tower::ServiceExt;

pub struct Wire {
    pub double: Arc<Double>,
    pub router: Router,
    pub state: ApiState,
    /// Milliseconds by which the server's clock has moved on since the test began.
    pub elapsed_ms: Arc<AtomicI64>,
}

impl Wire {
    pub fn new() -> Self {
        let double = Arc::new(Double::default());
        let elapsed_ms = Arc::new(AtomicI64::new(0));
        let clock = elapsed_ms.clone();
        let now = Arc::new(move || NOW.plus_ms(clock.load(Relaxed)));
        let (account, region) = (AccountId::from_stored("1000000000000001"), Region::from_stored("cn-hangzhou"));
        let state: ApiState = ApiParts::new(double.clone(), double.clone(), double.clone(), now, account, region).into();
        Self { double, router: router(state.clone()), state, elapsed_ms }
    }

    /// With service `demo` and function `f1`.
    pub async fn with_function() -> Self {
        let wire = Self::new();
        wire.call("POST", "/services").json(json!({"serviceName": "demo"})).ok().await;
        wire.call("POST", "/services/demo/functions").json(function("f1")).ok().await;
        wire
    }

    /// With service `demo`, function `f1` and task mode on.
    pub async fn with_task_mode() -> Self {
        let wire = Self::with_function().await;
        wire.call("PUT", "/services/demo/functions/f1/async-invoke-config").json(json!({"statefulInvocation": true})).ok().await;
        wire
    }

    /// A request below the API's prefix; a query in it has to be sorted and encoded.
    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        self.raw(method, &format!("/2021-04-06{path}"))
    }

    pub fn raw(&self, method: &str, target: &str) -> Call<'_> {
        Call {
            wire: self,
            method: method.to_owned(),
            target: target.to_owned(),
            headers: vec![("host".to_owned(), "127.0.0.1:3000".to_owned()), ("x-acs-date".to_owned(), "2026-11-24T12:00:00Z".to_owned())],
            body: Vec::new(),
            key: KEY.to_owned(),
            secret: SECRET.to_owned(),
            is_fc: false,
        }
    }

    /// A request below the legacy prefix, signed by the legacy scheme.
    pub fn legacy(&self, method: &str, path: &str) -> Call<'_> {
        self.raw(method, &format!("/2016-08-15{path}")).fc()
    }
}

/// Body of a CreateFunction.
pub fn function(name: &str) -> Value {
    json!({"functionName": name, "runtime": "python3", "handler": "index.handler", "code": {"zipFile": BASE64_STANDARD.encode(b"123456789")}})
}

pub struct Call<'a> {
    wire: &'a Wire,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    key: String,
    secret: String,
    is_fc: bool,
}

impl Call<'_> {
    /// Signs by the scheme of the legacy SDKs.
    pub fn fc(mut self) -> Self {
        self.is_fc = true;
        self.headers.retain(|(name, _)| name != "x-acs-date");
        self.header("date", "Tue, 24 Nov 2026 12:00:00 GMT")
    }

    pub fn json(self, body: Value) -> Self {
        self.body(body.to_string())
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Adds a header, or replaces it.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(given, _)| given != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn key(mut self, key: &str, secret: &str) -> Self {
        (self.key, self.secret) = (key.to_owned(), secret.to_owned());
        self
    }

    /// The signed request as a websocket's handshake, for a client that connects to a real socket.
    pub fn handshake(mut self) -> Request<()> {
        let socket = [("connection", "Upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13")];
        self.method = "GET".to_owned();
        let mut request = self.signed().map(|_| ());
        for (name, value) in socket {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        request.headers_mut().insert("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==".parse().unwrap());
        request
    }

    /// The signed request, for tests that spoil it before they send it.
    pub fn signed(self) -> Request<Vec<u8>> {
        if self.is_fc { self.signed_by_fc() } else { self.signed_by_acs3() }
    }

    fn signed_by_fc(mut self) -> Request<Vec<u8>> {
        self.headers.sort();
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let mut resource = path.to_owned();
        if path.starts_with("/2016-08-15/proxy/") {
            let mut pairs: Vec<&str> = query.split('&').collect();
            pairs.sort();
            resource.push_str(&format!("\n{}", pairs.join("\n")));
        }
        let header = |name: &str| self.headers.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value);
        let lines = self.headers.iter().filter(|(name, _)| name.starts_with("x-fc-")).map(|(name, value)| format!("{name}:{value}\n"));
        let lines: String = lines.collect();
        let (md5, kind, date) = (header("content-md5"), header("content-type"), header("date"));
        let signature = BASE64_STANDARD.encode(self.hmac(&format!("{}\n{md5}\n{kind}\n{date}\n{lines}{resource}", self.method)));
        let authorization = format!("FC {}:{signature}", self.key);
        self.request(authorization)
    }

    fn signed_by_acs3(mut self) -> Request<Vec<u8>> {
        let hash = hex::encode(Sha256::digest(&self.body));
        self.headers.push(("x-acs-content-sha256".to_owned(), hash.clone()));
        self.headers.sort();
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let lines: String = self.headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let canonical = format!("{}\n{path}\n{query}\n{lines}\n{names}\n{hash}", self.method);
        let text = format!("ACS3-HMAC-SHA256\n{}", hex::encode(Sha256::digest(canonical)));
        let signature = hex::encode(self.hmac(&text));
        let authorization = format!("ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},Signature={signature}", self.key);
        self.request(authorization)
    }

    fn hmac(&self, text: &str) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    fn request(self, authorization: String) -> Request<Vec<u8>> {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.target).header("authorization", authorization);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(self.body).unwrap()
    }

    pub async fn send(self) -> Answer {
        let router = self.wire.router.clone();
        send(router, self.signed().map(Body::from)).await
    }

    /// Sends it and insists on a 2xx.
    pub async fn ok(self) -> Answer {
        let answer = self.send().await;
        assert!(answer.status.is_success(), "{}", answer.text());
        answer
    }

    /// Sends it and insists on this refusal; returns the message.
    pub async fn refused(self, status: u16, code: &str) -> String {
        let what = format!("{} {} {:?}", self.method, self.target, self.headers);
        self.send().await.assert_refusal(status, code, &what)
    }
}

pub async fn send(router: Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Both spellings of code and message, the request id in body and header; returns the message.
    pub fn assert_refusal(&self, status: u16, code: &str, what: &str) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{what}: {e}: {:?}", self.body));
        assert_eq!((self.status.as_u16(), body["Code"].as_str()), (status, Some(code)), "{what}: {body}");
        assert_eq!(body["Code"], body["ErrorCode"]);
        assert_eq!(body["Message"], body["ErrorMessage"]);
        assert_eq!(body["RequestId"].as_str(), self.header("x-fc-request-id"));
        assert_eq!(self.header("content-type"), Some("application/json"));
        body["Message"].as_str().unwrap().to_owned()
    }

    /// Status, headers and body as text, the random request id by a word.
    pub fn text(&self) -> String {
        let id = self.header("x-fc-request-id").expect("on every answer").to_owned();
        assert_eq!(id.len(), 36, "{id}");
        let mut headers: Vec<String> = self.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        headers.sort();
        let body = match serde_json::from_slice::<Value>(&self.body) {
            Ok(json) => serde_json::to_string_pretty(&json).unwrap(),
            Err(_) => String::from_utf8_lossy(&self.body).into_owned(),
        };
        format!("{}\n{}\n\n{body}", self.status, headers.join("\n")).replace(&id, "<request id>")
    }
}
