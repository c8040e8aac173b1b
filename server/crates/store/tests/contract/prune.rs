use crate::fixtures::{at, claimed, ended, function_ref, ids, insert, start, task};
use engine::ports::{Inserted, LogOrigin, LogPart};
use model::{InstanceId, LogLine, LogStream, RequestId, TaskFilter, TaskStatus};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    takes_old_ended_tasks_with_events_logs_and_counts,
    takes_the_oldest_first_up_to_the_limit,
    a_pruned_id_is_free_and_its_row_number_is_not_reused,
    logs_of_synchronous_calls_go_by_their_age,
);

fn part(request: &RequestId, line: LogLine) -> LogPart {
    let origin = LogOrigin { function: function_ref("f"), request: request.clone(), instance: InstanceId::from_stored("c") };
    LogPart { origin, lines: vec![line] }
}

async fn takes_old_ended_tasks_with_events_logs_and_counts(db: TestDb) {
    let store = db.store();
    let old = ended(&*store, "old", TaskStatus::Failed, 100).await;
    let young = ended(&*store, "young", TaskStatus::Failed, 200).await;
    let mut running = claimed(&*store, "running").await;
    start(&*store, &mut running, 1).await;
    insert(&*store, task("waiting")).await;
    for task in [&old, &young] {
        let line = LogLine::new(at(500), LogStream::Stdout, "hello");
        store.append_logs(vec![part(&task.request_id, line)]).await.unwrap();
    }
    assert_eq!(store.prune_tasks(at(100), 10).await.unwrap(), 0, "ended at that instant is not before it");
    assert_eq!(store.prune_tasks(at(101), 10).await.unwrap(), 1);
    assert_eq!(store.get_task(&old.task).await.unwrap(), None);
    assert_eq!(store.task_events(old.seq).await.unwrap(), []);
    assert_eq!(store.read_log(&old.request_id, 0, 10).await.unwrap().lines, []);
    assert_eq!(store.read_log(&young.request_id, 0, 10).await.unwrap().lines.len(), 1);
    assert_eq!(store.task_events(young.seq).await.unwrap().len(), 4);
    let counts = store.count_tasks(&function_ref("f")).await.unwrap();
    assert_eq!((counts.get(TaskStatus::Failed), counts.total()), (1, 3));
    assert_eq!(store.prune_tasks(at(101), 10).await.unwrap(), 0);
}

async fn takes_the_oldest_first_up_to_the_limit(db: TestDb) {
    let store = db.store();
    for (id, ms) in [("a", 30), ("b", 10), ("c", 20)] {
        ended(&*store, id, TaskStatus::Succeeded, ms).await;
    }
    assert_eq!(store.prune_tasks(at(1_000), 2).await.unwrap(), 2);
    assert_eq!(ids(&*store, &TaskFilter::default()).await, ["c"]);
}

async fn a_pruned_id_is_free_and_its_row_number_is_not_reused(db: TestDb) {
    let store = db.store();
    let old = ended(&*store, "t", TaskStatus::Succeeded, 10).await;
    assert_eq!(store.prune_tasks(at(11), 10).await.unwrap(), 1);
    let answer = store.insert_tasks(vec![task("t")]).await.unwrap();
    assert!(matches!(answer[..], [Inserted::New(seq)] if seq > old.seq), "{answer:?} after {}", old.seq);
}

async fn logs_of_synchronous_calls_go_by_their_age(db: TestDb) {
    let store = db.store();
    let request = RequestId::from_stored("sync");
    for ms in [10, 20, 30] {
        let line = LogLine::new(at(ms), LogStream::Stdout, ms.to_string());
        store.append_logs(vec![part(&request, line)]).await.unwrap();
    }
    store.prune_tasks(at(20), 10).await.unwrap();
    assert_eq!(db.texts("select cast(first_line as text) from log_chunk order by first_line").await, [["1"], ["2"]]);
    assert_eq!(store.prune_tasks(at(1_000), 1).await.unwrap(), 1, "there may be more");
    assert_eq!(db.texts("select cast(first_line as text) from log_chunk order by first_line").await, [["2"]]);
}
