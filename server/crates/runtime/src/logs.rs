//! What an instance writes: attributed to the request that runs, batched, bounded, and complete before the request's outcome.

use crate::{
    lines::{LineSplitter, Piece},
    tail::Tail,
};
use engine::{clock::Clock, ports::LogSink};
use model::{InstanceId, LogLine, LogStream, RequestId, limits::LOG_REQUEST_BYTES_MAX};
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

/// The log of one instance.
pub(crate) struct LogBook {
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
}

#[derive(Default)]
struct State {
    /// The request that lines belong to; without one they are dropped.
    request: Option<RequestId>,
    lines: Vec<LogLine>,
    tail: Tail,
    kept_bytes: usize,
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
    /// Adds a line to the request's log while there is room for it.
    fn push(&mut self, line: LogLine) {
        if self.request.is_none() {
            return;
        }
        self.tail.push(&line.text);
        let bytes = line.text.len() + 1;
        if self.dropped_lines == 0 && self.kept_bytes + bytes <= LOG_REQUEST_BYTES_MAX {
            self.kept_bytes += bytes;
            self.lines.push(line);
            return;
        }
        if self.dropped_lines == 0 {
            let text = format!("log limit reached ({LOG_REQUEST_BYTES_MAX} bytes for one request): further lines are dropped");
            self.lines.push(LogLine { at: line.at, stream: LogStream::System, text });
        }
        self.dropped_lines += 1;
        self.dropped_bytes += bytes as u64;
    }
}

impl LogBook {
    /// An empty log.
    pub(crate) fn new(instance: InstanceId, sink: Arc<dyn LogSink>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            instance,
            sink,
            clock,
            state: Mutex::default(),
            storing: tokio::sync::Mutex::default(),
            waiting: Notify::new(),
            progress: Notify::new(),
            asked: watch::Sender::new(0),
            open_streams: AtomicUsize::new(2),
            ended: CancellationToken::new(),
        })
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
        let line = LogLine { at: self.clock.now(), stream: LogStream::System, text: text.into() };
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
        let all_done = async {
            loop {
                let progress = self.progress.notified();
                tokio::pin!(progress);
                progress.as_mut().enable();
                if self.state().marks.iter().all(&done) {
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

    /// Stores what is left of the request's log, gives its tail and leaves the request.
    pub(crate) async fn finish(&self) -> String {
        let dropped = {
            let state = self.state();
            (state.dropped_lines, state.dropped_bytes)
        };
        if dropped.0 > 0 {
            let text = format!("{} log lines with {} bytes were dropped", dropped.0, dropped.1);
            let line = LogLine { at: self.clock.now(), stream: LogStream::System, text };
            self.state().lines.push(line);
        }
        self.store().await;
        let mut state = self.state();
        state.request = None;
        state.tail.text()
    }

    /// Stores the lines that wait, in batches.
    async fn store(&self) {
        let _storing = self.storing.lock().await;
        loop {
            let (request, lines) = {
                let mut state = self.state();
                let count = state.lines.len().min(BATCH_LINES);
                let lines: Vec<LogLine> = state.lines.drain(..count).collect();
                (state.request.clone(), lines)
            };
            match request {
                Some(request) if !lines.is_empty() => self.sink.write(&request, &self.instance, lines).await,
                _ => return,
            }
        }
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
            if self.take(stream, &mut pieces) >= BATCH_LINES {
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

    /// Takes what a stream gave; returns how many lines wait.
    fn take(&self, stream: LogStream, pieces: &mut Vec<Piece>) -> usize {
        let at = self.clock.now();
        let mut state = self.state();
        let mut marked = false;
        for piece in pieces.drain(..) {
            match piece {
                Piece::Line(text) if is_own_mark(&text, state.request.as_ref()) => {}
                Piece::Line(text) => state.push(LogLine { at, stream, text }),
                Piece::Mark(seq) => {
                    marked = true;
                    seen(&mut state, stream).mark = seq;
                }
            }
        }
        let waiting = state.lines.len();
        drop(state);
        if marked {
            self.progress.notify_waiters();
        }
        if waiting > 0 {
            self.waiting.notify_one();
        }
        waiting
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
mod tests {
    use super::*;
    use async_trait::async_trait;
    use engine::clock::SystemClock;
    use tokio::io::AsyncWriteExt;

    impl Output for tokio::io::DuplexStream {
        fn waiting(&self) -> u64 {
            0
        }
    }

    impl<T: AsRef<[u8]> + Unpin> Output for std::io::Cursor<T> {
        fn waiting(&self) -> u64 {
            self.get_ref().as_ref().len() as u64 - self.position()
        }
    }

    impl Output for tokio::io::Empty {
        fn waiting(&self) -> u64 {
            0
        }
    }

    /// A test double of the engine's log: keeps what it gets and the sizes of the batches.
    #[derive(Default)]
    struct MemorySink {
        lines: Mutex<Vec<(RequestId, String)>>,
        batches: Mutex<Vec<usize>>,
    }

    #[async_trait]
    impl LogSink for MemorySink {
        async fn write(&self, request: &RequestId, _: &InstanceId, lines: Vec<LogLine>) {
            self.batches.lock().unwrap().push(lines.len());
            self.lines.lock().unwrap().extend(lines.into_iter().map(|line| (request.clone(), line.text)));
        }
    }

    impl MemorySink {
        fn texts(&self, request: &RequestId) -> Vec<String> {
            self.lines.lock().unwrap().iter().filter(|(of, _)| of == request).map(|(_, text)| text.clone()).collect()
        }
    }

    fn book() -> (Arc<LogBook>, Arc<MemorySink>) {
        let sink = Arc::new(MemorySink::default());
        (LogBook::new(InstanceId::from_stored("c-1"), Arc::<MemorySink>::clone(&sink), Arc::new(SystemClock)), sink)
    }

    fn request(n: u32) -> RequestId {
        RequestId::from_stored(format!("request-{n}"))
    }

    #[tokio::test]
    async fn lines_belong_to_the_request_that_runs_and_late_ones_to_the_next() {
        let (book, sink) = book();
        let (mut out, stdout) = tokio::io::duplex(64);
        let (mut err, stderr) = tokio::io::duplex(64);
        let pump = tokio::spawn(Arc::clone(&book).pump(stdout, stderr, "m".to_owned()));
        book.begin(&request(1));
        err.write_all(b"e1\n\x1em00000001\n").await.unwrap();
        out.write_all(b"o1 without line feed\x1em00000001\nlate\n").await.unwrap();
        book.marked(1).await;
        let tail = book.finish().await;
        assert!(tail.contains("e1\n") && tail.contains("o1 without line feed\n"), "{tail}");
        book.begin(&request(2));
        out.write_all(b"o2\n\x1em00000002\n").await.unwrap();
        err.write_all(b"\x1em00000002\n").await.unwrap();
        book.marked(2).await;
        book.finish().await;
        drop((out, err));
        pump.await.unwrap();
        book.drained().await;
        let mut first = sink.texts(&request(1));
        first.retain(|line| line != "late");
        first.sort();
        assert_eq!(first, ["e1", "o1 without line feed"]);
        assert!(sink.texts(&request(2)).contains(&"o2".to_owned()));
        assert_eq!(sink.texts(&request(2)).iter().filter(|line| line.as_str() == "e1").count(), 0);
    }

    #[tokio::test]
    async fn a_flood_is_stored_in_bounded_batches_and_cut_with_a_count() {
        let (book, sink) = book();
        book.begin(&request(1));
        let line = "x".repeat(1_023);
        let stored = LOG_REQUEST_BYTES_MAX / 1_024;
        let flood = format!("{line}\n").repeat(stored + 3) + "\x1em00000001\n";
        let pump = tokio::spawn(Arc::clone(&book).pump(std::io::Cursor::new(flood.into_bytes()), tokio::io::empty(), "m".to_owned()));
        book.marked(1).await;
        book.finish().await;
        pump.await.unwrap();
        let texts = sink.texts(&request(1));
        assert_eq!(texts.iter().filter(|text| **text == line).count(), stored);
        assert_eq!(texts.last().unwrap(), "3 log lines with 3072 bytes were dropped");
        assert!(texts[stored].starts_with("log limit reached"));
        assert!(sink.batches.lock().unwrap().iter().all(|size| *size <= BATCH_LINES));
    }

    #[tokio::test]
    async fn i4_marks_that_custom_runtimes_print_are_not_kept_twice() {
        let (book, sink) = book();
        book.begin(&request(1));
        let printed = "FC Invoke Start RequestId: request-1\nFC Invoke Start RequestId: request-2\nFC Invoke End RequestId: request-1\nx\n";
        Arc::clone(&book).pump(std::io::Cursor::new(printed), tokio::io::empty(), "m".to_owned()).await;
        book.drained().await;
        book.finish().await;
        assert_eq!(sink.texts(&request(1)), ["FC Invoke Start RequestId: request-2", "x"]);
    }

    #[tokio::test]
    async fn i4_everything_written_before_the_question_is_read_also_without_a_line_feed() {
        use tokio::process::Command;
        let (book, sink) = book();
        book.begin(&request(1));
        let text = "x".repeat(10_000);
        let mut command = Command::new("sh");
        command.args(["-c", "for n in 1 2 3 4 5; do echo $0; done; printf rest; read line", &text]).kill_on_drop(true);
        let mut child = command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        // Waits until all is written, before anything is read.
        while stdout.waiting() < 5 * 10_001 + 4 {
            tokio::task::yield_now().await;
        }
        let pump = tokio::spawn(Arc::clone(&book).pump(stdout, stderr, "m".to_owned()));
        book.caught_up().await;
        book.finish().await;
        let texts = sink.texts(&request(1));
        assert_eq!((texts.len(), texts.last().map(String::as_str)), (6, Some("rest")));
        drop(child);
        pump.await.unwrap();
    }

    #[tokio::test]
    async fn without_a_request_lines_are_dropped() {
        let (book, sink) = book();
        book.system("nobody's");
        book.begin(&request(1));
        book.system("somebody's");
        assert_eq!(book.finish().await, "somebody's\n");
        assert_eq!(sink.texts(&request(1)), ["somebody's"]);
    }
}
