//! Instances that serve several requests at once: each has places, and is idle when none of them is taken.
//!
//! One that is to end takes no further request and ends with its last one.

use super::{
    Grant, Pool, PoolKey, Pooled, Slot,
    lease::Lease,
    state::{Act, Idle, State},
};
use model::UnixMillis;

/// An instance that serves at least one request and may have places for more.
pub(super) struct Open<T: Pooled> {
    item: T,
    slot: Slot<T>,
    /// Places taken.
    used: usize,
    /// It takes no further requests.
    is_closing: bool,
}

impl<T: Pooled> Open<T> {
    fn has_place_for(&self, key: &PoolKey) -> bool {
        self.item.key() == key && self.used < key.places && !self.is_closing && self.item.is_open()
    }
}

impl<T: Pooled> Pool<T> {
    /// Takes a place back.
    pub(super) fn release_place(&self, slot: &Slot<T>) {
        let mut acts = Vec::new();
        let is_idle = self.state().give_back(slot, self.clock.now(), &mut acts);
        self.act(acts);
        if is_idle {
            self.idled.notify_one();
        }
        self.free.notify_one();
    }
}

impl<T: Pooled> State<T> {
    /// Reserves an instance that serves nobody.
    pub(super) fn lease(&mut self, item: T, slot: Slot<T>) -> Lease<T> {
        self.open_up(&item, &slot);
        Lease::new(item, slot)
    }

    /// Takes note of an instance with more places than the one that is about to be taken.
    pub(super) fn open_up(&mut self, item: &T, slot: &Slot<T>) {
        if item.key().places > 1
            && let Some(item) = item.another()
        {
            self.open.push(Open { item, slot: slot.copy(), used: 1, is_closing: false });
        }
    }

    /// A place on an instance that serves others: on the fullest, so that others get idle.
    pub(super) fn take_place(&mut self, key: &PoolKey) -> Option<Lease<T>> {
        if self.open.is_empty() {
            return None;
        }
        let with_place = self.open.iter().enumerate().filter(|(_, open)| open.has_place_for(key));
        let (index, _) = with_place.max_by_key(|(_, open)| open.used)?;
        // Who waits for the room that its end makes is not passed for ever.
        let is_due = !self.pass(key, self.waiters.len()) && self.has_to_end(key);
        let open = self.open.get_mut(index)?;
        if is_due {
            open.is_closing = true;
            return None;
        }
        let item = open.item.another()?;
        open.used += 1;
        Some(Lease::new(item, open.slot.copy()))
    }

    /// Gives free places of a new instance to those who wait for one.
    pub(super) fn fill(&mut self, slot: &Slot<T>, acts: &mut Vec<Act<T>>) {
        let Some(key) = self.open.iter().find(|open| open.slot.is(slot)).map(|open| open.item.key().clone()) else { return };
        while self.open.iter().any(|open| open.slot.is(slot) && open.has_place_for(&key)) {
            let Some(waiter) = self.next_for(&key) else { return };
            let Some(open) = self.open.iter_mut().find(|open| open.slot.is(slot)) else { return };
            let Some(item) = open.item.another() else { return };
            open.used += 1;
            acts.push(Act::Give(waiter.reply, Grant::Warm(Lease::new(item, open.slot.copy()))));
        }
    }

    /// Takes a place back; true when the instance is idle now.
    pub(super) fn give_back(&mut self, slot: &Slot<T>, now: UnixMillis, acts: &mut Vec<Act<T>>) -> bool {
        let Some(index) = self.open.iter().position(|open| open.slot.is(slot)) else { return false };
        let Some(open) = self.open.get_mut(index) else { return false };
        open.used -= 1;
        let (key, is_open, used) = (open.item.key().clone(), open.item.is_open() && !open.is_closing, open.used);
        self.given_back(&key, now);
        let may_serve = is_open && !self.closed && self.is_current(&key) && !self.is_over_without_closing(&key);
        if may_serve {
            self.fill(slot, acts);
        }
        let Some(open) = self.open.get_mut(index) else { return false };
        if open.used > used {
            return false;
        }
        open.is_closing |= !may_serve;
        // Whoever waits for room that its end makes was passed too often.
        let is_due = !open.is_closing && used == 0 && !open.item.is_visited();
        let is_ending = open.is_closing || is_due && self.over_floor(&key) > 0 && self.has_to_end(&key);
        if used > 0 {
            return false;
        }
        let Open { item, slot, .. } = self.open.remove(index);
        if is_ending {
            acts.push(self.retiring(item, slot));
            return false;
        }
        self.idle.push(Idle { item, slot, since: now });
        true
    }

    /// True when an instance of this key has to end for those who wait for the room, besides those that do.
    pub(super) fn has_to_end(&self, key: &PoolKey) -> bool {
        self.ending() < self.without_room(key)
    }

    /// Instances that are being ended or end with their last request.
    pub(super) fn ending(&self) -> usize {
        self.retiring + self.open.iter().filter(|open| open.is_closing).count()
    }

    /// True while there are more instances than a cap allows, those not counted that end with their last request.
    fn is_over_without_closing(&self, key: &PoolKey) -> bool {
        let closing = |fits: &dyn Fn(&PoolKey) -> bool| self.open.iter().filter(|open| open.is_closing && fits(open.item.key())).count();
        let of_group = closing(&|other| other.group == key.group);
        let of_region = closing(&|other| other.region == key.region);
        self.is_over_by(key, of_group, of_region)
    }
}
