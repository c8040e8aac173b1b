//! Finding named things, with the error that says which one is missing.

use crate::engine::Core;
use crate::fault::store_fault;
use crate::ports::StoreResult;
use model::version::Named;
use model::{AliasSpec, Error, ErrorCode, Function, FunctionRef, Qualifier, Region, Result, Service, ServiceRef, VersionId};

/// Where a qualifier leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    Latest,
    /// Whether there is such a version is not said.
    Version(VersionId),
    /// The service has no such alias.
    Nowhere,
}

/// What an invocation of a qualifier runs.
pub(crate) struct Resolved {
    pub(crate) function: Function,
    /// The version that `function` is of; `None` for the current code.
    pub(crate) version: Option<VersionId>,
}

impl Core {
    /// Fails unless the install has the region.
    pub(crate) fn check_region(&self, region: &Region) -> Result<()> {
        if self.config.regions.contains(region) {
            return Ok(());
        }
        Err(Error::new(ErrorCode::RegionNotFound, format!("region '{region}' does not exist")))
    }

    /// The service, or `RegionNotFound` or `ServiceNotFound`.
    pub(crate) async fn service(&self, service: &ServiceRef) -> Result<Service> {
        self.check_region(&service.region)?;
        let found = self.store.get_service(service).await.map_err(store_fault)?;
        found.ok_or_else(|| Error::new(ErrorCode::ServiceNotFound, format!("service '{}' does not exist", service.service)))
    }

    /// The function, or the error that names the outermost thing that is missing.
    pub(crate) async fn function(&self, function: &FunctionRef) -> Result<Function> {
        if let Some(found) = self.store.get_function(function).await.map_err(store_fault)? {
            return Ok(found);
        }
        self.service(&function.service_ref()).await?;
        let text = format!("function '{}' does not exist in service '{}'", function.function, function.service);
        Err(Error::new(ErrorCode::FunctionNotFound, text))
    }

    /// Where an invocation of the qualifier goes, by an alias's weights. `LATEST` is not looked up.
    pub(crate) async fn route(&self, service: &ServiceRef, qualifier: &Qualifier) -> StoreResult<Route> {
        self.follow(service, qualifier, |alias| alias.choose(self.config.random)).await
    }

    async fn follow(
        &self,
        service: &ServiceRef,
        qualifier: &Qualifier,
        choose: impl FnOnce(&AliasSpec) -> VersionId,
    ) -> StoreResult<Route> {
        Ok(match qualifier.named() {
            Named::Latest => Route::Latest,
            Named::Version(version) => Route::Version(version),
            Named::Nothing => Route::Nowhere,
            Named::Alias(name) => {
                let alias = self.store.get_alias(service, &name).await?;
                alias.map_or(Route::Nowhere, |alias| Route::Version(choose(&alias.spec)))
            }
        })
    }

    /// What an invocation of the qualifier runs: the one place that decides it, once per invocation.
    pub(crate) async fn resolve(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<Resolved> {
        let route = self.route(&function.service_ref(), qualifier).await.map_err(store_fault)?;
        self.routed(function, qualifier, route).await
    }

    /// The function as a qualifier shows it: by an alias, the version that it mainly leads to.
    pub(crate) async fn function_at(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<Function> {
        let route = self.follow(&function.service_ref(), qualifier, |alias| alias.version).await.map_err(store_fault)?;
        Ok(self.routed(function, qualifier, route).await?.function)
    }

    /// What most invocations of the qualifier run; `None` when it leads nowhere.
    pub(crate) async fn main_of(&self, function: &FunctionRef, qualifier: &Qualifier) -> StoreResult<Option<Resolved>> {
        Ok(match self.follow(&function.service_ref(), qualifier, |alias| alias.version).await? {
            Route::Nowhere => None,
            Route::Latest => self.store.get_function(function).await?.map(|function| Resolved { function, version: None }),
            Route::Version(version) => {
                let found = self.store.function_version(function, version).await?;
                found.map(|function| Resolved { function, version: Some(version) })
            }
        })
    }

    async fn routed(&self, function: &FunctionRef, qualifier: &Qualifier, route: Route) -> Result<Resolved> {
        let version = match route {
            Route::Latest => return Ok(Resolved { function: self.function(function).await?, version: None }),
            Route::Version(version) => version,
            Route::Nowhere => return Err(self.no_such_qualifier(&function.service_ref(), qualifier).await),
        };
        if let Some(function) = self.store.function_version(function, version).await.map_err(store_fault)? {
            return Ok(Resolved { function, version: Some(version) });
        }
        self.service_at(&function.service_ref(), qualifier).await?;
        let text = format!("function '{}' does not exist in version '{version}' of service '{}'", function.function, function.service);
        Err(Error::new(ErrorCode::FunctionNotFound, text))
    }

    /// The version that a qualifier shows; `None` for `LATEST`. Fails unless the service has the version or alias.
    pub(crate) async fn version_at(&self, service: &ServiceRef, qualifier: &Qualifier) -> Result<Option<VersionId>> {
        match self.follow(service, qualifier, |alias| alias.version).await.map_err(store_fault)? {
            Route::Latest => Ok(None),
            Route::Version(version) => Ok(Some(version)),
            Route::Nowhere => Err(self.no_such_qualifier(service, qualifier).await),
        }
    }

    /// The service as a qualifier shows it.
    pub(crate) async fn service_at(&self, service: &ServiceRef, qualifier: &Qualifier) -> Result<Service> {
        let Some(version) = self.version_at(service, qualifier).await? else { return self.service(service).await };
        match self.store.service_version(service, version).await.map_err(store_fault)? {
            Some(found) => Ok(found),
            None => Err(self.no_such_qualifier(service, qualifier).await),
        }
    }

    /// Fails unless the function exists, in `LATEST` or as the qualifier shows it. What was submitted to a version is looked at also when
    /// the function is not in `LATEST` any more.
    pub(crate) async fn check_function(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<()> {
        if self.store.get_function(function).await.map_err(store_fault)?.is_some() {
            return Ok(());
        }
        match qualifier.is_latest() {
            true => self.function(function).await.map(drop),
            false => self.function_at(function, qualifier).await.map(drop),
        }
    }

    /// The error for a qualifier that leads nowhere; a missing service is told first.
    async fn no_such_qualifier(&self, service: &ServiceRef, qualifier: &Qualifier) -> Error {
        match self.service(service).await {
            Ok(_) => qualifier.missing_in(service),
            Err(error) => error,
        }
    }
}

/// Fails when the caller expects another version of a resource than the current one (`fc-api.md` 1.6).
pub(crate) fn check_etag(if_match: Option<&str>, current: &str) -> Result<()> {
    match if_match {
        Some(expected) if expected.trim_matches('"') != current => {
            Err(Error::new(ErrorCode::PreconditionFailed, "the resource being modified has been changed"))
        }
        _ => Ok(()),
    }
}

/// A new etag: opaque, 32 hex characters.
pub(crate) fn new_etag() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_is_compared_without_quotes() {
        assert!(check_etag(None, "a").is_ok());
        assert!(check_etag(Some("a"), "a").is_ok());
        assert!(check_etag(Some("\"a\""), "a").is_ok());
        assert_eq!(check_etag(Some("b"), "a").unwrap_err().code, ErrorCode::PreconditionFailed);
    }
}
