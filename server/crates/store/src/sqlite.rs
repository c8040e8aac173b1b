//! SQLite: one connection writes, a few read.

use crate::dialect::{DbFault, Dialect, driver_calls};
use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Transaction};
use std::path::Path;
use std::time::Duration;

/// Connections that read at the same time.
const READERS: u32 = 4;
/// Prepared statements kept per connection.
const STATEMENTS: usize = 256;
/// Rows that the driver's thread may be ahead of who reads them: as many as a claim has, so that it need not wait for its reader in between.
const ROWS_AHEAD: usize = 512;
/// How long a statement waits for another process's lock, and a caller for a connection.
const WAIT: Duration = Duration::from_secs(15);

impl Dialect for Sqlite {
    const SKIP_LOCKED: &'static str = "";
    const WAIT_LOCKED: &'static str = "";
    // Takes the write lock at once: a transaction that begins by reading could not get it later without failing.
    const BEGIN_WRITE: &'static str = "begin immediate";
    const BEGIN_READ: &'static str = "begin";
    const BEGIN_IN_ORDER: &'static str = Self::BEGIN_READ;
    const ALONE: bool = true;
    const COUNT_SHARDS: i64 = 1;
    const BY_STATUS: &'static str = " indexed by task_list_by_status";
    const HELD: &'static str = " indexed by task_held";
    const LISTED: &'static str = " and listed = 1";
    const LAST_TASK: Option<&'static str> = Some("select seq from sqlite_sequence where name = 'task'");

    fn fault(error: &dyn DatabaseError) -> DbFault {
        if error.kind() == ErrorKind::ForeignKeyViolation {
            return DbFault::Reference;
        }
        let extended: i64 = error.code().and_then(|code| code.parse().ok()).unwrap_or_default();
        // Primary result codes: busy, locked, read-only, I/O error, full, can't open, locking protocol.
        match extended & 0xff {
            5 | 6 | 8 | 10 | 13 | 14 | 15 => DbFault::Unavailable,
            _ => DbFault::Other,
        }
    }

    async fn begin(pool: &SqlitePool, statement: &'static str) -> sqlx::Result<Transaction<'static, Sqlite>> {
        pool.begin_with(statement).await
    }

    // Not `?1`: the driver asks for the name of each placeholder, and SQLite finds it by walking a list of all that have one.
    fn mark(text: &mut String, _number: usize) {
        text.push('?');
    }

    driver_calls!();
}

fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .foreign_keys(true)
        .busy_timeout(WAIT)
        .statement_cache_capacity(STATEMENTS)
        .row_buffer_size(ROWS_AHEAD)
        .pragma("mmap_size", "268435456")
        .pragma("temp_store", "memory")
}

/// The pool whose one connection writes. A commit is on the disk when it returns (`product.md` 4.1).
pub(crate) async fn writer(file: &Path) -> sqlx::Result<SqlitePool> {
    let options = options(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", "-16384")
        .pragma("wal_autocheckpoint", "4000")
        .pragma("journal_size_limit", "67108864");
    pool(1).connect_with(options).await
}

/// The pool that reads; opened after [`writer`], which makes the files.
pub(crate) async fn reader(file: &Path) -> sqlx::Result<SqlitePool> {
    pool(READERS).connect_with(options(file).read_only(true).pragma("cache_size", "-8192")).await
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(connections)
        .acquire_timeout(WAIT)
        .idle_timeout(None)
        .max_lifetime(None)
        // A local file does not go away; the question would cost a round trip per statement.
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(is_out_of_transaction(connection)))
}

/// SQLite ends a transaction by itself when the disk is full. The driver does not learn of it: to it the connection is in a transaction for
/// ever, and can't begin another one. Such a connection is closed and a new one opened.
async fn is_out_of_transaction(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    if connection.is_in_transaction() {
        // A roll-back may be under way; it is done when this is answered.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn p1_a_commit_is_on_the_disk_when_it_returns() {
        let folder = tempfile::tempdir().unwrap();
        let pool = writer(&folder.path().join("t.db")).await.unwrap();
        let pragma = async |text: &'static str| sqlx::query_scalar::<_, String>(text).fetch_one(&pool).await.unwrap();
        assert_eq!(pragma("select cast(synchronous as text) from pragma_synchronous").await, "2");
        assert_eq!(pragma("select journal_mode from pragma_journal_mode").await, "wal");
        assert_eq!(pragma("select cast(foreign_keys as text) from pragma_foreign_keys").await, "1");
    }

    #[tokio::test]
    async fn a_full_database_takes_writes_again_when_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let pool = writer(&folder.path().join("t.db")).await.unwrap();
        sqlx::raw_sql("create table t (a blob); pragma max_page_count = 16").execute(&pool).await.unwrap();
        let insert = async |bytes: i64| {
            let mut tx = pool.begin_with(Sqlite::BEGIN_WRITE).await?;
            sqlx::query("insert into t values (zeroblob($1))").bind(bytes).execute(&mut *tx).await?;
            tx.commit().await
        };
        let full = insert(1_000_000).await.unwrap_err();
        assert_eq!(full.as_database_error().map(Sqlite::fault), Some(DbFault::Unavailable), "{full}");
        insert(10).await.unwrap();
    }
}
