//! Fresh stores for tests: a SQLite file in a folder of its own, or a new database on a private Postgres that ends with the test run.

#![expect(clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "a failure or skip in here has to be seen in the test")]

mod cluster;

use crate::{LogPlace, open};
use engine::ports::{Claim, ClaimedTask, Offer, Store, StoreResult, WorkerId};
use model::{FunctionRef, TaskStatus, UnixMillis};
use sqlx::{Column, Row};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// Set to 1 where no Postgres can be had; its half of each test is skipped then, and says so.
const NO_POSTGRES: &str = "TASKYARD_TEST_NO_POSTGRES";

/// Connects past the store, runs the query and reads every column as text.
macro_rules! texts_of {
    ($connection:ty, $url:expr, $query:expr) => {{
        use sqlx::Connection;
        let mut connection = <$connection>::connect($url).await.expect("the test's database answers");
        let rows = sqlx::query($query).fetch_all(&mut connection).await.expect("the test's query is right");
        connection.close().await.expect("the connection closes");
        let text = |row: &_, index| Row::try_get::<Option<String>, usize>(row, index).expect("a text").unwrap_or_default();
        rows.iter().map(|row| row.columns().iter().map(|column| text(row, column.ordinal())).collect()).collect()
    }};
}

/// A database of one test, with an open store on it; gone when it is dropped.
pub struct TestDb {
    store: Arc<dyn Store>,
    url: String,
    data_dir: TempDir,
    database: Option<cluster::Database>,
}

impl TestDb {
    /// A store on a new SQLite file.
    pub async fn sqlite() -> Self {
        Self::sqlite_at(TempDir::new().expect("a temporary folder can be made")).await
    }

    /// A store on a new SQLite file in memory where the machine offers that: for many short tests that end no process.
    pub async fn sqlite_in_memory() -> Self {
        let shared_memory = Path::new("/dev/shm");
        let data_dir = if shared_memory.is_dir() { TempDir::new_in(shared_memory) } else { TempDir::new() };
        Self::sqlite_at(data_dir.expect("a temporary folder can be made")).await
    }

    async fn sqlite_at(data_dir: TempDir) -> Self {
        let url = format!("sqlite:{}", data_dir.path().join("taskyard.db").display());
        Self { store: open_again(&url, data_dir.path()).await, url, data_dir, database: None }
    }

    /// A store on a new Postgres database; `None` when `TASKYARD_TEST_NO_POSTGRES=1` says that there is no Postgres.
    pub async fn postgres() -> Option<Self> {
        if std::env::var(NO_POSTGRES).is_ok_and(|value| value == "1") {
            eprintln!("skipped: {NO_POSTGRES} is set");
            return None;
        }
        let data_dir = TempDir::new().expect("a temporary folder can be made");
        let database = cluster::database().await.unwrap_or_else(|why| panic!("no Postgres for the test ({NO_POSTGRES}=1 skips): {why}"));
        let url = database.url();
        Some(Self { store: open_again(&url, data_dir.path()).await, url, data_dir, database: Some(database) })
    }

    /// The store.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// A second handle with connections of its own, as another server has one. SQLite allows one server: there it is the same handle.
    pub async fn other_handle(&self) -> Arc<dyn Store> {
        if self.is_sqlite() { self.store() } else { open_again(&self.url, self.data_dir.path()).await }
    }

    /// Drops the store and opens the same database anew. No other handle may be left.
    pub async fn reopened(self) -> Self {
        let Self { store, url, data_dir, database } = self;
        assert_eq!(Arc::strong_count(&store), 1, "another handle is still in use");
        drop(store);
        Self { store: open_again(&url, data_dir.path()).await, url, data_dir, database }
    }

    /// True on SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.database.is_none()
    }

    /// The URL to open this database with.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder of the test.
    pub fn data_dir(&self) -> &Path {
        self.data_dir.path()
    }

    /// Runs a statement past the store.
    pub(crate) async fn execute(&self, statement: String) {
        use sqlx::Connection;
        let statement = sqlx::AssertSqlSafe(statement);
        if self.is_sqlite() {
            let mut connection = sqlx::SqliteConnection::connect(self.url()).await.expect("the test's database answers");
            // With little memory, millions of rows would be read and written again for each index.
            sqlx::query("pragma cache_size = -2000000").execute(&mut connection).await.expect("a cache may be as large");
            sqlx::query(statement).execute(&mut connection).await.expect("the test's statement is right");
        } else {
            let mut connection = sqlx::PgConnection::connect(self.url()).await.expect("the test's database answers");
            sqlx::query(statement).execute(&mut connection).await.expect("the test's statement is right");
        }
    }

    /// Runs a query past the store and returns its rows as texts; every column has to be text.
    pub async fn texts(&self, query: &'static str) -> Vec<Vec<String>> {
        if self.is_sqlite() {
            texts_of!(sqlx::SqliteConnection, self.url(), query)
        } else {
            texts_of!(sqlx::PgConnection, self.url(), query)
        }
    }
}

/// Claims up to `limit` tasks of whatever function has due ones, none with an instance ready.
pub async fn claim_any(
    store: &dyn Store,
    worker: &WorkerId,
    now: UnixMillis,
    alive_until: UnixMillis,
    limit: u32,
) -> StoreResult<Vec<ClaimedTask>> {
    let heads = store.queue_heads().await?;
    let offers =
        heads.into_iter().map(|(function, _)| (function, Offer { ready: Vec::new(), waiting: limit, ..Offer::default() })).collect();
    store.claim(&Claim { worker: worker.clone(), now, alive_until, limit, offers, given_back_from: UnixMillis(0) }).await
}

/// When the next task that nobody holds and that nothing holds back is due.
pub async fn next_due(store: &dyn Store) -> StoreResult<Option<UnixMillis>> {
    Ok(store.queue_heads().await?.into_iter().map(|(_, due)| due).min())
}

/// Puts `rows` listed tasks `fill-0`, `fill-1` … of a function into the database past the store, in these states in turn, the newest
/// accepted at `newest` and each a tenth of a second after the one before; counters too. For plans and figures at sizes that would take
/// an engine hours.
pub async fn fill_tasks(db: &TestDb, function: &FunctionRef, rows: usize, states: &[TaskStatus], newest: UnixMillis) {
    const STEP: usize = 200_000;
    let FunctionRef { region, service, function } = function;
    let cases: String = states.iter().enumerate().map(|(n, status)| format!("when {n} then '{status}' ")).collect();
    let bytes = if db.is_sqlite() { "blob" } else { "bytea" };
    for from in (0..rows).step_by(STEP) {
        let last = (from + STEP).min(rows) - 1;
        db.execute(format!(
            "with recursive n (i) as (select {from} union all select i + 1 from n where i < {last}), \
             fill (i, at_ms, status) as (select i, {at} + i * 100, case i % {states} {cases} end from n) \
             insert into task (region, service, function, task_id, qualifier, request_id, listed, status, events, submitted_at_ms, due_at_ms, \
             expires_at_ms, started_at_ms, ended_at_ms, run_at_ms, worker_id, max_retries, origin, payload) \
             select '{region}', '{service}', '{function}', 'fill-' || i, 'LATEST', 'request-' || i, 1, status, \
             'Enqueued ' || at_ms || ' \n' || status || ' ' || at_ms || ' \n', at_ms, at_ms, at_ms + 86400000, at_ms, \
             case when status in ('Succeeded', 'Failed', 'Stopped', 'Expired', 'Invalid') then at_ms end, \
             case when status in ('Enqueued', 'Retrying') then at_ms end, \
             case when status in ('Processed', 'Running', 'Stopping') then 'filler' else '' end, \
             3, '\"Api\"', cast('{{}}' as {bytes}) from fill",
            at = newest.0 - i64::try_from(rows).unwrap_or(i64::MAX) * 100,
            states = states.len(),
        ))
        .await;
    }
    db.execute(format!(
        "insert into task_count (region, service, function, listed, status, shard, count, latest_ms) \
         select region, service, function, 1, status, 0, count(*), max(submitted_at_ms) from task \
         where region = '{region}' and service = '{service}' and function = '{function}' group by region, service, function, status"
    ))
    .await;
}

/// Rows for a test that looks at plans: some thousands, or as many as `TASKYARD_PLAN_ROWS` says; in every state.
#[cfg(test)]
pub(crate) async fn plan_rows(db: &TestDb, function: &FunctionRef) {
    let rows = std::env::var("TASKYARD_PLAN_ROWS").map_or(6_000, |rows| rows.parse().expect("TASKYARD_PLAN_ROWS is a number"));
    fill_tasks(db, function, rows, &TaskStatus::ALL, UnixMillis(i64::try_from(rows).expect("a size") * 100)).await;
    if !db.is_sqlite() {
        db.execute("vacuum (analyze) task".to_owned()).await;
    }
}

async fn open_again(url: &str, data_dir: &Path) -> Arc<dyn Store> {
    open(url, data_dir, &LogPlace::Folder(data_dir.join("logs")))
        .await
        .unwrap_or_else(|why| panic!("the test's store does not open: {why}"))
}

/// Makes two tests of each `async fn case(db: TestDb)`: `sqlite::case` and `postgres::case`.
#[macro_export]
macro_rules! each_backend {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[::tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$case($crate::testing::TestDb::sqlite().await).await;
                }
            )+
        }

        mod postgres {
            $(
                #[::tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    if let Some(db) = $crate::testing::TestDb::postgres().await {
                        super::$case(db).await;
                    }
                }
            )+
        }
    };
}
