//! The command line of bubblewrap: what a function sees, and as whom.

use super::{
    enter::{self, Enter},
    etc,
};
use nix::unistd::Uid;
use std::{
    ffi::{OsStr, OsString},
    fs, io,
    os::fd::{AsRawFd, OwnedFd, RawFd},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// Where the function's code lies for the function (`fc-api.md` 5.8).
const CODE: &str = "/code";
/// Where the function's layers lie for the function (`fc-api.md` 5.8).
const OPT: &str = "/opt";
/// Where the runtimes' bootstrap files lie for the function.
const BOOTSTRAP: &str = "/run/taskyard";
/// Bytes of shared memory by name, as container engines have it.
const SHM_BYTES: u64 = 64 << 20;

/// Users of instances: a range that no distribution hands out (systemd's list of ranges ends below it), and one for user namespaces
/// that map only the usual 65,536.
const USER_RANGES: [(u32, u32); 2] = [(1_900_000_000, 1 << 16), (30_000, 20_000)];

/// Paths as the function knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Places {
    pub(crate) code: PathBuf,
    pub(crate) bootstrap: PathBuf,
    pub(crate) tmp: PathBuf,
    /// The layers; `None` without any.
    pub(crate) opt: Option<PathBuf>,
}

impl Places {
    /// Those inside the sandbox.
    pub(crate) fn inside() -> Self {
        Self { code: CODE.into(), bootstrap: BOOTSTRAP.into(), tmp: "/tmp".into(), opt: Some(OPT.into()) }
    }
}

/// What an instance's sandbox is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) code: &'a Path,
    pub(crate) bootstrap: &'a Path,
    pub(crate) opt: Option<&'a Path>,
    /// Directory of the interpreter, when it lies outside the system's.
    pub(crate) home: &'a Path,
    pub(crate) disk_bytes: u64,
    pub(crate) internet: bool,
    /// A descriptor to read a byte from before the command is started.
    pub(crate) hold: Option<RawFd>,
    /// The program that takes the user (`enter.rs`), where there are users.
    pub(crate) enter: Option<RawFd>,
    /// Variables that are set when the user has been taken.
    pub(crate) late: &'a [(OsString, OsString)],
}

/// What the sandbox of an image's instance is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ImageView<'a> {
    /// The mounted root (`root.rs`).
    pub(crate) root: &'a Path,
    pub(crate) user: u32,
    /// Where the program starts, as it sees it.
    pub(crate) dir: &'a Path,
    pub(crate) internet: bool,
    /// As those of [`View`].
    pub(crate) hold: Option<RawFd>,
    pub(crate) enter: RawFd,
    pub(crate) late: &'a [(OsString, OsString)],
}

/// True for variables that change what a program loads: a function's own may not reach bubblewrap, which is root. The rest of those that the C
/// library keeps from programs with more rights than their caller is with them.
pub(crate) fn changes_programs(name: &OsStr) -> bool {
    const NAMES: [&str; 10] =
        ["GCONV_PATH", "GLIBC_TUNABLES", "HOSTALIASES", "LANG", "LANGUAGE", "LOCPATH", "MALLOC_TRACE", "NLSPATH", "RES_OPTIONS", "TZDIR"];
    let name = name.to_string_lossy();
    name.starts_with("LD_") || name.starts_with("LC_") || NAMES.contains(&&*name)
}

/// Users that instances get in turn.
#[derive(Debug)]
pub(crate) struct Users {
    enter: Enter,
    range: (u32, u32),
    taken: AtomicU32,
}

impl Users {
    /// `dir` is for what that needs. Errors: why this process can't give instances a user of their own.
    pub(crate) fn new(dir: &Path, owner: &str) -> Result<Self, String> {
        let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
        let Some(range) = USER_RANGES.into_iter().find(|range| maps(&map, *range)) else {
            return Err("this user namespace has no users to give away".to_owned());
        };
        let enter = Enter::new(dir).map_err(|error| format!("no file for the program that takes a user: {error}"))?;
        // Servers on one machine begin at different places.
        let taken = owner.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
        Ok(Self { enter, range, taken: AtomicU32::new(taken) })
    }

    pub(super) fn next(&self) -> u32 {
        let (first, count) = self.range;
        first + self.taken.fetch_add(1, Ordering::Relaxed) % count
    }
}

/// True when a user namespace with this map has all users of the range.
fn maps(map: &str, (first, count): (u32, u32)) -> bool {
    map.lines().any(|line| {
        let mut numbers = line.split_ascii_whitespace().filter_map(|word| word.parse::<u64>().ok());
        let (Some(inside), Some(_), Some(length)) = (numbers.next(), numbers.next(), numbers.next()) else {
            return false;
        };
        inside <= u64::from(first) && u64::from(first) + u64::from(count) <= inside + length
    })
}

/// How sandboxes are made here.
#[derive(Debug)]
pub(crate) struct Sandbox {
    pub(crate) program: PathBuf,
    /// The kernel lets us have a namespace of processes with its own `/proc`.
    pub(crate) processes: bool,
    /// The kernel lets us have a namespace without network.
    pub(crate) network: bool,
    /// Users of their own, for a server that is root.
    pub(crate) users: Option<Users>,
    /// The copy that is shown as `/etc`.
    pub(crate) etc: PathBuf,
    /// Never to be seen, even below a directory that is.
    pub(crate) data_dir: PathBuf,
}

impl Sandbox {
    /// The program that takes an instance's user, for one sandbox; `None` where there are no users.
    pub(super) fn entrance(&self) -> io::Result<Option<OwnedFd>> {
        self.users.as_ref().map(|users| users.enter.open()).transpose()
    }

    /// Arguments that run a command in a sandbox; the descriptors hold programs that filter its system calls.
    pub(crate) fn args(&self, view: &View<'_>, filters: &[OwnedFd], command: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
        let mut args = self.namespaces(view.internet);
        self.add_files(&mut args, view);
        args.guard(view.hold, filters);
        match self.users.as_ref().zip(view.enter) {
            Some((users, descriptor)) => args.run_as(users.next(), descriptor, command, view.late),
            None => {
                args.add(["--"]);
                args.add(command);
            }
        }
        args.0
    }

    /// The same for the instance of an image; its directories are there (`images`).
    pub(crate) fn args_of_image(
        &self,
        view: &ImageView<'_>,
        filters: &[OwnedFd],
        command: impl IntoIterator<Item = OsString>,
    ) -> Vec<OsString> {
        let mut args = self.namespaces(view.internet);
        args.bind("--bind", view.root, "/");
        args.add(["--proc", "/proc", "--dev", "/dev"]);
        args.tmpfs("/dev/shm", SHM_BYTES);
        for name in etc::LIVE {
            let path = Path::new("/etc").join(name);
            args.bind("--ro-bind-try", &path, &path);
        }
        args.add([OsStr::new("--remount-ro"), OsStr::new("/dev"), OsStr::new("--chdir"), view.dir.as_os_str()]);
        args.guard(view.hold, filters);
        args.run_as(view.user, view.enter, command, view.late);
        args.0
    }

    /// The beginning of the arguments: namespaces, and what this process has given up.
    fn namespaces(&self, internet: bool) -> Args {
        let mut args = Args::default();
        args.add(["--die-with-parent", "--unshare-ipc", "--unshare-uts", "--hostname", "fc", "--unshare-cgroup-try"]);
        if self.processes {
            args.add(["--unshare-pid"]);
        }
        if self.network && !internet {
            args.add(["--unshare-net"]);
        }
        if !Uid::effective().is_root() {
            args.add(["--unshare-user"]);
        } else {
            args.add(["--cap-drop", "ALL"]);
        }
        args
    }

    fn add_files(&self, args: &mut Args, view: &View<'_>) {
        args.bind("--ro-bind", "/usr", "/usr");
        for top in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] {
            match fs::read_link(top) {
                Ok(target) => args.add([OsStr::new("--symlink"), target.as_os_str(), OsStr::new(top)]),
                Err(_) => args.bind("--ro-bind-try", top, top),
            }
        }
        args.bind("--ro-bind", &self.etc, "/etc");
        for name in etc::LIVE {
            let path = Path::new("/etc").join(name);
            args.bind("--ro-bind-try", &path, &path);
        }
        match self.processes {
            true => args.add(["--proc", "/proc"]),
            false => args.bind("--ro-bind", "/proc", "/proc"),
        }
        args.add(["--dev", "/dev"]);
        args.tmpfs("/dev/shm", SHM_BYTES);
        args.tmpfs("/tmp", view.disk_bytes);
        if let Some(opt) = view.opt {
            self.add_layers(args, opt, self.home(view.home));
        }
        if let Some(home) = self.home(view.home) {
            for dir in home.ancestors().skip(1).filter(|dir| dir.parent().is_some()).collect::<Vec<_>>().into_iter().rev() {
                args.make_dir(dir);
            }
            args.bind("--ro-bind", home, home);
        }
        if let Ok(covered) = self.data_dir.strip_prefix("/usr")
            && !covered.as_os_str().is_empty()
        {
            args.add([OsStr::new("--tmpfs"), self.data_dir.as_os_str()]);
        }
        args.make_dir("/run".as_ref());
        args.bind("--ro-bind", view.bootstrap, BOOTSTRAP);
        args.bind("--ro-bind", view.code, CODE);
        // What lies in them is mounted by itself and stays as it is.
        args.add(["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", CODE]);
    }

    /// The layers at `/opt`, beside the interpreter if that lies there.
    fn add_layers(&self, args: &mut Args, opt: &Path, home: Option<&Path>) {
        let beside = home.and_then(|home| home.strip_prefix(OPT).ok()).and_then(|rest| rest.components().next());
        let Some(beside) = beside else { return args.bind("--ro-bind", opt, OPT) };
        args.make_dir(OPT.as_ref());
        for entry in fs::read_dir(opt).into_iter().flatten().flatten().filter(|entry| entry.file_name() != beside.as_os_str()) {
            let at = Path::new(OPT).join(entry.file_name());
            match fs::read_link(entry.path()) {
                Ok(target) => args.add([OsStr::new("--symlink"), target.as_os_str(), at.as_os_str()]),
                Err(_) => args.bind("--ro-bind", entry.path(), at),
            }
        }
    }

    /// The interpreter's directory when it has to be shown; never a whole `/root` or `/home`, never what has the data directory in it.
    fn home<'a>(&self, home: &'a Path) -> Option<&'a Path> {
        let is_deep = home.is_absolute() && home.components().count() > 2;
        (is_deep && !home.starts_with("/usr") && !self.data_dir.starts_with(home)).then_some(home)
    }
}

#[derive(Default)]
struct Args(Vec<OsString>);

impl Args {
    fn add(&mut self, words: impl IntoIterator<Item = impl Into<OsString>>) {
        self.0.extend(words.into_iter().map(Into::into));
    }

    fn bind(&mut self, how: &str, from: impl AsRef<Path>, to: impl AsRef<Path>) {
        self.add([OsStr::new(how), from.as_ref().as_os_str(), to.as_ref().as_os_str()]);
    }

    /// A directory that every user may pass; those that bubblewrap makes on the way are for its own only.
    fn make_dir(&mut self, dir: &Path) {
        self.add([OsStr::new("--perms"), OsStr::new("0755"), OsStr::new("--dir"), dir.as_os_str()]);
    }

    /// What the sandbox waits for before it starts its command, and the filters of that one's system calls.
    fn guard(&mut self, hold: Option<RawFd>, filters: &[OwnedFd]) {
        if let Some(descriptor) = hold {
            self.add(["--block-fd", &descriptor.to_string()]);
        }
        for filter in filters {
            self.add(["--add-seccomp-fd", &filter.as_raw_fd().to_string()]);
        }
    }

    /// The end of the sandbox's own arguments, and the program that becomes the user and sets variables before it becomes the command.
    fn run_as(&mut self, user: u32, descriptor: RawFd, command: impl IntoIterator<Item = OsString>, late: &[(OsString, OsString)]) {
        for capability in ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"] {
            self.add(["--cap-add", capability]);
        }
        self.add(["--"]);
        self.add(enter::words(descriptor, user, late.len()));
        self.add(command);
        self.add(late.iter().map(|(name, value)| [name.as_os_str(), OsStr::new("="), value].into_iter().collect::<OsString>()));
    }

    fn tmpfs(&mut self, dir: &str, bytes: u64) {
        self.add(["--perms", "1777", "--size", &bytes.to_string(), "--tmpfs", dir]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_fit_the_namespace() {
        let check = |map: &str, expected: [bool; 2]| assert_eq!(USER_RANGES.map(|range| maps(map, range)), expected, "{map}");
        check("         0          0 4294967295\n", [true, true]);
        check("0 100000 65536\n", [false, true]);
        check("0 1000 1\n", [false, false]);
        check("", [false, false]);
    }

    #[test]
    fn the_interpreters_directory_shows_no_more_than_itself() {
        let sandbox = Sandbox {
            program: "bwrap".into(),
            processes: true,
            network: true,
            users: None,
            etc: "/srv/taskyard/data/runtime/etc".into(),
            data_dir: "/srv/taskyard/data".into(),
        };
        let check = |home: &str, shown: bool| assert_eq!(sandbox.home(Path::new(home)).is_some(), shown, "{home}");
        check("/root/.pyenv/versions/3.11.7", true);
        check("/opt/node", true);
        check("/usr/local", false);
        check("/root", false);
        check("/", false);
        check("", false);
        check("/srv/taskyard", false);
    }
}
