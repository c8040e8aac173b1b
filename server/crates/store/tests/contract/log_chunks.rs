//! Merging of parts and large chunks in the log store.

use crate::fixtures::{at, ended, function_ref};
use engine::ports::{LogOrigin, LogPart, Store};
use model::{InstanceId, LogLine, LogStream, RequestId, TaskStatus};
use std::path::{Path, PathBuf};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    i4_small_parts_are_merged_and_lines_keep_their_numbers,
    i4_a_large_chunk_goes_to_the_log_store_and_lasts,
    i4_appends_go_on_while_parts_are_merged,
    i4_chunks_of_different_instances_and_distant_times_stay_apart,
    i4_a_crash_between_object_and_row_loses_no_line_and_leaves_no_orphan,
    i4_what_is_pruned_goes_from_the_log_store_too,
    i4_chunks_of_earlier_releases_are_read,
    i4_a_page_of_a_million_lines_reads_few_chunks,
    i4_a_flood_takes_a_bounded_part_of_the_disk,
);

const HOUR: i64 = 3_600_000;

fn request(name: &str) -> RequestId {
    RequestId::from_stored(name)
}

fn part_on(instance: &str, name: &str, lines: Vec<LogLine>) -> LogPart {
    let origin = LogOrigin { function: function_ref("f"), request: request(name), instance: InstanceId::from_stored(instance) };
    LogPart { origin, lines }
}

fn part(name: &str, lines: Vec<LogLine>) -> LogPart {
    part_on("c-1", name, lines)
}

/// A line that compresses like those of real logs.
fn line(n: usize) -> LogLine {
    let word = n.wrapping_mul(2_654_435_761) % 1_000_003;
    LogLine::new(at(i64::try_from(n / 1_000).unwrap()), LogStream::Stdout, format!("line {n} of order {word} took {} ms", word % 977))
}

/// A line that does not compress.
fn noise(n: u64, bytes: usize) -> LogLine {
    let mut state = n.wrapping_add(88_172_645_463_325_252);
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b' ' + u8::try_from(state % 94).unwrap())
    };
    LogLine::new(at(1), LogStream::Stdout, (0..bytes).map(|_| next()).collect::<String>())
}

async fn append(store: &dyn Store, name: &str, lines: std::ops::Range<usize>, per_part: usize) {
    let all: Vec<usize> = lines.collect();
    let parts: Vec<LogPart> = all.chunks(per_part).map(|part_lines| part(name, part_lines.iter().map(|n| line(*n)).collect())).collect();
    for batch in parts.chunks(64) {
        store.append_logs(batch.to_vec()).await.unwrap();
    }
}

async fn seal(store: &dyn Store, name: &str) {
    while store.seal_log(&request(name), at(0)).await.unwrap() {}
}

/// The files of the log store.
fn objects(db: &TestDb) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&db.data_dir().join("logs"), &mut found);
    found
}

async fn rows(db: &TestDb) -> usize {
    db.texts("select request_id from log_chunk").await.len()
}

async fn check_lines(store: &dyn Store, name: &str, count: usize) {
    let read = store.read_log(&request(name), 0, u32::MAX).await.unwrap().lines;
    assert_eq!(read.len(), count);
    for (n, found) in read.into_iter().enumerate() {
        assert_eq!(found, line(n));
    }
}

async fn i4_small_parts_are_merged_and_lines_keep_their_numbers(db: TestDb) {
    let store = db.store();
    append(&*store, "a", 0..100, 1).await;
    append(&*store, "b", 0..1, 1).await;
    assert_eq!(rows(&db).await, 101);
    seal(&*store, "a").await;
    assert_eq!(rows(&db).await, 2);
    check_lines(&*store, "a", 100).await;
    append(&*store, "a", 100..110, 3).await;
    check_lines(&*store, "a", 110).await;
    seal(&*store, "a").await;
    assert_eq!(rows(&db).await, 2);
    check_lines(&*store, "a", 110).await;
    assert_eq!(objects(&db), Vec::<PathBuf>::new(), "so little stays in the database");
    assert_eq!(db.texts("select object from log_garbage").await, [[""; 1]; 0]);
}

async fn i4_a_large_chunk_goes_to_the_log_store_and_lasts(db: TestDb) {
    let store = db.store();
    append(&*store, "a", 0..40_000, 256).await;
    seal(&*store, "a").await;
    let stored = objects(&db);
    assert!((1..=4).contains(&stored.len()), "{stored:?}");
    check_lines(&*store, "a", 40_000).await;
    let index = db.texts("select cast(sum(line_count) as text), cast(max(levels) as text), min(region) from log_chunk").await;
    assert_eq!(index, [["40000", "1", "cn-hangzhou"]]);
    let sizes = db.texts("select cast(sum(stored_bytes) as text) from log_chunk where object <> ''").await;
    let bytes: u64 = stored.iter().map(|path| path.metadata().unwrap().len()).sum();
    assert_eq!(sizes, [[bytes.to_string()]]);
    assert_eq!(db.texts("select object from log_garbage").await, [[""; 1]; 0]);
    // It is not touched any more.
    append(&*store, "a", 40_000..40_010, 1).await;
    seal(&*store, "a").await;
    assert!(stored.iter().all(|path| path.exists()));
    drop(store);
    let db = db.reopened().await;
    check_lines(&*db.store(), "a", 40_010).await;
}

async fn i4_appends_go_on_while_parts_are_merged(db: TestDb) {
    let (writing, sealing) = (db.store(), db.other_handle().await);
    let appended = tokio::spawn(async move {
        for n in 0..300 {
            append(&*writing, "a", n * 10..n * 10 + 10, 5).await;
        }
    });
    let mut seals = 0;
    while !appended.is_finished() {
        seal(&*sealing, "a").await;
        // Readers meet every state in between.
        let read = db.store().read_log(&request("a"), 0, u32::MAX).await.unwrap().lines;
        for (n, found) in read.iter().enumerate() {
            assert_eq!(*found, line(n));
        }
        seals += 1;
    }
    appended.await.unwrap();
    seal(&*sealing, "a").await;
    assert!(seals > 1);
    check_lines(&*db.store(), "a", 3_000).await;
    assert_eq!(rows(&db).await, 1);
}

async fn i4_chunks_of_different_instances_and_distant_times_stay_apart(db: TestDb) {
    let store = db.store();
    let minute = |n: i64| LogLine::new(at(n * 60_000), LogStream::Stdout, n.to_string());
    for n in 0..10 {
        store.append_logs(vec![part_on(if n < 5 { "c-1" } else { "c-2" }, "a", vec![minute(n)])]).await.unwrap();
    }
    for n in 30..60 {
        store.append_logs(vec![part_on("c-2", "a", vec![minute(n)])]).await.unwrap();
    }
    seal(&*store, "a").await;
    let index = db
        .texts("select instance_id, cast(first_line as text), cast((at_ms - first_at_ms) / 60000 as text) from log_chunk order by log_chunk.first_line")
        .await;
    let minutes = [["c-1", "0", "4"], ["c-2", "5", "4"], ["c-2", "10", "10"], ["c-2", "21", "10"], ["c-2", "32", "7"]];
    assert_eq!(index, minutes);
    assert!(!store.seal_log(&request("a"), at(0)).await.unwrap(), "nothing is left to do");
    assert_eq!(rows(&db).await, 5);
}

async fn i4_a_crash_between_object_and_row_loses_no_line_and_leaves_no_orphan(db: TestDb) {
    let store = db.store();
    append(&*store, "a", 0..20_000, 256).await;
    // What is left by a server that died after it had written an object: the object, and its name on the list.
    let orphan = db.data_dir().join("logs/chunks/00/orphan");
    std::fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    std::fs::write(&orphan, "packed").unwrap();
    db.texts("insert into log_garbage (object, after_ms) values ('00/orphan', 1795521665000 + 3600000) returning object").await;
    check_lines(&*store, "a", 20_000).await;
    assert_eq!(store.sweep_logs(at(HOUR - 1), 10).await.unwrap(), 0, "its writer may still live");
    assert!(orphan.exists());
    // The next one who merges writes objects of its own.
    seal(&*store, "a").await;
    assert!(objects(&db).len() > 1);
    assert_eq!(store.sweep_logs(at(HOUR), 10).await.unwrap(), 1);
    assert!(!orphan.exists());
    assert_eq!(store.sweep_logs(at(10 * HOUR), 10).await.unwrap(), 0, "what rows refer to is no garbage");
    check_lines(&*store, "a", 20_000).await;
    // A name of an object that was never written is taken off the list all the same.
    db.texts("insert into log_garbage (object, after_ms) values ('00/never', 0) returning object").await;
    assert_eq!(store.sweep_logs(at(0), 10).await.unwrap(), 1);
}

async fn i4_what_is_pruned_goes_from_the_log_store_too(db: TestDb) {
    let store = db.store();
    let task = ended(&*store, "t", TaskStatus::Succeeded, 10).await;
    append(&*store, task.request_id.as_str(), 0..20_000, 256).await;
    append(&*store, "call", 0..20_000, 256).await;
    seal(&*store, task.request_id.as_str()).await;
    seal(&*store, "call").await;
    let before = objects(&db).len();
    assert!(before >= 2);
    assert_eq!(store.prune_tasks(at(11), 10).await.unwrap(), 1);
    assert_eq!(store.sweep_logs(at(11), 100).await.unwrap(), u64::try_from(before / 2).unwrap(), "the task's");
    assert_eq!(objects(&db).len(), before - before / 2);
    store.prune_tasks(at(HOUR), 100).await.unwrap();
    store.sweep_logs(at(HOUR), 100).await.unwrap();
    assert_eq!(objects(&db), Vec::<PathBuf>::new());
    assert_eq!(rows(&db).await, 0);
}

async fn i4_chunks_of_earlier_releases_are_read(db: TestDb) {
    let bytes = r#"[[1795521665001,"Stdout","old 0"],[1795521665002,"Stderr","2026-11-25T10:04:19.024Z a [ERROR] old 1"]]"#;
    assert!(!bytes.contains('\''));
    let insert = if db.is_sqlite() { format!("cast('{bytes}' as blob)") } else { format!("convert_to('{bytes}', 'UTF8')") };
    let insert = format!(
        "insert into log_chunk (request_id, first_line, line_count, at_ms, instance_id, lines) \
         values ('a', 0, 2, 1795521665002, 'c-0', {insert}) returning request_id"
    );
    db.texts(Box::leak(insert.into_boxed_str())).await;
    let store = db.store();
    append(&*store, "a", 2..4, 1).await;
    seal(&*store, "a").await;
    let read = store.read_log(&request("a"), 0, 10).await.unwrap().lines;
    assert_eq!(read.iter().map(|line| line.at.0).take(2).collect::<Vec<_>>(), [1_795_521_665_001, 1_795_521_665_002]);
    assert_eq!((read[0].text.as_str(), read[0].level), ("old 0", None));
    assert_eq!((read[1].stream, read[1].level), (LogStream::Stderr, Some(model::LogLevel::Error)));
    assert_eq!(read[2..], [line(2), line(3)]);
    store.prune_tasks(at(HOUR), 10).await.unwrap();
    assert_eq!(rows(&db).await, 0);
}

async fn i4_a_page_of_a_million_lines_reads_few_chunks(db: TestDb) {
    const LINES: usize = 1_000_000;
    let store = db.store();
    append(&*store, "a", 0..LINES, 2_000).await;
    seal(&*store, "a").await;
    let chunks = rows(&db).await;
    assert!((20..200).contains(&chunks), "{chunks}");
    for from in [0, LINES / 2, LINES - 1_000] {
        let read = store.read_log(&request("a"), from as u64, 1_000).await.unwrap();
        assert!(read.chunks_read <= 2, "{} chunks for a page from line {from}", read.chunks_read);
        assert_eq!(read.lines.len(), 1_000);
        assert_eq!(read.lines[0], line(from));
        assert_eq!(read.lines[999], line(from + 999));
    }
    let read = store.read_log(&request("a"), LINES as u64, 1_000).await.unwrap();
    assert_eq!((read.lines.len(), read.chunks_read <= 1), (0, true));
    // A search within it reads what its window covers, and a bounded part otherwise.
    let query = model::LogQuery { request_id: Some(request("a")), text: "line 500000 ".to_owned(), ..Default::default() };
    let window = model::LogQuery { from: Some(line(500_000).at), to: Some(line(500_000).at), ..query.clone() };
    let hits = store.search_logs(&engine::ports::LogSearch { function: None, query: window }).await.unwrap();
    assert_eq!((hits.entries.len(), hits.entries[0].number, hits.next_token.as_str()), (1, 500_000, ""));
    assert!(hits.chunks_read <= 2, "{}", hits.chunks_read);
    let mut query = query;
    let (mut found, mut calls) = (0, 0);
    loop {
        let hits = store.search_logs(&engine::ports::LogSearch { function: None, query: query.clone() }).await.unwrap();
        assert!(hits.chunks_read <= 66, "{} chunks by one call", hits.chunks_read);
        (found, calls) = (found + hits.entries.len(), calls + 1);
        query.next_token = hits.next_token;
        if query.next_token.is_empty() {
            break;
        }
    }
    assert_eq!(found, 1);
    assert!(calls > 1, "a call looks at a limited part");
}

async fn i4_a_flood_takes_a_bounded_part_of_the_disk(db: TestDb) {
    let store = db.store();
    // Does not compress, in the largest parts that an instance hands over.
    let bytes = 12 << 20;
    for n in 0..bytes >> 20 {
        let lines = (0..32).map(|k| noise(n * 32 + k, 32 << 10)).collect();
        store.append_logs(vec![part("a", lines)]).await.unwrap();
        if n % 4 == 3 {
            seal(&*store, "a").await;
        }
    }
    seal(&*store, "a").await;
    let on_disk: u64 = objects(&db).iter().map(|path| path.metadata().unwrap().len()).sum();
    assert!(on_disk <= bytes + (bytes >> 4), "{on_disk} bytes for {bytes}");
    let in_database = db.texts("select cast(coalesce(sum(length(packed)), 0) as text) from log_chunk").await;
    assert_eq!(in_database, [["0"]], "nothing of it stays in the database");
    assert_eq!(db.texts("select object from log_garbage").await, [[""; 1]; 0]);
}
