//! Bulk actions, dead letters, the tasks of whole regions and saved views, which no operation of the API asks for.

use super::kept::Double;
use async_trait::async_trait;
use model::{
    Bulk, BulkAction, BulkControl, BulkFilter, BulkItem, BulkItemQuery, BulkPreview, BulkRequest, BulkScope, DeadLetterControl,
    DeadLetterKey, DeadLetters, Found, Page, Region, RegionTaskControl, RegionTaskFilter, RegionTasks, Result, SavedView, UnixMillis,
    ViewControl,
};

const NOBODY: &str = "no operation of the API calls it";

#[async_trait]
impl BulkControl for Double {
    async fn preview_bulk(&self, _: &BulkScope, _: BulkAction, _: &BulkFilter) -> Result<BulkPreview> {
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

#[async_trait]
impl RegionTaskControl for Double {
    async fn list_region_tasks(&self, _: &Region, _: &RegionTaskFilter) -> Result<RegionTasks> {
        unimplemented!("{NOBODY}")
    }

    async fn find_in_region(&self, _: &Region, _: &str) -> Result<Found> {
        unimplemented!("{NOBODY}")
    }
}

#[async_trait]
impl ViewControl for Double {
    async fn list_views(&self, _: &str) -> Result<Vec<SavedView>> {
        unimplemented!("{NOBODY}")
    }

    async fn save_view(&self, _: &str, _: &SavedView) -> Result<()> {
        unimplemented!("{NOBODY}")
    }

    async fn delete_view(&self, _: &str, _: &str, _: &str) -> Result<()> {
        unimplemented!("{NOBODY}")
    }
}
