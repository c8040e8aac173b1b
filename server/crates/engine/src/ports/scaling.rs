//! Numbers of instances: what the engine needs of the store, and what it tells executors.

use super::{StoreResult, WorkerId};
use async_trait::async_trait;
use model::{
    Function, FunctionRef, ListQuery, OnDemandConfig, Page, ProvisionConfig, ProvisionQuery, Qualifier, Region, UnixMillis, VersionId,
};
use std::collections::HashMap;

/// How many instances of what a server has ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionState {
    pub function: FunctionRef,
    pub qualifier: Qualifier,
    pub instances: u32,
    /// Why there are not more; empty when nothing is wrong.
    pub problem: String,
}

/// Limits and minimums of instances. They go with their function, version or alias, like the asynchronous configurations.
#[async_trait]
pub trait ScaleStore: Send + Sync {
    /// Inserts, or replaces the row whose etag is `expected_etag`; else `Conflict("on-demand configuration")`. `Conflict("function")` when
    /// there is no such function.
    async fn put_on_demand(&self, config: &OnDemandConfig, expected_etag: Option<&str>) -> StoreResult<()>;
    async fn get_on_demand(&self, function: &FunctionRef, qualifier: &Qualifier) -> StoreResult<Option<OnDemandConfig>>;
    /// `Conflict("on-demand configuration")` when it is gone or its etag changed.
    async fn delete_on_demand(&self, function: &FunctionRef, qualifier: &Qualifier, expected_etag: &str) -> StoreResult<()>;
    /// By [`OnDemandConfig::resource`].
    async fn list_on_demand(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<OnDemandConfig>>;
    /// Those of all regions.
    async fn all_on_demand(&self) -> StoreResult<Vec<OnDemandConfig>>;
    /// Tasks of the qualifier in the hands of workers.
    async fn held_of_qualifier(&self, function: &FunctionRef, qualifier: &Qualifier) -> StoreResult<u64>;

    /// Inserts, or replaces the row whose etag is `expected_etag`; else `Conflict("provision configuration")`. `Conflict("function")` when
    /// there is no such function.
    async fn put_provision(&self, config: &ProvisionConfig, expected_etag: Option<&str>) -> StoreResult<()>;
    async fn get_provision(&self, function: &FunctionRef, qualifier: &Qualifier) -> StoreResult<Option<ProvisionConfig>>;
    /// `Conflict("provision configuration")` when it is gone or its etag changed.
    async fn delete_provision(&self, function: &FunctionRef, qualifier: &Qualifier, expected_etag: &str) -> StoreResult<()>;
    /// By [`ProvisionConfig::resource`].
    async fn list_provisions(&self, region: &Region, query: &ProvisionQuery) -> StoreResult<Page<ProvisionConfig>>;
    /// Those of all regions.
    async fn all_provisions(&self) -> StoreResult<Vec<ProvisionConfig>>;

    /// Replaces what the worker has said before, and forgets what counted only until `now`, whoever said it.
    async fn report_provisions(&self, worker: &WorkerId, states: &[ProvisionState], now: UnixMillis, until: UnixMillis) -> StoreResult<()>;
    /// What the workers have said of a qualifier that counts at `now`, by worker.
    async fn provision_states(&self, function: &FunctionRef, qualifier: &Qualifier, now: UnixMillis) -> StoreResult<Vec<ProvisionState>>;
}

/// How many instances an executor may have, besides its own limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InstanceLimits {
    /// Of a function's qualifier; one that is not named has no limit.
    pub by_qualifier: HashMap<(FunctionRef, Qualifier), u32>,
    /// Of all functions of each region.
    pub by_region: Option<u32>,
}

/// Instances that an executor has to have ready.
#[derive(Debug, Clone, PartialEq)]
pub struct Keep {
    /// As it is, or as it was published.
    pub function: Function,
    pub qualifier: Qualifier,
    /// The version that `function` is of; `None` for the current code.
    pub version: Option<VersionId>,
    pub instances: u32,
}

/// The part of an executor that is about numbers of instances. One that does nothing of it has no instances of its own.
#[async_trait]
pub trait Fleet: Send + Sync {
    /// How many instances there may be from now on; replaces what was said before.
    fn limit(&self, limits: InstanceLimits) {
        let _ = limits;
    }

    /// Which instances are to be ready from now on, whether there is work for them or not; replaces what was said before.
    fn keep(&self, wanted: Vec<Keep>) {
        let _ = wanted;
    }

    /// What there is of the instances that are to be ready.
    fn kept(&self) -> Vec<ProvisionState> {
        Vec::new()
    }

    /// Returns when `kept` may have changed since the last call.
    async fn kept_changed(&self) {
        std::future::pending().await
    }
}
