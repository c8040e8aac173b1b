//! Searches in logs.

use crate::fixtures::{at, function_ref};
use engine::ports::{LogOrigin, LogPart, LogSearch, Store};
use model::{InstanceId, LogEntry, LogLevel, LogLine, LogQuery, LogStream, RequestId};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    i4_a_function_s_lines_are_found_by_what_is_asked,
    i4_pages_go_on_where_the_last_one_ended,
    i4_a_search_is_limited_and_goes_on_although_it_found_nothing,
    i4_levels_and_times_are_looked_up_in_the_index,
    i4_pages_of_one_request_go_on_after_its_parts_were_merged,
    i4_5_a_search_finds_every_line_once_while_parts_are_merged,
);

fn part(function: &str, name: &str, instance: &str, lines: Vec<LogLine>) -> LogPart {
    let origin =
        LogOrigin { function: function_ref(function), request: RequestId::from_stored(name), instance: InstanceId::from_stored(instance) };
    LogPart { origin, lines }
}

fn line(ms: i64, text: &str) -> LogLine {
    LogLine::new(at(ms), LogStream::Stdout, text)
}

fn logged(ms: i64, level: &str, text: &str) -> LogLine {
    LogLine::new(at(ms), LogStream::Stdout, format!("2022-04-01T10:04:19.024Z id [{level}] {text}"))
}

fn of(function: &str, query: LogQuery) -> LogSearch {
    LogSearch { function: Some(function_ref(function)), query }
}

/// Every page of a search.
async fn all(store: &dyn Store, mut search: LogSearch) -> Vec<LogEntry> {
    let mut found = Vec::new();
    loop {
        let hits = store.search_logs(&search).await.unwrap();
        found.extend(hits.entries);
        if hits.next_token.is_empty() {
            return found;
        }
        assert_ne!(search.query.next_token, hits.next_token, "it goes on");
        search.query.next_token = hits.next_token;
    }
}

async fn i4_a_function_s_lines_are_found_by_what_is_asked(db: TestDb) {
    let store = db.store();
    let parts = [
        part("f", "r1", "c-1", vec![line(10, "Start r1"), logged(11, "INFO", "order 7 stored"), logged(12, "ERROR", "disk full")]),
        part("f", "r2", "c-2", vec![line(20, "start r2"), logged(21, "WARN", "ORDER 8 is late")]),
        part("other", "r3", "c-3", vec![line(15, "start r3")]),
        part("f", "r1", "c-4", vec![line(30, "again r1")]),
    ];
    store.append_logs(parts.to_vec()).await.unwrap();
    let check = async |query: LogQuery, expected: &[(&str, &str, u64)]| {
        let found = all(&*store, of("f", query.clone())).await;
        let found: Vec<_> = found.iter().map(|entry| (entry.request_id.as_str(), entry.instance_id.as_str(), entry.number)).collect();
        assert_eq!(found, expected, "{query:?}");
    };
    let any = LogQuery::default;
    let (a, b, c, d, e, f) = (("r1", "c-1", 0), ("r1", "c-1", 1), ("r1", "c-1", 2), ("r2", "c-2", 0), ("r2", "c-2", 1), ("r1", "c-4", 3));
    check(any(), &[a, b, c, d, e, f]).await;
    check(LogQuery { text: "START".to_owned(), ..any() }, &[a, d]).await;
    check(LogQuery { text: "order".to_owned(), ..any() }, &[b, e]).await;
    check(LogQuery { request_id: Some(RequestId::from_stored("r1")), ..any() }, &[a, b, c, f]).await;
    check(LogQuery { request_id: Some(RequestId::from_stored("r3")), ..any() }, &[]).await;
    check(LogQuery { instance_id: Some(InstanceId::from_stored("c-1")), ..any() }, &[a, b, c]).await;
    check(LogQuery { levels: vec![LogLevel::Warning, LogLevel::Error], ..any() }, &[c, e]).await;
    check(LogQuery { from: Some(at(12)), to: Some(at(20)), ..any() }, &[c, d]).await;
    check(LogQuery { from: Some(at(31)), ..any() }, &[]).await;
    check(LogQuery { to: Some(at(9)), ..any() }, &[]).await;
    check(LogQuery { text: "nothing like it".to_owned(), ..any() }, &[]).await;
    let found = all(&*store, of("f", LogQuery { text: "again".to_owned(), ..any() })).await;
    assert_eq!(found[0].line, line(30, "again r1"));
}

async fn i4_pages_go_on_where_the_last_one_ended(db: TestDb) {
    let store = db.store();
    let mut number = 0;
    // Chunks of all sizes, many at the same instant.
    for (n, length) in [3, 1, 40, 2, 2, 7, 1].into_iter().cycle().take(60).enumerate() {
        let lines = (0..length).map(|_| {
            number += 1;
            line(i64::try_from(n / 5).unwrap(), &format!("line {number}"))
        });
        store.append_logs(vec![part("f", &format!("r{n:02}"), "c", lines.collect())]).await.unwrap();
    }
    for limit in [1, 3, 50, 10_000] {
        let found = all(&*store, of("f", LogQuery { limit, ..LogQuery::default() })).await;
        let texts: Vec<&str> = found.iter().map(|entry| entry.line.text.as_str()).collect();
        let expected: Vec<String> = (1..=number).map(|n| format!("line {n}")).collect();
        assert_eq!(texts, expected, "pages of {limit}");
    }
}

async fn i4_a_search_is_limited_and_goes_on_although_it_found_nothing(db: TestDb) {
    let store = db.store();
    for batch in 0..25 {
        let parts = (0..64).map(|n| part("f", &format!("r-{batch}-{n}"), "c", vec![line(batch, "nothing"); 3])).collect();
        store.append_logs(parts).await.unwrap();
    }
    store.append_logs(vec![part("f", "last", "c", vec![line(100, "needle")])]).await.unwrap();
    let mut search = of("f", LogQuery { text: "needle".to_owned(), ..LogQuery::default() });
    let mut empty_pages = 0;
    let found = loop {
        let hits = store.search_logs(&search).await.unwrap();
        assert!(hits.chunks_read <= 512, "{}", hits.chunks_read);
        if hits.next_token.is_empty() {
            break hits.entries;
        }
        empty_pages += 1;
        search.query.next_token = hits.next_token;
    };
    assert_eq!((found.len(), empty_pages), (1, 3), "1,601 chunks in steps of 512");
    let text = store.search_logs(&LogSearch { function: None, query: LogQuery::default() }).await.map(drop).unwrap_err().to_string();
    assert!(text.contains("function or a request"), "{text}");
}

async fn i4_levels_and_times_are_looked_up_in_the_index(db: TestDb) {
    let store = db.store();
    for n in 0..50 {
        let level = if n == 17 { "ERROR" } else { "INFO" };
        store.append_logs(vec![part("f", &format!("r{n}"), "c", vec![logged(n, level, "text")])]).await.unwrap();
    }
    let hits = store.search_logs(&of("f", LogQuery { levels: vec![LogLevel::Error], ..LogQuery::default() })).await.unwrap();
    assert_eq!((hits.entries.len(), hits.chunks_read), (1, 1));
    let hits = store.search_logs(&of("f", LogQuery { from: Some(at(10)), to: Some(at(12)), ..LogQuery::default() })).await.unwrap();
    assert_eq!((hits.entries.len(), hits.chunks_read), (3, 3));
}

async fn i4_pages_of_one_request_go_on_after_its_parts_were_merged(db: TestDb) {
    let store = db.store();
    for n in 0..100 {
        store.append_logs(vec![part("f", "r", "c", vec![line(n, &n.to_string())])]).await.unwrap();
    }
    let request = RequestId::from_stored("r");
    let mut search = of("f", LogQuery { request_id: Some(request.clone()), limit: 30, ..LogQuery::default() });
    let mut found = Vec::new();
    loop {
        let hits = store.search_logs(&search).await.unwrap();
        found.extend(hits.entries.into_iter().map(|entry| entry.number));
        if hits.next_token.is_empty() {
            break;
        }
        search.query.next_token = hits.next_token;
        while store.seal_log(&request, at(0)).await.unwrap() {}
    }
    assert_eq!(found, (0..100).collect::<Vec<u64>>());
    // By function, what was merged may come again, and its number says so.
    let mut search = of("f", LogQuery { limit: 30, ..LogQuery::default() });
    let hits = store.search_logs(&search).await.unwrap();
    search.query.next_token = hits.next_token;
    store.append_logs(vec![part("f", "r", "c", vec![line(101, "100")])]).await.unwrap();
    while store.seal_log(&request, at(0)).await.unwrap() {}
    search.query.limit = 1_000;
    let rest = store.search_logs(&search).await.unwrap().entries;
    assert_eq!(rest.first().map(|entry| entry.number), Some(30));
    assert_eq!(rest.len(), 71);
}

async fn i4_5_a_search_finds_every_line_once_while_parts_are_merged(db: TestDb) {
    const ROUNDS: i64 = 12;
    const PARTS: i64 = 40;
    let (writing, merging, store) = (db.store(), db.other_handle().await, db.store());
    for round in 0..ROUNDS {
        let names = [format!("a{round}"), format!("b{round}")];
        for n in 0..PARTS {
            let ms = round * 1_000 + n;
            writing.append_logs(names.iter().map(|name| part("f", name, "c", vec![line(ms, &n.to_string())])).collect()).await.unwrap();
        }
        let merged = {
            let (merging, names) = (merging.clone(), names.clone());
            tokio::spawn(async move {
                for request in names.map(RequestId::from_stored) {
                    while merging.seal_log(&request, at(0)).await.unwrap() {}
                }
            })
        };
        let query = LogQuery { from: Some(at(round * 1_000)), limit: 1_000, ..LogQuery::default() };
        loop {
            let is_last = merged.is_finished();
            let hits = store.search_logs(&of("f", query.clone())).await.unwrap();
            let mut found: Vec<_> = hits.entries.iter().map(|entry| (entry.request_id.to_string(), entry.number)).collect();
            found.sort();
            let all = names.iter().flat_map(|name| (0..PARTS).map(|n| (name.clone(), n.unsigned_abs())));
            assert_eq!(found, all.collect::<Vec<_>>(), "round {round}");
            if is_last {
                break;
            }
        }
        merged.await.unwrap();
    }
}
