//! Lengths of time, counted by how long they were.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Lengths below this are told apart exactly; longer ones by an eighth of their power of two.
const EXACT: u64 = 16;
/// Parts of a power of two, as a power of two.
const PARTS_LOG2: u32 = 3;
const PARTS: u64 = 1 << PARTS_LOG2;

/// Counts of lengths of time. Sum and maximum are exact, quantiles to 1/16 of their value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Histogram {
    sum_ms: u64,
    max_ms: u64,
    /// Only buckets that are not empty.
    buckets: BTreeMap<u16, u64>,
}

impl Histogram {
    /// True while nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// Counts one length in milliseconds; a negative one is none.
    pub fn record(&mut self, ms: i64) {
        let ms = u64::try_from(ms).unwrap_or(0);
        self.sum_ms = self.sum_ms.saturating_add(ms);
        self.max_ms = self.max_ms.max(ms);
        let count = self.buckets.entry(bucket(ms)).or_default();
        *count = count.saturating_add(1);
    }

    /// Adds what another one counted.
    pub fn add(&mut self, other: &Self) {
        self.sum_ms = self.sum_ms.saturating_add(other.sum_ms);
        self.max_ms = self.max_ms.max(other.max_ms);
        for (bucket, more) in &other.buckets {
            let count = self.buckets.entry(*bucket).or_default();
            *count = count.saturating_add(*more);
        }
    }

    /// Lengths counted.
    pub fn count(&self) -> u64 {
        self.buckets.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The longest in milliseconds.
    pub fn max(&self) -> Option<u64> {
        (!self.is_empty()).then_some(self.max_ms)
    }

    /// The mean in milliseconds.
    pub fn mean(&self) -> Option<u64> {
        self.sum_ms.checked_div(self.count())
    }

    /// The length in milliseconds that so many percent of all do not exceed.
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let rank = self.count().saturating_mul(percent.min(100)).div_ceil(100).max(1);
        let mut below = 0_u64;
        let holds = self.buckets.iter().find(|(_, count)| {
            below = below.saturating_add(**count);
            below >= rank
        });
        holds.map(|(bucket, _)| middle(*bucket).min(self.max_ms))
    }
}

/// The bucket of a length.
fn bucket(ms: u64) -> u16 {
    let number = if ms < EXACT {
        ms
    } else {
        let octave = ms.ilog2();
        let part = (ms >> (octave - PARTS_LOG2)) & (PARTS - 1);
        EXACT + u64::from(octave - EXACT.ilog2()) * PARTS + part
    };
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// The middle of a bucket.
fn middle(bucket: u16) -> u64 {
    let number = u64::from(bucket);
    let Some(beyond) = number.checked_sub(EXACT) else { return number };
    let octave = u32::try_from(beyond / PARTS).unwrap_or(u32::MAX).saturating_add(EXACT.ilog2());
    let width = 1_u64.checked_shl(octave - PARTS_LOG2).unwrap_or(u64::MAX);
    (PARTS + beyond % PARTS).saturating_mul(width).saturating_add(width / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(lengths: impl IntoIterator<Item = i64>) -> Histogram {
        let mut histogram = Histogram::default();
        lengths.into_iter().for_each(|ms| histogram.record(ms));
        histogram
    }

    #[test]
    fn c79_percentiles_mean_and_most() {
        let histogram = of(1..=10);
        assert_eq!((histogram.percentile(50), histogram.percentile(90), histogram.percentile(99)), (Some(5), Some(9), Some(10)));
        assert_eq!((histogram.mean(), histogram.max(), histogram.count()), (Some(5), Some(10), 10));
        // A single long one is not hidden by many short ones.
        let slow = of(std::iter::repeat_n(3, 98).chain([9_000, 60_000]));
        assert_eq!((slow.percentile(98), slow.max()), (Some(3), Some(60_000)));
        assert!(slow.percentile(99).is_some_and(|ms| (8_500..9_500).contains(&ms)), "{slow:?}");
        assert_eq!((of([]).percentile(50), of([]).mean(), of([]).max()), (None, None, None));
        assert_eq!(of([-7]).max(), Some(0), "a clock that went back");
    }

    proptest! {
        #[test]
        fn c79_a_percentile_is_within_a_sixteenth(ms in 0_i64..100_000_000, more in 0_i64..100_000_000) {
            let (both, low, high) = (of([ms, more]), ms.min(more).unsigned_abs(), ms.max(more).unsigned_abs());
            for (percent, exact) in [(50, low), (100, high)] {
                let found = both.percentile(percent).unwrap();
                prop_assert!(found.abs_diff(exact) <= exact / 16 && found <= high, "{} for {}", found, exact);
            }
        }

        #[test]
        fn c79_longer_lengths_have_no_lower_bucket(ms in 0_u64..100_000_000) {
            prop_assert!(bucket(ms) <= bucket(ms + 1) && bucket(ms + 1) <= bucket(ms) + 1);
        }
    }
}
