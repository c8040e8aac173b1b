//! Programs that the function brings. Custom runtimes serve HTTP (`fc-api.md` 5.5); compiled ones, `go1`, ask the server for their requests
//! (5.6). What they need beside their code is the system's.

use crate::{
    containment::Places,
    errors,
    language::{Command, Interpreter, LanguageRuntime, Protocol, Refused, Source},
};
use model::{FunctionSpec, Language, RuntimeName};
use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

pub(crate) struct Custom;

/// What is started when no command is configured.
const BOOTSTRAP: &str = "bootstrap";
/// Where programs that are named without a path lie.
const PROGRAMS: [&str; 4] = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin"];
/// Where the code lies for the function (`fc-api.md` 5.8), whatever its place is here.
const CODE: &str = "/code";

impl LanguageRuntime for Custom {
    fn language(&self) -> Language {
        Language::Custom
    }

    fn protocol(&self, runtime: &RuntimeName) -> Protocol {
        if runtime.as_str() == RuntimeName::GO { Protocol::Polls } else { Protocol::Requests }
    }

    /// Programs run on this system; one that is no Debian counts as newer than all of them.
    fn built_in(&self) -> Option<Interpreter> {
        let (shown, version) = system(&fs::read_to_string("/etc/os-release").unwrap_or_default());
        Some(Interpreter { runtime: &Self, program: PathBuf::new(), home: PathBuf::new(), version, shown })
    }

    fn command(&self, _: &Interpreter, source: &Source<'_>, spec: &FunctionSpec) -> Result<Command, Refused> {
        let Source { places, code_dir, .. } = *source;
        if spec.runtime.as_str() == RuntimeName::GO {
            // The handler is the program's file.
            let program = find(&format!("./{}", spec.handler), places, code_dir)?;
            return Ok(Command { program, args: Vec::new(), home: PathBuf::new() });
        }
        let mut words = spec.custom_command().into_iter();
        let program = find(words.next().as_deref().unwrap_or(BOOTSTRAP), places, code_dir)?;
        Ok(Command { program, args: words.map(Into::into).collect(), home: PathBuf::new() })
    }
}

/// Name and version of the system, as its `os-release` file has them.
fn system(release: &str) -> (String, (u32, u32, u32)) {
    let field = |name: &str| {
        let value = release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value.map(|value| value.trim_matches('"').to_owned())
    };
    let (name, version) = (field("NAME").unwrap_or_else(|| "Linux".to_owned()), field("VERSION_ID").unwrap_or_default());
    let number = match field("ID").as_deref() {
        Some("debian") => version.split('.').next().and_then(|major| major.parse().ok()),
        _ => None,
    };
    let shown = format!("{} {version}", name.split(" GNU/").next().unwrap_or(&name)).trim_end().to_owned();
    (shown, (number.unwrap_or(u32::MAX), 0, 0))
}

/// The program of a command, as the function knows it.
fn find(word: &str, places: &Places, code_dir: &Path) -> Result<PathBuf, Refused> {
    let (inside, outside) = match Path::new(word).strip_prefix(CODE) {
        Ok(rest) => (places.code.join(rest), code_dir.join(rest)),
        Err(_) if word.starts_with('/') => (word.into(), word.into()),
        Err(_) if word.contains('/') || word == BOOTSTRAP => (places.code.join(word), code_dir.join(word)),
        Err(_) => {
            let found = PROGRAMS.iter().map(|dir| Path::new(dir).join(word)).find(|path| path.is_file());
            let path = found.ok_or_else(|| Refused { code: errors::FILE_NOT_FOUND, message: format!("there is no program '{word}'") })?;
            (path.clone(), path)
        }
    };
    let shown = inside.strip_prefix(&places.code).map_or_else(|_| inside.clone(), |rest| Path::new(CODE).join(rest));
    match fs::metadata(&outside) {
        Ok(found) if found.is_file() && found.permissions().mode() & 0o111 != 0 => Ok(inside),
        Ok(found) if found.is_file() => {
            let message = format!("'{}' is not executable: pack it with the mode 755", shown.display());
            Err(Refused { code: errors::FILE_PERMISSION, message })
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(Refused { code: errors::FILE_PERMISSION, message: format!("'{}' can't be read", shown.display()) })
        }
        _ => Err(Refused { code: errors::FILE_NOT_FOUND, message: format!("there is no file '{}'", shown.display()) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i4_the_system_is_named_and_only_debian_has_a_debians_number() {
        let check = |release: &str, shown: &str, major: u32| assert_eq!(system(release), (shown.to_owned(), (major, 0, 0)));
        check("NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n", "Debian 12", 12);
        check("NAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nID=ubuntu\n", "Ubuntu 24.04", u32::MAX);
        check("", "Linux", u32::MAX);
    }

    #[test]
    fn i4_programs_are_found_in_the_code_or_on_the_system() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("bin")).unwrap();
        for (name, mode) in [("bootstrap", 0o755), ("bin/run", 0o755), ("plain", 0o644)] {
            fs::write(dir.path().join(name), "#!/bin/sh\n").unwrap();
            fs::set_permissions(dir.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        let check = |word: &str, expected: Result<&str, (&str, &str)>| {
            let found = find(word, &Places::inside(), dir.path()).map_err(|Refused { code, message }| (code, message));
            assert_eq!(found, expected.map(PathBuf::from).map_err(|(code, message)| (code, message.to_owned())), "{word}");
        };
        check("bootstrap", Ok("/code/bootstrap"));
        check("./bin/run", Ok("/code/./bin/run"));
        check("/code/bin/run", Ok("/code/bin/run"));
        check("sh", Ok("/usr/bin/sh"));
        check("/bin/sh", Ok("/bin/sh"));
        check("./nothere", Err(("CAFileNotFound", "there is no file '/code/nothere'")));
        check("no-such-program", Err(("CAFileNotFound", "there is no program 'no-such-program'")));
        check("/code/bin", Err(("CAFileNotFound", "there is no file '/code/bin'")));
        check("./plain", Err(("CAFilePermission", "'/code/plain' is not executable: pack it with the mode 755")));
    }
}
