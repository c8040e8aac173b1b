//! The part of the port that is about layers.

use crate::engine::Engine;
use async_trait::async_trait;
use model::*;

#[async_trait]
impl LayerControl for Engine {
    async fn create_layer_version(&self, layer: &LayerRef, spec: LayerSpec, code: Code) -> Result<LayerVersion> {
        self.core.create_layer_version(layer, spec, code).await
    }

    async fn get_layer_version(&self, at: &LayerVersionRef) -> Result<LayerVersion> {
        self.core.get_layer_version(at).await
    }

    async fn get_layer_code(&self, at: &LayerVersionRef) -> Result<Vec<u8>> {
        self.core.get_layer_code(at).await
    }

    async fn list_layers(&self, region: &Region, query: &ListQuery) -> Result<Page<LayerVersion>> {
        self.core.list_layers(region, query).await
    }

    async fn list_layer_versions(&self, layer: &LayerRef, start: u32, limit: u32) -> Result<Page<LayerVersion>> {
        self.core.list_layer_versions(layer, start, limit).await
    }

    async fn delete_layer_version(&self, at: &LayerVersionRef) -> Result<()> {
        self.core.delete_layer_version(at).await
    }

    async fn put_layer_acl(&self, layer: &LayerRef, is_public: bool) -> Result<()> {
        self.core.put_layer_acl(layer, is_public).await
    }
}
