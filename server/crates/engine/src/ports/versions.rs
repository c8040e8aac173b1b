//! What the engine needs of the store for versions and aliases.

use super::StoreResult;
use async_trait::async_trait;
use model::{Alias, AliasName, Function, FunctionRef, ListQuery, Page, Service, ServiceRef, UnixMillis, Version, VersionId, VersionQuery};

/// What came of publishing a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// Service and functions as they are, under a new number.
    New(Version),
    /// Nothing was written: service and functions are those of this version, the latest.
    Unchanged(Version),
}

/// Versions, which never change, and the aliases that lead to them.
#[async_trait]
pub trait VersionStore: Send + Sync {
    /// Stores the service and all its functions under its next number, in one transaction. `Conflict("service")` when it is gone or its etag
    /// changed.
    async fn publish_version(
        &self,
        service: &ServiceRef,
        expected_etag: &str,
        description: &str,
        now: UnixMillis,
    ) -> StoreResult<Published>;
    /// By number in the query's direction.
    async fn list_versions(&self, service: &ServiceRef, query: VersionQuery) -> StoreResult<Page<Version>>;
    /// Deletes a version with its functions and their configurations, and the code packages that only it had. Tasks stay.
    /// `Conflict("version")` when it is gone, `NotEmpty("version")` while an alias leads to it.
    async fn delete_version(&self, service: &ServiceRef, version: VersionId) -> StoreResult<()>;

    /// The service as it was published.
    async fn service_version(&self, service: &ServiceRef, version: VersionId) -> StoreResult<Option<Service>>;
    /// The function as it was published.
    async fn function_version(&self, function: &FunctionRef, version: VersionId) -> StoreResult<Option<Function>>;
    /// The functions as they were published, by name.
    async fn list_function_versions(&self, service: &ServiceRef, version: VersionId, query: &ListQuery) -> StoreResult<Page<Function>>;

    /// `Exists("alias")` when the name is taken, `Conflict("version")` when a version of it is gone.
    async fn insert_alias(&self, alias: &Alias) -> StoreResult<()>;
    async fn get_alias(&self, service: &ServiceRef, name: &AliasName) -> StoreResult<Option<Alias>>;
    async fn list_aliases(&self, service: &ServiceRef, query: &ListQuery) -> StoreResult<Page<Alias>>;
    /// Replaces the row whose etag is still `expected_etag`, else `Conflict("alias")`; `Conflict("version")` when a version of it is gone.
    async fn update_alias(&self, alias: &Alias, expected_etag: &str) -> StoreResult<()>;
    /// Deletes an alias with its configurations; `Conflict("alias")` when it is gone or its etag changed.
    async fn delete_alias(&self, service: &ServiceRef, name: &AliasName, expected_etag: &str) -> StoreResult<()>;
    /// Names of the aliases that lead to a version, at most `limit`.
    async fn aliases_of_version(&self, service: &ServiceRef, version: VersionId, limit: u32) -> StoreResult<Vec<AliasName>>;
}
