use crate::fixtures::{at, claim_one, claimed, function_ref, insert, task, task_of};
use engine::ports::{Inserted, NewTask};
use model::{HttpRequest, Origin, TaskEvent, TaskId, TaskStatus, TriggerName};
use std::collections::HashSet;
use std::sync::Arc;
use store::each_backend;
use store::testing::TestDb;
use store::testing::claim_any;

each_backend!(
    is_read_back_whole,
    i4_the_request_of_an_http_function_comes_with_the_claim,
    is_there_after_the_store_is_opened_again,
    first_of_equal_ids_wins_in_a_batch,
    p5_a_thousand_concurrent_submissions_of_one_id_are_one_task,
    overlapping_batches_insert_each_id_once,
    ids_are_unique_per_function,
    large_batches_answer_in_order,
    unlisted_tasks_are_hidden_but_their_ids_are_taken,
    b29_the_tasks_made_from_one_are_listed_the_newest_first,
    b29_the_trigger_that_submitted_a_task_is_read_back,
    counts_follow_every_change,
    last_task_is_the_latest_listed_acceptance,
);

fn request() -> HttpRequest {
    HttpRequest {
        method: "PUT".to_owned(),
        base_path: "/2016-08-15/proxy/s/f".to_owned(),
        path: "/a%20b".to_owned(),
        query: "q=1".to_owned(),
        headers: vec![("x-a".to_owned(), "'ü\"".to_owned())],
        client_ip: "::1".to_owned(),
    }
}

async fn i4_the_request_of_an_http_function_comes_with_the_claim(db: TestDb) {
    let store = db.store();
    insert(&*store, NewTask { http: Some(request()), ..task("http") }).await;
    assert_eq!(claim_one(&*store, "w", at(0)).await.http, Some(request()));
    insert(&*store, task("event")).await;
    assert_eq!(claim_one(&*store, "w", at(0)).await.http, None);
}

async fn is_read_back_whole(db: TestDb) {
    let store = db.store();
    let mut new = task("t");
    new.payload = vec![0, 159, 146, 150, b'\''];
    new.due_at = at(5_000);
    new.http = Some(request());
    new.origin = Origin::Reexecution { user: "admin".to_owned(), task: TaskId::from_stored("earlier") };
    let seq = insert(&*store, new.clone()).await;
    let row = store.get_task(&function_ref("f").task(new.id.clone())).await.unwrap().unwrap();
    assert_eq!((row.seq, row.fence, row.listed, row.origin), (seq, 0, true, new.origin));
    let read = row.task;
    assert_eq!((&read.function, &read.id, &read.qualifier, &read.request_id), (&new.function, &new.id, &new.qualifier, &new.request_id));
    assert_eq!((read.status, read.attempt, read.retried, read.max_retries), (TaskStatus::Enqueued, 0, 0, 3));
    assert_eq!((read.submitted_at, read.due_at, read.started_at, read.expires_at), (at(0), at(5_000), at(0), at(86_400_000)));
    assert_eq!((read.ended_at, read.next_run_at, read.duration_ms), (None, Some(at(5_000)), 0));
    assert_eq!((read.instance_id, read.destination_status.as_str()), (None, ""));
    assert_eq!((read.error_kind.as_str(), read.error_message.as_str()), ("", ""));
    assert_eq!(read.http, new.http);
    assert_eq!((read.payload, read.result, read.result_bytes), (Some(new.payload), None, 0));
    assert_eq!(read.origin, Some(TaskId::from_stored("earlier")));
    let enqueued = TaskEvent { id: 1, status: TaskStatus::Enqueued, at: at(0), detail: String::new() };
    assert_eq!(read.events, std::slice::from_ref(&enqueued));
    assert_eq!(store.task_events(seq).await.unwrap(), [enqueued]);
    assert_eq!(store.get_task(&function_ref("f").task(TaskId::from_stored("T"))).await.unwrap(), None);
    assert_eq!(store.get_task(&function_ref("g").task(new.id)).await.unwrap(), None);
}

async fn is_there_after_the_store_is_opened_again(db: TestDb) {
    claimed(&*db.store(), "t").await;
    let before = db.store().get_task(&function_ref("f").task(TaskId::from_stored("t"))).await.unwrap();
    let db = db.reopened().await;
    assert!(before.is_some());
    assert_eq!(db.store().get_task(&function_ref("f").task(TaskId::from_stored("t"))).await.unwrap(), before);
    assert_eq!(db.store().count_tasks(&function_ref("f")).await.unwrap().total(), 1);
}

async fn first_of_equal_ids_wins_in_a_batch(db: TestDb) {
    let store = db.store();
    let mut second = task("a");
    second.payload = b"second".to_vec();
    let answer = store.insert_tasks(vec![task("a"), task("b"), second, task("c"), task("b")]).await.unwrap();
    assert!(matches!(answer[..], [Inserted::New(_), Inserted::New(_), Inserted::Duplicate, Inserted::New(_), Inserted::Duplicate]));
    let kept = store.get_task(&function_ref("f").task(TaskId::from_stored("a"))).await.unwrap().unwrap();
    assert_eq!(kept.task.payload.as_deref(), Some(&b"payload of a"[..]));
    assert_eq!(store.insert_tasks(vec![task("c"), task("a")]).await.unwrap(), [Inserted::Duplicate; 2]);
    assert_eq!(store.insert_tasks(vec![]).await.unwrap(), []);
    let answer = store.insert_tasks(vec![task("c"), task("e"), task("a"), task("d")]).await.unwrap();
    let seq_of = async |id: &str| store.get_task(&function_ref("f").task(TaskId::from_stored(id))).await.unwrap().unwrap().seq;
    let expected = [Inserted::Duplicate, Inserted::New(seq_of("e").await), Inserted::Duplicate, Inserted::New(seq_of("d").await)];
    assert_eq!(answer, expected);
    assert_eq!(store.count_tasks(&function_ref("f")).await.unwrap().get(TaskStatus::Enqueued), 5);
}

async fn p5_a_thousand_concurrent_submissions_of_one_id_are_one_task(db: TestDb) {
    let handles = [db.store(), db.other_handle().await, db.other_handle().await];
    let mut running = tokio::task::JoinSet::new();
    for n in 0..1_000 {
        let store = Arc::clone(&handles[n % handles.len()]);
        running.spawn(async move { store.insert_tasks(vec![task("the-one")]).await.unwrap() });
    }
    let answers = running.join_all().await.concat();
    assert_eq!(answers.len(), 1_000);
    assert_eq!(answers.iter().filter(|one| matches!(one, Inserted::New(_))).count(), 1);
    assert_eq!(db.store().count_tasks(&function_ref("f")).await.unwrap().total(), 1);
}

async fn overlapping_batches_insert_each_id_once(db: TestDb) {
    let mut running = tokio::task::JoinSet::new();
    for n in 0..6 {
        let store = db.other_handle().await;
        running.spawn(async move {
            let mut batch: Vec<_> = (0..120).map(|id| task(&format!("t{id}"))).collect();
            // Opposite orders make transactions wait for each other crosswise.
            if n % 2 == 1 {
                batch.reverse();
            }
            store.insert_tasks(batch).await.unwrap()
        });
    }
    let answers = running.join_all().await.concat();
    assert_eq!(answers.iter().filter(|one| matches!(one, Inserted::New(_))).count(), 120);
    assert_eq!(db.store().count_tasks(&function_ref("f")).await.unwrap().total(), 120);
}

async fn ids_are_unique_per_function(db: TestDb) {
    let store = db.store();
    let answer = store.insert_tasks(vec![task_of("f", "t"), task_of("g", "t"), task_of("f", "T")]).await.unwrap();
    assert!(answer.iter().all(|one| matches!(one, Inserted::New(_))), "{answer:?}");
    assert_eq!(store.count_tasks(&function_ref("f")).await.unwrap().total(), 2);
    assert_eq!(store.count_tasks(&function_ref("g")).await.unwrap().total(), 1);
}

async fn large_batches_answer_in_order(db: TestDb) {
    let store = db.store();
    let batch: Vec<_> = (0..1_000).map(|n| task(&format!("t{n}"))).collect();
    let answer = store.insert_tasks(batch).await.unwrap();
    let seqs: HashSet<i64> = answer.iter().filter_map(|one| if let Inserted::New(seq) = one { Some(*seq) } else { None }).collect();
    assert_eq!(seqs.len(), 1_000);
    for n in [0, 255, 256, 511, 999] {
        let row = store.get_task(&function_ref("f").task(TaskId::from_stored(format!("t{n}")))).await.unwrap().unwrap();
        assert_eq!(answer[n], Inserted::New(row.seq), "t{n}");
        assert_eq!(row.task.payload, Some(format!("payload of t{n}").into_bytes()));
    }
}

async fn unlisted_tasks_are_hidden_but_their_ids_are_taken(db: TestDb) {
    let store = db.store();
    let mut hidden = task("t");
    hidden.listed = false;
    let seq = insert(&*store, hidden.clone()).await;
    assert_eq!(store.get_task(&function_ref("f").task(TaskId::from_stored("t"))).await.unwrap(), None);
    assert_eq!(store.list_tasks(&function_ref("f"), &Default::default()).await.unwrap().items, []);
    assert_eq!(store.count_tasks(&function_ref("f")).await.unwrap().total(), 0);
    assert_eq!(store.last_task_at(&function_ref("f")).await.unwrap(), None);
    assert_eq!(store.insert_tasks(vec![task("t")]).await.unwrap(), [Inserted::Duplicate]);
    let run = crate::fixtures::claim_one(&*store, "w", at(0)).await;
    assert_eq!((run.seq, run.listed), (seq, false));
    assert_eq!(store.task_events(seq).await.unwrap().len(), 2);
}

async fn b29_the_tasks_made_from_one_are_listed_the_newest_first(db: TestDb) {
    let store = db.store();
    let again = |function: &str, id: &str, of: &str| NewTask {
        origin: Origin::Reexecution { user: "admin".to_owned(), task: TaskId::from_stored(of) },
        ..task_of(function, id)
    };
    let hidden = NewTask { listed: false, ..again("f", "hidden", "t") };
    let all = [task("t"), task("u"), again("f", "c", "t"), again("f", "a", "t"), again("f", "b", "u"), again("g", "d", "t"), hidden];
    for new in all {
        insert(&*store, new).await;
    }
    let of = async |function: &str, id: &str, limit: u32| {
        let found = store.reexecutions(&function_ref(function).task(TaskId::from_stored(id)), limit).await.unwrap();
        found.iter().map(TaskId::to_string).collect::<Vec<_>>()
    };
    assert_eq!(of("f", "t", 10).await, ["a", "c"]);
    assert_eq!(of("f", "t", 1).await, ["a"]);
    assert_eq!(of("f", "u", 10).await, ["b"]);
    assert_eq!(of("g", "t", 10).await, ["d"]);
    assert!(of("f", "a", 10).await.is_empty());
}

async fn b29_the_trigger_that_submitted_a_task_is_read_back(db: TestDb) {
    let store = db.store();
    let name = TriggerName::from_stored("nightly");
    insert(&*store, NewTask { origin: Origin::Trigger { name: name.clone() }, ..task("fired") }).await;
    insert(&*store, task("sent")).await;
    let trigger = async |id: &str| store.get_task(&function_ref("f").task(TaskId::from_stored(id))).await.unwrap().unwrap().task.trigger;
    assert_eq!((trigger("fired").await, trigger("sent").await), (Some(name), None));
}

async fn counts_follow_every_change(db: TestDb) {
    let store = db.store();
    store.insert_tasks(vec![task("a"), task("b"), task_of("g", "a")]).await.unwrap();
    let check = async |enqueued, processed| {
        let counts = store.count_tasks(&function_ref("f")).await.unwrap();
        assert_eq!((counts.get(TaskStatus::Enqueued), counts.get(TaskStatus::Processed)), (enqueued, processed));
        assert_eq!(counts.total(), 2);
    };
    check(2, 0).await;
    assert_eq!(claim_any(&*store, &crate::fixtures::worker("w"), at(0), at(1), 3).await.unwrap().len(), 3);
    check(0, 2).await;
    assert_eq!(store.count_tasks(&function_ref("nobody")).await.unwrap().total(), 0);
}

async fn last_task_is_the_latest_listed_acceptance(db: TestDb) {
    let store = db.store();
    let f = function_ref("f");
    assert_eq!(store.last_task_at(&f).await.unwrap(), None);
    let accepted = |id: &str, ms: i64, listed: bool| {
        let mut new = task(id);
        (new.submitted_at, new.listed) = (at(ms), listed);
        new
    };
    for new in [accepted("a", 700, true), accepted("b", 300, true), accepted("c", 900, false)] {
        insert(&*store, new).await;
    }
    assert_eq!(store.last_task_at(&f).await.unwrap(), Some(at(700)));
}
