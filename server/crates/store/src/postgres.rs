//! Postgres: one small pool, row locks that pass over each other.

use crate::dialect::{DbFault, Dialect, driver_calls};
use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, Postgres};
use sqlx::{Connection, Transaction};
use std::time::Duration;

/// Connections of one server.
const CONNECTIONS: u32 = 8;
/// Prepared statements kept per connection.
const STATEMENTS: usize = 256;
/// How long a caller waits for a connection.
const WAIT: Duration = Duration::from_secs(15);
/// How long a signal waits for a connection.
const SIGNAL_WAIT: Duration = Duration::from_secs(5);
/// A connection unused for longer is tried before it is handed out.
const RESTED: Duration = Duration::from_secs(1);

impl Dialect for Postgres {
    const SKIP_LOCKED: &'static str = " for update skip locked";
    const WAIT_LOCKED: &'static str = " for no key update";
    const BEGIN_WRITE: &'static str = "begin isolation level read committed";
    const BEGIN_READ: &'static str = "begin isolation level repeatable read read only";
    // Where the planner expects few rows, for want of statistics or because columns go together, it would as soon sort all tasks of a function:
    // 0.8 s for a page of a million.
    const BEGIN_IN_ORDER: &'static str = "begin isolation level repeatable read read only; set local enable_sort = off";
    const ALONE: bool = false;
    const COUNT_SHARDS: i64 = CONNECTIONS as i64;
    const BY_STATUS: &'static str = "";
    const HELD: &'static str = "";
    // Hides that the index of the whole list would do too: while a table has no statistics yet, that one is taken, and all of it walked for a
    // state that no task is in.
    const LISTED: &'static str = " and listed = (select 1)";
    const LAST_TASK: Option<&'static str> = None;

    fn fault(error: &dyn DatabaseError) -> DbFault {
        // Another transaction swept the package in the moment between its insert and the function's.
        if error.constraint() == Some("function_package_fk") {
            return DbFault::Retry;
        }
        if error.kind() == ErrorKind::ForeignKeyViolation {
            return DbFault::Reference;
        }
        match error.code().as_deref().unwrap_or_default() {
            // Serialization failure, deadlock; the same key written twice at the same time.
            "40001" | "40P01" | "23505" => DbFault::Retry,
            // Statement timeout or cancellation, a standby, a lock that is not to be had.
            "57014" | "25006" | "55P03" => DbFault::Unavailable,
            // Connection, resources, operator intervention, system error.
            code if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => DbFault::Unavailable,
            _ => DbFault::Other,
        }
    }

    async fn begin(pool: &PgPool, statement: &'static str) -> sqlx::Result<Transaction<'static, Postgres>> {
        let pool = pool.clone();
        // To the end, whatever becomes of the caller: dropped half way, sqlx 0.9 gives the connection back to the pool with the transaction open
        // (its guard sends no rollback at depth 0), and everything that is written on it from then on is lost.
        let begun = tokio::spawn(async move { pool.begin_with(statement).await });
        begun.await.map_err(|lost| sqlx::Error::Io(std::io::Error::other(lost)))?
    }

    fn mark(text: &mut String, number: usize) {
        text.push_str(&format!("${number}"));
    }

    driver_calls!();
}

/// Options that every connection gets; a commit is on the disk when it returns (`product.md` 4.1).
pub(crate) fn options(url: &str) -> sqlx::Result<PgConnectOptions> {
    let options: PgConnectOptions = url.parse()?;
    Ok(options.application_name("taskyard").statement_cache_capacity(STATEMENTS).options([
        ("synchronous_commit", "on"),
        ("idle_in_transaction_session_timeout", "60000"),
        ("jit", "off"),
        // Every statement is written for an index. On a table that was never analyzed the planner would sort a whole queue instead.
        ("enable_seqscan", "off"),
        ("enable_bitmapscan", "off"),
    ]))
}

/// The pool that reads and writes.
pub(crate) async fn pool(options: PgConnectOptions) -> sqlx::Result<PgPool> {
    PgPoolOptions::new()
        .min_connections(0)
        .max_connections(CONNECTIONS)
        .acquire_timeout(WAIT)
        // The server may have gone while a connection rested; one just used needs no extra round trip.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > RESTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options.options([("statement_timeout", "30000")]))
        .await
}

/// The pool over which servers reach each other: one connection listens, one sends. It writes nothing that has to last, so no commit
/// waits for the disk.
pub(crate) fn signal_pool(options: PgConnectOptions) -> PgPool {
    let options = options.application_name("taskyard signals").options([("synchronous_commit", "off"), ("statement_timeout", "5000")]);
    PgPoolOptions::new().min_connections(0).max_connections(2).acquire_timeout(SIGNAL_WAIT).max_lifetime(None).connect_lazy_with(options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestDb;

    /// Lets the runtime look at everything else so often.
    async fn pass(steps: u32) {
        for _ in 0..steps {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_begin_that_is_given_up_at_any_point_leaves_no_transaction_open() {
        let Some(db) = TestDb::postgres().await else { return };
        let pool = PgPoolOptions::new().max_connections(1).connect_with(options(db.url()).unwrap()).await.unwrap();
        // A begin takes about ten steps.
        for steps in (0..50).cycle().take(500) {
            tokio::select! {
                biased;
                begun = Postgres::begin(&pool, Postgres::BEGIN_READ) => drop(begun.unwrap()),
                () = pass(steps) => {}
            }
            let mut connection = pool.acquire().await.unwrap();
            let (mode,): (String,) =
                sqlx::query_as("select current_setting('transaction_read_only')").fetch_one(&mut *connection).await.unwrap();
            assert_eq!(mode, "off", "given up after {steps} steps");
        }
    }

    #[tokio::test]
    async fn p1_a_commit_is_on_the_disk_when_it_returns() {
        let Some(db) = TestDb::postgres().await else { return };
        // What an operator has set for the database does not weaken it.
        db.texts("do $$ begin execute format('alter database %I set synchronous_commit to off', current_database()); end $$").await;
        assert_eq!(db.texts("show synchronous_commit").await, [["off"]]);
        let pool = pool(options(db.url()).unwrap()).await.unwrap();
        let show = async |text: &'static str| sqlx::query_scalar::<_, String>(text).fetch_one(&pool).await.unwrap();
        assert_eq!(show("show synchronous_commit").await, "on");
        assert_eq!(show("show statement_timeout").await, "30s");
    }

    #[tokio::test]
    async fn a_signal_waits_for_no_disk() {
        let Some(db) = TestDb::postgres().await else { return };
        let pool = signal_pool(options(db.url()).unwrap());
        let set: String = sqlx::query_scalar("show synchronous_commit").fetch_one(&pool).await.unwrap();
        assert_eq!(set, "off");
    }
}
