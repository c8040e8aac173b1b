//! What must hold of time triggers: no due time fires twice, none that a server was there to see is left out, and of those that nobody
//! saw the latest fires.

use crate::stage::Life;
use engine::ports::Firing;
use model::{Trigger, TriggerRef, UnixMillis};
use std::collections::BTreeMap;

/// Looks further apart than this mean that there was nobody in between.
const AWAY_MS: i64 = 90_000;

struct Timer {
    period_ms: i64,
    etag: String,
    next_due: Option<UnixMillis>,
    fired: Option<UnixMillis>,
}

#[derive(Default)]
pub struct TimerLaws {
    timers: BTreeMap<TriggerRef, Timer>,
    /// Of each life: since when it has looked without a long pause, and its latest look.
    looks: BTreeMap<Life, (UnixMillis, UnixMillis)>,
}

impl TimerLaws {
    pub fn made(&mut self, trigger: &Trigger, period_ms: i64) {
        let timer = Timer { period_ms, etag: trigger.etag.clone(), next_due: trigger.next_due_at, fired: None };
        self.timers.insert(trigger.trigger_ref(), timer);
    }

    pub fn forget(&mut self) {
        self.timers.clear();
    }

    pub fn changed(&mut self, trigger: &Trigger, replan: bool) {
        let Some(timer) = self.timers.get_mut(&trigger.trigger_ref()) else { return };
        timer.etag = trigger.etag.clone();
        if replan {
            timer.next_due = trigger.next_due_at;
        }
    }

    pub fn looked(&mut self, life: Life, now: UnixMillis) {
        let look = self.looks.entry(life).or_insert((now, now));
        if now.since(look.1) > AWAY_MS {
            look.0 = now;
        }
        look.1 = now;
    }

    /// Triggers that are due and have not fired.
    pub fn behind(&self, now: UnixMillis) -> Vec<String> {
        let due = self.timers.iter().filter(|(_, timer)| timer.next_due.is_some_and(|due| due <= now));
        due.map(|(trigger, timer)| format!("{} is due since {:?}", trigger.name, timer.next_due)).collect()
    }

    /// A try to fire; returns what is wrong with it.
    pub fn fired(&mut self, life: Life, firing: &Firing, was_written: bool) -> Option<String> {
        let name = &firing.trigger.name;
        let Some(timer) = self.timers.get_mut(&firing.trigger) else {
            return was_written.then(|| format!("timer: {name} fired although it is gone"));
        };
        let fits = timer.etag == firing.etag && timer.next_due == Some(firing.expected_due);
        if fits != was_written {
            return Some(format!("timer: {name} was written {was_written} although right was {fits}: {firing:?}"));
        }
        if !was_written {
            return None;
        }
        let following = firing.due.plus_ms(timer.period_ms);
        let since = self.looks.get(&life).map_or(firing.due, |look| look.0);
        let is_of_series = firing.due.since(firing.expected_due) % timer.period_ms == 0 && firing.due >= firing.expected_due;
        let broken = if timer.fired.is_some_and(|fired| fired >= firing.due) {
            Some(format!("timer: {name} fired {:?} after {:?}", firing.due, timer.fired))
        } else if !is_of_series || firing.next_due != Some(following) {
            Some(format!("timer: {name} left its beat: {firing:?}"))
        } else if firing.expected_due >= since && firing.due != firing.expected_due {
            Some(format!("timer: {name} left out {:?}, which life {} was there to see", firing.expected_due, life.0))
        } else if firing.expected_due < since && !(firing.due <= since && since < following) {
            Some(format!("timer: {name} fired {:?}, not the latest of those missed before {since:?}", firing.due))
        } else {
            None
        };
        (timer.fired, timer.next_due) = (Some(firing.due), firing.next_due);
        broken
    }
}
