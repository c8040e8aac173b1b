//! Order in the tree.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines that no source file may exceed.
const FILE_LINES_MAX: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Files that git knows or would take.
fn files() -> Vec<PathBuf> {
    let output = Command::new("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(root()).output().unwrap();
    assert!(output.status.success());
    let names = String::from_utf8(output.stdout).unwrap();
    let files: Vec<PathBuf> = names.lines().map(|name| root().join(name)).filter(|path| path.is_file()).collect();
    assert!(files.len() > 50, "git lists the tree");
    files
}

#[test]
fn the_top_level_is_that_of_the_contract() {
    let mut names: Vec<String> = files()
        .iter()
        .filter_map(|path| {
            path.strip_prefix(root()).unwrap().components().next().map(|first| first.as_os_str().to_string_lossy().into_owned())
        })
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names, ["Cargo.lock", "Cargo.toml", "LICENSE", "Makefile", "README.md", "app", "end2end", "frontend", "server", "style"]);
}

#[test]
fn source_files_stay_small() {
    for path in
        files().iter().filter(|path| path.extension().is_some_and(|end| ["rs", "py", "ts", "mjs", "js", "css"].iter().any(|e| end == *e)))
    {
        let lines = std::fs::read_to_string(path).unwrap().lines().count();
        assert!(lines <= FILE_LINES_MAX, "{} has {lines} lines", path.display());
    }
}
