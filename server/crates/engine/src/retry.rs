//! When the next attempt is due (`product.md` 3, `fc-api.md` 4.4).

use model::UnixMillis;
use model::limits::{RETRY_WAIT_FIRST_MS, RETRY_WAIT_MS_MAX};

/// Longest time that the platform's own failures are waited out.
pub(crate) const PLATFORM_WAIT_MS_MAX: i64 = 5 * 3_600 * 1_000;

/// Wait before the retry after `retried` earlier ones: 0.5, 1, 2, 4 … s, at most 60 s, and up to a tenth more so that tasks which
/// failed together don't come back together.
pub(crate) fn retry_wait_ms(retried: u32, random: impl FnOnce(i64) -> i64) -> i64 {
    let doubled = RETRY_WAIT_FIRST_MS.saturating_mul(1_i64.checked_shl(retried.min(16)).unwrap_or(i64::MAX));
    jittered(doubled.min(RETRY_WAIT_MS_MAX), random)
}

/// Wait after a failure of the platform, counted from when the task was due: waiting as long again as it has waited already doubles each
/// wait, so the series needs no counter.
pub(crate) fn platform_wait_ms(due_at: UnixMillis, now: UnixMillis, random: impl FnOnce(i64) -> i64) -> i64 {
    jittered(now.since(due_at).clamp(RETRY_WAIT_FIRST_MS, RETRY_WAIT_MS_MAX), random)
}

fn jittered(wait_ms: i64, random: impl FnOnce(i64) -> i64) -> i64 {
    wait_ms + random(wait_ms / 10)
}

/// A number from 0 to `most`.
pub(crate) fn random_up_to(most: i64) -> i64 {
    use rand::RngExt;
    rand::rng().random_range(0..=most.max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_spacing_doubles_up_to_a_minute() {
        let waits: Vec<i64> = (0..10).map(|retried| retry_wait_ms(retried, |_| 0)).collect();
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
        assert_eq!(retry_wait_ms(u32::MAX, |most| most), 66_000);
    }

    #[test]
    fn platform_spacing_doubles_with_the_time_waited() {
        let check = |waited, wait| assert_eq!(platform_wait_ms(UnixMillis(0), UnixMillis(waited), |_| 0), wait);
        check(0, 500);
        check(500, 500);
        check(1_000, 1_000);
        check(7_000, 7_000);
        check(3_600_000, 60_000);
    }

    #[test]
    fn jitter_stays_within_a_tenth() {
        for _ in 0..100 {
            assert!((500..=550).contains(&retry_wait_ms(0, random_up_to)));
        }
    }
}
