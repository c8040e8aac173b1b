use crate::fixtures::{at, change, claim_one, claimed, function_ref, start, task};
use model::lifecycle::{self, Event};
use model::{InstanceId, TaskEvent, TaskStatus};
use store::each_backend;
use store::testing::TestDb;
use store::testing::claim_any;

each_backend!(
    a_life_with_a_retry_leaves_every_value_and_event,
    changes_of_one_task_in_a_batch_are_written_in_order,
    a_batch_of_many_is_answered_in_order,
    any_text_can_be_stored,
    i3_2_a_stop_and_any_other_event_exclude_each_other,
);

/// Whichever of two writers that saw the same state is first is written, and the other one changes nothing.
async fn i3_2_a_stop_and_any_other_event_exclude_each_other(db: TestDb) {
    let store = db.store();
    let mut number = 0;
    for from in [TaskStatus::Processed, TaskStatus::Running, TaskStatus::Retrying] {
        for event in Event::ALL.into_iter().filter(|event| *event != Event::StopAsked) {
            let Ok(to) = lifecycle::next(from, event) else { continue };
            for stop_first in [true, false] {
                number += 1;
                let mut task = claimed(&*store, &format!("t{number}")).await;
                if from != TaskStatus::Processed {
                    start(&*store, &mut task, 1).await;
                }
                if from == TaskStatus::Retrying {
                    let mut retry = change(&task, TaskStatus::Retrying, 2);
                    retry.set.next_run_at = Some(at(2));
                    assert_eq!(store.apply(vec![retry]).await.unwrap(), [true]);
                    task = claim_one(&*store, "w", at(2)).await;
                }
                let stop = change(&task, lifecycle::next(from, Event::StopAsked).unwrap(), 3);
                let mut other = change(&task, to, 3);
                other.set.next_run_at = (to == TaskStatus::Retrying).then(|| at(99_999_999));
                other.set.started_on = (event == Event::Started).then(|| InstanceId::from_stored("c"));
                let (first, second) = if stop_first { (stop, other) } else { (other, stop) };
                let to = first.to;
                let (store_two, after) = (db.other_handle().await, second.clone());
                assert_eq!(store.apply(vec![first]).await.unwrap(), [true], "{from} {event:?}");
                assert_eq!(store_two.apply(vec![after]).await.unwrap(), [false], "{from} {event:?} then {}", second.to);
                assert_eq!(crate::fixtures::status_of(&*store, &format!("t{number}")).await, to);
            }
        }
    }
    assert_eq!(number, 20, "every event of a task in hand, in both orders");
}

async fn a_life_with_a_retry_leaves_every_value_and_event(db: TestDb) {
    let store = db.store();
    let mut task = claimed(&*store, "t").await;
    start(&*store, &mut task, 10).await;
    let mut retry = change(&task, TaskStatus::Retrying, 20);
    retry.detail = "{\"Error\":\"UnhandledInvocationError\"}".to_owned();
    retry.set.duration_ms = Some(9);
    retry.set.error = Some(("UnhandledInvocationError".to_owned(), "boom".to_owned()));
    retry.set.next_run_at = Some(at(520));
    retry.set.count_retry = true;
    assert_eq!(store.apply(vec![retry]).await.unwrap(), [true]);
    let row = store.get_task(&task.task).await.unwrap().unwrap();
    assert_eq!((row.task.status, row.task.attempt, row.task.retried), (TaskStatus::Retrying, 1, 1));
    assert_eq!((row.task.next_run_at, row.task.started_at, row.task.ended_at), (Some(at(520)), at(10), None));
    assert_eq!((row.task.duration_ms, row.task.error_message.as_str()), (9, "boom"));
    assert_eq!(row.task.instance_id, Some(InstanceId::from_stored("c-1")));

    let mut task = claim_one(&*store, "w2", at(520)).await;
    let mut begin = change(&task, TaskStatus::Running, 530);
    begin.set.started_on = Some(InstanceId::from_stored("c-2"));
    assert_eq!(store.apply(vec![begin]).await.unwrap(), [true]);
    (task.status, task.attempt) = (TaskStatus::Running, 2);
    let mut end = change(&task, TaskStatus::Succeeded, 600);
    end.set.duration_ms = Some(70);
    end.set.result = Some((b"\"ok\"".to_vec(), 2_000_000));
    end.set.error = Some((String::new(), String::new()));
    assert_eq!(store.apply(vec![end]).await.unwrap(), [true]);

    let row = store.get_task(&task.task).await.unwrap().unwrap();
    assert_eq!((row.task.status, row.task.attempt, row.task.retried), (TaskStatus::Succeeded, 2, 1));
    assert_eq!((row.task.started_at, row.task.ended_at, row.task.next_run_at), (at(10), Some(at(600)), None));
    assert_eq!((row.task.duration_ms, row.task.error_kind.as_str(), row.task.error_message.as_str()), (70, "", ""));
    assert_eq!((row.task.result.as_deref(), row.task.result_bytes), (Some(&b"\"ok\""[..]), 2_000_000));
    assert_eq!(row.task.instance_id, Some(InstanceId::from_stored("c-2")));
    let event = |id, status, ms, detail: &str| TaskEvent { id, status, at: at(ms), detail: detail.to_owned() };
    assert_eq!(
        row.task.events,
        [
            event(1, TaskStatus::Enqueued, 0, ""),
            event(2, TaskStatus::Processed, 0, ""),
            event(3, TaskStatus::Running, 10, ""),
            event(4, TaskStatus::Retrying, 20, "{\"Error\":\"UnhandledInvocationError\"}"),
            event(5, TaskStatus::Running, 530, ""),
            event(6, TaskStatus::Succeeded, 600, ""),
        ]
    );
    assert_eq!(store.lost_tasks(at(999_999), 9).await.unwrap(), [], "the lease ended with the task");
}

async fn changes_of_one_task_in_a_batch_are_written_in_order(db: TestDb) {
    let store = db.store();
    let one = claimed(&*store, "one").await;
    let two = claimed(&*store, "two").await;
    let begin = |task| {
        let mut begin = change(task, TaskStatus::Running, 1);
        begin.set.started_on = Some(InstanceId::from_stored("c"));
        begin
    };
    let end = |task, from, to, attempt| {
        let mut end = change(task, to, 2);
        (end.from, end.attempt) = (from, attempt);
        end
    };
    let batch = vec![
        begin(&one),
        end(&one, TaskStatus::Running, TaskStatus::Stopping, 1),
        begin(&two),
        end(&one, TaskStatus::Running, TaskStatus::Succeeded, 1),
        end(&one, TaskStatus::Stopping, TaskStatus::Stopped, 1),
        end(&two, TaskStatus::Running, TaskStatus::Succeeded, 1),
    ];
    assert_eq!(store.apply(batch).await.unwrap(), [true, true, true, false, true, true]);
    let events = store.task_events(one.seq).await.unwrap();
    let words: Vec<(u32, &str)> = events.iter().map(|event| (event.id, event.status.as_str())).collect();
    assert_eq!(words, [(1, "Enqueued"), (2, "Processed"), (3, "Running"), (4, "Stopping"), (5, "Stopped")]);
    assert_eq!(store.apply(vec![]).await.unwrap(), [false; 0]);
}

async fn a_batch_of_many_is_answered_in_order(db: TestDb) {
    let store = db.store();
    store.insert_tasks((0..700).map(|n| task(&format!("t{n}"))).collect()).await.unwrap();
    let claimed = claim_any(&*store, &crate::fixtures::worker("w"), at(0), at(1), 1_000).await.unwrap();
    assert_eq!(claimed.len(), 700);
    let mut batch: Vec<_> = claimed.iter().rev().map(|task| change(task, TaskStatus::Running, 1)).collect();
    for stale in batch.iter_mut().step_by(7) {
        stale.fence += 1;
    }
    let answer = store.apply(batch).await.unwrap();
    assert!(answer.iter().enumerate().all(|(n, written)| *written == (n % 7 != 0)));
    let counts = store.count_tasks(&function_ref("f")).await.unwrap();
    assert_eq!((counts.get(TaskStatus::Running), counts.get(TaskStatus::Processed)), (600, 100));
}

async fn any_text_can_be_stored(db: TestDb) {
    let store = db.store();
    let mut task = claimed(&*store, "t").await;
    start(&*store, &mut task, 1).await;
    let text = "it's \"quoted\"; \\ \u{1f600} $1 ?1 \u{7f}\n".to_owned();
    let mut end = change(&task, TaskStatus::Failed, 2);
    end.detail = serde_json::json!({ "Message": text }).to_string();
    let detail = end.detail.clone();
    end.set.error = Some((text.clone(), format!("{text}\u{0}end")));
    end.set.result = Some((vec![], 0));
    assert_eq!(store.apply(vec![end]).await.unwrap(), [true]);
    let read = store.get_task(&task.task).await.unwrap().unwrap().task;
    assert_eq!((&read.error_kind, &read.events[3].detail), (&text, &detail));
    assert_eq!(read.error_message, format!("{text}\u{fffd}end"), "Postgres can't hold NUL; both show it the same way");
    assert_eq!(read.result.as_deref(), Some(&b""[..]));
}
