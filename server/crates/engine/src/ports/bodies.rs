//! Bodies of an HTTP call that travel while it runs.

use bytes::Bytes;
use model::{BodyStream, HttpResponse};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// Pieces of an answer that wait for a slow caller; then the function waits.
const PIECES_MAX: usize = 16;

/// The bodies of one call. Cheap to clone.
#[derive(Clone)]
pub struct Bodies {
    ends: Arc<Ends>,
}

struct Ends {
    head: Mutex<Option<oneshot::Sender<HttpResponse>>>,
    pieces: mpsc::Sender<Bytes>,
    rest: Mutex<Option<BodyStream>>,
}

/// The caller's side of an answer.
pub struct Answer {
    /// Tells the head when the function has given it.
    pub head: oneshot::Receiver<HttpResponse>,
    /// What follows; ends when the call is over.
    pub pieces: mpsc::Receiver<Bytes>,
}

impl std::fmt::Debug for Bodies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bodies")
    }
}

impl Bodies {
    /// The bodies of a call with this still to come of its request, and the caller's side of its answer.
    pub fn new(rest: Option<BodyStream>) -> (Self, Answer) {
        let ((told, head), (sender, pieces)) = (oneshot::channel(), mpsc::channel(PIECES_MAX));
        let ends = Ends { head: Mutex::new(Some(told)), pieces: sender, rest: Mutex::new(rest) };
        (Self { ends: Arc::new(ends) }, Answer { head, pieces })
    }

    /// Takes what is still to come of the request's body; `None` when its payload is all of it.
    pub fn take_rest(&self) -> Option<BodyStream> {
        self.ends.rest.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Begins the answer; a second head is not heard.
    pub fn begin(&self, head: HttpResponse) {
        if let Some(told) = self.ends.head.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Nobody may wait any more.
            drop(told.send(head));
        }
    }

    /// Adds to the answer's body; waits while the caller takes nothing. False when nobody wants it any more.
    pub async fn write(&self, piece: Bytes) -> bool {
        self.ends.pieces.send(piece).await.is_ok()
    }
}
