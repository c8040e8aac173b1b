//! Random sequences of everything that happens to tasks, checked against the stored rows themselves.

use crate::fixtures::{at, change, function_ref, task_of, worker};
use engine::ports::{ClaimedTask, Store};
use model::lifecycle::{self, Event};
use model::{Destinations, InstanceId, TaskStatus, UnixMillis};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use store::each_backend;
use store::testing::TestDb;
use store::testing::claim_any;

each_backend!(counters_events_and_leases_hold_after_any_walk);

#[derive(Debug, Clone)]
enum Step {
    Insert {
        function: bool,
        id: u8,
        listed: bool,
    },
    Claim {
        worker: bool,
        limit: u8,
    },
    Change {
        held: prop::sample::Index,
        event: prop::sample::Index,
    },
    /// The same change again: the second must not be written.
    Repeat,
    Release {
        held: prop::sample::Index,
    },
    Lose {
        worker: bool,
    },
    Prune {
        limit: u8,
    },
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<bool>(), 0u8..40, prop::bool::weighted(0.8)).prop_map(|(function, id, listed)| Step::Insert { function, id, listed }),
        3 => (any::<bool>(), 1u8..5).prop_map(|(worker, limit)| Step::Claim { worker, limit }),
        8 => (any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(|(held, event)| Step::Change { held, event }),
        1 => Just(Step::Repeat),
        1 => any::<prop::sample::Index>().prop_map(|held| Step::Release { held }),
        1 => any::<bool>().prop_map(|worker| Step::Lose { worker }),
        1 => (1u8..4).prop_map(|limit| Step::Prune { limit }),
    ]
}

struct Walk<'a> {
    store: &'a dyn Store,
    now: i64,
    held: Vec<ClaimedTask>,
    last: Option<engine::ports::Transition>,
}

impl Walk<'_> {
    async fn step(&mut self, step: &Step) {
        self.now += 1;
        match step {
            Step::Insert { function, id, listed } => {
                let mut new = task_of(if *function { "f" } else { "g" }, &format!("t{id}"));
                (new.listed, new.submitted_at, new.due_at) = (*listed, at(self.now), at(self.now));
                let set = |bit: u8| (id & bit != 0).then(|| format!("https://hook.test/{bit}"));
                new.destinations = Destinations { on_success: set(1), on_failure: set(2) };
                self.store.insert_tasks(vec![new]).await.unwrap();
            }
            Step::Claim { worker: by, limit } => {
                let by = worker(if *by { "w1" } else { "w2" });
                let claimed = claim_any(self.store, &by, at(self.now), at(self.now + 1_000_000), u32::from(*limit)).await.unwrap();
                self.held.extend(claimed);
            }
            Step::Change { held, event } => self.change(held, event).await,
            Step::Repeat => {
                if let Some(last) = self.last.clone() {
                    assert_eq!(self.store.apply(vec![last]).await.unwrap(), [false], "written once already");
                }
            }
            Step::Release { held } => {
                if !self.held.is_empty() {
                    let task = self.held.swap_remove(held.index(self.held.len()));
                    let gives_back = matches!(task.status, TaskStatus::Processed | TaskStatus::Retrying);
                    assert_eq!(self.store.release(task.seq, task.fence, task.attempt, at(self.now)).await.unwrap(), gives_back);
                    if !gives_back {
                        self.held.push(task);
                    }
                }
            }
            Step::Lose { worker: who } => {
                self.store.retire_worker(&worker(if *who { "w1" } else { "w2" })).await.unwrap();
                self.rescue().await;
            }
            Step::Prune { limit } => {
                self.store.prune_tasks(at(self.now), u32::from(*limit)).await.unwrap();
            }
        }
    }

    async fn change(&mut self, held: &prop::sample::Index, event: &prop::sample::Index) {
        if self.held.is_empty() {
            return;
        }
        let place = held.index(self.held.len());
        let task = &mut self.held[place];
        let legal: Vec<(Event, TaskStatus)> =
            Event::ALL.into_iter().filter_map(|event| lifecycle::next(task.status, event).ok().map(|to| (event, to))).collect();
        let (event, to) = legal[event.index(legal.len())];
        let mut transition = change(task, to, self.now);
        if event == Event::Started {
            transition.set.started_on = Some(InstanceId::from_stored("c"));
        }
        if to == TaskStatus::Retrying {
            transition.set.next_run_at = Some(UnixMillis(at(self.now).0 + 3));
        }
        assert_eq!(self.store.apply(vec![transition.clone()]).await.unwrap(), [true], "{transition:?}");
        self.last = Some(transition);
        task.status = to;
        task.attempt += u32::from(event == Event::Started);
        if to.is_terminal() || to == TaskStatus::Retrying {
            self.held.swap_remove(place);
        }
    }

    /// Ends the leases of workers that are gone, as the engine does.
    async fn rescue(&mut self) {
        for lost in self.store.lost_tasks(at(self.now), 100).await.unwrap() {
            self.held.retain(|task| task.seq != lost.seq);
            let Ok(to) = lifecycle::next(lost.status, Event::WorkerLost) else {
                assert!(self.store.release(lost.seq, lost.fence, lost.attempt, at(self.now)).await.unwrap());
                continue;
            };
            let transition = engine::ports::Transition {
                seq: lost.seq,
                from: lost.status,
                fence: lost.fence,
                attempt: lost.attempt,
                to,
                at: at(self.now),
                detail: String::new(),
                set: engine::ports::Set { next_run_at: (to == TaskStatus::Retrying).then_some(at(self.now)), ..Default::default() },
            };
            assert_eq!(self.store.apply(vec![transition]).await.unwrap(), [true]);
        }
    }
}

/// Laws between rows, whatever happened.
async fn check(db: &TestDb) {
    let recount = db
        .texts(
            "select function || ' ' || cast(listed as text) || ' ' || status || ' ' || cast(count(*) as text) from task \
             group by function, listed, status order by function, listed, status",
        )
        .await;
    let counted = db
        .texts(
            "select function || ' ' || cast(listed as text) || ' ' || status || ' ' || cast(cast(sum(count) as bigint) as text) \
             from task_count group by function, listed, status having sum(count) <> 0 order by function, listed, status",
        )
        .await;
    assert_eq!(counted, recount, "counters");
    let none = Vec::<Vec<String>>::new();
    let histories = db.texts("select status, events from task").await;
    for history in &histories {
        let last = history[1].lines().last().and_then(|line| line.split(' ').next());
        assert_eq!(last, Some(history[0].as_str()), "the last event is the status");
    }
    let odd_leases = "select cast(seq as text) || status from task where (run_at_ms is not null and worker_id <> '') \
         or (status in ('Running', 'Stopping') and worker_id = '') or (status = 'Enqueued' and run_at_ms is null) \
         or (status in ('Succeeded', 'Failed', 'Expired', 'Invalid', 'Stopped')) <> (ended_at_ms is not null) \
         or (ended_at_ms is null and run_at_ms is null and worker_id = '')";
    assert_eq!(db.texts(odd_leases).await, none, "a task is ended, waiting for anybody, or held by somebody");
    let odd_deliveries = "select cast(t.seq as text), t.status from task t left join outbox o on o.task_seq = t.seq \
         where coalesce(o.target, '') <> coalesce(case when t.status = 'Succeeded' then t.on_success \
         when t.ended_at_ms is not null then t.on_failure end, '') or coalesce(o.status, '') <> t.destination_status";
    assert_eq!(db.texts(odd_deliveries).await, none, "an end with a destination has one delivery, and nothing else has any");
    let strays = "select cast(task_seq as text) from outbox where task_seq not in (select seq from task)";
    assert_eq!(db.texts(strays).await, none, "no delivery without a task");
}

async fn counters_events_and_leases_hold_after_any_walk(db: TestDb) {
    let store = db.store();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let steps = prop::collection::vec(any_step(), 60);
    // One store for all walks: each begins where the one before ended.
    for _ in 0..8 {
        let steps = steps.new_tree(&mut runner).unwrap().current();
        let mut walk = Walk { store: &*store, now: 0, held: Vec::new(), last: None };
        for (n, step) in steps.iter().enumerate() {
            walk.step(step).await;
            if n % 20 == 19 {
                check(&db).await;
            }
        }
        // What this walk still holds is lost to the next one.
        for name in ["w1", "w2"] {
            store.retire_worker(&worker(name)).await.unwrap();
        }
        walk.rescue().await;
        check(&db).await;
    }
    let counts = store.count_tasks(&function_ref("f")).await.unwrap();
    assert!(counts.total() > 0, "the walk went somewhere");
}
