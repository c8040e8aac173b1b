//! What a pool keeps under its lock, and the decisions about it.

use super::{Grant, PoolKey, Pooled, Slot};
use model::UnixMillis;
use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};
use tokio::sync::oneshot;

/// How often a waiting invocation may be passed by ones that a free instance fits, before that instance is ended to make room.
pub(super) const PASSED_MAX: u32 = 16;

/// Bounds of how long an invocation waits for a busy instance before another one is started, in milliseconds. The upper one also holds
/// while it is not known yet how long a start of the function takes.
const PATIENCE_MS: std::ops::RangeInclusive<u64> = 10..=200;

/// A wait as long as so many starts is worth one: what is gained by a process more has to outweigh what its start takes from the others.
const STARTS_WORTH: u64 = 2;

pub(super) struct State<T: Pooled> {
    /// Slots given out and not yet given back.
    pub(super) total: usize,
    /// Instances that are being ended to make room or because they are of no use.
    pub(super) retiring: usize,
    /// The longest idle first.
    pub(super) idle: Vec<Idle<T>>,
    /// In the order in which they came.
    pub(super) waiters: VecDeque<Waiter<T>>,
    /// Number of the last one.
    pub(super) last_waiter: u64,
    pub(super) scopes: HashMap<String, Scope>,
    pub(super) closed: bool,
}

pub(super) struct Idle<T: Pooled> {
    pub(super) item: T,
    pub(super) slot: Slot<T>,
    pub(super) since: UnixMillis,
}

pub(super) struct Waiter<T: Pooled> {
    pub(super) number: u64,
    /// There is room for it, and it waits for a busy instance all the same.
    pub(super) patient: bool,
    pub(super) key: PoolKey,
    pub(super) passed: u32,
    pub(super) reply: oneshot::Sender<Grant<T>>,
}

/// The current version of a function with slots, and how many it has.
pub(super) struct Scope {
    pub(super) version: String,
    pub(super) slots: usize,
    /// Slots without an instance yet.
    pub(super) starting: usize,
    /// How long the last start took, in milliseconds.
    pub(super) start_ms: Option<u64>,
}

/// What is left to do when the lock is open again.
pub(super) enum Act<T: Pooled> {
    Give(oneshot::Sender<Grant<T>>, Grant<T>),
    Retire(T, Slot<T>),
}

impl<T: Pooled> State<T> {
    /// Prepares the end of an instance.
    pub(super) fn retiring(&mut self, item: T, mut slot: Slot<T>) -> Act<T> {
        self.retiring += 1;
        slot.retiring = true;
        Act::Retire(item, slot)
    }

    /// Removes the idle instances that fit, each to be ended.
    pub(super) fn retire_idle(&mut self, acts: &mut Vec<Act<T>>, unfit: impl Fn(&Idle<T>) -> bool) {
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

    pub(super) fn add_slot(&mut self, key: &PoolKey) {
        self.total += 1;
        let scope = self.scopes.entry(key.scope.clone()).or_insert_with(|| Scope {
            version: key.version.clone(),
            slots: 0,
            starting: 0,
            start_ms: None,
        });
        scope.slots += 1;
        scope.starting += 1;
    }

    pub(super) fn remove_slot(&mut self, scope: &str, starting: bool) {
        self.total -= 1;
        if let Some(entry) = self.scopes.get_mut(scope) {
            entry.slots -= 1;
            entry.starting -= usize::from(starting);
            if entry.slots == 0 {
                self.scopes.remove(scope);
            }
        }
    }

    pub(super) fn is_current(&self, key: &PoolKey) -> bool {
        self.scopes.get(&key.scope).is_some_and(|scope| scope.version == key.version)
    }

    /// The waiting invocation that a free instance of this key is for.
    pub(super) fn next_for(&mut self, key: &PoolKey) -> Option<Waiter<T>> {
        self.waiters.retain(|waiter| !waiter.reply.is_closed());
        let index = self.waiters.iter().position(|waiter| waiter.key == *key)?;
        if let Some(front) = self.waiters.iter_mut().take(index).find(|waiter| !waiter.patient) {
            if front.passed >= PASSED_MAX {
                return None;
            }
            front.passed += 1;
        }
        self.waiters.remove(index)
    }

    /// The one that gets a place that was freed: the first that waits for room, or one whose function has lost the instances that it waits for.
    pub(super) fn next_without_instance(&mut self, freed: &str) -> Option<Waiter<T>> {
        let is_lost = |waiter: &Waiter<T>| waiter.key.scope == freed && !self.scopes.contains_key(freed);
        let index = self.waiters.iter().position(|waiter| !waiter.patient || is_lost(waiter))?;
        self.waiters.remove(index)
    }

    /// How many wait for room.
    pub(super) fn without_room(&self) -> usize {
        self.waiters.iter().filter(|waiter| !waiter.patient).count()
    }

    /// Ends the longest idle instance when one more has to make room.
    pub(super) fn make_room(&mut self, acts: &mut Vec<Act<T>>) {
        let unvisited = self.idle.iter().position(|idle| !idle.item.is_visited());
        if self.retiring < self.without_room()
            && let Some(index) = unvisited
        {
            let Idle { item, slot, .. } = self.idle.remove(index);
            acts.push(self.retiring(item, slot));
        }
    }

    /// As many instances of the function start as may at once: `most`, or as many as it has.
    pub(super) fn starts_enough(&self, key: &PoolKey, most: usize) -> bool {
        self.scopes.get(&key.scope).is_some_and(|scope| scope.starting >= most.max(scope.slots - scope.starting))
    }

    /// How long it is worth to wait for an instance of the function that is busy or starts; nothing where it has none.
    pub(super) fn patience(&self, key: &PoolKey) -> Option<Duration> {
        let scope = self.scopes.get(&key.scope)?;
        let ms = scope.start_ms.map_or(u64::MAX, |ms| STARTS_WORTH * ms).clamp(*PATIENCE_MS.start(), *PATIENCE_MS.end());
        Some(Duration::from_millis(ms))
    }
}
