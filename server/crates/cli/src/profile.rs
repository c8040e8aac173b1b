//! The profile file: a table of TOML for each profile, readable by its owner only.

use crate::problem::{Outcome, Problem};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Name of the profile that is used when none is named.
pub(crate) const DEFAULT: &str = "default";

/// What a profile may say; everything may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    pub endpoint: Option<String>,
    pub region: Option<String>,
    pub access_key_id: Option<String>,
    /// Asked for at every call when it is missing.
    pub access_key_secret: Option<String>,
}

/// Where profiles lie: `TASKYARD_CONFIG`, else `taskyard/config.toml` in the user's configuration folder. `None` without a home.
pub(crate) fn path(env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    if let Some(file) = env("TASKYARD_CONFIG") {
        return Some(PathBuf::from(file));
    }
    let folder = env("XDG_CONFIG_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let folder = folder.or_else(|| env("HOME").map(|home| Path::new(&home).join(".config")))?;
    Some(folder.join("taskyard").join("config.toml"))
}

/// Reads a profile; `None` when there is no such file or no such profile in it.
pub(crate) fn read(file: &Path, name: &str) -> Outcome<Option<Profile>> {
    let Some(table) = table(file)? else { return Ok(None) };
    let Some(found) = table.get(name) else { return Ok(None) };
    let read = found.clone().try_into::<Profile>();
    read.map(Some).map_err(|error| Problem::Usage(format!("profile '{name}' in {} can't be read: {}", file.display(), error.message())))
}

/// Writes a profile, and leaves the others in the file as they are.
pub(crate) fn write(file: &Path, name: &str, profile: &Profile) -> Outcome<()> {
    let mut table = table(file)?.unwrap_or_default();
    let value = toml::Value::try_from(profile).map_err(|error| Problem::Failed(format!("the profile can't be written: {error}")))?;
    table.insert(name.to_owned(), value);
    store(file, &table.to_string()).map_err(|error| Problem::Failed(format!("{} can't be written: {error}", file.display())))
}

/// All profiles; `None` when there is no file.
fn table(file: &Path) -> Outcome<Option<toml::Table>> {
    let metadata = match std::fs::metadata(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        found => found.map_err(|error| unreadable(file, &error.to_string()))?,
    };
    let mode = metadata.permissions().mode();
    if mode & 0o077 != 0 {
        let shown = file.display();
        return Err(Problem::Usage(format!(
            "{shown} holds a secret and others may read it (mode {:03o}); do: chmod 600 {shown}",
            mode & 0o777
        )));
    }
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(file, &error.to_string()))?;
    // Only what is wrong and where: the parser's full text would show the line, and with it a secret.
    let parsed = text.parse::<toml::Table>().map_err(|error| {
        let line = error.span().and_then(|span| text.get(..span.start)).map_or(1, |before| before.matches('\n').count() + 1);
        unreadable(file, &format!("line {line}: {}", error.message()))
    })?;
    Ok(Some(parsed))
}

fn unreadable(file: &Path, why: &str) -> Problem {
    Problem::Usage(format!("{} can't be read: {why}", file.display()))
}

/// Replaces the file in one step, so that nobody reads half of it, and never with a wider mode than 0600.
fn store(file: &Path, text: &str) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let draft = folder.join(format!(".config.toml.{}", std::process::id()));
    let mut open = std::fs::OpenOptions::new();
    let written = open
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut draft| draft.write_all(text.as_bytes()).and_then(|()| draft.sync_all()))
        .and_then(|()| std::fs::rename(&draft, file));
    if written.is_err() {
        drop(std::fs::remove_file(&draft));
    }
    written
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;
