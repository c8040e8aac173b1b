//! Signing in, users, sessions, access keys, what users keep for themselves, and the audit itself.

use super::{Audited, Target};
use async_trait::async_trait;
use model::*;

#[async_trait]
impl Identity for Audited {
    async fn sign_in(&self, name: &str, password: &str, origin: &SessionOrigin) -> Result<(String, UnixMillis)> {
        let result = self.identity.sign_in(name, password, origin).await;
        // A password may have been typed into the wrong field: only the name of somebody who exists is written down.
        let is_known = result.is_ok() || self.identity.has_user(name).await.unwrap_or(false);
        let actor = if is_known { name } else { "" };
        self.record_of(actor.to_owned(), Action::SignIn, user(actor), audit::outcome(&result)).await;
        result
    }

    async fn session(&self, token: &str) -> Result<Option<SessionUser>> {
        self.identity.session(token).await
    }

    fn session_changes(&self) -> SessionChanges {
        self.identity.session_changes()
    }

    async fn sign_out(&self, token: &str) -> Result<()> {
        let result = self.identity.sign_out(token).await;
        // Without a session nobody has signed out.
        if let Some(who) = &self.who.user {
            self.record(Action::SignOut, user(&who.name), audit::outcome(&result)).await;
        }
        result
    }

    async fn has_user(&self, name: &str) -> Result<bool> {
        self.identity.has_user(name).await
    }

    async fn access_key(&self, id: &str) -> Result<Option<AccessKey>> {
        self.identity.access_key(id).await
    }

    fn note_use(&self, id: &str) {
        self.identity.note_use(id);
    }
}

fn user(name: &str) -> Target {
    (String::new(), format!("users/{name}"))
}

fn key(id: &str) -> Target {
    (String::new(), format!("access-keys/{id}"))
}

impl Audited {
    /// The user, if what is asked for concerns this user alone. Errors: `AccessDenied` for somebody else's name.
    fn own(&self, action: Action, name: &str) -> Result<()> {
        if self.permitted(action)?.name == name {
            return Ok(());
        }
        Err(Error::new(ErrorCode::AccessDenied, format!("You do not have permission: {action} is for the user {name} alone.")))
    }

    /// Whether the user may see and switch this key: an administrator may each, others their own, and are told of no other.
    async fn reach_key(&self, action: Action, id: &str) -> Result<()> {
        let who = self.permitted(action)?;
        let is_theirs = |found: &AccessKeyInfo| found.id == id && found.user == who.name;
        if who.role == Role::Admin || self.keys.list_access_keys().await?.iter().any(is_theirs) {
            return Ok(());
        }
        Err(Error::new(ErrorCode::AccountEntityNotFound, format!("access key '{id}' does not exist")))
    }
}

/// Does it if it is permitted, and writes down what came of it.
macro_rules! written {
    ($self:ident, $action:expr, $target:expr, $permitted:expr, $done:expr) => {{
        let result = match $permitted {
            Ok(()) => $done.await,
            Err(refusal) => Err(refusal),
        };
        $self.record($action, $target, audit::outcome(&result)).await;
        result
    }};
}

#[async_trait]
impl AccessKeys for Audited {
    async fn create_access_key(&self, spec: &AccessKeySpec, name: &str) -> Result<AccessKey> {
        let action = Action::CreateAccessKey;
        let result = match self.own(action, name) {
            Ok(()) => self.keys.create_access_key(spec, name).await,
            Err(refusal) => Err(refusal),
        };
        let id = result.as_ref().map_or("", |made| made.id.as_str());
        self.record(action, key(id), audit::outcome(&result)).await;
        result
    }

    async fn list_access_keys(&self) -> Result<Vec<AccessKeyInfo>> {
        let who = self.permitted(Action::ListAccessKeys)?;
        let mut found = self.keys.list_access_keys().await?;
        found.retain(|found| who.role == Role::Admin || found.user == who.name);
        Ok(found)
    }

    async fn enable_access_key(&self, id: &str, enabled: bool) -> Result<()> {
        let action = if enabled { Action::EnableAccessKey } else { Action::DisableAccessKey };
        written!(self, action, key(id), self.reach_key(action, id).await, self.keys.enable_access_key(id, enabled))
    }

    async fn delete_access_key(&self, id: &str) -> Result<()> {
        let action = Action::DeleteAccessKey;
        written!(self, action, key(id), self.reach_key(action, id).await, self.keys.delete_access_key(id))
    }
}

#[async_trait]
impl Users for Audited {
    async fn list_users(&self) -> Result<Vec<UserInfo>> {
        self.permit(Action::ListUsers)?;
        self.users.list_users().await
    }

    async fn create_user(&self, name: &str, role: Role, password: Option<&str>) -> Result<Option<String>> {
        let action = Action::CreateUser;
        written!(self, action, user(name), self.permit(action), self.users.create_user(name, role, password))
    }

    async fn change_role(&self, name: &str, role: Role) -> Result<()> {
        let action = Action::ChangeUserRole;
        let target = (String::new(), format!("users/{name}/roles/{}", role.as_str()));
        written!(self, action, target, self.permit(action), self.users.change_role(name, role))
    }

    async fn reset_password(&self, name: &str, password: Option<&str>) -> Result<Option<String>> {
        let action = Action::ResetPassword;
        written!(self, action, user(name), self.permit(action), self.users.reset_password(name, password))
    }

    async fn enable_user(&self, name: &str, enabled: bool) -> Result<()> {
        let action = if enabled { Action::EnableUser } else { Action::DisableUser };
        written!(self, action, user(name), self.permit(action), self.users.enable_user(name, enabled))
    }

    async fn delete_user(&self, name: &str) -> Result<()> {
        let action = Action::DeleteUser;
        written!(self, action, user(name), self.permit(action), self.users.delete_user(name))
    }

    async fn change_password(&self, name: &str, present: &str, password: &str, token: &str) -> Result<()> {
        let action = Action::ChangePassword;
        written!(self, action, user(name), self.own(action, name), self.users.change_password(name, present, password, token))
    }

    async fn list_sessions(&self, name: &str, token: &str) -> Result<Vec<SessionInfo>> {
        self.own(Action::ListUserSessions, name)?;
        self.users.list_sessions(name, token).await
    }

    async fn end_session(&self, name: &str, id: &str) -> Result<()> {
        let action = Action::EndSession;
        written!(self, action, user(name), self.own(action, name), self.users.end_session(name, id))
    }
}

/// A user's own bookmarks of lists of tasks: nothing else depends on them, and nobody else sees them.
#[async_trait]
impl ViewControl for Audited {
    async fn list_views(&self, name: &str) -> Result<Vec<SavedView>> {
        self.own(Action::ListStatefulAsyncInvocations, name)?;
        self.control.list_views(name).await
    }

    async fn save_view(&self, name: &str, view: &SavedView) -> Result<()> {
        self.own(Action::ListStatefulAsyncInvocations, name)?;
        self.control.save_view(name, view).await
    }

    async fn delete_view(&self, name: &str, list: &str, view: &str) -> Result<()> {
        self.own(Action::ListStatefulAsyncInvocations, name)?;
        self.control.delete_view(name, list, view).await
    }
}

#[async_trait]
impl Audit for Audited {
    async fn record(&self, entry: AuditEntry) {
        self.audit.record(entry).await;
    }

    async fn list_audit(&self, query: &AuditQuery) -> Result<Page<AuditEntry>> {
        self.permit(Action::ListAuditEntries)?;
        self.audit.list_audit(query).await
    }
}
