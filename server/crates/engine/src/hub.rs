//! Tells listeners of state changes as they happen, here and on the other servers.

use crate::signals::{Signal, Signals};
use futures::StreamExt;
use model::{Change, ChangeScope, ChangeStream};
use tokio::sync::broadcast;

/// Changes that a slow listener may lag behind before it is told to read everything again.
const BACKLOG: usize = 4_096;

/// One sender of changes, any number of listeners. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ChangeHub {
    changes: broadcast::Sender<Option<Change>>,
    pub(crate) signals: Signals,
}

impl Default for ChangeHub {
    fn default() -> Self {
        Self { changes: broadcast::channel(BACKLOG).0, signals: Signals::default() }
    }
}

impl ChangeHub {
    /// Tells every listener of a change made by this server, wherever it listens; nobody listening is no error.
    pub fn publish(&self, change: Change) {
        if self.signals.has_others() {
            self.signals.tell(Signal::Changed(change.clone()));
        }
        drop(self.changes.send(Some(change)));
    }

    /// Tells the listeners of this server of a change made by another one; `None`: of some that nobody can name any more.
    pub(crate) fn relay(&self, change: Option<Change>) {
        drop(self.changes.send(change));
    }

    /// Changes within the scope from now on; `None` where some were missed.
    pub fn listen(&self, scope: ChangeScope) -> ChangeStream {
        let receiver = self.changes.subscribe();
        let stream = futures::stream::unfold(receiver, |mut receiver| async move {
            match receiver.recv().await {
                Ok(change) => Some((change, receiver)),
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
