//! Keeps instances warm and counts them: at most so many at once, the last used first, waiting invocations served in order.
//!
//! A start costs more than a short wait: where a function has instances already, an invocation waits for one of them as long as a start
//! takes before it gets one of its own, and only so many start at once. On a machine that is busy already, more instances than that only take
//! turns.
//!
//! Besides its own limit there may be one for each function and qualifier and one for each region ([`Caps`]). Who waits under such a limit is
//! helped only by the end of an instance that counts against it.
//!
//! An instance may serve several requests at once ([`PoolKey::places`]); one with a place left takes the next request before another one is
//! started (`share.rs`).
//!
//! Every place an instance takes is a [`Slot`]; it is given on to the next in line when it is dropped, which happens only after the
//! instance has ended. The pool decides under its lock and acts outside of it.

mod flow;
mod keep;
mod lease;
mod share;
mod state;

use engine::clock::Clock;
pub(crate) use keep::Unready;
pub(crate) use lease::{Lease, Slot};
use model::UnixMillis;
use state::{Act, Bound, Idle, PATIENCE_MAX, State, Waiter};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{Notify, oneshot};

/// Instances that a function may get because its line does not end, for each that may start at once: more of them only take turns.
const LINE_INSTANCES: usize = 8;

/// How soon one that has waited long enough looks again whether an instance may be started for it.
const STARTS_RETRY: Duration = Duration::from_millis(20);

/// Which invocations an instance can serve.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PoolKey {
    /// The function's id, the qualifier, and the version that it leads to.
    pub(crate) scope: String,
    /// Changes with the function's code and configuration.
    pub(crate) version: String,
    /// What the function's limit is about: the function and its qualifier, whatever version that leads to.
    pub(crate) group: String,
    pub(crate) region: String,
    /// Requests that one instance serves at once.
    pub(crate) places: usize,
}

/// Instances that may live at once besides the pool's own limit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caps {
    /// Of a [`PoolKey::group`]; one that is not named has no limit.
    pub(crate) groups: HashMap<String, usize>,
    /// Of each region.
    pub(crate) region: Option<usize>,
}

/// What the pool has to know of an instance.
pub(crate) trait Pooled: Send + 'static {
    /// Which invocations it can serve.
    fn key(&self) -> &PoolKey;
    /// False when it has ended by itself.
    fn is_alive(&self) -> bool;
    /// True while somebody has logged on to it: it is not ended for being idle then, nor to make room.
    fn is_visited(&self) -> bool {
        false
    }
    /// Another hold of an instance that serves several requests at once.
    fn another(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
    /// True when it takes further requests; one that does not ends with the last that it serves.
    fn is_open(&self) -> bool {
        self.is_alive()
    }
}

/// Why no instance is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Too many wait already.
    Full,
    /// The function or its region has as many instances as it may, and the caller did not want to wait for one of them for long.
    Capped,
    /// The pool is closed.
    Closed,
}

/// What an invocation gets.
pub(crate) enum Grant<T: Pooled> {
    /// An instance that waited for it.
    Warm(Lease<T>),
    /// The right to start one.
    Slot(Slot<T>),
}

/// Ends an instance that the pool has no use for, in the background, and drops its slot when that is done.
pub(crate) type Retire<T> = Box<dyn Fn(T, Slot<T>) + Send + Sync>;

/// The pool.
pub(crate) struct Pool<T: Pooled> {
    max_waiting: usize,
    /// Instances of a function that may start at once besides the first, or as many as it has, if that is more. `None`: every invocation that
    /// finds no idle instance gets a new one while there is room.
    starts_max: Option<usize>,
    clock: Arc<dyn Clock>,
    retire: Retire<T>,
    state: Mutex<State<T>>,
    /// An instance became idle while none was.
    idled: Notify,
    /// An instance, or a place of one, is free.
    free: Notify,
    /// The last slot was given back.
    emptied: Notify,
    /// A slot was given back.
    freed: Notify,
}

impl<T: Pooled> Pool<T> {
    /// An empty pool.
    pub(crate) fn new(max: usize, max_waiting: usize, starts_max: Option<usize>, clock: Arc<dyn Clock>, retire: Retire<T>) -> Arc<Self> {
        let state = Mutex::new(State::new(max));
        Arc::new(Self {
            max_waiting,
            starts_max,
            clock,
            retire,
            state,
            idled: Notify::new(),
            free: Notify::new(),
            emptied: Notify::new(),
            freed: Notify::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn act(&self, acts: Vec<Act<T>>) {
        for act in acts {
            match act {
                // A grant that nobody takes any more is dropped here, and by that given to the next.
                Act::Give(reply, grant) => drop(reply.send(grant)),
                Act::Retire(item, slot) => (self.retire)(item, slot),
            }
        }
    }

    /// Gives an instance or the right to start one, after a wait if there is no room. `in_haste`: where a cap leaves no room, the wait is
    /// only as long as one is worth that could be answered by a new instance.
    pub(crate) async fn acquire(self: &Arc<Self>, key: &PoolKey, in_haste: bool) -> Result<Grant<T>, Refusal> {
        let mut acts = Vec::new();
        let turn = self.take_or_wait(key, in_haste, &mut acts);
        self.act(acts);
        match turn? {
            Turn::Now(grant) => Ok(grant),
            Turn::Later(granted) => granted.await.map_err(|_| Refusal::Closed),
            Turn::Briefly { mut granted, number, patience } => {
                tokio::select! {
                    biased;
                    grant = &mut granted => return grant.map_err(|_| Refusal::Closed),
                    () = self.clock.sleep(patience) => {}
                }
                if self.leave(number) {
                    return Err(Refusal::Capped);
                }
                granted.await.map_err(|_| Refusal::Closed)
            }
            Turn::Soon { mut granted, number, patience } => {
                let mut wait = patience;
                loop {
                    tokio::select! {
                        biased;
                        grant = &mut granted => return grant.map_err(|_| Refusal::Closed),
                        () = self.clock.sleep(wait) => {}
                    }
                    let mut acts = Vec::new();
                    let place = self.insist(number, key, in_haste, &mut acts);
                    self.act(acts);
                    match place {
                        Place::Free(slot) => return Ok(Grant::Slot(slot)),
                        Place::Starting => wait = STARTS_RETRY,
                        Place::Capped => return Err(Refusal::Capped),
                        Place::None => return granted.await.map_err(|_| Refusal::Closed),
                    }
                }
            }
        }
    }

    /// The right to start an instance for one whose patience has ended; without room it waits on, as one that had never been patient.
    fn insist(self: &Arc<Self>, number: u64, key: &PoolKey, in_haste: bool, acts: &mut Vec<Act<T>>) -> Place<T> {
        let mut guard = self.state();
        let state = &mut *guard;
        // It is granted something at this moment.
        let Some(index) = state.waiters.iter().position(|waiter| waiter.number == number) else { return Place::None };
        let bound = state.bound(key);
        if bound.is_none() {
            if state.starts_enough(key, self.starts_max.unwrap_or(usize::MAX)) {
                return Place::Starting;
            }
            state.waiters.remove(index);
            state.add_slot(key);
            return Place::Free(self.slot(key));
        }
        if in_haste && bound.is_some_and(Bound::is_cap) {
            state.waiters.remove(index);
            return Place::Capped;
        }
        if let Some(waiter) = state.waiters.get_mut(index) {
            waiter.patient = false;
        }
        state.make_room(acts);
        Place::None
    }

    /// Ends a wait; false when it is granted something at this moment.
    fn leave(&self, number: u64) -> bool {
        let waiters = &mut self.state().waiters;
        let index = waiters.iter().position(|waiter| waiter.number == number);
        index.and_then(|index| waiters.remove(index)).is_some()
    }

    /// Other caps hold from now on: who waits may have room by that, and idle instances over a cap are ended.
    pub(crate) fn set_caps(self: &Arc<Self>, caps: Caps) {
        let mut acts = Vec::new();
        {
            let mut guard = self.state();
            // One that the pool's own limit does not let anybody reach is none.
            guard.caps = Caps { region: caps.region.filter(|most| *most < guard.max), ..caps };
            guard.retire_over(&mut acts);
            while let Some(act) = self.grant_room(&mut guard, None) {
                acts.push(act);
            }
        }
        self.act(acts);
    }

    /// Learns how long a start took; the new instance also serves others that wait, as far as it has places.
    fn started(&self, item: &T, slot: &Slot<T>, since: UnixMillis) {
        let now = self.clock.now();
        let mut acts = Vec::new();
        {
            let mut state = self.state();
            if let Some(scope) = state.scopes.get_mut(&item.key().scope) {
                scope.start_ms = Some(now.since(since).unsigned_abs());
                scope.starting -= 1;
            }
            if item.key().places > 1 {
                state.open_up(item, slot);
                state.fill(slot, &mut acts);
            }
        }
        self.act(acts);
    }

    /// Up to `count` idle instances, or places of instances, that fit, without a wait; none while an invocation waits in line for one or for
    /// the room that one takes.
    pub(crate) fn take_idle(&self, key: &PoolKey, count: usize) -> Vec<Lease<T>> {
        let mut guard = self.state();
        let state = &mut *guard;
        let mut taken = Vec::new();
        if state.closed || state.without_room(key) > 0 || state.waiters.iter().any(|waiter| waiter.key == *key) {
            return taken;
        }
        while taken.len() < count {
            if let Some(lease) = state.take_place(key) {
                taken.push(lease);
            } else if let Some(index) = state.idle.iter().rposition(|idle| idle.item.key() == key && idle.item.is_open()) {
                let Idle { item, slot, .. } = state.idle.remove(index);
                taken.push(state.lease(item, slot));
            } else {
                break;
            }
        }
        taken
    }

    fn take_or_wait(self: &Arc<Self>, key: &PoolKey, in_haste: bool, acts: &mut Vec<Act<T>>) -> Result<Turn<T>, Refusal> {
        let mut guard = self.state();
        let state = &mut *guard;
        if state.closed {
            return Err(Refusal::Closed);
        }
        if let Some(scope) = state.scopes.get_mut(&key.scope)
            && scope.version != key.version
        {
            scope.version.clone_from(&key.version);
        }
        state.retire_idle(acts, |idle| !idle.item.is_open() || idle.item.key().scope == key.scope && idle.item.key() != key);
        if let Some(lease) = state.take_place(key) {
            return Ok(Turn::Now(Grant::Warm(lease)));
        }
        if let Some(index) = state.idle.iter().rposition(|idle| idle.item.key() == key) {
            let Idle { item, slot, .. } = state.idle.remove(index);
            return Ok(Turn::Now(Grant::Warm(state.lease(item, slot))));
        }
        state.waiters.retain(|waiter| !waiter.reply.is_closed());
        let bound = state.bound(key);
        let has_room = bound.is_none();
        let is_full = state.waiters.len() >= self.max_waiting;
        let patience = match self.starts_max {
            Some(starts_max) if has_room && !is_full => state.patience(key).filter(|patience| {
                // Who can't try again later has come for an answer, which one instance more would make others wait for.
                let lasts = state.line_lasts(key, *patience, self.clock.now(), starts_max * LINE_INSTANCES);
                in_haste || !lasts || state.starts_enough(key, starts_max)
            }),
            _ => None,
        };
        if has_room && patience.is_none() {
            state.add_slot(key);
            return Ok(Turn::Now(Grant::Slot(self.slot(key))));
        }
        if is_full {
            return Err(Refusal::Full);
        }
        let (reply, granted) = oneshot::channel();
        state.last_waiter += 1;
        let number = state.last_waiter;
        state.waiters.push_back(Waiter { number, patient: patience.is_some(), key: key.clone(), passed: 0, reply });
        if let Some(patience) = patience {
            return Ok(Turn::Soon { granted, number, patience });
        }
        state.make_room(acts);
        if in_haste && bound.is_some_and(Bound::is_cap) {
            let patience = state.patience(key).unwrap_or(PATIENCE_MAX);
            return Ok(Turn::Briefly { granted, number, patience });
        }
        Ok(Turn::Later(granted))
    }

    fn slot(self: &Arc<Self>, key: &PoolKey) -> Slot<T> {
        Slot::new(Arc::clone(self), key, self.clock.now())
    }

    /// Takes an instance back that can serve again, or a place of one.
    fn release(self: Arc<Self>, item: T, slot: Slot<T>) {
        if item.key().places > 1 {
            return self.release_place(&slot);
        }
        let act = {
            let mut guard = self.state();
            let state = &mut *guard;
            state.given_back(item.key(), self.clock.now());
            if state.closed || !item.is_open() || !state.is_current(item.key()) || state.is_over(item.key()) {
                Some(state.retiring(item, slot))
            } else if let Some(waiter) = state.next_for(item.key()) {
                Some(Act::Give(waiter.reply, Grant::Warm(Lease::new(item, slot))))
            } else if state.has_to_end(item.key()) && state.over_floor(item.key()) > 0 && !item.is_visited() {
                Some(state.retiring(item, slot))
            } else {
                state.idle.push(Idle { item, slot, since: self.clock.now() });
                None
            }
        };
        match act {
            Some(act) => self.act(vec![act]),
            None => self.tell_idle(),
        }
    }

    /// Gives a free place to the next in line.
    fn free(self: &Arc<Self>, key: &PoolKey, retiring: bool, starting: bool) {
        let mut acts = Vec::new();
        {
            let mut guard = self.state();
            guard.remove_slot(key, retiring, starting);
            match self.grant_room(&mut guard, Some(&key.scope)) {
                Some(act) => acts.push(act),
                // The place is of no use to who waits under a cap: what is, may not have been ended while this one was ending.
                None => guard.make_room(&mut acts),
            }
        }
        self.emptied.notify_waiters();
        self.freed.notify_one();
        self.act(acts);
    }

    /// Gives a place to the first in line that there is room for. `freed` is the scope that it was freed by.
    fn grant_room(self: &Arc<Self>, state: &mut State<T>, freed: Option<&str>) -> Option<Act<T>> {
        state.waiters.retain(|waiter| !waiter.reply.is_closed());
        if state.closed {
            return None;
        }
        let waiter = state.next_without_instance(freed)?;
        state.add_slot(&waiter.key);
        Some(Act::Give(waiter.reply, Grant::Slot(self.slot(&waiter.key))))
    }

    /// Ends the idle instances that the caller names.
    pub(crate) fn discard(&self, unfit: impl Fn(&T) -> bool) {
        let mut acts = Vec::new();
        self.state().retire_idle(&mut acts, |idle| unfit(&idle.item));
        self.act(acts);
    }

    /// Ends instances that have been idle for so long; runs until it is dropped.
    pub(crate) async fn end_idle(&self, idle_timeout: Duration) {
        let timeout_ms = i64::try_from(idle_timeout.as_millis()).unwrap_or(i64::MAX);
        loop {
            let idled = self.idled.notified();
            let first_due = self.state().first_unkept().map(|since| since.plus_ms(timeout_ms));
            let Some(due) = first_due else {
                idled.await;
                continue;
            };
            let wait = due.since(self.clock.now());
            if let Ok(wait @ 1..) = u64::try_from(wait) {
                self.clock.sleep(Duration::from_millis(wait)).await;
            }
            let now = self.clock.now();
            let mut acts = Vec::new();
            self.state().retire_unkept(&mut acts, |idle| idle.since.plus_ms(timeout_ms) <= now);
            self.act(acts);
        }
    }

    /// The visitors of an instance have left: if it is idle, it is so from now on, and makes room for those who wait.
    pub(crate) fn left(&self, which: impl Fn(&T) -> bool) {
        let mut acts = Vec::new();
        {
            let mut guard = self.state();
            let state = &mut *guard;
            if let Some(index) = state.idle.iter().position(|idle| which(&idle.item)) {
                let idle = state.idle.remove(index);
                state.idle.push(Idle { since: self.clock.now(), ..idle });
            }
            state.make_room(&mut acts);
        }
        self.act(acts);
        self.idled.notify_one();
    }

    /// Refuses everything from now on and ends the idle instances.
    pub(crate) fn close(&self) {
        let mut acts = Vec::new();
        let waiters = {
            let mut guard = self.state();
            guard.closed = true;
            guard.retire_idle(&mut acts, |_| true);
            std::mem::take(&mut guard.waiters)
        };
        drop(waiters);
        self.act(acts);
    }

    /// Waits until every slot has been given back.
    pub(crate) async fn wait_empty(&self) {
        loop {
            let emptied = self.emptied.notified();
            tokio::pin!(emptied);
            emptied.as_mut().enable();
            if self.state().total == 0 {
                return;
            }
            emptied.await;
        }
    }
}

/// What there is for one whose patience has ended.
enum Place<T: Pooled> {
    Free(Slot<T>),
    /// Enough instances of its function start already.
    Starting,
    /// A cap leaves no room, and it has waited for as long as it wanted to.
    Capped,
    None,
}

enum Turn<T: Pooled> {
    Now(Grant<T>),
    Later(oneshot::Receiver<Grant<T>>),
    /// Under a cap; after `patience` the invocation gives up.
    Briefly {
        granted: oneshot::Receiver<Grant<T>>,
        number: u64,
        patience: Duration,
    },
    /// Worth a wait; after `patience` the invocation asks for a place of its own.
    Soon {
        granted: oneshot::Receiver<Grant<T>>,
        number: u64,
        patience: Duration,
    },
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
