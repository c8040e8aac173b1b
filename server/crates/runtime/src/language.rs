//! What a runtime has to say about itself, and the list of runtimes.

use crate::{nodejs::Nodejs, python::Python};
use model::Language;
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// Every runtime; adding one is its file and a line here.
pub(crate) const RUNTIMES: &[&dyn LanguageRuntime] = &[&Python, &Nodejs];

/// A language family whose interpreters run event functions over the control channel of `protocol.rs`.
pub(crate) trait LanguageRuntime: Send + Sync {
    /// The family.
    fn language(&self) -> Language;

    /// True for names of programs that may be an interpreter of the family.
    fn is_program(&self, file_name: &str) -> bool;

    /// Arguments that make an interpreter print its version, the path of its real binary, and the directory that belongs to it, each on a
    /// line. It is started in the directory of the bootstrap files and may prepare them for itself: an instance can't write there.
    fn probe_args(&self) -> &'static [&'static str];

    /// Name and text of the file that runs inside each instance.
    fn bootstrap(&self) -> (&'static str, &'static str);

    /// Arguments that start the bootstrap file, which lies in `bootstrap_dir`, in an instance with so much memory.
    fn args(&self, bootstrap_dir: &Path, memory_mb: u64) -> Vec<OsString>;
}

/// An interpreter of this machine.
#[derive(Clone)]
pub(crate) struct Interpreter {
    pub(crate) runtime: &'static dyn LanguageRuntime,
    pub(crate) program: PathBuf,
    /// What it needs besides, such as its library, lies below.
    pub(crate) home: PathBuf,
    /// Major, minor, patch.
    pub(crate) version: (u32, u32, u32),
}

impl Interpreter {
    /// The version as text, such as `3.11.7`.
    pub(crate) fn version_text(&self) -> String {
        let (major, minor, patch) = self.version;
        format!("{major}.{minor}.{patch}")
    }
}

impl std::fmt::Debug for Interpreter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {} at {}", self.runtime.language(), self.version_text(), self.program.display())
    }
}
