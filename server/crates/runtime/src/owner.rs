//! Whose processes are whose: the id of a data directory, carried by every process started for it, and the sweep of those that an
//! earlier life of the server left behind.

use crate::tree::{self, Survivors, Tree};
use engine::clock::Clock;
use std::{io, path::Path};

/// Environment variable that names the data directory's id.
pub(crate) const OWNER_VARIABLE: &str = "TASKYARD_OWNER";
/// Environment variable that names the instance (`fc-api.md` 5.8).
pub(crate) const INSTANCE_VARIABLE: &str = "FC_INSTANCE_ID";

/// The id of a data directory, made at the first call.
pub(crate) fn owner_id(data_dir: &Path) -> io::Result<String> {
    let file = data_dir.join("owner");
    match std::fs::read_to_string(&file) {
        Ok(id) if is_id(id.trim()) => return Ok(id.trim().to_owned()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let id = uuid::Uuid::new_v4().simple().to_string();
    // A half-written id would disown the processes of this life, so it appears whole or not at all.
    let fresh = data_dir.join("owner.new");
    std::fs::write(&fresh, &id)?;
    std::fs::rename(&fresh, &file)?;
    Ok(id)
}

fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Ends every process that an earlier life of this data directory left running and returns how many there were.
///
/// It runs before the first instance is started; without it, code that outlived a `kill -9` of the server would run beside its own
/// second attempt. Errors: the directory can't be read or written, or a process can't be ended.
pub async fn sweep_orphans(data_dir: &Path, clock: &dyn Clock) -> io::Result<usize> {
    let owner = owner_id(data_dir)?;
    let mut tree = Tree::marked(OWNER_VARIABLE, &owner);
    let found = tree.members(None).await.len();
    tree::kill_all(tree, clock).await.map_err(|Survivors(pids)| io::Error::other(format!("processes {pids:?} can't be ended")))?;
    Ok(found)
}
