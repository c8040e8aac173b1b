//! The root directory of an instance that is made of an image: the image's files, and over them a layer in memory that takes what is written.
//!
//! It is mounted by the instance's first process, before that becomes the sandbox's, in a mount namespace of its own: nothing of it is left
//! when the instance has ended, whoever ended it, and the image's files are the same for all instances.

use nix::libc;
use std::{
    ffi::{CStr, CString},
    io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    ptr,
};
use tokio::process::Command;

/// Where the mounted root lies below the mount point.
const ROOT: &str = "root";

/// What is mounted, laid out before the fork.
#[derive(Debug)]
pub(crate) struct Mounts {
    point: CString,
    /// Options of the layer in memory.
    memory: CString,
    upper: CString,
    work: CString,
    root: CString,
    /// Options of the overlay.
    overlay: CString,
    passwd: CString,
    /// The line of the instance's user for `/etc/passwd`.
    entry: Vec<u8>,
}

/// The mounted root of an image's instance, as its first process sees it.
pub(crate) fn root_below(point: &Path) -> PathBuf {
    point.join(ROOT)
}

/// Why an image that lies there can't be mounted; `None` when it can. Options of a mount are parted by these characters.
pub(crate) fn problem_of(dir: &Path) -> Option<String> {
    let bytes = dir.as_os_str().as_bytes();
    bytes.iter().any(|byte| b":,\\".contains(byte)).then(|| format!("the path {} has a colon, a comma or a backslash in it", dir.display()))
}

impl Mounts {
    /// The files below `image`, with room for so many bytes over them, at an empty directory `point` that all instances share: each sees
    /// its own. Errors: a path has a zero byte.
    pub(crate) fn new(image: &Path, point: &Path, bytes: u64, user: u32) -> io::Result<Self> {
        let c_path = |path: PathBuf| CString::new(path.into_os_string().into_encoded_bytes());
        let (upper, work, root) = (point.join("upper"), point.join("work"), root_below(point));
        let options = [("lowerdir=", image), (",upperdir=", &upper), (",workdir=", &work)];
        let mut overlay = Vec::new();
        for (name, path) in options {
            overlay.extend_from_slice(name.as_bytes());
            overlay.extend_from_slice(path.as_os_str().as_bytes());
        }
        Ok(Self {
            point: c_path(point.to_owned())?,
            memory: CString::new(format!("size={bytes},mode=755"))?,
            passwd: c_path(root.join("etc/passwd"))?,
            upper: c_path(upper)?,
            work: c_path(work)?,
            root: c_path(root)?,
            overlay: CString::new(overlay)?,
            entry: format!("fc:x:{user}:{user}:fc:/tmp:/bin/sh\n").into_bytes(),
        })
    }

    /// Lets the command's process mount the root before it becomes the program.
    pub(crate) fn apply(self, command: &mut Command) {
        #[expect(unsafe_code, reason = "code between fork and exec: it makes system calls only and allocates nothing")]
        // SAFETY: see `mount`.
        unsafe {
            command.pre_exec(move || self.mount());
        }
    }

    #[expect(unsafe_code, reason = "code between fork and exec: it makes system calls only and allocates nothing")]
    fn mount(&self) -> io::Result<()> {
        // SAFETY: plain system calls on texts that were laid out before the fork; nothing allocates or locks. The process has one thread,
        // and its new namespace is its own.
        unsafe {
            check(libc::unshare(libc::CLONE_NEWNS))?;
            // What is mounted here is not to be seen outside.
            check(libc::mount(ptr::null(), c"/".as_ptr(), ptr::null(), libc::MS_REC | libc::MS_PRIVATE, ptr::null()))?;
            attach(c"tmpfs", &self.point, &self.memory)?;
            libc::umask(0);
            check(libc::mkdir(self.upper.as_ptr(), 0o777))?;
            check(libc::mkdir(self.work.as_ptr(), 0o700))?;
            check(libc::mkdir(self.root.as_ptr(), 0o755))?;
            libc::umask(0o022);
            attach(c"overlay", &self.root, &self.overlay)?;
            // Some programs end when their user has no name. An image without the file does without.
            let passwd = libc::open(self.passwd.as_ptr(), libc::O_WRONLY | libc::O_APPEND | libc::O_NOFOLLOW | libc::O_CLOEXEC);
            libc::write(passwd, self.entry.as_ptr().cast(), self.entry.len());
            libc::close(passwd);
        }
        Ok(())
    }
}

/// Mounts a new file system.
///
/// # Safety
/// To be called between fork and exec.
#[expect(unsafe_code, reason = "code between fork and exec: it makes system calls only and allocates nothing")]
unsafe fn attach(kind: &CStr, at: &CStr, options: &CStr) -> io::Result<()> {
    let flags = libc::MS_NOSUID | libc::MS_NODEV;
    // SAFETY: a plain system call on texts that the caller keeps.
    check(unsafe { libc::mount(kind.as_ptr(), at.as_ptr(), kind.as_ptr(), flags, options.as_ptr().cast()) })
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i4_1_paths_that_would_be_read_as_options_are_refused() {
        assert_eq!(problem_of(Path::new("/var/lib/taskyard/images")), None);
        for path in ["/data:1", "/a,upperdir=b", "/a\\b"] {
            assert!(problem_of(Path::new(path)).is_some(), "{path}");
        }
    }

    #[test]
    fn i4_1_the_layer_has_the_size_of_the_disk_and_the_user_a_name() {
        let mounts = Mounts::new(Path::new("/images/x/root"), Path::new("/data/point"), 512 << 20, 1_234).unwrap();
        assert_eq!(mounts.memory.to_str().unwrap(), "size=536870912,mode=755");
        assert_eq!(mounts.overlay.to_str().unwrap(), "lowerdir=/images/x/root,upperdir=/data/point/upper,workdir=/data/point/work");
        assert!(mounts.entry.starts_with(b"fc:x:1234:1234:"));
    }
}
