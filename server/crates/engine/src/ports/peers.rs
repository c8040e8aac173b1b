//! How servers that share a store find each other, and what one asks another: what only the server knows on which an instance lives.

use super::{StoreResult, WorkerId};
use async_trait::async_trait;
use model::{ExecRequest, ExecSession, FunctionRef, InstanceId, InstanceInfo, Region, Result, UnixMillis};

/// A server as the others reach it.
#[derive(Clone, PartialEq, Eq)]
pub struct Node {
    /// Name of its life.
    pub worker: WorkerId,
    /// Host and port.
    pub address: String,
    /// What whoever asks it has to show: known to those who can read the store.
    pub secret: String,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node").field("worker", &self.worker).field("address", &self.address).finish_non_exhaustive()
    }
}

/// The servers on a store.
#[async_trait]
pub trait NodeStore: Send + Sync {
    /// Writes that the server is there, and forgets those that were not since `forget_before`.
    async fn put_node(&self, node: &Node, now: UnixMillis, forget_before: UnixMillis) -> StoreResult<()>;

    /// All of them, by name.
    async fn list_nodes(&self) -> StoreResult<Vec<Node>>;

    /// Forgets a server.
    async fn delete_node(&self, worker: &WorkerId) -> StoreResult<()>;
}

/// The way to other servers. Errors: why one can't be reached, in words for the log.
#[async_trait]
pub trait Peers: Send + Sync {
    /// The function's instances on another server.
    async fn instances(&self, node: &Node, function: &FunctionRef) -> std::result::Result<Vec<InstanceInfo>, String>;

    /// Instances of every function of the region on another server.
    async fn region_instances(&self, node: &Node, region: &Region) -> std::result::Result<Vec<InstanceInfo>, String>;

    /// A command in an instance of another server, with that server's refusal.
    async fn exec(
        &self,
        node: &Node,
        function: &FunctionRef,
        instance: &InstanceId,
        request: &ExecRequest,
    ) -> std::result::Result<Result<ExecSession>, String>;

    /// Drains an instance of another server, with that server's refusal.
    async fn drain(&self, node: &Node, function: &FunctionRef, instance: &InstanceId) -> std::result::Result<Result<()>, String>;
}

/// What another server may ask of this one.
#[async_trait]
pub trait PeerHost: Send + Sync {
    /// The function's instances here.
    async fn own_instances(&self, function: &FunctionRef) -> Vec<InstanceInfo>;

    /// Instances of every function of the region here, the oldest first, at most `limits::REGION_INSTANCES_SHOWN_MAX`.
    async fn own_region_instances(&self, region: &Region) -> Vec<InstanceInfo>;

    /// A command in an instance here.
    async fn own_exec(&self, function: &FunctionRef, instance: &InstanceId, request: ExecRequest) -> Result<ExecSession>;

    /// Drains an instance here.
    async fn own_drain(&self, function: &FunctionRef, instance: &InstanceId) -> Result<()>;
}
