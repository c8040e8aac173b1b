//! Nouns with plain values; each test changes what it is about.

use engine::ports::{ClaimedTask, Inserted, NewTask, Set, Store, TaskSeq, Transition, WorkerId};
use model::{
    AsyncConfig, Destinations, Function, FunctionName, FunctionRef, FunctionSpec, InstanceId, Origin, Qualifier, Region, RequestId,
    RuntimeName, Service, ServiceName, ServiceRef, ServiceSpec, TaskFilter, TaskId, TaskStatus, UnixMillis,
};
use store::testing::TestDb;
use store::testing::claim_any;

/// The instant that tests count from.
pub const T0: i64 = 1_795_521_665_000;

pub fn at(ms: i64) -> UnixMillis {
    UnixMillis(T0 + ms)
}

pub fn region() -> Region {
    Region::from_stored("cn-hangzhou")
}

pub fn service_ref(name: &str) -> ServiceRef {
    ServiceRef { region: region(), service: ServiceName::from_stored(name) }
}

pub fn service(name: &str) -> Service {
    Service {
        region: region(),
        name: ServiceName::from_stored(name),
        id: format!("id-of-{name}"),
        spec: ServiceSpec { description: format!("about {name}"), ..ServiceSpec::default() },
        created_at: at(0),
        modified_at: at(1),
        etag: "e1".to_owned(),
    }
}

pub fn function_ref(name: &str) -> FunctionRef {
    FunctionRef { region: region(), service: ServiceName::from_stored("demo"), function: FunctionName::from_stored(name) }
}

pub fn function(name: &str) -> Function {
    let mut spec = FunctionSpec::new(RuntimeName::from_stored("python3"), "index.handler");
    spec.environment.insert("KEY".to_owned(), "wert \u{0} ä".to_owned());
    spec.extra.insert("layers".to_owned(), serde_json::json!(["a", { "b": null }]));
    Function {
        region: region(),
        service: ServiceName::from_stored("demo"),
        name: FunctionName::from_stored(name),
        id: format!("id-of-{name}"),
        spec,
        package_id: "p1".to_owned(),
        code_size: 3,
        code_checksum: "12345678901234567890".to_owned(),
        created_at: at(0),
        modified_at: at(1),
        etag: "e1".to_owned(),
    }
}

pub fn config(function: &FunctionRef, qualifier: &str, task_mode: Option<bool>) -> AsyncConfig {
    AsyncConfig {
        function: function.clone(),
        qualifier: Qualifier::from_stored(qualifier),
        stateful_invocation: task_mode,
        max_retry_attempts: Some(2),
        max_event_age_s: None,
        on_success: Some(String::new()),
        on_failure: None,
        created_at: at(0),
        modified_at: at(1),
    }
}

/// The service `demo` with these functions.
pub async fn with_functions(db: &TestDb, names: &[&str]) {
    let store = db.store();
    store.insert_service(&service("demo")).await.unwrap();
    for name in names {
        store.insert_function(&function(name), b"zip", None).await.unwrap();
    }
}

/// A task of function `f`, submitted at `T0`, due at once.
pub fn task(id: &str) -> NewTask {
    task_of("f", id)
}

pub fn task_of(function: &str, id: &str) -> NewTask {
    NewTask {
        function: function_ref(function),
        id: TaskId::from_stored(id),
        qualifier: Qualifier::latest(),
        version: None,
        request_id: RequestId::from_stored(format!("request-of-{id}")),
        listed: true,
        payload: format!("payload of {id}").into_bytes(),
        http: None,
        submitted_at: at(0),
        due_at: at(0),
        expires_at: at(86_400_000),
        max_retries: 3,
        destinations: Destinations::default(),
        origin: Origin::Api,
    }
}

pub async fn insert(store: &dyn Store, task: NewTask) -> TaskSeq {
    match store.insert_tasks(vec![task]).await.unwrap()[..] {
        [Inserted::New(seq)] => seq,
        ref other => panic!("expected one new task, got {other:?}"),
    }
}

pub fn worker(name: &str) -> WorkerId {
    WorkerId(name.to_owned())
}

/// Inserts a task and lets worker `w` claim it.
pub async fn claimed(store: &dyn Store, id: &str) -> ClaimedTask {
    insert(store, task(id)).await;
    claim_one(store, "w", at(0)).await
}

pub async fn claim_one(store: &dyn Store, by: &str, now: UnixMillis) -> ClaimedTask {
    let mut claimed = claim_any(store, &worker(by), now, now.plus_ms(10_000), 1).await.unwrap();
    assert_eq!(claimed.len(), 1, "one task is due");
    claimed.pop().unwrap()
}

/// The change of a claimed task to `to`, as its worker writes it.
pub fn change(task: &ClaimedTask, to: TaskStatus, ms: i64) -> Transition {
    Transition {
        seq: task.seq,
        from: task.status,
        fence: task.fence,
        attempt: task.attempt,
        to,
        at: at(ms),
        detail: String::new(),
        set: Set::default(),
    }
}

/// Writes the begin of an attempt and brings the caller's copy up to date.
pub async fn start(store: &dyn Store, task: &mut ClaimedTask, ms: i64) {
    let mut begin = change(task, TaskStatus::Running, ms);
    begin.set.started_on = Some(InstanceId::from_stored("c-1"));
    assert_eq!(store.apply(vec![begin]).await.unwrap(), [true]);
    task.status = TaskStatus::Running;
    task.attempt += 1;
}

/// Takes a task from its insertion to an end.
pub async fn ended(store: &dyn Store, id: &str, to: TaskStatus, ms: i64) -> ClaimedTask {
    let mut task = claimed(store, id).await;
    start(store, &mut task, ms).await;
    assert_eq!(store.apply(vec![change(&task, to, ms)]).await.unwrap(), [true]);
    task
}

/// Takes a task to its failure, with a kind of error. No other task may be due.
pub async fn failed(store: &dyn Store, id: &str, kind: &str, ms: i64) {
    let mut task = claimed(store, id).await;
    start(store, &mut task, ms).await;
    let mut end = change(&task, TaskStatus::Failed, ms);
    end.set.error = Some((kind.to_owned(), format!("why {id} failed")));
    assert_eq!(store.apply(vec![end]).await.unwrap(), [true]);
}

pub async fn status_of(store: &dyn Store, id: &str) -> TaskStatus {
    store.get_task(&function_ref("f").task(TaskId::from_stored(id))).await.unwrap().unwrap().task.status
}

/// The ids of a page.
pub async fn ids(store: &dyn Store, filter: &TaskFilter) -> Vec<String> {
    let page = store.list_tasks(&function_ref("f"), filter).await.unwrap();
    page.items.into_iter().map(|task| task.id.to_string()).collect()
}
