use crate::fixtures::{at, change, claim_one, claimed, function_ref, insert, start, status_of, task, task_of, with_functions, worker};
use engine::ports::{ClaimedTask, LostTask, Store};
use model::{TaskId, TaskStatus, UnixMillis};
use std::sync::Arc;
use store::each_backend;
use store::testing::TestDb;
use store::testing::{claim_any, next_due};

each_backend!(
    p2_a_stale_writer_changes_nothing_and_leaves_no_event,
    p2_a_former_holder_can_not_write_after_a_release,
    p2_one_of_two_concurrent_ends_wins,
    a_release_needs_the_lease,
    p3_tasks_of_a_silent_worker_are_lost,
    p3_the_first_lapse_is_that_of_another_worker_that_holds_tasks,
    a_heartbeat_tells_what_to_stop,
    orphans_are_waiting_tasks_of_deleted_functions,
);

async fn p2_a_stale_writer_changes_nothing_and_leaves_no_event(db: TestDb) {
    let store = db.store();
    let mut task = claimed(&*store, "t").await;
    start(&*store, &mut task, 5).await;
    let before = store.get_task(&task.task).await.unwrap().unwrap();
    let right = change(&task, TaskStatus::Succeeded, 9);
    let mut stale = Vec::new();
    for (status, fence, attempt) in
        [(TaskStatus::Processed, 0, 0), (TaskStatus::Running, 1, 0), (TaskStatus::Running, -1, 0), (TaskStatus::Running, 0, 1)]
    {
        let mut one = right.clone();
        (one.from, one.fence, one.attempt) = (status, task.fence + fence, task.attempt + attempt);
        one.set.result = Some((b"late".to_vec(), 4));
        stale.push(one);
    }
    let mut unknown = right.clone();
    unknown.seq += 1_000;
    stale.push(unknown);
    assert_eq!(store.apply(stale).await.unwrap(), [false; 5]);
    assert_eq!(store.get_task(&task.task).await.unwrap().unwrap(), before);
    assert_eq!(store.apply(vec![right]).await.unwrap(), [true]);
}

async fn p2_a_former_holder_can_not_write_after_a_release(db: TestDb) {
    let store = db.store();
    let former = claimed(&*store, "t").await;
    assert!(store.release(former.seq, former.fence, former.attempt, at(0)).await.unwrap());
    assert_eq!(status_of(&*store, "t").await, TaskStatus::Processed);
    assert_eq!(store.apply(vec![change(&former, TaskStatus::Running, 1)]).await.unwrap(), [false], "between two leases");
    let holder = claim_one(&*store, "w2", at(1)).await;
    assert_eq!(store.apply(vec![change(&former, TaskStatus::Running, 1)]).await.unwrap(), [false], "under another's lease");
    assert!(!store.release(former.seq, former.fence, former.attempt, at(0)).await.unwrap());
    assert_eq!(store.apply(vec![change(&holder, TaskStatus::Running, 2)]).await.unwrap(), [true]);
    let statuses: Vec<TaskStatus> = store.task_events(holder.seq).await.unwrap().into_iter().map(|event| event.status).collect();
    assert_eq!(statuses, [TaskStatus::Enqueued, TaskStatus::Processed, TaskStatus::Running]);
}

async fn p2_one_of_two_concurrent_ends_wins(db: TestDb) {
    let store = db.store();
    for n in 0..20 {
        let mut task = claimed(&*store, &format!("t{n}")).await;
        start(&*store, &mut task, 5).await;
        let ends = [TaskStatus::Succeeded, TaskStatus::Stopping, TaskStatus::Failed].map(|to| {
            let (store, end) = (Arc::clone(&store), change(&task, to, 9));
            tokio::spawn(async move { store.apply(vec![end]).await.unwrap() })
        });
        let mut won = 0;
        for end in ends {
            won += usize::from(end.await.unwrap() == [true]);
        }
        assert_eq!(won, 1);
        assert_eq!(store.task_events(task.seq).await.unwrap().len(), 4);
    }
}

async fn a_release_needs_the_lease(db: TestDb) {
    let store = db.store();
    let mut task = claimed(&*store, "t").await;
    assert!(!store.release(task.seq, task.fence + 1, task.attempt, at(0)).await.unwrap());
    assert!(!store.release(task.seq, task.fence, task.attempt + 1, at(0)).await.unwrap());
    assert!(!store.release(task.seq + 1, task.fence, task.attempt, at(0)).await.unwrap());
    start(&*store, &mut task, 1).await;
    assert!(!store.release(task.seq, task.fence, task.attempt, at(0)).await.unwrap(), "a running task is not given back unchanged");
    assert_eq!(next_due(&*store).await.unwrap(), None);
}

async fn lost_at(store: &dyn Store, ms: i64) -> Vec<LostTask> {
    store.lost_tasks(at(ms), 10).await.unwrap()
}

fn as_lost(task: &ClaimedTask) -> LostTask {
    LostTask {
        seq: task.seq,
        task: task.task.clone(),
        status: task.status,
        fence: task.fence,
        attempt: task.attempt,
        version: task.version,
    }
}

async fn p3_tasks_of_a_silent_worker_are_lost(db: TestDb) {
    let store = db.store();
    // Claimed at 0, so the worker is alive until 10,000.
    let held = claimed(&*store, "held").await;
    let mut running = claimed(&*store, "running").await;
    start(&*store, &mut running, 1).await;
    crate::fixtures::ended(&*store, "ended", TaskStatus::Succeeded, 2).await;
    insert(&*store, task("waiting")).await;
    assert_eq!(lost_at(&*store, 10_000).await, []);
    assert_eq!(lost_at(&*store, 10_001).await, [as_lost(&held), as_lost(&running)]);
    assert_eq!(store.lost_tasks(at(10_001), 1).await.unwrap().len(), 1);
    store.heartbeat(&worker("w"), at(20_000)).await.unwrap();
    assert_eq!(lost_at(&*store, 10_001).await, []);
    store.retire_worker(&worker("w")).await.unwrap();
    assert_eq!(lost_at(&*store, 0).await, [as_lost(&held), as_lost(&running)]);
    // The rescue ends both leases.
    assert!(store.release(held.seq, held.fence, held.attempt, at(0)).await.unwrap());
    let mut again = change(&running, TaskStatus::Retrying, 10_002);
    again.set.next_run_at = Some(at(10_002));
    assert_eq!(store.apply(vec![again]).await.unwrap(), [true]);
    assert_eq!(lost_at(&*store, 99_999).await, []);
    assert_eq!(claim_any(&*store, &worker("w2"), at(10_002), at(20_000), 9).await.unwrap().len(), 3);
    assert_eq!(store.apply(vec![change(&running, TaskStatus::Succeeded, 10_003)]).await.unwrap(), [false]);
}

async fn p3_the_first_lapse_is_that_of_another_worker_that_holds_tasks(db: TestDb) {
    let store = db.store();
    let check = async |asking: &str, lapse: Option<UnixMillis>| assert_eq!(store.first_lapse(&worker(asking)).await.unwrap(), lapse);
    // Alive, but without a task.
    store.heartbeat(&worker("idle"), at(1)).await.unwrap();
    check("w", None).await;
    let held = claimed(&*store, "held").await;
    insert(&*store, task("later")).await;
    claim_one(&*store, "late", at(5_000)).await;
    check("w", Some(at(15_000))).await;
    check("late", Some(at(10_000))).await;
    check("idle", Some(at(10_000))).await;
    store.heartbeat(&worker("w"), at(20_000)).await.unwrap();
    check("idle", Some(at(15_000))).await;
    store.retire_worker(&worker("w")).await.unwrap();
    check("idle", Some(UnixMillis(0))).await;
    assert!(store.release(held.seq, held.fence, held.attempt, at(0)).await.unwrap());
    check("late", None).await;
}

async fn a_heartbeat_tells_what_to_stop(db: TestDb) {
    let store = db.store();
    let mut mine = claimed(&*store, "mine").await;
    start(&*store, &mut mine, 1).await;
    insert(&*store, task("theirs")).await;
    let mut theirs = claim_one(&*store, "other", at(0)).await;
    start(&*store, &mut theirs, 1).await;
    assert_eq!(store.heartbeat(&worker("w"), at(9)).await.unwrap(), [0; 0]);
    let stops = vec![change(&mine, TaskStatus::Stopping, 2), change(&theirs, TaskStatus::Stopping, 2)];
    assert_eq!(store.apply(stops).await.unwrap(), [true, true]);
    assert_eq!(store.heartbeat(&worker("w"), at(9)).await.unwrap(), [mine.seq]);
    mine.status = TaskStatus::Stopping;
    assert_eq!(store.apply(vec![change(&mine, TaskStatus::Stopped, 3)]).await.unwrap(), [true]);
    assert_eq!(store.heartbeat(&worker("w"), at(9)).await.unwrap(), [0; 0]);
}

async fn orphans_are_waiting_tasks_of_deleted_functions(db: TestDb) {
    with_functions(&db, &["f", "g"]).await;
    let store = db.store();
    let mut running = claimed(&*store, "running").await;
    start(&*store, &mut running, 1).await;
    let held = claimed(&*store, "held").await;
    let waiting = insert(&*store, task("waiting")).await;
    let mut unlisted = task("unlisted");
    unlisted.listed = false;
    let unlisted = insert(&*store, unlisted).await;
    insert(&*store, task_of("g", "other")).await;
    assert_eq!(store.orphaned_tasks(10).await.unwrap(), []);
    store.delete_function(&function_ref("f"), "e1").await.unwrap();
    let mut found: Vec<i64> = store.orphaned_tasks(10).await.unwrap().into_iter().map(|task| task.seq).collect();
    found.sort_unstable();
    assert_eq!(found, [held.seq, waiting, unlisted]);
    assert_eq!(store.orphaned_tasks(2).await.unwrap().len(), 2);
    for lost in store.orphaned_tasks(10).await.unwrap() {
        let gone = engine::ports::Transition {
            seq: lost.seq,
            from: lost.status,
            fence: lost.fence,
            attempt: lost.attempt,
            to: TaskStatus::Invalid,
            at: at(5),
            detail: String::new(),
            set: Default::default(),
        };
        assert_eq!(store.apply(vec![gone]).await.unwrap(), [true]);
    }
    assert_eq!(store.orphaned_tasks(10).await.unwrap(), []);
    assert_eq!(store.lost_tasks(at(99_999), 10).await.unwrap().len(), 1, "only the running one is still held");
    assert!(store.get_task(&function_ref("f").task(TaskId::from_stored("waiting"))).await.unwrap().is_some());
}
