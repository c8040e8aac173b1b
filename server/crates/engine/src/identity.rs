//! Users, sessions and access keys; the keys' own methods are in `access_keys`.

use crate::clock::Clock;
use crate::fault::store_fault;
use crate::ports::IdentityStore;
use crate::seal::Sealer;
use argon2::password_hash::PasswordHasher;
use argon2::{Argon2, PasswordVerifier};
use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::{AccessKey, Error, ErrorCode, Identity, Result, SessionUser, UnixMillis};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long a session lasts.
const SESSION_MS: i64 = 7 * 86_400_000;
/// Wrong passwords in a row before a user has to wait.
const FREE_TRIES: u32 = 5;
/// Longest wait after wrong passwords.
const WAIT_S_MAX: i64 = 60;
/// Users whose wrong tries are remembered.
const TRIES_MAX: usize = 10_000;

/// Wrong tries in a row and when the next one is allowed.
type Tries = HashMap<String, (u32, UnixMillis)>;

/// When each key that has signed a call was last used, and which use is written.
type Uses = HashMap<String, (UnixMillis, UnixMillis)>;

/// Checks passwords, sessions and access keys against a store.
pub struct IdentityService {
    pub(crate) store: Arc<dyn IdentityStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sealer: Sealer,
    tries: Mutex<Tries>,
    pub(crate) uses: Mutex<Uses>,
}

impl IdentityService {
    /// Keeps users, sessions and keys in this store, the keys' secrets sealed.
    pub fn new(store: Arc<dyn IdentityStore>, clock: Arc<dyn Clock>, sealer: Sealer) -> Self {
        Self { store, clock, sealer, tries: Mutex::default(), uses: Mutex::default() }
    }

    /// Sets the password of `admin`: the given one, or at the very first start a generated one, which is returned to be shown once.
    pub async fn ensure_admin(&self, given: Option<&str>) -> Result<Option<String>> {
        let generated = match given {
            Some(_) => None,
            None if self.store.has_no_user().await.map_err(store_fault)? => Some(secret(18)),
            None => return Ok(None),
        };
        if let Some(password) = given.or(generated.as_deref()) {
            let hash = hash_password(password.to_owned()).await?;
            self.store.put_user("admin", &hash, self.clock.now()).await.map_err(store_fault)?;
        }
        Ok(generated)
    }

    fn tries<T>(&self, f: impl FnOnce(&mut Tries) -> T) -> T {
        f(&mut self.tries.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn check_wait(&self, name: &str, now: UnixMillis) -> Result<()> {
        let wait_ms = self.tries(|tries| tries.get(name).map_or(0, |(_, allowed_at)| allowed_at.since(now)));
        if wait_ms <= 0 {
            return Ok(());
        }
        Err(Error::new(ErrorCode::ResourceThrottled, format!("Too many attempts. Try again in {} s.", (wait_ms + 999) / 1_000)))
    }

    fn count_wrong(&self, name: &str, now: UnixMillis) {
        self.tries(|tries| {
            if tries.len() >= TRIES_MAX {
                tries.retain(|_, (_, allowed_at)| *allowed_at > now);
            }
            let (wrong, allowed_at) = tries.entry(name.to_owned()).or_default();
            *wrong += 1;
            if *wrong >= FREE_TRIES {
                let wait_s = 1_i64.checked_shl(*wrong - FREE_TRIES).unwrap_or(WAIT_S_MAX).min(WAIT_S_MAX);
                *allowed_at = now.plus_ms(wait_s * 1_000);
            }
        });
    }
}

#[async_trait]
impl Identity for IdentityService {
    async fn sign_in(&self, name: &str, password: &str) -> Result<(String, UnixMillis)> {
        let now = self.clock.now();
        self.check_wait(name, now)?;
        let stored = self.store.password_hash(name).await.map_err(store_fault)?;
        if !verify_password(stored, password.to_owned()).await? {
            self.count_wrong(name, now);
            return Err(Error::new(ErrorCode::AccessDenied, "The user name or password is not correct."));
        }
        self.tries(|tries| tries.remove(name));
        let token = secret(32);
        let ends_at = now.plus_ms(SESSION_MS);
        self.store.insert_session(&token_hash(&token), name, now, ends_at).await.map_err(store_fault)?;
        Ok((token, ends_at))
    }

    async fn session(&self, token: &str) -> Result<Option<SessionUser>> {
        let user = self.store.session_user(&token_hash(token), self.clock.now()).await.map_err(store_fault)?;
        Ok(user.map(|name| SessionUser { name }))
    }

    async fn sign_out(&self, token: &str) -> Result<()> {
        self.store.delete_session(&token_hash(token)).await.map_err(store_fault)
    }

    async fn has_user(&self, name: &str) -> Result<bool> {
        Ok(self.store.password_hash(name).await.map_err(store_fault)?.is_some())
    }

    async fn access_key(&self, id: &str) -> Result<Option<AccessKey>> {
        let Some(stored) = self.store.access_key(id).await.map_err(store_fault)? else { return Ok(None) };
        let Some(key) = self.opened(&stored) else {
            tracing::error!(key = id, "the secret of an access key can't be opened: it was made by a server with another secret key file");
            return Err(Error::internal());
        };
        Ok(Some(key))
    }

    fn note_use(&self, id: &str) {
        let now = self.clock.now();
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        match uses.get_mut(id) {
            Some((used, _)) => *used = now,
            None => _ = uses.insert(id.to_owned(), (now, UnixMillis::default())),
        }
    }
}

/// URL-safe text of so many random bytes.
pub(crate) fn secret(bytes: usize) -> String {
    use rand::Rng;
    let mut random = vec![0; bytes];
    rand::rng().fill_bytes(&mut random);
    BASE64_URL_SAFE_NO_PAD.encode(random)
}

/// Only the hash of a token is stored, so that a copy of the database opens no session.
fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// Argon2 is slow by design: it runs off the async threads.
async fn hash_password(password: String) -> Result<String> {
    let hashed =
        tokio::task::spawn_blocking(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())).await;
    match hashed {
        Ok(Ok(hash)) => Ok(hash),
        failed => {
            tracing::error!(result = ?failed.map(|inner| inner.map(drop)), "password not hashed");
            Err(Error::internal())
        }
    }
}

/// Takes as long for an unknown user as for a known one, so that names can't be found out by time.
async fn verify_password(stored: Option<String>, password: String) -> Result<bool> {
    let verified = tokio::task::spawn_blocking(move || match stored {
        Some(hash) => {
            argon2::PasswordHash::new(&hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        }
        None => Argon2::default().hash_password(password.as_bytes()).is_err(),
    });
    verified.await.map_err(|error| {
        tracing::error!(error = %error, "password not verified");
        Error::internal()
    })
}
