//! What is stored of layers.

use super::StoreResult;
use async_trait::async_trait;
use model::{LayerRef, LayerVersion, LayerVersionRef, ListQuery, Page, Region, UnixMillis};

/// Layers and their archives.
#[async_trait]
pub trait LayerStore: Send + Sync {
    /// Stores a version with its archive under the next number, which it returns; that of the argument is not looked at.
    async fn insert_layer_version(&self, layer: &LayerVersion, code: &[u8]) -> StoreResult<u32>;
    /// A version; with `with_deleted` also one that is kept for functions only.
    async fn get_layer_version(&self, at: &LayerVersionRef, with_deleted: bool) -> StoreResult<Option<LayerVersion>>;
    /// The latest version of each layer, by name.
    async fn list_layers(&self, region: &Region, query: &ListQuery) -> StoreResult<Page<LayerVersion>>;
    /// Versions of a layer from number `start` on; the token is the next number.
    async fn list_layer_versions(&self, layer: &LayerRef, start: u32, limit: u32) -> StoreResult<Page<LayerVersion>>;
    /// Deletes a version, its archive too once no function has it; false when there is none.
    async fn delete_layer_version(&self, at: &LayerVersionRef, now: UnixMillis) -> StoreResult<bool>;
    /// False when the layer has no version.
    async fn put_layer_acl(&self, layer: &LayerRef, is_public: bool) -> StoreResult<bool>;
}
