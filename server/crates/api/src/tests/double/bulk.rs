//! Bulk actions and dead letters, which no operation of the API asks for.

use super::kept::Double;
use async_trait::async_trait;
use model::{
    Bulk, BulkAction, BulkControl, BulkFilter, BulkItem, BulkItemQuery, BulkPreview, BulkRequest, DeadLetterControl, DeadLetterKey,
    DeadLetters, FunctionRef, Page, Region, Result, UnixMillis,
};

const NOBODY: &str = "no operation of the API calls it";

#[async_trait]
impl BulkControl for Double {
    async fn preview_bulk(&self, _: &FunctionRef, _: BulkAction, _: &BulkFilter) -> Result<BulkPreview> {
        unimplemented!("{NOBODY}")
    }

    async fn create_bulk(&self, _: BulkRequest, _: &str) -> Result<Bulk> {
        unimplemented!("{NOBODY}")
    }

    async fn get_bulk(&self, _: &Region, _: &str) -> Result<Bulk> {
        unimplemented!("{NOBODY}")
    }

    async fn list_bulks(&self, _: &Region) -> Result<Vec<Bulk>> {
        unimplemented!("{NOBODY}")
    }

    async fn list_bulk_items(&self, _: &Region, _: &str, _: &BulkItemQuery) -> Result<Page<BulkItem>> {
        unimplemented!("{NOBODY}")
    }

    async fn stop_bulk(&self, _: &Region, _: &str, _: &str) -> Result<Bulk> {
        unimplemented!("{NOBODY}")
    }

    async fn retry_bulk(&self, _: &Region, _: &str, _: &str) -> Result<Bulk> {
        unimplemented!("{NOBODY}")
    }
}

#[async_trait]
impl DeadLetterControl for Double {
    async fn list_dead_letters(&self, _: &Region, _: Option<UnixMillis>) -> Result<DeadLetters> {
        unimplemented!("{NOBODY}")
    }

    async fn dismiss_dead_letters(&self, _: &DeadLetterKey, _: UnixMillis) -> Result<()> {
        unimplemented!("{NOBODY}")
    }
}
