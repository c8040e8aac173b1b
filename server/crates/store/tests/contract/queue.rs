use crate::fixtures::{at, change, claim_one, claimed, function_ref, insert, start, status_of, task, worker};
use model::{TaskEvent, TaskId, TaskStatus};
use std::collections::HashSet;
use store::each_backend;
use store::testing::TestDb;
use store::testing::{claim_any, next_due};

each_backend!(
    takes_due_tasks_oldest_first_up_to_the_limit,
    claiming_makes_enqueued_processed_with_one_event,
    p3_eight_workers_claim_each_of_two_hundred_tasks_once,
    an_idle_claim_writes_nothing,
    next_due_is_the_earliest_that_nobody_holds,
    a_retry_is_claimed_again_with_a_new_fence,
    a_stop_takes_a_waiting_task_out_of_the_queue,
);

async fn takes_due_tasks_oldest_first_up_to_the_limit(db: TestDb) {
    let store = db.store();
    for (id, due) in [("late", 3_000), ("early", 1_000), ("middle", 2_000), ("future", 9_000)] {
        let mut new = task(id);
        new.due_at = at(due);
        insert(&*store, new).await;
    }
    let claim = async |now, limit| -> Vec<String> {
        let claimed = claim_any(&*store, &worker("w"), at(now), at(now + 1), limit).await.unwrap();
        claimed.into_iter().map(|task| task.task.id.to_string()).collect()
    };
    assert_eq!(claim(999, 10).await, [""; 0]);
    assert_eq!(claim(3_000, 0).await, [""; 0]);
    assert_eq!(claim(3_000, 2).await, ["early", "middle"]);
    assert_eq!(claim(3_000, 2).await, ["late"]);
    assert_eq!(claim(8_999, 2).await, [""; 0]);
    assert_eq!(claim(9_000, 2).await, ["future"]);
}

async fn claiming_makes_enqueued_processed_with_one_event(db: TestDb) {
    let store = db.store();
    let mut new = task("t");
    new.due_at = at(5);
    let seq = insert(&*store, new.clone()).await;
    let claimed = claim_one(&*store, "w", at(7)).await;
    assert_eq!((claimed.seq, &claimed.task, claimed.status), (seq, &new.function.task(new.id.clone()), TaskStatus::Processed));
    assert_eq!((claimed.fence, claimed.attempt, claimed.retried, claimed.max_retries), (1, 0, 0, 3));
    assert_eq!((claimed.due_at, claimed.expires_at, claimed.listed), (new.due_at, new.expires_at, true));
    assert_eq!((&claimed.qualifier, &claimed.request_id, &claimed.payload), (&new.qualifier, &new.request_id, &new.payload));
    let event = |id, status, ms| TaskEvent { id, status, at: at(ms), detail: String::new() };
    assert_eq!(store.task_events(seq).await.unwrap(), [event(1, TaskStatus::Enqueued, 0), event(2, TaskStatus::Processed, 7)]);
    let read = store.get_task(&claimed.task).await.unwrap().unwrap();
    assert_eq!((read.fence, read.task.status, read.task.next_run_at), (1, TaskStatus::Processed, None));
}

async fn p3_eight_workers_claim_each_of_two_hundred_tasks_once(db: TestDb) {
    db.store().insert_tasks((0..200).map(|n| task(&format!("t{n}"))).collect()).await.unwrap();
    let mut running = tokio::task::JoinSet::new();
    for n in 0..8 {
        let store = db.other_handle().await;
        running.spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = claim_any(&*store, &worker(&format!("w{n}")), at(0), at(1), 7).await.unwrap();
                if claimed.is_empty() && next_due(&*store).await.unwrap().is_none() {
                    return mine;
                }
                mine.extend(claimed.into_iter().map(|task| task.seq));
            }
        });
    }
    let all = running.join_all().await.concat();
    assert_eq!(all.len(), 200);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 200);
    let store = db.store();
    assert_eq!(store.count_tasks(&function_ref("f")).await.unwrap().get(TaskStatus::Processed), 200);
    for seq in all {
        assert_eq!(store.task_events(seq).await.unwrap().len(), 2);
    }
}

async fn an_idle_claim_writes_nothing(db: TestDb) {
    let store = db.store();
    let mut future = task("future");
    future.due_at = at(1_000);
    insert(&*store, future).await;
    // Every SQLite commit makes the log longer; every Postgres update moves the row.
    let writes = async || {
        if db.is_sqlite() {
            std::fs::metadata(db.data_dir().join("taskyard.db-wal")).unwrap().len().to_string()
        } else {
            db.texts("select cast(xmin as text) || ' ' || cast(ctid as text) from task").await.concat().concat()
        }
    };
    let before = writes().await;
    for _ in 0..20 {
        assert_eq!(claim_any(&*store, &worker("w"), at(999), at(5_000), 100).await.unwrap(), []);
    }
    assert_eq!(writes().await, before);
    assert_eq!(db.texts("select id from worker").await, Vec::<Vec<String>>::new());
}

async fn next_due_is_the_earliest_that_nobody_holds(db: TestDb) {
    let store = db.store();
    assert_eq!(next_due(&*store).await.unwrap(), None);
    for (id, due) in [("b", 200), ("a", 100)] {
        let mut new = task(id);
        new.due_at = at(due);
        insert(&*store, new).await;
    }
    assert_eq!(next_due(&*store).await.unwrap(), Some(at(100)));
    let held = claim_one(&*store, "w", at(150)).await;
    assert_eq!(next_due(&*store).await.unwrap(), Some(at(200)));
    assert!(store.release(held.seq, held.fence, held.attempt, at(120)).await.unwrap());
    assert_eq!(next_due(&*store).await.unwrap(), Some(at(120)));
}

async fn a_retry_is_claimed_again_with_a_new_fence(db: TestDb) {
    let store = db.store();
    let mut first = claimed(&*store, "t").await;
    start(&*store, &mut first, 10).await;
    let mut retry = change(&first, TaskStatus::Retrying, 20);
    retry.set.next_run_at = Some(at(500));
    retry.set.count_retry = true;
    retry.set.error = Some(("UnhandledInvocationError".to_owned(), "boom".to_owned()));
    assert_eq!(store.apply(vec![retry]).await.unwrap(), [true]);
    assert_eq!(claim_any(&*store, &worker("w2"), at(499), at(1_000), 9).await.unwrap(), []);
    let second = claim_one(&*store, "w2", at(500)).await;
    assert!(second.fence > first.fence);
    assert_eq!((second.status, second.attempt, second.retried), (TaskStatus::Retrying, 1, 1));
    assert_eq!((second.error_kind.as_str(), second.error_message.as_str()), ("UnhandledInvocationError", "boom"));
    assert_eq!(store.task_events(first.seq).await.unwrap().len(), 4, "claiming a retry is no change of status");
}

async fn a_stop_takes_a_waiting_task_out_of_the_queue(db: TestDb) {
    let store = db.store();
    insert(&*store, task("t")).await;
    let row = store.get_task(&function_ref("f").task(TaskId::from_stored("t"))).await.unwrap().unwrap();
    let stop = engine::ports::Transition {
        seq: row.seq,
        from: TaskStatus::Enqueued,
        fence: row.fence,
        attempt: row.task.attempt,
        to: TaskStatus::Stopped,
        at: at(3),
        detail: "{\"User\":\"admin\"}".to_owned(),
        set: Default::default(),
    };
    assert_eq!(store.apply(vec![stop]).await.unwrap(), [true]);
    assert_eq!(status_of(&*store, "t").await, TaskStatus::Stopped);
    assert_eq!(next_due(&*store).await.unwrap(), None);
    assert_eq!(claim_any(&*store, &worker("w"), at(9), at(10), 9).await.unwrap(), []);
}
