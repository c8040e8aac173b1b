//! An instance as the pool has it.

use crate::{
    crowd::Crowd,
    executor::Host,
    instance::Live,
    logs::LogBook,
    pool::{PoolKey, Pooled},
    process::Process,
};
use model::InstanceId;
use std::sync::Arc;

/// A warm instance.
pub(crate) enum Held {
    /// It serves one request at a time.
    One(Box<Live>),
    /// It serves several at once.
    Many(Arc<Crowd>),
}

impl Held {
    pub(crate) fn id(&self) -> &InstanceId {
        match self {
            Self::One(live) => &live.body.id,
            Self::Many(crowd) => &crowd.id,
        }
    }

    pub(crate) fn process(&self) -> &Process {
        match self {
            Self::One(live) => &live.body.process,
            Self::Many(crowd) => &crowd.process,
        }
    }

    /// The log of what it writes without a request.
    pub(crate) fn book(&self) -> &Arc<LogBook> {
        match self {
            Self::One(live) => &live.body.book,
            Self::Many(crowd) => &crowd.book,
        }
    }

    /// Ends it; it serves no request.
    pub(crate) async fn end_idle(self, host: &Host) {
        match self {
            Self::One(live) => live.end_idle(host).await,
            Self::Many(crowd) => crowd.end_idle(host).await,
        }
    }
}

impl Pooled for Held {
    fn key(&self) -> &PoolKey {
        match self {
            Self::One(live) => live.key(),
            Self::Many(crowd) => &crowd.key,
        }
    }

    fn is_alive(&self) -> bool {
        self.process().ended().is_none()
    }

    fn is_visited(&self) -> bool {
        match self {
            Self::One(live) => live.body.card.is_visited(),
            Self::Many(crowd) => crowd.card.is_visited(),
        }
    }

    fn another(&self) -> Option<Self> {
        match self {
            Self::One(_) => None,
            Self::Many(crowd) => Some(Self::Many(Arc::clone(crowd))),
        }
    }

    fn is_open(&self) -> bool {
        match self {
            Self::One(live) => self.is_alive() && !live.body.card.is_draining(),
            Self::Many(crowd) => crowd.is_open() && !crowd.card.is_draining(),
        }
    }
}
