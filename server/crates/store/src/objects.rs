//! The log store: where large chunks of logs lie. Objects are written once under names of their own and never changed.

mod s3;

use crate::error::Done;
use engine::ports::StoreError;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long the log store may take to write, read or delete one object, repetitions included.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where large chunks of logs go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LogPlace {
    /// Into the database, like the small ones.
    #[default]
    Database,
    /// Into a folder; every server of the database has to see the same one.
    Folder(PathBuf),
    /// Into a bucket of a store that speaks S3.
    Bucket(Bucket),
}

/// A bucket and how to reach it.
#[derive(Clone, PartialEq, Eq)]
pub struct Bucket {
    pub name: String,
    /// What the names of objects begin with; may be empty.
    pub prefix: String,
    /// Address of the store; `None` for that of the region.
    pub endpoint: Option<String>,
    pub region: String,
    pub access_key_id: String,
    pub access_key_secret: String,
}

impl std::fmt::Debug for Bucket {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, prefix, endpoint, region, .. } = self;
        f.debug_struct("Bucket").field("name", name).field("prefix", prefix).field("endpoint", endpoint).field("region", region).finish()
    }
}

/// The log store, if there is one beside the database.
#[derive(Debug, Clone, Default)]
pub(crate) struct Objects {
    store: Option<Arc<dyn ObjectStore>>,
}

impl Objects {
    /// Opens the place; makes a folder that is not there yet.
    pub(crate) fn open(place: &LogPlace) -> Result<Self, object_store::Error> {
        let store: Option<Arc<dyn ObjectStore>> = match place {
            LogPlace::Database => None,
            LogPlace::Folder(folder) => Some(Arc::new(open_folder(folder)?)),
            LogPlace::Bucket(bucket) => Some(s3::open(bucket)?),
        };
        // A name for what is in there: a bucket or folder may hold other things too.
        Ok(Self { store: store.map(|store| Arc::new(PrefixStore::new(store, "chunks")) as Arc<dyn ObjectStore>) })
    }

    /// True when large chunks don't stay in the database.
    pub(crate) fn exist(&self) -> bool {
        self.store.is_some()
    }

    /// A name that no object has.
    pub(crate) fn new_name() -> String {
        let name = uuid::Uuid::new_v4().simple().to_string();
        // Folders with a million files are slow to work with.
        format!("{}/{name}", name.get(..2).unwrap_or_default())
    }

    /// Writes an object; it lasts when this returns.
    pub(crate) async fn put(&self, name: &str, bytes: Vec<u8>) -> Done<()> {
        let key = Key::from(name);
        in_time(name, self.store()?.put(&key, bytes.into())).await?;
        Ok(())
    }

    /// Reads an object.
    pub(crate) async fn get(&self, name: &str) -> Done<Vec<u8>> {
        let (store, key) = (self.store()?, Key::from(name));
        let bytes = in_time(name, async { store.get(&key).await?.bytes().await }).await?;
        Ok(bytes.into())
    }

    /// Deletes an object; one that is not there is no error.
    pub(crate) async fn delete(&self, name: &str) -> Done<()> {
        let (store, key) = (self.store()?, Key::from(name));
        let deleted = async {
            match store.delete(&key).await {
                Err(object_store::Error::NotFound { .. }) => Ok(()),
                answer => answer,
            }
        };
        Ok(in_time(name, deleted).await?)
    }

    fn store(&self) -> Result<&dyn ObjectStore, StoreError> {
        let missing = "parts of the log are in a log store, and this server has none (--log-store)";
        self.store.as_deref().ok_or_else(|| StoreError::Other(missing.to_owned()))
    }
}

fn open_folder(folder: &Path) -> Result<LocalFileSystem, object_store::Error> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| object_store::Error::Generic { store: "folder", source: Box::new(source) })?;
    Ok(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true))
}

/// Gives up after a while: a store far away may not answer at all.
async fn in_time<T>(name: &str, work: impl Future<Output = object_store::Result<T>>) -> Result<T, StoreError> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done.map_err(|error| failed(name, &error)),
        Err(_) => Err(StoreError::Unavailable("the log store did not answer in time".to_owned())),
    }
}

fn failed(name: &str, error: &object_store::Error) -> StoreError {
    match error {
        object_store::Error::NotFound { .. } => StoreError::Other(format!("chunk {name} is not in the log store any more")),
        _ => StoreError::Unavailable(format!("the log store failed: {error}")),
    }
}
