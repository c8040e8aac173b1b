//! Layers: several packages as one directory.

use super::{PackageError, Packages, refused, share};
use model::limits::CODE_UNPACKED_BYTES_MAX;
use std::{
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::PoisonError,
};

/// Characters of a package's id in the name of a directory: enough to tell packages apart, and few enough for a name.
const ID_CHARS: usize = 32;

impl Packages {
    /// One directory with the files of all of these packages, made at the first call; where two have the same path, the first one's is there.
    /// `None` without packages.
    pub(crate) async fn layered(&self, package_ids: &[String]) -> Result<Option<PathBuf>, PackageError> {
        if package_ids.is_empty() {
            return Ok(None);
        }
        let mut parts = Vec::new();
        for id in package_ids {
            parts.push(self.unpacked(id).await?);
        }
        let names: Vec<&str> = package_ids.iter().map(|id| id.get(..ID_CHARS).unwrap_or(id)).collect();
        let name = format!("layers-{}", names.join("-"));
        let target = self.dir.join(&name);
        let lock = self.locks.lock().unwrap_or_else(PoisonError::into_inner).entry(name.clone()).or_default().clone();
        let _merging = lock.lock().await;
        if !tokio::fs::try_exists(&target).await? {
            let (scratch, end) = (self.dir.join(format!(".{}", uuid::Uuid::new_v4().simple())), target.clone());
            let merged = tokio::task::spawn_blocking(move || merge_whole(&parts, CODE_UNPACKED_BYTES_MAX, &scratch, &end)).await;
            merged.map_err(|error| PackageError::Platform(error.to_string()))??;
        }
        self.locks.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
        Ok(Some(target))
    }
}

/// Merges into `scratch` and moves it to `target` when it is complete.
fn merge_whole(parts: &[PathBuf], most: u64, scratch: &Path, target: &Path) -> Result<(), PackageError> {
    let merged = fs::create_dir_all(scratch).map_err(PackageError::from).and_then(|()| {
        let mut left = most;
        parts.iter().try_for_each(|part| merge(part, scratch, &mut left, most))?;
        Ok(share(scratch)?)
    });
    if merged.is_err()
        && let Err(error) = fs::remove_dir_all(scratch)
    {
        tracing::debug!(%error, "scratch directory left behind");
    }
    merged?;
    Ok(fs::rename(scratch, target)?)
}

/// Adds what is not there yet; nothing is ever put through a link.
fn merge(from: &Path, to: &Path, left: &mut u64, most: u64) -> Result<(), PackageError> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target, kind) = (entry.path(), to.join(entry.file_name()), entry.file_type()?);
        let there = match fs::symlink_metadata(&target) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        if kind.is_dir() {
            match there {
                // An earlier layer has a file of this name: it hides the whole directory.
                Some(found) if !found.is_dir() => continue,
                Some(_) => {}
                None => fs::create_dir(&target)?,
            }
            merge(&source, &target, left, most)?;
        } else if there.is_none() {
            if kind.is_symlink() {
                symlink(fs::read_link(&source)?, &target)?;
                continue;
            }
            *left = left
                .checked_sub(entry.metadata()?.len())
                .ok_or_else(|| refused(format!("all layers have more than {most} bytes unpacked")))?;
            // The same file twice: neither is ever written again.
            fs::hard_link(&source, &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn part(root: &Path, name: &str, files: &[(&str, &str)], links: &[(&str, &str)]) -> PathBuf {
        let dir = root.join(name);
        for (path, text) in files {
            fs::create_dir_all(dir.join(path).parent().unwrap()).unwrap();
            fs::write(dir.join(path), text).unwrap();
        }
        for (path, target) in links {
            symlink(target, dir.join(path)).unwrap();
        }
        dir
    }

    fn texts(dir: &Path, names: &[&str]) -> BTreeMap<String, String> {
        names.iter().map(|name| ((*name).to_owned(), fs::read_to_string(dir.join(name)).unwrap_or_default())).collect()
    }

    #[test]
    fn i5_the_first_layer_wins_and_nothing_goes_through_a_link() {
        let root = tempfile::tempdir().unwrap();
        let parts = [
            part(root.path(), "1", &[("python/a.py", "1"), ("bin", "1")], &[("link", "python")]),
            part(root.path(), "2", &[("python/a.py", "2"), ("python/b.py", "2"), ("bin/tool", "2"), ("link/c.py", "2")], &[]),
            part(root.path(), "3", &[("bin", "3"), ("lib/x", "3")], &[("python", "/etc")]),
        ];
        let target = root.path().join("target");
        merge_whole(&parts, 100, &root.path().join("scratch"), &target).unwrap();
        let found = texts(&target, &["python/a.py", "python/b.py", "bin", "bin/tool", "lib/x", "link/a.py", "python/c.py"]);
        let expected = [
            ("python/a.py", "1"),
            ("python/b.py", "2"),
            ("bin", "1"),
            ("bin/tool", ""),
            ("lib/x", "3"),
            ("link/a.py", "1"),
            ("python/c.py", ""),
        ];
        assert_eq!(found, expected.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect());
        assert!(!root.path().join("scratch").exists());
    }

    #[test]
    fn i5_layers_have_a_limit_together_and_nothing_remains() {
        let root = tempfile::tempdir().unwrap();
        let parts = [part(root.path(), "1", &[("a", "12345")], &[]), part(root.path(), "2", &[("b", "12345"), ("a", "1234567")], &[])];
        let merge = |most| merge_whole(&parts, most, &root.path().join("scratch"), &root.path().join(format!("target-{most}")));
        assert!(merge(9).unwrap_err().to_string().contains("more than 9 bytes"));
        assert!(!root.path().join("scratch").exists() && !root.path().join("target-9").exists());
        merge(10).unwrap();
    }
}
