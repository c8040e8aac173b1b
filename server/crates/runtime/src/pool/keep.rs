//! Floors: instances that a pool keeps, whether there is work for them or not.

use super::{
    Act, Bound, Pool, PoolKey, Pooled, Slot,
    state::{Idle, State},
};
use model::UnixMillis;
use std::{collections::HashMap, sync::Arc};

/// Why there is no place for an instance that has to be ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unready {
    /// The pool is closed, or runs another version by now.
    #[error("the function has changed")]
    Gone,
    #[error("the function has as many instances as its on-demand configuration allows")]
    Function,
    #[error("the region has as many instances as it may")]
    Region,
    #[error("the server has as many instances as it may, and all are at work or kept ready")]
    Server,
}

impl<T: Pooled> Pool<T> {
    /// Instances that floors may keep: so many that the others are left a quarter.
    pub(crate) fn floors_max(&self) -> usize {
        self.state().floors_max()
    }

    /// Keeps so many instances of these keys, and of no others; returns how many each gets, the first first. Idle instances of other versions
    /// of the same end.
    pub(crate) fn set_floors(&self, wanted: &[(PoolKey, usize)]) -> Vec<usize> {
        let mut acts = Vec::new();
        let granted = self.state().set_floors(wanted, &mut acts);
        // Some may be kept no longer.
        self.idled.notify_one();
        self.act(acts);
        granted
    }

    /// Instances of a key that are ready or at work, and those that start.
    pub(crate) fn live(&self, key: &PoolKey) -> usize {
        self.state().live.get(key).copied().unwrap_or(0)
    }

    /// Instances of a key that are ready or at work.
    pub(crate) fn ready(&self, key: &PoolKey) -> usize {
        let state = self.state();
        let starting = state.scopes.get(&key.scope).map_or(0, |scope| scope.starting);
        state.live.get(key).copied().unwrap_or(0).saturating_sub(starting)
    }

    /// The right to start an instance that is to be kept. Where the server has no room, an idle one that is not kept ends for it.
    pub(crate) fn slot_to_keep(self: &Arc<Self>, key: &PoolKey) -> Result<Slot<T>, Unready> {
        let mut acts = Vec::new();
        let place = self.state().place_to_keep(key, &mut acts);
        self.act(acts);
        place.map(|()| self.slot(key))
    }

    /// Returns when a slot was given back since the last call.
    pub(crate) async fn freed(&self) {
        self.freed.notified().await;
    }
}

impl<T: Pooled> State<T> {
    fn floors_max(&self) -> usize {
        self.max - self.max.div_ceil(4)
    }

    fn set_floors(&mut self, wanted: &[(PoolKey, usize)], acts: &mut Vec<Act<T>>) -> Vec<usize> {
        let mut left = self.floors_max();
        let mut granted = Vec::with_capacity(wanted.len());
        self.floors.clear();
        for (key, count) in wanted {
            let count = (*count).min(left);
            left -= count;
            granted.push(count);
            self.floors.insert(key.clone(), count);
            if let Some(scope) = self.scopes.get_mut(&key.scope) {
                scope.version.clone_from(&key.version);
            }
            self.retire_idle(acts, |idle| idle.item.key().scope == key.scope && idle.item.key() != key);
        }
        granted
    }

    fn place_to_keep(&mut self, key: &PoolKey, acts: &mut Vec<Act<T>>) -> Result<(), Unready> {
        let is_other = self.scopes.get(&key.scope).is_some_and(|scope| scope.version != key.version);
        if self.closed || is_other {
            return Err(Unready::Gone);
        }
        match self.bound(key) {
            None => {
                self.add_slot(key);
                Ok(())
            }
            Some(Bound::Group) => Err(Unready::Function),
            Some(Bound::Region) => Err(Unready::Region),
            Some(Bound::Total) => {
                // One at a time: its place may go to who has waited for one.
                if self.retiring == 0
                    && let Some(index) = self.unkept().first().copied()
                {
                    let Idle { item, slot, .. } = self.idle.remove(index);
                    acts.push(self.retiring(item, slot));
                }
                Err(Unready::Server)
            }
        }
    }

    /// One less of a key is live.
    pub(super) fn lose(&mut self, key: &PoolKey) {
        if let Some(count) = self.live.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                self.live.remove(key);
            }
        }
    }

    /// How many instances of a key may end without one that is kept among them.
    pub(super) fn over_floor(&self, key: &PoolKey) -> usize {
        let Some(floor) = self.floors.get(key) else { return usize::MAX };
        self.live.get(key).copied().unwrap_or(0).saturating_sub(*floor)
    }

    /// Places of the idle instances that no floor and no visitor keeps, the longest idle first.
    pub(super) fn unkept(&self) -> Vec<usize> {
        let mut over: HashMap<&PoolKey, usize> = HashMap::new();
        let mut may_end = |key| {
            let left = over.entry(key).or_insert_with(|| self.over_floor(key));
            let may = *left > 0;
            *left = left.saturating_sub(1);
            may
        };
        let idle = self.idle.iter().enumerate();
        idle.filter(|(_, idle)| !idle.item.is_visited() && may_end(idle.item.key())).map(|(index, _)| index).collect()
    }

    /// Since when the longest idle instance that no floor keeps is idle.
    pub(super) fn first_unkept(&self) -> Option<UnixMillis> {
        self.unkept().first().and_then(|index| self.idle.get(*index)).map(|idle| idle.since)
    }

    /// Removes those idle instances that fit and that no floor keeps, each to be ended.
    pub(super) fn retire_unkept(&mut self, acts: &mut Vec<Act<T>>, unfit: impl Fn(&Idle<T>) -> bool) {
        for index in self.unkept().into_iter().rev() {
            if self.idle.get(index).is_some_and(&unfit) {
                let Idle { item, slot, .. } = self.idle.remove(index);
                acts.push(self.retiring(item, slot));
            }
        }
    }
}
