//! Signing in, sessions and access keys; the keys' own methods are in `access_keys`, those of users in `users`.

use crate::clock::Clock;
use crate::fault::store_fault;
use crate::ports::{IdentityStore, StoredSession, StoredUser};
use crate::seal::Sealer;
use argon2::password_hash::PasswordHasher;
use argon2::{Argon2, PasswordVerifier};
use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures::{StreamExt, stream};
use model::{
    AccessKey, Error, ErrorCode, Identity, Result, Role, SessionChanges, SessionOrigin, SessionUser, UnixMillis, UserInfo, limits,
};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// The user that the first start makes.
pub(crate) const FIRST_USER: &str = "admin";
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
    /// Counts what may have ended a session or changed a role.
    changes: watch::Sender<u64>,
}

impl IdentityService {
    /// Keeps users, sessions and keys in this store, the keys' secrets sealed.
    pub fn new(store: Arc<dyn IdentityStore>, clock: Arc<dyn Clock>, sealer: Sealer) -> Self {
        Self { store, clock, sealer, tries: Mutex::default(), uses: Mutex::default(), changes: watch::Sender::new(0) }
    }

    /// Sets the password of `admin`: the given one, or at the very first start, which makes the user, a generated one, which is returned to be
    /// shown once. A role that the user was given since stays, and a user that was deleted is not made again.
    pub async fn ensure_admin(&self, given: Option<&str>) -> Result<Option<String>> {
        if self.store.has_no_user().await.map_err(store_fault)? {
            let generated = if given.is_none() { Some(secret(18)) } else { None };
            if let Some(password) = given.or(generated.as_deref()) {
                let info = UserInfo { name: FIRST_USER.to_owned(), role: Role::Admin, enabled: true, created_at: self.clock.now() };
                let user = StoredUser { info, password_hash: hash_password(password.to_owned()).await? };
                // Where another server was faster, that one's password is in force.
                if !self.store.insert_user(&user, limits::USERS_MAX).await.map_err(store_fault)? {
                    return Ok(None);
                }
            }
            return Ok(generated);
        }
        let Some(password) = given else { return Ok(None) };
        let Some(known) = self.store.user(FIRST_USER).await.map_err(store_fault)? else {
            tracing::warn!("TASKYARD_ADMIN_PASSWORD is not used: the user admin was deleted");
            return Ok(None);
        };
        // The same one again leaves sessions open.
        if !verify_password(Some(known.password_hash), password.to_owned()).await? {
            self.put_password(FIRST_USER, password, "").await?;
        }
        Ok(None)
    }

    /// Replaces a password and ends every session of the user but that of this token. Errors: `AccountEntityNotFound`.
    pub(crate) async fn put_password(&self, name: &str, password: &str, token: &str) -> Result<()> {
        let hash = hash_password(password.to_owned()).await?;
        let found = self.store.put_password(name, &hash, self.clock.now(), &token_hash(token)).await.map_err(store_fault)?;
        self.tell_change();
        if found { Ok(()) } else { Err(Error::new(ErrorCode::AccountEntityNotFound, format!("user '{name}' does not exist"))) }
    }

    /// Tells those who listen to [`Identity::session_changes`].
    pub(crate) fn tell_change(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// The user of this name if the password is right and the user enabled. Every wrong pair takes the same time and has the same answer.
    pub(crate) async fn checked(&self, name: &str, password: &str) -> Result<Option<UserInfo>> {
        let now = self.clock.now();
        // Nobody's name is longer: what is remembered of tries has a limit.
        let tried: String = name.chars().take(limits::USER_NAME_CHARS_MAX).collect();
        self.check_wait(&tried, now)?;
        let stored = self.store.user(name).await.map_err(store_fault)?;
        let (info, hash) = stored.map(|user| (user.info, user.password_hash)).unzip();
        let is_right = verify_password(hash, password.to_owned()).await?;
        let info = info.filter(|info| is_right && info.enabled);
        match &info {
            None => self.count_wrong(&tried, now),
            Some(_) => _ = self.tries(|tries| tries.remove(&tried)),
        }
        Ok(info)
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
    async fn sign_in(&self, name: &str, password: &str, origin: &SessionOrigin) -> Result<(String, UnixMillis)> {
        let wrong = || Error::new(ErrorCode::AccessDenied, "The user name or password is not correct.");
        let user = self.checked(name, password).await?.ok_or_else(wrong)?;
        let (token, now) = (secret(32), self.clock.now());
        let ends_at = now.plus_ms(SESSION_MS);
        let origin = SessionOrigin {
            address: origin.address.clone(),
            agent: origin.agent.chars().filter(|c| !c.is_control()).take(limits::AGENT_CHARS_MAX).collect(),
        };
        let session = StoredSession { token_hash: token_hash(&token), user: user.name, created_at: now, ends_at, origin };
        let opened = self.store.insert_session(&session).await.map_err(store_fault)?;
        if opened { Ok((token, ends_at)) } else { Err(wrong()) }
    }

    async fn session(&self, token: &str) -> Result<Option<SessionUser>> {
        self.store.session_user(&token_hash(token), self.clock.now()).await.map_err(store_fault)
    }

    fn session_changes(&self) -> SessionChanges {
        let receiver = self.changes.subscribe();
        stream::unfold(receiver, |mut receiver| async move { receiver.changed().await.ok().map(|()| ((), receiver)) }).boxed()
    }

    async fn sign_out(&self, token: &str) -> Result<()> {
        let done = self.store.delete_session(&token_hash(token)).await.map_err(store_fault);
        self.tell_change();
        done
    }

    async fn has_user(&self, name: &str) -> Result<bool> {
        Ok(self.store.user(name).await.map_err(store_fault)?.is_some())
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
pub(crate) fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// Argon2 is slow by design: it runs off the async threads.
pub(crate) async fn hash_password(password: String) -> Result<String> {
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
