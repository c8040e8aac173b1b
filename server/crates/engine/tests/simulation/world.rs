//! The lives of servers over one store, and what clients have been told.

use crate::clock::SimClock;
use crate::dice::Dice;
use crate::executor::SimExecutor;
use crate::gate::Gate;
use crate::hooks::SimWebhook;
use crate::stage::{Life, Stage};
use engine::ports::{Store, WorkerId};
use engine::{ChangeHub, Engine, EngineConfig, Running};
use model::*;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One server from its start to its crash.
pub struct Server {
    pub life: Life,
    pub engine: Engine,
    /// Nothing of it happens until then: a process that the machine holds up.
    pub held_up: bool,
}

/// What clients were told, to be kept.
#[derive(Default)]
pub struct Promises {
    pub accepted: Vec<TaskRef>,
    pub stopped: Vec<TaskRef>,
    pub broken: Vec<String>,
}

pub struct World {
    pub dice: Dice,
    pub stage: Arc<Stage>,
    pub store: Arc<dyn Store>,
    pub functions: Vec<FunctionRef>,
    pub timers: Vec<TriggerRef>,
    pub servers: Vec<Server>,
    pub promises: Arc<Mutex<Promises>>,
    /// Several servers at once, or one that is followed by the next.
    pub shared: bool,
    pub fault_percent: usize,
    pub submitted: usize,
    pub lives: usize,
    pub trace: Vec<String>,
    pub prints: bool,
    slots: usize,
    claim_rows_max: u32,
    waiting_max: usize,
}

const T0: i64 = 1_795_521_665_000;

impl World {
    pub async fn new(store: Arc<dyn Store>, seed: u64, prints: bool) -> Self {
        let mut dice = Dice::new(seed);
        let stage = Arc::new(Stage::default());
        stage.state().now = T0;
        stage.state().ready = dice.pick(&[0, 0, 1, 3]);
        let functions = make_functions(&*store, &mut dice).await;
        Self {
            shared: dice.percent(60),
            fault_percent: dice.pick(&[0, 3, 10, 30]),
            slots: 1 + dice.below(4),
            claim_rows_max: 1 + dice.below(4) as u32,
            waiting_max: 1 + dice.below(3),
            dice,
            stage,
            store,
            functions,
            timers: Vec::new(),
            servers: Vec::new(),
            promises: Arc::default(),
            submitted: 0,
            lives: 0,
            trace: Vec::new(),
            prints,
        }
    }

    pub fn note(&mut self, what: String) {
        let line = format!("{:>9} ms  {what}", self.stage.now().0 - T0);
        if self.prints {
            eprintln!("{line}");
        }
        self.trace.push(line);
    }

    /// Starts a server; one that is alone is told which life came before it.
    pub async fn begin_life(&mut self) {
        let life = Life(self.lives);
        self.lives += 1;
        let name = |life: usize| WorkerId(format!("w{life}"));
        let config = EngineConfig {
            previous_worker: (!self.shared && life.0 > 0).then(|| name(life.0 - 1)),
            slots: self.slots,
            waiting_max: self.waiting_max,
            claim_rows_max: self.claim_rows_max,
            rescue_interval: self.shared.then(|| Duration::from_secs(2)),
            random: |most| most / 2,
            ..EngineConfig::new(AccountId::from_stored("1"), vec![region()], name(life.0))
        };
        let gate = Arc::new(Gate { store: self.store.clone(), stage: self.stage.clone(), life });
        let executor = Arc::new(SimExecutor { stage: self.stage.clone(), life });
        let clock = Arc::new(SimClock { stage: self.stage.clone(), life });
        let webhook = Arc::new(SimWebhook { stage: self.stage.clone(), life });
        let engine = Engine::new(config, gate, executor, webhook, clock, Running::default(), ChangeHub::default());
        tokio::spawn({
            let engine = engine.clone();
            async move { engine.start().await }
        });
        self.servers.push(Server { life, engine, held_up: false });
        self.note(format!("life {} begins", life.0));
        self.stage.settle().await;
    }

    /// Two time triggers on the functions that nobody deletes: an interval, and an expression.
    pub async fn make_timers(&mut self) {
        const TIMERS: [(usize, &str, &str, i64, i64); 2] =
            [(1, "every", "@every 20s", 20_000, 20_000), (2, "cron", "*/15 * * * * *", 15_000, 10_000)];
        for (function, name, expression, period_ms, first_ms) in TIMERS {
            let at = UnixMillis(T0);
            let timer = TimerConfig { cron_expression: expression.to_owned(), payload: String::new(), enable: true };
            let trigger = Trigger {
                function: self.functions[function].clone(),
                name: TriggerName::from_stored(name),
                id: name.to_owned(),
                spec: TriggerSpec {
                    kind: TriggerKind::Timer,
                    config: TriggerConfig::Timer(timer),
                    qualifier: Qualifier::latest(),
                    description: String::new(),
                    source_arn: String::new(),
                    invocation_role: String::new(),
                },
                created_at: at,
                modified_at: at,
                etag: "e".to_owned(),
                next_due_at: Some(at.plus_ms(first_ms)),
                last_fired_at: None,
            };
            self.store.insert_trigger(&trigger).await.unwrap();
            self.stage.state().laws.timers.made(&trigger, period_ms);
            self.timers.push(trigger.trigger_ref());
        }
    }

    /// Deletes the timers, past the gate.
    pub async fn forget_timers(&mut self) {
        for timer in std::mem::take(&mut self.timers) {
            let stored = self.store.get_trigger(&timer).await.unwrap().unwrap();
            self.store.delete_trigger(&timer, &stored.etag).await.unwrap();
        }
        self.stage.state().laws.timers.forget();
    }

    pub fn submit(&mut self, server: usize, function: FunctionRef, id: String, delay_s: u64) {
        let request = SubmitRequest {
            function,
            qualifier: Qualifier::latest(),
            request_id: RequestId::from_stored(format!("r{}", self.submitted)),
            task_id: Some(id),
            force_task: true,
            delay_s,
            payload: Vec::new(),
            http: None,
            origin: Origin::Api,
        };
        let (engine, promises, stage) = (self.servers[server].engine.clone(), self.promises.clone(), self.stage.clone());
        tokio::spawn(async move {
            let task = request.function.task(TaskId::from_stored(request.task_id.clone().unwrap()));
            let answer = engine.submit(request).await;
            let is_stored = stage.state().laws.find(&task).is_some();
            let mut promises = promises.lock().unwrap();
            match answer {
                Ok(_) if promises.accepted.contains(&task) => promises.broken.push(format!("{} was accepted twice", task.id)),
                Ok(_) if is_stored => promises.accepted.push(task),
                Err(error) if error.code == ErrorCode::StatefulAsyncInvocationAlreadyExists && is_stored => {}
                Err(error) if error.code == ErrorCode::ServiceUnavailable || error.code == ErrorCode::FunctionNotFound => {}
                other => promises.broken.push(format!("{}: {other:?}, stored: {is_stored}", task.id)),
            }
        });
    }

    pub fn redrive(&mut self, server: usize, task: TaskRef) {
        let (engine, promises) = (self.servers[server].engine.clone(), self.promises.clone());
        tokio::spawn(async move {
            match engine.redrive_destination(&task, "admin").await {
                Ok(()) => {}
                Err(error) if matches!(error.code, ErrorCode::ServiceUnavailable | ErrorCode::InvalidArgument) => {}
                Err(error) => promises.lock().unwrap().broken.push(format!("{} sent again: {error:?}", task.id)),
            }
        });
    }

    pub fn stop(&mut self, server: usize, task: TaskRef) {
        let (engine, promises) = (self.servers[server].engine.clone(), self.promises.clone());
        tokio::spawn(async move {
            let answer = engine.stop_task(&task, "admin").await;
            let mut promises = promises.lock().unwrap();
            match answer {
                Ok(_) => promises.stopped.push(task),
                Err(error) if matches!(error.code, ErrorCode::ServiceUnavailable | ErrorCode::InvalidArgument) => {}
                other => promises.broken.push(format!("stop of {}: {other:?}", task.id)),
            }
        });
    }
}

fn region() -> Region {
    Region::from_stored("r1")
}

/// A webhook that two functions tell of their ends.
const HOOK: &str = "https://hook.test/";

/// Three functions whose retries and ages differ, and that tell a webhook and each other of their ends. The first may be deleted; nobody is
/// told of a success of the second.
async fn make_functions(store: &dyn Store, dice: &mut Dice) -> Vec<FunctionRef> {
    let at = UnixMillis(T0);
    let name = ServiceName::from_stored("demo");
    let spec = ServiceSpec::default();
    let service =
        Service { region: region(), name: name.clone(), id: "s".to_owned(), spec, created_at: at, modified_at: at, etag: "e".to_owned() };
    store.insert_service(&service).await.unwrap();
    let mut made = Vec::new();
    let to = |name: &str| Some(format!("acs:fc:::services/demo/functions/{name}"));
    let hook = || Some(HOOK.to_owned());
    let functions = [("f0", hook(), to("f2")), ("f1", None, to("f0")), ("f2", to("f1"), hook())];
    for (function_name, on_success, on_failure) in functions {
        let function = Function {
            region: region(),
            service: name.clone(),
            name: FunctionName::from_stored(function_name),
            id: function_name.to_owned(),
            spec: FunctionSpec::new(RuntimeName::from_stored("python3"), "index.handler"),
            package_id: "p".to_owned(),
            code_size: 3,
            code_checksum: "1".to_owned(),
            created_at: at,
            modified_at: at,
            etag: "e".to_owned(),
        };
        let config = AsyncConfig {
            function: function.function_ref(),
            qualifier: Qualifier::latest(),
            stateful_invocation: Some(true),
            max_retry_attempts: Some(dice.pick(&[0, 1, 3, 8])),
            max_event_age_s: Some(dice.pick(&[2, 30, 600, 86_400])),
            on_success,
            on_failure,
            created_at: at,
            modified_at: at,
        };
        store.insert_function(&function, b"zip", Some(&config)).await.unwrap();
        made.push(function.function_ref());
    }
    made
}
