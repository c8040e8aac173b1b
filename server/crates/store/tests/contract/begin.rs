//! Claims that begin attempts on instances that stand ready.

use crate::fixtures::{at, change, function_ref, insert, start, task, worker};
use engine::ports::{Claim, ClaimedTask, Offer, Store};
use model::{InstanceId, Qualifier, TaskStatus};
use store::each_backend;
use store::testing::{TestDb, claim_any};

each_backend!(
    as_many_begin_as_instances_stand_ready,
    a_retry_begins_again_and_keeps_its_first_start,
    what_its_worker_has_to_end_does_not_begin,
    no_more_than_offered_is_taken,
    i4_what_was_begun_before_waits_for_an_instance_where_instances_are_shared,
);

/// Claims at 100 ms with these instances and places.
async fn claim(store: &dyn Store, instances: &[&str], waiting: u32) -> Vec<ClaimedTask> {
    let ready = instances.iter().map(|id| InstanceId::from_stored(*id)).collect();
    let offers = [(function_ref("f"), Offer { ready, waiting, ..Offer::default() })].into();
    let claim = Claim { worker: worker("w"), now: at(100), alive_until: at(9_000), limit: 10, offers, given_back_from: at(-1_000) };
    store.claim(&claim).await.unwrap()
}

async fn as_many_begin_as_instances_stand_ready(db: TestDb) {
    let store = db.store();
    for id in ["a", "b", "c"] {
        insert(&*store, task(id)).await;
    }
    let claimed = claim(&*store, &["c-1", "c-2"], 5).await;
    let seen: Vec<_> =
        claimed.iter().map(|task| (task.task.id.as_str(), task.status, task.begun_on.as_ref().map(InstanceId::as_str))).collect();
    let (running, processed) = (TaskStatus::Running, TaskStatus::Processed);
    assert_eq!(seen, [("a", running, Some("c-1")), ("b", running, Some("c-2")), ("c", processed, None)]);
    let stored = store.get_task(&claimed[1].task).await.unwrap().unwrap();
    let events: Vec<_> = stored.task.events.iter().map(|event| (event.id, event.status, event.at, event.detail.as_str())).collect();
    let expected = [(1, TaskStatus::Enqueued, at(0), ""), (2, processed, at(100), ""), (3, running, at(100), r#"{"InstanceId":"c-2"}"#)];
    assert_eq!(events, expected);
    assert_eq!((stored.task.attempt, stored.task.started_at, stored.fence), (1, at(100), claimed[1].fence));
    assert_eq!(stored.task.instance_id.as_ref().map(InstanceId::as_str), Some("c-2"));
    let counts = store.count_tasks(&function_ref("f")).await.unwrap();
    assert_eq!((counts.get(running), counts.get(processed), counts.total()), (2, 1, 3));
    // The claimed task's numbers are those that its worker names in the next write.
    let mut end = change(&claimed[1], TaskStatus::Succeeded, 200);
    end.attempt = claimed[1].attempt + 1;
    assert_eq!(store.apply(vec![end]).await.unwrap(), [true]);
}

async fn a_retry_begins_again_and_keeps_its_first_start(db: TestDb) {
    let store = db.store();
    insert(&*store, task("a")).await;
    let mut first = claim_any(&*store, &worker("w"), at(10), at(9_000), 1).await.unwrap().remove(0);
    start(&*store, &mut first, 20).await;
    let mut retry = change(&first, TaskStatus::Retrying, 30);
    retry.set.next_run_at = Some(at(90));
    assert_eq!(store.apply(vec![retry]).await.unwrap(), [true]);
    let again = claim(&*store, &["c-9"], 0).await;
    assert_eq!((again[0].status, again[0].attempt), (TaskStatus::Running, 1));
    let stored = store.get_task(&again[0].task).await.unwrap().unwrap().task;
    assert_eq!((stored.attempt, stored.started_at, stored.events.len()), (2, at(20), 5));
}

async fn what_its_worker_has_to_end_does_not_begin(db: TestDb) {
    let store = db.store();
    let (mut expired, mut starved, mut paused, mut other) = (task("expired"), task("starved"), task("paused"), task("other"));
    expired.expires_at = at(99);
    (starved.due_at, paused.due_at) = (at(-1_002), at(-1_001));
    other.qualifier = Qualifier::from_stored("prod");
    insert(&*store, starved).await;
    let given_back = claim_any(&*store, &worker("w"), at(0), at(9_000), 1).await.unwrap().remove(0);
    assert!(store.release(given_back.seq, given_back.fence, given_back.attempt, at(10)).await.unwrap());
    for task in [expired, paused, other, task("fit")] {
        insert(&*store, task).await;
    }
    let claimed = claim(&*store, &["c-1", "c-2", "c-3", "c-4", "c-5"], 0).await;
    let mut begun: Vec<_> = claimed.iter().filter(|task| task.begun_on.is_some()).map(|task| task.task.id.as_str()).collect();
    begun.sort();
    // Nobody has tried to run the one that has only waited.
    assert_eq!((begun, claimed.len()), (vec!["fit", "paused"], 5));
}

async fn no_more_than_offered_is_taken(db: TestDb) {
    let store = db.store();
    for id in ["a", "b", "c", "d"] {
        insert(&*store, task(id)).await;
    }
    assert_eq!(claim(&*store, &["c-1"], 2).await.len(), 3);
    assert_eq!(claim(&*store, &[], 0).await.len(), 0);
    let nothing = Claim { worker: worker("w"), now: at(100), alive_until: at(200), limit: 10, offers: [].into(), given_back_from: at(0) };
    assert_eq!(store.claim(&nothing).await.unwrap(), []);
}

async fn i4_what_was_begun_before_waits_for_an_instance_where_instances_are_shared(db: TestDb) {
    let store = db.store();
    insert(&*store, task("again")).await;
    let mut first = claim_any(&*store, &worker("w"), at(10), at(9_000), 1).await.unwrap().remove(0);
    start(&*store, &mut first, 20).await;
    let mut retry = change(&first, TaskStatus::Retrying, 30);
    retry.set.next_run_at = Some(at(90));
    assert_eq!(store.apply(vec![retry]).await.unwrap(), [true]);
    insert(&*store, task("new")).await;
    let ready = vec![InstanceId::from_stored("c-1"), InstanceId::from_stored("c-1")];
    let offers = [(function_ref("f"), Offer { ready, waiting: 0, is_shared: true })].into();
    let claim = Claim { worker: worker("w"), now: at(100), alive_until: at(9_000), limit: 10, offers, given_back_from: at(-1_000) };
    let mut claimed = store.claim(&claim).await.unwrap();
    claimed.sort_by(|one, other| one.task.id.as_str().cmp(other.task.id.as_str()));
    let seen: Vec<_> = claimed.iter().map(|task| (task.task.id.as_str(), task.status, task.begun_on.is_some())).collect();
    assert_eq!(seen, [("again", TaskStatus::Retrying, false), ("new", TaskStatus::Running, true)]);
}
