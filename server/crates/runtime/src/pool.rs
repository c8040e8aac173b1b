//! Keeps instances warm and counts them: at most so many at once, the last used first, waiting invocations served in order.
//!
//! Every place an instance takes is a [`Slot`]; it is given on to the next in line when it is dropped, which happens only after the
//! instance has ended. The pool decides under its lock and acts outside of it.

use engine::clock::Clock;
use model::UnixMillis;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{Notify, oneshot};

/// How often a waiting invocation may be passed by ones that a free instance fits, before that instance is ended to make room.
const PASSED_MAX: u32 = 16;

/// Which invocations an instance can serve.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PoolKey {
    /// The function's id and the qualifier.
    pub(crate) scope: String,
    /// Changes with the function's code and configuration.
    pub(crate) version: String,
}

/// What the pool has to know of an instance.
pub(crate) trait Pooled: Send + 'static {
    /// Which invocations it can serve.
    fn key(&self) -> &PoolKey;
    /// False when it has ended by itself.
    fn is_alive(&self) -> bool;
}

/// Why no instance is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Too many wait already.
    Full,
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
    max: usize,
    max_waiting: usize,
    clock: Arc<dyn Clock>,
    retire: Retire<T>,
    state: Mutex<State<T>>,
    /// An instance became idle while none was.
    idled: Notify,
    /// The last slot was given back.
    emptied: Notify,
}

struct State<T: Pooled> {
    /// Slots given out and not yet given back.
    total: usize,
    /// Instances that are being ended to make room or because they are of no use.
    retiring: usize,
    /// The longest idle first.
    idle: Vec<Idle<T>>,
    waiters: VecDeque<Waiter<T>>,
    scopes: HashMap<String, Scope>,
    closed: bool,
}

struct Idle<T: Pooled> {
    item: T,
    slot: Slot<T>,
    since: UnixMillis,
}

struct Waiter<T: Pooled> {
    key: PoolKey,
    passed: u32,
    reply: oneshot::Sender<Grant<T>>,
}

/// The current version of a function with slots, and how many it has.
struct Scope {
    version: String,
    slots: usize,
}

/// A place for one instance. Dropping it gives the place to the next in line.
pub(crate) struct Slot<T: Pooled> {
    pool: Arc<Pool<T>>,
    scope: String,
    retiring: bool,
}

impl<T: Pooled> Drop for Slot<T> {
    fn drop(&mut self) {
        self.pool.free(&self.scope, self.retiring);
    }
}

/// An instance that is reserved. Dropping it gives it back.
pub(crate) struct Lease<T: Pooled> {
    held: Option<(T, Slot<T>)>,
}

impl<T: Pooled> Lease<T> {
    /// Reserves a new instance.
    pub(crate) fn new(item: T, slot: Slot<T>) -> Self {
        Self { held: Some((item, slot)) }
    }

    /// The instance.
    pub(crate) fn get(&self) -> Option<&T> {
        self.held.as_ref().map(|(item, _)| item)
    }

    /// Takes the instance out; the holder gives it back by a new lease or ends it.
    pub(crate) fn into_parts(mut self) -> Option<(T, Slot<T>)> {
        self.held.take()
    }
}

impl<T: Pooled> Drop for Lease<T> {
    fn drop(&mut self) {
        if let Some((item, slot)) = self.held.take() {
            Arc::clone(&slot.pool).release(item, slot);
        }
    }
}

/// What is left to do when the lock is open again.
enum Act<T: Pooled> {
    Give(oneshot::Sender<Grant<T>>, Grant<T>),
    Retire(T, Slot<T>),
}

impl<T: Pooled> State<T> {
    /// Prepares the end of an instance.
    fn retiring(&mut self, item: T, mut slot: Slot<T>) -> Act<T> {
        self.retiring += 1;
        slot.retiring = true;
        Act::Retire(item, slot)
    }

    /// Removes the idle instances that fit, each to be ended.
    fn retire_idle(&mut self, acts: &mut Vec<Act<T>>, unfit: impl Fn(&Idle<T>) -> bool) {
        let mut index = 0;
        while let Some(idle) = self.idle.get(index) {
            if unfit(idle) {
                let Idle { item, slot, .. } = self.idle.remove(index);
                acts.push(self.retiring(item, slot));
            } else {
                index += 1;
            }
        }
    }

    fn add_slot(&mut self, key: &PoolKey) {
        self.total += 1;
        let scope = self.scopes.entry(key.scope.clone()).or_insert_with(|| Scope { version: key.version.clone(), slots: 0 });
        scope.slots += 1;
    }

    fn remove_slot(&mut self, scope: &str) {
        self.total -= 1;
        if let Some(entry) = self.scopes.get_mut(scope) {
            entry.slots -= 1;
            if entry.slots == 0 {
                self.scopes.remove(scope);
            }
        }
    }

    fn is_current(&self, key: &PoolKey) -> bool {
        self.scopes.get(&key.scope).is_some_and(|scope| scope.version == key.version)
    }

    /// The waiting invocation that a free instance of this key is for.
    fn next_for(&mut self, key: &PoolKey) -> Option<Waiter<T>> {
        self.waiters.retain(|waiter| !waiter.reply.is_closed());
        let index = self.waiters.iter().position(|waiter| waiter.key == *key)?;
        if index > 0 {
            let front = self.waiters.front_mut()?;
            if front.passed >= PASSED_MAX {
                return None;
            }
            front.passed += 1;
        }
        self.waiters.remove(index)
    }
}

impl<T: Pooled> Pool<T> {
    /// An empty pool.
    pub(crate) fn new(max: usize, max_waiting: usize, clock: Arc<dyn Clock>, retire: Retire<T>) -> Arc<Self> {
        let state = State { total: 0, retiring: 0, idle: Vec::new(), waiters: VecDeque::new(), scopes: HashMap::new(), closed: false };
        let state = Mutex::new(state);
        Arc::new(Self { max, max_waiting, clock, retire, state, idled: Notify::new(), emptied: Notify::new() })
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

    /// Gives an instance or the right to start one, after a wait if there is no room.
    pub(crate) async fn acquire(self: &Arc<Self>, key: &PoolKey) -> Result<Grant<T>, Refusal> {
        let mut acts = Vec::new();
        let turn = self.take_or_wait(key, &mut acts);
        self.act(acts);
        match turn? {
            Turn::Now(grant) => Ok(grant),
            Turn::Later(granted) => granted.await.map_err(|_| Refusal::Closed),
        }
    }

    /// Up to `count` idle instances that fit, without a wait; none while an invocation waits in line.
    pub(crate) fn take_idle(&self, key: &PoolKey, count: usize) -> Vec<Lease<T>> {
        let mut guard = self.state();
        let state = &mut *guard;
        let mut taken = Vec::new();
        if state.closed || !state.waiters.is_empty() {
            return taken;
        }
        while taken.len() < count
            && let Some(index) = state.idle.iter().rposition(|idle| idle.item.key() == key && idle.item.is_alive())
        {
            let Idle { item, slot, .. } = state.idle.remove(index);
            taken.push(Lease::new(item, slot));
        }
        taken
    }

    fn take_or_wait(self: &Arc<Self>, key: &PoolKey, acts: &mut Vec<Act<T>>) -> Result<Turn<T>, Refusal> {
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
        state.retire_idle(acts, |idle| !idle.item.is_alive() || idle.item.key().scope == key.scope && idle.item.key() != key);
        if let Some(index) = state.idle.iter().rposition(|idle| idle.item.key() == key) {
            let Idle { item, slot, .. } = state.idle.remove(index);
            return Ok(Turn::Now(Grant::Warm(Lease::new(item, slot))));
        }
        if state.total < self.max {
            state.add_slot(key);
            return Ok(Turn::Now(Grant::Slot(self.slot(key))));
        }
        state.waiters.retain(|waiter| !waiter.reply.is_closed());
        if state.waiters.len() >= self.max_waiting {
            return Err(Refusal::Full);
        }
        let (reply, granted) = oneshot::channel();
        state.waiters.push_back(Waiter { key: key.clone(), passed: 0, reply });
        if state.retiring < state.waiters.len() && !state.idle.is_empty() {
            let Idle { item, slot, .. } = state.idle.remove(0);
            acts.push(state.retiring(item, slot));
        }
        Ok(Turn::Later(granted))
    }

    fn slot(self: &Arc<Self>, key: &PoolKey) -> Slot<T> {
        Slot { pool: Arc::clone(self), scope: key.scope.clone(), retiring: false }
    }

    /// Takes an instance back that can serve again.
    fn release(self: Arc<Self>, item: T, slot: Slot<T>) {
        let act = {
            let mut guard = self.state();
            let state = &mut *guard;
            if state.closed || !item.is_alive() || !state.is_current(item.key()) {
                Some(state.retiring(item, slot))
            } else if let Some(waiter) = state.next_for(item.key()) {
                Some(Act::Give(waiter.reply, Grant::Warm(Lease::new(item, slot))))
            } else if state.retiring < state.waiters.len() {
                Some(state.retiring(item, slot))
            } else {
                state.idle.push(Idle { item, slot, since: self.clock.now() });
                None
            }
        };
        match act {
            Some(act) => self.act(vec![act]),
            None => self.idled.notify_one(),
        }
    }

    /// Gives a free place to the next in line.
    fn free(self: &Arc<Self>, scope: &str, retiring: bool) {
        let act = {
            let mut guard = self.state();
            let state = &mut *guard;
            state.remove_slot(scope);
            state.retiring -= usize::from(retiring);
            state.waiters.retain(|waiter| !waiter.reply.is_closed());
            let next = state.waiters.pop_front().filter(|_| !state.closed);
            next.map(|waiter| {
                state.add_slot(&waiter.key);
                Act::Give(waiter.reply, Grant::Slot(self.slot(&waiter.key)))
            })
        };
        match act {
            Some(act) => self.act(vec![act]),
            None => self.emptied.notify_waiters(),
        }
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
            let first_due = self.state().idle.first().map(|idle| idle.since.plus_ms(timeout_ms));
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
            self.state().retire_idle(&mut acts, |idle| idle.since.plus_ms(timeout_ms) <= now);
            self.act(acts);
        }
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

enum Turn<T: Pooled> {
    Now(Grant<T>),
    Later(oneshot::Receiver<Grant<T>>),
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
