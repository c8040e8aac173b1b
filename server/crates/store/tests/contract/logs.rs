use crate::fixtures::{at, change, claimed, function_ref, start};
use engine::ports::{LogOrigin, LogPart};
use model::{InstanceId, LogLine, LogStream, RequestId, TaskStatus};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    is_read_from_any_line_on,
    a_batch_keeps_each_request_s_order,
    concurrent_appends_lose_nothing,
    any_text_is_kept,
    i4_5_the_last_lines_are_written_with_the_change_of_status,
);

fn line(text: impl Into<String>) -> LogLine {
    LogLine::new(at(1), LogStream::Stdout, text)
}

fn request(name: &str) -> RequestId {
    RequestId::from_stored(name)
}

fn part(name: &str, lines: Vec<LogLine>) -> LogPart {
    LogPart { origin: LogOrigin { function: function_ref("f"), request: request(name), instance: InstanceId::from_stored("c-1") }, lines }
}

async fn is_read_from_any_line_on(db: TestDb) {
    let store = db.store();
    let mut number = 0;
    for length in [1, 3, 0, 7, 1] {
        let lines: Vec<LogLine> = (number..number + length).map(|n| line(n.to_string())).collect();
        number += length;
        store.append_logs(vec![part("a", lines)]).await.unwrap();
        store.append_logs(vec![part("b", vec![line("other")])]).await.unwrap();
    }
    let check = async |from: u64, limit: u32, expected: std::ops::Range<usize>| {
        let read = store.read_log(&request("a"), from, limit).await.unwrap().lines;
        let texts: Vec<String> = read.into_iter().map(|line| line.text).collect();
        assert_eq!(texts, expected.map(|n| n.to_string()).collect::<Vec<_>>(), "from {from}, at most {limit}");
    };
    check(0, 100, 0..12).await;
    check(0, 2, 0..2).await;
    check(2, 5, 2..7).await;
    check(4, 7, 4..11).await;
    check(11, 1, 11..12).await;
    check(11, u32::MAX, 11..12).await;
    check(12, 5, 0..0).await;
    check(u64::MAX, 5, 0..0).await;
    check(3, 0, 0..0).await;
    assert_eq!(store.read_log(&request("nobody"), 0, 10).await.unwrap().lines, []);
}

async fn a_batch_keeps_each_request_s_order(db: TestDb) {
    let store = db.store();
    // Together more than one statement takes.
    let long = |start: &str| format!("{start}{}", "x".repeat(6 << 20));
    let batch = [("a", "1"), ("b", "1"), ("a", "2"), ("c", "1"), ("a", "3"), ("b", "2")];
    let parts = batch.map(|(name, start)| part(name, vec![line(long(start)), line("end")]));
    store.append_logs(parts.into_iter().chain([part("d", Vec::new())]).collect()).await.unwrap();
    for (name, expected) in [("a", ["1", "2", "3"].as_slice()), ("b", &["1", "2"]), ("c", &["1"]), ("d", &[])] {
        let read = store.read_log(&request(name), 0, 10).await.unwrap().lines;
        assert_eq!(read.len(), expected.len() * 2, "{name}");
        let starts: Vec<&str> = read.iter().filter(|line| line.text != "end").map(|line| &line.text[..1]).collect();
        assert_eq!(starts, expected, "{name}");
    }
}

async fn concurrent_appends_lose_nothing(db: TestDb) {
    let mut running = tokio::task::JoinSet::new();
    for n in 0..4 {
        let store = db.store();
        running.spawn(async move {
            for k in 0..10 {
                store.append_logs(vec![part("a", vec![line(format!("{n} {k}")), line("x")])]).await.unwrap();
            }
        });
    }
    running.join_all().await;
    let read = db.store().read_log(&request("a"), 0, 1_000).await.unwrap().lines;
    assert_eq!(read.len(), 80);
    for n in 0..4 {
        let of_one: Vec<&str> = read.iter().filter_map(|line| line.text.strip_prefix(&format!("{n} "))).collect();
        assert_eq!(of_one, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    }
}

async fn any_text_is_kept(db: TestDb) {
    let store = db.store();
    let lines = vec![
        LogLine::new(at(1), LogStream::Stderr, "nul \u{0}, \u{1f600}, \"quoted\" \\ \u{7}"),
        LogLine::new(at(2), LogStream::System, ""),
        line("x".repeat(32 * 1024)),
    ];
    store.append_logs(vec![part("a", lines.clone())]).await.unwrap();
    assert_eq!(store.read_log(&request("a"), 0, 10).await.unwrap().lines, lines);
}

async fn i4_5_the_last_lines_are_written_with_the_change_of_status(db: TestDb) {
    let store = db.store();
    let texts =
        async || -> Vec<String> { store.read_log(&request("a"), 0, 10).await.unwrap().lines.into_iter().map(|line| line.text).collect() };
    store.append_logs(vec![part("a", vec![line("1")])]).await.unwrap();
    let mut task = claimed(&*store, "t").await;
    start(&*store, &mut task, 1).await;
    let end = change(&task, TaskStatus::Succeeded, 2);
    let parts = vec![part("a", vec![line("2")]), part("a", vec![line("3")])];
    assert_eq!(store.apply_with_logs(vec![end.clone()], parts).await.unwrap(), [true]);
    assert_eq!(texts().await, ["1", "2", "3"]);
    assert_eq!(store.apply_with_logs(vec![end], vec![part("a", vec![line("4")])]).await.unwrap(), [false], "it has ended");
    assert_eq!(store.apply_with_logs(Vec::new(), vec![part("a", vec![line("5")])]).await.unwrap(), [false; 0]);
    assert_eq!(texts().await, ["1", "2", "3", "4", "5"], "lines are kept whatever becomes of the change");
}
