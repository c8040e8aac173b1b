//! What a claim offers to each function: instances that stand ready, and a few places to wait for one.

use crate::engine::Core;
use crate::ports::{Instance, Offer, StoreResult};
use crate::scaling::part;
use model::{Function, FunctionRef, InstanceId, Qualifier, Region};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Functions that one claim serves at most; the others have their turn at the next ones.
const FUNCTIONS_MAX: usize = 64;

/// Tasks that wait in hand for an instance, by function. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waiting {
    counts: Arc<Mutex<HashMap<FunctionRef, usize>>>,
}

/// One task that waits in hand; dropping it ends the wait.
#[derive(Debug)]
pub(crate) struct Wait {
    waiting: Waiting,
    function: FunctionRef,
}

impl Waiting {
    fn counts<T>(&self, f: impl FnOnce(&mut HashMap<FunctionRef, usize>) -> T) -> T {
        f(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn of(&self, function: &FunctionRef) -> usize {
        self.counts(|counts| counts.get(function).copied().unwrap_or(0))
    }

    /// Counts one more.
    pub(crate) fn begin(&self, function: &FunctionRef) -> Wait {
        self.counts(|counts| *counts.entry(function.clone()).or_default() += 1);
        Wait { waiting: self.clone(), function: function.clone() }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.waiting.counts(|counts| {
            if let Some(count) = counts.get_mut(&self.function) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&self.function);
                }
            }
        });
    }
}

/// Whose turn it is, and how many instances to reserve for a claim: twice as many as the last claim made use of, since a reserved
/// instance is kept from others until the claim is written.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    last: Option<FunctionRef>,
    used: HashMap<FunctionRef, usize>,
}

/// What is offered by one claim.
pub(crate) struct Offers {
    pub(crate) by_function: HashMap<FunctionRef, Offer>,
    functions: HashMap<FunctionRef, Arc<Function>>,
    reserved: HashMap<InstanceId, Vec<Box<dyn Instance>>>,
    /// A function got less than it has due, because its instances are free again soon.
    pub(crate) is_flowing: bool,
}

impl Offers {
    /// The function as it was when the claim was prepared; `None` when it was gone.
    pub(crate) fn function(&self, function: &FunctionRef) -> Option<Arc<Function>> {
        self.functions.get(function).cloned()
    }

    /// Hands out a reserved instance.
    pub(crate) fn instance(&mut self, id: &InstanceId) -> Option<Box<dyn Instance>> {
        self.reserved.get_mut(id).and_then(Vec::pop)
    }
}

impl Turns {
    /// Offers for up to `limit` tasks of functions with due tasks, which are given by name.
    pub(crate) async fn offers(&mut self, core: &Core, due: &[FunctionRef], limit: usize) -> StoreResult<Offers> {
        self.used.retain(|function, _| due.binary_search(function).is_ok());
        let after = self.last.as_ref().map_or(0, |last| due.partition_point(|function| function <= last));
        let (before, next) = due.split_at_checked(after).unwrap_or((due, &[]));
        let share = (limit / due.len().clamp(1, FUNCTIONS_MAX)).max(1);
        let mut offers = Offers { by_function: HashMap::new(), functions: HashMap::new(), reserved: HashMap::new(), is_flowing: false };
        let mut rooms: HashMap<&Region, usize> = HashMap::new();
        for function in next.iter().chain(before) {
            if offers.by_function.len() == FUNCTIONS_MAX.min(limit) {
                break;
            }
            let room = rooms.entry(&function.region).or_insert_with(|| core.region_room(&function.region));
            // Those that wait already take whatever instance gets free.
            if *room > 0 && core.waiting.of(function) < core.config.waiting_max {
                self.last = Some(function.clone());
                *room -= self.offer(core, function, share, *room, &mut offers).await?.min(*room);
            }
        }
        Ok(offers)
    }

    /// Offers for up to `share` tasks of a function, as far as its region has room; returns what that takes of the room.
    async fn offer(&mut self, core: &Core, name: &FunctionRef, share: usize, room: usize, offers: &mut Offers) -> StoreResult<usize> {
        let mut offer = Offer::default();
        let found = core.store.get_function(name).await?;
        let concurrency = found.as_ref().map_or(1, |function| function.spec.instance_concurrency);
        let part = part(concurrency);
        let share = share.min(room / part);
        if share == 0 {
            return Ok(0);
        }
        let asked = share.min(self.used.get(name).map_or(1, |used| used * 2)).max(1);
        let mut flows = false;
        if let Some(function) = found {
            let function = Arc::new(function);
            offer.is_shared = concurrency > 1;
            for instance in core.executor.reserve(&function, &Qualifier::latest(), asked) {
                offer.ready.push(instance.id().clone());
                offers.reserved.entry(instance.id().clone()).or_default().push(instance);
            }
            flows = offer.ready.len() < asked && core.executor.flows(&function, &Qualifier::latest());
            offers.is_flowing |= flows;
            offers.functions.insert(name.clone(), function);
        }
        if offer.ready.len() < asked && !flows {
            let places = core.config.waiting_max.saturating_sub(core.waiting.of(name)).min(share - offer.ready.len());
            offer.waiting = u32::try_from(places).unwrap_or(u32::MAX);
        }
        let tasks = offer.ready.len() + usize::try_from(offer.waiting).unwrap_or(usize::MAX);
        if tasks > 0 {
            offers.by_function.insert(name.clone(), offer);
        }
        Ok(tasks.saturating_mul(part))
    }

    /// Learns how many ready instances of a function a claim has made use of.
    pub(crate) fn used(&mut self, used: HashMap<FunctionRef, usize>) {
        self.used.extend(used);
    }
}
