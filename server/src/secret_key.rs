//! The file with the key that seals stored secrets: 64 hex digits, readable by its owner alone, made by the first start that needs it.

use engine::{SEALING_KEY_BYTES, Sealer};
use rand::Rng;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Whoever else may read the file.
const OTHERS: u32 = 0o077;

/// Opens the file, or makes one with a new key. The error says what to do.
pub(crate) fn load(path: &Path) -> Result<Sealer, String> {
    let problem = |what: &str, error: &dyn std::fmt::Display| format!("{what} the secret key file {}: {error}", path.display());
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => make(path).map_err(|error| problem("can't make", &error))?,
        Err(error) => return Err(problem("can't read", &error)),
        Ok(_) => {}
    }
    let mode = fs::metadata(path).map_err(|error| problem("can't read", &error))?.mode();
    if mode & OTHERS != 0 {
        return Err(format!("others than its owner may read the secret key file {}: chmod 600 it", path.display()));
    }
    let text = fs::read_to_string(path).map_err(|error| problem("can't read", &error))?;
    let key = read(text.trim()).ok_or_else(|| format!("the secret key file {} holds no key (64 hex digits)", path.display()))?;
    Sealer::new(&key).ok_or_else(|| problem("can't use", &"the key is not accepted"))
}

fn read(hex: &str) -> Option<[u8; SEALING_KEY_BYTES]> {
    let mut key = [0; SEALING_KEY_BYTES];
    let is_key = hex.len() == 2 * key.len() && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_key {
        return None;
    }
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(key)
}

/// Written beside and put in its place when it is whole: servers may start at the same time, and none may read a part.
fn make(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut key = [0; SEALING_KEY_BYTES];
    rand::rng().fill_bytes(&mut key);
    let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{:08x}", rand::random::<u32>()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    let placed = writeln!(file, "{text}").and_then(|()| file.sync_all()).and_then(|()| fs::hard_link(&beside, path));
    fs::remove_file(&beside)?;
    match placed {
        // Another server was first: its key counts.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn i5_the_key_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/secret.key");
        let sealed = load(&path).unwrap().seal("TY1", "a secret").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(load(&path).unwrap().open("TY1", &sealed).as_deref(), Some("a secret"));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn i5_a_file_that_others_may_read_or_that_holds_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        load(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(load(&path).is_err_and(|problem| problem.contains("chmod 600")));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "short\n").unwrap();
        assert!(load(&path).is_err_and(|problem| problem.contains("64 hex digits")));
    }
}
