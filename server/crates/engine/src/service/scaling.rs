//! Limits and minimums of instances.

use super::lookup::{check_etag, new_etag};
use crate::engine::Core;
use crate::fault::store_fault;
use crate::scaling::{named, sum};
use model::version::Named;
use model::{
    Error, ErrorCode, FunctionRef, ListQuery, OnDemandConfig, Page, Provision, ProvisionConfig, ProvisionQuery, ProvisionSpec, Qualifier,
    Region, Result,
};

impl Core {
    pub(crate) async fn put_on_demand(
        &self,
        function: &FunctionRef,
        qualifier: &Qualifier,
        max_instances: u32,
        if_match: Option<&str>,
    ) -> Result<OnDemandConfig> {
        self.function_at(function, qualifier).await?;
        if matches!(qualifier.named(), Named::Version(_)) {
            return Err(Error::invalid(format!(
                "Qualifier is set to an invalid value (allowed: LATEST or an alias; actual: '{qualifier}')"
            )));
        }
        OnDemandConfig::check(max_instances)?;
        let current = self.store.get_on_demand(function, qualifier).await.map_err(store_fault)?;
        let expected = current.as_ref().map(|current| current.etag.as_str());
        check_etag(if_match, expected.unwrap_or_default())?;
        let config = OnDemandConfig {
            function: function.clone(),
            qualifier: qualifier.clone(),
            max_instances,
            modified_at: self.clock.now(),
            etag: new_etag(),
        };
        self.store.put_on_demand(&config, expected).await.map_err(store_fault)?;
        self.scaled().await;
        Ok(config)
    }

    pub(crate) async fn get_on_demand(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<OnDemandConfig> {
        self.check_function(function, qualifier).await?;
        let found = self.store.get_on_demand(function, qualifier).await.map_err(store_fault)?;
        found.ok_or_else(|| {
            Error::new(ErrorCode::OnDemandConfigNotFound, format!("OnDemandConfig for {} does not exist", named(function, qualifier)))
        })
    }

    pub(crate) async fn delete_on_demand(&self, function: &FunctionRef, qualifier: &Qualifier, if_match: Option<&str>) -> Result<()> {
        let current = self.get_on_demand(function, qualifier).await?;
        check_etag(if_match, &current.etag)?;
        self.store.delete_on_demand(function, qualifier, &current.etag).await.map_err(store_fault)?;
        self.scaled().await;
        Ok(())
    }

    pub(crate) async fn list_on_demand(&self, region: &Region, query: &ListQuery) -> Result<Page<OnDemandConfig>> {
        self.check_region(region)?;
        self.store.list_on_demand(region, query).await.map_err(store_fault)
    }

    pub(crate) async fn put_provision(
        &self,
        function: &FunctionRef,
        qualifier: &Qualifier,
        spec: ProvisionSpec,
        if_match: Option<&str>,
    ) -> Result<Provision> {
        self.function_at(function, qualifier).await?;
        spec.validate()?;
        let current = self.store.get_provision(function, qualifier).await.map_err(store_fault)?;
        let expected = current.as_ref().map(|current| current.etag.as_str());
        check_etag(if_match, expected.unwrap_or_default())?;
        let config = ProvisionConfig {
            function: function.clone(),
            qualifier: qualifier.clone(),
            spec,
            modified_at: self.clock.now(),
            etag: new_etag(),
        };
        match expected {
            Some(etag) if config.spec.target == 0 => self.store.delete_provision(function, qualifier, etag).await.map_err(store_fault)?,
            None if config.spec.target == 0 => {}
            _ => self.store.put_provision(&config, expected).await.map_err(store_fault)?,
        }
        self.scaled().await;
        self.reached(config).await
    }

    pub(crate) async fn get_provision(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<Provision> {
        self.check_function(function, qualifier).await?;
        let found = self.store.get_provision(function, qualifier).await.map_err(store_fault)?;
        let missing =
            || Error::new(ErrorCode::ProvisionConfigNotFound, format!("ProvisionConfig for {} does not exist", named(function, qualifier)));
        self.reached(found.ok_or_else(missing)?).await
    }

    pub(crate) async fn list_provisions(&self, region: &Region, query: &ProvisionQuery) -> Result<Page<Provision>> {
        self.check_region(region)?;
        let page = self.store.list_provisions(region, query).await.map_err(store_fault)?;
        let mut items = Vec::with_capacity(page.items.len());
        for config in page.items {
            items.push(self.reached(config).await?);
        }
        Ok(Page { items, next_token: page.next_token })
    }

    /// The configuration with what the servers have of it.
    async fn reached(&self, config: ProvisionConfig) -> Result<Provision> {
        if config.spec.target == 0 {
            return Ok(Provision { config, current: 0, current_error: String::new() });
        }
        let states = self.store.provision_states(&config.function, &config.qualifier, self.clock.now()).await.map_err(store_fault)?;
        let (current, current_error) = sum(states);
        Ok(Provision { config, current, current_error })
    }
}
