//! Starts a command from a thread of its own, which waits for its end: the kernel kills a process whose starter is gone.

use super::passage::Passage;
use crate::process::Process;
use nix::{
    fcntl::OFlag,
    sys::wait::{WaitStatus, waitpid},
    unistd::{Pid, pipe2},
};
use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read},
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::process::{CommandExt, ExitStatusExt},
    },
    process::{Command, ExitStatus, Stdio},
};
use tokio::sync::{oneshot, watch};

/// A command to start.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) program: OsString,
    pub(crate) args: Vec<OsString>,
    /// The whole environment.
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) stdio: Line,
    pub(crate) passage: Passage,
}

/// The command's ends of its streams.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) stdin: Stdio,
    pub(crate) stdout: Stdio,
    pub(crate) stderr: Stdio,
    /// The first is a terminal that is to be the command's own.
    pub(crate) is_terminal: bool,
}

/// Starts it. Errors: the kernel's, such as a program that is not there; nothing of it is left then.
pub(crate) async fn spawn(order: Order) -> io::Result<Process> {
    let (reply, answer) = oneshot::channel();
    std::thread::Builder::new().name("taskyard-exec".to_owned()).spawn(move || match start(order) {
        Err(error) => drop(reply.send(Err(error))),
        Ok(pid) => {
            let (ended, exit) = watch::channel(None);
            // Nobody waits any more: dropping the process ends it.
            drop(reply.send(Ok(Process::adopted(pid.as_raw(), exit))));
            ended.send_replace(Some(reap(pid)));
        }
    })?;
    answer.await.map_err(|_| io::Error::other("the thread that starts a command has ended"))?
}

fn start(order: Order) -> io::Result<Pid> {
    let Order { program, args, env, stdio, passage } = order;
    let mut command = Command::new(program);
    command.args(args).env_clear().envs(env).stdin(stdio.stdin).stdout(stdio.stdout).stderr(stdio.stderr);
    let (numbers, told) = pipe2(OFlag::O_CLOEXEC)?;
    let enter = passage.prepare(told.as_raw_fd(), stdio.is_terminal)?;
    let forks = enter.forks;
    #[expect(unsafe_code, reason = "code between fork and exec: it makes system calls only and allocates nothing")]
    // SAFETY: see `Enter::run`.
    unsafe {
        command.pre_exec(move || enter.run());
    }
    let spawned = command.spawn();
    // The command keeps our ends of its streams from being its only ones.
    drop((command, told));
    let second = if forks { pid_from(numbers) } else { None };
    match (spawned, second) {
        (Ok(mut first), Some(pid)) => {
            first.wait()?;
            Ok(pid)
        }
        (Ok(first), None) if !forks => Ok(Pid::from_raw(i32::try_from(first.id()).map_err(io::Error::other)?)),
        (Ok(mut first), None) => {
            first.wait()?;
            Err(io::Error::other("the command's process is not known"))
        }
        (Err(error), second) => {
            if let Some(pid) = second {
                reap(pid);
            }
            Err(error)
        }
    }
}

/// The number that the first process tells of the second.
fn pid_from(numbers: OwnedFd) -> Option<Pid> {
    let mut bytes = [0; 4];
    File::from(numbers).read_exact(&mut bytes).ok()?;
    Some(Pid::from_raw(i32::from_ne_bytes(bytes)))
}

/// Waits for the end of a process.
fn reap(pid: Pid) -> ExitStatus {
    loop {
        match waitpid(pid, None) {
            Ok(WaitStatus::Exited(_, code)) => return ExitStatus::from_raw(code << 8),
            Ok(WaitStatus::Signaled(_, signal, _)) => return ExitStatus::from_raw(signal as i32),
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => {
                tracing::error!(process.pid = pid.as_raw(), %error, "the end of a command can't be waited for");
                return ExitStatus::from_raw(0);
            }
        }
    }
}
