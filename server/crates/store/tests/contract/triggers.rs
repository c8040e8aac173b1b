//! Triggers, and that a due time fires once.

use crate::fixtures::{at, function_ref, service_ref, status_of, task_of, with_functions};
use engine::ports::{Firing, Inserted, Store, StoreError};
use futures::future::join_all;
use model::{
    FunctionRef, HttpConfig, ListQuery, Qualifier, TaskId, TaskStatus, TimerConfig, Trigger, TriggerConfig, TriggerKind, TriggerName,
    TriggerRef, TriggerSpec, UnixMillis,
};
use store::each_backend;
use store::testing::TestDb;

each_backend!(
    is_read_back_and_its_name_is_taken,
    update_needs_the_current_etag_and_leaves_the_plan_alone,
    delete_needs_the_current_etag,
    a_function_with_triggers_is_not_deleted,
    i3_8_timers_are_found_by_their_due_time,
    i3_8_a_due_time_fires_once_and_with_its_task,
    i3_8_servers_that_fire_together_fire_once,
    those_that_call_a_qualifier_are_found,
    i4_http_triggers_of_a_function_are_found_and_never_stale,
);

fn trigger(function: &str, name: &str, next_due: Option<i64>) -> Trigger {
    let config = TimerConfig { cron_expression: "@every 5m".to_owned(), payload: "ä \u{0}".to_owned(), enable: true };
    Trigger {
        function: function_ref(function),
        name: TriggerName::from_stored(name),
        id: format!("id-of-{name}"),
        spec: TriggerSpec {
            kind: TriggerKind::Timer,
            config: TriggerConfig::Timer(config),
            qualifier: Qualifier::latest(),
            description: "d".to_owned(),
            source_arn: String::new(),
            invocation_role: String::new(),
        },
        created_at: at(0),
        modified_at: at(1),
        etag: "e1".to_owned(),
        next_due_at: next_due.map(at),
        last_fired_at: None,
    }
}

fn http(name: &str, qualifier: &str) -> Trigger {
    let config = HttpConfig {
        auth_type: "anonymous".to_owned(),
        methods: vec!["GET".to_owned()],
        disable_url_internet: false,
        auth_config: String::new(),
    };
    let mut trigger = trigger("f", name, None);
    (trigger.spec.kind, trigger.spec.config) = (TriggerKind::Http, TriggerConfig::Http(config));
    trigger.spec.qualifier = Qualifier::from_stored(qualifier);
    trigger
}

async fn i4_http_triggers_of_a_function_are_found_and_never_stale(db: TestDb) {
    with_functions(&db, &["f", "g"]).await;
    let store = db.store();
    let names = async || -> Vec<String> {
        store.http_triggers(&function_ref("f")).await.unwrap().iter().map(|trigger| trigger.name.to_string()).collect()
    };
    assert_eq!(names().await, [""; 0]);
    store.insert_trigger(&trigger("g", "timer", Some(0))).await.unwrap();
    store.insert_trigger(&http("b", "prod")).await.unwrap();
    assert_eq!(names().await, ["b"]);
    store.insert_trigger(&http("a", "LATEST")).await.unwrap();
    assert_eq!(names().await, ["a", "b"]);
    let mut changed = http("a", "LATEST");
    (changed.etag, changed.spec.description) = ("e2".to_owned(), "new".to_owned());
    store.update_trigger(&changed, "e1", false).await.unwrap();
    assert_eq!(store.http_triggers(&function_ref("f")).await.unwrap()[0], changed);
    store.delete_trigger(&named("a"), "e2").await.unwrap();
    assert_eq!(names().await, ["b"]);
    assert_eq!(store.http_triggers(&function_ref("g")).await.unwrap(), []);
}

fn named(name: &str) -> TriggerRef {
    function_ref("f").trigger(TriggerName::from_stored(name))
}

fn firing(trigger: &Trigger, id: &str, due: i64, next: Option<i64>) -> Firing {
    Firing {
        trigger: trigger.trigger_ref(),
        etag: trigger.etag.clone(),
        expected_due: trigger.next_due_at.unwrap(),
        due: at(due),
        next_due: next.map(at),
        task: task_of(trigger.function.function.as_str(), id),
    }
}

async fn plan(store: &dyn Store, name: &str) -> (Option<UnixMillis>, Option<UnixMillis>) {
    let found = store.get_trigger(&named(name)).await.unwrap().unwrap();
    (found.last_fired_at, found.next_due_at)
}

async fn count(store: &dyn Store, function: &FunctionRef) -> u64 {
    store.count_tasks(function).await.unwrap().total()
}

async fn is_read_back_and_its_name_is_taken(db: TestDb) {
    with_functions(&db, &["f", "g"]).await;
    let store = db.store();
    for (function, name) in [("f", "a"), ("f", "b"), ("g", "a")] {
        store.insert_trigger(&trigger(function, name, Some(5))).await.unwrap();
    }
    let mut listens = trigger("f", "c", None);
    let sent = serde_json::json!({ "events": ["oss:*"], "cronExpression": "x", "payload": "y", "enable": true });
    (listens.spec.kind, listens.spec.config) = (TriggerKind::Oss, TriggerConfig::Other(sent.as_object().cloned().unwrap()));
    store.insert_trigger(&listens).await.unwrap();
    let stored = |mut expected: Trigger| {
        // Only in JSON: there a NUL is spelled out, and comes back.
        expected.etag = "e1".to_owned();
        expected
    };
    assert_eq!(store.get_trigger(&named("a")).await.unwrap(), Some(stored(trigger("f", "a", Some(5)))));
    assert_eq!(store.get_trigger(&named("c")).await.unwrap(), Some(listens.clone()));
    assert_eq!(store.get_trigger(&named("d")).await.unwrap(), None);
    let again = store.insert_trigger(&trigger("f", "a", None)).await;
    assert!(matches!(again, Err(StoreError::Exists("trigger"))), "{again:?}");
    let homeless = store.insert_trigger(&trigger("nobody", "a", None)).await;
    assert!(matches!(homeless, Err(StoreError::Conflict("function"))), "{homeless:?}");
    let first = store.list_triggers(&function_ref("f"), &ListQuery { limit: 2, ..ListQuery::default() }).await.unwrap();
    let names: Vec<&str> = first.items.iter().map(|trigger| trigger.name.as_str()).collect();
    assert_eq!((names, first.next_token.as_str()), (vec!["a", "b"], "c"));
}

async fn update_needs_the_current_etag_and_leaves_the_plan_alone(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    let before = trigger("f", "a", Some(5));
    store.insert_trigger(&before).await.unwrap();
    let mut changed = Trigger { etag: "e2".to_owned(), modified_at: at(9), ..before.clone() };
    changed.spec.description = "new".to_owned();
    let stale = store.update_trigger(&changed, "e0", true).await;
    assert!(matches!(stale, Err(StoreError::Conflict("trigger"))), "{stale:?}");
    // It fired between the caller's look and the caller's change: what was read of the plan is old.
    store.fire(vec![firing(&before, "t1", 5, Some(10))]).await.unwrap();
    store.update_trigger(&changed, "e1", false).await.unwrap();
    let found = store.get_trigger(&named("a")).await.unwrap().unwrap();
    let expected = Trigger { last_fired_at: Some(at(5)), next_due_at: Some(at(10)), ..changed.clone() };
    assert_eq!(found, expected);
    store.update_trigger(&Trigger { next_due_at: None, etag: "e3".to_owned(), ..changed }, "e2", true).await.unwrap();
    assert_eq!(plan(&*store, "a").await, (Some(at(5)), None));
}

async fn delete_needs_the_current_etag(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    store.insert_trigger(&trigger("f", "a", Some(5))).await.unwrap();
    let stale = store.delete_trigger(&named("a"), "e0").await;
    assert!(matches!(stale, Err(StoreError::Conflict("trigger"))), "{stale:?}");
    store.delete_trigger(&named("a"), "e1").await.unwrap();
    assert_eq!(store.get_trigger(&named("a")).await.unwrap(), None);
    assert!(matches!(store.delete_trigger(&named("a"), "e1").await, Err(StoreError::Conflict("trigger"))));
}

async fn a_function_with_triggers_is_not_deleted(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    store.insert_trigger(&trigger("f", "a", None)).await.unwrap();
    let full = store.delete_function(&function_ref("f"), "e1").await;
    assert!(matches!(full, Err(StoreError::NotEmpty("function"))), "{full:?}");
    assert!(store.get_function(&function_ref("f")).await.unwrap().is_some(), "nothing is half deleted");
    store.delete_trigger(&named("a"), "e1").await.unwrap();
    store.delete_function(&function_ref("f"), "e1").await.unwrap();
}

async fn i3_8_timers_are_found_by_their_due_time(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    for (name, next_due) in [("late", Some(9)), ("never", None), ("soon", Some(3)), ("mid", Some(7))] {
        store.insert_trigger(&trigger("f", name, next_due)).await.unwrap();
    }
    let names = async |limit| {
        let found = store.timers(limit).await.unwrap();
        found.into_iter().map(|trigger| trigger.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(10).await, ["soon", "mid", "late"]);
    assert_eq!(names(2).await, ["soon", "mid"]);
}

async fn i3_8_a_due_time_fires_once_and_with_its_task(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let store = db.store();
    let (a, b) = (trigger("f", "a", Some(5)), trigger("f", "b", Some(6)));
    store.insert_trigger(&a).await.unwrap();
    store.insert_trigger(&b).await.unwrap();
    let fired = store.fire(vec![firing(&b, "t-b", 8, None), firing(&a, "t-a", 5, Some(10))]).await.unwrap();
    assert!(matches!(fired[..], [Some(Inserted::New(_)), Some(Inserted::New(_))]), "{fired:?}");
    assert_eq!(plan(&*store, "a").await, (Some(at(5)), Some(at(10))));
    assert_eq!(plan(&*store, "b").await, (Some(at(8)), None));
    assert_eq!((status_of(&*store, "t-a").await, count(&*store, &function_ref("f")).await), (TaskStatus::Enqueued, 2));

    // The same due time again, as a server does whose first answer was lost.
    assert_eq!(store.fire(vec![firing(&a, "again", 5, Some(10))]).await.unwrap(), [None]);
    assert_eq!(count(&*store, &function_ref("f")).await, 2, "neither the trigger nor a task");
    // Somebody changed the trigger meanwhile.
    let stale = Firing { etag: "e0".to_owned(), expected_due: at(10), ..firing(&a, "stale", 10, Some(15)) };
    assert_eq!(store.fire(vec![stale]).await.unwrap(), [None]);
    // A task of the id is there already: the trigger moves on and nothing is submitted twice.
    let known = Firing { expected_due: at(10), ..firing(&a, "t-a", 10, Some(15)) };
    assert_eq!(store.fire(vec![known]).await.unwrap(), [Some(Inserted::Duplicate)]);
    assert_eq!(plan(&*store, "a").await, (Some(at(10)), Some(at(15))));
    assert_eq!(count(&*store, &function_ref("f")).await, 2);
    assert_eq!(store.fire(Vec::new()).await.unwrap(), []);
}

async fn i3_8_servers_that_fire_together_fire_once(db: TestDb) {
    with_functions(&db, &["f"]).await;
    let (store, other) = (db.store(), db.other_handle().await);
    let triggers: Vec<Trigger> = (0..20).map(|n| trigger("f", &format!("t{n}"), Some(n))).collect();
    for trigger in &triggers {
        store.insert_trigger(trigger).await.unwrap();
    }
    let batch = |server: usize| {
        let mut batch: Vec<Firing> = triggers.iter().map(|of| firing(of, &format!("{}-{server}", of.name), 5, Some(1_000))).collect();
        // In the opposite order, so that they would lock each other out if it were taken.
        if server % 2 == 1 {
            batch.reverse();
        }
        batch
    };
    let calls = (0..8).map(|server| if server % 2 == 0 { store.fire(batch(server)) } else { other.fire(batch(server)) });
    let fired: Vec<_> = join_all(calls).await.into_iter().flat_map(|answer| answer.unwrap()).flatten().collect();
    assert_eq!((fired.len(), count(&*store, &function_ref("f")).await), (20, 20));
    for trigger in &triggers {
        let tasks = (0..8).map(|server| function_ref("f").task(TaskId::from_stored(format!("{}-{server}", trigger.name))));
        let stored = join_all(tasks.map(|task| async { store.get_task(&{ task }).await.unwrap().is_some() })).await;
        assert_eq!(stored.into_iter().filter(|stored| *stored).count(), 1, "{}", trigger.name);
    }
}

async fn those_that_call_a_qualifier_are_found(db: TestDb) {
    with_functions(&db, &["f", "g"]).await;
    let store = db.store();
    for (function, name, qualifier) in [("g", "a", "prod"), ("f", "b", "prod"), ("f", "c", "LATEST")] {
        let mut calls = trigger(function, name, None);
        calls.spec.qualifier = Qualifier::from_stored(qualifier);
        store.insert_trigger(&calls).await.unwrap();
    }
    let find = async |qualifier: &str, limit| {
        let found = store.triggers_of_qualifier(&service_ref("demo"), &Qualifier::from_stored(qualifier), limit).await.unwrap();
        found.into_iter().map(|trigger| format!("{}/{}", trigger.function.function, trigger.name)).collect::<Vec<_>>()
    };
    assert_eq!(find("prod", 9).await, ["f/b", "g/a"]);
    assert_eq!(find("prod", 1).await, ["f/b"]);
    assert_eq!(find("1", 9).await, Vec::<String>::new());
}
