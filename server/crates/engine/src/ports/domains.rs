//! What is stored of custom domains.

use super::StoreResult;
use async_trait::async_trait;
use model::{CustomDomain, DomainName, DomainRef, ListQuery, Page, Region};
use std::sync::Arc;

/// Custom domains.
#[async_trait]
pub trait DomainStore: Send + Sync {
    /// `Exists` when a region has the name, `Full` when there are `most` already.
    async fn insert_domain(&self, domain: &CustomDomain, most: u32) -> StoreResult<()>;
    async fn get_domain(&self, domain: &DomainRef) -> StoreResult<Option<CustomDomain>>;
    async fn list_domains(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<CustomDomain>>;
    /// Replaces the row whose etag is still `expected_etag`, else `Conflict`.
    async fn update_domain(&self, domain: &CustomDomain, expected_etag: &str) -> StoreResult<()>;
    /// `Conflict` when it is gone or its etag changed.
    async fn delete_domain(&self, domain: &DomainRef, expected_etag: &str) -> StoreResult<()>;
    /// The domain of this name, else that of its wildcard, of any region. Asked for with each request that is sent to a name.
    async fn domain_of_host(&self, name: &DomainName) -> StoreResult<Option<Arc<CustomDomain>>>;
}
