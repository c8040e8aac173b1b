//! Carries calls over HTTP. It follows no redirect and uses no proxy.

use crate::call::{Answer, Call, Transport};
use crate::clock::Clock;
use crate::problem::{Outcome, Problem, Refusal};
use crate::settings::{Endpoint, Settings};
use crate::sign;
use acs3::canonical_query;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of an answer that are kept: more than the largest code package.
const ANSWER_BYTES_MAX: usize = 512 * 1024 * 1024;
/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may take whose time is not the function's.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// After so long without a word the other side is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// Characters that are shown of an error that is not the API's.
const FOREIGN_CHARS_MAX: usize = 200;

/// The way to one server.
pub(crate) struct HttpTransport {
    settings: Settings,
    client: Http,
    clock: Arc<dyn Clock>,
}

/// Clients with and without encryption; the machine's root certificates are only read where they are needed.
enum Http {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Secure(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl Http {
    fn new(is_https: bool) -> Outcome<Self> {
        let mut connector = HttpConnector::new();
        connector.enforce_http(!is_https);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        connector.set_keepalive(Some(KEEPALIVE));
        if !is_https {
            return Ok(Self::Plain(client(connector)));
        }
        let builder = HttpsConnectorBuilder::new().with_native_roots().map_err(|error| {
            Problem::Failed(format!("there are no root certificates to check HTTPS with (install ca-certificates): {error}"))
        })?;
        Ok(Self::Secure(client(builder.https_only().enable_http1().wrap_connector(connector))))
    }

    /// Sends a request and reads the whole answer, whatever its status.
    async fn exchange(&self, request: Request<Full<Bytes>>, patience: Option<Duration>) -> Outcome<Answer> {
        let place = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let exchange = async {
            let answer: Response<_> = match self {
                Http::Plain(client) => client.request(request).await,
                Http::Secure(client) => client.request(request).await,
            }
            .map_err(|error| unreachable(&place, &error))?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|error| Problem::Unreachable(format!("the answer of {place} broke off: {error}")))?.to_bytes();
            let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
            Ok(Answer { status: parts.status.as_u16(), headers, body })
        };
        match patience {
            None => exchange.await,
            Some(patience) => tokio::time::timeout(patience, exchange)
                .await
                .map_err(|_| Problem::Unreachable(format!("{place} did not answer within {} s", patience.as_secs())))?,
        }
    }
}

fn client<C: Connect + Clone>(connector: C) -> Client<C, Full<Bytes>> {
    Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector)
}

impl HttpTransport {
    /// A transport to the server of the settings.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Outcome<Self> {
        let client = Http::new(settings.endpoint.is_https)?;
        Ok(Self { settings, client, clock })
    }

    fn request(&self, call: &Call) -> Outcome<Request<Full<Bytes>>> {
        let nonce = uuid::Uuid::new_v4().simple().to_string();
        let query = canonical_query(call.query.clone());
        let mark = if query.is_empty() { "" } else { "?" };
        let mut request = Request::builder().method(call.method).uri(format!("{}{}{mark}{query}", self.settings.endpoint, call.path));
        for (name, value) in sign::headers(call, &self.settings, self.clock.now(), &nonce) {
            request = request.header(name, value);
        }
        built(request, call.body.clone())
    }
}

fn built(request: http::request::Builder, body: Bytes) -> Outcome<Request<Full<Bytes>>> {
    let agent = concat!("taskyard/", env!("CARGO_PKG_VERSION"));
    let built = request.header("user-agent", agent).header("accept", "application/json").body(Full::new(body));
    built.map_err(|error| Problem::Usage(format!("the request can't be made: {error}")))
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, call: &Call) -> Outcome<Answer> {
        let patience = (!call.is_patient).then_some(ANSWER_TIMEOUT);
        accepted(self.client.exchange(self.request(call)?, patience).await?)
    }

    async fn fetch(&self, url: &str) -> Outcome<Bytes> {
        let uri: Uri = url.parse().map_err(|_| Problem::Failed("the link that the server gave can't be read".to_owned()))?;
        let http = Http::new(Endpoint::parse(&origin(&uri))?.is_https)?;
        let answer = http.exchange(built(Request::get(uri), Bytes::new())?, None).await?;
        Ok(accepted(answer)?.body)
    }
}

/// Scheme and authority of an address.
fn origin(uri: &Uri) -> String {
    let authority = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
    format!("{}://{authority}", uri.scheme_str().unwrap_or("http"))
}

/// The answer of a status of success; any other becomes the refusal that its body tells.
fn accepted(answer: Answer) -> Outcome<Answer> {
    if (200..300).contains(&answer.status) { Ok(answer) } else { Err(Problem::Refused(refusal(&answer))) }
}

/// Reads an error body (`fc-api.md` 1.5), and makes the best of one that something in between has written.
fn refusal(answer: &Answer) -> Refusal {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |names: [&str; 2]| names.into_iter().find_map(|name| body.get(name)?.as_str()).map(str::to_owned);
    let request_id = text(["RequestId", "requestId"]).or_else(|| answer.header("x-fc-request-id").map(str::to_owned));
    let foreign = || {
        let text: String = String::from_utf8_lossy(&answer.body).trim().chars().take(FOREIGN_CHARS_MAX).collect();
        if text.is_empty() { "the answer has no body; is this a Taskyard server?".to_owned() } else { text }
    };
    Refusal {
        status: answer.status,
        code: text(["Code", "ErrorCode"]).unwrap_or_else(|| format!("HTTP {}", answer.status)),
        message: text(["Message", "ErrorMessage"]).unwrap_or_else(foreign),
        request_id: request_id.unwrap_or_default(),
    }
}

/// What went wrong, down to its cause.
fn unreachable(place: &str, error: &Error) -> Problem {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let what = if error.is_connect() { "can't be reached" } else { "broke off" };
    Problem::Unreachable(format!("{place} {what}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_errors_of_the_api_and_of_others_are_told() {
        let check = |status, headers: &[(&str, &str)], body: &str, expected: [&str; 3]| {
            let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let refusal = refusal(&Answer { status, headers, body: Bytes::from(body.to_owned()) });
            assert_eq!([refusal.code.as_str(), &refusal.message, &refusal.request_id], expected, "{body}");
        };
        let body = r#"{"RequestId":"r-1","HostId":"h","Code":"ServiceNotFound","Message":"no","ErrorCode":"x","ErrorMessage":"y"}"#;
        check(404, &[("x-fc-request-id", "r-2")], body, ["ServiceNotFound", "no", "r-1"]);
        check(404, &[], r#"{"ErrorCode":"A","ErrorMessage":"b"}"#, ["A", "b", ""]);
        check(502, &[("x-fc-request-id", "r-2")], "<h1>Bad gateway</h1>\n", ["HTTP 502", "<h1>Bad gateway</h1>", "r-2"]);
        check(302, &[], "", ["HTTP 302", "the answer has no body; is this a Taskyard server?", ""]);
    }

    #[test]
    fn i5_only_success_is_accepted() {
        let check = |status, fits: bool| assert_eq!(accepted(Answer { status, ..Answer::default() }).is_ok(), fits, "{status}");
        for (status, fits) in [(200, true), (202, true), (204, true), (301, false), (404, false), (500, false)] {
            check(status, fits);
        }
    }
}
