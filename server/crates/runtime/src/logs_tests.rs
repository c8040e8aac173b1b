use super::*;
use async_trait::async_trait;
use engine::clock::SystemClock;
use model::{FunctionName, Region, ServiceName};
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
    ended: Mutex<Vec<RequestId>>,
}

#[async_trait]
impl LogSink for MemorySink {
    async fn write(&self, origin: &LogOrigin, lines: Vec<LogLine>) {
        self.batches.lock().unwrap().push(lines.len());
        self.lines.lock().unwrap().extend(lines.into_iter().map(|line| (origin.request.clone(), line.text)));
    }

    fn ended(&self, request: &RequestId) {
        self.ended.lock().unwrap().push(request.clone());
    }
}

impl MemorySink {
    fn texts(&self, request: &RequestId) -> Vec<String> {
        self.lines.lock().unwrap().iter().filter(|(of, _)| of == request).map(|(_, text)| text.clone()).collect()
    }
}

fn book() -> (Arc<LogBook>, Arc<MemorySink>) {
    let sink = Arc::new(MemorySink::default());
    let function =
        FunctionRef { region: Region::from_stored("r"), service: ServiceName::from_stored("s"), function: FunctionName::from_stored("f") };
    let book = LogBook::new(function, InstanceId::from_stored("c-1"), Arc::<MemorySink>::clone(&sink), Arc::new(SystemClock), KEPT);
    (book, sink)
}

/// Bytes kept of a request's log.
const KEPT: usize = 1 << 20;

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
    let stored = KEPT / 1_024;
    let flood = format!("{line}\n").repeat(stored + 3) + "\x1em00000001\n";
    let pump = tokio::spawn(Arc::clone(&book).pump(std::io::Cursor::new(flood.into_bytes()), tokio::io::empty(), "m".to_owned()));
    book.marked(1).await;
    book.system("how it ended");
    book.finish().await;
    pump.await.unwrap();
    let texts = sink.texts(&request(1));
    assert_eq!(texts.iter().filter(|text| **text == line).count(), stored);
    assert_eq!(texts[texts.len() - 2..], ["how it ended", "3 log lines with 3072 bytes were dropped"]);
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
    assert_eq!(*sink.ended.lock().unwrap(), [request(1)]);
}

#[tokio::test]
async fn the_next_request_may_begin_before_the_log_of_the_one_before_is_stored() {
    let (book, sink) = book();
    book.begin(&request(1));
    book.system("first");
    let (tail, rest) = book.close();
    book.begin(&request(2));
    book.system("second");
    book.finish().await;
    assert_eq!((sink.texts(&request(1)), sink.texts(&request(2))), (vec![], vec!["second".to_owned()]));
    rest.stored().await;
    assert_eq!((tail.as_str(), sink.texts(&request(1))), ("first\n", vec!["first".to_owned()]));
    assert_eq!(*sink.ended.lock().unwrap(), [request(2), request(1)]);
}
