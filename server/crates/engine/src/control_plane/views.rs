//! The part of the port that is about saved views.

use crate::engine::Engine;
use async_trait::async_trait;
use model::*;

#[async_trait]
impl ViewControl for Engine {
    async fn list_views(&self, user: &str) -> Result<Vec<SavedView>> {
        self.core.list_views(user).await
    }

    async fn save_view(&self, user: &str, view: &SavedView) -> Result<()> {
        self.core.save_view(user, view).await
    }

    async fn delete_view(&self, user: &str, list: &str, name: &str) -> Result<()> {
        self.core.delete_view(user, list, name).await
    }
}
