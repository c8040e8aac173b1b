//! What must hold whatever happens: an independent record of every committed write, and the laws that each is checked against.

use crate::outbox_laws::Told;
use crate::stage::Life;
use crate::timer_laws::TimerLaws;
use engine::ports::{Claim, ClaimedTask, Firing, Inserted, LostTask, NewTask, TaskSeq, Transition, WorkerId};
use model::lifecycle::{self, Event};
use model::{Destinations, FunctionRef, RequestId, StateCounts, TaskRef, TaskStatus, UnixMillis};
use std::collections::{BTreeMap, BTreeSet};

/// A task as its committed writes made it.
pub struct Known {
    pub task: TaskRef,
    /// It is in the function's list and its counters.
    listed: bool,
    pub fence: i64,
    pub attempt: u32,
    pub holder: Option<Life>,
    /// When it may be claimed.
    run_at: UnixMillis,
    due_at: UnixMillis,
    expires_at: UnixMillis,
    /// Somebody has seen this lease lapsed, and may end it although the holder has been heard of since.
    seen_lost: bool,
    pub history: Vec<TaskStatus>,
    pub retried: u32,
    pub max_retries: u32,
    pub destinations: Destinations,
}

impl Known {
    pub fn status(&self) -> TaskStatus {
        self.history.last().copied().unwrap()
    }

    /// Nobody holds it and its age has passed: whoever sees that ends it.
    fn is_left_too_long(&self, change: &Transition) -> bool {
        const PLATFORM_WAIT_MS: i64 = 5 * 3_600_000;
        let was_given_back = change.from == TaskStatus::Processed && self.attempt == 0;
        let is_over_age = change.at > self.expires_at || was_given_back && change.at.since(self.due_at) > PLATFORM_WAIT_MS;
        let is_its_end = change.to == if self.attempt == 0 { TaskStatus::Expired } else { TaskStatus::Failed };
        self.holder.is_none() && is_over_age && is_its_end
    }
}

#[derive(Default)]
pub struct Laws {
    pub tasks: BTreeMap<TaskSeq, Known>,
    /// Outcomes that go to a destination.
    pub told: BTreeMap<TaskSeq, Told>,
    ids: BTreeMap<TaskRef, TaskSeq>,
    requests: BTreeMap<RequestId, TaskSeq>,
    alive_until: BTreeMap<Life, UnixMillis>,
    dead: BTreeSet<Life>,
    /// Tasks of a function that may be held at once.
    limits: BTreeMap<FunctionRef, u32>,
    /// Attempts whose code runs, by life and request.
    running: BTreeSet<(Life, RequestId)>,
    pub timers: TimerLaws,
    violations: Vec<String>,
}

/// The life that goes by this name.
fn life_of(worker: &WorkerId) -> Life {
    Life(worker.0.trim_start_matches('w').parse().unwrap())
}

impl Laws {
    pub fn broken(&mut self, what: String) {
        self.violations.push(what);
    }

    pub fn violation(&self) -> Option<&str> {
        self.violations.first().map(String::as_str)
    }

    pub fn find(&self, task: &TaskRef) -> Option<&Known> {
        self.ids.get(task).and_then(|seq| self.tasks.get(seq))
    }

    pub fn seq_of(&self, request: &RequestId) -> Option<TaskSeq> {
        self.requests.get(request).copied()
    }

    pub fn died(&mut self, life: Life) {
        self.dead.insert(life);
        self.running.retain(|(of, _)| *of != life);
    }

    pub fn inserted(&mut self, batch: &[NewTask], answer: &[Inserted]) {
        for (new, inserted) in batch.iter().zip(answer) {
            let task = new.function.task(new.id.clone());
            match (*inserted, self.ids.get(&task)) {
                (Inserted::New(seq), None) => {
                    self.ids.insert(task.clone(), seq);
                    self.requests.insert(new.request_id.clone(), seq);
                    let known = Known {
                        task,
                        listed: new.listed,
                        fence: 0,
                        attempt: 0,
                        holder: None,
                        run_at: new.due_at,
                        due_at: new.due_at,
                        expires_at: new.expires_at,
                        seen_lost: false,
                        history: vec![TaskStatus::Enqueued],
                        retried: 0,
                        max_retries: new.max_retries,
                        destinations: new.destinations.clone(),
                    };
                    self.tasks.insert(seq, known);
                    self.delivered_to_function(new);
                }
                (Inserted::Duplicate, Some(_)) => {}
                (Inserted::New(_), Some(_)) => self.broken(format!("dedupe: {} was stored twice", task.id)),
                (Inserted::Duplicate, None) => self.broken(format!("dedupe: {} was refused and is not stored", task.id)),
            }
        }
    }

    pub fn fired(&mut self, life: Life, batch: &[Firing], answer: &[Option<Inserted>]) {
        for (firing, inserted) in batch.iter().zip(answer) {
            self.violations.extend(self.timers.fired(life, firing, inserted.is_some()));
            match inserted {
                Some(Inserted::New(_)) => self.inserted(std::slice::from_ref(&firing.task), inserted.as_slice()),
                Some(Inserted::Duplicate) => self.broken(format!("timer: {} submitted one due time twice", firing.trigger.name)),
                None => {}
            }
        }
    }

    pub fn claimed(&mut self, claim: &Claim, claimed: &[ClaimedTask]) {
        let life = life_of(&claim.worker);
        if !claimed.is_empty() {
            self.alive(&claim.worker, claim.alive_until);
        }
        for task in claimed {
            let Some(known) = self.tasks.get_mut(&task.seq) else { return self.broken(format!("claim of unknown {}", task.task.id)) };
            let free = known.holder.is_none() && known.fence < task.fence && known.attempt == task.attempt && known.run_at <= claim.now;
            let follows = matches!(known.status(), TaskStatus::Enqueued | TaskStatus::Processed | TaskStatus::Retrying);
            if known.status() == TaskStatus::Enqueued {
                known.history.push(TaskStatus::Processed);
            }
            if task.begun_on.is_some() {
                known.history.push(TaskStatus::Running);
                known.attempt += 1;
            }
            let fits = free && follows && known.status() == task.status && known.retried == task.retried;
            (known.fence, known.holder, known.seen_lost) = (task.fence, Some(life), false);
            if !fits {
                self.broken(format!("claim of {} that was not free to take: {task:?}", task.task.id));
            }
        }
        self.keeps_limits(claimed);
    }

    pub fn holds_back(&mut self, function: FunctionRef, limit: Option<u32>) {
        match limit {
            Some(limit) => self.limits.insert(function, limit),
            None => self.limits.remove(&function),
        };
    }

    /// A function that is deleted, which is only ever the first, loses its pause and its limit.
    pub fn called(&mut self, name: &str) {
        if name == "delete_function" {
            self.limits.retain(|function, _| function.function.as_str() != "f0");
        }
    }

    /// After a claim no function that it took from has more in hand than it may.
    fn keeps_limits(&mut self, claimed: &[ClaimedTask]) {
        for function in claimed.iter().map(|task| &task.task.function) {
            let held = self.tasks.values().filter(|known| known.task.function == *function && known.holder.is_some()).count();
            if let Some(limit) = self.limits.get(function).filter(|limit| held > **limit as usize) {
                return self.broken(format!("limit: {held} tasks of {} are held instead of {limit}", function.function));
            }
        }
    }

    pub fn applied(&mut self, by: Life, batch: &[Transition], written: &[bool]) {
        for (change, written) in batch.iter().zip(written) {
            let Some(known) = self.tasks.get_mut(&change.seq) else {
                return self.broken(format!("change of an unknown task: {change:?}"));
            };
            let fits = known.status() == change.from && known.fence == change.fence && known.attempt == change.attempt;
            if fits != *written {
                let what = if *written { "written although stale" } else { "refused although right" };
                let text = format!(
                    "{what}: {change:?}; task {} {:?} fence {} attempt {}",
                    known.task.id, known.history, known.fence, known.attempt
                );
                return self.broken(text);
            }
            if *written {
                self.write(by, change);
            }
        }
    }

    fn write(&mut self, by: Life, change: &Transition) {
        let Some(known) = self.tasks.get_mut(&change.seq) else { return };
        let id = known.task.id.clone();
        let mut broken = Vec::new();
        if !Event::ALL.into_iter().any(|event| lifecycle::next(change.from, event) == Ok(change.to)) {
            broken.push(format!("illegal: {id} from {} to {}", change.from, change.to));
        }
        let of_anybody = change.to == TaskStatus::Stopping
            || change.to == TaskStatus::Invalid
            || change.to == TaskStatus::Stopped && change.from != TaskStatus::Stopping
            || known.is_left_too_long(change);
        if known.holder != Some(by) && !of_anybody && !known.seen_lost {
            broken.push(format!("stale lease: life {} wrote {} of {id}, held by {:?}", by.0, change.to, known.holder));
        }
        known.history.push(change.to);
        known.attempt += u32::from(change.set.started_on.is_some());
        known.retried += u32::from(change.set.count_retry);
        if known.retried > known.max_retries {
            broken.push(format!("{id} was retried {} times of {}", known.retried, known.max_retries));
        }
        let request = self.requests.iter().find(|(_, seq)| **seq == change.seq).map(|(request, _)| request.clone());
        if change.to.is_terminal() || change.set.next_run_at.is_some() {
            let holder = known.holder.take();
            known.fence += 1;
            known.run_at = change.set.next_run_at.unwrap_or(known.run_at);
            let runs_on = request.is_some_and(|request| self.running.contains(&(by, request)));
            if holder == Some(by) && change.from == TaskStatus::Stopping && runs_on {
                broken.push(format!("stop: {id} is Stopped and its code still runs"));
            }
        }
        self.violations.extend(broken);
        self.ended(change.seq, change.to, change.at);
    }

    pub fn released(&mut self, by: Life, (seq, fence, attempt): (TaskSeq, i64, u32), due: UnixMillis, written: bool) {
        let Some(known) = self.tasks.get_mut(&seq) else { return self.broken(format!("release of unknown {seq}")) };
        let waits = matches!(known.status(), TaskStatus::Processed | TaskStatus::Retrying);
        let fits = known.holder.is_some() && waits && known.fence == fence && known.attempt == attempt;
        let allowed = known.holder == Some(by) || known.seen_lost;
        if written {
            known.holder = None;
            known.fence += 1;
            known.run_at = due;
        }
        if fits != written || written && !allowed {
            self.broken(format!("release of {seq} by life {}: written {written}, right {fits}, allowed {allowed}", by.0));
        }
    }

    pub fn alive(&mut self, worker: &WorkerId, until: UnixMillis) {
        self.alive_until.insert(life_of(worker), until);
    }

    pub fn retired(&mut self, worker: &WorkerId) {
        self.alive_until.remove(&life_of(worker));
    }

    pub fn held(&mut self, life: Life, held: &[LostTask]) {
        let known = self.tasks.iter().filter(|(_, known)| known.holder == Some(life));
        let known: Vec<_> = known.map(|(seq, known)| (*seq, known.status(), known.fence)).collect();
        let told: Vec<_> = held.iter().map(|task| (task.seq, task.status, task.fence)).collect();
        if known != told {
            self.broken(format!("life {} holds {known:?} and was told {told:?}", life.0));
        }
    }

    pub fn lost(&mut self, now: UnixMillis, lost: &[LostTask]) {
        for task in lost {
            let Some(known) = self.tasks.get_mut(&task.seq) else { return self.broken(format!("unknown task lost: {task:?}")) };
            known.seen_lost = true;
            let Some(holder) = known.holder else { return self.broken(format!("nobody held {}", task.task.id)) };
            let lapsed = self.alive_until.get(&holder).is_none_or(|until| *until < now);
            if !lapsed && !self.dead.contains(&holder) {
                self.broken(format!("{} taken for lost while life {} holds it", task.task.id, holder.0));
            }
        }
    }

    /// Code begins: only of the life that holds the task, after its start was committed.
    pub fn begins(&mut self, life: Life, request: &RequestId) {
        let known = self.requests.get(request).and_then(|seq| self.tasks.get(seq));
        let holds =
            known.is_some_and(|known| known.holder == Some(life) && matches!(known.status(), TaskStatus::Running | TaskStatus::Stopping));
        if !holds {
            self.broken(format!("code of {request} begins in life {} that does not hold it", life.0));
        }
        if !self.running.insert((life, request.clone())) {
            self.broken(format!("code of {request} runs twice at once in life {}", life.0));
        }
    }

    pub fn ends(&mut self, life: Life, request: &RequestId) {
        self.running.remove(&(life, request.clone()));
    }

    /// Listed tasks of a function by state, counted one by one.
    pub fn recount(&self, function: &FunctionRef) -> StateCounts {
        let mut counts = StateCounts::default();
        for known in self.tasks.values().filter(|known| known.listed && known.task.function == *function) {
            counts.set(known.status(), counts.get(known.status()) + 1);
        }
        counts
    }
}
