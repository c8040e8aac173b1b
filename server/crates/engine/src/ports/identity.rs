//! Who may sign in and who may sign calls, as stored.

use super::StoreResult;
use async_trait::async_trait;
use model::{AccessKeyInfo, Role, SessionOrigin, SessionUser, UnixMillis, UserInfo};

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
    /// That of the key's user when it was read; not written.
    pub role: Role,
    pub secret: StoredSecret,
}

/// A user as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredUser {
    pub info: UserInfo,
    /// PHC string.
    pub password_hash: String,
}

impl std::fmt::Debug for StoredUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredUser").field("info", &self.info).field("password_hash", &"…").finish()
    }
}

/// A session as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// The token itself is never stored.
    pub token_hash: String,
    pub user: String,
    pub created_at: UnixMillis,
    pub ends_at: UnixMillis,
    pub origin: SessionOrigin,
}

/// What is done to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserChange {
    Role(Role),
    /// Disabling ends the user's sessions.
    Enabled(bool),
    /// With the user's sessions and access keys.
    Delete,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserChanged {
    Done,
    NotFound,
    /// Nobody could have changed users afterwards; nothing was done.
    LastAdmin,
}

/// Users, sessions and access keys.
#[async_trait]
pub trait IdentityStore: Send + Sync {
    async fn user(&self, name: &str) -> StoreResult<Option<StoredUser>>;
    /// Every user by name.
    async fn list_users(&self) -> StoreResult<Vec<UserInfo>>;
    /// Inserts a user while there are fewer than `most` and none of this name; false when there are, or is.
    async fn insert_user(&self, user: &StoredUser, most: u32) -> StoreResult<bool>;
    /// Does it unless it would leave no enabled administrator, also while another server does the like.
    async fn change_user(&self, name: &str, change: UserChange, now: UnixMillis) -> StoreResult<UserChanged>;
    /// Replaces the user's password and ends the user's sessions but the one of this token hash; false when there is no such user.
    async fn put_password(&self, name: &str, password_hash: &str, now: UnixMillis, but: &str) -> StoreResult<bool>;
    /// True when no user exists yet.
    async fn has_no_user(&self) -> StoreResult<bool>;
    /// Stores a session while its user is enabled, else returns false; deletes those that ended before its begin along the way.
    async fn insert_session(&self, session: &StoredSession) -> StoreResult<bool>;
    /// The user of a session that has not ended at `now`, if the user is enabled.
    async fn session_user(&self, token_hash: &str, now: UnixMillis) -> StoreResult<Option<SessionUser>>;
    /// The user's sessions that have not ended at `now`, the newest first.
    async fn list_sessions(&self, user: &str, now: UnixMillis) -> StoreResult<Vec<StoredSession>>;
    async fn delete_session(&self, token_hash: &str) -> StoreResult<()>;
    /// The enabled access key of this id, if its user is enabled.
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
