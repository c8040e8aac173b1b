//! Node.js: `node` and `nodejs`.

use crate::language::{Command, Interpreter, LanguageRuntime, Refused, Source};
use model::{FunctionSpec, Language};
use std::time::Duration;

pub(crate) struct Nodejs;

/// The file that runs inside each instance.
const BOOTSTRAP: &str = "taskyard_bootstrap.js";

impl LanguageRuntime for Nodejs {
    fn language(&self) -> Language {
        Language::Nodejs
    }

    /// A bootstrap that has loaded its function stands still for the request that it was started for, so that it needs no stream for that
    /// one; an instance that is kept for later ones turns to its event loop after this time.
    fn read_limit(&self) -> Option<Duration> {
        Some(Duration::from_millis(20))
    }

    fn is_program(&self, file_name: &str) -> bool {
        matches!(file_name, "node" | "nodejs")
    }

    fn probe_args(&self) -> &'static [&'static str] {
        &["-e", "console.log([process.versions.node, process.execPath, path.resolve(process.execPath, '../..')].join('\\n'))"]
    }

    fn bootstraps(&self) -> &'static [(&'static str, &'static str)] {
        &[(BOOTSTRAP, include_str!("nodejs/bootstrap.js")), ("taskyard_http.js", include_str!("nodejs/http.js"))]
    }

    /// The heap may be as large as the memory: Node.js would take that of the machine for its own, and collect its garbage too late.
    fn command(&self, interpreter: &Interpreter, source: &Source<'_>, spec: &FunctionSpec) -> Result<Command, Refused> {
        let args = vec![format!("--max-old-space-size={}", spec.memory_mb).into(), source.places.bootstrap.join(BOOTSTRAP).into()];
        Ok(Command { program: interpreter.program.clone(), args, home: interpreter.home.clone() })
    }
}
