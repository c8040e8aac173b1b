//! The parts of the port that are about many tasks at once.

use crate::engine::Engine;
use async_trait::async_trait;
use model::*;

#[async_trait]
impl BulkControl for Engine {
    async fn preview_bulk(&self, scope: &BulkScope, action: BulkAction, filter: &BulkFilter) -> Result<BulkPreview> {
        self.core.preview_bulk(scope, action, filter).await
    }

    async fn create_bulk(&self, request: BulkRequest, user: &str) -> Result<Bulk> {
        self.core.create_bulk(request, user).await
    }

    async fn get_bulk(&self, region: &Region, id: &str) -> Result<Bulk> {
        self.core.get_bulk(region, id).await
    }

    async fn list_bulks(&self, region: &Region) -> Result<Vec<Bulk>> {
        self.core.list_bulks(region).await
    }

    async fn list_bulk_items(&self, region: &Region, id: &str, query: &BulkItemQuery) -> Result<Page<BulkItem>> {
        self.core.list_bulk_items(region, id, query).await
    }

    async fn stop_bulk(&self, region: &Region, id: &str, user: &str) -> Result<Bulk> {
        self.core.stop_bulk(region, id, user).await
    }

    async fn retry_bulk(&self, region: &Region, id: &str, user: &str) -> Result<Bulk> {
        self.core.retry_bulk(region, id, user).await
    }
}

#[async_trait]
impl DeadLetterControl for Engine {
    async fn list_dead_letters(&self, region: &Region, since: Option<UnixMillis>) -> Result<DeadLetters> {
        self.core.list_dead_letters(region, since).await
    }

    async fn dismiss_dead_letters(&self, key: &DeadLetterKey, until: UnixMillis) -> Result<()> {
        self.core.dismiss_dead_letters(key, until).await
    }
}
