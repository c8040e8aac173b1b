//! Settings of the executor.

use crate::containment::ContainmentMode;
use model::{AccountId, limits};
use std::{ffi::OsString, path::PathBuf, time::Duration};

/// Whose container images functions run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContainerEngine {
    /// Those of podman or Docker, the first that is installed and works.
    Auto,
    /// Nobody's: `custom-container` is not installed.
    Off,
    /// Those of this program, with arguments that each of its commands has, such as `podman --root DIR`.
    Command(Vec<OsString>),
}

/// What the executor needs to know; nothing is read from the environment later.
#[derive(Debug, Clone)]
pub struct RuntimeConfig {
    /// Code packages and private directories of instances live below it.
    pub data_dir: PathBuf,
    /// The account that functions see in their context.
    pub account_id: AccountId,
    /// Instances alive at once, starting and ending ones included.
    pub max_instances: usize,
    /// Invocations that may wait for an instance; one more is refused.
    pub max_waiting: usize,
    /// How long a process tree may take to end after SIGTERM before it is killed (`product.md` 3).
    pub grace: Duration,
    /// How long an instance has to say that its handler hears the cancel that precedes SIGTERM; code that hears it gets half the grace.
    pub cancel_answer: Duration,
    /// How long an instance is kept without a request.
    pub idle_timeout: Duration,
    /// How long a process may take to load the function's module (`fc-api.md` 5.5 has the same figure for custom runtimes).
    pub start_timeout: Duration,
    /// True: a runtime whose exact version is not installed can't be used; false: the nearest newer one stands in (`product.md` 3).
    pub strict_versions: bool,
    /// Whether a piece of containment that can't be had here keeps the executor from starting.
    pub containment: ContainmentMode,
    /// Bytes of log kept of one request; the rest is dropped and the drop is said.
    pub log_bytes_max: usize,
    /// Directories in which interpreters are looked for, as in `PATH`.
    pub search_path: OsString,
    /// Where container images come from.
    pub container_engine: ContainerEngine,
    /// True: an image that the engine does not have is pulled when a function needs it.
    pub pull_images: bool,
}

impl RuntimeConfig {
    /// The defaults, with the search path of this process.
    pub fn new(data_dir: impl Into<PathBuf>, account_id: AccountId) -> Self {
        Self {
            data_dir: data_dir.into(),
            account_id,
            max_instances: 64,
            max_waiting: 1_024,
            grace: Duration::from_secs(10),
            cancel_answer: Duration::from_millis(100),
            idle_timeout: Duration::from_secs(300),
            start_timeout: Duration::from_secs(120),
            strict_versions: false,
            containment: ContainmentMode::BestEffort,
            log_bytes_max: limits::LOG_REQUEST_BYTES_MAX,
            search_path: std::env::var_os("PATH").unwrap_or_default(),
            container_engine: ContainerEngine::Auto,
            pull_images: false,
        }
    }
}
