//! The `/etc` of sandboxes: a copy of what programs need, made at the start. A bind for each of its entries would cost a sandbox 4 ms.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Names, certificates, the linker's cache, time zones, fonts. The rest may hold secrets.
const ENTRIES: &[&str] = &[
    "alternatives",
    "ca-certificates",
    "crypto-policies",
    "fonts",
    "gai.conf",
    "group",
    "host.conf",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "locale.alias",
    "mime.types",
    "nsswitch.conf",
    "passwd",
    "pki",
    "protocols",
    "services",
    "ssl",
    "terminfo",
    "timezone",
];
/// What changes while a server runs, bound file by file over its place in the copy.
pub(crate) const LIVE: [&str; 2] = ["hosts", "resolv.conf"];
/// Where Debian keeps private keys.
const PRIVATE: &str = "private";
/// Bytes of one file; larger ones are left out.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// Makes the copy in a new directory below `dir` and returns its path.
pub(crate) fn stage(dir: &Path) -> io::Result<PathBuf> {
    let target = dir.join("etc");
    match fs::remove_dir_all(&target) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir(&target)?;
    for name in ENTRIES {
        let from = Path::new("/etc").join(name);
        // At the top, links are followed: what they lead to may be out of sight in a sandbox.
        if from.is_dir() {
            copy_dir(&from, &target.join(name))?;
        } else {
            copy_file(&from, &target.join(name))?;
        }
    }
    for name in LIVE {
        fs::write(target.join(name), "")?;
    }
    crate::package::share(&target)?;
    Ok(target)
}

fn copy_dir(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    // One that can't be read is left out, as it would be for the function.
    for entry in fs::read_dir(from).into_iter().flatten() {
        let entry = entry?;
        let (source, target, kind) = (entry.path(), to.join(entry.file_name()), entry.file_type()?);
        if entry.file_name() == PRIVATE {
            continue;
        }
        if kind.is_dir() {
            copy_dir(&source, &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
        } else {
            copy_file(&source, &target)?;
        }
    }
    Ok(())
}

/// Copies what everybody may read.
fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let Ok(facts) = fs::metadata(from) else { return Ok(()) };
    if facts.is_file() && facts.len() <= FILE_BYTES_MAX && facts.permissions().mode() & 0o004 != 0 {
        fs::copy(from, to)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_not_everybody_may_read_is_left_out() {
        let root = tempfile::tempdir().unwrap();
        let from = root.path().join("from");
        fs::create_dir_all(from.join("certs/private")).unwrap();
        for (name, mode) in [("open", 0o644), ("closed", 0o640), ("certs/a.pem", 0o644), ("certs/private/key.pem", 0o644)] {
            fs::write(from.join(name), name).unwrap();
            fs::set_permissions(from.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        std::os::unix::fs::symlink("a.pem", from.join("certs/b.pem")).unwrap();
        let to = root.path().join("to");
        copy_dir(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("certs/b.pem")).unwrap(), "certs/a.pem");
        assert!(to.join("open").exists() && !to.join("closed").exists() && !to.join("certs/private").exists());
    }

    #[test]
    fn the_copy_has_users_and_no_shadows() {
        let root = tempfile::tempdir().unwrap();
        let etc = stage(root.path()).unwrap();
        assert!(etc.join("passwd").exists() && !etc.join("shadow").exists());
        stage(root.path()).unwrap();
    }
}
