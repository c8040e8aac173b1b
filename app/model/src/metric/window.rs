//! The times that figures are read of.

use crate::{Error, Result, UnixMillis, limits};
use serde::{Deserialize, Serialize};

const MINUTE_MS: i64 = 60_000;
/// Minutes between two points: the first that leaves few enough of them.
const STEPS: [i64; 10] = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480];

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricWindow {
    pub from: UnixMillis,
    /// Not part of it any more.
    pub until: UnixMillis,
}

impl MetricWindow {
    /// The last minutes before an instant.
    pub fn last_minutes(minutes: i64, now: UnixMillis) -> Self {
        Self { from: now.plus_ms(minutes.saturating_mul(-MINUTE_MS)), until: now }
    }

    /// Its length in milliseconds.
    pub fn length_ms(&self) -> i64 {
        self.until.since(self.from)
    }

    /// Refuses what is not kept, in words for the user (`console.md` SC-20).
    pub fn check(&self) -> Result<()> {
        if self.length_ms() < 0 {
            return Err(Error::invalid("The end must not be before the start."));
        }
        if self.length_ms() > limits::METRIC_DAYS * 24 * 60 * MINUTE_MS {
            return Err(Error::invalid(format!("Choose at most {} days.", limits::METRIC_DAYS)));
        }
        Ok(())
    }

    /// Milliseconds between two points of it.
    pub fn step_ms(&self) -> i64 {
        let fits = |minutes: &&i64| self.length_ms() <= **minutes * MINUTE_MS * limits::METRIC_POINTS_MAX;
        STEPS.iter().find(fits).or(STEPS.last()).map_or(MINUTE_MS, |minutes| minutes * MINUTE_MS)
    }

    /// The same moved out to whole points.
    pub fn to_whole_points(self) -> Self {
        let step = self.step_ms();
        let floor = |at: UnixMillis| UnixMillis(at.0.div_euclid(step).saturating_mul(step));
        Self { from: floor(self.from), until: floor(self.until.plus_ms(step - 1)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_795_521_665_002);

    #[test]
    fn sc20_every_window_has_few_enough_points_and_holds_what_was_asked_for() {
        let check = |minutes: i64, step_minutes: i64| {
            let asked = MetricWindow::last_minutes(minutes, NOW);
            let whole = asked.to_whole_points();
            assert_eq!(asked.step_ms(), step_minutes * MINUTE_MS, "{minutes} minutes");
            assert!(whole.from <= asked.from && whole.until >= asked.until, "{whole:?}");
            let points = whole.length_ms() / asked.step_ms();
            assert!((1..=limits::METRIC_POINTS_MAX + 1).contains(&points), "{points} points of {minutes} minutes");
            assert_eq!(asked.check(), Ok(()));
        };
        for (minutes, step) in [(15, 1), (60, 1), (360, 5), (1_440, 15), (10_080, 120), (44_640, 480)] {
            check(minutes, step);
        }
    }

    #[test]
    fn sc20_windows_that_are_too_long_or_reversed_are_refused() {
        let refusal = |window: MetricWindow| window.check().unwrap_err().message;
        assert_eq!(refusal(MetricWindow::last_minutes(44_641, NOW)), "Choose at most 31 days.");
        assert_eq!(refusal(MetricWindow { from: NOW, until: NOW.plus_ms(-1) }), "The end must not be before the start.");
    }
}
