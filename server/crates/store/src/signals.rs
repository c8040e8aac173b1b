//! Texts from server to server: `LISTEN` and `NOTIFY` on Postgres, nothing on SQLite, which has one server.

use crate::{error::store_error, store::SqlStore};
use async_trait::async_trait;
use engine::ports::{Hearing, SignalStore, StoreError, StoreResult};
use sqlx::postgres::{PgListener, Postgres};
use sqlx::{Pool, Sqlite};

/// The channel of all servers on one database.
const CHANNEL: &str = "taskyard_signal";

#[async_trait]
impl SignalStore for SqlStore<Sqlite> {
    async fn send_signal(&self, _text: &str) -> StoreResult<()> {
        Ok(())
    }

    async fn hear_signals(&self) -> StoreResult<Option<Box<dyn Hearing>>> {
        Ok(None)
    }
}

#[async_trait]
impl SignalStore for SqlStore<Postgres> {
    async fn send_signal(&self, text: &str) -> StoreResult<()> {
        let Some(pool) = &self.signals else { return Ok(()) };
        let sent = sqlx::query("select pg_notify($1, $2)").bind(CHANNEL).bind(text).execute(pool).await;
        sent.map(drop).map_err(|error| store_error::<Postgres>(&error))
    }

    async fn hear_signals(&self) -> StoreResult<Option<Box<dyn Hearing>>> {
        let Some(pool) = &self.signals else { return Ok(None) };
        let ear = listen(pool).await.map_err(|error| store_error::<Postgres>(&error))?;
        Ok(Some(Box::new(Ear(ear))))
    }
}

async fn listen(pool: &Pool<Postgres>) -> sqlx::Result<PgListener> {
    let mut ear = PgListener::connect_with(pool).await?;
    // Whoever listens decides when to connect again, and has to know that it was necessary.
    ear.eager_reconnect(false);
    ear.listen(CHANNEL).await?;
    Ok(ear)
}

struct Ear(PgListener);

#[async_trait]
impl Hearing for Ear {
    async fn next(&mut self) -> StoreResult<String> {
        match self.0.try_recv().await {
            Ok(Some(heard)) => Ok(heard.payload().to_owned()),
            Ok(None) => Err(StoreError::Unavailable("the connection that listens was lost".to_owned())),
            Err(error) => Err(store_error::<Postgres>(&error)),
        }
    }
}
