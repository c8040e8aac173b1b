//! Requests that run alone on an instance, because one on which they ran with others has ended and nobody could tell whose fault it was.

use model::RequestId;
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

/// Requests remembered; one that is forgotten may end an instance under others once more.
const REQUESTS_MAX: usize = 1_024;

/// The last such requests.
#[derive(Debug, Default)]
pub(crate) struct Loners {
    requests: Mutex<VecDeque<RequestId>>,
}

impl Loners {
    fn requests<T>(&self, f: impl FnOnce(&mut VecDeque<RequestId>) -> T) -> T {
        f(&mut self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on it runs alone.
    pub(crate) fn add(&self, request: &RequestId) {
        self.requests(|requests| {
            if requests.contains(request) {
                return;
            }
            if requests.len() == REQUESTS_MAX {
                requests.pop_front();
            }
            requests.push_back(request.clone());
        });
    }

    /// True when it has to run alone.
    pub(crate) fn has(&self, request: &RequestId) -> bool {
        self.requests(|requests| requests.contains(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i4_the_last_loners_are_remembered() {
        let (loners, id) = (Loners::default(), |n: usize| RequestId::from_stored(n.to_string()));
        for n in 0..=REQUESTS_MAX {
            loners.add(&id(n));
            loners.add(&id(n));
        }
        assert!(!loners.has(&id(0)) && loners.has(&id(1)) && loners.has(&id(REQUESTS_MAX)));
    }
}
