//! Log lines: appended in parts while code runs, merged into larger chunks afterwards, read by request or searched by function.

use super::StoreResult;
use async_trait::async_trait;
use model::{FunctionRef, InstanceId, LogEntry, LogLine, LogQuery, RequestId, UnixMillis};

/// Who wrote lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogOrigin {
    pub function: FunctionRef,
    pub request: RequestId,
    pub instance: InstanceId,
}

/// Lines to be appended to a request's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPart {
    pub origin: LogOrigin,
    /// In the order in which they were written.
    pub lines: Vec<LogLine>,
}

impl LogPart {
    /// Bytes of its lines, line feeds included.
    pub fn bytes(&self) -> usize {
        self.lines.iter().map(|line| line.text.len() + 1).sum()
    }
}

/// Lines of one request, and what it took to read them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogRead {
    pub lines: Vec<LogLine>,
    /// Chunks that were unpacked.
    pub chunks_read: u32,
}

/// A search. Chunks are looked at in the order of their last lines; the lines of a chunk stay together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSearch {
    /// `None` only together with a request: its log outlives its function, and older lines name none.
    pub function: Option<FunctionRef>,
    /// `next_token` is one that a search gave, or empty.
    pub query: LogQuery,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogHits {
    pub entries: Vec<LogEntry>,
    /// Where to go on; empty when nothing is left at the moment. There may be one although nothing was found: a search looks at a limited
    /// number of chunks at a time.
    pub next_token: String,
    /// Chunks that were unpacked.
    pub chunks_read: u32,
}

/// Log lines by request and by function.
#[async_trait]
pub trait LogStore: Send + Sync {
    /// Appends to the logs of requests, in the order given; all or nothing.
    async fn append_logs(&self, batch: Vec<LogPart>) -> StoreResult<()>;

    /// Up to `limit` lines of a request's log from line `from` (counted from 0) on.
    async fn read_log(&self, request: &RequestId, from: u64, limit: u32) -> StoreResult<LogRead>;

    /// Lines that the search wants, with bounded work; the token has been checked by the caller.
    async fn search_logs(&self, search: &LogSearch) -> StoreResult<LogHits>;

    /// Merges small parts of a request's log into larger chunks and brings large ones to where they belong, a bounded number at a time; true
    /// when it is worth calling again. Lines and their numbers stay the same; a crash at any point loses none.
    async fn seal_log(&self, request: &RequestId, now: UnixMillis) -> StoreResult<bool>;

    /// Deletes up to `limit` stored chunks that nothing refers to any more; returns how many.
    async fn sweep_logs(&self, now: UnixMillis, limit: u32) -> StoreResult<u64>;
}
