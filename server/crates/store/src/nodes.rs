//! The servers that share the database.

use crate::{dialect::Dialect, error::Done, sql::Sql, store::SqlStore};
use async_trait::async_trait;
use engine::ports::{Node, NodeStore, StoreResult, WorkerId};
use model::UnixMillis;

#[async_trait]
impl<DB: Dialect> NodeStore for SqlStore<DB> {
    async fn put_node(&self, node: &Node, now: UnixMillis, forget_before: UnixMillis) -> StoreResult<()> {
        self.run(|| self.show_node(node, now, forget_before)).await
    }

    async fn list_nodes(&self) -> StoreResult<Vec<Node>> {
        self.run(|| self.nodes()).await
    }

    async fn delete_node(&self, worker: &WorkerId) -> StoreResult<()> {
        self.run(|| self.forget_node(worker)).await
    }
}

impl<DB: Dialect> SqlStore<DB> {
    async fn show_node(&self, node: &Node, now: UnixMillis, forget_before: UnixMillis) -> Done<()> {
        let mut tx = self.begin_write().await?;
        Sql::<DB>::new(
            "insert into node (worker, address, secret, seen_at_ms) values ($1, $2, $3, $4) on conflict (worker) do update set \
             address = excluded.address, secret = excluded.secret, seen_at_ms = excluded.seen_at_ms",
        )
        .bind(&*node.worker.0)
        .bind(&*node.address)
        .bind(&*node.secret)
        .bind(now.0)
        .execute(&mut *tx)
        .await?;
        Sql::<DB>::new("delete from node where seen_at_ms < $1").bind(forget_before.0).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn nodes(&self) -> Done<Vec<Node>> {
        let sql = Sql::<DB>::new("select worker, address, secret from node order by worker");
        let read = |cells: &mut crate::sql::Cells<'_, DB>| {
            Ok(Node { worker: WorkerId(cells.text()?), address: cells.text()?, secret: cells.text()? })
        };
        Ok(sql.all(&mut *self.reading().await?, read).await?)
    }

    async fn forget_node(&self, worker: &WorkerId) -> Done<()> {
        let sql = Sql::<DB>::new("delete from node where worker = $1").bind(&*worker.0);
        sql.execute(&mut *self.writing().await?).await?;
        Ok(())
    }
}
