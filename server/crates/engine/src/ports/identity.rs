//! Who may sign in and who may sign calls, as stored.

use super::StoreResult;
use async_trait::async_trait;
use model::{AccessKeyInfo, UnixMillis};

/// The secret of an access key as stored.
#[derive(Clone, PartialEq, Eq)]
pub enum StoredSecret {
    /// Encrypted with the key of the secret key file.
    Sealed(Vec<u8>),
    /// In clear, by an earlier release; the next start seals it.
    Plain(String),
}

impl std::fmt::Debug for StoredSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// An access key as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    pub info: AccessKeyInfo,
    /// Whose key it is.
    pub user: String,
    pub secret: StoredSecret,
}

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
    async fn access_key(&self, id: &str) -> StoreResult<Option<StoredKey>>;
    /// Every access key, the oldest first.
    async fn list_access_keys(&self) -> StoreResult<Vec<StoredKey>>;
    /// Inserts an access key while there are fewer than `most`; false when there are not.
    async fn insert_access_key(&self, key: &StoredKey, most: u32) -> StoreResult<bool>;
    /// Inserts an access key, or gives the one of this id its user and secret and enables it.
    async fn put_access_key(&self, key: &StoredKey) -> StoreResult<()>;
    /// False when there is no such key.
    async fn enable_access_key(&self, id: &str, enabled: bool, now: UnixMillis) -> StoreResult<bool>;
    /// False when there is no such key.
    async fn delete_access_key(&self, id: &str) -> StoreResult<bool>;
    /// Puts the sealed secret in the place of one in clear, if it still is, and leaves nothing of that in the database's file.
    async fn seal_access_key(&self, id: &str, sealed: &[u8]) -> StoreResult<()>;
    /// Notes when a key was last used, unless a later use is noted already.
    async fn note_key_use(&self, id: &str, at: UnixMillis) -> StoreResult<()>;
}
