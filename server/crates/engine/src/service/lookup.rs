//! Finding named things, with the error that says which one is missing.

use crate::engine::Core;
use crate::fault::store_fault;
use model::{Error, ErrorCode, Function, FunctionRef, Qualifier, Region, Result, Service, ServiceRef};

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

    /// Fails unless the service has the version or alias; only `LATEST` exists so far.
    pub(crate) fn check_qualifier(&self, function: &FunctionRef, qualifier: &Qualifier) -> Result<()> {
        if qualifier.is_latest() {
            return Ok(());
        }
        if qualifier.as_str().bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::new(
                ErrorCode::VersionNotFound,
                format!("version '{qualifier}' of service '{}' does not exist", function.service),
            ));
        }
        Err(Error::new(ErrorCode::AliasNotFound, format!("alias '{qualifier}' of service '{}' does not exist", function.service)))
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
