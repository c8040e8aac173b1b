//! Logs from the executor's lines to what callers read, on both stores.

use crate::support::{World, task_mode, until};
use engine::ports::{LogOrigin, LogSink};
use model::*;
use std::time::Duration;
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    i4_many_small_parts_are_merged_while_a_request_goes_on_and_when_it_ends,
    i4_a_short_log_costs_no_further_write,
    i4_a_function_s_log_has_the_lines_of_all_its_requests,
    i4_a_task_s_log_is_searched_by_text_and_level,
    i4_5_lines_handed_over_are_read_before_they_are_stored,
    i4_5_the_next_change_of_status_stores_what_was_handed_over,
    i4_5_a_reader_who_goes_away_loses_no_lines_of_others,
);

fn origin(world: &World, request: &str) -> LogOrigin {
    let instance = InstanceId::from_stored("c-1");
    LogOrigin { function: world.function.clone(), request: RequestId::from_stored(request), instance }
}

fn line(ms: i64, text: &str) -> LogLine {
    LogLine::new(UnixMillis(1_000_000 + ms), LogStream::Stdout, text)
}

async fn rows(world: &World) -> usize {
    world.db.texts("select request_id from log_chunk").await.len()
}

/// Waits until the log has so many rows.
async fn until_rows(world: &World, wanted: usize) {
    until("the parts are merged", async || rows(world).await == wanted).await;
}

async fn i4_many_small_parts_are_merged_while_a_request_goes_on_and_when_it_ends(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    let origin = origin(&world, "r");
    for n in 0..64 {
        world.log.write(&origin, vec![line(n, "text")]).await;
    }
    until_rows(&world, 1).await;
    for n in 64..70 {
        world.log.write(&origin, vec![line(n, "text")]).await;
    }
    assert_eq!(rows(&world).await, 7);
    world.log.ended(&origin.request);
    until_rows(&world, 1).await;
    let read = world.store.read_log(&origin.request, 0, 1_000).await.unwrap().lines;
    assert_eq!(read, (0..70).map(|n| line(n, "text")).collect::<Vec<_>>());
}

async fn i4_a_short_log_costs_no_further_write(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    for n in 0..20 {
        let origin = origin(&world, &format!("r{n}"));
        for part in 0..3 {
            world.log.write(&origin, vec![line(part, "text")]).await;
        }
        world.log.ended(&origin.request);
    }
    // One that is merged after all of those were looked at.
    let last = origin(&world, "last");
    for n in 0..4 {
        world.log.write(&last, vec![line(n, "text")]).await;
    }
    world.log.ended(&last.request);
    until_rows(&world, 61).await;
}

async fn i4_a_function_s_log_has_the_lines_of_all_its_requests(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    for n in 0..3 {
        world.log.write(&origin(&world, &format!("r{n}")), vec![line(n, "begin"), line(n, "end")]).await;
    }
    let mut query = LogQuery { limit: 4, ..LogQuery::default() };
    let first = world.engine.function_log(&world.function, &query).await.unwrap();
    assert_eq!(first.items.len(), 4);
    query.next_token = first.next_token;
    let rest = world.engine.function_log(&world.function, &query).await.unwrap();
    let found = first.items.iter().chain(&rest.items).map(|entry| format!("{} {} {}", entry.request_id, entry.number, entry.line.text));
    assert_eq!(found.collect::<Vec<_>>(), ["r0 0 begin", "r0 1 end", "r1 0 begin", "r1 1 end", "r2 0 begin", "r2 1 end"]);
    assert_eq!(rest.next_token, "");
    query.next_token = "somewhere".to_owned();
    assert_eq!(world.engine.function_log(&world.function, &query).await.unwrap_err().code, ErrorCode::InvalidArgument);
    let nowhere = FunctionRef { function: FunctionName::from_stored("nothere"), ..world.function.clone() };
    let error = world.engine.function_log(&nowhere, &LogQuery::default()).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::FunctionNotFound);
}

async fn i4_a_task_s_log_is_searched_by_text_and_level(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.submit("t", "ok").await.unwrap();
    world.until("t", TaskStatus::Succeeded).await;
    let request = world.task("t").await.request_id;
    let lines = ["plain", "2022-04-01T10:04:19.024Z r [ERROR] disk full", "2022-04-01T10:04:19.024Z r [INFO] disk found"];
    let lines = lines.into_iter().map(|text| line(1, text)).collect();
    world.log.write(&origin(&world, request.as_str()), lines).await;
    world.log.write(&origin(&world, "another"), vec![line(1, "2022-04-01T10:04:19.024Z r [ERROR] disk full")]).await;
    let check = async |query: LogQuery, expected: &[u64]| {
        let found = world.engine.search_task_log(&world.task_ref("t"), &query).await.unwrap();
        assert_eq!(found.items.iter().map(|entry| entry.number).collect::<Vec<_>>(), expected, "{query:?}");
    };
    check(LogQuery::default(), &[0, 1, 2]).await;
    check(LogQuery { text: "DISK".to_owned(), ..LogQuery::default() }, &[1, 2]).await;
    check(LogQuery { levels: vec![LogLevel::Error], ..LogQuery::default() }, &[1]).await;
    let error = world.engine.search_task_log(&world.task_ref("nobody"), &LogQuery::default()).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::StatefulAsyncInvocationNotFound);
}

async fn i4_5_lines_handed_over_are_read_before_they_are_stored(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    let origin = origin(&world, "r");
    world.log.write(&origin, vec![line(0, "first")]).await;
    world.log.hand_over(&origin, vec![line(1, "last")]).await;
    assert_eq!(rows(&world).await, 1, "nobody has asked for the last one");
    let read = world.engine.function_log(&world.function, &LogQuery { limit: 9, ..LogQuery::default() }).await.unwrap();
    assert_eq!(read.items.iter().map(|entry| entry.line.text.as_str()).collect::<Vec<_>>(), ["first", "last"]);
    // Too much to wait in memory.
    world.log.hand_over(&origin, vec![line(2, &"x".repeat(70_000))]).await;
    assert_eq!(rows(&world).await, 3);
}

async fn i4_5_the_next_change_of_status_stores_what_was_handed_over(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    world.log.hand_over(&origin(&world, "r"), vec![line(0, "text")]).await;
    assert_eq!(rows(&world).await, 0);
    world.submit("t", "ok").await.unwrap();
    world.until("t", TaskStatus::Succeeded).await;
    assert_eq!(rows(&world).await, 1);
}

async fn i4_5_a_reader_who_goes_away_loses_no_lines_of_others(db: TestDb) {
    let world = World::on(db, task_mode()).await;
    let origin = origin(&world, "r");
    let query = LogQuery { limit: 500, ..LogQuery::default() };
    for n in 0..200 {
        world.log.hand_over(&origin, vec![line(n, &n.to_string())]).await;
        // Each gives up at another point of its way.
        let patience = Duration::from_micros(20 * n.unsigned_abs());
        drop(tokio::time::timeout(patience, world.engine.function_log(&world.function, &query)).await);
    }
    let read = world.engine.function_log(&world.function, &query).await.unwrap();
    let texts: Vec<String> = read.items.into_iter().map(|entry| entry.line.text).collect();
    assert_eq!(texts, (0..200).map(|n| n.to_string()).collect::<Vec<_>>());
}
