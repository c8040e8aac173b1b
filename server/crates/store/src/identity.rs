//! Users and sessions.

use crate::{dialect::Dialect, error::Done, sql::Sql, store::SqlStore};
use model::UnixMillis;

impl<DB: Dialect> SqlStore<DB> {
    pub(crate) async fn hash_of_password(&self, user: &str) -> Done<Option<String>> {
        let sql = Sql::<DB>::new("select password_hash from user_account where name = $1").bind(user);
        Ok(sql.first(&mut *self.reading().await?, |cells| cells.text()).await?)
    }

    pub(crate) async fn put_account(&self, user: &str, password_hash: &str, now: UnixMillis) -> Done<()> {
        Sql::<DB>::new(
            "insert into user_account (name, password_hash, created_at_ms, modified_at_ms) values ($1, $2, $3, $3) \
             on conflict (name) do update set password_hash = excluded.password_hash, modified_at_ms = excluded.modified_at_ms",
        )
        .bind(user)
        .bind(password_hash)
        .bind(now.0)
        .execute(&mut *self.writing().await?)
        .await?;
        Ok(())
    }

    pub(crate) async fn no_account(&self) -> Done<bool> {
        let sql = Sql::<DB>::new("select name from user_account limit 1");
        Ok(sql.first(&mut *self.reading().await?, |cells| cells.text()).await?.is_none())
    }

    pub(crate) async fn add_session(&self, token_hash: &str, user: &str, now: UnixMillis, ends_at: UnixMillis) -> Done<()> {
        let mut tx = self.begin_write().await?;
        Sql::<DB>::new("delete from user_session where ends_at_ms < $1").bind(now.0).execute(&mut *tx).await?;
        Sql::<DB>::new("insert into user_session (token_hash, user_name, created_at_ms, ends_at_ms) values ($1, $2, $3, $4)")
            .bind(token_hash)
            .bind(user)
            .bind(now.0)
            .bind(ends_at.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn user_of_session(&self, token_hash: &str, now: UnixMillis) -> Done<Option<String>> {
        let sql =
            Sql::<DB>::new("select user_name from user_session where token_hash = $1 and ends_at_ms > $2").bind(token_hash).bind(now.0);
        Ok(sql.first(&mut *self.reading().await?, |cells| cells.text()).await?)
    }

    pub(crate) async fn remove_session(&self, token_hash: &str) -> Done<()> {
        let sql = Sql::<DB>::new("delete from user_session where token_hash = $1").bind(token_hash);
        sql.execute(&mut *self.writing().await?).await?;
        Ok(())
    }
}
