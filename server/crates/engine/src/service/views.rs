//! Views that users have saved.

use crate::engine::Core;
use crate::fault::store_fault;
use model::limits::VIEWS_MAX;
use model::{Error, ErrorCode, Result, SavedView};

impl Core {
    pub(crate) async fn list_views(&self, user: &str) -> Result<Vec<SavedView>> {
        self.store.list_views(user).await.map_err(store_fault)
    }

    pub(crate) async fn save_view(&self, user: &str, view: &SavedView) -> Result<()> {
        view.validate()?;
        let has_room = self.store.put_view(user, view, self.clock.now(), VIEWS_MAX).await.map_err(store_fault)?;
        if has_room {
            return Ok(());
        }
        Err(Error::new(ErrorCode::LimitExceededError, format!("You have {VIEWS_MAX} saved views already. Delete one first.")))
    }

    pub(crate) async fn delete_view(&self, user: &str, list: &str, name: &str) -> Result<()> {
        self.store.delete_view(user, list, name).await.map_err(store_fault)
    }
}
