//! The program with which a sandbox begins when the server is root (`enter/main.rs`): it lies in this one and is handed over as an open file, so
//! that no sandbox needs a place for it.

use nix::{
    fcntl::{FcntlArg, SealFlag, fcntl},
    sys::memfd::{MFdFlags, memfd_create},
};
use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Write},
    os::{
        fd::{OwnedFd, RawFd},
        unix::fs::PermissionsExt,
    },
    path::Path,
};

/// What the compiler has made of it.
pub(super) const PROGRAM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/enter"));
/// `MFD_EXEC`, by which a file in memory may be run where the system's rule is that it may not; before Linux 6.3 there is no such rule.
const EXECUTABLE: MFdFlags = MFdFlags::from_bits_retain(0x10);

/// The program as an open file, which nobody can change.
#[derive(Debug)]
pub(crate) struct Enter(OwnedFd);

impl Enter {
    /// A file in memory, or one in this directory where the system runs none from there. Errors: the kernel's.
    pub(crate) fn new(dir: &Path) -> io::Result<Self> {
        Self::in_memory().or_else(|_| Self::in_file(&dir.join("enter")))
    }

    fn in_memory() -> io::Result<Self> {
        let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
        let made = memfd_create(c"taskyard-enter", flags | EXECUTABLE).or_else(|_| memfd_create(c"taskyard-enter", flags))?;
        let mut file = File::from(made);
        file.write_all(PROGRAM)?;
        let seals = SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SEAL;
        fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
        Ok(Self(file.into()))
    }

    fn in_file(path: &Path) -> io::Result<Self> {
        fs::write(path, PROGRAM)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        Ok(Self(File::open(path)?.into()))
    }

    /// A descriptor for one sandbox; the program closes it.
    pub(super) fn open(&self) -> io::Result<OwnedFd> {
        self.0.try_clone()
    }
}

/// The words that start the program from such a descriptor, as this user; the command follows, and then so many variables.
pub(super) fn words(descriptor: RawFd, user: u32, variables: usize) -> [OsString; 4] {
    let path = format!("/proc/self/fd/{descriptor}");
    [path.into(), descriptor.to_string().into(), user.to_string().into(), variables.to_string().into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        os::{fd::AsRawFd, unix::process::ExitStatusExt},
        process::{Command, Output},
    };

    /// Runs the program with these words behind the number of its descriptor.
    fn run(words: &[&str], path: Option<&str>) -> Output {
        run_from(&Enter::in_memory().unwrap(), words, path)
    }

    fn run_from(enter: &Enter, words: &[&str], path: Option<&str>) -> Output {
        let descriptor = enter.open().unwrap();
        let mut command = Command::new(format!("/proc/self/fd/{}", descriptor.as_raw_fd()));
        command.arg(descriptor.as_raw_fd().to_string()).args(words).env_clear().env("GIVEN", "kept").envs(path.map(|path| ("PATH", path)));
        let mut command = tokio::process::Command::from(command);
        crate::process::inherit(&mut command, std::slice::from_ref(&descriptor));
        command.into_std().output().unwrap()
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    #[test]
    fn nobody_can_change_it_and_it_runs_from_a_file_as_well() {
        let root = tempfile::tempdir().unwrap();
        for enter in [Enter::new(root.path()).unwrap(), Enter::in_file(&root.path().join("file")).unwrap()] {
            File::from(enter.open().unwrap()).write_all(b"x").unwrap_err();
            assert_eq!(run_from(&enter, &[], None).status.code(), Some(125));
        }
        assert!(!root.path().join("enter").exists(), "it needs none here");
    }

    #[test]
    fn the_user_is_taken_with_all_rights_gone_and_the_variables_are_set() {
        if !nix::unistd::Uid::effective().is_root() {
            return; // only root has a user to give away
        }
        let script =
            "grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs)' /proc/self/status; ls -l /proc/self/fd | grep -c taskyard; env | sort; echo $0 $1";
        let output =
            run(&["1900000007", "2", "/bin/sh", "-c", script, "name", "word", "LD_LIBRARY_PATH=/a:/b", "LANG="], Some("/usr/bin:/bin"));
        let seen = text(&output.stdout).split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        let user = "1900000007 1900000007 1900000007 1900000007";
        let none = "0000000000000000";
        let expected = format!(
            "Uid: {user} Gid: {user} Groups: CapInh: {none} CapPrm: {none} CapEff: {none} CapBnd: {none} CapAmb: {none} NoNewPrivs: 1 \
             0 GIVEN=kept LANG= LD_LIBRARY_PATH=/a:/b PATH=/usr/bin:/bin PWD="
        );
        assert!(seen.starts_with(&expected) && seen.ends_with(" name word"), "{seen}\n{}", text(&output.stderr));
    }

    #[test]
    fn it_finds_programs_as_a_shell_does() {
        if !nix::unistd::Uid::effective().is_root() {
            return; // only root has a user to give away
        }
        let root = tempfile::tempdir().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for (name, mode) in [("one/hidden", 0o600), ("two/plain", 0o755), ("two/hidden", 0o755)] {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "echo $0 $1 $GIVEN\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        let at = |name: &str| root.path().join(name).display().to_string();
        let path = format!("/no/such:{}:{}:/usr/bin:/bin", at("one"), at("two"));
        let check = |program: &str, code: i32, said: &str| {
            let output = run(&["1900000007", "0", program, "word"], Some(&path));
            let told = format!("{}{}", text(&output.stdout), text(&output.stderr));
            assert_eq!((output.status.code(), told.trim_end()), (Some(code), said), "{program}");
        };
        check("plain", 0, &format!("{} word kept", at("two/plain")));
        check("hidden", 0, &format!("{} word kept", at("two/hidden")));
        check(&at("two/plain"), 0, &format!("{} word kept", at("two/plain")));
        check("nothere", 127, "nothere: not found");
        check("/nothere/at/all", 127, "/nothere/at/all: not found");
        check(&at("one/hidden"), 126, &format!("{}: permission denied", at("one/hidden")));
        check("", 127, ": not found");
        let output = run(&["1900000007", "0", "echo", "found"], None);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), "found\n".to_owned()), "{}", text(&output.stderr));
    }

    #[test]
    fn what_is_not_whole_runs_nothing() {
        let check = |words: &[&str]| {
            let output = run(words, Some("/usr/bin:/bin"));
            assert_eq!((output.status.code(), output.status.signal(), text(&output.stdout)), (Some(125), None, String::new()), "{words:?}");
        };
        check(&["0"]);
        check(&["", "0", "echo"]);
        check(&["root", "0", "echo"]);
        check(&["1900000007", "-1", "echo"]);
        check(&["1900000007", "1", "A=b"]);
        check(&["1900000007", "2", "echo", "A=b"]);
    }
}
