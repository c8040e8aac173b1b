//! The control channel between server and instance: frames over a pair of sockets, one end of which the instance inherits as the
//! descriptor whose number is in `TASKYARD_CHANNEL`.
//!
//! A frame is: length of the header (4 bytes, big-endian), length of the payload (4 bytes, big-endian), the header (a JSON object with a
//! `type`), the payload (raw bytes). In the order of an instance's life:
//!
//! | from | type | header | payload |
//! | --- | --- | --- | --- |
//! | instance | `hello` | it runs and has loaded nothing of the function yet | |
//! | server | `init` | what to load, the fixed part of the context, `marker`, `concurrency`: requests that it will have at once | |
//! | instance | `ready` | `cancellable`: it hears `cancel` while the handler runs | |
//! | instance | `failed` | | error object: the module could not be loaded |
//! | server | `initialize` | `request_id` | |
//! | server | `invoke` | `request_id`, `seq`, `retry_count`, `http`: head of the request of an HTTP function | event or body |
//! | server | `cancel` | `request_id` | |
//! | instance | `cancelling` | `observed`: the handler was told | |
//! | server | `hook` | `hook`: `pre_freeze` or `pre_stop`, `request_id` | |
//! | instance | `hooked` | `ok` | error object when not |
//! | instance | `result` | `status` ok, handled or unhandled; `fatal`: the process is unsound; `cancelled`: after a `cancel`; `http`: head of an HTTP answer | result, body or error object |
//! | instance | `head` | `http`: head of an HTTP answer that is written bit by bit | |
//! | instance | `chunk` | | the next part of its body |
//!
//! `initialize` and `invoke` are each answered by one `result`, `hook` by one `hooked`; a `hook` may come while the code runs. Before the
//! `result` of an `invoke` the instance writes a mark to stdout and stderr (see `lines.rs`); the marker travels only here.
//!
//! With a `concurrency` above 1 an `invoke` may come before the last one's `result`; each `result` and `cancelling` then has the `request_id` that
//! it is about, and what code writes comes as lines with the number of their request in front (`lines.rs`).

use bytes::{Buf, Bytes, BytesMut};
use model::{HttpRequest, HttpResponse, limits::SYNC_PAYLOAD_BYTES_MAX};
use serde::{Deserialize, Serialize};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Bytes of the two lengths.
const PREFIX_BYTES: usize = 8;
/// Bytes of a header; ours have a few hundred.
const HEADER_BYTES_MAX: usize = 64 * 1024;
/// Payloads up to this size are sent in one write with their header.
const JOINED_BYTES_MAX: usize = 64 * 1024;

/// What the server says.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ToInstance<'a> {
    Init {
        marker: &'a str,
        code_dir: &'a str,
        handler: &'a str,
        /// Empty means none.
        initializer: &'a str,
        /// Handler of the hook; empty means none.
        pre_freeze: &'a str,
        /// Handler of the hook; empty means none.
        pre_stop: &'a str,
        /// The request that the instance is started for.
        request_id: &'a str,
        context: &'a serde_json::Value,
        #[serde(skip_serializing_if = "is_one")]
        concurrency: usize,
    },
    Initialize {
        request_id: &'a str,
    },
    Invoke {
        request_id: &'a str,
        seq: u32,
        retry_count: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        http: Option<&'a HttpRequest>,
    },
    Hook {
        hook: &'a str,
        request_id: &'a str,
    },
    Cancel {
        request_id: &'a str,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_one(number: &usize) -> bool {
    *number == 1
}

/// What the instance says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum FromInstance {
    Hello,
    Ready {
        cancellable: bool,
    },
    Failed,
    Cancelling {
        observed: bool,
        /// The request, where there may be several.
        #[serde(default)]
        request_id: Option<String>,
    },
    Hooked {
        ok: bool,
    },
    Head {
        http: HttpResponse,
        /// The request, where there may be several.
        #[serde(default)]
        request_id: Option<String>,
    },
    Chunk {
        /// The request, where there may be several.
        #[serde(default)]
        request_id: Option<String>,
    },
    Result {
        status: Status,
        fatal: bool,
        cancelled: bool,
        #[serde(default)]
        http: Option<HttpResponse>,
        /// The request, where there may be several.
        #[serde(default)]
        request_id: Option<String>,
    },
}

/// How a call of user code ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Ok,
    Handled,
    Unhandled,
}

/// A message of the instance with its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) message: FromInstance,
    /// Empty when `oversized`.
    pub(crate) payload: Bytes,
    /// The payload's size when it was over the limit and has been thrown away.
    pub(crate) oversized: Option<usize>,
}

/// Reads frames; a call that is dropped half way loses nothing.
#[derive(Debug)]
pub(crate) struct FrameReader<R> {
    source: R,
    buffer: BytesMut,
    skipping: Option<Skip>,
}

/// A payload over the limit that is being thrown away.
#[derive(Debug)]
struct Skip {
    message: FromInstance,
    left: usize,
    total: usize,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// Reads from this stream.
    pub(crate) fn new(source: R) -> Self {
        Self { source, buffer: BytesMut::with_capacity(8 * 1024), skipping: None }
    }

    /// The next frame; `None` at the end of the stream. Errors: the stream's, or `InvalidData` when it does not carry frames.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Frame>> {
        loop {
            if let Some(frame) = self.take_frame()? {
                return Ok(Some(frame));
            }
            if self.source.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Takes a whole frame from the buffer, or makes room for the rest of one.
    fn take_frame(&mut self) -> io::Result<Option<Frame>> {
        if let Some(frame) = self.skip() {
            return Ok(Some(frame));
        }
        let mut prefix = self.buffer.as_ref();
        if self.skipping.is_some() || prefix.len() < PREFIX_BYTES {
            self.buffer.reserve(8 * 1024);
            return Ok(None);
        }
        let header_len = prefix.get_u32() as usize;
        let payload_len = prefix.get_u32() as usize;
        if header_len > HEADER_BYTES_MAX {
            return Err(invalid(format!("a header of {header_len} bytes")));
        }
        let oversized = payload_len > SYNC_PAYLOAD_BYTES_MAX;
        let wanted = PREFIX_BYTES + header_len + if oversized { 0 } else { payload_len };
        if self.buffer.len() < wanted {
            self.buffer.reserve(wanted - self.buffer.len());
            return Ok(None);
        }
        self.buffer.advance(PREFIX_BYTES);
        let header = self.buffer.split_to(header_len);
        let message = serde_json::from_slice(&header).map_err(|error| invalid(error.to_string()))?;
        if oversized {
            self.skipping = Some(Skip { message, left: payload_len, total: payload_len });
            return Ok(self.skip());
        }
        Ok(Some(Frame { message, payload: self.buffer.split_to(payload_len).freeze(), oversized: None }))
    }

    /// Throws away what has arrived of an oversized payload; gives its frame when all of it is gone.
    fn skip(&mut self) -> Option<Frame> {
        let skip = self.skipping.as_mut()?;
        let here = skip.left.min(self.buffer.len());
        self.buffer.advance(here);
        skip.left -= here;
        if skip.left > 0 {
            return None;
        }
        let Skip { message, total, .. } = self.skipping.take()?;
        Some(Frame { message, payload: Bytes::new(), oversized: Some(total) })
    }
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not a frame of the control channel: {what}"))
}

/// Writes one frame. Not safe to drop half way: the channel is unusable then.
pub(crate) async fn write_frame<W: AsyncWrite + Unpin>(sink: &mut W, message: &ToInstance<'_>, payload: &[u8]) -> io::Result<()> {
    let header = serde_json::to_vec(message).map_err(io::Error::other)?;
    let lengths = [length(header.len())?, length(payload.len())?].concat();
    if payload.len() <= JOINED_BYTES_MAX {
        return sink.write_all(&[lengths.as_slice(), &header, payload].concat()).await;
    }
    sink.write_all(&[lengths.as_slice(), &header].concat()).await?;
    sink.write_all(payload).await
}

fn length(bytes: usize) -> io::Result<[u8; 4]> {
    u32::try_from(bytes).map(u32::to_be_bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "a frame over 4 GB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(header: &str, payload: &[u8]) -> Vec<u8> {
        let lengths = [(header.len() as u32).to_be_bytes(), (payload.len() as u32).to_be_bytes()].concat();
        [lengths.as_slice(), header.as_bytes(), payload].concat()
    }

    const RESULT: &str = r#"{"type":"result","status":"ok","fatal":false,"cancelled":false}"#;

    #[tokio::test]
    async fn frames_arrive_in_any_pieces() {
        let bytes = [frame(r#"{"type":"hello"}"#, b""), frame(RESULT, b"abc")].concat();
        for size in [1, 3, bytes.len()] {
            let (mut far, near) = tokio::io::duplex(size);
            let input = bytes.clone();
            let writer = tokio::spawn(async move { far.write_all(&input).await });
            let mut reader = FrameReader::new(near);
            let hello = reader.next().await.unwrap().unwrap();
            assert_eq!(hello.message, FromInstance::Hello);
            let result = reader.next().await.unwrap().unwrap();
            assert_eq!((result.payload.as_ref(), result.oversized), (b"abc".as_slice(), None));
            assert_eq!(reader.next().await.unwrap(), None);
            writer.await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn an_oversized_payload_is_thrown_away_and_the_next_frame_read() {
        let bytes = [frame(RESULT, &vec![0; SYNC_PAYLOAD_BYTES_MAX + 1]), frame(RESULT, b"next")].concat();
        let mut reader = FrameReader::new(bytes.as_slice());
        assert_eq!(reader.next().await.unwrap().unwrap().oversized, Some(SYNC_PAYLOAD_BYTES_MAX + 1));
        assert_eq!(reader.next().await.unwrap().unwrap().payload.as_ref(), b"next");
    }

    #[tokio::test]
    async fn anything_else_is_an_error() {
        for bytes in [vec![0xff; 16], frame("{}", b""), frame(r#"{"type":"invoke"}"#, b"")] {
            assert_eq!(FrameReader::new(bytes.as_slice()).next().await.unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
    }

    #[tokio::test]
    async fn a_written_frame_has_lengths_header_and_payload() {
        let mut sink = Vec::new();
        write_frame(&mut sink, &ToInstance::Invoke { request_id: "r", seq: 7, retry_count: 0, http: None }, b"event").await.unwrap();
        assert_eq!(sink, frame(r#"{"type":"invoke","request_id":"r","seq":7,"retry_count":0}"#, b"event"));
    }
}
