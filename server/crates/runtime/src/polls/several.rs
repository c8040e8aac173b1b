//! A program that asks for its next request before it has answered the last one.

use super::{Answer, Polls, outcome};
use crate::{
    conversation::{Broken, Call, Reply, Several},
    executor::Host,
};
use async_trait::async_trait;
use model::HookKind;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::AbortOnDropHandle;

/// Who waits for the answer to which request.
type Waiting = Arc<Mutex<HashMap<String, oneshot::Sender<Answer>>>>;

/// The server's side of a conversation with such a program.
pub(super) struct Many {
    one: Polls,
    waiting: Waiting,
    _answers: AbortOnDropHandle<()>,
}

fn lock(waiting: &Waiting) -> MutexGuard<'_, HashMap<String, oneshot::Sender<Answer>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Many {
    pub(super) fn new(mut one: Polls) -> Self {
        let waiting = Waiting::default();
        let (_, none) = mpsc::unbounded_channel();
        let mut answers = std::mem::replace(&mut one.answers, none);
        let for_answers = Arc::clone(&waiting);
        let handing_out = tokio::spawn(async move {
            while let Some(answer) = answers.recv().await {
                // One that nobody waits for any more is dropped.
                if let Some(call) = lock(&for_answers).remove(&answer.request_id) {
                    drop(call.send(answer));
                }
            }
        });
        Self { one, waiting, _answers: AbortOnDropHandle::new(handing_out) }
    }

    async fn ask(&self, request_id: &str, ask: super::Ask) -> Result<Answer, Broken> {
        let (told, answer) = oneshot::channel();
        lock(&self.waiting).insert(request_id.to_owned(), told);
        self.one.send_ask(ask)?;
        answer.await.map_err(|_| Broken("nobody answers".to_owned()))
    }
}

#[async_trait]
impl Several for Many {
    async fn call(&self, call: &Call<'_>) -> Result<Reply, Broken> {
        let (ask, is_http) = self.one.ask_for(call)?;
        let answer = self.ask(call.request_id, ask).await?;
        Ok(Reply { outcome: outcome(answer, is_http), is_fatal: false, is_cancelled: false })
    }

    /// Programs can't be told.
    async fn cancel(&self, _: &Host, _: &str) -> bool {
        false
    }

    async fn hook(&self, hook: HookKind, request_id: &str) -> Result<Result<(), Vec<u8>>, Broken> {
        let (kind, name, seconds) = self.one.hook_call(hook);
        // While the request itself runs its id would not tell the two answers apart.
        let id = if lock(&self.waiting).contains_key(request_id) { format!("{request_id}-{name}") } else { request_id.to_owned() };
        let answer = self.ask(&id, self.one.ask(kind, &id, 0, seconds)?).await?;
        Ok(if answer.is_error { Err(answer.body.unwrap_or_default()) } else { Ok(()) })
    }

    fn marks_its_log(&self) -> bool {
        false
    }

    fn breaks_singly(&self) -> bool {
        false
    }
}
