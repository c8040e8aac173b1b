//! The handle: pools, transactions, and the retry of transactions that lost a race.

use crate::{
    dialect::{DbFault, Dialect},
    error::{Done, Fault, fault_of, store_error},
    known::Known,
    objects::Objects,
    open::DataDirLock,
    shared_read::SharedRead,
};
use engine::ports::{StoreResult, StoredKey};
use model::{Alias, AliasName, AsyncConfig, CustomDomain, DomainName, Function, FunctionRef, Qualifier, ServiceRef, Trigger, VersionId};
use sqlx::{Pool, Transaction, pool::PoolConnection};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Times that a transaction is tried again after a deadlock or a similar race.
const RETRIES_MAX: u32 = 5;

/// All ports on one database.
pub(crate) struct SqlStore<DB: Dialect> {
    writer: Pool<DB>,
    /// Connections that only read; on Postgres the same pool as `writer`.
    reader: Pool<DB>,
    /// Connections between servers; none where there is one server only.
    pub(crate) signals: Option<Pool<DB>>,
    pub(crate) known: Known,
    pub(crate) key_reads: SharedRead<String, Option<StoredKey>>,
    pub(crate) function_reads: SharedRead<FunctionRef, Option<Function>>,
    pub(crate) config_reads: SharedRead<(FunctionRef, Qualifier), Option<AsyncConfig>>,
    pub(crate) version_reads: SharedRead<(FunctionRef, VersionId), Option<Function>>,
    pub(crate) alias_reads: SharedRead<(ServiceRef, AliasName), Option<Alias>>,
    pub(crate) http_trigger_reads: SharedRead<FunctionRef, Vec<Trigger>>,
    pub(crate) domain_reads: SharedRead<DomainName, Option<Arc<CustomDomain>>>,
    /// Where large chunks of logs lie.
    pub(crate) objects: Objects,
    next_shard: AtomicI64,
    /// The function that a claim served last; the next claim begins after it.
    last_served: Mutex<Option<FunctionRef>>,
    /// The last record that pruning has looked at in this walk.
    pruned_up_to: AtomicI64,
    /// Keeps other servers out of a SQLite data directory for as long as this handle lives.
    _lock: Option<DataDirLock>,
}

impl<DB: Dialect> SqlStore<DB> {
    /// Makes the handle over migrated databases.
    pub(crate) fn new(writer: Pool<DB>, reader: Pool<DB>, signals: Option<Pool<DB>>, objects: Objects, lock: Option<DataDirLock>) -> Self {
        Self {
            writer,
            reader,
            signals,
            known: Known::new(DB::ALONE),
            key_reads: SharedRead::default(),
            function_reads: SharedRead::default(),
            config_reads: SharedRead::default(),
            version_reads: SharedRead::default(),
            alias_reads: SharedRead::default(),
            http_trigger_reads: SharedRead::default(),
            domain_reads: SharedRead::default(),
            objects,
            next_shard: AtomicI64::new(0),
            last_served: Mutex::new(None),
            pruned_up_to: AtomicI64::new(0),
            _lock: lock,
        }
    }

    /// A connection for a single statement that writes.
    pub(crate) async fn writing(&self) -> sqlx::Result<PoolConnection<DB>> {
        self.writer.acquire().await
    }

    /// A connection for a single statement that reads.
    pub(crate) async fn reading(&self) -> sqlx::Result<PoolConnection<DB>> {
        self.reader.acquire().await
    }

    /// A transaction that writes.
    pub(crate) async fn begin_write(&self) -> sqlx::Result<Transaction<'static, DB>> {
        DB::begin(&self.writer, DB::BEGIN_WRITE).await
    }

    /// A transaction whose reads all see the same moment.
    pub(crate) async fn begin_read(&self) -> sqlx::Result<Transaction<'static, DB>> {
        DB::begin(&self.reader, DB::BEGIN_READ).await
    }

    /// As [`Self::begin_read`], for rows that are taken in the order of an index.
    pub(crate) async fn begin_in_order(&self) -> sqlx::Result<Transaction<'static, DB>> {
        DB::begin(&self.reader, DB::BEGIN_IN_ORDER).await
    }

    /// The counter shard of the next transaction.
    pub(crate) fn shard(&self) -> i64 {
        self.next_shard.fetch_add(1, Ordering::Relaxed).rem_euclid(DB::COUNT_SHARDS)
    }

    /// The record after which pruning goes on.
    pub(crate) fn pruned_up_to(&self) -> i64 {
        self.pruned_up_to.load(Ordering::Relaxed)
    }

    /// Remembers the record after which pruning goes on.
    pub(crate) fn set_pruned_up_to(&self, seq: i64) {
        self.pruned_up_to.store(seq, Ordering::Relaxed);
    }

    /// The function that a claim served last.
    pub(crate) fn last_served(&self) -> Option<FunctionRef> {
        self.last_served.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers the function that a claim served last.
    pub(crate) fn served(&self, function: Option<FunctionRef>) {
        *self.last_served.lock().unwrap_or_else(PoisonError::into_inner) = function;
    }

    /// Does a piece of work that is a single transaction, again if that lost a race with another one.
    pub(crate) async fn run<T, Work, Running>(&self, work: Work) -> StoreResult<T>
    where
        Work: Fn() -> Running + Send,
        Running: Future<Output = Done<T>> + Send,
    {
        let mut retries = 0;
        loop {
            match work().await {
                Ok(value) => return Ok(value),
                Err(Fault::Store(error)) => return Err(error),
                Err(Fault::Sql(error)) if retries < RETRIES_MAX && fault_of::<DB>(&error) == DbFault::Retry => retries += 1,
                Err(Fault::Sql(error)) => return Err(store_error::<DB>(&error)),
            }
        }
    }
}
