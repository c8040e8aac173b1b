//! Where everything that could happen next waits for the simulation's choice.

use crate::executor::{Finish, Start};
use crate::laws::Laws;
use engine::ports::WebhookCall;
use model::{InstanceId, RequestId, UnixMillis};
use std::sync::{Mutex, MutexGuard};
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

/// Number of one life of a server, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Life(pub usize);

/// What becomes of a store call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Go,
    /// The store can't be reached; nothing happened.
    FailBefore,
    /// It is written, but the answer is lost.
    FailAfter,
    /// It is written, and the server dies before it hears of it.
    Die,
}

/// Somebody who waits for the simulation's choice.
pub struct Parked<T> {
    pub number: u64,
    pub life: Life,
    pub what: String,
    pub choose: oneshot::Sender<T>,
}

pub struct Run {
    pub parked: Parked<Finish>,
    pub stop: CancellationToken,
}

pub struct Sleeper {
    pub wakes_at: i64,
    pub parked: Parked<()>,
}

#[derive(Default)]
pub struct State {
    pub now: i64,
    arrivals: u64,
    /// Grows with everything that anybody does; when it rests, nobody does anything.
    activity: u64,
    pub calls: Vec<Parked<Verdict>>,
    pub acquires: Vec<Parked<Start>>,
    pub runs: Vec<Run>,
    /// Webhooks that have been called.
    pub hooks: Vec<Parked<bool>>,
    pub sleepers: Vec<Sleeper>,
    pub dead: Vec<Life>,
    pub laws: Laws,
    /// Instances that stand ready whenever a server asks.
    pub ready: usize,
    reserved: u64,
}

impl State {
    fn parked<T>(&mut self, life: Life, what: String) -> (Parked<T>, oneshot::Receiver<T>) {
        self.arrivals += 1;
        self.activity += 1;
        let (choose, chosen) = oneshot::channel();
        (Parked { number: self.arrivals, life, what, choose }, chosen)
    }

    /// Nothing that this life waits for happens any more.
    pub fn kill(&mut self, life: Life) {
        self.dead.push(life);
        self.calls.retain(|call| call.life != life);
        self.acquires.retain(|acquire| acquire.life != life);
        self.runs.retain(|run| run.parked.life != life);
        self.hooks.retain(|hook| hook.life != life);
        self.sleepers.retain(|sleeper| sleeper.parked.life != life);
    }
}

#[derive(Default)]
pub struct Stage {
    state: Mutex<State>,
    done: Notify,
}

impl Stage {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn now(&self) -> UnixMillis {
        UnixMillis(self.state().now)
    }

    /// Waits for the choice; whoever belongs to a dead life waits for ever.
    async fn chosen<T>(&self, life: Life, chosen: oneshot::Receiver<T>) -> T {
        if !self.is_dead(life)
            && let Ok(choice) = chosen.await
        {
            self.state().activity += 1;
            return choice;
        }
        std::future::pending().await
    }

    fn is_dead(&self, life: Life) -> bool {
        self.state().dead.contains(&life)
    }

    pub async fn call(&self, life: Life, what: String) -> Verdict {
        let chosen = {
            let mut state = self.state();
            let (parked, chosen) = state.parked(life, what);
            state.calls.push(parked);
            chosen
        };
        self.chosen(life, chosen).await
    }

    /// Tells the simulation that a call that it let go has been answered; nothing is heard of it in a life that died with it.
    pub async fn answered(&self, verdict: Verdict) {
        self.state().activity += 1;
        self.done.notify_one();
        if verdict == Verdict::Die {
            std::future::pending::<()>().await;
        }
    }

    pub async fn until_answered(&self) {
        self.done.notified().await;
    }

    pub async fn acquire(&self, life: Life, request: &RequestId, stop: &CancellationToken) -> Start {
        let chosen = {
            let mut state = self.state();
            let (parked, chosen) = state.parked(life, format!("acquire {request}"));
            state.acquires.push(parked);
            chosen
        };
        tokio::select! {
            biased;
            start = self.chosen(life, chosen) => start,
            () = stop.cancelled() => Start::Exhausted,
        }
    }

    /// Names of up to `count` instances that stand ready.
    pub fn reserve(&self, life: Life, count: usize) -> Vec<InstanceId> {
        let mut state = self.state();
        let names = (0..count.min(state.ready)).map(|n| InstanceId::from_stored(format!("c-{}-ready-{}-{n}", life.0, state.reserved)));
        let names = names.collect();
        state.reserved += 1;
        names
    }

    /// Where most instances stand ready, tasks wait in their queues for them.
    pub fn flows(&self) -> bool {
        self.state().ready > 1
    }

    pub async fn run(&self, life: Life, request: &RequestId, stop: &CancellationToken) -> Finish {
        let chosen = {
            let mut state = self.state();
            state.laws.begins(life, request);
            let (parked, chosen) = state.parked(life, format!("run {request}"));
            state.runs.push(Run { parked, stop: stop.clone() });
            chosen
        };
        let finish = self.chosen(life, chosen).await;
        self.state().laws.ends(life, request);
        finish
    }

    /// Calls a webhook; true when it takes the outcome.
    pub async fn hook(&self, life: Life, call: &WebhookCall) -> bool {
        let chosen = {
            let mut state = self.state();
            state.laws.sent(call);
            let (parked, chosen) = state.parked(life, format!("hook {} {}", call.url, call.request_id));
            state.hooks.push(parked);
            chosen
        };
        let took = self.chosen(life, chosen).await;
        self.state().laws.answered(call, took);
        took
    }

    pub async fn sleep(&self, life: Life, length_ms: i64) {
        let woken = {
            let mut state = self.state();
            let (parked, woken) = state.parked(life, format!("sleep {length_ms}"));
            let wakes_at = state.now + length_ms;
            state.sleepers.push(Sleeper { wakes_at, parked });
            woken
        };
        self.chosen(life, woken).await;
    }

    /// Lets everybody go on until all wait for a choice.
    pub async fn settle(&self) {
        const QUIET: u32 = 12;
        let (mut seen, mut quiet) = (self.state().activity, 0);
        while quiet < QUIET {
            tokio::task::yield_now().await;
            let activity = self.state().activity;
            quiet = if activity == seen { quiet + 1 } else { 0 };
            seen = activity;
        }
        let mut state = self.state();
        state.calls.retain(|call| !call.choose.is_closed());
        state.acquires.retain(|acquire| !acquire.choose.is_closed());
        state.hooks.retain(|hook| !hook.choose.is_closed());
        state.sleepers.retain(|sleeper| !sleeper.parked.choose.is_closed());
    }
}
