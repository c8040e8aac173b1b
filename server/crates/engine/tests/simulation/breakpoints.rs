//! Where a server can die between a claim and the end of a task, and what becomes of the task then (issue 3, faults).

use crate::run::{Backend, calm_down, open, runtime};
use crate::stage::Verdict;
use crate::world::World;
use model::{DeliveryStatus, TaskId, TaskStatus};

/// When the server dies at a store call: before it, or after it was written and before the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dies {
    Before,
    After,
}
use Dies::{After, Before};

const PLAIN: &str = "Enqueued Processed Running Succeeded";
const AGAIN: &str = "Enqueued Processed Running Retrying Running Succeeded";
const NEVER_RAN: &str = "Enqueued Processed Stopped";
const STOPPED: &str = "Enqueued Processed Running Stopping Stopped";

/// What is under way when the server dies, whether a stop was asked for before, and the history once the next life is done.
const POINTS: [(&str, Dies, bool, &str); 16] = [
    ("insert", Before, false, ""),
    ("insert", After, false, PLAIN),
    ("claim", Before, false, PLAIN),
    // Held by a dead worker: given back without a change of state.
    ("claim", After, false, PLAIN),
    ("get_function", Before, false, PLAIN),
    ("acquire", Before, false, PLAIN),
    ("apply 1:Processed->Running", Before, false, PLAIN),
    // The start is written and the code never began: the record can't tell, so it runs again and is not counted.
    ("apply 1:Processed->Running", After, false, AGAIN),
    ("run", Before, false, AGAIN),
    // The code has ended and nobody knows: it runs twice, which is what "at least once" means.
    ("apply 1:Running->Succeeded", Before, false, AGAIN),
    ("apply 1:Running->Succeeded", After, false, PLAIN),
    ("apply 1:Processed->Stopped", After, true, NEVER_RAN),
    // The stop was not written, so it was not promised.
    ("apply 1:Running->Stopping", Before, true, AGAIN),
    ("apply 1:Running->Stopping", After, true, STOPPED),
    ("apply 1:Stopping->Stopped", Before, true, STOPPED),
    ("apply 1:Stopping->Stopped", After, true, STOPPED),
];

/// The same where an instance stands ready, so that the claim itself begins the attempt.
const READY_POINTS: [(&str, Dies, bool, &str); 7] = [
    ("get_function", Before, false, PLAIN),
    ("claim", Before, false, PLAIN),
    ("claim", After, false, AGAIN),
    ("run", Before, false, AGAIN),
    ("apply 1:Running->Succeeded", Before, false, AGAIN),
    ("apply 1:Running->Succeeded", After, false, PLAIN),
    ("apply 1:Running->Stopping", After, true, STOPPED),
];

impl World {
    /// Goes on until nothing but time is waited for.
    async fn until_idle(&mut self) {
        loop {
            let idle = {
                let state = self.stage.state();
                state.calls.is_empty() && state.acquires.is_empty() && state.runs.is_empty() && state.hooks.is_empty()
            };
            if idle {
                return;
            }
            self.go_on().await;
        }
    }

    /// Goes on until this is under way.
    async fn until(&mut self, what: &str) {
        for _ in 0..60 {
            let found = {
                let state = self.stage.state();
                let names = state.calls.iter().map(|call| &call.what).chain(state.acquires.iter().map(|acquire| &acquire.what));
                let hooks = state.hooks.iter().map(|hook| &hook.what);
                names.chain(state.runs.iter().map(|run| &run.parked.what)).chain(hooks).any(|name| name.starts_with(what))
            };
            if found {
                return;
            }
            self.go_on().await;
        }
        panic!("{what} never came: {:?}", &self.trace[..30.min(self.trace.len())]);
    }
}

/// What is under way when the server dies in the middle of a delivery, to a webhook or to a function, and how often that is told.
const DELIVERY_POINTS: [(&str, Dies, bool, u32); 10] = [
    ("outbox claim", Before, true, 1),
    ("outbox claim", After, true, 1),
    // It has the outcome and nobody has heard its answer: it gets it again, and can tell by the id.
    ("hook", Before, true, 2),
    ("outbox end", Before, true, 2),
    ("outbox end", After, true, 1),
    ("outbox claim", After, false, 1),
    // A function takes an id once.
    ("insert", Before, false, 1),
    ("insert", After, false, 1),
    ("outbox end", Before, false, 1),
    ("outbox end", After, false, 1),
];

async fn told(world: &mut World, (what, dies, to_hook, _): (&str, Dies, bool, u32)) -> u32 {
    (world.shared, world.fault_percent) = (false, 0);
    world.begin_life().await;
    world.until_idle().await;
    let function = world.functions[if to_hook { 0 } else { 2 }].clone();
    world.submit(0, function, "t0".to_owned(), 0);
    world.stage.settle().await;
    world.until("outbox claim").await;
    world.until(what).await;
    if dies == After {
        let place = world.stage.state().calls.iter().position(|call| call.what.starts_with(what)).unwrap();
        world.let_go(place, Verdict::Die).await;
    }
    world.end_life(0);
    world.begin_life().await;
    calm_down(world).await.unwrap();
    let state = world.stage.state();
    let told: Vec<_> = state.laws.told.values().map(|told| (told.status, told.sent)).collect();
    let functions = state.laws.tasks.values().filter(|known| known.task.function == world.functions[1]).count();
    match told[..] {
        [(DeliveryStatus::Succeeded, sent)] => {
            if to_hook {
                sent
            } else {
                functions as u32
            }
        }
        ref other => panic!("one delivery, made: {other:?}"),
    }
}

fn check_deliveries(backend: Backend) {
    for point in DELIVERY_POINTS {
        runtime().block_on(async {
            let Some(db) = open(backend).await else { return };
            let mut world = World::new(db.store(), 1, false).await;
            let count = told(&mut world, point).await;
            assert_eq!(count, point.3, "died {:?} {} (to a webhook: {})\n{}", point.1, point.0, point.2, world.trace.join("\n"));
        });
    }
}

#[test]
fn i3_4_a_death_at_each_step_of_a_delivery_loses_none_on_sqlite() {
    check_deliveries(Backend::Sqlite);
}

#[test]
fn i3_4_a_death_at_each_step_of_a_delivery_loses_none_on_postgres() {
    check_deliveries(Backend::Postgres);
}

async fn outcome(world: &mut World, (what, dies, stop, _): (&str, Dies, bool, &str), ready: usize) -> String {
    (world.shared, world.fault_percent) = (false, 0);
    world.stage.state().ready = ready;
    world.begin_life().await;
    world.until_idle().await;
    let function = world.functions[1].clone();
    let task = function.task(TaskId::from_stored("t0"));
    world.submit(0, function, "t0".to_owned(), 0);
    world.stage.settle().await;
    if stop {
        world.until(if what.contains(":Processed") { "acquire" } else { "run" }).await;
        world.stop(0, task.clone());
        world.stage.settle().await;
    }
    if what == "get_function" {
        // The first is the submission's own; this is the one before the claim.
        world.until("insert").await;
        world.go_on().await;
    }
    world.until(what).await;
    if dies == After {
        let place = world.stage.state().calls.iter().position(|call| call.what.starts_with(what)).unwrap();
        world.let_go(place, Verdict::Die).await;
    }
    world.end_life(0);
    world.begin_life().await;
    calm_down(world).await.unwrap();
    let Some(row) = world.store.get_task(&task).await.unwrap() else { return String::new() };
    let words: Vec<&str> = row.task.events.iter().map(|event| event.status.as_str()).collect();
    assert_eq!(row.task.retried, 0, "a death of the server is not counted as a retry");
    assert!(row.task.status != TaskStatus::Succeeded || row.task.result.is_some());
    words.join(" ")
}

fn check(backend: Backend) {
    for (point, ready) in POINTS.map(|point| (point, 0)).into_iter().chain(READY_POINTS.map(|point| (point, 1))) {
        runtime().block_on(async {
            let Some(db) = open(backend).await else { return };
            let mut world = World::new(db.store(), 1, false).await;
            let history = outcome(&mut world, point, ready).await;
            assert_eq!(
                history,
                point.3,
                "died {:?} {} (stop asked: {}, ready: {ready})\n{}",
                point.1,
                point.0,
                point.2,
                world.trace.join("\n")
            );
        });
    }
}

#[test]
fn the_outcome_of_a_death_at_each_step_on_sqlite() {
    check(Backend::Sqlite);
}

#[test]
fn the_outcome_of_a_death_at_each_step_on_postgres() {
    check(Backend::Postgres);
}
