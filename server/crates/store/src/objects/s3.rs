//! A bucket of a store that speaks S3, over the HTTP client that webhooks use too: `object_store` brings the protocol, not the connections.

use super::Bucket;
use async_trait::async_trait;
use http_body_util::BodyExt;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as Tcp;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use object_store::aws::AmazonS3Builder;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpResponseBody, HttpService,
};
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use std::sync::Arc;
use std::time::Duration;

/// Connections that are kept, and for how long.
const IDLE_CONNECTIONS: usize = 8;
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Repetitions of a call that failed, and how long after the first one.
const RETRIES_MAX: usize = 4;
const RETRY_TIMEOUT: Duration = Duration::from_secs(30);

/// Opens the bucket; nothing is asked of it yet.
pub(super) fn open(bucket: &Bucket) -> object_store::Result<Arc<dyn ObjectStore>> {
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_access_key_id(&bucket.access_key_id)
        .with_secret_access_key(&bucket.access_key_secret)
        .with_retry(RetryConfig { max_retries: RETRIES_MAX, retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() })
        // One object at a time is deleted, and not every store takes lists.
        .with_disable_bulk_delete(true)
        .with_http_connector(Connector);
    if let Some(endpoint) = &bucket.endpoint {
        let host = endpoint.split_once("://").map_or(endpoint.as_str(), |(_, host)| host);
        builder = builder
            .with_endpoint(endpoint)
            .with_allow_http(endpoint.starts_with("http://"))
            // Some stores take only addresses that begin with the bucket's name.
            .with_virtual_hosted_style_request(host.starts_with(&format!("{}.", bucket.name)));
    }
    let store = Arc::new(builder.build()?);
    Ok(if bucket.prefix.is_empty() { store } else { Arc::new(PrefixStore::new(store, bucket.prefix.as_str())) })
}

#[derive(Debug)]
struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|source| object_store::Error::Generic { store: "S3", source: Box::new(source) })?
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .build(connector);
        Ok(HttpClient::new(Connections(client)))
    }
}

#[derive(Debug)]
struct Connections(Client<HttpsConnector<Tcp>, HttpRequestBody>);

#[async_trait]
impl HttpService for Connections {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = self.0.request(request).await.map_err(|error| {
            let kind = if error.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Request };
            HttpError::new(kind, error)
        })?;
        let (parts, body) = answer.into_parts();
        let body = HttpResponseBody::new(body.map_err(|error| HttpError::new(HttpErrorKind::Interrupted, error)));
        Ok(HttpResponse::from_parts(parts, body))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LogPlace, Objects};
    use super::*;
    use std::collections::HashMap;
    use std::sync::Mutex;
    use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    /// A fake of S3: keeps what is put, by path, and the headers of the last call. It checks no signature.
    #[derive(Default)]
    struct Fake {
        objects: Mutex<HashMap<String, Vec<u8>>>,
        authorization: Mutex<String>,
    }

    impl Fake {
        async fn serve(self: Arc<Self>, listener: TcpListener) {
            while let Ok((stream, _)) = listener.accept().await {
                let fake = self.clone();
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    while fake.answer(&mut stream).await.is_some() {}
                });
            }
        }

        async fn answer(&self, stream: &mut BufReader<tokio::net::TcpStream>) -> Option<()> {
            let mut first = String::new();
            stream.read_line(&mut first).await.ok().filter(|read| *read > 0)?;
            let mut length = 0;
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).await.ok()?;
                let (name, value) = line.trim().split_once(": ").unwrap_or_default();
                match name {
                    "content-length" => length = value.parse().unwrap(),
                    "authorization" => value.clone_into(&mut self.authorization.lock().unwrap()),
                    "" => break,
                    _ => {}
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await.ok()?;
            let mut words = first.split(' ');
            let (method, path) = (words.next()?, words.next()?.to_owned());
            let (status, body) = {
                let mut objects = self.objects.lock().unwrap();
                match method {
                    "PUT" => (
                        {
                            objects.insert(path, body);
                            "200 OK"
                        },
                        Vec::new(),
                    ),
                    "GET" => objects.get(&path).map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body.clone())),
                    "DELETE" => (
                        {
                            objects.remove(&path);
                            "204 No Content"
                        },
                        Vec::new(),
                    ),
                    _ => ("400 Bad Request", Vec::new()),
                }
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\netag: \"e\"\r\nlast-modified: Wed, 25 Nov 2026 12:00:00 GMT\r\n\r\n",
                body.len()
            );
            stream.write_all(&[head.into_bytes(), body].concat()).await.ok()
        }
    }

    #[tokio::test]
    async fn i4_objects_go_to_a_fake_bucket_and_come_back() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let fake = Arc::new(Fake::default());
        let serving = tokio::spawn(fake.clone().serve(listener));
        let bucket = Bucket {
            name: "logs".to_owned(),
            prefix: "taskyard".to_owned(),
            endpoint: Some(endpoint),
            region: "cn-hangzhou".to_owned(),
            access_key_id: "an-id".to_owned(),
            access_key_secret: "a-secret".to_owned(),
        };
        let objects = Objects::open(&LogPlace::Bucket(bucket)).unwrap();
        objects.put("ab/abcd", b"packed".to_vec()).await.unwrap();
        assert_eq!(fake.objects.lock().unwrap().keys().collect::<Vec<_>>(), ["/logs/taskyard/chunks/ab/abcd"]);
        let signed = fake.authorization.lock().unwrap().clone();
        assert!(signed.starts_with("AWS4-HMAC-SHA256 Credential=an-id/") && signed.contains("/cn-hangzhou/s3/"), "{signed}");
        assert_eq!(objects.get("ab/abcd").await.unwrap(), b"packed");
        objects.delete("ab/abcd").await.unwrap();
        let missing = objects.get("ab/abcd").await.unwrap_err();
        assert!(format!("{missing:?}").contains("is not in the log store any more"), "{missing:?}");
        objects.delete("ab/abcd").await.unwrap();
        serving.abort();
    }
}
