//! Aliases.

use super::lookup::{check_etag, new_etag};
use crate::engine::Core;
use crate::fault::store_fault;
use crate::ports::StoreError;
use model::{Alias, AliasName, AliasPatch, AliasSpec, Error, ErrorCode, ListQuery, Page, Qualifier, Result, ServiceRef};

impl Core {
    pub(crate) async fn create_alias(&self, service: &ServiceRef, name: &AliasName, spec: AliasSpec) -> Result<Alias> {
        self.service(service).await?;
        self.check_alias(service, &spec).await?;
        let now = self.clock.now();
        let (service, name) = (service.clone(), name.clone());
        let alias = Alias { service, name, spec, created_at: now, modified_at: now, etag: new_etag() };
        self.store.insert_alias(&alias).await.map_err(|error| match error {
            StoreError::Exists(_) => {
                let text = format!("alias '{}' of service '{}' already exists", alias.name, alias.service.service);
                Error::new(ErrorCode::AliasAlreadyExists, text)
            }
            error => store_fault(error),
        })?;
        Ok(alias)
    }

    pub(crate) async fn get_alias(&self, service: &ServiceRef, name: &AliasName) -> Result<Alias> {
        if let Some(found) = self.store.get_alias(service, name).await.map_err(store_fault)? {
            return Ok(found);
        }
        self.service(service).await?;
        Err(Qualifier::from(name).missing_in(service))
    }

    pub(crate) async fn list_aliases(&self, service: &ServiceRef, query: &ListQuery) -> Result<Page<Alias>> {
        self.service(service).await?;
        self.store.list_aliases(service, query).await.map_err(store_fault)
    }

    pub(crate) async fn update_alias(
        &self,
        service: &ServiceRef,
        name: &AliasName,
        patch: AliasPatch,
        if_match: Option<&str>,
    ) -> Result<Alias> {
        let current = self.get_alias(service, name).await?;
        check_etag(if_match, &current.etag)?;
        let spec = patch.apply(current.spec);
        self.check_alias(service, &spec).await?;
        let changed = Alias { spec, modified_at: self.clock.now(), etag: new_etag(), ..current };
        self.store.update_alias(&changed, &current.etag).await.map_err(store_fault)?;
        self.rescale();
        Ok(changed)
    }

    pub(crate) async fn delete_alias(&self, service: &ServiceRef, name: &AliasName, if_match: Option<&str>) -> Result<()> {
        let current = self.get_alias(service, name).await?;
        check_etag(if_match, &current.etag)?;
        self.check_uncalled(service, &Qualifier::from(name)).await?;
        self.store.delete_alias(service, name, &current.etag).await.map_err(store_fault)?;
        self.rescale();
        Ok(())
    }

    /// Fails when a member breaks its rule or names a version that the service does not have.
    async fn check_alias(&self, service: &ServiceRef, spec: &AliasSpec) -> Result<()> {
        spec.validate()?;
        for version in spec.versions() {
            self.service_at(service, &Qualifier::from(version)).await?;
        }
        Ok(())
    }
}
