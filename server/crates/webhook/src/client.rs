//! The HTTP client.

use crate::targets::{Resolver, Targets};
use async_trait::async_trait;
use bytes::Bytes;
use engine::ports::{Webhook, WebhookCall};
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use model::limits;
use std::time::Duration;
use tokio::sync::OnceCell;

/// Bytes of an answer that are read, and thrown away, so that the connection can be used again.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Connections kept to one target, and for how long.
const IDLE_CONNECTIONS: usize = 4;
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

type Http = HttpConnector<Resolver>;

/// Posts to HTTP and HTTPS addresses; certificates are checked against the machine's roots. It uses no proxy, since a proxy would look names
/// up where nobody checks what they resolve to.
pub struct HttpWebhook {
    targets: Targets,
    timeout: Duration,
    plain: Client<Http, Full<Bytes>>,
    /// Made at the first call: the machine's root certificates take a while to read and some memory to keep.
    secure: OnceCell<Client<HttpsConnector<Http>, Full<Bytes>>>,
}

impl HttpWebhook {
    /// A client that may call these targets.
    pub fn new(targets: Targets) -> Self {
        Self::with_timeout(targets, Duration::from_secs(limits::WEBHOOK_TIMEOUT_S))
    }

    /// The same with another time limit for the whole exchange.
    pub fn with_timeout(targets: Targets, timeout: Duration) -> Self {
        Self { targets, timeout, plain: client(connector(targets, true)), secure: OnceCell::new() }
    }

    async fn send(&self, uri: Uri, call: WebhookCall) -> Result<StatusCode, String> {
        let is_secure = uri.scheme_str() == Some("https");
        let request = Request::post(uri)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("taskyard/", env!("CARGO_PKG_VERSION")))
            .header("Idempotency-Key", call.id)
            .header("X-Fc-Request-Id", call.request_id.as_str())
            .body(Full::new(Bytes::from(call.body)))
            .map_err(|error| format!("the request can't be made: {error}"))?;
        let answered = if is_secure { self.secure().await?.request(request).await } else { self.plain.request(request).await };
        let answer: Response<_> = answered.map_err(|error| told(&error))?;
        let status = answer.status();
        // The status says it all; a body that can't be read to its end only costs the connection.
        drop(Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await);
        Ok(status)
    }

    async fn secure(&self) -> Result<&Client<HttpsConnector<Http>, Full<Bytes>>, String> {
        let targets = self.targets;
        let made = self.secure.get_or_try_init(|| async move {
            let builder = tokio::task::spawn_blocking(|| HttpsConnectorBuilder::new().with_native_roots())
                .await
                .map_err(|error| error.to_string())?
                .map_err(|error| error.to_string())?;
            Ok::<_, String>(client(builder.https_only().enable_http1().wrap_connector(connector(targets, false))))
        });
        made.await.map_err(|error| format!("this server has no root certificates to check HTTPS with (install ca-certificates): {error}"))
    }
}

#[async_trait]
impl Webhook for HttpWebhook {
    fn check(&self, url: &str) -> Result<(), String> {
        self.targets.check(url).map(drop)
    }

    async fn post(&self, call: WebhookCall) -> Result<(), String> {
        // Again, since the setting may be another one than when it was configured.
        let uri = self.targets.check(&call.url)?;
        let status = tokio::time::timeout(self.timeout, self.send(uri, call))
            .await
            .map_err(|_| format!("the webhook did not answer within {}", model::format::duration_ms(ms(self.timeout))))??;
        if status.is_success() {
            return Ok(());
        }
        if status.is_redirection() {
            return Err(format!("the webhook answered {}; redirects are not followed", status.as_u16()));
        }
        Err(format!("the webhook answered {}", status.as_u16()))
    }
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn connector(targets: Targets, only_http: bool) -> Http {
    let mut connector = HttpConnector::new_with_resolver(Resolver::new(targets));
    connector.enforce_http(only_http);
    connector.set_nodelay(true);
    connector
}

fn client<C>(connector: C) -> Client<C, Full<Bytes>>
where
    C: hyper_util::client::legacy::connect::Connect + Clone,
{
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .build(connector)
}

/// What went wrong, down to its cause.
fn told(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let what = if error.is_connect() { "the webhook can't be reached" } else { "the webhook broke off" };
    format!("{what}: {cause}")
}
