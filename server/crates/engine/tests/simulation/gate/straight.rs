//! Ports that the simulation is not about: passed on at once, without a choice.

use super::Gate;
use async_trait::async_trait;
use engine::ports::*;
use model::*;
use std::sync::Arc;

/// The simulation's functions have no layers.
#[async_trait]
impl LayerStore for Gate {
    async fn insert_layer_version(&self, layer: &LayerVersion, code: &[u8]) -> StoreResult<u32> {
        self.store.insert_layer_version(layer, code).await
    }
    async fn get_layer_version(&self, at: &LayerVersionRef, with_deleted: bool) -> StoreResult<Option<LayerVersion>> {
        self.store.get_layer_version(at, with_deleted).await
    }
    async fn list_layers(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<LayerVersion>> {
        self.store.list_layers(region, query).await
    }
    async fn list_layer_versions(&self, layer: &LayerRef, start: u32, limit: u32) -> StoreResult<Page<LayerVersion>> {
        self.store.list_layer_versions(layer, start, limit).await
    }
    async fn delete_layer_version(&self, at: &LayerVersionRef, now: UnixMillis) -> StoreResult<bool> {
        self.store.delete_layer_version(at, now).await
    }
    async fn put_layer_acl(&self, layer: &LayerRef, is_public: bool) -> StoreResult<bool> {
        self.store.put_layer_acl(layer, is_public).await
    }
}

/// The simulation has no custom domains.
#[async_trait]
impl DomainStore for Gate {
    async fn insert_domain(&self, domain: &CustomDomain, most: u32) -> StoreResult<()> {
        self.store.insert_domain(domain, most).await
    }
    async fn get_domain(&self, domain: &DomainRef) -> StoreResult<Option<CustomDomain>> {
        self.store.get_domain(domain).await
    }
    async fn list_domains(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<CustomDomain>> {
        self.store.list_domains(region, query).await
    }
    async fn update_domain(&self, domain: &CustomDomain, expected_etag: &str) -> StoreResult<()> {
        self.store.update_domain(domain, expected_etag).await
    }
    async fn delete_domain(&self, domain: &DomainRef, expected_etag: &str) -> StoreResult<()> {
        self.store.delete_domain(domain, expected_etag).await
    }
    async fn domain_of_host(&self, name: &DomainName) -> StoreResult<Option<Arc<CustomDomain>>> {
        self.store.domain_of_host(name).await
    }
}

#[async_trait]
impl ScaleStore for Gate {
    async fn put_on_demand(&self, config: &OnDemandConfig, expected_etag: Option<&str>) -> StoreResult<()> {
        self.store.put_on_demand(config, expected_etag).await
    }
    async fn get_on_demand(&self, function: &FunctionRef, qualifier: &Qualifier) -> StoreResult<Option<OnDemandConfig>> {
        self.store.get_on_demand(function, qualifier).await
    }
    async fn delete_on_demand(&self, function: &FunctionRef, qualifier: &Qualifier, expected_etag: &str) -> StoreResult<()> {
        self.store.delete_on_demand(function, qualifier, expected_etag).await
    }
    async fn list_on_demand(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<OnDemandConfig>> {
        self.store.list_on_demand(region, query).await
    }
    async fn all_on_demand(&self) -> StoreResult<Vec<OnDemandConfig>> {
        Ok(Vec::new())
    }
    async fn held_of_qualifier(&self, function: &FunctionRef, qualifier: &Qualifier) -> StoreResult<u64> {
        self.store.held_of_qualifier(function, qualifier).await
    }
    async fn put_provision(&self, config: &ProvisionConfig, expected_etag: Option<&str>) -> StoreResult<()> {
        self.store.put_provision(config, expected_etag).await
    }
    async fn get_provision(&self, function: &FunctionRef, qualifier: &Qualifier) -> StoreResult<Option<ProvisionConfig>> {
        self.store.get_provision(function, qualifier).await
    }
    async fn delete_provision(&self, function: &FunctionRef, qualifier: &Qualifier, expected_etag: &str) -> StoreResult<()> {
        self.store.delete_provision(function, qualifier, expected_etag).await
    }
    async fn list_provisions(&self, region: &Region, query: &ProvisionQuery) -> StoreResult<Page<ProvisionConfig>> {
        self.store.list_provisions(region, query).await
    }
    async fn all_provisions(&self) -> StoreResult<Vec<ProvisionConfig>> {
        Ok(Vec::new())
    }
    async fn report_provisions(&self, worker: &WorkerId, states: &[ProvisionState], now: UnixMillis, until: UnixMillis) -> StoreResult<()> {
        self.store.report_provisions(worker, states, now, until).await
    }
    async fn provision_states(&self, function: &FunctionRef, qualifier: &Qualifier, now: UnixMillis) -> StoreResult<Vec<ProvisionState>> {
        self.store.provision_states(function, qualifier, now).await
    }
}
