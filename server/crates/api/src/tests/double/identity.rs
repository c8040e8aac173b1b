//! The double's keys, and what it was told to write down.

use super::{Double, KEY, SECRET};
use async_trait::async_trait;
use model::{
    AccessKey, Audit, AuditEntry, AuditQuery, Identity, Page, Policy, Result, Role, SessionChanges, SessionOrigin, SessionUser, UnixMillis,
};

#[async_trait]
impl Identity for Double {
    async fn sign_in(&self, _: &str, _: &str, _: &SessionOrigin) -> Result<(String, UnixMillis)> {
        unimplemented!("the console's")
    }

    async fn session(&self, _: &str) -> Result<Option<SessionUser>> {
        unimplemented!("the console's")
    }

    fn session_changes(&self) -> SessionChanges {
        unimplemented!("the console's")
    }

    async fn sign_out(&self, _: &str) -> Result<()> {
        unimplemented!("the console's")
    }

    async fn has_user(&self, _: &str) -> Result<bool> {
        unimplemented!("the console's")
    }

    async fn access_key(&self, id: &str) -> Result<Option<AccessKey>> {
        let policy = self.kept().policies.get(id).cloned();
        let policy = policy.or_else(|| (id == KEY).then(Policy::default));
        let role = self.kept().roles.get(id).copied().unwrap_or(Role::Admin);
        Ok(policy.map(|policy| AccessKey { id: id.to_owned(), secret: SECRET.to_owned(), policy, role }))
    }

    fn note_use(&self, id: &str) {
        self.kept().used.push(id.to_owned());
    }
}

#[async_trait]
impl Audit for Double {
    async fn record(&self, entry: AuditEntry) {
        self.kept().audited.push(entry);
    }

    async fn list_audit(&self, _: &AuditQuery) -> Result<Page<AuditEntry>> {
        unimplemented!("the console's")
    }
}
