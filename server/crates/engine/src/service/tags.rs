//! Tags of services (`fc-api.md` 3.6).

use crate::engine::Core;
use crate::fault::store_fault;
use model::{ListQuery, Page, Region, Result, Service, ServiceRef, TaggedService, Tags, Untag};

impl Core {
    pub(crate) async fn tag_service(&self, service: &ServiceRef, tags: Tags) -> Result<()> {
        tags.validate()?;
        let mut together = self.service_tags(service).await?;
        together.0.extend(tags.0.clone());
        together.check_count()?;
        self.store.put_tags(service, &tags).await.map_err(store_fault)
    }

    pub(crate) async fn untag_service(&self, service: &ServiceRef, which: &Untag) -> Result<()> {
        self.service(service).await?;
        self.store.delete_tags(service, which).await.map_err(store_fault)
    }

    pub(crate) async fn service_tags(&self, service: &ServiceRef) -> Result<Tags> {
        self.service(service).await?;
        self.store.get_tags(service).await.map_err(store_fault)
    }

    pub(crate) async fn list_tagged_services(&self, region: &Region, query: &ListQuery) -> Result<Page<TaggedService>> {
        self.check_region(region)?;
        self.store.list_tagged(region, query).await.map_err(store_fault)
    }

    pub(crate) async fn list_services_tagged(&self, region: &Region, tags: &Tags, query: &ListQuery) -> Result<Page<Service>> {
        self.check_region(region)?;
        tags.validate()?;
        self.store.list_services_tagged(region, tags, query).await.map_err(store_fault)
    }
}
