//! Carries signals between the servers that share the store: what others tell is done here at once.

use crate::engine::Core;
use crate::ports::Hearing;
use crate::signals::{Message, Signal};
use std::sync::Arc;
use std::time::Duration;

/// Least time between two messages; what is told meanwhile goes into the next one.
const GAP: Duration = Duration::from_millis(4);
/// Wait after a message could not be sent again.
const SEND_RETRY: Duration = Duration::from_millis(500);
/// Waits between two tries to listen: the first and the longest.
const LISTEN_RETRY_FIRST: Duration = Duration::from_millis(200);
const LISTEN_RETRY_MAX: Duration = Duration::from_secs(5);

/// Runs until the server leaves; at once over where no other server can share the store.
pub(crate) async fn run(core: Arc<Core>) {
    let signals = &core.hub.signals;
    tokio::select! {
        biased;
        () = signals.ended() => {}
        () = hear(&core) => {}
        () = send(&core) => {}
    }
}

/// The last thing that the others hear of this server.
pub(crate) async fn leave(core: &Core) {
    if let Some(text) = core.hub.signals.last(&core.config.worker.0, core.clock.now())
        && let Err(error) = core.store.send_signal(&text).await
    {
        tracing::warn!(error = %error, "other servers not told of the end");
    }
}

async fn send(core: &Core) {
    let mut has_failed = false;
    loop {
        core.hub.signals.more().await;
        let Some(text) = core.hub.signals.take(&core.config.worker.0, core.clock.now()) else { continue };
        match core.store.send_signal(&text).await {
            Ok(()) => {
                has_failed = false;
                core.clock.sleep(GAP).await;
            }
            Err(error) => {
                tracing::warn!(error = %error, "other servers not told; they are told that they missed something");
                core.hub.signals.tell(Signal::Missed);
                // The connection may just have been an old one: the first time it is tried again at once.
                if std::mem::replace(&mut has_failed, true) {
                    core.clock.sleep(SEND_RETRY).await;
                }
            }
        }
    }
}

async fn hear(core: &Core) {
    let mut wait = None;
    let mut is_first = true;
    loop {
        match core.store.hear_signals().await {
            Ok(None) => return,
            Ok(Some(hearing)) => {
                wait = None;
                core.hub.signals.set_hearing(true);
                core.hub.signals.ask();
                if !std::mem::take(&mut is_first) {
                    look_at_everything(core);
                }
                listen(core, hearing).await;
                core.hub.signals.set_hearing(false);
            }
            Err(error) => {
                tracing::warn!(error = %error, "other servers can't be heard");
                // The connection may just have been an old one: the first time it is tried again at once.
                if let Some(wait) = wait {
                    core.clock.sleep(wait).await;
                }
                wait = Some(wait.map_or(LISTEN_RETRY_FIRST, |wait: Duration| (wait * 2).min(LISTEN_RETRY_MAX)));
            }
        }
    }
}

/// Does what is heard until the connection is lost.
async fn listen(core: &Core, mut hearing: Box<dyn Hearing>) {
    loop {
        match hearing.next().await {
            Ok(text) => obey(core, &text),
            Err(error) => {
                tracing::warn!(error = %error, "other servers not heard any more; listening anew");
                return;
            }
        }
    }
}

fn obey(core: &Core, text: &str) {
    let Ok(mut message) = serde_json::from_str::<Message>(text) else {
        tracing::warn!(bytes = text.len(), "a signal can't be read");
        return look_at_everything(core);
    };
    if message.from == core.config.worker.0 {
        return;
    }
    let is_new = core.hub.signals.heard(&message, core.clock.now());
    // Two servers that did not know each other have told each other nothing; one that ended may have been cut short.
    if message.missed || message.left || is_new {
        return look_at_everything(core);
    }
    if message.due {
        core.wake.notify_one();
    }
    if message.scale {
        core.scale.notify_one();
    }
    if message.holds {
        core.others_hold.notify_one();
    }
    message.stops.iter().for_each(|seq| _ = core.running.stop(*seq));
    message.changes().for_each(|change| core.hub.relay(Some(change)));
}

/// Something was missed: whatever it was, it is found by looking.
fn look_at_everything(core: &Core) {
    core.wake.notify_one();
    core.timers.notify_one();
    core.doubt.notify_one();
    core.others_hold.notify_one();
    core.scale.notify_one();
    core.hub.relay(None);
}
