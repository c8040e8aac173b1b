//! What is given out: places for instances, and reserved instances.

use super::{Pool, PoolKey, Pooled};
use model::UnixMillis;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A place for one instance. When the last copy is dropped, the place goes to the next in line.
pub(crate) struct Slot<T: Pooled>(Arc<Place<T>>);

struct Place<T: Pooled> {
    pool: Arc<Pool<T>>,
    key: PoolKey,
    retiring: AtomicBool,
    /// There is no instance in it yet.
    starting: AtomicBool,
    given_at: UnixMillis,
}

impl<T: Pooled> Drop for Place<T> {
    fn drop(&mut self) {
        self.pool.free(&self.key, *self.retiring.get_mut(), *self.starting.get_mut());
    }
}

impl<T: Pooled> Slot<T> {
    /// A place in which an instance is to be started.
    pub(super) fn new(pool: Arc<Pool<T>>, key: &PoolKey, given_at: UnixMillis) -> Self {
        Self(Arc::new(Place { pool, key: key.clone(), retiring: AtomicBool::new(false), starting: AtomicBool::new(true), given_at }))
    }

    /// The same place, for one more that uses its instance.
    pub(super) fn copy(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The instance in it is about to be ended.
    pub(super) fn retire(&self) {
        self.0.retiring.store(true, Ordering::Relaxed);
    }
}

/// An instance that is reserved, or one of the places that it has for requests. Dropping it gives it back.
pub(crate) struct Lease<T: Pooled> {
    held: Option<(T, Slot<T>)>,
}

impl<T: Pooled> Lease<T> {
    /// Reserves an instance; a new one may serve others that wait too.
    pub(crate) fn new(item: T, slot: Slot<T>) -> Self {
        if slot.0.starting.load(Ordering::Relaxed) {
            slot.0.starting.store(false, Ordering::Relaxed);
            slot.0.pool.started(&item, &slot, slot.0.given_at);
        }
        Self { held: Some((item, slot)) }
    }

    /// The instance.
    pub(crate) fn get(&self) -> Option<&T> {
        self.held.as_ref().map(|(item, _)| item)
    }

    /// Takes the instance out; the holder gives it back by a new lease or ends it. Only of an instance that serves one request at a time.
    pub(crate) fn into_parts(mut self) -> Option<(T, Slot<T>)> {
        self.held.take()
    }
}

impl<T: Pooled> Drop for Lease<T> {
    fn drop(&mut self) {
        if let Some((item, slot)) = self.held.take() {
            Arc::clone(&slot.0.pool).release(item, slot);
        }
    }
}
