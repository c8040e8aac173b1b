//! The part of the port that is about custom domains.

use crate::engine::Engine;
use async_trait::async_trait;
use model::*;
use std::sync::Arc;

#[async_trait]
impl DomainControl for Engine {
    async fn create_domain(&self, domain: &DomainRef, spec: DomainSpec) -> Result<CustomDomain> {
        self.core.create_domain(domain, spec).await
    }

    async fn get_domain(&self, domain: &DomainRef) -> Result<CustomDomain> {
        self.core.get_domain(domain).await
    }

    async fn list_domains(&self, region: &Region, query: &ListQuery) -> Result<Page<CustomDomain>> {
        self.core.list_domains(region, query).await
    }

    async fn update_domain(&self, domain: &DomainRef, patch: DomainPatch, if_match: Option<&str>) -> Result<CustomDomain> {
        self.core.update_domain(domain, patch, if_match).await
    }

    async fn delete_domain(&self, domain: &DomainRef, if_match: Option<&str>) -> Result<()> {
        self.core.delete_domain(domain, if_match).await
    }

    async fn domain_of_host(&self, name: &DomainName) -> Result<Option<Arc<CustomDomain>>> {
        self.core.domain_of_host(name).await
    }
}
