//! The double's limits and minimums of instances. Nothing is ready, whatever is asked for.

use super::NOW;
use super::kept::{Double, matching, page};
use async_trait::async_trait;
use model::{
    Error, ErrorCode, FunctionRef, ListQuery, OnDemandConfig, Page, Provision, ProvisionConfig, ProvisionQuery, ProvisionSpec, Qualifier,
    Region, Result, ScalingControl,
};

fn key(at: &FunctionRef, qualifier: &Qualifier) -> String {
    format!("{at}/{qualifier}")
}

fn reached(config: ProvisionConfig) -> Provision {
    Provision { config, current: 0, current_error: "no room".to_owned() }
}

#[async_trait]
impl ScalingControl for Double {
    async fn put_on_demand(&self, at: &FunctionRef, qualifier: &Qualifier, most: u32, if_match: Option<&str>) -> Result<OnDemandConfig> {
        self.snapshot(&at.service_ref(), qualifier)?;
        let (mut kept, _) = self.with_function(at)?;
        OnDemandConfig::check(most)?;
        matching(if_match, kept.on_demand.get(&key(at, qualifier)).map_or("", |config| &config.etag))?;
        let etag = kept.etag();
        let config = OnDemandConfig { function: at.clone(), qualifier: qualifier.clone(), max_instances: most, modified_at: NOW, etag };
        kept.on_demand.insert(key(at, qualifier), config.clone());
        Ok(config)
    }

    async fn get_on_demand(&self, at: &FunctionRef, qualifier: &Qualifier) -> Result<OnDemandConfig> {
        let (kept, _) = self.with_function(at)?;
        let missing = || Error::new(ErrorCode::OnDemandConfigNotFound, "no limit");
        kept.on_demand.get(&key(at, qualifier)).cloned().ok_or_else(missing)
    }

    async fn delete_on_demand(&self, at: &FunctionRef, qualifier: &Qualifier, if_match: Option<&str>) -> Result<()> {
        matching(if_match, &self.get_on_demand(at, qualifier).await?.etag)?;
        self.kept().on_demand.remove(&key(at, qualifier));
        Ok(())
    }

    async fn list_on_demand(&self, region: &Region, query: &ListQuery) -> Result<Page<OnDemandConfig>> {
        let kept = self.open(region)?;
        let rows: Vec<_> = kept.on_demand.values().map(|config| (config.resource(), config.clone())).collect();
        Ok(page(&rows, query))
    }

    async fn put_provision(
        &self,
        at: &FunctionRef,
        qualifier: &Qualifier,
        spec: ProvisionSpec,
        if_match: Option<&str>,
    ) -> Result<Provision> {
        self.snapshot(&at.service_ref(), qualifier)?;
        let (mut kept, _) = self.with_function(at)?;
        spec.validate()?;
        matching(if_match, kept.provisions.get(&key(at, qualifier)).map_or("", |config| &config.etag))?;
        let etag = kept.etag();
        let config = ProvisionConfig { function: at.clone(), qualifier: qualifier.clone(), spec, modified_at: NOW, etag };
        kept.provisions.insert(key(at, qualifier), config.clone());
        Ok(reached(config))
    }

    async fn get_provision(&self, at: &FunctionRef, qualifier: &Qualifier) -> Result<Provision> {
        let (kept, _) = self.with_function(at)?;
        let missing = || Error::new(ErrorCode::ProvisionConfigNotFound, "no minimum");
        kept.provisions.get(&key(at, qualifier)).cloned().map(reached).ok_or_else(missing)
    }

    async fn list_provisions(&self, region: &Region, query: &ProvisionQuery) -> Result<Page<Provision>> {
        let kept = self.open(region)?;
        let is_asked = |config: &&ProvisionConfig| {
            query.service.as_ref().is_none_or(|service| *service == config.function.service)
                && query.qualifier.as_ref().is_none_or(|qualifier| *qualifier == config.qualifier)
        };
        let rows: Vec<_> = kept.provisions.values().filter(is_asked).map(|config| (config.resource(), reached(config.clone()))).collect();
        Ok(page(&rows, &query.page))
    }
}
