//! Unpacks code packages, each once, safely: nothing is written outside its directory, and a half-unpacked one is never seen.

use model::limits::{CODE_ENTRIES_MAX, CODE_UNPACKED_BYTES_MAX};
use std::{
    collections::HashMap,
    fs,
    io::{self, Cursor, Read},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use zip::ZipArchive;

/// Longest target of a symbolic link, as the kernel has it.
const LINK_BYTES_MAX: u64 = 4_096;

/// Why a package can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackageError {
    /// The archive is at fault.
    #[error("{0}")]
    Refused(String),
    /// The code could not be had or written.
    #[error("the code package can't be unpacked: {0}")]
    Platform(String),
}

impl From<io::Error> for PackageError {
    fn from(error: io::Error) -> Self {
        Self::Platform(error.to_string())
    }
}

/// The unpacked packages of a data directory.
pub(crate) struct Packages {
    dir: PathBuf,
    source: Arc<dyn engine::ports::CodeSource>,
    /// One lock for each package that somebody waits for.
    locks: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Packages {
    /// Starts with an empty cache: what an earlier life unpacked may be incomplete after a power failure.
    pub(crate) fn open(data_dir: &Path, source: Arc<dyn engine::ports::CodeSource>) -> io::Result<Self> {
        let dir = data_dir.join("code");
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::create_dir_all(&dir)?;
        Ok(Self { dir, source, locks: Mutex::default() })
    }

    /// The directory with the package's files, unpacked at the first call.
    pub(crate) async fn unpacked(&self, package_id: &str) -> Result<PathBuf, PackageError> {
        if package_id.is_empty() || !package_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            return Err(PackageError::Platform(format!("'{package_id}' is not the id of a package")));
        }
        let target = self.dir.join(package_id);
        if tokio::fs::try_exists(&target).await? {
            return Ok(target);
        }
        let lock = Arc::clone(self.locks.lock().unwrap_or_else(PoisonError::into_inner).entry(package_id.to_owned()).or_default());
        let _unpacking = lock.lock().await;
        if !tokio::fs::try_exists(&target).await? {
            let zip = self.source.code(package_id).await.map_err(PackageError::Platform)?;
            let (scratch, end) = (self.dir.join(format!(".{}", uuid::Uuid::new_v4().simple())), target.clone());
            let unpacked = tokio::task::spawn_blocking(move || unpack_whole(zip, LIMITS, &scratch, &end)).await;
            unpacked.map_err(|error| PackageError::Platform(error.to_string()))??;
        }
        self.locks.lock().unwrap_or_else(PoisonError::into_inner).remove(package_id);
        Ok(target)
    }
}

/// What a package may have at most.
#[derive(Debug, Clone, Copy)]
struct Limits {
    bytes: u64,
    entries: usize,
}

const LIMITS: Limits = Limits { bytes: CODE_UNPACKED_BYTES_MAX, entries: CODE_ENTRIES_MAX };

/// Unpacks into `scratch` and moves it to `target` when it is complete.
fn unpack_whole(zip: Vec<u8>, limits: Limits, scratch: &Path, target: &Path) -> Result<(), PackageError> {
    let unpacked = unpack(zip, limits, scratch);
    if let Err(error) = unpacked {
        // What remains is removed at the next start at the latest.
        if let Err(error) = fs::remove_dir_all(scratch) {
            tracing::debug!(%error, "scratch directory left behind");
        }
        return Err(error);
    }
    Ok(fs::rename(scratch, target)?)
}

fn refused(what: impl Into<String>) -> PackageError {
    PackageError::Refused(format!("the code package is refused: {}", what.into()))
}

fn unpack(zip: Vec<u8>, limits: Limits, root: &Path) -> Result<(), PackageError> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|error| refused(format!("not a ZIP archive: {error}")))?;
    if archive.len() > limits.entries {
        return Err(refused(format!("it has {} entries; the limit is {}", archive.len(), limits.entries)));
    }
    fs::create_dir_all(root)?;
    let mut left = limits.bytes;
    let mut links = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| refused(error.to_string()))?;
        let name = entry.name().map_err(|error| refused(error.to_string()))?.replace('\\', "/");
        let path = root.join(relative(&name)?);
        if entry.is_dir() || name.ends_with('/') {
            fs::create_dir_all(&path)?;
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mode = entry.unix_mode().unwrap_or(0o644);
        if entry.is_symlink() {
            let mut target = String::new();
            entry.by_ref().take(LINK_BYTES_MAX).read_to_string(&mut target).map_err(|error| refused(error.to_string()))?;
            links.push((name, path, target));
            continue;
        }
        let mut file = fs::File::create(&path)?;
        // The size in the archive's directory is a claim; what comes out counts.
        let written = io::copy(&mut entry.by_ref().take(left + 1), &mut file).map_err(|error| refused(format!("'{name}': {error}")))?;
        left = left.checked_sub(written).ok_or_else(|| refused(format!("it has more than {} bytes unpacked", limits.bytes)))?;
        file.set_permissions(fs::Permissions::from_mode(mode & 0o777 | 0o600))?;
    }
    share(root)?;
    // Links come last: until then every directory is a real one, so no entry can be written through a link.
    for (name, path, target) in links {
        if !stays_inside(&name, &target) {
            return Err(refused(format!("the link '{name}' leaves it")));
        }
        symlink(&target, &path).map_err(|error| refused(format!("the link '{name}': {error}")))?;
    }
    Ok(())
}

/// Lets every user read what is below a directory, whatever this process's mask says: instances have users of their own, and the data
/// directory keeps all others out. Links are left alone.
pub(crate) fn share(dir: &Path) -> io::Result<()> {
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            share(&entry.path())?;
        } else if kind.is_file() {
            let mode = entry.metadata()?.permissions().mode() & 0o777;
            let runs = if mode & 0o100 == 0 { 0 } else { 0o111 };
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(mode | 0o444 | runs))?;
        }
    }
    Ok(())
}

/// The name as a path below the root; absolute ones and those with `..` are refused.
fn relative(name: &str) -> Result<PathBuf, PackageError> {
    let mut path = PathBuf::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            _ => return Err(refused(format!("the path '{name}' leaves it"))),
        }
    }
    if path.as_os_str().is_empty() && !name.ends_with('/') || name.contains('\0') {
        return Err(refused(format!("the path '{name}' names no file")));
    }
    Ok(path)
}

/// True when a link of this name can't lead out: `..` only at the target's beginning, no more of them than the link has parents. A later
/// `..` could follow another link first and is refused.
fn stays_inside(name: &str, target: &str) -> bool {
    let depth = Path::new(name).components().filter(|c| matches!(c, Component::Normal(_))).count().saturating_sub(1);
    let mut ups = 0;
    let mut went_down = false;
    for component in Path::new(target).components() {
        match component {
            Component::ParentDir if went_down => return false,
            Component::ParentDir => ups += 1,
            Component::Normal(_) => went_down = true,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    ups <= depth && !target.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::{ZipWriter, write::SimpleFileOptions};

    enum Entry<'a> {
        File(&'a str, u32),
        Link(&'a str, &'a str),
    }
    use Entry::{File, Link};

    fn archive(entries: &[Entry<'_>]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for entry in entries {
            match entry {
                File(name, mode) => {
                    writer.start_file(*name, SimpleFileOptions::default().unix_permissions(*mode)).unwrap();
                    writer.write_all(b"text").unwrap();
                }
                Link(name, target) => writer.add_symlink(*name, *target, SimpleFileOptions::default()).unwrap(),
            }
        }
        writer.finish().unwrap().into_inner()
    }

    fn unpack_in(root: &Path, zip: Vec<u8>) -> Result<(), PackageError> {
        unpack_whole(zip, Limits { bytes: 1_000, entries: 5 }, &root.join("scratch"), &root.join("target"))
    }

    #[test]
    fn files_are_readable_for_every_user_and_links_inside_are_made() {
        let root = tempfile::tempdir().unwrap();
        let zip = archive(&[File("a/b/run.sh", 0o700), File("index.py", 0o400), Link("a/link", "../index.py"), Link("a/dir", "b")]);
        unpack_in(root.path(), zip).unwrap();
        let mode = |name: &str| fs::metadata(root.path().join("target").join(name)).unwrap().permissions().mode() & 0o7777;
        assert_eq!((mode("a/b/run.sh"), mode("index.py")), (0o755, 0o644));
        assert_eq!(fs::read(root.path().join("target/a/link")).unwrap(), b"text");
        assert_eq!(fs::read(root.path().join("target/a/dir/run.sh")).unwrap(), b"text");
        assert!(!root.path().join("scratch").exists());
    }

    #[test]
    fn whatever_leaves_the_directory_is_refused_and_nothing_remains() {
        let check = |entries: &[Entry<'_>]| {
            let root = tempfile::tempdir().unwrap();
            assert!(matches!(unpack_in(root.path(), archive(entries)), Err(PackageError::Refused(_))));
            assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
        };
        check(&[File("../evil", 0o644)]);
        check(&[File("a/../../evil", 0o644)]);
        check(&[File("/etc/evil", 0o644)]);
        check(&[File("..\\evil", 0o644)]);
        check(&[Link("a", "/etc")]);
        check(&[Link("a", "..")]);
        check(&[Link("a/b", "../../x")]);
        check(&[Link("down", "x/y/z"), Link("up", "down/../../..")]);
        check(&[Link("a", "b"), File("a/through", 0o644)]);
    }

    #[test]
    fn limits_hold_for_what_comes_out() {
        let check = |zip: Vec<u8>, expected: &str| {
            let root = tempfile::tempdir().unwrap();
            let refusal = unpack_in(root.path(), zip).unwrap_err().to_string();
            assert!(refusal.contains(expected), "{refusal}");
            assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
        };
        check(b"no archive".to_vec(), "not a ZIP archive");
        check(archive(&["a", "b", "c", "d", "e", "f"].map(|name| File(name, 0o644))), "it has 6 entries; the limit is 5");
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["first", "second"] {
            writer.start_file(name, SimpleFileOptions::default()).unwrap();
            writer.write_all(&[0; 501]).unwrap();
        }
        check(writer.finish().unwrap().into_inner(), "it has more than 1000 bytes unpacked");
    }
}
