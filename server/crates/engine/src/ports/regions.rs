//! What is looked for in a whole region.

use super::StoreResult;
use async_trait::async_trait;
use model::{Found, Region, RegionTaskFilter, RegionTasks};

/// Reads over all functions of a region; the work of each is limited however many functions and tasks there are.
#[async_trait]
pub trait RegionStore: Send + Sync {
    /// A page of listed tasks, with the counters of the functions that are wanted; the filter's token has been checked by the caller.
    async fn region_tasks(&self, region: &Region, filter: &RegionTaskFilter) -> StoreResult<RegionTasks>;

    /// What bears this name or id; the text is not empty.
    async fn find_in_region(&self, region: &Region, text: &str) -> StoreResult<Found>;
}
