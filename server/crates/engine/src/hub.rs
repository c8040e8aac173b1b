//! Tells listeners of state changes as they happen.

use futures::StreamExt;
use model::{Change, ChangeScope, ChangeStream};
use tokio::sync::broadcast;

/// Changes that a slow listener may lag behind before it is told to read everything again.
const BACKLOG: usize = 4_096;

/// One sender of changes, any number of listeners. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ChangeHub {
    changes: broadcast::Sender<Change>,
}

impl Default for ChangeHub {
    fn default() -> Self {
        Self { changes: broadcast::channel(BACKLOG).0 }
    }
}

impl ChangeHub {
    /// Tells every listener; nobody listening is no error.
    pub fn publish(&self, change: Change) {
        drop(self.changes.send(change));
    }

    /// Changes within the scope from now on; `None` where some were missed.
    pub fn listen(&self, scope: ChangeScope) -> ChangeStream {
        let receiver = self.changes.subscribe();
        let stream = futures::stream::unfold(receiver, |mut receiver| async move {
            match receiver.recv().await {
                Ok(change) => Some((Some(change), receiver)),
                Err(broadcast::error::RecvError::Lagged(_)) => Some((None, receiver)),
                Err(broadcast::error::RecvError::Closed) => None,
            }
        });
        Box::pin(stream.filter(move |change| {
            let wanted = change.as_ref().is_none_or(|change| scope.covers(change));
            async move { wanted }
        }))
    }
}
