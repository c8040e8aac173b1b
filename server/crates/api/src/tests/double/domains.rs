//! The double's custom domains.

use super::NOW;
use super::kept::{Double, matching, page};
use async_trait::async_trait;
use model::{
    ControlPlane, CustomDomain, DomainControl, DomainName, DomainPatch, DomainRef, DomainSpec, Error, ErrorCode, ListQuery, Page, Region,
    Result,
};
use std::sync::Arc;

impl Double {
    async fn check_routes(&self, region: &Region, spec: &DomainSpec) -> Result<()> {
        spec.validate()?;
        for route in &spec.routes {
            self.get_function_at(&route.function_ref(region), &route.qualifier).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl DomainControl for Double {
    async fn create_domain(&self, at: &DomainRef, spec: DomainSpec) -> Result<CustomDomain> {
        self.check_routes(&at.region, &spec).await?;
        let mut kept = self.open(&at.region)?;
        if kept.domains.contains_key(&at.name) {
            return Err(Error::new(ErrorCode::DomainNameAlreadyExists, format!("domain name {} already exists", at.name)));
        }
        let made = CustomDomain { at: at.clone(), spec, created_at: NOW, modified_at: NOW, etag: kept.etag() };
        kept.domains.insert(at.name.clone(), made.clone());
        Ok(made)
    }

    async fn get_domain(&self, at: &DomainRef) -> Result<CustomDomain> {
        let found = self.open(&at.region)?.domains.get(&at.name).filter(|found| found.at == *at).cloned();
        found.ok_or_else(|| Error::new(ErrorCode::DomainNameNotFound, format!("domain name '{}' does not exist", at.name)))
    }

    async fn list_domains(&self, region: &Region, query: &ListQuery) -> Result<Page<CustomDomain>> {
        let kept = self.open(region)?;
        let rows = kept.domains.values().filter(|found| found.at.region == *region);
        Ok(page(&rows.map(|found| (found.at.name.to_string(), found.clone())).collect::<Vec<_>>(), query))
    }

    async fn update_domain(&self, at: &DomainRef, patch: DomainPatch, if_match: Option<&str>) -> Result<CustomDomain> {
        let current = self.get_domain(at).await?;
        matching(if_match, &current.etag)?;
        let spec = patch.apply(current.spec.clone());
        self.check_routes(&at.region, &spec).await?;
        let mut kept = self.kept();
        let changed = CustomDomain { spec, modified_at: NOW.plus_ms(60_000), etag: kept.etag(), ..current };
        kept.domains.insert(at.name.clone(), changed.clone());
        Ok(changed)
    }

    async fn delete_domain(&self, at: &DomainRef, if_match: Option<&str>) -> Result<()> {
        matching(if_match, &self.get_domain(at).await?.etag)?;
        self.kept().domains.remove(&at.name);
        Ok(())
    }

    async fn domain_of_host(&self, name: &DomainName) -> Result<Option<Arc<CustomDomain>>> {
        let kept = self.open(&Region::from_stored("cn-hangzhou"))?;
        Ok(kept.domains.get(name).or_else(|| kept.domains.get(&name.wildcard())).cloned().map(Arc::new))
    }
}
