//! Reading bodies: with the operation's limit, hashed as they come, and drained when they are refused.

use crate::error::{ApiError, ApiResult};
use crate::uploads::{Share, Uploads};
use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use bytes::Bytes;
use futures::StreamExt;
use http_body_util::BodyExt;
use model::{BodyStream, Error, ErrorCode, limits};
use sha2::{Digest, Sha256};
use std::{error::Error as StdError, io, sync::Arc};
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
    /// Its memory; to be kept until the request has been answered.
    pub share: Share,
}

/// Reads a body of at most `most` bytes; a longer one is `EntityTooLarge` and not kept, and one for which there is no memory at the moment
/// `ResourceThrottled`.
pub(crate) async fn read(uploads: &Uploads, headers: &HeaderMap, mut body: Body, most: usize) -> ApiResult<Read> {
    match gather(uploads, headers, &mut body, most).await {
        Err(refusal) => {
            drain(headers, body).await;
            Err(refusal)
        }
        read => read,
    }
}

async fn gather(uploads: &Uploads, headers: &HeaderMap, body: &mut Body, most: usize) -> ApiResult<Read> {
    let announced = usize::try_from(content_length(headers).unwrap_or(0)).unwrap_or(usize::MAX);
    if announced > most {
        return Err(ApiError::too_large(most));
    }
    let mut share = uploads.share(announced)?;
    let mut hash = Sha256::new();
    let mut bytes = Vec::with_capacity(announced);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| cut_off(&error))?.into_data() else { continue };
        let length = bytes.len() + data.len();
        if length > most {
            return Err(ApiError::too_large(most));
        }
        share.grow(uploads, length, most)?;
        hash.update(&data);
        bytes.extend_from_slice(&data);
    }
    Ok(Read { bytes: Bytes::from(bytes), sha256: hash.finalize().into(), share })
}

/// Why a body is not complete. The server that read it says by [`io::ErrorKind::TimedOut`] that it has waited long enough.
fn cut_off(error: &axum::Error) -> Error {
    let causes = std::iter::successors(Some(error as &(dyn StdError + 'static)), |error| (*error).source());
    let timed_out = causes.filter_map(|cause| cause.downcast_ref::<io::Error>()).find(|cause| cause.kind() == io::ErrorKind::TimedOut);
    match timed_out {
        Some(timed_out) => Error::new(ErrorCode::RequestTimeout, timed_out.to_string()),
        None => Error::invalid("the request body ended before it was complete"),
    }
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
                match frame.map(|frame| frame.into_data()) {
                    Err(error) => return Some((Err(cut_off(&error)), body)),
                    Ok(Ok(data)) => return Some((Ok(data.into()), body)),
                    Ok(Err(_trailers)) => {}
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
    async fn i5_6_a_body_takes_memory_as_announced_or_as_it_comes() {
        let uploads = Uploads::of(300_000);
        let ask = async |announced: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.extend(announced.map(|length| (header::CONTENT_LENGTH, length.parse().unwrap())));
            let pieces = futures::stream::iter((0..4).map(|_| Ok::<_, io::Error>(vec![0_u8; 50_000])));
            read(&uploads, &headers, Body::from_stream(pieces), 1_000_000).await
        };
        for announced in [Some("200000"), None] {
            let first = ask(announced).await.unwrap_or_else(|refusal| panic!("{refusal:?}"));
            assert_eq!(first.bytes.len(), 200_000);
            assert_eq!(ask(announced).await.err().unwrap().0.code, ErrorCode::ResourceThrottled, "while the first one is held");
            drop(first);
            assert!(ask(announced).await.is_ok(), "then no more");
        }
    }

    #[tokio::test]
    async fn i5_6_a_body_that_was_waited_for_long_enough_is_told_from_one_that_ended() {
        let ask = async |kind: io::ErrorKind| {
            let pieces = futures::stream::iter([Ok(vec![0_u8; 9]), Err(io::Error::new(kind, "it was waited for"))]);
            let body = Body::from_stream(pieces);
            read(&Uploads::default(), &HeaderMap::new(), body, 100).await.err().unwrap().0
        };
        assert_eq!(ask(io::ErrorKind::TimedOut).await, Error::new(ErrorCode::RequestTimeout, "it was waited for"));
        assert_eq!(ask(io::ErrorKind::UnexpectedEof).await.code, ErrorCode::InvalidArgument);
    }

    #[tokio::test]
    async fn a_body_of_exactly_the_limit_is_read() {
        let check = async |announced: Option<&str>, body: &'static str, fits: bool| {
            let mut headers = HeaderMap::new();
            headers.extend(announced.map(|length| (header::CONTENT_LENGTH, length.parse().unwrap())));
            let read = read(&Uploads::default(), &headers, Body::from(body), 4).await;
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
