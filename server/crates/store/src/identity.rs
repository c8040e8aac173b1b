//! Users and sessions.

use crate::{
    dialect::Dialect,
    error::Done,
    sql::{Cells, Sql},
    store::SqlStore,
};
use engine::ports::{StoredSession, StoredUser, UserChange, UserChanged};
use model::{Role, SessionOrigin, SessionUser, UnixMillis, UserInfo};

impl<DB: Dialect> SqlStore<DB> {
    pub(crate) async fn account(&self, name: &str) -> Done<Option<StoredUser>> {
        let sql = Sql::<DB>::new("select name, role, enabled, created_at_ms, password_hash from user_account where name = $1").bind(name);
        let read = |cells: &mut Cells<'_, DB>| Ok(StoredUser { info: read_info(cells)?, password_hash: cells.text()? });
        Ok(sql.first(&mut *self.reading().await?, read).await?)
    }

    pub(crate) async fn accounts(&self) -> Done<Vec<UserInfo>> {
        let sql = Sql::<DB>::new("select name, role, enabled, created_at_ms from user_account order by name");
        Ok(sql.all(&mut *self.reading().await?, read_info::<DB>).await?)
    }

    pub(crate) async fn add_account(&self, user: &StoredUser, most: u32) -> Done<bool> {
        let mut tx = self.begin_write().await?;
        let count = Sql::<DB>::new("select count(*) from user_account").first(&mut tx, |cells| cells.int()).await?;
        if count.unwrap_or_default() >= i64::from(most) {
            return Ok(false);
        }
        let inserted = Sql::<DB>::new(
            "insert into user_account (name, password_hash, role, enabled, created_at_ms, modified_at_ms) values ($1, $2, $3, $4, $5, $5) \
             on conflict (name) do nothing",
        )
        .bind(user.info.name.as_str())
        .bind(user.password_hash.as_str())
        .bind(user.info.role.as_str())
        .bind(i64::from(user.info.enabled))
        .bind(user.info.created_at.0)
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        // Keys that were made for the name before it had an account.
        self.known.forget();
        Ok(inserted > 0)
    }

    pub(crate) async fn change_account(&self, name: &str, change: UserChange, now: UnixMillis) -> Done<UserChanged> {
        let mut tx = self.begin_write().await?;
        // Locked, so that of two administrators who remove each other one has to wait and is refused.
        let mut sql = Sql::<DB>::new("select name from user_account where role = 'admin' and enabled = 1 order by name");
        sql.push(DB::WAIT_LOCKED);
        let admins = sql.all(&mut tx, |cells| cells.text()).await?;
        let stays_admin = matches!(change, UserChange::Role(Role::Admin) | UserChange::Enabled(true));
        if !stays_admin && admins.iter().all(|admin| admin == name) && !admins.is_empty() {
            return Ok(UserChanged::LastAdmin);
        }
        let changed = match change {
            UserChange::Role(role) => {
                let sql = Sql::<DB>::new("update user_account set role = $1, modified_at_ms = $2 where name = $3").bind(role.as_str());
                sql.bind(now.0).bind(name).execute(&mut tx).await?
            }
            UserChange::Enabled(enabled) => {
                let sql = Sql::<DB>::new("update user_account set enabled = $1, modified_at_ms = $2 where name = $3");
                sql.bind(i64::from(enabled)).bind(now.0).bind(name).execute(&mut tx).await?
            }
            UserChange::Delete => {
                Sql::<DB>::new("delete from access_key where user_name = $1").bind(name).execute(&mut tx).await?;
                Sql::<DB>::new("delete from user_account where name = $1").bind(name).execute(&mut tx).await?
            }
        };
        if matches!(change, UserChange::Enabled(false) | UserChange::Delete) {
            Sql::<DB>::new("delete from user_session where user_name = $1").bind(name).execute(&mut tx).await?;
        }
        tx.commit().await?;
        // What a key may do depends on its user.
        self.known.forget();
        Ok(if changed > 0 { UserChanged::Done } else { UserChanged::NotFound })
    }

    pub(crate) async fn change_hash(&self, name: &str, password_hash: &str, now: UnixMillis, but: &str) -> Done<bool> {
        let mut tx = self.begin_write().await?;
        let sql = Sql::<DB>::new("update user_account set password_hash = $1, modified_at_ms = $2 where name = $3").bind(password_hash);
        let changed = sql.bind(now.0).bind(name).execute(&mut tx).await?;
        let sql = Sql::<DB>::new("delete from user_session where user_name = $1 and token_hash <> $2").bind(name).bind(but);
        sql.execute(&mut tx).await?;
        tx.commit().await?;
        Ok(changed > 0)
    }

    pub(crate) async fn no_account(&self) -> Done<bool> {
        let sql = Sql::<DB>::new("select name from user_account limit 1");
        Ok(sql.first(&mut *self.reading().await?, |cells| cells.text()).await?.is_none())
    }

    pub(crate) async fn add_session(&self, session: &StoredSession) -> Done<bool> {
        let mut tx = self.begin_write().await?;
        let sql = Sql::<DB>::new("delete from user_session where ends_at_ms < $1").bind(session.created_at.0);
        sql.execute(&mut tx).await?;
        // Locked: whoever disables or deletes the user meanwhile waits, and then finds this session.
        let mut sql = Sql::<DB>::new("select name from user_account where enabled = 1 and name = ");
        sql.push_bind(session.user.as_str()).push(DB::WAIT_LOCKED);
        if sql.first(&mut tx, |cells| cells.text()).await?.is_none() {
            return Ok(false);
        }
        Sql::<DB>::new(
            "insert into user_session (token_hash, user_name, created_at_ms, ends_at_ms, address, agent) values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(session.token_hash.as_str())
        .bind(session.user.as_str())
        .bind(session.created_at.0)
        .bind(session.ends_at.0)
        .bind(session.origin.address.as_str())
        .bind(session.origin.agent.as_str())
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    pub(crate) async fn user_of_session(&self, token_hash: &str, now: UnixMillis) -> Done<Option<SessionUser>> {
        let sql = Sql::<DB>::new(
            "select u.name, u.role from user_session s join user_account u on u.name = s.user_name \
             where s.token_hash = $1 and s.ends_at_ms > $2 and u.enabled = 1",
        )
        .bind(token_hash)
        .bind(now.0);
        let read = |cells: &mut Cells<'_, DB>| Ok(SessionUser { name: cells.text()?, role: read_role(&cells.text()?) });
        Ok(sql.first(&mut *self.reading().await?, read).await?)
    }

    pub(crate) async fn sessions_of(&self, user: &str, now: UnixMillis) -> Done<Vec<StoredSession>> {
        let sql = Sql::<DB>::new(
            "select token_hash, user_name, created_at_ms, ends_at_ms, address, agent from user_session \
             where user_name = $1 and ends_at_ms > $2 order by created_at_ms desc, token_hash",
        )
        .bind(user)
        .bind(now.0);
        let read = |cells: &mut Cells<'_, DB>| {
            Ok(StoredSession {
                token_hash: cells.text()?,
                user: cells.text()?,
                created_at: UnixMillis(cells.int()?),
                ends_at: UnixMillis(cells.int()?),
                origin: SessionOrigin { address: cells.text()?, agent: cells.text()? },
            })
        };
        Ok(sql.all(&mut *self.reading().await?, read).await?)
    }

    pub(crate) async fn remove_session(&self, token_hash: &str) -> Done<()> {
        let sql = Sql::<DB>::new("delete from user_session where token_hash = $1").bind(token_hash);
        sql.execute(&mut *self.writing().await?).await?;
        Ok(())
    }
}

fn read_info<DB: Dialect>(cells: &mut Cells<'_, DB>) -> sqlx::Result<UserInfo> {
    Ok(UserInfo { name: cells.text()?, role: read_role(&cells.text()?), enabled: cells.int()? != 0, created_at: UnixMillis(cells.int()?) })
}

/// A word of a later release may mean anything: such a user may do the least.
pub(crate) fn read_role(word: &str) -> Role {
    Role::parse(word).unwrap_or(Role::Invoker)
}
