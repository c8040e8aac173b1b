//! Functions whose instances are free again soon: what has a queue of its own need not stand in line for one.

use super::{LINE_INSTANCES, Pool, PoolKey, Pooled, state::State};
use model::UnixMillis;

impl<T: Pooled> Pool<T> {
    /// True while nobody waits for an instance of this key, one was given back within the time that is worth a wait, and a line would bring no
    /// other one.
    pub(crate) fn flows(&self, key: &PoolKey) -> bool {
        let state = self.state();
        let most = self.starts_max.map_or(usize::MAX, |starts_max| starts_max * LINE_INSTANCES);
        !state.waiters.iter().any(|waiter| waiter.key == *key) && state.flows(key, self.clock.now(), most)
    }

    /// Waits until an instance, or a place of one, was given back since the last wait and not given on.
    pub(crate) async fn until_free(&self) {
        self.free.notified().await;
    }

    /// An instance is idle that was not.
    pub(super) fn tell_idle(&self) {
        self.idled.notify_one();
        self.free.notify_one();
    }
}

impl<T: Pooled> State<T> {
    /// Learns that an instance of this key, or a place of one, was given back.
    pub(super) fn given_back(&mut self, key: &PoolKey, now: UnixMillis) {
        if let Some(scope) = self.scopes.get_mut(&key.scope) {
            scope.given_back_at = Some(now);
        }
    }

    /// True when an instance of the function was given back within the time that it is worth to wait for one, and there are `most` of them, so
    /// that a line of those who wait would not bring another.
    fn flows(&self, key: &PoolKey, now: UnixMillis, most: usize) -> bool {
        let (Some(scope), Some(patience)) = (self.scopes.get(&key.scope), self.patience(key)) else { return false };
        let is_soon = |at: UnixMillis| u128::from(now.since(at).unsigned_abs()) < patience.as_millis();
        scope.slots >= most && self.is_current(key) && scope.given_back_at.is_some_and(is_soon)
    }
}
