//! Users: made, changed, deleted, and their sessions.

use crate::fault::store_fault;
use crate::identity::{IdentityService, hash_password, secret, token_hash};
use crate::ports::{StoredUser, UserChange, UserChanged};
use async_trait::async_trait;
use model::user::{check_password, check_user_name};
use model::{Error, ErrorCode, Result, Role, SessionInfo, UserInfo, Users, limits};

/// Random bytes of a generated password.
const PASSWORD_BYTES: usize = 18;
/// Digits of a session's hash that name it among its user's.
const SESSION_ID_CHARS: usize = 16;

/// The given password once it is checked, or a new one, which is also returned.
fn chosen(password: Option<&str>) -> Result<(String, Option<String>)> {
    match password {
        Some(password) => check_password(password).map(|()| (password.to_owned(), None)),
        None => {
            let generated = secret(PASSWORD_BYTES);
            Ok((generated.clone(), Some(generated)))
        }
    }
}

fn session_id(token_hash: &str) -> &str {
    token_hash.get(..SESSION_ID_CHARS).unwrap_or(token_hash)
}

impl IdentityService {
    async fn change(&self, name: &str, change: UserChange) -> Result<()> {
        let changed = self.store.change_user(name, change, self.clock.now()).await.map_err(store_fault)?;
        self.tell_change();
        match changed {
            UserChanged::Done => Ok(()),
            UserChanged::NotFound => Err(Error::new(ErrorCode::AccountEntityNotFound, format!("user '{name}' does not exist"))),
            UserChanged::LastAdmin => {
                Err(Error::invalid(format!("{name} is the only administrator who can sign in; make another one first")))
            }
        }
    }
}

#[async_trait]
impl Users for IdentityService {
    async fn list_users(&self) -> Result<Vec<UserInfo>> {
        self.store.list_users().await.map_err(store_fault)
    }

    async fn create_user(&self, name: &str, role: Role, password: Option<&str>) -> Result<Option<String>> {
        check_user_name(name)?;
        let (password, generated) = chosen(password)?;
        let info = UserInfo { name: name.to_owned(), role, enabled: true, created_at: self.clock.now() };
        let user = StoredUser { info, password_hash: hash_password(password).await? };
        let most = limits::USERS_MAX;
        if self.store.insert_user(&user, most).await.map_err(store_fault)? {
            return Ok(generated);
        }
        if self.store.user(name).await.map_err(store_fault)?.is_some() {
            return Err(Error::invalid(format!("a user with the name {name} exists")));
        }
        Err(Error::new(ErrorCode::LimitExceededError, format!("there are {most} users already; delete one first")))
    }

    async fn change_role(&self, name: &str, role: Role) -> Result<()> {
        self.change(name, UserChange::Role(role)).await
    }

    async fn reset_password(&self, name: &str, password: Option<&str>) -> Result<Option<String>> {
        let (password, generated) = chosen(password)?;
        self.put_password(name, &password, "").await?;
        Ok(generated)
    }

    async fn enable_user(&self, name: &str, enabled: bool) -> Result<()> {
        self.change(name, UserChange::Enabled(enabled)).await
    }

    async fn delete_user(&self, name: &str) -> Result<()> {
        self.change(name, UserChange::Delete).await
    }

    async fn change_password(&self, name: &str, present: &str, password: &str, token: &str) -> Result<()> {
        check_password(password)?;
        if self.checked(name, present).await?.is_none() {
            return Err(Error::new(ErrorCode::AccessDenied, "The present password is not correct."));
        }
        self.put_password(name, password, token).await
    }

    async fn list_sessions(&self, name: &str, token: &str) -> Result<Vec<SessionInfo>> {
        let current = token_hash(token);
        let sessions = self.store.list_sessions(name, self.clock.now()).await.map_err(store_fault)?;
        let shown = sessions.into_iter().map(|session| SessionInfo {
            id: session_id(&session.token_hash).to_owned(),
            created_at: session.created_at,
            ends_at: session.ends_at,
            origin: session.origin,
            is_current: session.token_hash == current,
        });
        Ok(shown.collect())
    }

    async fn end_session(&self, name: &str, id: &str) -> Result<()> {
        for session in self.store.list_sessions(name, self.clock.now()).await.map_err(store_fault)? {
            if session_id(&session.token_hash) == id {
                self.store.delete_session(&session.token_hash).await.map_err(store_fault)?;
            }
        }
        self.tell_change();
        Ok(())
    }
}
