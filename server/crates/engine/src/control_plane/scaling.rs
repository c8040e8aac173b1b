//! The part of the port that is about numbers of instances.

use crate::engine::Engine;
use async_trait::async_trait;
use model::*;

#[async_trait]
impl ScalingControl for Engine {
    async fn put_on_demand(
        &self,
        function: &FunctionRef,
        qualifier: &Qualifier,
        most: u32,
        if_match: Option<&str>,
    ) -> Result<OnDemandConfig> {
        self.core.put_on_demand(function, qualifier, most, if_match).await
    }

    async fn get_on_demand(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<OnDemandConfig> {
        self.core.get_on_demand(function, qualifier).await
    }

    async fn delete_on_demand(&self, function: &FunctionRef, qualifier: &Qualifier, if_match: Option<&str>) -> Result<()> {
        self.core.delete_on_demand(function, qualifier, if_match).await
    }

    async fn list_on_demand(&self, region: &Region, query: &ListQuery) -> Result<Page<OnDemandConfig>> {
        self.core.list_on_demand(region, query).await
    }

    async fn put_provision(
        &self,
        function: &FunctionRef,
        qualifier: &Qualifier,
        spec: ProvisionSpec,
        if_match: Option<&str>,
    ) -> Result<Provision> {
        self.core.put_provision(function, qualifier, spec, if_match).await
    }

    async fn get_provision(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<Provision> {
        self.core.get_provision(function, qualifier).await
    }

    async fn list_provisions(&self, region: &Region, query: &ProvisionQuery) -> Result<Page<Provision>> {
        self.core.list_provisions(region, query).await
    }
}
