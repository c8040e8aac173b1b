//! The engine over a real SQLite store, with a simulated executor and a test clock.

mod clock;
mod executor;
mod hooks;

pub use clock::TestClock;
pub use executor::SimExecutor;
pub use hooks::SimWebhook;

use engine::ports::{Store, Webhook, WorkerId};
use engine::{ChangeHub, Engine, EngineConfig, Running, StoreLogSink};
use futures::StreamExt;
use model::*;
use std::sync::Arc;
use store::testing::TestDb;

/// One engine with everything around it.
pub struct World {
    pub engine: Engine,
    pub clock: Arc<TestClock>,
    pub executor: Arc<SimExecutor>,
    pub hook: Arc<SimWebhook>,
    pub store: Arc<dyn Store>,
    pub function: FunctionRef,
    pub db: Arc<TestDb>,
    /// Where the executor would write what the code prints.
    pub log: StoreLogSink,
}

impl World {
    /// A started engine with the function `demo/f`, task mode on.
    pub async fn new() -> Self {
        Self::with_config(AsyncConfigPatch { stateful_invocation: Some(true), ..AsyncConfigPatch::default() }).await
    }

    /// A started engine with the function `demo/f` of this configuration.
    pub async fn with_config(config: AsyncConfigPatch) -> Self {
        Self::on(TestDb::sqlite().await, config).await
    }

    /// The same on this database.
    pub async fn on(db: TestDb, config: AsyncConfigPatch) -> Self {
        Self::tuned(db, config, |_| {}).await
    }

    /// The same with other settings of the engine.
    pub async fn tuned(db: TestDb, config: AsyncConfigPatch, tune: impl FnOnce(&mut EngineConfig)) -> Self {
        Self::calling(db, config, None, tune).await
    }

    /// The same with webhooks that go somewhere else than to `hook`.
    pub async fn calling(
        db: TestDb,
        config: AsyncConfigPatch,
        webhook: Option<Arc<dyn Webhook>>,
        tune: impl FnOnce(&mut EngineConfig),
    ) -> Self {
        let (db, store) = (Arc::new(db), None);
        let clock = Arc::new(TestClock::new(1_000_000));
        let function = FunctionRef {
            region: Region::from_stored("r1"),
            service: ServiceName::parse("demo").unwrap(),
            function: FunctionName::parse("f").unwrap(),
        };
        let world = Self::assemble(db, store, clock, function, settings("w1", tune), webhook);
        let service = function_service(&world.function);
        world.engine.create_service(&service.region, &service.service, ServiceSpec::default()).await.unwrap();
        let spec = FunctionSpec::new(RuntimeName::from_stored("python3"), "index.handler");
        world.engine.create_function(&service, &world.function.function, spec, Code::Sample, Some(config)).await.unwrap();
        world.engine.start().await;
        world
    }

    /// The next life of the process on the same store, after this one was killed.
    pub async fn reborn(&self, worker: &str, previous: &str) -> Self {
        let config = settings(worker, |config| config.previous_worker = Some(WorkerId(previous.to_owned())));
        let world = Self::assemble(self.db.clone(), Some(self.store.clone()), self.clock.clone(), self.function.clone(), config, None);
        world.engine.start().await;
        world
    }

    /// Another server on the same database, with connections of its own where there can be one.
    pub async fn beside(&self, worker: &str) -> Self {
        self.beside_at(worker, self.clock.clone()).await
    }

    /// The same with a clock of its own: to it, a server whose clock stands still is dead.
    pub async fn beside_at(&self, worker: &str, clock: Arc<TestClock>) -> Self {
        let store = self.db.other_handle().await;
        let config = settings(worker, |config| config.rescue_interval = Some(std::time::Duration::from_secs(2)));
        let world = Self::assemble(self.db.clone(), Some(store), clock, self.function.clone(), config, None);
        world.engine.start().await;
        world
    }

    fn assemble(
        db: Arc<TestDb>,
        store: Option<Arc<dyn Store>>,
        clock: Arc<TestClock>,
        function: FunctionRef,
        config: EngineConfig,
        webhook: Option<Arc<dyn Webhook>>,
    ) -> Self {
        let store = store.unwrap_or_else(|| db.store());
        let executor = Arc::new(SimExecutor::default());
        let hook = Arc::new(SimWebhook::default());
        let webhook = webhook.unwrap_or_else(|| hook.clone());
        let (running, hub) = (Running::default(), ChangeHub::default());
        let log = StoreLogSink::new(store.clone(), running.clone(), hub.clone(), clock.clone());
        let engine = Engine::new(config, store.clone(), executor.clone(), webhook, clock.clone(), running, hub);
        Self { engine, clock, executor, hook, store, function, db, log }
    }

    /// Submits a task whose payload tells the simulated executor what to do.
    pub async fn submit(&self, id: &str, payload: &str) -> Result<SubmitReceipt> {
        self.submit_delayed(id, payload, 0).await
    }

    pub async fn submit_delayed(&self, id: &str, payload: &str, delay_s: u64) -> Result<SubmitReceipt> {
        self.engine
            .submit(SubmitRequest {
                function: self.function.clone(),
                qualifier: Qualifier::latest(),
                request_id: RequestId::from_stored(format!("req-{id}")),
                task_id: Some(id.to_owned()),
                force_task: false,
                delay_s,
                payload: payload.as_bytes().to_vec(),
                http: None,
                origin: Origin::Api,
            })
            .await
    }

    pub fn task_ref(&self, id: &str) -> TaskRef {
        self.function.task(TaskId::from_stored(id))
    }

    pub async fn task(&self, id: &str) -> Task {
        self.engine.get_task(&self.task_ref(id)).await.unwrap()
    }

    /// Waits until the task has this status; listens before it looks, so no change is missed.
    pub async fn until(&self, id: &str, status: TaskStatus) -> Task {
        let mut changes = self.engine.changes(ChangeScope::Task(self.task_ref(id)));
        loop {
            let task = self.task(id).await;
            if task.status == status {
                return task;
            }
            assert!(!task.status.is_terminal(), "{id} ended as {} instead of {status}: {:?}", task.status, task.events);
            changes.next().await;
        }
    }
}

impl World {
    /// Makes another function `demo/{name}`.
    pub async fn make_function(&self, name: &str, config: AsyncConfigPatch) -> FunctionRef {
        let service = function_service(&self.function);
        let name = FunctionName::parse(name).unwrap();
        let spec = FunctionSpec::new(RuntimeName::from_stored("python3"), "index.handler");
        self.engine.create_function(&service, &name, spec, Code::Sample, Some(config)).await.unwrap().function_ref()
    }

    /// Waits until the outcome of the task stands so with its destination.
    pub async fn until_delivery(&self, id: &str, status: DeliveryStatus) -> Delivery {
        let mut changes = self.engine.changes(ChangeScope::Task(self.task_ref(id)));
        loop {
            let delivery = self.engine.get_delivery(&self.task_ref(id)).await.unwrap();
            if let Some(delivery) = delivery.filter(|delivery| delivery.status == status) {
                assert_eq!(self.task(id).await.destination_status, status.as_str());
                return delivery;
            }
            changes.next().await;
        }
    }

    /// Waits until the task was given back to the queue, to be taken again later: no change of state tells of that.
    pub async fn until_given_back(&self, id: &str) -> UnixMillis {
        loop {
            let task = self.task(id).await;
            assert!(!task.status.is_terminal(), "{id} ended as {}", task.status);
            match task.next_run_at {
                Some(due) if due > self.engine.now() => return due,
                _ => tokio::task::yield_now().await,
            }
        }
    }
}

/// Task mode on, and everything else as it is by itself.
pub fn task_mode() -> AsyncConfigPatch {
    AsyncConfigPatch { stateful_invocation: Some(true), ..AsyncConfigPatch::default() }
}

fn settings(worker: &str, tune: impl FnOnce(&mut EngineConfig)) -> EngineConfig {
    let mut config = EngineConfig::new(AccountId::from_stored("1"), vec![Region::from_stored("r1")], WorkerId(worker.to_owned()));
    tune(&mut config);
    config
}

pub fn function_service(function: &FunctionRef) -> ServiceRef {
    function.service_ref()
}

/// The words of a task's history.
pub fn words(task: &Task) -> Vec<&'static str> {
    task.events.iter().map(|event| event.status.as_str()).collect()
}

/// Asks again and again, for 20 s of real time, until the condition holds: for what a server does by itself and tells nobody.
pub async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    for _ in 0..2_000 {
        if condition().await {
            return;
        }
        engine::clock::Clock::sleep(&engine::clock::SystemClock, std::time::Duration::from_millis(10)).await;
    }
    panic!("not within 20 s: {what}");
}
