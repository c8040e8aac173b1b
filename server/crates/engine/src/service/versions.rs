//! Versions.

use super::lookup::check_etag;
use crate::engine::Core;
use crate::fault::store_fault;
use crate::ports::{Published, StoreError};
use crate::rescue;
use model::{Error, ErrorCode, Function, ListQuery, Page, Qualifier, Result, ServiceRef, Version, VersionId, VersionQuery, limits};

/// Aliases or triggers that a refused deletion names at most.
const NAMED: u32 = 5;

impl Core {
    pub(crate) async fn publish_version(
        &self,
        service: &ServiceRef,
        description: &str,
        if_match: Option<&str>,
        repeat: bool,
    ) -> Result<Version> {
        if description.chars().count() > limits::DESCRIPTION_CHARS_MAX {
            return Err(Error::invalid(format!("Description is longer than {} characters", limits::DESCRIPTION_CHARS_MAX)));
        }
        let current = self.service(service).await?;
        check_etag(if_match, &current.etag)?;
        let published = self.store.publish_version(service, &current.etag, description, self.clock.now()).await;
        match published.map_err(store_fault)? {
            Published::New(version) => Ok(version),
            Published::Unchanged(version) if repeat => Ok(version),
            Published::Unchanged(version) => Err(Error::invalid(format!(
                "service '{}' has not changed since its version '{}' was published; nothing was published",
                service.service, version.id
            ))),
        }
    }

    pub(crate) async fn list_versions(&self, service: &ServiceRef, query: VersionQuery) -> Result<Page<Version>> {
        self.service(service).await?;
        self.store.list_versions(service, query).await.map_err(store_fault)
    }

    pub(crate) async fn delete_version(&self, service: &ServiceRef, version: VersionId) -> Result<()> {
        let qualifier = Qualifier::from(version);
        self.service_at(service, &qualifier).await?;
        self.check_uncalled(service, &qualifier).await?;
        match self.store.delete_version(service, version).await {
            Err(StoreError::NotEmpty(_)) => {
                let names = self.store.aliases_of_version(service, version, NAMED).await.map_err(store_fault)?;
                let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
                let text = format!("version '{version}' of service '{}' is used by aliases: {}", service.service, names.join(", "));
                return Err(Error::new(ErrorCode::QualifierInUse, text));
            }
            Err(StoreError::Conflict(_)) => return Err(qualifier.missing_in(service)),
            deleted => deleted.map_err(store_fault)?,
        }
        self.rescale();
        rescue::end_orphans(self).await;
        Ok(())
    }

    /// Fails while a trigger calls the version or alias.
    pub(super) async fn check_uncalled(&self, service: &ServiceRef, qualifier: &Qualifier) -> Result<()> {
        let callers = self.store.triggers_of_qualifier(service, qualifier, NAMED).await.map_err(store_fault)?;
        if callers.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = callers.iter().map(|trigger| format!("{}/{}", trigger.function.function, trigger.name)).collect();
        let text = format!("'{qualifier}' of service '{}' is called by triggers: {}", service.service, names.join(", "));
        Err(Error::new(ErrorCode::QualifierInUse, text))
    }

    pub(crate) async fn list_functions_at(&self, service: &ServiceRef, qualifier: &Qualifier, query: &ListQuery) -> Result<Page<Function>> {
        let Some(version) = self.version_at(service, qualifier).await? else { return self.list_functions(service, query).await };
        self.service_at(service, &Qualifier::from(version)).await?;
        self.store.list_function_versions(service, version, query).await.map_err(store_fault)
    }
}
