//! Layers and their versions.

use super::functions::package;
use crate::engine::Core;
use crate::fault::store_fault;
use model::{
    Code, Error, ErrorCode, FunctionSpec, LayerRef, LayerSpec, LayerVersion, LayerVersionRef, ListQuery, Page, Region, Result, limits,
};

impl Core {
    pub(crate) async fn create_layer_version(&self, layer: &LayerRef, spec: LayerSpec, code: Code) -> Result<LayerVersion> {
        self.check_region(&layer.region)?;
        spec.validate()?;
        let package = package(code, model::Language::Custom).await?;
        let mut made = LayerVersion {
            // The store gives the number.
            at: LayerVersionRef { layer: layer.clone(), version: 0 },
            spec,
            is_public: false,
            package_id: package.id,
            code_size: package.zip.len() as u64,
            code_checksum: package.checksum,
            created_at: self.clock.now(),
        };
        made.at.version = self.store.insert_layer_version(&made, &package.zip).await.map_err(store_fault)?;
        Ok(made)
    }

    pub(crate) async fn get_layer_version(&self, at: &LayerVersionRef) -> Result<LayerVersion> {
        self.check_region(&at.layer.region)?;
        self.store.get_layer_version(at, false).await.map_err(store_fault)?.ok_or_else(|| missing(at))
    }

    pub(crate) async fn get_layer_code(&self, at: &LayerVersionRef) -> Result<Vec<u8>> {
        let found = self.get_layer_version(at).await?;
        self.store.get_code(&found.package_id).await.map_err(store_fault)?.ok_or_else(|| {
            tracing::error!(layer = at.path(), package.id = found.package_id, "code package missing");
            Error::internal()
        })
    }

    pub(crate) async fn list_layers(&self, region: &Region, query: &ListQuery) -> Result<Page<LayerVersion>> {
        self.check_region(region)?;
        self.store.list_layers(region, query).await.map_err(store_fault)
    }

    pub(crate) async fn list_layer_versions(&self, layer: &LayerRef, start: u32, limit: u32) -> Result<Page<LayerVersion>> {
        self.check_region(&layer.region)?;
        self.store.list_layer_versions(layer, start, limit).await.map_err(store_fault)
    }

    pub(crate) async fn delete_layer_version(&self, at: &LayerVersionRef) -> Result<()> {
        self.check_region(&at.layer.region)?;
        match self.store.delete_layer_version(at, self.clock.now()).await.map_err(store_fault)? {
            true => Ok(()),
            false => Err(missing(at)),
        }
    }

    pub(crate) async fn put_layer_acl(&self, layer: &LayerRef, is_public: bool) -> Result<()> {
        self.check_region(&layer.region)?;
        match self.store.put_layer_acl(layer, is_public).await.map_err(store_fault)? {
            true => Ok(()),
            false => Err(Error::new(ErrorCode::LayerVersionNotFound, format!("layer '{}' does not exist", layer.layer))),
        }
    }

    /// Refuses layers that do not exist, are another region's, or are too large together; those that the function has already may have been
    /// deleted since.
    pub(crate) async fn check_layers(&self, spec: &FunctionSpec, before: Option<&FunctionSpec>, region: &Region) -> Result<()> {
        let wanted = LayerVersionRef::of_function(spec, region)?;
        let kept = before.and_then(|spec| LayerVersionRef::of_function(spec, region).ok()).unwrap_or_default();
        let mut bytes = 0;
        for at in &wanted {
            if at.layer.region != *region {
                let text = format!("Layers is set to an invalid value: '{}' is in region '{}'", at.path(), at.layer.region);
                return Err(Error::invalid(text));
            }
            let found = self.store.get_layer_version(at, kept.contains(at)).await.map_err(store_fault)?;
            bytes += found.ok_or_else(|| missing(at))?.code_size;
        }
        if bytes > limits::CODE_UNPACKED_BYTES_MAX {
            let most = model::format::bytes(limits::CODE_UNPACKED_BYTES_MAX);
            return Err(Error::invalid(format!("Layers have {} together; the limit is {most} unpacked", model::format::bytes(bytes))));
        }
        Ok(())
    }
}

fn missing(at: &LayerVersionRef) -> Error {
    let text = format!("version '{}' of layer '{}' does not exist", at.version, at.layer.layer);
    Error::new(ErrorCode::LayerVersionNotFound, text)
}
