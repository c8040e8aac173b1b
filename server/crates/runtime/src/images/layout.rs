//! What the unpacked files of an image have to be like before instances see them.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Component, Path},
};

/// Directories that something is mounted at, or that every program expects.
const DIRS: [&str; 5] = ["dev", "proc", "run", "tmp", "etc"];
/// Files that the machine's are mounted over.
const FILES: [&str; 2] = ["etc/hosts", "etc/resolv.conf"];

/// Opens the files to every user, removes what is neither file nor directory nor link, and makes what the sandbox needs. Nothing of what is
/// made here is a link: a mount would follow it out of the image.
pub(crate) fn lay_out(root: &Path) -> io::Result<()> {
    for dir in DIRS {
        let path = root.join(dir);
        let found = fs::symlink_metadata(&path);
        if found.as_ref().is_ok_and(|found| !found.is_dir()) {
            fs::remove_file(&path)?;
        }
        if !found.is_ok_and(|found| found.is_dir()) {
            fs::create_dir(&path)?;
        }
    }
    for file in FILES {
        replace(&root.join(file), b"")?;
    }
    disarm(root)?;
    open_up(root)
}

/// Takes from an image what would reach into a program that is root in it: libraries that are loaded into every program, other ways to look
/// users up, and users with a number for a name. A second guard: the only such program loads nothing and looks nothing up (`enter/main.rs`).
fn disarm(root: &Path) -> io::Result<()> {
    let replaced = [("etc/ld.so.preload", ""), ("etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n")];
    for (name, text) in replaced {
        replace(&root.join(name), text.as_bytes())?;
    }
    for name in ["etc/passwd", "etc/group"] {
        let path = root.join(name);
        let is_file = fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        let text = if is_file { fs::read(&path)? } else { Vec::new() };
        let is_kept = |line: &&[u8]| line.first().is_some_and(|first| !first.is_ascii_digit() && *first != b'+' && *first != b'-');
        // Whole lines: that of an instance's user is added to the end.
        let kept: Vec<u8> = text.split(|byte| *byte == b'\n').filter(is_kept).flat_map(|line| [line, b"\n"].concat()).collect();
        replace(&path, &kept)?;
    }
    Ok(())
}

/// Puts a file there, whatever was there.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path)?,
        Ok(_) => fs::remove_file(path)?,
        Err(_) => {}
    }
    fs::write(path, text)
}

/// Makes the directory in which the image's program starts, where it is not there and no link is on the way.
pub(crate) fn add_dir(root: &Path, dir: &Path) -> io::Result<()> {
    let mut path = root.to_owned();
    for component in dir.components() {
        match component {
            Component::RootDir => continue,
            Component::Normal(name) => path.push(name),
            _ => return Ok(()),
        }
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Ok(()),
            Err(_) => {
                fs::create_dir(&path)?;
                fs::set_permissions(&path, Permissions::from_mode(0o777))?;
            }
        }
    }
    Ok(())
}

fn open_up(dir: &Path) -> io::Result<()> {
    fs::set_permissions(dir, Permissions::from_mode(0o777))?;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            open_up(&entry.path())?;
        } else if kind.is_file() {
            let mode = entry.metadata()?.permissions().mode() & 0o777;
            let runs = if mode & 0o111 == 0 { 0 } else { 0o111 };
            fs::set_permissions(entry.path(), Permissions::from_mode(mode | 0o666 | runs))?;
        } else if !kind.is_symlink() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn i4_1_an_image_is_open_to_every_user_and_nothing_leads_out_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let (root, outside) = (dir.path().join("root"), dir.path().join("outside"));
        for made in ["root/etc", "root/app", "outside"] {
            fs::create_dir_all(dir.path().join(made)).unwrap();
        }
        fs::write(root.join("app/run"), "x").unwrap();
        fs::set_permissions(root.join("app/run"), Permissions::from_mode(0o4_750)).unwrap();
        fs::write(root.join("app/data"), "x").unwrap();
        fs::set_permissions(root.join("app/data"), Permissions::from_mode(0o600)).unwrap();
        fs::write(outside.join("file"), "kept").unwrap();
        symlink(outside.join("file"), root.join("etc/resolv.conf")).unwrap();
        symlink(&outside, root.join("run")).unwrap();
        nix::unistd::mkfifo(&root.join("app/pipe"), nix::sys::stat::Mode::S_IRUSR).unwrap();
        fs::write(root.join("etc/passwd"), "root:x:0:0\n1900000001:x:0:0\n\napp:x:1:1").unwrap();
        fs::write(root.join("etc/ld.so.preload"), "/app/run").unwrap();
        symlink(outside.join("file"), root.join("etc/nsswitch.conf")).unwrap();
        lay_out(&root).unwrap();
        assert_eq!(fs::read_to_string(root.join("etc/passwd")).unwrap(), "root:x:0:0\napp:x:1:1\n", "no number is a name");
        assert_eq!(fs::read_to_string(root.join("etc/ld.so.preload")).unwrap(), "");
        assert!(fs::read_to_string(root.join("etc/nsswitch.conf")).unwrap().starts_with("passwd: files\n"));
        let mode = |path: &str| fs::symlink_metadata(root.join(path)).unwrap().permissions().mode() & 0o7_777;
        assert_eq!((mode("app"), mode("app/run"), mode("app/data"), mode("tmp")), (0o777, 0o777, 0o666, 0o777));
        assert!(fs::symlink_metadata(root.join("run")).unwrap().is_dir());
        assert!(fs::symlink_metadata(root.join("etc/resolv.conf")).unwrap().is_file());
        assert!(!root.join("app/pipe").exists());
        assert_eq!(fs::read_to_string(outside.join("file")).unwrap(), "kept");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
        lay_out(&root).unwrap();
    }

    #[test]
    fn i4_1_the_directory_of_the_program_is_made_inside_only() {
        let dir = tempfile::tempdir().unwrap();
        symlink("/tmp", dir.path().join("link")).unwrap();
        add_dir(dir.path(), "/srv/app".as_ref()).unwrap();
        add_dir(dir.path(), "/link/taskyard-never".as_ref()).unwrap();
        add_dir(dir.path(), "/../taskyard-never".as_ref()).unwrap();
        assert!(dir.path().join("srv/app").is_dir());
        assert!(!Path::new("/tmp/taskyard-never").exists() && !dir.path().join("../taskyard-never").exists());
    }
}
