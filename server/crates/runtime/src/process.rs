//! Starts processes for instances and watches them.

use crate::{
    containment::{Cgroup, Contained, Containment, Request},
    tree,
};
use nix::{
    libc,
    sys::{
        prctl,
        resource::{Resource, getrlimit, setrlimit},
        signal::{Signal, kill, killpg},
    },
    unistd::{Pid, getppid, setsid},
};
use std::{
    ffi::OsString,
    fs, io,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::{fs::FileExt, process::ExitStatusExt},
    },
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{Arc, OnceLock, mpsc},
};
use tokio::{
    process::{ChildStderr, ChildStdout, Command},
    runtime::Handle,
    sync::{oneshot, watch},
};

/// File descriptors that a function may have open (`fc-api.md` 5.4), as far as this process may allow it.
const DESCRIPTORS_MAX: u64 = 100_000;
/// How much likelier than others the kernel takes an instance when memory is short, so that it takes no server.
const OOM_SCORE: &[u8] = b"500";
/// Bytes of a `status` file that are looked at; the peak stands in its first half.
const STATUS_BYTES_MAX: usize = 4_096;
/// Exit codes from here on are those of signals, as the sandbox tells them.
const SIGNAL_CODES: i32 = 128;
/// Processes between the sandbox's first and the function's main one.
const SANDBOX_DEPTH: usize = 2;

/// What to start.
#[derive(Debug)]
pub(crate) struct Launch {
    pub(crate) request: Request,
    /// The whole environment; nothing of the server's is added.
    pub(crate) env: Vec<(OsString, OsString)>,
    /// The instance's end of the control channel, if it has one; open in the process with the same number.
    pub(crate) channel: Option<OwnedFd>,
}

/// A started process and what it writes.
#[derive(Debug)]
pub(crate) struct Spawned {
    pub(crate) process: Process,
    pub(crate) stdout: ChildStdout,
    pub(crate) stderr: ChildStderr,
    pub(crate) cgroup: Option<Arc<Cgroup>>,
}

/// The function's main process, held by its directory in `/proc`: the pid may become another process's, the directory never does.
#[derive(Debug)]
pub(crate) struct Main {
    dir: fs::File,
    /// Its `status`, which is asked for after every request: the kernel writes it anew whenever it is read from its beginning.
    status: OnceLock<Option<fs::File>>,
}

impl Main {
    fn open(pid: i32) -> io::Result<Self> {
        Ok(Self { dir: fs::File::open(format!("/proc/{pid}"))?, status: OnceLock::new() })
    }

    /// The path of one of its files, such as `status`, for this process to open.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        format!("/proc/self/fd/{}/{name}", self.dir.as_raw_fd()).into()
    }

    fn peak_memory_kb(&self) -> u64 {
        let mut text = [0; STATUS_BYTES_MAX];
        let status = self.status.get_or_init(|| fs::File::open(self.path("status")).ok());
        let read = status.as_ref().and_then(|file| file.read_at(&mut text, 0).ok()).unwrap_or(0);
        peak_memory_kb(text.get(..read).unwrap_or_default())
    }
}

/// The first process of an instance, leader of its own process group: the function's main process, or the sandbox's, which ends when
/// the function's does. Dropping it kills the group.
#[derive(Debug)]
pub(crate) struct Process {
    pid: i32,
    is_sandboxed: bool,
    /// The function's main process, once it is known.
    main: Arc<OnceLock<Main>>,
    exit: watch::Receiver<Option<ExitStatus>>,
}

impl Process {
    /// A process that was started elsewhere and leads a group; `exit` will tell its end.
    pub(crate) fn adopted(pid: i32, exit: watch::Receiver<Option<ExitStatus>>) -> Self {
        Self { pid, is_sandboxed: false, main: Arc::default(), exit }
    }

    /// Its pid, which is its group's id too.
    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    /// True when it is the sandbox's: a signal for the function is not for it, and nothing of the instance outlives it.
    pub(crate) fn is_sandboxed(&self) -> bool {
        self.is_sandboxed
    }

    /// A process that is where the function's are, once there is one.
    pub(crate) fn inside(&self) -> Option<i32> {
        if self.is_sandboxed { tree::children(self.pid).first().copied() } else { Some(self.pid) }
    }

    /// Takes note of the function's main process, before that has started others.
    pub(crate) fn find_main(&self) {
        let mut main = self.pid;
        // Without a sandbox its first process is the function's own, whatever that has started by now.
        let depth = if self.is_sandboxed { SANDBOX_DEPTH } else { 0 };
        for _ in 0..depth {
            let [child] = tree::children(main)[..] else { break };
            main = child;
        }
        match Main::open(main) {
            Ok(main) => drop(self.main.set(main)),
            Err(error) => tracing::debug!(process.pid = main, %error, "the main process of an instance has ended"),
        }
    }

    /// The function's main process, as soon as it is known.
    pub(crate) fn main(&self) -> Arc<OnceLock<Main>> {
        Arc::clone(&self.main)
    }

    /// How it ended; `None` while it lives.
    pub(crate) fn ended(&self) -> Option<ExitStatus> {
        *self.exit.borrow()
    }

    /// Waits for its end.
    pub(crate) async fn wait_end(&self) -> Option<ExitStatus> {
        watch_end(self.exit.clone()).await
    }

    /// Tells its end to somebody who does not own it.
    pub(crate) fn exit_watch(&self) -> watch::Receiver<Option<ExitStatus>> {
        self.exit.clone()
    }

    /// Signals the process, unless it has ended.
    pub(crate) fn signal(&self, signal: Signal) {
        self.send(signal, |pid| kill(pid, signal));
    }

    /// Signals its group, unless the process has ended: the id may be another group's then.
    pub(crate) fn signal_group(&self, signal: Signal) {
        self.send(signal, |pid| killpg(pid, signal));
    }

    fn send(&self, signal: Signal, how: impl FnOnce(Pid) -> nix::Result<()>) {
        if self.ended().is_none()
            && let Err(error) = how(Pid::from_raw(self.pid))
            && error != nix::errno::Errno::ESRCH
        {
            tracing::warn!(process.pid = self.pid, %signal, %error, "signal not delivered");
        }
    }

    /// Most memory that the process has had resident, in KB; 0 when it can't be told any more.
    pub(crate) fn peak_memory_kb(&self) -> u64 {
        let Some(main) = self.main.get() else {
            return peak_memory_kb(&fs::read(format!("/proc/{}/status", self.pid)).unwrap_or_default());
        };
        main.peak_memory_kb()
    }
}

/// The peak in the text of a `status` file.
fn peak_memory_kb(status: &[u8]) -> u64 {
    let status = String::from_utf8_lossy(status);
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_ascii_whitespace().next()?.parse().ok()).unwrap_or(0)
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal_group(Signal::SIGKILL);
    }
}

/// Waits until a watched process has ended; `None` when that can't be told any more.
pub(crate) async fn watch_end(mut exit: watch::Receiver<Option<ExitStatus>>) -> Option<ExitStatus> {
    exit.wait_for(Option::is_some).await.map_or(None, |status| *status)
}

/// Starts processes from one thread that lives as long as the executor.
///
/// The kernel kills an instance when the *thread* that started it ends (`PR_SET_PDEATHSIG`), so it must not be one of a pool.
#[derive(Debug, Clone)]
pub(crate) struct Spawner {
    jobs: mpsc::Sender<Job>,
}

#[derive(Debug)]
struct Job {
    launch: Launch,
    runtime: Handle,
    reply: oneshot::Sender<io::Result<Spawned>>,
}

impl Spawner {
    /// Starts the thread.
    pub(crate) fn start(containment: Arc<Containment>) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        std::thread::Builder::new().name("taskyard-spawn".to_owned()).spawn(move || {
            while let Ok(job) = queue.recv() {
                let spawned = spawn(&containment, job.launch, &job.runtime);
                // Nobody waits any more: dropping the process ends it.
                drop(job.reply.send(spawned));
            }
        })?;
        Ok(Self { jobs })
    }

    /// Starts a process. Errors: the kernel's, such as a missing program.
    pub(crate) async fn spawn(&self, launch: Launch) -> io::Result<Spawned> {
        let (reply, answer) = oneshot::channel();
        let gone = || io::Error::other("the thread that starts processes has ended");
        self.jobs.send(Job { launch, runtime: Handle::current(), reply }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

fn spawn(containment: &Containment, mut launch: Launch, runtime: &Handle) -> io::Result<Spawned> {
    let _context = runtime.enter();
    containment.split_env(&mut launch.request, &mut launch.env);
    let mut contained = containment.contain(launch.request)?;
    let mut command = Command::new(&contained.program);
    command.args(&contained.args).env_clear().envs(launch.env).current_dir(&contained.dir);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.kill_on_drop(true);
    restrict(&mut command, &contained)?;
    if let Some(mounts) = contained.mounts.take() {
        mounts.apply(&mut command);
    }
    contained.descriptors.extend(launch.channel);
    inherit(&mut command, &contained.descriptors);
    let entrances = contained.cgroup.as_ref().map_or(Ok(Vec::new()), Cgroup::entrances)?;
    enter(&mut command, &entrances);
    let mut child = command.spawn()?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
    let (Some(pid), Some(stdout), Some(stderr)) = (pid, child.stdout.take(), child.stderr.take()) else {
        return Err(io::Error::other("the process has no pid or no pipes"));
    };
    let (ended, exit) = watch::channel(None);
    let is_sandboxed = contained.is_sandboxed;
    runtime.spawn(async move {
        match child.wait().await {
            Ok(status) => ended.send_replace(Some(if is_sandboxed { of_the_function(status) } else { status })),
            Err(error) => {
                tracing::error!(process.pid = pid, %error, "the end of a process can't be waited for");
                None
            }
        };
    });
    let process = Process { pid, is_sandboxed, main: Arc::default(), exit };
    Ok(Spawned { process, stdout, stderr, cgroup: contained.cgroup.map(Arc::new) })
}

/// How the function's main process ended, from how the sandbox told it.
fn of_the_function(status: ExitStatus) -> ExitStatus {
    let signal = status.code().map_or(0, |code| code - SIGNAL_CODES);
    if (1..=libc::SIGSYS).contains(&signal) { ExitStatus::from_raw(signal) } else { status }
}

/// What the new process does to itself before it becomes the interpreter.
fn restrict(command: &mut Command, contained: &Contained) -> io::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let descriptors = hard.min(DESCRIPTORS_MAX);
    let (data, processes) = (contained.data_bytes_max, contained.processes_max);
    let server = Pid::this();
    let before_exec = move || {
        // A session and a group of its own: with the server's, a function could type into the terminal that the server runs in (TIOCSTI).
        setsid()?;
        prctl::set_pdeathsig(Signal::SIGKILL)?;
        if getppid() != server {
            return Err(io::Error::from(nix::errno::Errno::ESRCH)); // the server ended before the line above
        }
        // What detaches from the instance stays a descendant of it (`tree.rs`).
        prctl::set_child_subreaper(true)?;
        setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
        setrlimit(Resource::RLIMIT_NOFILE, descriptors, descriptors)?;
        for (resource, most) in [(Resource::RLIMIT_DATA, data), (Resource::RLIMIT_NPROC, processes)] {
            if let Some(most) = most {
                setrlimit(resource, most, most)?;
            }
        }
        Ok(())
    };
    #[expect(unsafe_code, reason = "code between fork and exec: it makes system calls only and allocates nothing")]
    // SAFETY: `before_exec` is async-signal-safe: setsid, prctl, getppid, setrlimit and the calls below are plain system calls, nothing allocates
    // or locks. close_range only marks descriptors to be closed by exec, so that none of the server's reaches the function; open, write
    // and close work on a descriptor of their own and on static bytes.
    unsafe {
        command.pre_exec(move || {
            before_exec()?;
            // Done here, so that what the sandbox starts has it too; a kernel that refuses it does no harm.
            let score = libc::open(c"/proc/self/oom_score_adj".as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
            libc::write(score, OOM_SCORE.as_ptr().cast(), OOM_SCORE.len());
            libc::close(score);
            // A kernel without the call (before 5.11) leaves those that are opened without close-on-exec; we open none so.
            libc::close_range(3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC as libc::c_int);
            Ok(())
        });
    }
    Ok(())
}

/// Leaves these descriptors open in the command's process; the caller keeps them until it has been started.
pub(crate) fn inherit(command: &mut Command, descriptors: &[OwnedFd]) {
    let numbers: Vec<i32> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
    #[expect(unsafe_code, reason = "code between fork and exec: it makes system calls only and allocates nothing")]
    // SAFETY: fcntl with F_SETFD is async-signal-safe and changes a flag of a descriptor in the new process only.
    unsafe {
        command.pre_exec(move || {
            for number in &numbers {
                if libc::fcntl(*number, libc::F_SETFD, 0) < 0 {
                    return Err(io::Error::last_os_error());
                }
            }
            Ok(())
        });
    }
}

/// Lets the command's process enter control groups by these files; the caller keeps them until it has been started.
fn enter(command: &mut Command, entrances: &[OwnedFd]) {
    let numbers: Vec<i32> = entrances.iter().map(AsRawFd::as_raw_fd).collect();
    #[expect(unsafe_code, reason = "code between fork and exec: it makes system calls only and allocates nothing")]
    // SAFETY: write is async-signal-safe and reads one static byte.
    unsafe {
        command.pre_exec(move || {
            for number in &numbers {
                if libc::write(*number, c"0".as_ptr().cast(), 1) != 1 {
                    return Err(io::Error::last_os_error());
                }
            }
            Ok(())
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_tells_signals_as_exit_codes() {
        let check = |code: i32, expected: (Option<i32>, Option<i32>)| {
            let status = of_the_function(ExitStatus::from_raw(code << 8));
            assert_eq!((status.code(), status.signal()), expected, "{code}");
        };
        check(0, (Some(0), None));
        check(3, (Some(3), None));
        check(128, (Some(128), None));
        check(137, (None, Some(9)));
        check(134, (None, Some(6)));
        check(255, (Some(255), None));
    }
}
