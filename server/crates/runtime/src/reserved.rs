//! An instance in somebody's hands: it runs one invocation and is given back.

use crate::{crowd::Crowd, executor::Host, held::Held, logs::Rest, pool::Lease};
use async_trait::async_trait;
use engine::ports::{AcquireError, End, Instance, Invocation, Outcome};
use model::InstanceId;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// An instance reserved for one invocation.
pub(crate) struct Reserved {
    id: InstanceId,
    lease: Lease<Held>,
    host: Arc<Host>,
}

impl Reserved {
    /// Takes a lease, which has an instance.
    pub(crate) fn new(host: Arc<Host>, lease: Lease<Held>) -> Result<Self, AcquireError> {
        let id = lease.get().map(|held| held.id().clone());
        let id = id.ok_or_else(|| AcquireError::Platform("an empty lease".to_owned()))?;
        Ok(Self { id, lease, host })
    }
}

#[async_trait]
impl Instance for Reserved {
    fn id(&self) -> &InstanceId {
        &self.id
    }

    async fn run(self: Box<Self>, invocation: Invocation, stop: CancellationToken) -> Outcome {
        let Self { lease, host, .. } = *self;
        let tracker = host.tracker.clone();
        // A caller that goes away stops the code as a stop request does: nothing runs that nobody knows of.
        let stop = stop.child_token();
        let _gone = stop.clone().drop_guard();
        let running = tracker.spawn(async move {
            if let Some(Held::Many(crowd)) = lease.get() {
                let crowd = Arc::clone(crowd);
                let (outcome, rest) = crowd.run(&host, &invocation, &stop).await;
                finish(&host, crowd, lease, rest).await;
                return outcome;
            }
            let Some((Held::One(live), slot)) = lease.into_parts() else {
                return platform_error("the instance is gone");
            };
            let (outcome, rest, back) = live.run(&host, &invocation, &stop).await;
            match back {
                Some(live) if live.freezes() => {
                    // What the hook writes comes after it.
                    rest.stored().await;
                    // The answer does not wait for the hook.
                    drop(host.tracker.clone().spawn(async move {
                        drop(live.pre_freeze(&host).await.map(|live| Lease::new(Held::One(live), slot)));
                    }));
                }
                back => {
                    // Before the log is stored: that takes longer than many a function.
                    drop(back.map(|live| Lease::new(Held::One(live), slot)));
                    rest.stored().await;
                }
            }
            outcome
        });
        running.await.unwrap_or_else(|error| platform_error(&format!("the execution failed: {error}")))
    }
}

/// Gives the place of a request back, after the hook of an instance that gets idle by it.
async fn finish(host: &Arc<Host>, crowd: Arc<Crowd>, lease: Lease<Held>, rest: Rest) {
    if crowd.freezes() {
        rest.stored().await;
        let for_hook = Arc::clone(host);
        drop(host.tracker.spawn(async move {
            crowd.pre_freeze(&for_hook).await;
            drop(lease);
        }));
    } else {
        drop(lease);
        rest.stored().await;
    }
}

fn platform_error(message: &str) -> Outcome {
    Outcome { end: End::PlatformError { message: message.to_owned() }, duration_ms: 0, log_tail: String::new() }
}
