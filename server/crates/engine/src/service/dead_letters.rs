//! Badly ended tasks of a region in groups.

use crate::engine::Core;
use crate::fault::store_fault;
use model::{DeadLetterKey, DeadLetters, Region, Result, UnixMillis};

impl Core {
    pub(crate) async fn list_dead_letters(&self, region: &Region, since: Option<UnixMillis>) -> Result<DeadLetters> {
        self.check_region(region)?;
        self.store.dead_letters(region, since).await.map_err(store_fault)
    }

    pub(crate) async fn dismiss_dead_letters(&self, key: &DeadLetterKey, until: UnixMillis) -> Result<()> {
        self.check_region(&key.function.region)?;
        // What ends from now on is news.
        let until = until.min(self.clock.now());
        self.store.dismiss_dead_letters(key, until).await.map_err(store_fault)
    }
}
