//! What the simulation can do at each step.

use crate::executor::{Finish, Start};
use crate::stage::{Life, Parked, State, Verdict};
use crate::world::World;
use model::{QueueScope, TaskRef, TriggerPatch};

/// Something that waits for a choice: its place in the stage's list.
enum Waiting {
    Call(usize),
    Acquire(usize),
    Run(usize),
    Hook(usize),
}

/// Tasks submitted by one seed at most.
const TASKS_MAX: usize = 24;
/// Lives begun by one seed at most.
const LIVES_MAX: usize = 8;

impl World {
    /// One step while faults happen.
    pub async fn step(&mut self) {
        self.let_go_on();
        match self.dice.below(100) {
            0..12 => self.submit_something(),
            12..16 => self.stop_something(),
            16..18 => self.crash().await,
            18..20 => self.hold_up(),
            20..22 => self.jump(),
            34..36 => self.hold_back_or_let_on().await,
            36..38 => self.switch_a_timer(),
            38..40 => self.send_something_again(),
            22 => self.delete_a_function(),
            23..34 => self.pass_time().await,
            _ => self.choose(true).await,
        }
        self.stage.settle().await;
    }

    /// One step without faults; false when nothing but time is left to wait for.
    pub async fn calm_step(&mut self) {
        self.choose(false).await;
        self.stage.settle().await;
    }

    fn server(&mut self) -> usize {
        self.dice.below(self.servers.len())
    }

    fn submit_something(&mut self) {
        if self.submitted >= TASKS_MAX {
            return;
        }
        let repeats = self.submitted > 0 && self.dice.percent(25);
        let number = if repeats { self.dice.below(self.submitted) } else { self.submitted };
        let function = self.functions[number % self.functions.len()].clone();
        let delay_s = self.dice.pick(&[0, 0, 0, 1, 20]);
        let server = self.server();
        self.note(format!("submit t{number} to {} at server {server}, delay {delay_s} s", function.function));
        self.submit(server, function, format!("t{number}"), delay_s);
        self.submitted += 1;
    }

    fn stop_something(&mut self) {
        let open: Vec<TaskRef> = {
            let state = self.stage.state();
            state.laws.tasks.values().filter(|known| !known.status().is_terminal()).map(|known| known.task.clone()).collect()
        };
        if open.is_empty() {
            return;
        }
        let task = open[self.dice.below(open.len())].clone();
        let server = self.server();
        self.note(format!("stop {} at server {server}", task.id));
        self.stop(server, task);
    }

    /// Asks for a delivery again, whether or not that makes sense.
    fn send_something_again(&mut self) {
        let told: Vec<TaskRef> = {
            let state = self.stage.state();
            state.laws.told.keys().filter_map(|seq| state.laws.tasks.get(seq)).map(|known| known.task.clone()).collect()
        };
        if told.is_empty() {
            return;
        }
        let task = told[self.dice.below(told.len())].clone();
        let server = self.server();
        self.note(format!("send the outcome of {} again at server {server}", task.id));
        self.redrive(server, task);
    }

    async fn crash(&mut self) {
        if self.lives >= LIVES_MAX || self.shared && self.servers.len() < 3 && self.dice.percent(50) {
            if self.lives < LIVES_MAX {
                self.begin_life().await;
            }
            return;
        }
        let server = self.server();
        let life = self.servers[server].life;
        let of_life = self.waiting(true, Some(life)).into_iter().find(|waiting| matches!(waiting, Waiting::Call(_)));
        if let Some(Waiting::Call(place)) = of_life
            && self.dice.percent(50)
        {
            self.let_go(place, Verdict::Die).await;
        }
        self.end_life(server);
        if self.servers.is_empty() {
            self.begin_life().await;
        }
    }

    pub fn end_life(&mut self, server: usize) {
        let life = self.servers.remove(server).life;
        let mut state = self.stage.state();
        state.kill(life);
        state.laws.died(life);
        drop(state);
        self.note(format!("life {} ends", life.0));
    }

    fn hold_up(&mut self) {
        let server = self.server();
        self.servers[server].held_up = true;
        let text = format!("life {} is held up", self.servers[server].life.0);
        self.note(text);
    }

    /// Nobody is held up for long.
    fn let_go_on(&mut self) {
        let held_up = self.servers.iter_mut().find(|server| server.held_up);
        if let Some(server) = held_up
            && self.dice.percent(15)
        {
            server.held_up = false;
            let text = format!("life {} goes on", server.life.0);
            self.note(text);
        }
    }

    /// Pauses, limits or frees a function's queue, past the gate: an operator's own server does it, without faults.
    async fn hold_back_or_let_on(&mut self) {
        let function = self.functions[self.dice.below(self.functions.len())].clone();
        let scope = QueueScope::Function(function.clone());
        let limit = self.dice.pick(&[None, Some(1), Some(2)]);
        let since = self.dice.percent(30).then(|| self.stage.now());
        self.note(format!("{}: limit {limit:?}, paused {}", function.function, since.is_some()));
        self.store.pause_queue(&scope, since).await.unwrap();
        self.store.limit_queue(&scope, limit).await.unwrap();
        self.stage.state().laws.holds_back(function, if since.is_some() { Some(0) } else { limit });
    }

    fn jump(&mut self) {
        let ms = self.dice.pick(&[-3_000, 700, 7_000, 45_000, 700_000]);
        self.stage.state().now += ms;
        self.note(format!("the clock jumps by {ms} ms"));
    }

    fn delete_a_function(&mut self) {
        let function = self.functions[0].clone();
        let server = self.server();
        let engine = self.servers[server].engine.clone();
        self.note(format!("delete {} at server {server}", function.function));
        tokio::spawn(async move { model::ControlPlane::delete_function(&engine, &function, None).await });
    }

    fn switch_a_timer(&mut self) {
        let Some(trigger) = self.timers.get(self.dice.below(self.timers.len())).cloned() else { return };
        let (server, enable) = (self.server(), self.dice.percent(70));
        let engine = self.servers[server].engine.clone();
        self.note(format!("switch {} {} at server {server}", trigger.name, if enable { "on" } else { "off" }));
        let config = serde_json::json!({ "enable": enable }).as_object().cloned();
        let patch = TriggerPatch { config, ..TriggerPatch::default() };
        tokio::spawn(async move { model::TriggerControl::update_trigger(&engine, &trigger, patch, None).await });
    }

    /// Wakes a sleeper that is due, or lets time pass until one is.
    pub async fn pass_time(&mut self) {
        let mut places: Vec<(i64, String, u64, usize)> = {
            let state = self.stage.state();
            let awake = |life: Life| self.servers.iter().any(|server| server.life == life && !server.held_up);
            let sleepers = state.sleepers.iter().enumerate().filter(|(_, sleeper)| awake(sleeper.parked.life));
            sleepers.map(|(place, at)| (at.wakes_at, at.parked.what.clone(), at.parked.number, place)).collect()
        };
        places.sort();
        let now = self.stage.now().0;
        let due = places.iter().filter(|(wakes_at, ..)| *wakes_at <= now).count();
        let chosen = if due > 0 { self.dice.below(due) } else { 0 };
        let Some((wakes_at, what, _, place)) = places.into_iter().nth(chosen) else { return };
        let sleeper = {
            let mut state = self.stage.state();
            state.now = state.now.max(wakes_at);
            state.sleepers.swap_remove(place)
        };
        self.note(format!("life {} wakes from {what}", sleeper.parked.life.0));
        _ = sleeper.parked.choose.send(());
    }

    /// Everything that waits for a choice, in an order that does not depend on how the async runtime works.
    fn waiting(&self, with_held_up: bool, of: Option<Life>) -> Vec<Waiting> {
        let state = self.stage.state();
        let State { calls, acquires, runs, hooks, .. } = &*state;
        let wanted = |life: Life| {
            let server = self.servers.iter().find(|server| server.life == life);
            of.is_none_or(|of| of == life) && server.is_some_and(|server| with_held_up || !server.held_up)
        };
        fn key<T>(parked: &Parked<T>) -> (String, Life, u64) {
            (parked.what.clone(), parked.life, parked.number)
        }
        let mut found = Vec::new();
        found.extend(calls.iter().enumerate().filter(|(_, at)| wanted(at.life)).map(|(n, at)| (key(at), Waiting::Call(n))));
        found.extend(acquires.iter().enumerate().filter(|(_, at)| wanted(at.life)).map(|(n, at)| (key(at), Waiting::Acquire(n))));
        found.extend(runs.iter().enumerate().filter(|(_, at)| wanted(at.parked.life)).map(|(n, at)| (key(&at.parked), Waiting::Run(n))));
        found.extend(hooks.iter().enumerate().filter(|(_, at)| wanted(at.life)).map(|(n, at)| (key(at), Waiting::Hook(n))));
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        found.into_iter().map(|(_, waiting)| waiting).collect()
    }

    async fn choose(&mut self, with_faults: bool) {
        let mut waiting = self.waiting(false, None);
        if waiting.is_empty() {
            return self.pass_time().await;
        }
        let place = self.dice.below(waiting.len());
        self.act(waiting.swap_remove(place), with_faults).await;
    }

    /// Lets a store call go if one waits, else grants an instance, else ends an attempt, else lets a webhook answer, else lets time pass.
    pub async fn go_on(&mut self) {
        let mut waiting = self.waiting(false, None);
        let rank = |waiting: &Waiting| match waiting {
            Waiting::Call(_) => 0,
            Waiting::Acquire(_) => 1,
            Waiting::Run(_) => 2,
            Waiting::Hook(_) => 3,
        };
        waiting.sort_by_key(rank);
        match waiting.into_iter().next() {
            Some(first) => self.act(first, false).await,
            None => self.pass_time().await,
        }
        self.stage.settle().await;
    }

    async fn act(&mut self, waiting: Waiting, with_faults: bool) {
        let faulty = with_faults && self.dice.percent(self.fault_percent);
        match waiting {
            Waiting::Call(place) => {
                let verdict = if faulty { self.dice.pick(&[Verdict::FailBefore, Verdict::FailAfter]) } else { Verdict::Go };
                self.let_go(place, verdict).await;
            }
            Waiting::Acquire(place) => {
                let start = if faulty { self.dice.pick(&[Start::Exhausted, Start::Platform, Start::Broken]) } else { Start::Ready };
                let parked = self.stage.state().acquires.swap_remove(place);
                self.note(format!("life {} {}: {start:?}", parked.life.0, parked.what));
                _ = parked.choose.send(start);
            }
            Waiting::Run(place) => self.end_run(place, with_faults),
            Waiting::Hook(place) => {
                let took = !(with_faults && self.dice.percent(60));
                let parked = self.stage.state().hooks.swap_remove(place);
                self.note(format!("life {} {}: {}", parked.life.0, parked.what, if took { "takes it" } else { "fails" }));
                _ = parked.choose.send(took);
            }
        }
    }

    fn end_run(&mut self, place: usize, with_faults: bool) {
        let run = self.stage.state().runs.swap_remove(place);
        let finish = if run.stop.is_cancelled() {
            self.dice.pick(&[Finish::Stopped, Finish::Stopped, Finish::Ok, Finish::Error])
        } else if with_faults && self.dice.percent(50) {
            self.dice.pick(&[Finish::Error, Finish::Error, Finish::Platform])
        } else {
            Finish::Ok
        };
        self.note(format!("life {} {}: {finish:?}", run.parked.life.0, run.parked.what));
        _ = run.parked.choose.send(finish);
    }

    pub async fn let_go(&mut self, place: usize, verdict: Verdict) {
        let parked = self.stage.state().calls.swap_remove(place);
        self.note(format!("life {} {}: {verdict:?}", parked.life.0, parked.what));
        if parked.choose.send(verdict).is_ok() {
            self.stage.until_answered().await;
        }
    }
}
