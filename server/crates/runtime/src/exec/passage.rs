//! The way into an instance: how a new process becomes one of its own before it runs anything.
//!
//! All that has to be opened or read is opened and read before the fork. After it there are only system calls: enter the control groups and
//! namespaces, fork once more to be in the namespace of processes, give up user, capabilities and whatever else the instance's main
//! process does not have, load the filters of system calls.

use crate::process::Main;
use nix::{
    libc,
    sched::{CloneFlags, setns},
};
use seccompiler::BpfProgram;
use std::{
    ffi::CString,
    fs::{self, File},
    io,
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
        unix::{ffi::OsStrExt, fs::MetadataExt},
    },
    path::Path,
};

/// Gives the user namespace that a namespace belongs to (`ioctl_ns(2)`); the libraries have no name for it.
const NS_GET_USERNS: libc::c_ulong = 0xb701;
/// The version of `capset(2)` with two words of each set.
const CAPABILITY_VERSION_3: u32 = 0x2008_0522;
/// More than the kernel has capabilities.
const CAPABILITIES: libc::c_ulong = 64;
/// How much likelier than others the kernel takes it when memory is short, as an instance.
const OOM_SCORE: &[u8] = b"500";

/// Limits that a command gets from the instance's main process: as `/proc/<pid>/limits` calls them.
const LIMITS: [(&str, u32); 4] = [
    ("Max core file size", libc::RLIMIT_CORE),
    ("Max open files", libc::RLIMIT_NOFILE),
    ("Max data size", libc::RLIMIT_DATA),
    ("Max processes", libc::RLIMIT_NPROC),
];

/// Everything that is needed to get into an instance.
#[derive(Debug)]
pub(crate) struct Passage {
    /// Namespaces in the order in which they can be entered.
    spaces: Vec<OwnedFd>,
    /// One of them is of processes: only a child is in it.
    forks: bool,
    entrances: Vec<OwnedFd>,
    uid: u32,
    gid: u32,
    limits: Vec<(u32, libc::rlimit)>,
    dir: CString,
    filters: Vec<BpfProgram>,
}

impl Passage {
    /// Opens the way to an instance's main process. Errors: the process has ended; a sandbox is expected and not found.
    pub(crate) fn into_process(
        main: &Main,
        is_sandboxed: bool,
        dir: &Path,
        entrances: Vec<OwnedFd>,
        filters: &[BpfProgram],
    ) -> io::Result<Self> {
        let differs = |name: &str| -> io::Result<bool> {
            Ok(fs::read_link(main.path(&format!("ns/{name}")))? != fs::read_link(format!("/proc/self/ns/{name}"))?)
        };
        let open = |name: &str| File::open(main.path(&format!("ns/{name}")));
        let (mut spaces, mut forks) = (Vec::new(), false);
        if is_sandboxed {
            if !differs("mnt")? {
                return Err(io::Error::other("the instance's sandbox is not where its process is"));
            }
            // A sandbox of an ordinary user lies in one user namespace and runs its program in another one within that.
            let owner = if differs("user")? { Some(owner_of(&open("mnt")?)?) } else { None };
            let own = owner.as_ref().map(|owner| Ok::<_, io::Error>((same(owner)?, open("user")?))).transpose()?;
            spaces.extend(owner.map(OwnedFd::from));
            for name in ["cgroup", "ipc", "uts", "net", "pid", "mnt"] {
                if differs(name)? {
                    spaces.push(open(name)?.into());
                    forks |= name == "pid";
                }
            }
            if let Some((owner, own)) = own
                && same(&own)? != owner
            {
                spaces.push(own.into());
            }
        }
        let status = fs::read_to_string(main.path("status"))?;
        let limits = fs::read_to_string(main.path("limits"))?;
        let id = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|ids| ids.split_ascii_whitespace().next()?.parse::<u32>().ok()).ok_or_else(|| io::Error::other("no user"))
        };
        Ok(Self {
            spaces,
            forks,
            entrances,
            uid: id("Uid:")?,
            gid: id("Gid:")?,
            limits: LIMITS.iter().filter_map(|(name, resource)| Some((*resource, limit_of(&limits, name)?))).collect(),
            dir: CString::new(dir.as_os_str().as_bytes())?,
            filters: filters.to_vec(),
        })
    }

    /// User and group that the command will have.
    pub(crate) fn user(&self) -> (u32, u32) {
        (self.uid, self.gid)
    }

    /// Gets ready for the fork. `told` is where the number of the second process is written, if there is one.
    pub(super) fn prepare(self, told: RawFd, is_terminal: bool) -> io::Result<Enter> {
        let forks = self.forks;
        let server = std::process::id();
        Ok(Enter { forks, passage: self, told, is_terminal, server, arguments: own_arguments()? })
    }
}

/// Device and number of a namespace's file, by which it is known.
fn same(space: &File) -> io::Result<(u64, u64)> {
    let facts = space.metadata()?;
    Ok((facts.dev(), facts.ino()))
}

/// The user namespace that a namespace belongs to.
#[expect(unsafe_code, reason = "the libraries have no call for it")]
fn owner_of(space: &File) -> io::Result<File> {
    // SAFETY: the call takes no argument and gives a new descriptor or -1.
    unsafe {
        let owner = libc::ioctl(space.as_raw_fd(), NS_GET_USERNS);
        if owner < 0 { Err(io::Error::last_os_error()) } else { Ok(File::from_raw_fd(owner)) }
    }
}

/// A limit in `/proc/<pid>/limits`.
fn limit_of(limits: &str, name: &str) -> Option<libc::rlimit> {
    let mut words = limits.lines().find_map(|line| line.strip_prefix(name))?.split_ascii_whitespace();
    let mut number = || match words.next()? {
        "unlimited" => Some(libc::RLIM_INFINITY),
        number => number.parse().ok(),
    };
    Some(libc::rlimit { rlim_cur: number()?, rlim_max: number()? })
}

/// Where this process keeps the arguments that it was started with: address and length.
fn own_arguments() -> io::Result<(usize, usize)> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_ascii_whitespace().collect();
    let number = |index: usize| fields.get(index).and_then(|field| field.parse::<usize>().ok()).unwrap_or(0);
    let (start, end) = (number(45), number(46));
    Ok((start, end.saturating_sub(start)))
}

/// What the new process does to itself.
#[derive(Debug)]
pub(super) struct Enter {
    /// The command runs in a child of the process that is started.
    pub(super) forks: bool,
    passage: Passage,
    told: RawFd,
    is_terminal: bool,
    server: u32,
    arguments: (usize, usize),
}

#[expect(unsafe_code, reason = "code between fork and exec: it makes system calls only and allocates nothing")]
impl Enter {
    /// To be called between fork and exec.
    pub(super) fn run(&self) -> io::Result<()> {
        let passage = &self.passage;
        // SAFETY: everything below is a plain system call on numbers, on memory that was laid out before the fork or on the stack, and
        // nothing allocates or locks. The process is alone in its copy of the memory: writing over the arguments changes nobody else's.
        unsafe {
            // The instance's processes may have the same user, and must not look into what is still a copy of the server. What they might
            // see even so is how the server was started, perhaps with the password of its database.
            set(libc::PR_SET_DUMPABLE, 0)?;
            std::ptr::write_bytes(self.arguments.0 as *mut u8, 0, self.arguments.1);
            check(libc::close_range(3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC as libc::c_int)).ok();
            if libc::getppid() as u32 != self.server {
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
            let score = libc::open(c"/proc/self/oom_score_adj".as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
            libc::write(score, OOM_SCORE.as_ptr().cast(), OOM_SCORE.len());
            libc::close(score);
            for entrance in &passage.entrances {
                if libc::write(entrance.as_raw_fd(), c"0".as_ptr().cast(), 1) != 1 {
                    return Err(io::Error::last_os_error());
                }
            }
            for (resource, limit) in &passage.limits {
                check(libc::setrlimit(*resource, limit))?;
            }
            for space in &passage.spaces {
                setns(space, CloneFlags::empty())?;
            }
            if self.forks {
                self.fork()?;
            }
            check(libc::chdir(passage.dir.as_ptr()))?;
            check(libc::setsid())?;
            if self.is_terminal {
                check(libc::ioctl(0, libc::TIOCSCTTY, 0))?;
            }
            // What detaches from the command stays a descendant of it.
            set(libc::PR_SET_CHILD_SUBREAPER, 1)?;
            self.give_up()?;
            // Changing the user has undone an earlier one.
            set(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong)?;
            set(libc::PR_SET_NO_NEW_PRIVS, 1)?;
            for filter in &passage.filters {
                seccompiler::apply_filter(filter).map_err(|_| io::Error::from_raw_os_error(libc::EACCES))?;
            }
        }
        Ok(())
    }

    /// Goes on in a child that has the same parent; this process ends.
    ///
    /// # Safety
    /// To be called between fork and exec.
    unsafe fn fork(&self) -> io::Result<()> {
        // SAFETY: a fork without a new stack; the child goes on here with a copy of everything.
        unsafe {
            let flags = (libc::CLONE_PARENT | libc::SIGCHLD) as libc::c_ulong;
            let child = libc::syscall(libc::SYS_clone, flags, 0_usize, 0_usize, 0_usize, 0_usize);
            if child < 0 {
                return Err(io::Error::last_os_error());
            }
            if child > 0 {
                let number = (child as i32).to_ne_bytes();
                libc::write(self.told, number.as_ptr().cast(), number.len());
                libc::_exit(0);
            }
        }
        Ok(())
    }

    /// Gives up user, groups and capabilities.
    ///
    /// # Safety
    /// To be called between fork and exec.
    unsafe fn give_up(&self) -> io::Result<()> {
        // SAFETY: system calls on numbers and on arrays on the stack. Not the library's own functions, which would have other threads follow.
        unsafe {
            for capability in 0..CAPABILITIES {
                if set(libc::PR_CAPBSET_DROP, capability).is_err() {
                    break; // the last one was the one before, or there is nothing to give up
                }
            }
            if libc::geteuid() == 0 {
                check_long(libc::syscall(libc::SYS_setgroups, 0_usize, std::ptr::null::<u32>()))?;
                let (uid, gid) = (self.passage.uid, self.passage.gid);
                check_long(libc::syscall(libc::SYS_setresgid, gid, gid, gid))?;
                check_long(libc::syscall(libc::SYS_setresuid, uid, uid, uid))?;
            }
            set(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL as libc::c_ulong)?;
            let header = [CAPABILITY_VERSION_3, 0];
            let none = [0_u32; 6];
            check_long(libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()))
        }
    }
}

/// `prctl` with one argument.
///
/// # Safety
/// As the option's own.
#[expect(unsafe_code, reason = "the library's call takes anything")]
unsafe fn set(option: libc::c_int, value: libc::c_ulong) -> io::Result<()> {
    let none: libc::c_ulong = 0;
    // SAFETY: the caller's.
    check(unsafe { libc::prctl(option, value, none, none, none) })
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn check_long(result: libc::c_long) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_as_the_kernel_writes_them() {
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
                    Max open files            100                  200                  files     \n\
                    Max data size             unlimited            unlimited            bytes     \n";
        let limit = |name: &str| limit_of(text, name).map(|limit| (limit.rlim_cur, limit.rlim_max));
        assert_eq!(limit("Max open files"), Some((100, 200)));
        assert_eq!(limit("Max data size"), Some((libc::RLIM_INFINITY, libc::RLIM_INFINITY)));
        assert_eq!(limit("Max processes"), None);
    }

    #[test]
    fn the_arguments_lie_where_the_kernel_says() {
        let shown = fs::read("/proc/self/cmdline").unwrap();
        assert_eq!(own_arguments().unwrap().1, shown.len());
    }
}
