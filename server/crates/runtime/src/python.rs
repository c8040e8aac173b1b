//! Python: `python3` and `python3.N`.

use crate::language::{Command, Interpreter, LanguageRuntime, Refused, Source};
use model::{FunctionSpec, Language};

pub(crate) struct Python;

/// Started without `site`, which is most of Python's start time; the bootstrap brings it in at the first import that needs it.
/// As a module, the bootstrap is compiled once and not at each start: [`PROBE`] does that.
const START: &str = "import sys; sys.path[0] = sys.argv.pop(); import taskyard_bootstrap; taskyard_bootstrap.main()";

/// The real path: a virtual environment's program is a link, and lies where a sandbox does not show it.
const PROBE: &str = "import sys, os
print('%d.%d.%d' % sys.version_info[:3])
print(os.path.realpath(sys.executable))
print(sys.base_prefix)
sys.path.insert(0, os.getcwd())
import taskyard_await, taskyard_bootstrap, taskyard_http, taskyard_listener, taskyard_several";

impl LanguageRuntime for Python {
    fn language(&self) -> Language {
        Language::Python
    }

    fn is_program(&self, file_name: &str) -> bool {
        let Some(rest) = file_name.strip_prefix("python3") else {
            return false;
        };
        rest.is_empty() || rest.strip_prefix('.').is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit()))
    }

    fn probe_args(&self) -> &'static [&'static str] {
        &["-I", "-S", "-c", PROBE]
    }

    fn bootstraps(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("taskyard_bootstrap.py", include_str!("python/bootstrap.py")),
            ("taskyard_await.py", include_str!("python/await.py")),
            ("taskyard_http.py", include_str!("python/http.py")),
            ("taskyard_listener.py", include_str!("python/listener.py")),
            ("taskyard_several.py", include_str!("python/several.py")),
        ]
    }

    fn command(&self, interpreter: &Interpreter, source: &Source<'_>, _: &FunctionSpec) -> Result<Command, Refused> {
        let args = vec!["-s".into(), "-S".into(), "-c".into(), START.into(), source.places.bootstrap.clone().into()];
        Ok(Command { program: interpreter.program.clone(), args, home: interpreter.home.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_names() {
        let check = |name: &str, fits: bool| assert_eq!(Python.is_program(name), fits, "{name}");
        check("python3", true);
        check("python3.12", true);
        check("python3.12-config", false);
        check("python3.", false);
        check("python2.7", false);
        check("python", false);
    }
}
