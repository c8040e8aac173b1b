//! A folder of code as a ZIP archive.

use crate::problem::{Outcome, Problem};
use model::{format, limits};
use std::io::{Cursor, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Reads an archive; the server looks into it.
pub(crate) fn read(file: &Path) -> Outcome<Vec<u8>> {
    let bytes = std::fs::read(file).map_err(|error| unreadable(file, &error))?;
    within_limit(&bytes)?;
    Ok(bytes)
}

/// Packs what lies below a folder, in the order of the names and without times, so that equal folders give equal archives. Links are
/// followed; version control's own folder is left out.
pub(crate) fn of_folder(folder: &Path) -> Outcome<Vec<u8>> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files)?;
    if files.is_empty() {
        return Err(Problem::Usage(format!("{} has no files", folder.display())));
    }
    files.sort();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for name in &files {
        add(&mut archive, folder, name)?;
    }
    let bytes = archive.finish().map_err(|error| Problem::Failed(format!("the archive can't be made: {error}")))?.into_inner();
    within_limit(&bytes)?;
    Ok(bytes)
}

/// Names of the files below a folder, relative to the root.
fn collect(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> Outcome<()> {
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        // What the link leads to.
        let metadata = std::fs::metadata(&path).map_err(|error| unreadable(&path, &error))?;
        if metadata.is_dir() {
            let is_control = path.file_name().is_some_and(|name| name == ".git");
            let is_loop = path.is_symlink() && std::fs::canonicalize(&path).is_ok_and(|real| is_above(&real, folder));
            if !is_control && !is_loop {
                collect(root, &path, files)?;
            }
        } else if metadata.is_file() {
            files.extend(path.strip_prefix(root).map(Path::to_path_buf));
        }
        if files.len() > limits::CODE_ENTRIES_MAX {
            let most = format::count(limits::CODE_ENTRIES_MAX as u64);
            return Err(Problem::Usage(format!("{} has more than {most} files", root.display())));
        }
    }
    Ok(())
}

/// True when a link to this folder would lead around for ever.
fn is_above(real: &Path, folder: &Path) -> bool {
    std::fs::canonicalize(folder).is_ok_and(|folder| folder.starts_with(real))
}

fn add(archive: &mut ZipWriter<Cursor<Vec<u8>>>, folder: &Path, name: &Path) -> Outcome<()> {
    let path = folder.join(name);
    let Some(text) = name.to_str() else {
        return Err(Problem::Usage(format!("the name of {} is not UTF-8", path.display())));
    };
    let mode = std::fs::metadata(&path).map_err(|error| unreadable(&path, &error))?.permissions().mode();
    // What may be executed stays so; nothing else of a mode matters to the server.
    let mode = if mode & 0o111 == 0 { 0o644 } else { 0o755 };
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(mode);
    let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
    let packed = archive.start_file(text, options).map_err(std::io::Error::other).and_then(|()| archive.write_all(&bytes));
    packed.map_err(|error| Problem::Failed(format!("{} can't be packed: {error}", path.display())))
}

fn within_limit(bytes: &[u8]) -> Outcome<()> {
    if bytes.len() <= limits::CODE_ZIP_BYTES_MAX {
        return Ok(());
    }
    let (size, most) = (format::bytes(bytes.len() as u64), format::bytes(limits::CODE_ZIP_BYTES_MAX as u64));
    Err(Problem::Usage(format!("the code package has {size}; at most {most} are allowed")))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::Usage(format!("{} can't be read: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    /// Name, executable or not, and text of every entry.
    fn entries(bytes: Vec<u8>) -> Vec<(String, bool, String)> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        (0..archive.len())
            .map(|index| {
                let mut entry = archive.by_index(index).unwrap();
                let mut text = String::new();
                entry.read_to_string(&mut text).unwrap();
                (entry.name().unwrap().into_owned(), entry.unix_mode().unwrap() & 0o111 != 0, text)
            })
            .collect()
    }

    #[test]
    fn i5_a_folder_is_packed_with_its_folders_links_and_modes() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert!(matches!(of_folder(folder.path()), Err(Problem::Usage(text)) if text.contains("has no files")));
        std::fs::create_dir_all(at("lib/deep")).unwrap();
        std::fs::create_dir_all(at(".git")).unwrap();
        for (name, text) in [("index.py", "a"), ("lib/deep/x.py", "b"), (".git/HEAD", "c"), ("run", "d"), (".env", "e")] {
            std::fs::write(at(name), text).unwrap();
        }
        std::fs::set_permissions(at("run"), std::fs::Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink(at("index.py"), at("also.py")).unwrap();
        std::os::unix::fs::symlink(folder.path(), at("lib/around")).unwrap();
        let packed = of_folder(folder.path()).unwrap();
        let file = |name: &str, text: &str| (name.to_owned(), name == "run", text.to_owned());
        let expected = [file(".env", "e"), file("also.py", "a"), file("index.py", "a"), file("lib/deep/x.py", "b"), file("run", "d")];
        assert_eq!(entries(packed.clone()), expected);
        assert_eq!(of_folder(folder.path()).unwrap(), packed, "equal folders give equal archives");
    }

    #[test]
    fn i5_what_is_not_there_is_named() {
        assert!(matches!(of_folder(Path::new("/nowhere/at/all")), Err(Problem::Usage(text)) if text.contains("/nowhere/at/all")));
        assert!(matches!(read(Path::new("/nowhere.zip")), Err(Problem::Usage(text)) if text.contains("/nowhere.zip")));
    }
}
