//! Access keys: made, listed, switched, deleted, and their secrets sealed.

use crate::fault::store_fault;
use crate::identity::{FIRST_USER, IdentityService, secret};
use crate::ports::{StoredKey, StoredSecret};
use async_trait::async_trait;
use model::{AccessKey, AccessKeyInfo, AccessKeySpec, AccessKeys, Error, ErrorCode, Policy, Result, Role, limits};
use std::sync::PoisonError;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Name of the key that the first start makes.
const FIRST_NAME: &str = "first key";
/// Time between two looks for keys whose use is to be written.
const USES_INTERVAL: Duration = Duration::from_secs(5);
/// Milliseconds between two writes of one key's last use.
const USE_WRITE_MS: i64 = 60_000;

impl IdentityService {
    /// Stores the given access key, or at the very first start a generated one, which is returned to be shown once.
    pub async fn ensure_access_key(&self, given: Option<AccessKey>) -> Result<Option<AccessKey>> {
        if let Some(key) = given {
            self.store.put_access_key(&self.sealed(&key, FIRST_NAME, FIRST_USER)?).await.map_err(store_fault)?;
            return Ok(None);
        }
        if !self.store.list_access_keys().await.map_err(store_fault)?.is_empty() {
            return Ok(None);
        }
        let key = generated(Policy::default(), Role::Admin);
        self.store.put_access_key(&self.sealed(&key, FIRST_NAME, FIRST_USER)?).await.map_err(store_fault)?;
        Ok(Some(key))
    }

    /// Seals the secrets that an earlier release has stored in clear, and tries to open every other one. Returns the ids of those that this
    /// server's sealing key does not open.
    pub async fn check_secrets(&self) -> Result<Vec<String>> {
        for key in self.store.list_access_keys().await.map_err(store_fault)? {
            if let StoredSecret::Plain(secret) = &key.secret {
                let sealed = self.sealer.seal(&key.info.id, secret).ok_or_else(Error::internal)?;
                self.store.seal_access_key(&key.info.id, &sealed).await.map_err(store_fault)?;
            }
        }
        // Read again: another server on the store may have been first, with another key.
        let keys = self.store.list_access_keys().await.map_err(store_fault)?;
        Ok(keys.into_iter().filter(|key| self.opened(key).is_none()).map(|key| key.info.id).collect())
    }

    /// Writes when keys were last used, each at most once a minute, until the server drains.
    pub async fn write_uses(&self, draining: CancellationToken) {
        while !draining.is_cancelled() {
            tokio::select! {
                () = draining.cancelled() => {}
                () = self.clock.sleep(USES_INTERVAL) => {}
            }
            self.write_due_uses(draining.is_cancelled()).await;
        }
    }

    /// Writes the uses that are due; all that are not written when `all`.
    async fn write_due_uses(&self, all: bool) {
        let now = self.clock.now();
        let due: Vec<_> = {
            let uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
            let is_due = |used: i64, written: i64| used > written && (all || now.0 - written >= USE_WRITE_MS);
            uses.iter().filter(|(_, (used, written))| is_due(used.0, written.0)).map(|(id, (used, _))| (id.clone(), *used)).collect()
        };
        for (id, used) in due {
            match self.store.note_key_use(&id, used).await {
                Ok(()) => {
                    let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
                    uses.entry(id).and_modify(|(_, written)| *written = used);
                }
                Err(error) => tracing::warn!(error = %error, key = id, "the last use of an access key was not written"),
            }
        }
    }

    /// The key with its secret; `None` when the secret can't be opened.
    pub(crate) fn opened(&self, key: &StoredKey) -> Option<AccessKey> {
        let secret = match &key.secret {
            StoredSecret::Sealed(sealed) => self.sealer.open(&key.info.id, sealed)?,
            StoredSecret::Plain(secret) => secret.clone(),
        };
        Some(AccessKey { id: key.info.id.clone(), secret, policy: key.info.policy.clone(), role: key.role })
    }

    fn sealed(&self, key: &AccessKey, name: &str, user: &str) -> Result<StoredKey> {
        let info = AccessKeyInfo {
            id: key.id.clone(),
            name: name.to_owned(),
            user: user.to_owned(),
            policy: key.policy.clone(),
            enabled: true,
            created_at: self.clock.now(),
            last_used_at: None,
        };
        let secret = StoredSecret::Sealed(self.sealer.seal(&key.id, &key.secret).ok_or_else(Error::internal)?);
        Ok(StoredKey { info, role: key.role, secret })
    }
}

fn generated(policy: Policy, role: Role) -> AccessKey {
    AccessKey { id: format!("TY{}", secret(15)), secret: secret(30), policy, role }
}

fn not_found(id: &str) -> Error {
    Error::new(ErrorCode::AccountEntityNotFound, format!("access key '{id}' does not exist"))
}

#[async_trait]
impl AccessKeys for IdentityService {
    async fn create_access_key(&self, spec: &AccessKeySpec, user: &str) -> Result<AccessKey> {
        spec.validate()?;
        let role = match self.store.user(user).await.map_err(store_fault)? {
            Some(known) => known.info.role,
            // The command line may make the first key before the first start makes the first user.
            None if user == FIRST_USER => Role::Admin,
            None => return Err(Error::new(ErrorCode::AccountEntityNotFound, format!("user '{user}' does not exist"))),
        };
        let key = generated(spec.policy.clone(), role);
        let most = limits::ACCESS_KEYS_MAX;
        if self.store.insert_access_key(&self.sealed(&key, &spec.name, user)?, most).await.map_err(store_fault)? {
            return Ok(key);
        }
        Err(Error::new(ErrorCode::LimitExceededError, format!("there are {most} access keys already; delete one first")))
    }

    async fn list_access_keys(&self) -> Result<Vec<AccessKeyInfo>> {
        Ok(self.store.list_access_keys().await.map_err(store_fault)?.into_iter().map(|key| key.info).collect())
    }

    async fn enable_access_key(&self, id: &str, enabled: bool) -> Result<()> {
        let found = self.store.enable_access_key(id, enabled, self.clock.now()).await.map_err(store_fault)?;
        if found { Ok(()) } else { Err(not_found(id)) }
    }

    async fn delete_access_key(&self, id: &str) -> Result<()> {
        let found = self.store.delete_access_key(id).await.map_err(store_fault)?;
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        if found { Ok(()) } else { Err(not_found(id)) }
    }
}
