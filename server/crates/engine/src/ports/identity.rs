//! Who may sign in and who may sign calls, as stored.

use super::StoreResult;
use async_trait::async_trait;
use model::{AccessKey, UnixMillis};

/// Users, sessions and access keys.
#[async_trait]
pub trait IdentityStore: Send + Sync {
    /// The PHC string of the user's password.
    async fn password_hash(&self, user: &str) -> StoreResult<Option<String>>;
    /// Inserts or replaces the user's password.
    async fn put_user(&self, user: &str, password_hash: &str, now: UnixMillis) -> StoreResult<()>;
    /// True when no user exists yet.
    async fn has_no_user(&self) -> StoreResult<bool>;
    /// Stores a session under the hash of its token; deletes those that ended before `now` along the way.
    async fn insert_session(&self, token_hash: &str, user: &str, now: UnixMillis, ends_at: UnixMillis) -> StoreResult<()>;
    /// The user of a session that has not ended at `now`.
    async fn session_user(&self, token_hash: &str, now: UnixMillis) -> StoreResult<Option<String>>;
    async fn delete_session(&self, token_hash: &str) -> StoreResult<()>;
    /// The enabled access key of this id.
    async fn access_key(&self, id: &str) -> StoreResult<Option<AccessKey>>;
    /// Inserts or replaces an enabled access key.
    async fn put_access_key(&self, key: &AccessKey, user: &str, now: UnixMillis) -> StoreResult<()>;
    /// True when no access key exists yet.
    async fn has_no_access_key(&self) -> StoreResult<bool>;
}
