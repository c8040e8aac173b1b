use crate::fixtures::{at, change, claim_one, function_ref, insert, start, task, worker};
use engine::ports::{ClaimedDelivery, ClaimedTask, DeliveryEnd, NewTask, Store, TaskOutcome};
use model::{Delivery, DeliveryStatus, Destinations, Qualifier, RequestId, TaskStatus};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    i3_4_an_end_writes_one_delivery_to_the_destination_of_that_end,
    i3_4_a_change_that_is_not_written_delivers_nothing,
    i3_4_a_delivery_is_leased_to_one_worker_until_the_lease_passes,
    i3_4_deliveries_are_taken_oldest_first_and_none_to_a_busy_target,
    i3_4_a_try_is_followed_by_the_next_until_delivered_or_given_up,
    i3_4_a_failed_delivery_is_sent_again_when_asked_for,
    i3_4_a_worker_that_is_over_gives_back_its_deliveries,
    i3_4_a_delivery_goes_with_its_task_and_not_before_it_has_ended,
);

const GOOD: &str = "http://good.test/";
const BAD: &str = "http://bad.test/";

fn told(id: &str, good: Option<&str>, bad: Option<&str>) -> NewTask {
    let destinations = Destinations { on_success: good.map(str::to_owned), on_failure: bad.map(str::to_owned) };
    NewTask { destinations, ..task(id) }
}

/// A task that has been started.
async fn running(store: &dyn Store, new: NewTask) -> ClaimedTask {
    insert(store, new).await;
    let mut task = claim_one(store, "w", at(0)).await;
    start(store, &mut task, 1).await;
    task
}

/// A task that has failed at that time and tells `BAD` of it.
async fn failed(store: &dyn Store, id: &str, ms: i64) -> ClaimedTask {
    let task = running(store, told(id, None, Some(BAD))).await;
    assert_eq!(store.apply(vec![change(&task, TaskStatus::Failed, ms)]).await.unwrap(), [true]);
    task
}

async fn claim(store: &dyn Store, by: &str, ms: i64, limit: u32) -> Vec<ClaimedDelivery> {
    store.claim_deliveries(&worker(by), at(ms), at(ms + 1_000), &[], limit).await.unwrap()
}

fn end(delivery: &ClaimedDelivery, status: DeliveryStatus, next_ms: Option<i64>, ms: i64) -> DeliveryEnd {
    let error = if status == DeliveryStatus::Succeeded { "" } else { "it answered 500" }.to_owned();
    DeliveryEnd { seq: delivery.seq, fence: delivery.fence, status, next_at: next_ms.map(at), counts: true, error, at: at(ms) }
}

async fn word(store: &dyn Store, task: &ClaimedTask) -> String {
    store.get_task(&task.task).await.unwrap().unwrap().task.destination_status
}

async fn i3_4_an_end_writes_one_delivery_to_the_destination_of_that_end(db: TestDb) {
    let store = db.store();
    let cases = [
        (TaskStatus::Running, TaskStatus::Succeeded, Some(GOOD)),
        (TaskStatus::Running, TaskStatus::Failed, Some(BAD)),
        (TaskStatus::Stopping, TaskStatus::Stopped, Some(BAD)),
        (TaskStatus::Processed, TaskStatus::Stopped, Some(BAD)),
        (TaskStatus::Processed, TaskStatus::Expired, Some(BAD)),
        (TaskStatus::Processed, TaskStatus::Invalid, Some(BAD)),
    ];
    for (n, (from, to, target)) in cases.into_iter().enumerate() {
        for (good, bad) in [(Some(GOOD), Some(BAD)), (Some(GOOD), None), (None, Some(BAD)), (None, None)] {
            let new = told(&format!("t{n}-{}-{}", good.is_some(), bad.is_some()), good, bad);
            insert(&*store, new).await;
            let mut task = claim_one(&*store, "w", at(0)).await;
            assert_eq!(task.has_destination, good.is_some() || bad.is_some());
            if from != TaskStatus::Processed {
                start(&*store, &mut task, 1).await;
            }
            if from == TaskStatus::Stopping {
                assert_eq!(store.apply(vec![change(&task, from, 2)]).await.unwrap(), [true]);
                task.status = from;
            }
            assert_eq!((store.get_delivery(task.seq).await.unwrap(), word(&*store, &task).await), (None, String::new()), "not ended yet");
            assert_eq!(store.apply(vec![change(&task, to, 9)]).await.unwrap(), [true]);
            let wanted = target.filter(|target| [good, bad].contains(&Some(*target)));
            let delivery = store.get_delivery(task.seq).await.unwrap();
            let expected = wanted.map(|target| Delivery {
                target: target.to_owned(),
                status: DeliveryStatus::Running,
                attempts: 0,
                last_error: String::new(),
                next_at: Some(at(9)),
                created_at: at(9),
                changed_at: at(9),
                redriven_by: String::new(),
            });
            assert_eq!(delivery, expected, "{to}, {good:?}, {bad:?}");
            assert_eq!(word(&*store, &task).await, if wanted.is_some() { "Running" } else { "" });
        }
    }
    assert_eq!(db.texts("select cast(count(*) as text) from outbox").await, [["12"]]);
}

async fn i3_4_a_change_that_is_not_written_delivers_nothing(db: TestDb) {
    let store = db.store();
    let task = running(&*store, told("t", Some(GOOD), Some(BAD))).await;
    let mut stale = change(&task, TaskStatus::Succeeded, 2);
    stale.fence += 1;
    assert_eq!(store.apply(vec![stale]).await.unwrap(), [false]);
    assert_eq!(store.next_delivery_due(&[]).await.unwrap(), None);
    // In one batch the first of two ends is written, with its destination.
    let batch = vec![change(&task, TaskStatus::Failed, 3), change(&task, TaskStatus::Succeeded, 3)];
    assert_eq!(store.apply(batch).await.unwrap(), [true, false]);
    assert_eq!(store.get_delivery(task.seq).await.unwrap().unwrap().target, BAD);
}

async fn i3_4_a_delivery_is_leased_to_one_worker_until_the_lease_passes(db: TestDb) {
    let (store, other) = (db.store(), db.other_handle().await);
    let mut task = running(&*store, told("t", Some(GOOD), None)).await;
    let mut success = change(&task, TaskStatus::Succeeded, 5);
    success.set.result = Some((b"\"ok\"".to_vec(), 4));
    assert_eq!(store.apply(vec![success]).await.unwrap(), [true]);
    task.status = TaskStatus::Succeeded;
    assert_eq!(store.next_delivery_due(&[]).await.unwrap(), Some(at(5)));
    assert_eq!(claim(&*store, "w1", 4, 9).await, [], "not due yet");
    let first = claim(&*store, "w1", 5, 9).await;
    let outcome = TaskOutcome {
        task: function_ref("f").task(task.task.id.clone()),
        qualifier: Qualifier::latest(),
        request_id: RequestId::from_stored("request-of-t"),
        listed: true,
        status: TaskStatus::Succeeded,
        ended_at: at(5),
        attempt: 1,
        error_kind: String::new(),
        error_message: String::new(),
        payload: b"payload of t".to_vec(),
        result: Some(b"\"ok\"".to_vec()),
    };
    assert_eq!(first, [ClaimedDelivery { seq: task.seq, fence: 1, target: GOOD.to_owned(), attempts: 0, outcome }]);
    assert_eq!(claim(&*other, "w2", 1_004, 9).await, [], "somebody else has it");
    assert_eq!(store.next_delivery_due(&[]).await.unwrap(), Some(at(1_005)));
    let second = claim(&*other, "w2", 1_005, 9).await;
    assert_eq!((second.len(), second[0].fence), (1, 2));
    let late = end(&first[0], DeliveryStatus::Failed, None, 1_006);
    assert_eq!(store.end_deliveries(vec![late]).await.unwrap(), [false], "the lease has passed to another one");
    assert_eq!(word(&*store, &task).await, "Running");
    let done = end(&second[0], DeliveryStatus::Succeeded, None, 1_007);
    assert_eq!(other.end_deliveries(vec![done.clone()]).await.unwrap(), [true]);
    assert_eq!(other.end_deliveries(vec![done]).await.unwrap(), [false], "ended once already");
    assert_eq!((word(&*store, &task).await.as_str(), store.next_delivery_due(&[]).await.unwrap()), ("Succeeded", None));
    assert_eq!(claim(&*store, "w1", 99_999, 9).await, []);
}

async fn i3_4_deliveries_are_taken_oldest_first_and_none_to_a_busy_target(db: TestDb) {
    let store = db.store();
    for (id, ms) in [("c", 30), ("a", 10), ("d", 40)] {
        failed(&*store, id, ms).await;
    }
    let good = running(&*store, told("b", Some(GOOD), None)).await;
    assert_eq!(store.apply(vec![change(&good, TaskStatus::Succeeded, 20)]).await.unwrap(), [true]);
    let names = |claimed: Vec<ClaimedDelivery>| claimed.into_iter().map(|one| one.outcome.task.id.to_string()).collect::<Vec<_>>();
    let busy = [BAD.to_owned()];
    assert_eq!(store.next_delivery_due(&busy).await.unwrap(), Some(at(20)));
    assert_eq!(store.next_delivery_due(&[BAD.to_owned(), GOOD.to_owned()]).await.unwrap(), None);
    assert_eq!(names(store.claim_deliveries(&worker("w"), at(99), at(999), &busy, 9).await.unwrap()), ["b"]);
    assert_eq!(names(claim(&*store, "w", 99, 2).await), ["a", "c"]);
    assert_eq!(names(claim(&*store, "w", 99, 2).await), ["d"]);
}

async fn i3_4_a_try_is_followed_by_the_next_until_delivered_or_given_up(db: TestDb) {
    let store = db.store();
    let task = failed(&*store, "t", 10).await;
    let one = claim(&*store, "w", 10, 9).await.pop().unwrap();
    assert_eq!(store.end_deliveries(vec![end(&one, DeliveryStatus::Running, Some(510), 11)]).await.unwrap(), [true]);
    let read = store.get_delivery(task.seq).await.unwrap().unwrap();
    assert_eq!((read.attempts, read.last_error.as_str(), read.next_at), (1, "it answered 500", Some(at(510))));
    assert_eq!((read.created_at, read.changed_at), (at(10), at(11)));
    assert_eq!(claim(&*store, "w", 509, 9).await, []);
    let mut two = claim(&*store, "w", 510, 9).await.pop().unwrap();
    assert_eq!(two.attempts, 1);
    // A try that did not get as far as the target.
    let given_back = DeliveryEnd { counts: false, ..end(&two, DeliveryStatus::Running, Some(510), 511) };
    assert_eq!(store.end_deliveries(vec![given_back]).await.unwrap(), [true]);
    two = claim(&*store, "w", 510, 9).await.pop().unwrap();
    assert_eq!(two.attempts, 1);
    // Another one's success in the same batch.
    let good = running(&*store, told("good", Some(GOOD), None)).await;
    assert_eq!(store.apply(vec![change(&good, TaskStatus::Succeeded, 20)]).await.unwrap(), [true]);
    let three = claim(&*store, "w", 510, 9).await.pop().unwrap();
    let batch = vec![end(&three, DeliveryStatus::Succeeded, None, 600), end(&two, DeliveryStatus::Failed, None, 600)];
    assert_eq!(store.end_deliveries(batch).await.unwrap(), [true, true]);
    assert_eq!((word(&*store, &task).await.as_str(), word(&*store, &good).await.as_str()), ("Failed", "Succeeded"));
    let read = store.get_delivery(task.seq).await.unwrap().unwrap();
    assert_eq!((read.status, read.attempts, read.next_at), (DeliveryStatus::Failed, 2, None));
    assert_eq!(store.end_deliveries(vec![]).await.unwrap(), [false; 0]);
}

async fn i3_4_a_failed_delivery_is_sent_again_when_asked_for(db: TestDb) {
    let store = db.store();
    let task = failed(&*store, "t", 10).await;
    assert!(!store.redrive_delivery(task.seq, "admin", at(11)).await.unwrap(), "it is under way");
    assert!(!store.redrive_delivery(task.seq + 1, "admin", at(11)).await.unwrap(), "there is none");
    let one = claim(&*store, "w", 10, 9).await.pop().unwrap();
    assert_eq!(store.end_deliveries(vec![end(&one, DeliveryStatus::Failed, None, 12)]).await.unwrap(), [true]);
    assert!(store.redrive_delivery(task.seq, "admin", at(20)).await.unwrap());
    assert!(!store.redrive_delivery(task.seq, "other", at(21)).await.unwrap(), "once is enough");
    let read = store.get_delivery(task.seq).await.unwrap().unwrap();
    assert_eq!((read.status, read.attempts, read.next_at, read.redriven_by.as_str()), (DeliveryStatus::Running, 0, Some(at(20)), "admin"));
    assert_eq!((read.last_error.as_str(), word(&*store, &task).await.as_str()), ("it answered 500", "Running"));
    let again = claim(&*store, "w", 20, 9).await.pop().unwrap();
    assert_eq!((again.attempts, &again.outcome), (0, &one.outcome));
    assert_eq!(store.end_deliveries(vec![end(&again, DeliveryStatus::Succeeded, None, 30)]).await.unwrap(), [true]);
    assert_eq!(word(&*store, &task).await, "Succeeded");
    assert!(!store.redrive_delivery(task.seq, "admin", at(31)).await.unwrap(), "it was delivered");
}

async fn i3_4_a_worker_that_is_over_gives_back_its_deliveries(db: TestDb) {
    let store = db.store();
    failed(&*store, "a", 10).await;
    let held = claim(&*store, "w1", 10, 9).await;
    failed(&*store, "b", 10).await;
    assert_eq!(claim(&*store, "w2", 10, 9).await.len(), 1);
    store.free_deliveries(&worker("w1"), at(20)).await.unwrap();
    let taken = claim(&*store, "w2", 20, 9).await;
    assert_eq!(taken.iter().map(|one| one.seq).collect::<Vec<_>>(), [held[0].seq]);
    assert_eq!(store.end_deliveries(vec![end(&held[0], DeliveryStatus::Succeeded, None, 21)]).await.unwrap(), [false]);
}

async fn i3_4_a_delivery_goes_with_its_task_and_not_before_it_has_ended(db: TestDb) {
    let store = db.store();
    let task = failed(&*store, "t", 10).await;
    assert_eq!(store.prune_tasks(at(999), 9).await.unwrap(), 0, "nobody has been told of it yet");
    let one = claim(&*store, "w", 10, 9).await.pop().unwrap();
    assert_eq!(store.end_deliveries(vec![end(&one, DeliveryStatus::Failed, None, 12)]).await.unwrap(), [true]);
    assert_eq!(store.prune_tasks(at(999), 9).await.unwrap(), 1);
    assert_eq!(store.get_delivery(task.seq).await.unwrap(), None);
    assert_eq!(db.texts("select cast(count(*) as text) from outbox").await, [["0"]]);
}
