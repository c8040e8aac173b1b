//! Services.

use super::lookup::{check_etag, new_etag};
use crate::engine::Core;
use crate::fault::store_fault;
use crate::ports::StoreError;
use model::{Error, ErrorCode, ListQuery, Page, Region, Result, Service, ServiceName, ServicePatch, ServiceRef, ServiceSpec, VersionQuery};

impl Core {
    pub(crate) async fn create_service(&self, region: &Region, name: &ServiceName, spec: ServiceSpec) -> Result<Service> {
        self.check_region(region)?;
        spec.validate()?;
        let now = self.clock.now();
        let service = Service {
            region: region.clone(),
            name: name.clone(),
            id: uuid::Uuid::new_v4().to_string(),
            spec,
            created_at: now,
            modified_at: now,
            etag: new_etag(),
        };
        self.store.insert_service(&service).await.map_err(|error| match error {
            StoreError::Exists(_) => Error::new(ErrorCode::ServiceAlreadyExists, format!("service '{name}' already exists")),
            error => store_fault(error),
        })?;
        Ok(service)
    }

    pub(crate) async fn list_services(&self, region: &Region, query: &ListQuery) -> Result<Page<Service>> {
        self.check_region(region)?;
        self.store.list_services(region, query).await.map_err(store_fault)
    }

    pub(crate) async fn update_service(&self, service: &ServiceRef, patch: ServicePatch, if_match: Option<&str>) -> Result<Service> {
        let current = self.service(service).await?;
        check_etag(if_match, &current.etag)?;
        let spec = patch.apply(current.spec);
        spec.validate()?;
        let changed = Service { spec, modified_at: self.clock.now(), etag: new_etag(), ..current };
        self.store.update_service(&changed, &current.etag).await.map_err(store_fault)?;
        Ok(changed)
    }

    pub(crate) async fn delete_service(&self, service: &ServiceRef, if_match: Option<&str>) -> Result<()> {
        const NAMED: u32 = 5;
        let current = self.service(service).await?;
        check_etag(if_match, &current.etag)?;
        match self.store.delete_service(service, &current.etag).await {
            Err(StoreError::NotEmpty(_)) => {
                let names = self.store.function_names(service, NAMED).await.map_err(store_fault)?;
                let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
                let text = match names.is_empty() {
                    false => format!("service '{}' still has functions: {}", service.service, names.join(", ")),
                    true => format!("service '{}' still has published versions: {}", service.service, self.some_versions(service).await?),
                };
                Err(Error::new(ErrorCode::ServiceNotEmpty, text))
            }
            deleted => deleted.map_err(store_fault),
        }
    }

    async fn some_versions(&self, service: &ServiceRef) -> Result<String> {
        let query = VersionQuery { limit: 5, ..VersionQuery::default() };
        let versions = self.store.list_versions(service, query).await.map_err(store_fault)?.items;
        Ok(versions.iter().map(|version| version.id.to_string()).collect::<Vec<_>>().join(", "))
    }
}
