//! What this server counts, in memory until it is stored: once a minute, before somebody reads, and at the end of the process.
//!
//! Counting takes a lock of one of a few maps for some nanoseconds and never waits for the store. What is counted when the process is killed
//! is lost, at most a minute; what a store did not answer for is added again, so a lost answer may count it twice.

use crate::engine::Core;
use crate::ports::{End, MetricMinute, Store, StoreResult};
use model::{Figures, FunctionRef, Qualifier, UnixMillis};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Time from the first count to when it is stored.
const INTERVAL: Duration = Duration::from_secs(60);
const MINUTE_MS: i64 = 60_000;
/// What the store has not taken for so long is given up: memory is not for figures.
const KEPT_MS: i64 = 60 * MINUTE_MS;
/// Maps that counts are spread over, so that threads seldom wait for each other.
const SHARDS: usize = 16;

/// Minutes by qualifier by function, so that counting clones no name.
type Shard = HashMap<FunctionRef, HashMap<Qualifier, BTreeMap<UnixMillis, Figures>>>;

/// The counts.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    /// True while anything may be counted that is not stored.
    is_dirty: AtomicBool,
    /// Told when the first count comes.
    counted: Notify,
    /// Held while counts are stored: who has it knows that all that came before is stored.
    storing: tokio::sync::Mutex<()>,
}

impl Tally {
    /// Counts something of a function that exists.
    pub(crate) fn count(&self, function: &FunctionRef, qualifier: &Qualifier, now: UnixMillis, change: impl FnOnce(&mut Figures)) {
        let at = UnixMillis(now.0.div_euclid(MINUTE_MS) * MINUTE_MS);
        self.with(function, qualifier, at, change);
        // After the count, so that a store that comes in between leaves it or takes it with it.
        if !self.is_dirty.load(Ordering::Relaxed) && !self.is_dirty.swap(true, Ordering::Relaxed) {
            self.counted.notify_one();
        }
    }

    fn with(&self, function: &FunctionRef, qualifier: &Qualifier, at: UnixMillis, change: impl FnOnce(&mut Figures)) {
        let index = usize::try_from(self.hasher.hash_one(function) % SHARDS as u64).unwrap_or_default();
        let Some(shard) = self.shards.get(index) else { return };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(minutes) = shard.get_mut(function).and_then(|qualifiers| qualifiers.get_mut(qualifier)) {
            return change(minutes.entry(at).or_default());
        }
        change(shard.entry(function.clone()).or_default().entry(qualifier.clone()).or_default().entry(at).or_default());
    }

    fn take(&self) -> Vec<MetricMinute> {
        let mut taken = Vec::new();
        for shard in &self.shards {
            let shard = std::mem::take(&mut *shard.lock().unwrap_or_else(PoisonError::into_inner));
            for (function, qualifiers) in shard {
                for (qualifier, minutes) in qualifiers {
                    let minute = |(at, figures)| MetricMinute { function: function.clone(), qualifier: qualifier.clone(), at, figures };
                    taken.extend(minutes.into_iter().map(minute));
                }
            }
        }
        taken
    }

    /// Stores what was counted; writes nothing where there is nothing.
    async fn store(&self, store: &dyn Store, now: UnixMillis) -> StoreResult<()> {
        let _storing = self.storing.lock().await;
        self.is_dirty.store(false, Ordering::Relaxed);
        let minutes = self.take();
        if minutes.is_empty() {
            return Ok(());
        }
        let stored = store.add_metrics(&minutes).await;
        if stored.is_err() {
            for minute in minutes.iter().filter(|minute| now.since(minute.at) < KEPT_MS) {
                self.with(&minute.function, &minute.qualifier, minute.at, |figures| figures.add(&minute.figures));
            }
            if !self.is_dirty.swap(true, Ordering::Relaxed) {
                self.counted.notify_one();
            }
        }
        stored
    }
}

impl Core {
    /// Counts something of a function that exists.
    pub(crate) fn count(&self, function: &FunctionRef, qualifier: &Qualifier, change: impl FnOnce(&mut Figures)) {
        self.tally.count(function, qualifier, self.clock.now(), change);
    }

    /// Stores what was counted up to now.
    pub(crate) async fn store_counts(self: &Arc<Self>) -> StoreResult<()> {
        let core = self.clone();
        // On a task of its own: what was taken has to be stored also when the reader who asked goes away.
        let stored = tokio::spawn(async move { core.tally.store(&*core.store, core.clock.now()).await }).await;
        stored.unwrap_or_else(|error| {
            tracing::error!(error = %error, "figures lost");
            Ok(())
        })
    }
}

/// Counts an execution that has ended.
pub(crate) fn executed(figures: &mut Figures, end: &End, duration_ms: i64) {
    figures.invocations += 1;
    figures.duration.record(duration_ms);
    match end {
        End::Succeeded { .. } | End::Stopped { .. } => {}
        End::Answered { head, .. } => figures.answered(head.status),
        End::FunctionError { .. } => figures.function_errors += 1,
        End::PlatformError { .. } | End::Displaced { .. } => figures.server_errors += 1,
    }
}

/// Counts an invocation that a function could not begin.
pub(crate) fn not_started(figures: &mut Figures) {
    figures.invocations += 1;
    figures.function_errors += 1;
}

/// Counts an invocation that the platform could not begin.
pub(crate) fn not_run(figures: &mut Figures) {
    figures.invocations += 1;
    figures.server_errors += 1;
}

/// Stores once a minute while there is anything to store, until the engine drains; the rest is stored when it retires.
pub(crate) async fn run(core: Arc<Core>) {
    loop {
        tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            () = core.tally.counted.notified() => {}
        }
        tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            () = core.clock.sleep(INTERVAL) => {}
        }
        if let Err(error) = core.store_counts().await {
            tracing::warn!(error = %error, "figures not stored; trying again in a minute");
        }
    }
}
