//! What a pool keeps under its lock, and the decisions about it.

use super::{Caps, Grant, PoolKey, Pooled, Slot, share::Open};
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

/// The upper bound as a time.
pub(super) const PATIENCE_MAX: Duration = Duration::from_millis(*PATIENCE_MS.end());

/// A wait as long as so many starts is worth one: what is gained by a process more has to outweigh what its start takes from the others.
const STARTS_WORTH: u64 = 2;

/// What leaves no room for one more instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// The cap of its group.
    Group,
    /// The cap of its region.
    Region,
    /// The pool's own limit.
    Total,
}

impl Bound {
    pub(super) fn is_cap(self) -> bool {
        self != Self::Total
    }
}

pub(super) struct State<T: Pooled> {
    /// Slots that may be given out at once.
    pub(super) max: usize,
    pub(super) caps: Caps,
    /// Instances of a key that are kept, whether there is work for them or not.
    pub(super) floors: HashMap<PoolKey, usize>,
    /// Slots by key, without those of instances that are being ended.
    pub(super) live: HashMap<PoolKey, usize>,
    /// Slots given out and not yet given back.
    pub(super) total: usize,
    /// The same by group and by region.
    pub(super) groups: HashMap<String, usize>,
    pub(super) regions: HashMap<String, usize>,
    /// Instances that are being ended to make room or because they are of no use.
    pub(super) retiring: usize,
    /// The longest idle first.
    pub(super) idle: Vec<Idle<T>>,
    /// Instances that serve requests and may have places for more.
    pub(super) open: Vec<Open<T>>,
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
    /// When the line of those that wait for its instances began, if there is one.
    line_since: Option<UnixMillis>,
    /// When an instance, or a place of one, was given back last.
    pub(super) given_back_at: Option<UnixMillis>,
}

/// What is left to do when the lock is open again.
pub(super) enum Act<T: Pooled> {
    Give(oneshot::Sender<Grant<T>>, Grant<T>),
    Retire(T, Slot<T>),
}

fn add(counts: &mut HashMap<String, usize>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => _ = counts.insert(name.to_owned(), 1),
    }
}

fn remove(counts: &mut HashMap<String, usize>, name: &str) {
    if let Some(count) = counts.get_mut(name) {
        *count -= 1;
        if *count == 0 {
            counts.remove(name);
        }
    }
}

impl<T: Pooled> State<T> {
    /// Nothing yet.
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            caps: Caps::default(),
            floors: HashMap::new(),
            live: HashMap::new(),
            total: 0,
            groups: HashMap::new(),
            regions: HashMap::new(),
            retiring: 0,
            idle: Vec::new(),
            open: Vec::new(),
            waiters: VecDeque::new(),
            last_waiter: 0,
            scopes: HashMap::new(),
            closed: false,
        }
    }

    /// Slots of the key's group, and the cap of it.
    fn of_group(&self, key: &PoolKey) -> (usize, usize) {
        let of = |counts: &HashMap<String, usize>| counts.get(&key.group).copied();
        (of(&self.groups).unwrap_or(0), of(&self.caps.groups).unwrap_or(usize::MAX))
    }

    /// Slots of the key's region, and the cap of it.
    fn of_region(&self, key: &PoolKey) -> (usize, usize) {
        (self.regions.get(&key.region).copied().unwrap_or(0), self.caps.region.unwrap_or(usize::MAX))
    }

    /// What keeps one more instance from being started; the narrowest first: an instance that ends for it counts against the others too.
    pub(super) fn bound(&self, key: &PoolKey) -> Option<Bound> {
        let is_full = |(slots, cap): (usize, usize)| slots >= cap;
        // Asked of each that waits whenever an instance is given back: nothing is looked up that can't be full.
        if !self.caps.groups.is_empty() && is_full(self.of_group(key)) {
            return Some(Bound::Group);
        }
        if self.caps.region.is_some() && is_full(self.of_region(key)) {
            return Some(Bound::Region);
        }
        (self.total >= self.max).then_some(Bound::Total)
    }

    /// True while there are more instances than a cap allows.
    pub(super) fn is_over(&self, key: &PoolKey) -> bool {
        self.is_over_by(key, 0, 0)
    }

    /// The same, so many of the key's group and of its region not counted.
    pub(super) fn is_over_by(&self, key: &PoolKey, of_group: usize, of_region: usize) -> bool {
        let is_over = |(slots, cap): (usize, usize), gone: usize| slots.saturating_sub(gone) > cap;
        is_over(self.of_group(key), of_group) || is_over(self.of_region(key), of_region)
    }

    /// True when the end of an instance of one key makes room for the other.
    fn helps(&self, ended: &PoolKey, waiting: &PoolKey) -> bool {
        match self.bound(waiting) {
            Some(Bound::Group) => ended.group == waiting.group,
            Some(Bound::Region) => ended.region == waiting.region,
            Some(Bound::Total) | None => true,
        }
    }

    /// Removes idle instances over a cap, each to be ended.
    pub(super) fn retire_over(&mut self, acts: &mut Vec<Act<T>>) {
        // Those removed keep their slots until they have ended.
        let (mut groups, mut regions) = (HashMap::<String, usize>::new(), HashMap::<String, usize>::new());
        let mut index = 0;
        while let Some(idle) = self.idle.get(index) {
            let key = idle.item.key().clone();
            let is_over = |(slots, cap): (usize, usize), gone: &HashMap<String, usize>, name: &str| {
                slots.saturating_sub(gone.get(name).copied().unwrap_or(0)) > cap
            };
            if is_over(self.of_group(&key), &groups, &key.group) || is_over(self.of_region(&key), &regions, &key.region) {
                add(&mut groups, &key.group);
                add(&mut regions, &key.region);
                let Idle { item, slot, .. } = self.idle.remove(index);
                acts.push(self.retiring(item, slot));
            } else {
                index += 1;
            }
        }
    }

    /// Prepares the end of an instance.
    pub(super) fn retiring(&mut self, item: T, slot: Slot<T>) -> Act<T> {
        self.retiring += 1;
        slot.retire();
        self.lose(item.key());
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
        add(&mut self.groups, &key.group);
        add(&mut self.regions, &key.region);
        *self.live.entry(key.clone()).or_default() += 1;
        let scope = self.scopes.entry(key.scope.clone()).or_insert_with(|| Scope {
            version: key.version.clone(),
            slots: 0,
            starting: 0,
            start_ms: None,
            line_since: None,
            given_back_at: None,
        });
        scope.slots += 1;
        scope.starting += 1;
    }

    pub(super) fn remove_slot(&mut self, key: &PoolKey, retiring: bool, starting: bool) {
        self.total -= 1;
        self.retiring -= usize::from(retiring);
        if !retiring {
            self.lose(key);
        }
        remove(&mut self.groups, &key.group);
        remove(&mut self.regions, &key.region);
        if let Some(entry) = self.scopes.get_mut(&key.scope) {
            entry.slots -= 1;
            entry.starting -= usize::from(starting);
            if entry.slots == 0 {
                self.scopes.remove(&key.scope);
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
        if self.pass(key, index) { self.waiters.remove(index) } else { None }
    }

    /// Counts that the first of so many who wait for room is passed by one who takes an instance of this key; false when that has been
    /// often enough.
    pub(super) fn pass(&mut self, key: &PoolKey, ahead: usize) -> bool {
        // One that this instance's end would not help is not passed by it.
        let is_helped = |waiter: &Waiter<T>| !waiter.patient && self.over_floor(key) > 0 && self.helps(key, &waiter.key);
        let front = self.waiters.iter().take(ahead).position(is_helped);
        if let Some(front) = front.and_then(|front| self.waiters.get_mut(front)) {
            if front.passed >= PASSED_MAX {
                return false;
            }
            front.passed += 1;
        }
        true
    }

    /// The one that gets a place: the first that waits for room and now has it, or one whose function has lost the instances that it waits
    /// for. `freed` is the scope that the place was freed by.
    pub(super) fn next_without_instance(&mut self, freed: Option<&str>) -> Option<Waiter<T>> {
        let is_lost = |waiter: &Waiter<T>| freed.is_some_and(|freed| waiter.key.scope == freed && !self.scopes.contains_key(freed));
        let has_room = |waiter: &Waiter<T>| self.bound(&waiter.key).is_none();
        let index = self.waiters.iter().position(|waiter| (!waiter.patient || is_lost(waiter)) && has_room(waiter))?;
        self.waiters.remove(index)
    }

    /// How many wait for room that the end of an instance of this key makes.
    pub(super) fn without_room(&self, key: &PoolKey) -> usize {
        self.waiters.iter().filter(|waiter| !waiter.patient && self.helps(key, &waiter.key)).count()
    }

    /// Ends the longest idle instance that makes room for one that waits for it, when one more has to.
    pub(super) fn make_room(&mut self, acts: &mut Vec<Act<T>>) {
        let unkept = self.unkept();
        let helps = |index: &usize, waiter: &Waiter<T>| self.idle.get(*index).is_some_and(|idle| self.helps(idle.item.key(), &waiter.key));
        let mut waiting = self.waiters.iter().filter(|waiter| !waiter.patient).skip(self.ending());
        let helpful = waiting.find_map(|waiter| unkept.iter().copied().find(|index| helps(index, waiter)));
        if let Some(index) = helpful {
            let Idle { item, slot, .. } = self.idle.remove(index);
            acts.push(self.retiring(item, slot));
        }
    }

    /// As many instances of the function start as may at once: `most`, or as many as it has; or there will be a place for each that waits.
    pub(super) fn starts_enough(&self, key: &PoolKey, most: usize) -> bool {
        let waiting = || self.waiters.iter().filter(|waiter| waiter.key == *key).count();
        let has_enough = |starting: usize| key.places > 1 && starting.saturating_mul(key.places) >= waiting();
        let scope = self.scopes.get(&key.scope);
        scope.is_some_and(|scope| scope.starting >= most.max(scope.slots - scope.starting) || has_enough(scope.starting))
    }

    /// To be asked for each that would join the line. True when the line has not ended for as long as a wait for an instance is worth: each in
    /// it may wait for less, but together they have work for an instance more, unless there are `most` already.
    pub(super) fn line_lasts(&mut self, key: &PoolKey, patience: Duration, now: UnixMillis, most: usize) -> bool {
        let is_line = self.waiters.iter().any(|waiter| waiter.key == *key);
        let Some(scope) = self.scopes.get_mut(&key.scope) else { return false };
        let since = *scope.line_since.get_or_insert(now);
        if !is_line {
            scope.line_since = Some(now);
        }
        is_line && now.since(since).unsigned_abs() >= u64::try_from(patience.as_millis()).unwrap_or(u64::MAX) && scope.slots < most
    }

    /// How long it is worth to wait for an instance of the function that is busy or starts; nothing where it has none.
    pub(super) fn patience(&self, key: &PoolKey) -> Option<Duration> {
        let scope = self.scopes.get(&key.scope)?;
        let ms = scope.start_ms.map_or(u64::MAX, |ms| STARTS_WORTH * ms).clamp(*PATIENCE_MS.start(), *PATIENCE_MS.end());
        Some(Duration::from_millis(ms))
    }
}
