//! Opening a store: which database, its files, its lock, its schema.

use crate::objects::{LogPlace, Objects};
use crate::{migrations, postgres, sqlite, store::SqlStore};
use engine::ports::Store;
use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::{Connection, Postgres, Sqlite};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Name of the SQLite file in the data directory when the URL names none.
const SQLITE_FILE: &str = "taskyard.db";

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL has another form.
    #[error("the database URL is neither sqlite:FILE nor postgres://…: {0}")]
    Url(String),
    /// Another server has the file open.
    #[error("the database {file} is in use by another taskyard server{}; stop it or choose another data directory", holder.map_or(String::new(), |pid| format!(" (process {pid})")))]
    InUse { file: PathBuf, holder: Option<u32> },
    /// The file or its folder can't be made or opened.
    #[error("{path} can't be opened: {source}")]
    File { path: PathBuf, source: std::io::Error },
    /// The database does not answer or refuses.
    #[error("the database can't be opened: {0}")]
    Database(#[from] sqlx::Error),
    /// A newer release has used this database.
    #[error("the database was used by a newer release (its schema version {0} is unknown here); run that release or a later one")]
    Newer(i64),
    /// The place for logs can't be used.
    #[error("the log store can't be opened: {0}")]
    LogStore(#[from] object_store::Error),
    /// The schema can't be brought up to date.
    #[error("the database's schema can't be brought up to date: {0}")]
    Migrate(MigrateError),
}

/// Keeps other servers out of a SQLite file while it lives; holds the process id of its owner.
#[derive(Debug)]
pub(crate) struct DataDirLock {
    _file: File,
}

/// Opens the store behind the URL and brings its schema up to date. `sqlite:` alone means `taskyard.db` in the data directory;
/// `sqlite:FILE` and `postgres://…` name their own place. Large chunks of logs go to the place given.
///
/// Errors: [`OpenError`], each with a text for the operator.
pub async fn open(url: &str, data_dir: &Path, logs: &LogPlace) -> Result<Arc<dyn Store>, OpenError> {
    if let Some(file) = url.strip_prefix("sqlite:") {
        let file = match file.strip_prefix("//").unwrap_or(file) {
            "" => data_dir.join(SQLITE_FILE),
            named => PathBuf::from(named),
        };
        return Ok(Arc::new(open_sqlite(&file, logs).await?));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Arc::new(open_postgres(url, logs).await?));
    }
    // A password may be in it: only the scheme is repeated.
    Err(OpenError::Url(url.split(':').next().unwrap_or_default().to_owned()))
}

/// Opens a store on a SQLite file.
pub(crate) async fn open_sqlite(file: &Path, logs: &LogPlace) -> Result<SqlStore<Sqlite>, OpenError> {
    let lock = lock(file)?;
    // Made here for its mode: SQLite gives the files beside it the same one.
    private_file(file, false).map_err(|source| OpenError::File { path: file.to_owned(), source })?;
    let writer = sqlite::writer(file).await?;
    migrate(&migrations::sqlite(), &mut *writer.acquire().await?).await?;
    let reader = sqlite::reader(file).await?;
    Ok(SqlStore::new(writer, reader, None, Objects::open(logs)?, Some(lock)))
}

/// Opens a store on a Postgres database.
pub(crate) async fn open_postgres(url: &str, logs: &LogPlace) -> Result<SqlStore<Postgres>, OpenError> {
    let options = postgres::options(url)?;
    // A connection of its own, without the limit that the pool's statements have.
    let mut connection = sqlx::PgConnection::connect_with(&options).await?;
    migrate(&migrations::postgres(), &mut connection).await?;
    connection.close().await?;
    let signals = postgres::signal_pool(options.clone());
    let pool = postgres::pool(options).await?;
    Ok(SqlStore::new(pool.clone(), pool, Some(signals), Objects::open(logs)?, None))
}

async fn migrate<C: Migrate>(migrator: &Migrator, connection: &mut C) -> Result<(), OpenError> {
    migrator.run_direct(None, connection, false).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) => OpenError::Newer(version),
        other => OpenError::Migrate(other),
    })
}

fn private_file(path: &Path, truncate: bool) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(truncate).mode(0o600).open(path)
}

fn lock(file: &Path) -> Result<DataDirLock, OpenError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenError::File { path, source }
    };
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed(folder))?;
    }
    let mut path = file.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let mut held = private_file(&path, false).map_err(failed(&path))?;
    match held.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let holder = held.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
            return Err(OpenError::InUse { file: file.to_owned(), holder });
        }
        Err(TryLockError::Error(source)) => return Err(failed(&path)(source)),
    }
    let write_pid = |held: &mut File| {
        held.set_len(0)?;
        held.rewind()?;
        writeln!(held, "{}", std::process::id())
    };
    write_pid(&mut held).map_err(failed(&path))?;
    Ok(DataDirLock { _file: held })
}
