//! One seed from its first step to the last check, and many of them.

use crate::stage::Life;
use crate::world::World;
use model::lifecycle::{self, Event};
use model::{DeliveryStatus, QueueScope, StateCounts, TaskStatus, UnixMillis};
use store::testing::TestDb;

/// The store that a seed runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// Steps after the faults have stopped within which every task has to be final, and the time that may pass meanwhile.
const CALM_STEPS_MAX: usize = 4_000;
const CALM_MS_MAX: i64 = 30 * 60_000;

const CALM: &str = "the faults stop";

/// Steps between two looks at the counters.
const COUNT_STEPS: usize = 10;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is not a number")))
}

/// Runs as many seeds as usual or as the environment asks for.
pub fn seeds(backend: Backend, from: u64, usual: u64) {
    let seeds = match number("TASKYARD_SIM_SEED") {
        Some(only) => only..only + 1,
        None => {
            let from = number("TASKYARD_SIM_FROM").unwrap_or(from);
            from..from + number("TASKYARD_SIM_SEEDS").unwrap_or(usual)
        }
    };
    let mut failed = Vec::new();
    for number in seeds {
        if let Err(text) = seed(backend, number) {
            eprintln!(
                "{text}\nreplay with: TASKYARD_SIM_SEED={number} cargo nextest run -p engine -E 'test({})' --no-capture\n",
                backend.name()
            );
            failed.push(number);
        }
        assert!(failed.len() < 3, "seeds {failed:?} failed; the rest was not run");
    }
    assert!(failed.is_empty(), "seeds {failed:?} failed");
}

/// One thread, so that the order in which the engine's parts go on is the same each time.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// A fresh store; `None` where this one can't be had.
pub async fn open(backend: Backend) -> Option<TestDb> {
    match backend {
        Backend::Sqlite => Some(TestDb::sqlite_in_memory().await),
        Backend::Postgres => TestDb::postgres().await,
    }
}

/// Runs one seed and returns its steps; `None` where this store can't be had.
pub fn seed(backend: Backend, seed: u64) -> Result<Option<Vec<String>>, String> {
    runtime().block_on(async {
        let Some(db) = open(backend).await else { return Ok(None) };
        let prints = number("TASKYARD_SIM_SEED").is_some();
        let mut world = World::new(db.store(), seed, prints).await;
        world.make_timers().await;
        let outcome = live(&mut world, &db).await;
        let steps = std::mem::take(&mut world.trace);
        outcome.map(|()| Some(steps.clone())).map_err(|why| {
            let end = steps.iter().position(|step| step.ends_with(CALM)).unwrap_or(steps.len());
            format!("{backend:?} seed {seed}: {why}\n{}", steps[end.saturating_sub(40)..(end + 20).min(steps.len())].join("\n"))
        })
    })
}

async fn live(world: &mut World, db: &TestDb) -> Result<(), String> {
    world.begin_life().await;
    let steps = 80 + world.dice.below(160);
    for n in 0..steps {
        world.step().await;
        check(world)?;
        if n % COUNT_STEPS == 0 {
            check_counters(world).await?;
        }
    }
    catch_up(world).await?;
    calm_down(world).await?;
    last_check(world, db).await
}

/// No law was broken so far.
fn check(world: &World) -> Result<(), String> {
    if let Some(violation) = world.stage.state().laws.violation() {
        return Err(violation.to_owned());
    }
    if let Some(broken) = world.promises.lock().unwrap().broken.first() {
        return Err(broken.clone());
    }
    Ok(())
}

/// The counters are what the tasks counted one by one give.
async fn check_counters(world: &World) -> Result<(), String> {
    for function in &world.functions {
        let counted = world.store.count_tasks(function).await.map_err(|error| error.to_string())?;
        let recount = world.stage.state().laws.recount(function);
        if counted != recount {
            return Err(format!("counters of {}: {counted:?} instead of {recount:?}", function.function));
        }
    }
    Ok(())
}

/// The faults stop; every timer has to fire what is due. Then there are no more timers, or new tasks would come for ever.
async fn catch_up(world: &mut World) -> Result<(), String> {
    world.note(CALM.to_owned());
    world.servers.iter_mut().for_each(|server| server.held_up = false);
    for _ in 0..CALM_STEPS_MAX {
        let now = world.stage.now();
        let behind = world.stage.state().laws.timers.behind(now);
        if behind.is_empty() {
            world.forget_timers().await;
            return check(world);
        }
        world.calm_step().await;
        check(world)?;
    }
    Err(format!("missed: long after the faults stopped, {:?}", world.stage.state().laws.timers.behind(UnixMillis(i64::MAX))))
}

/// Without faults every task has to become final.
pub async fn calm_down(world: &mut World) -> Result<(), String> {
    world.servers.iter_mut().for_each(|server| server.held_up = false);
    for function in world.functions.clone() {
        let scope = QueueScope::Function(function.clone());
        world.store.pause_queue(&scope, None).await.unwrap();
        world.store.limit_queue(&scope, None).await.unwrap();
        world.stage.state().laws.holds_back(function, None);
    }
    let until = world.stage.now().0 + CALM_MS_MAX;
    for _ in 0..CALM_STEPS_MAX {
        let (open, idle) = {
            let state = world.stage.state();
            let open = state.laws.tasks.values().any(|known| !known.status().is_terminal())
                || state.laws.told.values().any(|told| told.status == DeliveryStatus::Running);
            (open, state.calls.is_empty() && state.runs.is_empty() && state.acquires.is_empty() && state.hooks.is_empty())
        };
        if !open && idle {
            return check_counters(world).await;
        }
        if world.stage.now().0 > until {
            break;
        }
        world.calm_step().await;
        check(world)?;
    }
    let state = world.stage.state();
    let open = state.laws.tasks.values().filter(|known| !known.status().is_terminal());
    let open: Vec<_> = open.map(|known| (known.task.id.to_string(), &known.history, known.holder.map(|Life(n)| n))).collect();
    let untold = state.laws.told.iter().filter(|(_, told)| told.status == DeliveryStatus::Running);
    let untold: Vec<_> = untold.map(|(seq, told)| (seq, &told.target)).collect();
    Err(format!("lost: long after the faults stopped, these are not final: {open:?}, and these not delivered: {untold:?}"))
}

/// What is stored is what was written: one final state each, a legal history, every promise kept, counters equal to the rows.
async fn last_check(world: &World, db: &TestDb) -> Result<(), String> {
    let (accepted, stopped) = {
        let promises = world.promises.lock().unwrap();
        (promises.accepted.clone(), promises.stopped.clone())
    };
    for task in &accepted {
        let stored = world.store.get_task(task).await.map_err(|error| error.to_string())?;
        let Some(row) = stored else { return Err(format!("lost: {} was accepted and is not stored", task.id)) };
        let history: Vec<TaskStatus> = row.task.events.iter().map(|event| event.status).collect();
        let known = world.stage.state().laws.find(task).map(|known| known.history.clone());
        if known.as_ref() != Some(&history) || !is_legal(&history) || row.task.events.iter().zip(1..).any(|(event, n)| event.id != n) {
            return Err(format!("history of {}: {history:?}, written was {known:?}", task.id));
        }
        if stopped.contains(task) && row.task.status != TaskStatus::Stopped {
            return Err(format!("stop: {} was to be stopped and is {}", task.id, row.task.status));
        }
    }
    check_outbox(world, db).await?;
    let rows = db
        .texts("select function || ' ' || status || ' ' || cast(count(*) as text) from task where listed = 1 group by function, status")
        .await;
    for function in &world.functions {
        let counted: StateCounts = world.store.count_tasks(function).await.map_err(|error| error.to_string())?;
        for status in TaskStatus::ALL.into_iter().filter(|status| counted.get(*status) > 0) {
            let row = format!("{} {status} {}", function.function, counted.get(status));
            if !rows.concat().contains(&row) {
                return Err(format!("counters: {row} is not in {rows:?}"));
            }
        }
    }
    Ok(())
}

/// The outbox holds one row for each end with a destination and no other, and the tasks say the same of it.
async fn check_outbox(world: &World, db: &TestDb) -> Result<(), String> {
    let mut rows = db.texts("select cast(task_seq as text), target, status from outbox").await;
    let mut told: Vec<Vec<String>> = {
        let state = world.stage.state();
        state.laws.told.iter().map(|(seq, told)| vec![seq.to_string(), told.target.clone(), told.status.as_str().to_owned()]).collect()
    };
    rows.sort();
    told.sort();
    if rows != told {
        return Err(format!("outbox: {rows:?} instead of {told:?}"));
    }
    let odd = "select cast(t.seq as text), t.status, t.destination_status from task t left join outbox o on o.task_seq = t.seq \
               where t.destination_status <> coalesce(o.status, '')";
    let odd = db.texts(odd).await;
    if odd.is_empty() { Ok(()) } else { Err(format!("outbox: tasks that say something else of it: {odd:?}")) }
}

/// Begins as accepted, each step is one of the life-cycle, and exactly the last state is final.
fn is_legal(history: &[TaskStatus]) -> bool {
    let follows = |pair: &[TaskStatus]| Event::ALL.into_iter().any(|event| lifecycle::next(pair[0], event) == Ok(pair[1]));
    history.first() == Some(&TaskStatus::Enqueued)
        && history.windows(2).all(follows)
        && history.iter().filter(|status| status.is_terminal()).count() == 1
        && history.last().is_some_and(|status| status.is_terminal())
}
