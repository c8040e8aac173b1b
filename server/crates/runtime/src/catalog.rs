//! Finds the interpreters of this machine and says which of them runs which of the vendor's runtimes (`product.md` 3).

use crate::{
    container::Container,
    language::{Interpreter, LanguageRuntime, RUNTIMES},
};
use engine::clock::Clock;
use model::{InstalledRuntime, RuntimeName};
use std::{
    collections::HashSet,
    ffi::OsStr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};
use tokio::process::Command;

/// An interpreter that does not tell its version within this time is left alone.
const PROBE_LIMIT: Duration = Duration::from_secs(10);

/// What every known runtime runs on.
#[derive(Debug)]
pub(crate) struct Catalog {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: RuntimeName,
    interpreter: Option<Interpreter>,
    exact: bool,
}

impl Catalog {
    /// Asks every interpreter in the search path for its version, once; `engine` is what has container images.
    pub(crate) async fn detect(
        search_path: &OsStr,
        strict_versions: bool,
        bootstrap_dir: &Path,
        engine: Option<&str>,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let start = |(runtime, program)| tokio::spawn(probe(runtime, program, bootstrap_dir.to_owned(), Arc::clone(clock)));
        let probes: Vec<_> = programs(search_path).into_iter().map(start).collect();
        let mut found: Vec<Interpreter> = RUNTIMES.iter().filter_map(|runtime| runtime.built_in()).collect();
        found.extend(engine.map(Container::by));
        for probe in probes {
            let Ok(Some(interpreter)) = probe.await else { continue };
            // The first in the path wins, as it does in a shell.
            if !found.iter().any(|known| known.version == interpreter.version && known.runtime.language() == interpreter.runtime.language())
            {
                found.push(interpreter);
            }
        }
        tracing::info!(?found, "interpreters found");
        Self::assign(&found, strict_versions)
    }

    /// Gives each known runtime its interpreter.
    fn assign(found: &[Interpreter], strict_versions: bool) -> Self {
        let rows = model::runtime::known_runtimes().into_iter().map(|name| {
            let best = best(&name, found);
            let exact = best.is_some_and(|interpreter| is_exact(&name, interpreter));
            Row { interpreter: best.filter(|_| exact || !strict_versions).cloned(), exact, name }
        });
        Self { rows: rows.collect() }
    }

    /// The interpreter for a runtime and whether it is of the exact version; `None` when nothing here can run it.
    pub(crate) fn interpreter(&self, name: &RuntimeName) -> Option<(&Interpreter, bool)> {
        let row = self.rows.iter().find(|row| row.name == *name)?;
        row.interpreter.as_ref().map(|interpreter| (interpreter, row.exact))
    }

    /// Every known runtime, installed or not.
    pub(crate) fn runtimes(&self) -> Vec<InstalledRuntime> {
        let runtimes = self.rows.iter().map(|row| InstalledRuntime {
            name: row.name.clone(),
            language: row.name.language(),
            interpreter: row.interpreter.as_ref().map(|interpreter| interpreter.shown.clone()),
            exact: row.exact && row.interpreter.is_some(),
        });
        runtimes.collect()
    }
}

/// The version as far as the runtime's name tells versions apart: Node.js by its major version, Python by its minor one.
fn precision(name: &RuntimeName, (major, minor, _): (u32, u32, u32)) -> (u32, u32) {
    match name.language() {
        model::Language::Nodejs => (major, 0),
        model::Language::Python | model::Language::Custom => (major, minor),
    }
}

fn is_exact(name: &RuntimeName, interpreter: &Interpreter) -> bool {
    // A custom runtime without a version runs on any system, and so does a compiled program.
    let is_any = name.language() == model::Language::Custom && name.version() == (0, 0) || name.as_str() == RuntimeName::GO;
    is_any || precision(name, interpreter.version) == name.version()
}

/// The interpreter of the exact version, the highest patch first; otherwise the nearest newer one.
fn best<'a>(name: &RuntimeName, found: &'a [Interpreter]) -> Option<&'a Interpreter> {
    let wanted = name.version();
    let usable = found.iter().filter(|interpreter| interpreter.runtime.runs(name) && precision(name, interpreter.version) >= wanted);
    usable.min_by_key(|interpreter| {
        let (_, minor, patch) = interpreter.version;
        (precision(name, interpreter.version), std::cmp::Reverse((minor, patch)))
    })
}

/// Engines that run container images, by their programs in the search path.
pub(crate) fn container_engines(search_path: &OsStr) -> Vec<PathBuf> {
    let is_program = |path: &PathBuf| path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
    ["podman", "docker"].iter().filter_map(|name| std::env::split_paths(search_path).map(|dir| dir.join(name)).find(is_program)).collect()
}

/// Programs of the search path that may be interpreters, each real file once.
fn programs(search_path: &OsStr) -> Vec<(&'static dyn LanguageRuntime, PathBuf)> {
    let mut seen = HashSet::new();
    let mut programs = Vec::new();
    for dir in std::env::split_paths(search_path).flat_map(|dir| real_dirs(&dir)) {
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        for name in names {
            let Some(runtime) = RUNTIMES.iter().find(|runtime| runtime.is_program(&name)) else { continue };
            let path = dir.join(&name);
            if path.canonicalize().is_ok_and(|real| seen.insert(real)) {
                programs.push((*runtime, path));
            }
        }
    }
    programs
}

/// A directory of version-manager shims (pyenv, nodenv) stands for the `bin` directories of the versions it manages, newest first: a shim
/// starts slowly and runs only the version that is switched on.
fn real_dirs(dir: &Path) -> Vec<PathBuf> {
    let versions = match (dir.file_name(), dir.parent()) {
        (Some(name), Some(parent)) if name == "shims" => parent.join("versions"),
        _ => return vec![dir.to_owned()],
    };
    let Ok(entries) = std::fs::read_dir(versions) else {
        return vec![dir.to_owned()];
    };
    let mut dirs: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect();
    dirs.sort_by_key(|dir| std::cmp::Reverse(numbers(dir)));
    dirs
}

/// The numbers in a path, so that version 3.10 sorts after 3.9.
fn numbers(path: &Path) -> Vec<u32> {
    path.to_string_lossy().split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

/// Runs a program once to learn its version and where its real binary lies.
async fn probe(
    runtime: &'static dyn LanguageRuntime,
    program: PathBuf,
    bootstrap_dir: PathBuf,
    clock: Arc<dyn Clock>,
) -> Option<Interpreter> {
    let mut command = Command::new(&program);
    command.current_dir(bootstrap_dir);
    command.args(runtime.probe_args()).env_clear().env("LANG", "C.UTF-8").env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = tokio::select! {
        output = command.output() => output.ok()?,
        () = clock.sleep(PROBE_LIMIT) => return None,
    };
    let text = String::from_utf8(output.stdout).ok()?;
    let mut lines = text.lines();
    let shown = lines.next()?.trim().to_owned();
    let version = version(&shown)?;
    let real = PathBuf::from(lines.next()?);
    let home = PathBuf::from(lines.next()?);
    Some(Interpreter { runtime, program: if real.is_absolute() { real } else { program }, home, version, shown })
}

fn version(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.trim().split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{custom::Custom, nodejs::Nodejs, python::Python};

    fn interpreter(runtime: &'static dyn LanguageRuntime, version: (u32, u32, u32)) -> Interpreter {
        let (major, minor, patch) = version;
        Interpreter { runtime, program: "/program".into(), home: "/".into(), version, shown: format!("{major}.{minor}.{patch}") }
    }

    fn python(minor: u32) -> Interpreter {
        interpreter(&Python, (3, minor, 1))
    }

    fn node(major: u32, minor: u32) -> Interpreter {
        interpreter(&Nodejs, (major, minor, 0))
    }

    #[test]
    fn c55_what_is_no_program_is_told_without_a_path() {
        let built_in = Interpreter { program: PathBuf::new(), shown: "Debian 12".to_owned(), ..interpreter(&Custom, (12, 0, 0)) };
        assert_eq!(format!("{:?}", [python(11), built_in]), "[Python 3.11.1 at /program, Custom Debian 12]");
    }

    #[test]
    fn exact_or_nearest_newer_of_the_same_language() {
        let found = [python(9), python(11), python(13), node(18, 2), node(18, 20), node(22, 1)];
        let check = |name: &str, strict: bool, expected: Option<(&str, bool)>| {
            let catalog = Catalog::assign(&found, strict);
            let got = catalog.interpreter(&RuntimeName::from_stored(name)).map(|(i, exact)| (i.shown.clone(), exact));
            assert_eq!(got, expected.map(|(version, exact)| (version.to_owned(), exact)), "{name} strict {strict}");
        };
        check("python3.9", false, Some(("3.9.1", true)));
        check("python3.10", false, Some(("3.11.1", false)));
        check("python3", false, Some(("3.9.1", false)));
        check("python3.12", false, Some(("3.13.1", false)));
        check("nodejs14", false, Some(("18.20.0", false)));
        check("nodejs18", false, Some(("18.20.0", true)));
        check("nodejs20", false, Some(("22.1.0", false)));
        check("custom", false, None);
        check("python3.10", true, None);
        check("python3.11", true, Some(("3.11.1", true)));
    }

    #[test]
    fn i4_custom_runtimes_run_on_this_system_or_a_newer_debian() {
        let check = |major: u32, name: &str, strict: bool, expected: Option<bool>| {
            let catalog = Catalog::assign(&[interpreter(&Custom, (major, 0, 0))], strict);
            let got = catalog.interpreter(&RuntimeName::from_stored(name)).map(|(_, exact)| exact);
            assert_eq!(got, expected, "{name} on {major}, strict {strict}");
        };
        check(12, "custom", true, Some(true));
        check(12, "custom.debian12", true, Some(true));
        check(12, "go1", true, Some(true));
        check(12, "custom.debian10", false, Some(false));
        check(12, "custom.debian10", true, None);
        check(11, "custom.debian12", false, None);
        check(u32::MAX, "custom.debian12", false, Some(false));
        check(12, "custom-container", false, None);
    }

    #[test]
    fn i4_1_images_are_run_by_an_engine_and_an_engine_runs_nothing_else() {
        let catalog = Catalog::assign(&[interpreter(&Custom, (12, 0, 0)), Container::by("podman 4.3.1")], true);
        let shown = |name: &str| catalog.interpreter(&RuntimeName::from_stored(name)).map(|(found, exact)| (found.shown.clone(), exact));
        assert_eq!(shown("custom-container"), Some(("podman 4.3.1".to_owned(), true)));
        assert_eq!(shown("custom"), Some(("12.0.0".to_owned(), true)));
        let catalog = Catalog::assign(&[Container::by("podman 4.3.1")], false);
        assert!(catalog.interpreter(&RuntimeName::from_stored("custom")).is_none());
    }

    #[test]
    fn an_older_interpreter_never_stands_in() {
        let catalog = Catalog::assign(&[python(9), node(18, 0)], false);
        let installed: Vec<String> = catalog.runtimes().iter().filter(|row| row.is_installed()).map(|row| row.name.to_string()).collect();
        assert_eq!(installed, ["python3.9", "python3", "python3.6", "nodejs18", "nodejs16", "nodejs14", "nodejs12", "nodejs10", "nodejs8"]);
    }

    #[test]
    fn i4_1_container_engines_are_found_in_the_search_path() {
        let root = tempfile::tempdir().unwrap();
        for (name, mode) in [("one/podman", 0o644), ("two/podman", 0o755), ("two/other", 0o755)] {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let search_path = std::env::join_paths(["one", "two"].map(|dir| root.path().join(dir))).unwrap();
        assert_eq!(container_engines(&search_path), [root.path().join("two/podman")]);
    }

    #[test]
    fn shims_stand_for_the_versions_behind_them() {
        let root = tempfile::tempdir().unwrap();
        for dir in ["shims", "versions/3.9.18/bin", "versions/3.10.1/bin", "plain"] {
            std::fs::create_dir_all(root.path().join(dir)).unwrap();
        }
        let names = |dir: &str| -> Vec<String> {
            let dirs = real_dirs(&root.path().join(dir));
            dirs.iter().map(|dir| dir.strip_prefix(root.path()).unwrap().display().to_string()).collect()
        };
        assert_eq!(names("shims"), ["versions/3.10.1/bin", "versions/3.9.18/bin"]);
        assert_eq!(names("plain"), ["plain"]);
    }
}
