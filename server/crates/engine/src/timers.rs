//! Fires time triggers: each due time becomes one asynchronous invocation, whichever server sees it first.
//!
//! Nothing is lost and nothing doubled because one transaction moves the trigger on and stores the task, and only if the trigger is as it
//! was read; a task's id is made of trigger and due time besides, so that even a database that was set back to an earlier copy of the
//! trigger refuses the repeat as a duplicate while the record is kept.
//!
//! Due times that nobody was there to see, before this server began or while its machine slept, are not made up for one by one: the latest
//! of them fires and stands for all. Those that a server sees late, because it was busy or the store failed for a moment, all fire.

use crate::engine::Core;
use crate::fixed_id::fixed_id;
use crate::ports::{Firing, Inserted, NewTask, StoreResult};
use crate::schedule::Schedule;
use crate::service::Route;
use model::{AsyncConfig, Destinations, Origin, RequestId, TaskId, TaskStatus, TimerConfig, Trigger, UnixMillis, limits};
use std::sync::Arc;
use std::time::Duration;

/// Triggers read by one look, and fired by one transaction at most.
const ROWS_MAX: u32 = 256;
/// Wait after the store failed.
const STORE_RETRY: Duration = Duration::from_millis(500);
/// Longest wait between two looks: only a trigger that another server was told of, which then died, is found by it.
const LOOK: Duration = Duration::from_secs(45);
/// Looks further apart than this mean that there was nobody to look in between.
const AWAY_MS: i64 = 90_000;

/// What this server has seen of time.
struct Watch {
    /// Due times before then were seen by nobody here.
    since: UnixMillis,
    /// The latest look that the store answered; `None` before the first.
    looked_at: Option<UnixMillis>,
}

impl Watch {
    /// Notes a look.
    fn look(&mut self, now: UnixMillis) {
        if self.looked_at.is_none_or(|before| now.since(before) > AWAY_MS) {
            self.since = now;
        }
        self.looked_at = Some(now);
    }
}

/// Runs until the engine drains.
pub(crate) async fn run(core: Arc<Core>) {
    let mut watch = Watch { since: core.clock.now(), looked_at: None };
    loop {
        // Armed before the look, so that a change between look and wait is not lost.
        let woken = core.timers.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        let wait = match look(&core, &mut watch).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::warn!(error = %error, "time triggers not fired; trying again");
                STORE_RETRY
            }
        };
        tokio::select! {
            biased;
            () = core.draining.cancelled() => return,
            () = woken => {}
            () = core.clock.sleep(wait), if !wait.is_zero() => {}
            () = std::future::ready(()), if wait.is_zero() => {}
        }
    }
}

/// Fires what is due and returns how long to wait; none when there may be more.
async fn look(core: &Core, watch: &mut Watch) -> StoreResult<Duration> {
    let now = core.clock.now();
    let timers = core.store.timers(ROWS_MAX).await?;
    watch.look(now);
    let due = timers.iter().take_while(|trigger| trigger.next_due_at.is_some_and(|at| at <= now));
    let mut batch = Vec::new();
    for trigger in due {
        batch.extend(firing(core, trigger, watch.since, now).await?);
    }
    if batch.is_empty() {
        let next = timers.iter().filter_map(|trigger| trigger.next_due_at).find(|at| *at > now);
        let until = next.map(|at| Duration::from_millis(at.since(now).unsigned_abs()));
        return Ok(until.map_or(LOOK, |until| until.min(LOOK)));
    }
    let fired = core.store.fire(batch.clone()).await?;
    for (firing, inserted) in batch.iter().zip(&fired) {
        tell(core, firing, *inserted);
    }
    core.due();
    Ok(Duration::ZERO)
}

/// What one trigger that is due fires; `None` when its schedule can't be read any more.
async fn firing(core: &Core, trigger: &Trigger, since: UnixMillis, now: UnixMillis) -> StoreResult<Option<Firing>> {
    let (Some(expected_due), Some(timer)) = (trigger.next_due_at, trigger.spec.config.timer()) else { return Ok(None) };
    let schedule = match Schedule::parse(&timer.cron_expression, expected_due) {
        Ok(schedule) => schedule,
        Err(error) => {
            tracing::error!(trigger.name = %trigger.name, function.name = %trigger.function, error = %error, "time trigger not fired");
            return Ok(None);
        }
    };
    let due = if expected_due < since { schedule.latest(expected_due, since) } else { expected_due };
    let version = match core.route(&trigger.function.service_ref(), &trigger.spec.qualifier).await? {
        Route::Latest => None,
        // One that is deleted by now ends the task as Invalid.
        Route::Version(version) => Some(version),
        Route::Nowhere => {
            tracing::error!(trigger.name = %trigger.name, alias = %trigger.spec.qualifier, "time trigger not fired: its alias is gone");
            return Ok(None);
        }
    };
    let config = core.store.get_async_config(&trigger.function, &trigger.spec.qualifier).await?;
    Ok(Some(Firing {
        trigger: trigger.trigger_ref(),
        etag: trigger.etag.clone(),
        expected_due,
        due,
        next_due: schedule.following(due),
        task: NewTask { version, ..task(trigger, timer, due, now, config.as_ref()) },
    }))
}

/// The invocation of one due time. It is due at once, and its age counts from now: a late one is no older than others.
fn task(trigger: &Trigger, timer: &TimerConfig, due: UnixMillis, now: UnixMillis, config: Option<&AsyncConfig>) -> NewTask {
    let id = firing_id(trigger, due);
    let age_s = config.map_or(limits::EVENT_AGE_S_DEFAULT, AsyncConfig::event_age_s);
    NewTask {
        function: trigger.function.clone(),
        id: TaskId::from_stored(id.clone()),
        qualifier: trigger.spec.qualifier.clone(),
        version: None,
        request_id: RequestId::from_stored(id),
        listed: config.is_some_and(AsyncConfig::task_mode),
        payload: timer.event(&trigger.name, due),
        http: None,
        submitted_at: now,
        due_at: now,
        expires_at: now.plus_ms(i64::try_from(age_s.saturating_mul(1_000)).unwrap_or(i64::MAX)),
        max_retries: config.map_or(limits::RETRY_ATTEMPTS_DEFAULT, AsyncConfig::retries),
        destinations: config.map(Destinations::of).unwrap_or_default(),
        origin: Origin::Trigger { name: trigger.name.clone() },
    }
}

/// The same whoever fires this due time, and another one for a trigger that was made anew under the name.
fn firing_id(trigger: &Trigger, due: UnixMillis) -> String {
    fixed_id(&format!("{} {}", trigger.id, due.0))
}

fn tell(core: &Core, firing: &Firing, inserted: Option<Inserted>) {
    // Another server fired it, or somebody changed the trigger.
    let Some(inserted) = inserted else { return };
    let (name, due) = (&firing.trigger.name, firing.due);
    if inserted == Inserted::Duplicate {
        tracing::warn!(trigger.name = %name, due.ms = due.0, task.id = %firing.task.id, "time trigger fired before: nothing submitted");
        return;
    }
    tracing::debug!(trigger.name = %name, due.ms = due.0, task.id = %firing.task.id, "time trigger fired");
    metrics::counter!("taskyard_trigger_firings_total").increment(1);
    core.count(&firing.task.function, &firing.task.qualifier, |figures| figures.enqueued += 1);
    if firing.task.listed {
        core.publish(&firing.task.function.task(firing.task.id.clone()), TaskStatus::Enqueued, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i3_8_only_a_first_look_and_a_look_after_a_long_absence_forget() {
        let mut watch = Watch { since: UnixMillis(0), looked_at: None };
        let mut check = |now: i64, since: i64| {
            watch.look(UnixMillis(now));
            assert_eq!(watch.since, UnixMillis(since), "at {now}");
        };
        check(1_000, 1_000);
        check(91_000, 1_000);
        check(181_001, 181_001);
        check(100_000, 181_001);
        check(150_000, 181_001);
    }
}
