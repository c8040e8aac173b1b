//! Custom domains.

use super::lookup::{check_etag, new_etag};
use crate::engine::Core;
use crate::fault::store_fault;
use crate::ports::StoreError;
use model::{
    CustomDomain, DomainName, DomainPatch, DomainRef, DomainRoute, DomainSpec, Error, ErrorCode, ListQuery, Page, Region, Result, limits,
};
use std::sync::Arc;

impl Core {
    pub(crate) async fn create_domain(&self, domain: &DomainRef, spec: DomainSpec) -> Result<CustomDomain> {
        self.check_region(&domain.region)?;
        spec.validate()?;
        self.check_no_server(&domain.name).await?;
        self.check_routes(&domain.region, &spec.routes, &[]).await?;
        let now = self.clock.now();
        let made = CustomDomain { at: domain.clone(), spec, created_at: now, modified_at: now, etag: new_etag() };
        self.store.insert_domain(&made, limits::DOMAINS_MAX).await.map_err(|error| match error {
            StoreError::Exists(_) => Error::new(ErrorCode::DomainNameAlreadyExists, format!("domain name {} already exists", domain.name)),
            StoreError::Full(_) => {
                Error::new(ErrorCode::LimitExceededError, format!("there are {} custom domains; that is the most", limits::DOMAINS_MAX))
            }
            error => store_fault(error),
        })?;
        Ok(made)
    }

    pub(crate) async fn get_domain(&self, domain: &DomainRef) -> Result<CustomDomain> {
        self.check_region(&domain.region)?;
        let found = self.store.get_domain(domain).await.map_err(store_fault)?;
        found.ok_or_else(|| Error::new(ErrorCode::DomainNameNotFound, format!("domain name '{}' does not exist", domain.name)))
    }

    pub(crate) async fn list_domains(&self, region: &Region, query: &ListQuery) -> Result<Page<CustomDomain>> {
        self.check_region(region)?;
        self.store.list_domains(region, query).await.map_err(store_fault)
    }

    pub(crate) async fn update_domain(&self, domain: &DomainRef, patch: DomainPatch, if_match: Option<&str>) -> Result<CustomDomain> {
        let current = self.get_domain(domain).await?;
        check_etag(if_match, &current.etag)?;
        let spec = patch.apply(current.spec.clone());
        spec.validate()?;
        self.check_routes(&domain.region, &spec.routes, &current.spec.routes).await?;
        let changed = CustomDomain { spec, modified_at: self.clock.now(), etag: new_etag(), ..current.clone() };
        self.store.update_domain(&changed, &current.etag).await.map_err(store_fault)?;
        Ok(changed)
    }

    pub(crate) async fn delete_domain(&self, domain: &DomainRef, if_match: Option<&str>) -> Result<()> {
        let current = self.get_domain(domain).await?;
        check_etag(if_match, &current.etag)?;
        self.store.delete_domain(domain, &current.etag).await.map_err(store_fault)
    }

    pub(crate) async fn domain_of_host(&self, name: &DomainName) -> Result<Option<Arc<CustomDomain>>> {
        self.store.domain_of_host(name).await.map_err(store_fault)
    }

    /// Refuses a name by which servers on this store reach each other: what they ask would go to a function.
    async fn check_no_server(&self, name: &DomainName) -> Result<()> {
        let nodes = self.store.list_nodes().await.map_err(store_fault)?;
        match nodes.iter().filter_map(|node| DomainName::of_host(&node.address)).find(|server| name.covers(server)) {
            Some(server) => {
                Err(Error::invalid(format!("DomainName is set to an invalid value: '{server}' is a server that runs functions")))
            }
            None => Ok(()),
        }
    }

    /// Refuses routes that lead nowhere; those that the domain had before may have lost their function since.
    async fn check_routes(&self, region: &Region, routes: &[DomainRoute], before: &[DomainRoute]) -> Result<()> {
        for route in routes.iter().filter(|route| !before.contains(route)) {
            self.function_at(&route.function_ref(region), &route.qualifier).await?;
        }
        Ok(())
    }
}
