//! Reading bodies: with the operation's limit, hashed as they come, and drained when they are refused.

use crate::error::{ApiError, ApiResult};
use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use bytes::Bytes;
use futures::StreamExt;
use http_body_util::BodyExt;
use model::{BodyStream, Error, limits};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::Mutex;

/// What an operation's body carries, which decides how long it may be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    /// A JSON document, or nothing.
    Document,
    /// A JSON document with a code package in it.
    Code,
    /// An event: what is allowed depends on the invocation type.
    Event,
}

impl Limit {
    /// The most bytes of the body of a request with these headers.
    pub fn bytes(self, headers: &HeaderMap) -> usize {
        match self {
            Limit::Document => limits::API_DOCUMENT_BYTES_MAX,
            Limit::Code => limits::API_CODE_BODY_BYTES_MAX,
            Limit::Event if crate::v2::invoke::is_async(headers) => limits::ASYNC_PAYLOAD_BYTES_MAX,
            Limit::Event => limits::SYNC_PAYLOAD_BYTES_MAX,
        }
    }
}

/// A body that was read to its end.
pub(crate) struct Read {
    pub bytes: Bytes,
    pub sha256: [u8; 32],
}

/// Reads a body of at most `most` bytes; a longer one is `EntityTooLarge` and not kept.
pub(crate) async fn read(headers: &HeaderMap, mut body: Body, most: usize) -> ApiResult<Read> {
    let announced = content_length(headers).unwrap_or(0);
    if announced > most as u64 {
        drain(headers, body).await;
        return Err(ApiError::too_large(most));
    }
    let mut hash = Sha256::new();
    let mut bytes = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::invalid("the request body ended before it was complete"))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > most {
            drain(headers, body).await;
            return Err(ApiError::too_large(most));
        }
        hash.update(&data);
        bytes.extend_from_slice(&data);
    }
    Ok(Read { bytes: Bytes::from(bytes), sha256: hash.finalize().into() })
}

/// Reads and drops the rest of a refused body, so that the client reads the answer instead of a broken connection: a socket that is
/// closed with unread bytes resets. A body beyond the bound is cut off.
pub(crate) async fn drain(headers: &HeaderMap, mut body: Body) {
    if content_length(headers).is_some_and(|length| length > limits::API_DRAIN_BYTES_MAX) {
        return;
    }
    let mut seen = 0;
    while let Some(Ok(frame)) = body.frame().await {
        seen += frame.data_ref().map_or(0, |data| data.len() as u64);
        if seen > limits::API_DRAIN_BYTES_MAX {
            return;
        }
    }
}

/// Bytes up to which a body is rather read whole.
const READ_WHOLE_BYTES: u64 = 64 * 1024;

/// A body that is passed on as it comes.
pub(crate) struct Passing {
    body: Arc<Mutex<Body>>,
}

impl Passing {
    /// A synchronous call's body that is worth that; the others are given back. One without a length is not: many servers of custom
    /// runtimes can't read such.
    pub fn of(headers: &HeaderMap, body: Body) -> Result<Self, Body> {
        let fits = |length: u64| length > READ_WHOLE_BYTES && length <= limits::SYNC_PAYLOAD_BYTES_MAX as u64;
        if content_length(headers).is_some_and(fits) { Ok(Self { body: Arc::new(Mutex::new(body)) }) } else { Err(body) }
    }

    /// The body, as it comes.
    pub fn stream(&self) -> BodyStream {
        let next = |body: Arc<Mutex<Body>>| async move {
            loop {
                let frame = body.lock().await.frame().await?;
                let Ok(frame) = frame else {
                    return Some((Err(Error::invalid("the request body ended before it was complete")), body));
                };
                if let Ok(data) = frame.into_data() {
                    return Some((Ok(data.into()), body));
                }
            }
        };
        futures::stream::unfold(Arc::clone(&self.body), next).boxed()
    }

    /// Reads and drops what nobody has taken, as [`drain`] does.
    pub async fn drain(self, headers: &HeaderMap) {
        drain(headers, std::mem::take(&mut *self.body.lock().await)).await;
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_differ_by_operation_and_invocation_type() {
        let mut headers = HeaderMap::new();
        assert_eq!(Limit::Document.bytes(&headers), 1024 * 1024);
        assert_eq!(Limit::Code.bytes(&headers), 140 * 1024 * 1024);
        assert_eq!(Limit::Event.bytes(&headers), 32 * 1024 * 1024);
        headers.insert("x-fc-invocation-type", "Async".parse().unwrap());
        assert_eq!(Limit::Event.bytes(&headers), 128 * 1024);
    }

    #[tokio::test]
    async fn a_body_of_exactly_the_limit_is_read() {
        let check = async |announced: Option<&str>, body: &'static str, fits: bool| {
            let mut headers = HeaderMap::new();
            headers.extend(announced.map(|length| (header::CONTENT_LENGTH, length.parse().unwrap())));
            let read = read(&headers, Body::from(body), 4).await;
            assert_eq!(read.is_ok_and(|read| read.bytes == body), fits, "{announced:?} {body}");
        };
        check(None, "", true).await;
        check(None, "1234", true).await;
        check(None, "12345", false).await;
        check(Some("4"), "1234", true).await;
        check(Some("5"), "12345", false).await;
        check(Some("a lot"), "1234", true).await;
    }
}
