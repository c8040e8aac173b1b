//! Starts processes for instances and watches them.

use nix::{
    libc,
    sys::{
        prctl,
        resource::{Resource, getrlimit, setrlimit},
        signal::{Signal, kill, killpg},
    },
    unistd::{Pid, getppid},
};
use std::{
    ffi::OsString,
    fs, io,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::mpsc,
};
use tokio::{
    process::{ChildStderr, ChildStdout, Command},
    runtime::Handle,
    sync::{oneshot, watch},
};

/// File descriptors that a function may have open (`fc-api.md` 5.4), as far as this process may allow it.
const DESCRIPTORS_MAX: u64 = 100_000;
/// How much likelier than others the kernel takes an instance when memory is short, so that it takes no server.
const OOM_SCORE: &str = "500";

/// What to start.
#[derive(Debug)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    /// The whole environment; nothing of the server's is added.
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) dir: PathBuf,
}

/// A started process and what it writes.
#[derive(Debug)]
pub(crate) struct Spawned {
    pub(crate) process: Process,
    pub(crate) stdout: ChildStdout,
    pub(crate) stderr: ChildStderr,
}

/// The main process of an instance, leader of its own process group. Dropping it kills the group.
#[derive(Debug)]
pub(crate) struct Process {
    pid: i32,
    exit: watch::Receiver<Option<ExitStatus>>,
}

impl Process {
    /// Its pid, which is its group's id too.
    pub(crate) fn pid(&self) -> i32 {
        self.pid
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
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|rest| rest.split_ascii_whitespace().next()?.parse().ok()).unwrap_or(0)
    }
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
    pub(crate) fn start() -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        std::thread::Builder::new().name("taskyard-spawn".to_owned()).spawn(move || {
            while let Ok(job) = queue.recv() {
                let spawned = spawn(job.launch, &job.runtime);
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

fn spawn(launch: Launch, runtime: &Handle) -> io::Result<Spawned> {
    let _context = runtime.enter();
    let mut command = Command::new(&launch.program);
    command.args(&launch.args).env_clear().envs(launch.env).current_dir(&launch.dir);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0).kill_on_drop(true);
    restrict(&mut command)?;
    let mut child = command.spawn()?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
    let (Some(pid), Some(stdout), Some(stderr)) = (pid, child.stdout.take(), child.stderr.take()) else {
        return Err(io::Error::other("the process has no pid or no pipes"));
    };
    if let Err(error) = fs::write(format!("/proc/{pid}/oom_score_adj"), OOM_SCORE) {
        tracing::debug!(process.pid = pid, %error, "out-of-memory score not raised");
    }
    let (ended, exit) = watch::channel(None);
    runtime.spawn(async move {
        match child.wait().await {
            Ok(status) => ended.send_replace(Some(status)),
            Err(error) => {
                tracing::error!(process.pid = pid, %error, "the end of a process can't be waited for");
                None
            }
        };
    });
    Ok(Spawned { process: Process { pid, exit }, stdout, stderr })
}

/// What the new process does to itself before it becomes the interpreter.
fn restrict(command: &mut Command) -> io::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let descriptors = hard.min(DESCRIPTORS_MAX);
    let server = Pid::this();
    let before_exec = move || {
        prctl::set_pdeathsig(Signal::SIGKILL)?;
        if getppid() != server {
            return Err(io::Error::from(nix::errno::Errno::ESRCH)); // the server ended before the line above
        }
        // What detaches from the instance stays a descendant of it (`tree.rs`).
        prctl::set_child_subreaper(true)?;
        setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
        setrlimit(Resource::RLIMIT_NOFILE, descriptors, descriptors)?;
        Ok(())
    };
    #[expect(unsafe_code, reason = "code between fork and exec: it makes system calls only and allocates nothing")]
    // SAFETY: `before_exec` is async-signal-safe: prctl, getppid, setrlimit and close_range are plain system calls, nothing allocates or
    // locks. close_range only marks descriptors to be closed by exec, so that none of the server's reaches the function.
    unsafe {
        command.pre_exec(move || {
            before_exec()?;
            // A kernel without the call (before 5.11) leaves those that are opened without close-on-exec; we open none so.
            libc::close_range(3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC as libc::c_int);
            Ok(())
        });
    }
    Ok(())
}
