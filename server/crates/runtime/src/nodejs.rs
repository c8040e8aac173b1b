//! Node.js: `node` and `nodejs`.

use crate::language::LanguageRuntime;
use model::Language;
use std::{ffi::OsString, path::Path};

pub(crate) struct Nodejs;

impl LanguageRuntime for Nodejs {
    fn language(&self) -> Language {
        Language::Nodejs
    }

    fn is_program(&self, file_name: &str) -> bool {
        matches!(file_name, "node" | "nodejs")
    }

    fn probe_args(&self) -> &'static [&'static str] {
        &["-e", "console.log([process.versions.node, process.execPath, path.resolve(process.execPath, '../..')].join('\\n'))"]
    }

    fn bootstrap(&self) -> (&'static str, &'static str) {
        ("taskyard_bootstrap.js", include_str!("nodejs/bootstrap.js"))
    }

    /// The heap may be as large as the memory: Node.js would take that of the machine for its own, and collect its garbage too late.
    fn args(&self, bootstrap_dir: &Path, memory_mb: u64) -> Vec<OsString> {
        vec![format!("--max-old-space-size={memory_mb}").into(), bootstrap_dir.join(self.bootstrap().0).into()]
    }
}
