//! The task engine over a real store with a simulated executor: how many tasks a second it takes in and brings to their end.
//!
//! `cargo bench -p engine --bench tasks -- [sqlite|postgres] [submit|drain|start|lists] [--tasks N] [--runs N] [--rows N]` prints one JSON
//! line per figure; `make bench` makes a table of them. Nothing is asserted about time; a run that loses a task fails.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench reports to the terminal and stops at the first surprise")]

use async_trait::async_trait;
use engine::clock::SystemClock;
use engine::ports::{AcquireError, End, Executor, Fleet, Inserted, Instance, Invocation, NewTask, Outcome, Store, WorkerId};
use engine::{ChangeHub, Engine, EngineConfig, Running};
use model::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use store::testing::TestDb;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Pick-ups that are not counted.
const WARM_UP: usize = 20;

/// Runs nothing and succeeds at once.
#[derive(Default)]
struct NoOp {
    runs: AtomicUsize,
    ran: Notify,
    next: AtomicUsize,
}

#[derive(Clone)]
struct NoOpExecutor(Arc<NoOp>);

struct NoOpInstance {
    id: InstanceId,
    shared: Arc<NoOp>,
}

impl Fleet for NoOpExecutor {}

#[async_trait]
impl Executor for NoOpExecutor {
    async fn acquire(&self, _: &Invocation, _: &CancellationToken) -> std::result::Result<Box<dyn Instance>, AcquireError> {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed) % 64;
        Ok(Box::new(NoOpInstance { id: InstanceId::from_stored(format!("c-{number}")), shared: self.0.clone() }))
    }

    fn reserve(&self, _: &Function, _: &Qualifier, count: usize) -> Vec<Box<dyn Instance>> {
        let instance = |number| -> Box<dyn Instance> {
            Box::new(NoOpInstance { id: InstanceId::from_stored(format!("c-{}", number % 64)), shared: self.0.clone() })
        };
        (0..count).map(instance).collect()
    }

    fn runtimes(&self) -> Vec<InstalledRuntime> {
        let name = RuntimeName::from_stored("python3");
        vec![InstalledRuntime { name, language: Language::Python, interpreter: Some("3.11.0".to_owned()), exact: true }]
    }

    async fn shutdown(&self) {}
}

#[async_trait]
impl Instance for NoOpInstance {
    fn id(&self) -> &InstanceId {
        &self.id
    }

    async fn run(self: Box<Self>, _: Invocation, _: CancellationToken) -> Outcome {
        self.shared.runs.fetch_add(1, Ordering::Relaxed);
        self.shared.ran.notify_waiters();
        Outcome { end: End::Succeeded { result: b"done".to_vec() }, duration_ms: 0, log_tail: String::new() }
    }
}

struct Bench {
    engine: Engine,
    store: Arc<dyn Store>,
    executor: NoOpExecutor,
    function: FunctionRef,
    db: TestDb,
}

impl Bench {
    async fn new(backend: &str) -> Self {
        let db = match backend {
            "sqlite" => TestDb::sqlite().await,
            _ => TestDb::postgres().await.unwrap(),
        };
        let (store, executor) = (db.store(), NoOpExecutor(Arc::default()));
        let config = EngineConfig::new(AccountId::from_stored("1"), vec![Region::from_stored("cn-hangzhou")], WorkerId("w1".to_owned()));
        let webhook = Arc::new(webhook::HttpWebhook::new(webhook::Targets::Public));
        let engine = Engine::new(
            config,
            store.clone(),
            Arc::new(executor.clone()),
            webhook,
            Arc::new(SystemClock),
            Running::default(),
            ChangeHub::default(),
        );
        let function = FunctionRef {
            region: Region::from_stored("cn-hangzhou"),
            service: ServiceName::parse("demo").unwrap(),
            function: FunctionName::parse("ev-hello").unwrap(),
        };
        let service = function.service_ref();
        engine.create_service(&service.region, &service.service, ServiceSpec::default()).await.unwrap();
        let spec = FunctionSpec::new(RuntimeName::from_stored("python3"), "index.handler");
        let config = AsyncConfigPatch { stateful_invocation: Some(true), ..AsyncConfigPatch::default() };
        engine.create_function(&service, &function.function, spec, Code::Sample, Some(config)).await.unwrap();
        Self { engine, store, executor, function, db }
    }

    fn request(&self, id: String, delay_s: u64) -> SubmitRequest {
        SubmitRequest {
            function: self.function.clone(),
            qualifier: Qualifier::latest(),
            request_id: RequestId::from_stored(uuid_like(&id)),
            task_id: Some(id),
            force_task: false,
            delay_s,
            payload: br#"{"name":"you"}"#.to_vec(),
            http: None,
            origin: Origin::Api,
        }
    }

    fn new_task(&self, n: usize) -> NewTask {
        let now = self.engine.now();
        NewTask {
            function: self.function.clone(),
            id: TaskId::from_stored(format!("batch-{n}")),
            qualifier: Qualifier::latest(),
            version: None,
            request_id: RequestId::from_stored(uuid_like(&n.to_string())),
            listed: true,
            payload: br#"{"name":"you"}"#.to_vec(),
            http: None,
            submitted_at: now,
            due_at: now,
            expires_at: now.plus_ms(86_400_000),
            max_retries: 3,
            destinations: Destinations::default(),
            origin: Origin::Api,
        }
    }

    /// Single submissions through the port, each durable before the next of its client.
    async fn submits(&self, clients: usize, tasks: usize, run: usize) -> f64 {
        let next = Arc::new(AtomicUsize::new(0));
        let began = Instant::now();
        let work = (0..clients).map(|_| {
            let next = next.clone();
            async move {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= tasks {
                        break;
                    }
                    self.engine.submit(self.request(format!("s{run}-{clients}-{n}"), 3_600)).await.unwrap();
                }
            }
        });
        futures::future::join_all(work).await;
        per_second(tasks, began)
    }

    /// Tasks in calls of a thousand.
    async fn batches(&self, tasks: usize) -> f64 {
        let batches: Vec<Vec<NewTask>> =
            (0..tasks).collect::<Vec<_>>().chunks(1_000).map(|part| part.iter().map(|n| self.new_task(*n)).collect()).collect();
        let began = Instant::now();
        for batch in batches {
            let inserted = self.store.insert_tasks(batch).await.unwrap();
            assert!(inserted.iter().all(|row| matches!(row, Inserted::New(_))));
        }
        per_second(tasks, began)
    }

    /// From the engine's start until the store holds every task as `Succeeded`.
    async fn drain(&self, tasks: usize) -> f64 {
        let began = Instant::now();
        self.engine.start().await;
        while self.executor.0.runs.load(Ordering::Relaxed) < tasks {
            let ran = self.executor.0.ran.notified();
            if self.executor.0.runs.load(Ordering::Relaxed) < tasks {
                ran.await;
            }
        }
        while self.store.count_tasks(&self.function).await.unwrap().get(TaskStatus::Succeeded) < tasks as u64 {
            tokio::task::yield_now().await;
        }
        per_second(tasks, began)
    }

    /// From before a submission until the code begins, on an idle engine; milliseconds.
    async fn pick_ups(&self, samples: usize) -> Vec<f64> {
        let mut taken = Vec::with_capacity(samples);
        for n in 0..samples + WARM_UP {
            let before = self.executor.0.runs.load(Ordering::Relaxed);
            let ran = self.executor.0.ran.notified();
            tokio::pin!(ran);
            ran.as_mut().enable();
            let began = Instant::now();
            let (submitted, ()) = tokio::join!(self.engine.submit(self.request(format!("p{n}"), 0)), ran);
            if n >= WARM_UP {
                taken.push(began.elapsed().as_secs_f64() * 1_000.0);
            }
            submitted.unwrap();
            assert_eq!(self.executor.0.runs.load(Ordering::Relaxed), before + 1);
            let id = self.function.task(TaskId::from_stored(format!("p{n}")));
            while self.engine.get_task(&id).await.unwrap().status != TaskStatus::Succeeded {
                tokio::task::yield_now().await;
            }
        }
        taken
    }

    async fn end(self) {
        self.engine.drain();
        self.engine.drained().await;
    }
}

fn uuid_like(text: &str) -> String {
    format!("{text:0>12}-1e2c-4f56-8a21-5b7c99d0e1f2")
}

fn per_second(count: usize, began: Instant) -> f64 {
    count as f64 / began.elapsed().as_secs_f64()
}

fn report(store: &str, what: &str, unit: &str, values: &[f64]) {
    println!("{}", serde_json::json!({ "store": store, "what": what, "unit": unit, "values": values }));
}

/// What is measured, chosen by its word on the command line; all of it without one.
const PARTS: [&str; 4] = ["submit", "drain", "start", "lists"];

async fn submit(backend: &str, tasks: usize, runs: usize) {
    for clients in [1, 16, 64] {
        let bench = Bench::new(backend).await;
        let mut rates = Vec::new();
        for run in 0..runs {
            rates.push(bench.submits(clients, if clients == 1 { tasks / 20 } else { tasks / 5 }, run).await);
        }
        report(backend, &format!("submit through the port, {clients} clients"), "/s", &rates);
        bench.end().await;
    }
}

async fn drain(backend: &str, tasks: usize, runs: usize) {
    let (mut batches, mut drains) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let bench = Bench::new(backend).await;
        batches.push(bench.batches(tasks).await);
        drains.push(bench.drain(tasks).await);
        bench.end().await;
    }
    report(backend, "submit in batches of 1,000", "/s", &batches);
    report(backend, &format!("drain of {tasks} no-op tasks, simulated executor"), "/s", &drains);
}

async fn start(backend: &str) {
    let bench = Bench::new(backend).await;
    bench.engine.start().await;
    report(backend, "submit to start of the code, idle engine", "ms", &bench.pick_ups(300).await);
    bench.end().await;
}

/// Pages and counts of a function with `rows` tasks, most of them ended.
async fn lists(backend: &str, rows: usize) {
    let bench = Bench::new(backend).await;
    let (now, ended) = (bench.engine.now(), [TaskStatus::Succeeded, TaskStatus::Failed, TaskStatus::Stopped]);
    store::testing::fill_tasks(&bench.db, &bench.function, rows, &ended, now).await;
    let all = TaskFilter::default;
    let filters = [
        ("first page of 50", all()),
        ("first page, status Failed", TaskFilter { statuses: vec![TaskStatus::Failed], ..all() }),
        ("first page, status Running, none", TaskFilter { statuses: vec![TaskStatus::Running], ..all() }),
        ("first page, narrow id prefix", TaskFilter { id_prefix: "fill-1234".to_owned(), ..all() }),
        ("first page, wide id prefix", TaskFilter { id_prefix: "fill-1".to_owned(), ..all() }),
        ("first page, an hour of time", TaskFilter { started_from: Some(now.plus_ms(-3_600_000)), started_to: Some(now), ..all() }),
    ];
    for (name, filter) in filters {
        let mut taken = Vec::new();
        for _ in 0..200 {
            let began = Instant::now();
            bench.store.list_tasks(&bench.function, &filter).await.unwrap();
            taken.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
        report(backend, &format!("{rows} tasks: {name}"), "ms", &taken);
    }
    let mut taken = Vec::new();
    for _ in 0..200 {
        let began = Instant::now();
        assert_eq!(bench.store.count_tasks(&bench.function).await.unwrap().total(), rows as u64);
        taken.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    report(backend, &format!("{rows} tasks: counts by state"), "ms", &taken);
    bench.end().await;
}

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = |flag: &str, otherwise: usize| {
        words.iter().position(|word| word == flag).and_then(|at| words.get(at + 1)).map_or(otherwise, |text| text.parse().unwrap())
    };
    let (tasks, runs, rows) = (number("--tasks", 50_000), number("--runs", 3), number("--rows", 1_000_000));
    let chosen = |names: &[&'static str]| -> Vec<&'static str> {
        let named: Vec<_> = names.iter().copied().filter(|name| words.iter().any(|word| word == name)).collect();
        if named.is_empty() { names.to_vec() } else { named }
    };
    for backend in chosen(&["sqlite", "postgres"]) {
        for part in chosen(&PARTS) {
            match part {
                "submit" => submit(backend, tasks, runs).await,
                "drain" => drain(backend, tasks, runs).await,
                "start" => start(backend).await,
                _ => lists(backend, rows).await,
            }
        }
    }
}
