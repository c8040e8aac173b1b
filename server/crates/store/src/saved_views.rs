//! Views that users have saved.

use crate::{dialect::Dialect, error::Done, sql::Sql, store::SqlStore};
use async_trait::async_trait;
use engine::ports::{StoreResult, ViewStore};
use model::{SavedView, UnixMillis};

#[async_trait]
impl<DB: Dialect> ViewStore for SqlStore<DB> {
    async fn list_views(&self, user: &str) -> StoreResult<Vec<SavedView>> {
        self.run(|| self.views(user)).await
    }

    async fn put_view(&self, user: &str, view: &SavedView, now: UnixMillis, most: u32) -> StoreResult<bool> {
        self.run(|| self.add_view(user, view, now, most)).await
    }

    async fn delete_view(&self, user: &str, list: &str, name: &str) -> StoreResult<()> {
        self.run(|| self.remove_view(user, list, name)).await
    }
}

impl<DB: Dialect> SqlStore<DB> {
    async fn views(&self, user: &str) -> Done<Vec<SavedView>> {
        let sql = Sql::<DB>::new("select list, name, query from saved_view where user_name = $1 order by list, name").bind(user);
        let mut connection = self.reading().await?;
        Ok(sql.all(&mut connection, |cells| Ok(SavedView { list: cells.text()?, name: cells.text()?, query: cells.text()? })).await?)
    }

    async fn add_view(&self, user: &str, view: &SavedView, now: UnixMillis, most: u32) -> Done<bool> {
        let mut tx = self.begin_write().await?;
        let others = Sql::<DB>::new("select count(*) from saved_view where user_name = $1 and not (list = $2 and name = $3)");
        let others = others.bind(user).bind(view.list.as_str()).bind(view.name.as_str()).first(&mut tx, |cells| cells.int()).await?;
        if others.unwrap_or_default() >= i64::from(most) {
            return Ok(false);
        }
        Sql::<DB>::new(
            "insert into saved_view (user_name, list, name, query, created_at_ms) values ($1, $2, $3, $4, $5) \
             on conflict (user_name, list, name) do update set query = excluded.query",
        )
        .bind(user)
        .bind(view.list.as_str())
        .bind(view.name.as_str())
        .bind(view.query.as_str())
        .bind(now.0)
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn remove_view(&self, user: &str, list: &str, name: &str) -> Done<()> {
        let sql = Sql::<DB>::new("delete from saved_view where user_name = $1 and list = $2 and name = $3");
        sql.bind(user).bind(list).bind(name).execute(&mut *self.writing().await?).await?;
        Ok(())
    }
}
