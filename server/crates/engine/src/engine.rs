//! The engine's parts and its background work.

use crate::batch::Batcher;
use crate::clock::Clock;
use crate::config::EngineConfig;
use crate::hub::ChangeHub;
use crate::nodes::Company;
use crate::offers::Waiting;
use crate::ports::{DeliveryEnd, Executor, Inserted, NewTask, Node, Peers, Store, TaskSeq, Transition, Webhook};
use crate::running::Running;
use crate::scaling::Reported;
use crate::signals::Signal;
use crate::tally::Tally;
use crate::{bulk, bus, destinations, heartbeat, nodes, over_age, prune, rescue, scaling, scheduler, strays, tally, timers};
use model::{Change, TaskRef, TaskStatus, UnixMillis};
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Rows that one group commit writes at most.
const BATCH_ROWS_MAX: usize = 512;

/// What every part of the engine shares.
pub(crate) struct Core {
    pub(crate) config: EngineConfig,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) executor: Arc<dyn Executor>,
    pub(crate) webhook: Arc<dyn Webhook>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) hub: ChangeHub,
    pub(crate) running: Running,
    pub(crate) waiting: Waiting,
    /// What is counted here and not stored yet.
    pub(crate) tally: Tally,
    /// This server among others on the store, where there can be any.
    pub(crate) company: OnceLock<Company>,
    /// Told when a task may be due earlier than the scheduler thinks.
    pub(crate) wake: Notify,
    /// Told when a trigger may be due earlier than the timers think.
    pub(crate) timers: Notify,
    /// Told when this worker may hold a task in the store that it does not have in hand, or the other way round.
    pub(crate) doubt: Notify,
    /// Told when another server has taken tasks.
    pub(crate) others_hold: Notify,
    /// Told when a delivery may be due earlier than the duty of destinations thinks.
    pub(crate) deliver: Notify,
    /// Told when there is a bulk action to work on.
    pub(crate) bulks: Notify,
    /// Told when numbers of instances may have changed.
    pub(crate) scale: Notify,
    /// Held while numbers of instances are read and handed to the executor.
    pub(crate) scaling: tokio::sync::Mutex<Reported>,
    /// Held from a claim until its tasks are in hand.
    pub(crate) claiming: tokio::sync::Mutex<()>,
    pub(crate) inserts: Batcher<NewTask, Inserted>,
    pub(crate) transitions: Batcher<Transition, bool>,
    pub(crate) delivery_ends: Batcher<DeliveryEnd, bool>,
    /// Cancelled when nothing new may begin.
    pub(crate) draining: CancellationToken,
    /// Cancelled when what is under way has to end too.
    pub(crate) abandoned: CancellationToken,
    /// Every task spawned by the engine.
    pub(crate) tracker: TaskTracker,
}

impl Core {
    /// Tells listeners of a written change.
    pub(crate) fn publish(&self, task: &TaskRef, status: TaskStatus, is_new: bool) {
        self.hub.publish(Change { task: task.clone(), status, is_new });
    }

    /// A task may be due, or may be taken, earlier than the schedulers of this and the other servers think.
    pub(crate) fn due(&self) {
        self.wake.notify_one();
        self.hub.signals.tell(Signal::Due);
    }

    /// The same of a task that is due then. Every scheduler looks again within its fallback, and finds what is due later in time.
    pub(crate) fn due_at(&self, at: UnixMillis) {
        if u128::try_from(at.since(self.clock.now())).is_ok_and(|ms| ms > self.config.poll_fallback.as_millis()) {
            return;
        }
        self.due();
    }

    /// Ends the code of a task, wherever it runs.
    pub(crate) fn end_code(&self, seq: TaskSeq) {
        if !self.running.stop(seq) {
            self.hub.signals.tell(Signal::Stop(seq));
        }
    }
}

/// The task engine; implements `model::ControlPlane`. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(crate) core: Arc<Core>,
}

impl Engine {
    /// Puts the parts together; nothing runs before [`Engine::start`]. `running` and `hub` are those that the log sink was made with.
    pub fn new(
        config: EngineConfig,
        store: Arc<dyn Store>,
        executor: Arc<dyn Executor>,
        webhook: Arc<dyn Webhook>,
        clock: Arc<dyn Clock>,
        running: Running,
        hub: ChangeHub,
    ) -> Self {
        let (for_inserts, for_transitions, for_deliveries) = (store.clone(), store.clone(), store.clone());
        let logs = running.logs.clone();
        let core = Core {
            config,
            store,
            executor,
            webhook,
            clock,
            hub,
            running,
            waiting: Waiting::default(),
            tally: Tally::default(),
            company: OnceLock::new(),
            wake: Notify::new(),
            timers: Notify::new(),
            doubt: Notify::new(),
            others_hold: Notify::new(),
            deliver: Notify::new(),
            bulks: Notify::new(),
            scale: Notify::new(),
            scaling: tokio::sync::Mutex::default(),
            claiming: tokio::sync::Mutex::new(()),
            inserts: Batcher::spawn(BATCH_ROWS_MAX, move |batch| {
                let store = for_inserts.clone();
                Box::pin(async move { store.insert_tasks(batch).await })
            }),
            transitions: Batcher::spawn(BATCH_ROWS_MAX, move |batch| {
                let (store, logs) = (for_transitions.clone(), logs.clone());
                Box::pin(async move { logs.apply(&*store, batch).await })
            }),
            delivery_ends: Batcher::spawn(BATCH_ROWS_MAX, move |batch| {
                let store = for_deliveries.clone();
                Box::pin(async move { store.end_deliveries(batch).await })
            }),
            draining: CancellationToken::new(),
            abandoned: CancellationToken::new(),
            tracker: TaskTracker::new(),
        };
        Self { core: Arc::new(core) }
    }

    /// Makes it one of several servers, which the others reach as `own`. To be called before [`Engine::start`].
    #[must_use]
    pub fn among(self, own: Node, peers: Arc<dyn Peers>) -> Self {
        // A second call finds it set.
        drop(self.core.company.set(Company { own, peers }));
        self
    }

    /// Takes over what an earlier life of the process left and begins to run tasks.
    pub async fn start(&self) {
        // Not tracked: it serves whoever listens until the process ends.
        tokio::spawn(bus::run(self.core.clone()));
        tokio::spawn(nodes::run(self.core.clone()));
        let rescued = rescue::at_start(&self.core).await;
        self.core.tracker.spawn(scheduler::run(self.core.clone(), rescued));
        self.core.tracker.spawn(timers::run(self.core.clone()));
        self.core.tracker.spawn(scaling::run(self.core.clone()));
        self.core.tracker.spawn(strays::run(self.core.clone()));
        self.core.tracker.spawn(heartbeat::run(self.core.clone()));
        self.core.tracker.spawn(rescue::run(self.core.clone()));
        self.core.tracker.spawn(over_age::run(self.core.clone()));
        self.core.tracker.spawn(prune::run(self.core.clone()));
        self.core.tracker.spawn(tally::run(self.core.clone()));
        self.core.tracker.spawn(destinations::run(self.core.clone()));
        self.core.tracker.spawn(bulk::run(self.core.clone()));
    }

    /// Stops taking tasks; those in hand go on. [`Engine::drained`] tells when they have ended.
    pub fn drain(&self) {
        self.core.draining.cancel();
        // What waits is for the others now.
        self.core.hub.signals.tell(Signal::Due);
        self.core.tracker.close();
    }

    /// Returns when no task is in hand and no background work runs any more; call [`Engine::drain`] first.
    pub async fn drained(&self) {
        self.core.tracker.wait().await;
    }

    /// Ends the code of every task in hand; each waits for its next attempt, which another worker or the next start runs. Deliveries under
    /// way are given up alike.
    pub fn abandon(&self) {
        self.core.abandoned.cancel();
        self.core.running.stop_all();
    }

    /// Lets other workers take over at once whatever this one still holds; the last thing before the process ends.
    pub async fn retire(&self) {
        self.core.running.logs.flush(&self.core.store).await;
        if let Err(error) = self.core.store_counts().await {
            tracing::warn!(error = %error, "figures of the last minute lost");
        }
        if let Err(error) = self.core.store.retire_worker(&self.core.config.worker).await {
            tracing::warn!(error = %error, "worker not retired; its tasks wait for the lease to pass");
        }
        nodes::leave(&self.core).await;
        scaling::leave(&self.core).await;
        bus::leave(&self.core).await;
    }
}
