//! Reads that callers share: whoever asks while the same thing is being read waits for the next read, which then answers all who wait.
//! Nobody gets an answer from before the question, so this is as fresh as a read of one's own; a thousand submissions a second to one
//! function cost a few reads of it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Keys after which those that nobody waits for are forgotten.
const KEYS_MAX: usize = 1_024;

struct Entry<V> {
    /// Questions so far.
    asked: AtomicU64,
    latest: tokio::sync::Mutex<Option<Answer<V>>>,
}

struct Answer<V> {
    /// The questions that came before its read began.
    covers: u64,
    value: V,
}

/// Reads by key.
pub(crate) struct SharedRead<K, V> {
    entries: Mutex<HashMap<K, Arc<Entry<V>>>>,
}

impl<K, V> Default for SharedRead<K, V> {
    fn default() -> Self {
        Self { entries: Mutex::default() }
    }
}

impl<K: Eq + Hash + Clone, V: Clone> SharedRead<K, V> {
    fn entry(&self, key: &K) -> Arc<Entry<V>> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= KEYS_MAX {
            entries.retain(|_, entry| Arc::strong_count(entry) > 1);
        }
        let new = || Arc::new(Entry { asked: AtomicU64::new(0), latest: tokio::sync::Mutex::new(None) });
        entries.entry(key.clone()).or_insert_with(new).clone()
    }

    /// The answer of a read that begins after this call. An error answers one caller; the next one reads again.
    pub(crate) async fn get<E>(&self, key: &K, read: impl Future<Output = Result<V, E>>) -> Result<V, E> {
        let entry = self.entry(key);
        let question = entry.asked.fetch_add(1, Ordering::SeqCst);
        let mut latest = entry.latest.lock().await;
        if let Some(answer) = latest.as_ref().filter(|answer| question < answer.covers) {
            return Ok(answer.value.clone());
        }
        let covers = entry.asked.load(Ordering::SeqCst);
        let value = read.await?;
        *latest = Some(Answer { covers, value: value.clone() });
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use std::convert::Infallible;
    use tokio::sync::Semaphore;

    #[tokio::test]
    async fn those_who_ask_during_a_read_share_the_next_one() {
        let (shared, gate, reads) = (SharedRead::default(), Semaphore::new(0), AtomicU64::new(0));
        let ask = || {
            shared.get(&"f", async {
                let number = reads.fetch_add(1, Ordering::SeqCst);
                gate.acquire().await.unwrap().forget();
                Ok::<u64, Infallible>(number)
            })
        };
        let open = async { gate.add_permits(9) };
        // All have asked before the gate opens: the first read began with the first question alone.
        let (answers, ()) = tokio::join!(join_all((0..8).map(|_| ask())), open);
        assert_eq!(answers, [0, 1, 1, 1, 1, 1, 1, 1].map(Ok));
        assert_eq!(ask().await, Ok(2), "an answer is not kept");
    }

    #[tokio::test]
    async fn an_error_answers_one_caller() {
        let shared = SharedRead::<_, u64>::default();
        let (first, second) = tokio::join!(shared.get(&1, async { Err("no") }), shared.get(&1, async { Ok::<_, &str>(7) }));
        assert_eq!((first, second), (Err("no"), Ok(7)));
    }
}
