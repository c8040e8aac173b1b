//! Views that users have saved.

use super::StoreResult;
use async_trait::async_trait;
use model::{SavedView, UnixMillis};

/// Named addresses of each user.
#[async_trait]
pub trait ViewStore: Send + Sync {
    /// The user's views by list and name.
    async fn list_views(&self, user: &str) -> StoreResult<Vec<SavedView>>;
    /// Stores a view, in the place of the one that the list has by this name; false when the user has as many as `most`, and another name.
    async fn put_view(&self, user: &str, view: &SavedView, now: UnixMillis, most: u32) -> StoreResult<bool>;
    /// Deletes a view; one that is not there is no error.
    async fn delete_view(&self, user: &str, list: &str, name: &str) -> StoreResult<()>;
}
