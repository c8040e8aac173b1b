//! Group commit: calls that arrive while a transaction is being written share the next one.

use crate::ports::{StoreError, StoreResult};
use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

type Call<T, R> = (T, oneshot::Sender<StoreResult<R>>);

/// Gathers single writes into batches; one batch is under way at a time.
pub(crate) struct Batcher<T, R> {
    calls: mpsc::Sender<Call<T, R>>,
}

impl<T: Send + 'static, R: Send + 'static> Batcher<T, R> {
    /// Starts the gathering task; `write` gets up to `rows_max` items and answers for each in order. It ends when the batcher is dropped.
    pub(crate) fn spawn<F>(rows_max: usize, write: F) -> Self
    where
        F: Fn(Vec<T>) -> BoxFuture<'static, StoreResult<Vec<R>>> + Send + 'static,
    {
        let (calls, mut incoming) = mpsc::channel::<Call<T, R>>(rows_max);
        tokio::spawn(async move {
            let mut gathered = Vec::new();
            while incoming.recv_many(&mut gathered, rows_max).await > 0 {
                let (items, replies): (Vec<T>, Vec<_>) = gathered.drain(..).unzip();
                answer(write(items).await, replies);
            }
        });
        Self { calls }
    }

    /// Writes one item with whatever else is waiting and returns when it is durable.
    pub(crate) async fn write(&self, item: T) -> StoreResult<R> {
        let (reply, answer) = oneshot::channel();
        let closed = || StoreError::Unavailable("the writer has ended".to_owned());
        self.calls.send((item, reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

fn answer<R>(written: StoreResult<Vec<R>>, replies: Vec<oneshot::Sender<StoreResult<R>>>) {
    // A caller that has gone away doesn't need its answer, so a failed send is no error.
    match written {
        Ok(results) => replies.into_iter().zip(results).for_each(|(reply, result)| drop(reply.send(Ok(result)))),
        Err(error) => replies.into_iter().for_each(|reply| drop(reply.send(Err(error.clone())))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::sync::Semaphore;

    #[tokio::test]
    async fn calls_that_arrive_during_a_write_share_the_next_one() {
        let gate = Arc::new(Semaphore::new(0));
        let (sizes, mut seen) = mpsc::unbounded_channel();
        let held = gate.clone();
        let batcher = Arc::new(Batcher::spawn(16, move |items: Vec<u32>| {
            let (held, sizes) = (held.clone(), sizes.clone());
            Box::pin(async move {
                sizes.send(items.len()).unwrap();
                held.acquire().await.unwrap().forget();
                Ok(items.into_iter().map(|n| n * 10).collect())
            })
        }));
        let call = |n| {
            tokio::spawn({
                let batcher = batcher.clone();
                async move { batcher.write(n).await.unwrap() }
            })
        };
        let first = call(1);
        assert_eq!(seen.recv().await, Some(1));
        let rest: Vec<_> = (2..=9).map(call).collect();
        // Every call has to sit in the channel before the gate opens; each has been polled once after these yields.
        for _ in 0..64 {
            tokio::task::yield_now().await;
        }
        gate.add_permits(2);
        assert_eq!(first.await.unwrap(), 10);
        for (n, call) in (2..).zip(rest) {
            assert_eq!(call.await.unwrap(), n * 10);
        }
        assert_eq!(seen.recv().await, Some(8));
    }

    #[tokio::test]
    async fn a_failed_write_fails_every_call_of_its_batch() {
        let batcher = Batcher::<u32, u32>::spawn(4, |_| Box::pin(async { Err(StoreError::Unavailable("disk full".to_owned())) }));
        assert!(matches!(batcher.write(1).await, Err(StoreError::Unavailable(_))));
    }
}
