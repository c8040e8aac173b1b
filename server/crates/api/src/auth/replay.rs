//! Replay protection: a signature with a nonce is taken once (`fc-api.md` 2). It is one server's: each remembers what it has seen itself.

use crate::error::{ApiError, ApiResult};
use model::{ErrorCode, UnixMillis, limits};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Enough of a hash that no two nonces share it.
type Mark = [u8; 16];

/// The nonces of the time in which their requests' dates would still be accepted.
pub struct Replays {
    /// Milliseconds for which a nonce is remembered at least.
    window_ms: i64,
    most: usize,
    seen: Mutex<Seen>,
}

/// Two generations: when the younger one is a window old, the older one is forgotten.
#[derive(Default)]
struct Seen {
    began_at: UnixMillis,
    young: HashSet<Mark>,
    old: HashSet<Mark>,
}

impl Replays {
    /// Remembers nonces for as long as a date may lie off the server's clock, which is `skew_ms` both ways.
    pub fn new(skew_ms: i64) -> Self {
        Self { window_ms: 2 * skew_ms, most: limits::REPLAY_NONCES_MAX / 2, seen: Mutex::default() }
    }

    /// Refuses a nonce that this key has used before. When there is no more room the call is refused too, since forgetting would let
    /// replays in.
    pub(crate) fn admit(&self, key_id: &str, nonce: &str, now: UnixMillis) -> ApiResult<()> {
        let mark = mark(key_id, nonce);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let age_ms = now.since(seen.began_at);
        if age_ms >= self.window_ms {
            let young = std::mem::take(&mut seen.young);
            // What is two windows old is all out of date.
            seen.old = if age_ms < 2 * self.window_ms { young } else { HashSet::new() };
            seen.began_at = now;
        }
        if seen.young.contains(&mark) || seen.old.contains(&mark) {
            let message = "the request's x-acs-signature-nonce was used before: the request is a replay; sign each request anew";
            return Err(ApiError::new(ErrorCode::SignatureNotMatch, message));
        }
        if seen.young.len() >= self.most {
            let message = "too many signed requests for the replay protection; slow down";
            return Err(ApiError::new(ErrorCode::ResourceThrottled, message));
        }
        seen.young.insert(mark);
        Ok(())
    }
}

fn mark(key_id: &str, nonce: &str) -> Mark {
    let hash: [u8; 32] = Sha256::new().chain_update(key_id).chain_update([0_u8]).chain_update(nonce).finalize().into();
    let mut mark = Mark::default();
    mark.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    mark
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn at(ms: i64) -> UnixMillis {
        UnixMillis(1_795_521_600_000 + ms)
    }

    #[test]
    fn i5_a_nonce_is_taken_once_within_the_window() {
        let replays = Replays::new(15 * MINUTE);
        let admit = |key: &str, nonce: &str, ms| replays.admit(key, nonce, at(ms)).is_ok();
        assert!(admit("a", "1", 0));
        assert!(!admit("a", "1", 1));
        assert!(admit("a", "2", 2) && admit("b", "1", 3));
        // 30 minutes are the whole window: the date may lie 15 minutes ahead and 15 behind.
        assert!(!admit("a", "1", 30 * MINUTE), "into the older generation");
        assert!(!admit("a", "2", 59 * MINUTE));
        assert!(admit("a", "1", 60 * MINUTE), "no date of it is accepted any more");
    }

    #[test]
    fn i5_after_a_long_rest_nothing_old_is_kept() {
        let replays = Replays::new(MINUTE);
        assert!(replays.admit("a", "1", at(0)).is_ok());
        assert!(replays.admit("a", "1", at(10 * MINUTE)).is_ok());
        assert_eq!(replays.seen.lock().unwrap().old.len(), 0);
    }

    #[test]
    fn i5_memory_is_bounded_and_nothing_is_forgotten_for_room() {
        let replays = Replays { most: 3, ..Replays::new(MINUTE) };
        for nonce in ["1", "2", "3"] {
            assert!(replays.admit("a", nonce, at(0)).is_ok());
        }
        assert_eq!(replays.admit("a", "4", at(1)).unwrap_err().0.code, ErrorCode::ResourceThrottled);
        assert_eq!(replays.admit("a", "1", at(1)).unwrap_err().0.code, ErrorCode::SignatureNotMatch);
        assert!(replays.admit("a", "4", at(2 * MINUTE)).is_ok());
    }
}
