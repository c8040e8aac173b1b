//! What a machine offers, found out without touching a server's data: for `taskyard doctor`.

use crate::{
    catalog::{Catalog, container_engines},
    config::RuntimeConfig,
    containment::{Containment, Finding},
    executor::write_bootstraps,
};
use engine::clock::Clock;
use model::InstalledRuntime;
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Name under which a survey makes its trial control groups; a data directory's id looks otherwise.
const OWNER: &str = "doctor";

/// What was found.
#[derive(Debug)]
pub struct Survey {
    /// What every vendor runtime runs on.
    pub runtimes: Vec<InstalledRuntime>,
    /// Programs of engines that run container images; no function runs by them.
    pub container_engines: Vec<PathBuf>,
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
        let catalog = Catalog::detect(&config.search_path, config.strict_versions, &bootstrap_dir, clock).await;
        let containment = Containment::detect(scratch, &scratch.join("runtime"), OWNER, &config.search_path, &**clock).await?;
        let free_bytes = config.data_dir.ancestors().find_map(free_bytes).or_else(|| free_bytes(Path::new(".")));
        Ok(Self {
            runtimes: catalog.runtimes(),
            container_engines: container_engines(&config.search_path),
            containment: containment.findings().to_vec(),
            free_bytes,
        })
    }
}

fn free_bytes(dir: &Path) -> Option<u64> {
    let facts = nix::sys::statvfs::statvfs(dir).ok()?;
    Some(facts.blocks_available().saturating_mul(facts.fragment_size()))
}
