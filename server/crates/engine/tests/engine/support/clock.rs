//! A clock that moves only when a test moves it.

use async_trait::async_trait;
use engine::clock::Clock;
use model::UnixMillis;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// Pauses that only spread work out pass at once: no rule depends on them.
const LENGTH_MIN: Duration = Duration::from_millis(5);

struct Sleeper {
    length_ms: i64,
    wakes_at: i64,
    wake: oneshot::Sender<()>,
}

struct State {
    now: i64,
    sleepers: Vec<Sleeper>,
}

pub struct TestClock {
    state: Mutex<State>,
    slept: Notify,
}

impl TestClock {
    pub fn new(now: i64) -> Self {
        Self { state: Mutex::new(State { now, sleepers: Vec::new() }), slept: Notify::new() }
    }

    /// Moves time and wakes who is due.
    pub fn advance(&self, ms: i64) {
        let mut state = self.state.lock().unwrap();
        state.now += ms;
        let now = state.now;
        let (due, later) = std::mem::take(&mut state.sleepers).into_iter().partition(|sleeper| sleeper.wakes_at <= now);
        state.sleepers = later;
        // Whoever gave up sleeping is not woken.
        due.into_iter().for_each(|sleeper: Sleeper| _ = sleeper.wake.send(()));
    }

    /// Waits until so many sleep for exactly this time or for what is left of it.
    pub async fn until_sleepers(&self, left_ms: i64, count: usize) {
        loop {
            let slept = self.slept.notified();
            tokio::pin!(slept);
            slept.as_mut().enable();
            {
                let state = self.state.lock().unwrap();
                let left = |sleeper: &&Sleeper| sleeper.wakes_at - state.now == left_ms && !sleeper.wake.is_closed();
                if state.sleepers.iter().filter(left).count() >= count {
                    return;
                }
            }
            slept.await;
        }
    }

    /// Waits until somebody sleeps for a time within the range, and returns what is left of it.
    pub async fn until_asleep(&self, length_ms: std::ops::RangeInclusive<i64>) -> i64 {
        loop {
            let slept = self.slept.notified();
            tokio::pin!(slept);
            slept.as_mut().enable();
            {
                let state = self.state.lock().unwrap();
                let found = state.sleepers.iter().find(|sleeper| length_ms.contains(&sleeper.length_ms) && !sleeper.wake.is_closed());
                if let Some(sleeper) = found {
                    return sleeper.wakes_at - state.now;
                }
            }
            slept.await;
        }
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.state.lock().unwrap().now)
    }

    async fn sleep(&self, length: Duration) {
        if length < LENGTH_MIN {
            return tokio::task::yield_now().await;
        }
        let (wake, woken) = oneshot::channel();
        let length_ms = length.as_millis() as i64;
        {
            let mut state = self.state.lock().unwrap();
            let wakes_at = state.now + length_ms;
            state.sleepers.push(Sleeper { length_ms, wakes_at, wake });
        }
        self.slept.notify_waiters();
        drop(woken.await);
    }
}
