//! The port for users, sessions and access keys, each method handed to the file of its noun.

use crate::{dialect::Dialect, store::SqlStore};
use async_trait::async_trait;
use engine::ports::{IdentityStore, StoreResult, StoredKey, StoredSession, StoredUser, UserChange, UserChanged};
use model::{SessionUser, UnixMillis, UserInfo};

#[async_trait]
impl<DB: Dialect> IdentityStore for SqlStore<DB> {
    async fn user(&self, name: &str) -> StoreResult<Option<StoredUser>> {
        self.run(|| self.account(name)).await
    }

    async fn list_users(&self) -> StoreResult<Vec<UserInfo>> {
        self.run(|| self.accounts()).await
    }

    async fn insert_user(&self, user: &StoredUser, most: u32) -> StoreResult<bool> {
        self.run(|| self.add_account(user, most)).await
    }

    async fn change_user(&self, name: &str, change: UserChange, now: UnixMillis) -> StoreResult<UserChanged> {
        self.run(|| self.change_account(name, change, now)).await
    }

    async fn put_password(&self, name: &str, password_hash: &str, now: UnixMillis, but: &str) -> StoreResult<bool> {
        self.run(|| self.change_hash(name, password_hash, now, but)).await
    }

    async fn has_no_user(&self) -> StoreResult<bool> {
        self.run(|| self.no_account()).await
    }

    async fn insert_session(&self, session: &StoredSession) -> StoreResult<bool> {
        self.run(|| self.add_session(session)).await
    }

    async fn session_user(&self, token_hash: &str, now: UnixMillis) -> StoreResult<Option<SessionUser>> {
        self.run(|| self.user_of_session(token_hash, now)).await
    }

    async fn list_sessions(&self, user: &str, now: UnixMillis) -> StoreResult<Vec<StoredSession>> {
        self.run(|| self.sessions_of(user, now)).await
    }

    async fn delete_session(&self, token_hash: &str) -> StoreResult<()> {
        self.run(|| self.remove_session(token_hash)).await
    }

    async fn access_key(&self, id: &str) -> StoreResult<Option<StoredKey>> {
        self.run(|| self.key(id)).await
    }

    async fn list_access_keys(&self) -> StoreResult<Vec<StoredKey>> {
        self.run(|| self.keys()).await
    }

    async fn insert_access_key(&self, key: &StoredKey, most: u32) -> StoreResult<bool> {
        self.run(|| self.add_key(key, most)).await
    }

    async fn put_access_key(&self, key: &StoredKey) -> StoreResult<()> {
        self.run(|| self.put_key(key)).await
    }

    async fn enable_access_key(&self, id: &str, enabled: bool, now: UnixMillis) -> StoreResult<bool> {
        self.run(|| self.switch_key(id, enabled, now)).await
    }

    async fn delete_access_key(&self, id: &str) -> StoreResult<bool> {
        self.run(|| self.remove_key(id)).await
    }

    async fn seal_access_key(&self, id: &str, sealed: &[u8]) -> StoreResult<()> {
        self.run(|| self.seal_key(id, sealed)).await
    }

    async fn note_key_use(&self, id: &str, at: UnixMillis) -> StoreResult<()> {
        self.run(|| self.key_used(id, at)).await
    }
}
