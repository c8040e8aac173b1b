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
        &["-e", "console.log(process.versions.node); console.log(process.execPath)"]
    }

    fn bootstrap(&self) -> (&'static str, &'static str) {
        ("taskyard_bootstrap.js", include_str!("nodejs/bootstrap.js"))
    }

    fn args(&self, bootstrap_dir: &Path) -> Vec<OsString> {
        vec![bootstrap_dir.join(self.bootstrap().0).into()]
    }
}
