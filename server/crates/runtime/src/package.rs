//! Unpacks code packages, each once, safely: nothing is written outside its directory, and a half-unpacked one is never seen.

mod layers;

use model::limits::{CODE_ENTRIES_MAX, CODE_UNPACKED_BYTES_MAX};
use std::{
    collections::{HashMap, HashSet},
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
    // The archive's reader keeps the last of them only.
    if archive.has_duplicate_names() {
        return Err(refused("it has two entries of the same name"));
    }
    fs::create_dir_all(root)?;
    let mut taken = HashSet::new();
    let mut left = limits.bytes;
    let mut links = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| refused(error.to_string()))?;
        let name = entry.name().map_err(|error| refused(error.to_string()))?.replace('\\', "/");
        let path = root.join(relative(&name)?);
        // A file where another entry has to have a directory: the archive is at fault, not the disk.
        let folder = |path: &Path| fs::create_dir_all(path).map_err(|error| in_the_way(error, &name));
        if entry.is_dir() || name.ends_with('/') {
            folder(&path)?;
            continue;
        }
        if !taken.insert(path.clone()) {
            return Err(refused(format!("it has two entries for '{name}'")));
        }
        if let Some(parent) = path.parent() {
            folder(parent)?;
        }
        let mode = entry.unix_mode().unwrap_or(0o644);
        if entry.is_symlink() {
            let mut target = String::new();
            entry.by_ref().take(LINK_BYTES_MAX).read_to_string(&mut target).map_err(|error| refused(error.to_string()))?;
            links.push((name, path, target));
            continue;
        }
        let mut file = fs::File::create_new(&path).map_err(|error| in_the_way(error, &name))?;
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

/// An entry that can't be made because another one is where it belongs is the archive's fault.
fn in_the_way(error: io::Error, name: &str) -> PackageError {
    use io::ErrorKind::{AlreadyExists, InvalidFilename, IsADirectory, NotADirectory};
    match error.kind() {
        AlreadyExists | IsADirectory | NotADirectory => refused(format!("another entry is in the way of '{name}'")),
        InvalidFilename => refused(format!("the name '{name}' is too long")),
        _ => error.into(),
    }
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
    use proptest::prelude::*;
    use std::io::Write;
    use zip::{ZipWriter, write::SimpleFileOptions};

    #[derive(Debug)]
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

    /// An archive whose entry `b` is renamed to `a` behind the writer's back.
    fn with_a_name_twice() -> Vec<u8> {
        let mut zip = archive(&[File("a.py", 0o644), File("b.py", 0o644)]);
        for at in 0..zip.len() - 4 {
            if &zip[at..at + 4] == b"b.py" {
                zip[at] = b'a';
            }
        }
        zip
    }

    #[test]
    fn i5_6_names_that_meet_are_refused_and_nothing_remains() {
        let check = |zip: Vec<u8>, expected: &str| {
            let root = tempfile::tempdir().unwrap();
            let refusal = unpack_in(root.path(), zip).unwrap_err();
            assert!(matches!(&refusal, PackageError::Refused(text) if text.contains(expected)), "{refusal}");
            assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
        };
        check(with_a_name_twice(), "two entries of the same name");
        check(archive(&[File("a", 0o644), File("./a", 0o644)]), "two entries for './a'");
        check(archive(&[File("a/b", 0o644), Link("a//b", "c")]), "two entries for 'a//b'");
        check(archive(&[File("a", 0o644), File("a/b", 0o644)]), "in the way of 'a/b'");
        check(archive(&[File("a/b", 0o644), File("a", 0o644)]), "in the way of 'a'");
        check(archive(&[File(&"x".repeat(300), 0o644)]), "too long");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn i5_6_whatever_is_in_an_archive_stays_inside_or_nothing_remains(
            names in prop::collection::vec("(\\.{1,2}|[ab]|/|\\\\|link){1,6}", 1..5),
            targets in prop::collection::vec(prop::option::of("(\\.{1,2}/|[ab]/|/|link){1,4}"), 5),
        ) {
            let entry = |(name, target): (&'_ String, &'_ Option<String>)| (name.clone(), target.clone());
            let pairs: Vec<_> = names.iter().zip(&targets).map(entry).collect();
            let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
            for (name, target) in &pairs {
                // The writer itself refuses some names.
                match target {
                    Some(target) => drop(writer.add_symlink(name, target, SimpleFileOptions::default())),
                    None => drop(writer.start_file(name, SimpleFileOptions::default()).and_then(|()| Ok(writer.write_all(b"x")?))),
                }
            }
            let outer = tempfile::tempdir().unwrap();
            let root = outer.path().join("packages");
            fs::create_dir(&root).unwrap();
            let done = unpack_in(&root, writer.finish().unwrap().into_inner());
            prop_assert_eq!(fs::read_dir(outer.path()).unwrap().count(), 1, "something was written beside it");
            prop_assert_eq!(fs::read_dir(&root).unwrap().count(), usize::from(done.is_ok()));
            if done.is_ok() {
                let inside = fs::canonicalize(root.join("target")).unwrap();
                for found in links_below(&inside) {
                    // A link to nothing leads nowhere.
                    if let Ok(end) = fs::canonicalize(&found) {
                        prop_assert!(end.starts_with(&inside), "{} leads to {}", found.display(), end.display());
                    }
                }
            }
        }

        #[test]
        fn i5_6_any_bytes_are_unpacked_or_refused(spoilt in 0_usize..400, with: u8, cut in 0_usize..400) {
            let mut zip = archive(&[File("a/b", 0o644), Link("a/c", "b"), File("d", 0o755)]);
            let (at, end) = (spoilt % zip.len(), zip.len().saturating_sub(cut / 8));
            zip[at] ^= with;
            zip.truncate(end);
            let root = tempfile::tempdir().unwrap();
            let done = unpack_in(root.path(), zip);
            prop_assert!(!matches!(done, Err(PackageError::Platform(_))), "{:?}", done);
            prop_assert_eq!(fs::read_dir(root.path()).unwrap().count(), usize::from(done.is_ok()));
        }
    }

    fn links_below(dir: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
        let below = entries.flat_map(|entry| match entry.file_type().unwrap() {
            kind if kind.is_dir() => links_below(&entry.path()),
            kind if kind.is_symlink() => vec![entry.path()],
            _ => Vec::new(),
        });
        below.collect()
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
