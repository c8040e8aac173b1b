//! The parts of the port that are about a whole region.

use crate::engine::Engine;
use async_trait::async_trait;
use model::*;

#[async_trait]
impl RegionTaskControl for Engine {
    async fn list_region_tasks(&self, region: &Region, filter: &RegionTaskFilter) -> Result<RegionTasks> {
        self.core.list_region_tasks(region, filter).await
    }

    async fn find_in_region(&self, region: &Region, text: &str) -> Result<Found> {
        self.core.find_in_region(region, text).await
    }
}
