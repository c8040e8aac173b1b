//! What makes this server one life of one node: a locked file in the data folder that remembers the life before.

use engine::ports::WorkerId;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// The node's lives; the lock is held until this is dropped.
pub(crate) struct Node {
    pub(crate) worker: WorkerId,
    /// The life before this one, over for certain because it held the same lock.
    pub(crate) previous: Option<WorkerId>,
    _lock: File,
}

/// Makes the data folder, locks it, and begins a new life.
pub(crate) fn begin(data_dir: &Path) -> Result<Node, String> {
    let problem = |what: &str, error: &dyn std::fmt::Display| format!("{what} {}: {error}", data_dir.display());
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data_dir)
        .map_err(|error| problem("can't make the data folder", &error))?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let mut file = options.open(data_dir.join("worker")).map_err(|error| problem("can't write in the data folder", &error))?;
    if file.try_lock().is_err() {
        return Err(format!("another taskyard uses the data folder {}; stop it or choose another --data-dir", data_dir.display()));
    }
    let mut previous = String::new();
    let id = format!("w-{:016x}", rand::random::<u64>());
    file.read_to_string(&mut previous)
        .and_then(|_| file.seek(SeekFrom::Start(0)))
        .and_then(|_| file.set_len(0))
        .and_then(|()| file.write_all(id.as_bytes()))
        .and_then(|()| file.sync_all())
        .map_err(|error| problem("can't write in the data folder", &error))?;
    let previous = previous.trim();
    let previous = (!previous.is_empty()).then(|| WorkerId(previous.to_owned()));
    Ok(Node { worker: WorkerId(id), previous, _lock: file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_life_at_a_time_and_each_knows_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        let first = begin(dir.path()).unwrap();
        assert!(first.previous.is_none());
        assert!(begin(dir.path()).is_err_and(|problem| problem.contains("another taskyard")));
        let worker = first.worker.clone();
        drop(first);
        let second = begin(dir.path()).unwrap();
        assert_eq!(second.previous, Some(worker));
    }
}
