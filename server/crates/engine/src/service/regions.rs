//! What is looked for in a whole region.

use crate::engine::Core;
use crate::fault::store_fault;
use model::filter::Cursor;
use model::limits::TASK_ID_CHARS_MAX;
use model::{Found, Region, RegionTaskFilter, RegionTasks, Result};

impl Core {
    pub(crate) async fn list_region_tasks(&self, region: &Region, filter: &RegionTaskFilter) -> Result<RegionTasks> {
        self.check_region(region)?;
        if !filter.tasks.next_token.is_empty() {
            Cursor::parse(&filter.tasks.next_token)?;
        }
        self.store.region_tasks(region, filter).await.map_err(store_fault)
    }

    pub(crate) async fn find_in_region(&self, region: &Region, text: &str) -> Result<Found> {
        self.check_region(region)?;
        let text = text.trim();
        // No name or id is longer.
        if text.is_empty() || text.chars().count() > TASK_ID_CHARS_MAX {
            return Ok(Found::default());
        }
        self.store.find_in_region(region, text).await.map_err(store_fault)
    }
}
