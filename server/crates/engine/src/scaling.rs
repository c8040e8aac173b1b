//! Tells the executor how many instances there may be and which have to be ready, and the other servers when that changes.
//!
//! A limit of a function holds for the tasks of all servers together, because claims count them in the store, and for the instances of each
//! server. What is for all servers together, the limit of a region and the instances that have to be ready, is divided among those that are
//! there; each finds its share by the order of their names, and until all know of one that came or went they may have a few more or less.

use crate::engine::Core;
use crate::ports::{InstanceLimits, Keep, ProvisionState, StoreResult};
use crate::signals::Signal;
use model::{FunctionRef, ProvisionConfig, Qualifier, Region, UnixMillis};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Wait after the store failed.
const STORE_RETRY: Duration = Duration::from_millis(500);
/// Longest wait between two looks where another server may have changed something without being heard.
const LOOK: Duration = Duration::from_secs(40);
/// How long what a server has said of its instances counts there, in milliseconds: two looks and a half.
const REPORT_MS: i64 = 100_000;

/// What this server has said last of its instances.
#[derive(Debug, Default)]
pub(crate) struct Reported {
    states: Vec<ProvisionState>,
    /// When it has to be said again; `None` before the first time.
    again_at: Option<UnixMillis>,
}

/// Looks whenever something may have changed, until the engine drains.
pub(crate) async fn run(core: Arc<Core>) {
    loop {
        // Armed before the look, so that a change between look and wait is not lost.
        let woken = core.scale.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        let wait = match apply(&core).await {
            Ok(()) => core.config.rescue_interval.map(|_| LOOK),
            Err(error) => {
                tracing::warn!(error = %error, "numbers of instances not read; trying again");
                Some(STORE_RETRY)
            }
        };
        let waited = async {
            match wait {
                Some(wait) => core.clock.sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            () = woken => {}
            () = core.executor.kept_changed() => {}
            () = waited => {}
        }
    }
}

/// Forgets what this server has said of its instances: the last thing before it ends.
pub(crate) async fn leave(core: &Core) {
    let reported = std::mem::take(&mut *core.scaling.lock().await);
    let now = core.clock.now();
    if !reported.states.is_empty()
        && let Err(error) = core.store.report_provisions(&core.config.worker, &[], now, now).await
    {
        tracing::warn!(error = %error, "instances that were ready count for a while after their end");
    }
}

/// Reads what is configured, hands it to the executor, and says what has come of it.
async fn apply(core: &Core) -> StoreResult<()> {
    // Whoever has read later has to be obeyed later.
    let mut reported = core.scaling.lock().await;
    let limits = core.store.all_on_demand().await?;
    let by_qualifier = limits.into_iter().map(|config| ((config.function, config.qualifier), config.max_instances)).collect();
    core.executor.limit(InstanceLimits { by_qualifier, by_region: core.region_share() });
    let configs = core.store.all_provisions().await?;
    core.executor.keep(wanted(core, &configs).await?);
    let now = core.clock.now();
    if reported.again_at.is_none()
        && let Some(previous) = &core.config.previous_worker
        && !configs.is_empty()
    {
        core.store.report_provisions(previous, &[], now, now).await?;
    }
    let mut states = core.executor.kept();
    states.sort_by(|one, other| (&one.function, one.qualifier.as_str()).cmp(&(&other.function, other.qualifier.as_str())));
    let is_due = reported.again_at.is_some_and(|again_at| again_at <= now) && !states.is_empty();
    if states != reported.states || is_due {
        // Alone, nobody else can say it better later.
        let until = if core.config.rescue_interval.is_some() { now.plus_ms(REPORT_MS) } else { UnixMillis(i64::MAX) };
        core.store.report_provisions(&core.config.worker, &states, now, until).await?;
        let again_at = core.config.rescue_interval.map_or(i64::MAX, |_| now.plus_ms(REPORT_MS / 3).0);
        *reported = Reported { states, again_at: Some(UnixMillis(again_at)) };
    }
    if !configs.is_empty() && core.hub.signals.has_others() {
        // One that has died is noticed by its silence.
        core.hub.signals.review();
    }
    Ok(())
}

/// This server's share of the instances that have to be ready.
async fn wanted(core: &Core, configs: &[ProvisionConfig]) -> StoreResult<Vec<Keep>> {
    let (place, servers) = core.place();
    let mut wanted = Vec::new();
    for config in configs {
        let instances = share(config.spec.target, place, servers);
        // What leads nowhere by now has nothing to be ready for.
        if let Some(resolved) = core.main_of(&config.function, &config.qualifier).await?
            && instances > 0
        {
            wanted.push(Keep { function: resolved.function, qualifier: config.qualifier.clone(), version: resolved.version, instances });
        }
    }
    Ok(wanted)
}

/// What the server at this place has to have of what is for all.
fn share(whole: u32, place: u32, servers: u32) -> u32 {
    whole / servers + u32::from(place < whole % servers)
}

impl Core {
    /// This server's place among those that are there, from 0, and their number.
    fn place(&self) -> (u32, u32) {
        self.hub.signals.place(&self.config.worker.0)
    }

    /// Instances that this server may have for a region's functions; at least one, so that each function can be called everywhere.
    fn region_share(&self) -> Option<u32> {
        let most = self.config.region_instances?;
        let (place, servers) = self.place();
        Some(share(most, place, servers).max(1))
    }

    /// Parts of instances ([`part`]) that this server's share of a region's instances still has for tasks.
    pub(crate) fn region_room(&self, region: &Region) -> usize {
        let Some(share) = self.region_share() else { return usize::MAX };
        usize::try_from(share).unwrap_or(usize::MAX).saturating_mul(PARTS).saturating_sub(self.running.of_region(region))
    }

    /// Numbers of instances may have changed, or what they are about: this server and the others look.
    pub(crate) fn rescale(&self) {
        self.scale.notify_one();
        self.hub.signals.tell(Signal::Scale);
    }

    /// The same, and what holds here holds when this returns.
    pub(crate) async fn scaled(&self) {
        match apply(self).await {
            Ok(()) => self.hub.signals.tell(Signal::Scale),
            Err(error) => {
                tracing::warn!(error = %error, "numbers of instances not read; they are read again");
                self.rescale();
            }
        }
        // A limit that is higher by now may let tasks go on.
        self.due();
    }
}

/// What all servers together have of a qualifier's instances, and what is wrong with the first that has too few.
pub(crate) fn sum(states: Vec<ProvisionState>) -> (u32, String) {
    let current = states.iter().map(|state| state.instances).sum();
    let problem = states.into_iter().map(|state| state.problem).find(|problem| !problem.is_empty());
    (current, problem.unwrap_or_default())
}

/// Parts of one instance.
const PARTS: usize = 1_000_000;

/// The part of an instance that a task of a function takes, whose instances serve so many at once.
pub(crate) fn part(concurrency: u32) -> usize {
    PARTS / usize::try_from(concurrency).unwrap_or(1).max(1)
}

/// What tasks in hand take of instances, in [`PARTS`], by region; regions without any are not in it.
#[derive(Debug, Default)]
pub(crate) struct ByRegion(HashMap<Region, usize>);

impl ByRegion {
    /// Counts a task with its part.
    pub(crate) fn add(&mut self, region: &Region, part: usize) {
        *self.0.entry(region.clone()).or_default() += part;
    }

    /// Takes a task with its part out again.
    pub(crate) fn remove(&mut self, region: &Region, part: usize) {
        if let Some(parts) = self.0.get_mut(region) {
            *parts -= part;
            if *parts == 0 {
                self.0.remove(region);
            }
        }
    }

    /// How much there is.
    pub(crate) fn of(&self, region: &Region) -> usize {
        self.0.get(region).copied().unwrap_or(0)
    }
}

/// What is configured about one thing.
pub(crate) fn named(function: &FunctionRef, qualifier: &Qualifier) -> String {
    format!("{}:{} of qualifier '{qualifier}'", function.service, function.function)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i4_2_shares_make_up_the_whole_and_differ_by_one_at_most() {
        for (whole, servers) in [(0, 1), (5, 1), (5, 2), (2, 3), (100, 7)] {
            let shares: Vec<u32> = (0..servers).map(|place| share(whole, place, servers)).collect();
            assert_eq!(shares.iter().sum::<u32>(), whole, "{shares:?}");
            assert!(shares.iter().max().unwrap() - shares.iter().min().unwrap() <= 1, "{shares:?}");
        }
    }

    #[test]
    fn i4_2_what_is_wrong_anywhere_is_told() {
        let function = FunctionRef {
            region: Region::from_stored("r"),
            service: model::ServiceName::from_stored("s"),
            function: model::FunctionName::from_stored("f"),
        };
        let state = |instances, problem: &str| ProvisionState {
            function: function.clone(),
            qualifier: Qualifier::latest(),
            instances,
            problem: problem.to_owned(),
        };
        assert_eq!(sum(vec![state(2, ""), state(1, "no room"), state(0, "other")]), (3, "no room".to_owned()));
        assert_eq!(sum(Vec::new()), (0, String::new()));
    }
}
