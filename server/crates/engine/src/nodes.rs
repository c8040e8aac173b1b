//! Lets the other servers on the store find this one.

use crate::clock::Clock;
use crate::engine::Core;
use crate::ports::{Node, Peers};
use std::sync::Arc;
use std::time::Duration;

/// How often a server writes that it is there.
const SHOWN_EVERY: Duration = Duration::from_secs(600);
/// After this time without that, a server is forgotten, in milliseconds; one that can't be reached is passed over before, too.
const FORGOTTEN_AFTER_MS: i64 = 3 * 600_000;
/// Wait after it could not be written.
const RETRY: Duration = Duration::from_secs(5);

/// This server among others.
pub(crate) struct Company {
    pub(crate) own: Node,
    pub(crate) peers: Arc<dyn Peers>,
}

/// Runs until the server leaves; at once over where it has no company.
pub(crate) async fn run(core: Arc<Core>) {
    let Some(company) = core.company.get() else { return };
    if let Some(previous) = &core.config.previous_worker
        && let Err(error) = core.store.delete_node(previous).await
    {
        tracing::warn!(error = %error, "the life before is still listed among the servers");
    }
    loop {
        let now = core.clock.now();
        let wait = match core.store.put_node(&company.own, now, now.plus_ms(-FORGOTTEN_AFTER_MS)).await {
            Ok(()) => SHOWN_EVERY,
            Err(error) => {
                tracing::warn!(error = %error, "other servers can't find this one");
                RETRY
            }
        };
        tokio::select! {
            biased;
            () = core.hub.signals.ended() => return,
            () = core.clock.sleep(wait) => {}
        }
    }
}

/// The others find this server no more.
pub(crate) async fn leave(core: &Core) {
    if let Some(company) = core.company.get()
        && let Err(error) = core.store.delete_node(&company.own.worker).await
    {
        tracing::warn!(error = %error, "still listed among the servers; the others pass this one over");
    }
}

/// The other servers.
pub(crate) async fn others(core: &Core) -> (Option<&Company>, Vec<Node>) {
    let Some(company) = core.company.get() else { return (None, Vec::new()) };
    match core.store.list_nodes().await {
        Ok(nodes) => (Some(company), nodes.into_iter().filter(|node| node.worker != company.own.worker).collect()),
        Err(error) => {
            tracing::warn!(error = %error, "the other servers are not known");
            (Some(company), Vec::new())
        }
    }
}

/// The answer, unless it takes too long.
pub(crate) async fn in_time<T>(clock: &dyn Clock, answer: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    /// How long another server may take to answer.
    const ANSWER_WITHIN: Duration = Duration::from_secs(3);
    tokio::select! {
        answer = answer => answer,
        () = clock.sleep(ANSWER_WITHIN) => Err("it does not answer".to_owned()),
    }
}
