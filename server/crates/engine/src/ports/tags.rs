//! What the engine needs of the store for tags.

use super::StoreResult;
use async_trait::async_trait;
use model::{ListQuery, Page, Region, Service, ServiceRef, TaggedService, Tags, Untag};

/// Tags of services; they go with their service.
#[async_trait]
pub trait TagStore: Send + Sync {
    /// Inserts or replaces each of them. `Conflict("service")` when the service is gone.
    async fn put_tags(&self, service: &ServiceRef, tags: &Tags) -> StoreResult<()>;
    /// Those that are not there are no error.
    async fn delete_tags(&self, service: &ServiceRef, which: &Untag) -> StoreResult<()>;
    async fn get_tags(&self, service: &ServiceRef) -> StoreResult<Tags>;
    /// Services with tags, by name.
    async fn list_tagged(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<TaggedService>>;
    /// Services that have all of these tags with these values, by name.
    async fn list_services_tagged(&self, region: &Region, tags: &Tags, query: &ListQuery) -> StoreResult<Page<Service>>;
}
