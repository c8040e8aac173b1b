//! Webhooks that answer as a test says, without a socket.

use async_trait::async_trait;
use engine::ports::{Webhook, WebhookCall};
use std::collections::VecDeque;
use std::sync::Mutex;
use tokio::sync::{Notify, Semaphore};

/// Answers calls to a `deaf` address never, and others with what the test has laid out, in order, then takes every one.
pub struct SimWebhook {
    answers: Mutex<VecDeque<Result<(), String>>>,
    calls: Mutex<Vec<WebhookCall>>,
    called: Notify,
    /// Calls that may go on to their answer.
    gate: Semaphore,
}

impl Default for SimWebhook {
    fn default() -> Self {
        Self { answers: Mutex::default(), calls: Mutex::default(), called: Notify::new(), gate: Semaphore::new(Semaphore::MAX_PERMITS) }
    }
}

impl SimWebhook {
    /// The next so many calls fail.
    pub fn fail(&self, count: usize) {
        self.answers.lock().unwrap().extend(std::iter::repeat_n(Err("it answered 500".to_owned()), count));
    }

    /// Calls are not answered until [`SimWebhook::open`].
    pub fn close(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub fn open(&self) {
        self.gate.add_permits(1_000);
    }

    pub fn calls(&self) -> Vec<WebhookCall> {
        self.calls.lock().unwrap().clone()
    }

    /// Waits until so many calls have come.
    pub async fn until_calls(&self, count: usize) -> Vec<WebhookCall> {
        loop {
            let called = self.called.notified();
            tokio::pin!(called);
            called.as_mut().enable();
            if self.calls().len() >= count {
                return self.calls();
            }
            called.await;
        }
    }
}

#[async_trait]
impl Webhook for SimWebhook {
    fn check(&self, url: &str) -> Result<(), String> {
        if url.contains("forbidden") { Err("webhooks must not call it".to_owned()) } else { Ok(()) }
    }

    async fn post(&self, call: WebhookCall) -> Result<(), String> {
        let url = call.url.clone();
        self.calls.lock().unwrap().push(call);
        self.called.notify_waiters();
        if url.contains("deaf") {
            std::future::pending::<()>().await;
        }
        self.gate.acquire().await.unwrap().forget();
        self.answers.lock().unwrap().pop_front().unwrap_or(Ok(()))
    }
}
