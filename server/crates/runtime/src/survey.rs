//! What a machine offers, found out without touching a server's data: for `taskyard doctor`.

use crate::{
    catalog::Catalog,
    config::RuntimeConfig,
    containment::{Containment, Finding},
    executor::{find_engine, write_bootstraps},
};
use engine::clock::Clock;
use model::InstalledRuntime;
use std::{io, path::Path, sync::Arc};

/// Name under which a survey makes its trial control groups; a data directory's id looks otherwise.
const OWNER: &str = "doctor";

/// What was found.
#[derive(Debug)]
pub struct Survey {
    /// What every vendor runtime runs on.
    pub runtimes: Vec<InstalledRuntime>,
    /// The engine whose container images functions run, by name and version, or why there is none.
    pub containers: Result<String, String>,
    /// How functions are contained, piece by piece.
    pub containment: Vec<Finding>,
    /// Bytes that are free where the data directory is or will be; `None` when that can't be told.
    pub free_bytes: Option<u64>,
}

impl Survey {
    /// Looks around. Errors: the system's temporary directory can't be written.
    pub async fn take(config: &RuntimeConfig, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let scratch = std::env::temp_dir().join(format!("taskyard-{}", uuid::Uuid::new_v4().simple()));
        let surveyed = Self::take_in(&scratch, config, &clock).await;
        let removed = std::fs::remove_dir_all(&scratch);
        let found = surveyed?;
        removed?;
        Ok(found)
    }

    async fn take_in(scratch: &Path, config: &RuntimeConfig, clock: &Arc<dyn Clock>) -> io::Result<Self> {
        let bootstrap_dir = write_bootstraps(scratch)?;
        let mut containment = Containment::detect(scratch, &scratch.join("runtime"), OWNER, &config.search_path, &**clock).await?;
        let containers = find_engine(config, scratch, OWNER, &mut containment, clock).await.map(|engine| engine.shown().to_owned());
        let engine = containers.as_deref().ok();
        let catalog = Catalog::detect(&config.search_path, config.strict_versions, &bootstrap_dir, engine, clock).await;
        let free_bytes = config.data_dir.ancestors().find_map(free_bytes).or_else(|| free_bytes(Path::new(".")));
        Ok(Self { runtimes: catalog.runtimes(), containers, containment: containment.findings().to_vec(), free_bytes })
    }
}

fn free_bytes(dir: &Path) -> Option<u64> {
    let facts = nix::sys::statvfs::statvfs(dir).ok()?;
    Some(facts.blocks_available().saturating_mul(facts.fragment_size()))
}
