//! Answers of HTTP functions that go to the caller as the program writes them.

use super::{Answer, Shared};
use crate::errors;
use engine::ports::Bodies;
use http::HeaderValue;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use model::HttpResponse;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Answers up to this length are read whole.
const SHORT_BYTES: u64 = 64 * 1024;

/// Calls whose answer somebody takes as it comes, by the request's id.
#[derive(Default)]
pub(super) struct Wanted(Mutex<HashMap<String, Bodies>>);

impl Wanted {
    fn calls(&self) -> MutexGuard<'_, HashMap<String, Bodies>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a call.
    pub(super) fn add(&self, request_id: &str, bodies: &Bodies) {
        self.calls().insert(request_id.to_owned(), bodies.clone());
    }

    /// Where the answer to a call goes; to be asked for once, when it comes.
    pub(super) fn take(&self, request_id: &str) -> Option<Bodies> {
        self.calls().remove(request_id)
    }
}

/// True for an answer that is not worth it.
pub(super) fn is_short(incoming: &Incoming) -> bool {
    incoming.size_hint().exact().is_some_and(|length| length <= SHORT_BYTES)
}

/// An answer that is passed on.
pub(super) struct Passing {
    pub(super) request_id: String,
    pub(super) params: Option<HeaderValue>,
    pub(super) head: HttpResponse,
    pub(super) bodies: Bodies,
}

impl Passing {
    /// Passes the answer on and says so; false when nobody waits for that. On a task of its own: with the connection, which the program may break
    /// off, nobody would be told.
    pub(super) async fn run(self, incoming: Incoming, shared: Arc<Shared>) -> bool {
        tokio::spawn(async move {
            let Self { request_id, params, head, bodies } = self;
            bodies.begin(head);
            let is_whole = pass_on(&bodies, incoming).await;
            let error = (!is_whole).then(|| errors::body("the program broke its answer off"));
            let answer = Answer { request_id, is_error: !is_whole, params, body: Some(error.unwrap_or_default()) };
            shared.answers.send(answer).is_ok()
        })
        .await
        .unwrap_or(false)
    }
}

/// False when it was broken off.
async fn pass_on(bodies: &Bodies, mut incoming: Incoming) -> bool {
    while let Some(frame) = incoming.frame().await {
        let Ok(frame) = frame else { return false };
        if let Ok(data) = frame.into_data() {
            // A caller that has gone is heard of elsewhere.
            bodies.write(data).await;
        }
    }
    true
}
