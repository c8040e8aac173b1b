//! What an instance writes: attributed to the request that runs, batched, bounded, and complete before the request's outcome. Where several
//! run at once each has a log of its own (`guests.rs`).

mod guests;

use crate::{
    lines::{LineSplitter, Piece},
    tail::Tail,
};
use engine::{
    clock::Clock,
    ports::{LogOrigin, LogSink},
};
use model::{FunctionRef, InstanceId, LogLine, LogStream, RequestId};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{ChildStderr, ChildStdout},
    sync::{Notify, watch},
};
use tokio_util::sync::CancellationToken;

/// Lines that are stored in one go.
const BATCH_LINES: usize = 256;
/// Bytes beyond which no further line goes into a batch.
const BATCH_BYTES: usize = 1 << 20;
/// How long a line may wait for others before it is stored.
const BATCH_WAIT: Duration = Duration::from_millis(50);
/// How long a request's outcome waits for the marks after its last line.
const MARK_WAIT: Duration = Duration::from_millis(200);
const READ_BYTES: usize = 64 * 1024;

/// What an instance writes to.
pub(crate) trait Output: AsyncRead + Unpin {
    /// Bytes that have been written and not been read.
    fn waiting(&self) -> u64;
}

impl Output for ChildStdout {
    fn waiting(&self) -> u64 {
        rustix::io::ioctl_fionread(self).unwrap_or(0)
    }
}

impl Output for ChildStderr {
    fn waiting(&self) -> u64 {
        rustix::io::ioctl_fionread(self).unwrap_or(0)
    }
}

/// Where lines go of which none is kept.
pub(crate) struct Nowhere;

#[async_trait::async_trait]
impl LogSink for Nowhere {
    async fn write(&self, _: &LogOrigin, _: Vec<LogLine>) {}
}

/// The log of one instance.
pub(crate) struct LogBook {
    function: FunctionRef,
    instance: InstanceId,
    sink: Arc<dyn LogSink>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Held while lines are stored, so that batches keep their order.
    storing: tokio::sync::Mutex<()>,
    /// A line waits to be stored.
    waiting: Notify,
    /// A mark was read, a stream was read to where it was asked to, or has ended.
    progress: Notify,
    /// Number of the last time that somebody asked for all that had been written by then.
    asked: watch::Sender<u32>,
    open_streams: AtomicUsize,
    /// Both streams have ended.
    ended: CancellationToken,
    /// The logs of the requests that run, where there can be several.
    guests: Option<guests::Guests>,
}

struct State {
    /// The request that lines belong to; without one they are dropped.
    request: Option<RequestId>,
    lines: Vec<LogLine>,
    /// Bytes of `lines`.
    waiting_bytes: usize,
    tail: Tail,
    kept_bytes: usize,
    /// Bytes of a request's log that are kept.
    bytes_max: usize,
    dropped_lines: u64,
    dropped_bytes: u64,
    /// The last mark of stdout and of stderr.
    marks: [Seen; 2],
}

#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    mark: u32,
    /// Everything has been read that had been written when this question came.
    caught_up: u32,
    ended: bool,
}

impl State {
    fn new(bytes_max: usize) -> Self {
        Self {
            request: None,
            lines: Vec::new(),
            waiting_bytes: 0,
            tail: Tail::default(),
            kept_bytes: 0,
            bytes_max,
            dropped_lines: 0,
            dropped_bytes: 0,
            marks: [Seen::default(); 2],
        }
    }

    /// Adds a line to the request's log while there is room for it.
    fn push(&mut self, line: LogLine) {
        if self.request.is_none() {
            return;
        }
        self.tail.push(&line.text);
        let bytes = line.text.len() + 1;
        // The platform's own lines are few, and say how it ended.
        if line.stream == LogStream::System || self.dropped_lines == 0 && self.kept_bytes + bytes <= self.bytes_max {
            self.kept_bytes += bytes;
            self.waiting_bytes += bytes;
            self.lines.push(line);
            return;
        }
        if self.dropped_lines == 0 {
            let text = format!("log limit reached ({} bytes for one request): further lines are dropped", self.bytes_max);
            self.lines.push(LogLine::new(line.at, LogStream::System, text));
        }
        self.dropped_lines += 1;
        self.dropped_bytes += bytes as u64;
    }

    /// Takes the lines of the next batch.
    fn batch(&mut self) -> Vec<LogLine> {
        let mut bytes = 0;
        let fit = self.lines.iter().take(BATCH_LINES).take_while(|line| {
            bytes += line.text.len() + 1;
            bytes <= BATCH_BYTES
        });
        let count = fit.count();
        let batch: Vec<LogLine> = self.lines.drain(..count).collect();
        let taken: usize = batch.iter().map(|line| line.text.len() + 1).sum();
        self.waiting_bytes = self.waiting_bytes.saturating_sub(taken);
        batch
    }

    /// A batch is full: whoever reads has to store it before it reads on.
    fn is_full(&self) -> bool {
        self.lines.len() >= BATCH_LINES || self.waiting_bytes >= BATCH_BYTES
    }
}

/// What is left of a request's log when the instance has left the request.
#[must_use = "lines that are not stored are lost"]
pub(crate) struct Rest {
    book: Arc<LogBook>,
    request: Option<RequestId>,
    batches: Vec<Vec<LogLine>>,
}

impl Rest {
    /// Hands it over to be stored, after what is being stored of the request already.
    pub(crate) async fn stored(self) {
        let Self { book, request: Some(request), batches } = self else { return };
        let _storing = book.storing.lock().await;
        let origin = LogOrigin { function: book.function.clone(), request, instance: book.instance.clone() };
        let whole = batches.len();
        for (number, lines) in batches.into_iter().enumerate() {
            if number + 1 == whole {
                book.sink.hand_over(&origin, lines).await;
            } else {
                book.sink.write(&origin, lines).await;
            }
        }
        book.sink.ended(&origin.request);
    }
}

impl LogBook {
    /// An empty log that keeps so many bytes of each request.
    pub(crate) fn new(
        function: FunctionRef,
        instance: InstanceId,
        sink: Arc<dyn LogSink>,
        clock: Arc<dyn Clock>,
        bytes_max: usize,
    ) -> Arc<Self> {
        Arc::new(Self::with_guests(function, instance, sink, clock, bytes_max, None))
    }

    fn with_guests(
        function: FunctionRef,
        instance: InstanceId,
        sink: Arc<dyn LogSink>,
        clock: Arc<dyn Clock>,
        bytes_max: usize,
        guests: Option<guests::Guests>,
    ) -> Self {
        Self {
            function,
            instance,
            sink,
            clock,
            guests,
            state: Mutex::new(State::new(bytes_max)),
            storing: tokio::sync::Mutex::default(),
            waiting: Notify::new(),
            progress: Notify::new(),
            asked: watch::Sender::new(0),
            open_streams: AtomicUsize::new(2),
            ended: CancellationToken::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on lines belong to this request. The start of an instance and the request it was started for share one log.
    pub(crate) fn begin(&self, request: &RequestId) {
        let mut state = self.state();
        if state.request.as_ref() == Some(request) {
            return;
        }
        state.request = Some(request.clone());
        state.tail.clear();
        (state.kept_bytes, state.dropped_lines, state.dropped_bytes) = (0, 0, 0);
    }

    /// Writes a line of the platform.
    pub(crate) fn system(&self, text: impl Into<String>) {
        let line = LogLine::new(self.clock.now(), LogStream::System, text);
        self.state().push(line);
        self.waiting.notify_one();
    }

    /// Waits until everything that request number `seq` wrote has been read; goes on after 200 ms when a stream has been diverted.
    pub(crate) async fn marked(&self, seq: u32) {
        self.wait(|seen| seen.mark >= seq || seen.ended).await;
    }

    /// Waits until everything has been read that the instance had written before this call, for instances that mark nothing; goes on after
    /// 200 ms when there is always more.
    pub(crate) async fn caught_up(&self) {
        let mut question = 0;
        self.asked.send_modify(|asked| {
            *asked = asked.wrapping_add(1);
            question = *asked;
        });
        self.wait(|seen| seen.caught_up >= question || seen.ended).await;
    }

    /// Waits until everything has been read from both streams of an ended process; goes on after 200 ms.
    pub(crate) async fn drained(&self) {
        self.wait(|seen| seen.ended).await;
    }

    async fn wait(&self, done: impl Fn(&Seen) -> bool) {
        self.wait_until(|| self.state().marks.iter().all(&done)).await;
    }

    async fn wait_until(&self, done: impl Fn() -> bool) {
        let all_done = async {
            loop {
                let progress = self.progress.notified();
                tokio::pin!(progress);
                progress.as_mut().enable();
                if done() {
                    return;
                }
                progress.await;
            }
        };
        tokio::select! {
            biased;
            () = all_done => {}
            () = self.clock.sleep(MARK_WAIT) => tracing::debug!(instance.id = %self.instance, "log mark not seen in time"),
        }
    }

    /// Leaves the request: its log's tail, and what is not stored of it yet. The instance may serve the next one meanwhile.
    pub(crate) fn close(self: &Arc<Self>) -> (String, Rest) {
        let now = self.clock.now();
        let mut state = self.state();
        if state.dropped_lines > 0 {
            let text = format!("{} log lines with {} bytes were dropped", state.dropped_lines, state.dropped_bytes);
            state.lines.push(LogLine::new(now, LogStream::System, text));
        }
        let batches = std::iter::from_fn(|| Some(state.batch()).filter(|batch| !batch.is_empty())).collect();
        let rest = Rest { book: Arc::clone(self), request: state.request.take(), batches };
        (state.tail.text(), rest)
    }

    /// Stores what is left of the request's log, gives its tail and leaves the request.
    pub(crate) async fn finish(self: &Arc<Self>) -> String {
        let (tail, rest) = self.close();
        rest.stored().await;
        tail
    }

    /// Stores the lines that wait, in batches; those of guests too.
    async fn store(&self) {
        for book in self.guest_books() {
            book.store_own().await;
        }
        self.store_own().await;
    }

    async fn store_own(&self) {
        loop {
            // Anew for each batch: the rest of the request before has its turn in between.
            let _storing = self.storing.lock().await;
            let (request, lines) = {
                let mut state = self.state();
                (state.request.clone(), state.batch())
            };
            match request {
                Some(request) if !lines.is_empty() => self.write(request, lines).await,
                _ => return,
            }
        }
    }

    async fn write(&self, request: RequestId, lines: Vec<LogLine>) {
        let origin = LogOrigin { function: self.function.clone(), request, instance: self.instance.clone() };
        self.sink.write(&origin, lines).await;
    }

    /// Reads both streams of the instance's process to their end.
    pub(crate) async fn pump(self: Arc<Self>, stdout: impl Output, stderr: impl Output, marker: String) {
        tokio::join!(self.read(stdout, LogStream::Stdout, &marker), self.read(stderr, LogStream::Stderr, &marker), self.store_in_time(),);
    }

    async fn store_in_time(&self) {
        loop {
            tokio::select! {
                () = self.waiting.notified() => {}
                () = self.ended.cancelled() => return,
            }
            tokio::select! {
                () = self.clock.sleep(BATCH_WAIT) => {}
                () = self.ended.cancelled() => {}
            }
            self.store().await;
        }
    }

    async fn read(&self, mut source: impl Output, stream: LogStream, marker: &str) {
        let mut splitter = LineSplitter::new(marker);
        let mut chunk = vec![0; READ_BYTES];
        let mut pieces = Vec::new();
        let mut asked = self.asked.subscribe();
        // Somebody may have asked before this began.
        asked.mark_changed();
        loop {
            let read = tokio::select! {
                biased;
                read = source.read(&mut chunk) => read,
                Ok(()) = asked.changed() => {
                    self.answer(&mut asked, &source, stream, &mut splitter).await;
                    continue;
                }
            };
            let read = match read {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) => {
                    tracing::warn!(instance.id = %self.instance, %error, "output of an instance can't be read");
                    break;
                }
            };
            splitter.feed(chunk.get(..read).unwrap_or_default(), &mut pieces);
            // Storing here holds up the reader, and by it the process, when lines come faster than they are stored.
            if self.take(stream, &mut pieces) {
                self.store().await;
            }
            if asked.has_changed().unwrap_or(false) {
                self.answer(&mut asked, &source, stream, &mut splitter).await;
            }
        }
        splitter.finish(&mut pieces);
        self.take(stream, &mut pieces);
        self.end_of(stream);
    }

    /// Says that a stream has been read to where it was asked to, if that is so; else it is asked again after the next read.
    /// What stands on the stream without a line feed is a line then.
    async fn answer(&self, asked: &mut watch::Receiver<u32>, source: &impl Output, stream: LogStream, splitter: &mut LineSplitter) {
        let question = *asked.borrow_and_update();
        if source.waiting() > 0 {
            asked.mark_changed();
            // The runtime may not have heard yet that there is something to read.
            return tokio::task::yield_now().await;
        }
        let mut rest = Vec::new();
        splitter.finish(&mut rest);
        self.take(stream, &mut rest);
        seen(&mut self.state(), stream).caught_up = question;
        self.progress.notify_waiters();
    }

    /// Takes what a stream gave; true when a batch is full.
    fn take(&self, stream: LogStream, pieces: &mut Vec<Piece>) -> bool {
        let at = self.clock.now();
        let guest_is_full = self.guests.as_ref().is_some_and(|guests| self.take_for_guests(guests, stream, at, pieces));
        let mut state = self.state();
        let mut marked = false;
        for piece in pieces.drain(..) {
            match piece {
                Piece::Line(text) | Piece::LineOf(_, text) if is_own_mark(&text, state.request.as_ref()) => {}
                Piece::Line(text) | Piece::LineOf(_, text) => state.push(LogLine::new(at, stream, text)),
                Piece::Mark(seq) => {
                    marked = true;
                    seen(&mut state, stream).mark = seq;
                }
            }
        }
        let (is_full, has_lines) = (guest_is_full || state.is_full(), !state.lines.is_empty());
        drop(state);
        if marked {
            self.progress.notify_waiters();
        }
        if has_lines {
            self.waiting.notify_one();
        }
        is_full
    }

    fn end_of(&self, stream: LogStream) {
        seen(&mut self.state(), stream).ended = true;
        self.progress.notify_waiters();
        if self.open_streams.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.ended.cancel();
        }
    }
}

/// True for the lines that custom runtimes print around a request (`fc-api.md` 5.7): they are in the log already, as the platform's.
fn is_own_mark(text: &str, request: Option<&RequestId>) -> bool {
    let rest = text.strip_prefix("FC Invoke Start RequestId: ").or_else(|| text.strip_prefix("FC Invoke End RequestId: "));
    rest.is_some() && rest == request.map(RequestId::as_str)
}

fn seen(state: &mut State, stream: LogStream) -> &mut Seen {
    let [stdout, stderr] = &mut state.marks;
    if stream == LogStream::Stderr { stderr } else { stdout }
}

#[cfg(test)]
#[path = "logs_tests.rs"]
mod tests;
