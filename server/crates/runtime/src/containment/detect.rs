//! Tries what the kernel allows here, and contains processes with what it does.

mod images;

use super::{
    cgroup::{Cgroup, Cgroups, Controller, Limits, PROCESSES_MAX, SANDBOX_PROCESSES},
    etc,
    report::{Finding, Piece, State},
    root::Mounts,
    sandbox::{Places, Sandbox, Users, View, changes_programs},
    syscalls,
};
use engine::clock::Clock;
use images::Rooms;
use nix::unistd::Uid;
use seccompiler::BpfProgram;
use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io,
    os::fd::{AsRawFd, OwnedFd, RawFd},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::process::Command;

/// A trial that has not ended by then has failed.
const TRIAL_LIMIT: Duration = Duration::from_secs(10);
/// Data that a process has besides the function's own, such as the stacks of an interpreter's threads.
const DATA_ALLOWANCE: u64 = 256 << 20;
/// Processes of the server's own user that run beside an instance's.
const USERS_PROCESSES: u64 = 4_096;

/// How functions are contained on this machine.
#[derive(Debug)]
pub(crate) struct Containment {
    sandbox: Option<Sandbox>,
    /// Files with programs that filter system calls.
    filters: Vec<PathBuf>,
    /// The same, for processes that enter a sandbox which is there already.
    programs: Vec<BpfProgram>,
    cgroups: Cgroups,
    findings: Vec<Finding>,
    /// What instances of images are made with, once it has been asked for.
    rooms: Option<Rooms>,
}

/// What is to be contained.
#[derive(Debug)]
pub(crate) struct Request {
    /// The instance's id.
    pub(crate) id: String,
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    /// Directory that belongs to the program.
    pub(crate) home: PathBuf,
    pub(crate) code_dir: PathBuf,
    pub(crate) bootstrap_dir: PathBuf,
    /// The function's layers.
    pub(crate) opt_dir: Option<PathBuf>,
    pub(crate) memory_mb: u64,
    pub(crate) disk_mb: u64,
    /// Processors; 0 sets no limit.
    pub(crate) cpu: f64,
    pub(crate) internet: bool,
    /// A descriptor that a sandbox reads a byte from before it starts the program.
    pub(crate) hold: Option<RawFd>,
    /// The directory in which the program of an image starts; `code_dir` is the image's root then.
    pub(crate) image_dir: Option<PathBuf>,
    /// Variables that are set when the instance's user has been taken; filled in by [`Containment::split_env`].
    pub(crate) late: Vec<(OsString, OsString)>,
}

/// How to start it.
#[derive(Debug)]
pub(crate) struct Contained {
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) dir: PathBuf,
    /// To be open in the process with the same numbers.
    pub(crate) descriptors: Vec<OwnedFd>,
    /// What the process has to mount before it becomes the program.
    pub(crate) mounts: Option<Mounts>,
    pub(crate) cgroup: Option<Cgroup>,
    /// The process is the sandbox's: the function's main process is a child of its child, and ends with it.
    pub(crate) is_sandboxed: bool,
    /// `RLIMIT_DATA`, where no control group limits memory.
    pub(crate) data_bytes_max: Option<u64>,
    /// `RLIMIT_NPROC`, where no control group limits processes.
    pub(crate) processes_max: Option<u64>,
}

impl Containment {
    /// Finds out what there is. Errors: `dir`, where the filters are kept, can't be written.
    pub(crate) async fn detect(data_dir: &Path, dir: &Path, owner: &str, search_path: &OsStr, clock: &dyn Clock) -> io::Result<Self> {
        let filters = syscalls::programs();
        let mut files = Vec::new();
        for (number, program) in filters.iter().flatten().enumerate() {
            let file = dir.join(format!("filter-{number}.bpf"));
            fs::write(&file, syscalls::bytes(program))?;
            files.push(file);
        }
        let users = Uid::effective().is_root().then(|| Users::new(dir, owner));
        let user_problem = users.as_ref().and_then(|users| users.as_ref().err().cloned());
        let programs = filters.as_ref().cloned().unwrap_or_default();
        let mut found = Self { sandbox: None, filters: files, programs, cgroups: Cgroups::open(owner), findings: Vec::new(), rooms: None };
        let tried = match find(search_path, "bwrap") {
            Some(program) => {
                let users = users.and_then(Result::ok);
                let etc = etc::stage(dir)?;
                let sandbox = Sandbox { program, processes: true, network: true, users, etc, data_dir: data_dir.to_owned() };
                found.try_sandbox(sandbox, dir, clock).await
            }
            None => Err("bwrap is not installed (Debian package bubblewrap)".to_owned()),
        };
        found.judge(tried, user_problem, filters.err());
        Ok(found)
    }

    /// Keeps the sandbox with as many namespaces as the kernel grants. Errors: why it grants none.
    async fn try_sandbox(&mut self, mut sandbox: Sandbox, dir: &Path, clock: &dyn Clock) -> Result<(), String> {
        let mut first = None;
        for (processes, network) in [(true, true), (true, false), (false, true), (false, false)] {
            (sandbox.processes, sandbox.network) = (processes, network);
            match self.trial(&sandbox, dir, clock).await {
                Ok(()) => {
                    self.sandbox = Some(sandbox);
                    return Ok(());
                }
                Err(why) => first = first.or(Some(why)),
            }
        }
        Err(first.unwrap_or_default())
    }

    async fn trial(&self, sandbox: &Sandbox, dir: &Path, clock: &dyn Clock) -> Result<(), String> {
        let mut descriptors = self.open_filters().map_err(|error| error.to_string())?;
        let entrance = sandbox.entrance().map_err(|error| error.to_string())?;
        let enter = entrance.as_ref().map(AsRawFd::as_raw_fd);
        let disk_bytes = 1 << 20;
        let view = View { code: dir, bootstrap: dir, opt: None, home: dir, disk_bytes, internet: false, hold: None, enter, late: &[] };
        let mut command = Command::new(&sandbox.program);
        command.args(sandbox.args(&view, &descriptors, ["/bin/sh", "-c", ":"].map(OsString::from)));
        descriptors.extend(entrance);
        crate::process::inherit(&mut command, &descriptors);
        try_out(command, clock).await
    }

    fn open_filters(&self) -> io::Result<Vec<OwnedFd>> {
        self.filters.iter().map(|file| File::open(file).map(OwnedFd::from)).collect()
    }

    fn judge(&mut self, tried: Result<(), String>, user_problem: Option<String>, filter_problem: Option<String>) {
        let is_root = Uid::effective().is_root();
        let in_sandbox = |granted: bool, by: &'static str| match &tried {
            Err(why) => State::Missing(why.clone()),
            Ok(()) if !granted => State::Missing("the kernel refuses the namespace".to_owned()),
            Ok(()) => State::InForce(by),
        };
        let sandbox = self.sandbox.as_ref();
        let user = match user_problem {
            Some(why) => State::Missing(why),
            None if is_root => in_sandbox(true, "a user for each instance"),
            None => in_sandbox(true, "a user namespace"),
        };
        let calls = match filter_problem {
            Some(why) => State::Missing(why),
            None => in_sandbox(true, "seccomp"),
        };
        let has_users = sandbox.is_some_and(|sandbox| sandbox.users.is_some());
        let limited = |controller, otherwise: fn(String) -> State| match self.cgroups.problem(controller) {
            None => State::InForce("a control group"),
            Some(why) => otherwise(why.to_owned()),
        };
        let count = match self.cgroups.problem(Controller::Pids) {
            Some(_) if has_users => State::InForce("a limit for the instance's user"),
            Some(why) => State::Weaker("a limit for all processes of the server's user", why.to_owned()),
            None => State::InForce("a control group"),
        };
        let states = [
            (Piece::User, user),
            (Piece::Files, in_sandbox(true, "bubblewrap")),
            (Piece::Processes, in_sandbox(sandbox.is_some_and(|sandbox| sandbox.processes), "a process namespace")),
            (Piece::Network, in_sandbox(sandbox.is_some_and(|sandbox| sandbox.network), "a network namespace")),
            (Piece::SystemCalls, calls),
            (Piece::Memory, limited(Controller::Memory, |why| State::Weaker("a limit for each process", why))),
            (Piece::ProcessCount, count),
            (Piece::Cpu, limited(Controller::Cpu, State::Missing)),
        ];
        self.findings = states.into_iter().map(|(piece, state)| Finding { piece, state }).collect();
    }

    /// What was found, piece by piece.
    pub(crate) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Programs that filter the system calls in every sandbox.
    pub(crate) fn programs(&self) -> &[BpfProgram] {
        &self.programs
    }

    /// Where a function finds its things; `outside` is where they are.
    pub(crate) fn places(&self, outside: Places) -> Places {
        if self.sandbox.is_some() { Places::inside() } else { outside }
    }

    /// True when an instance of a service with or without internet access has a network of its own.
    pub(crate) fn has_own_network(&self, internet: bool) -> bool {
        !internet && self.sandbox.as_ref().is_some_and(|sandbox| sandbox.network)
    }

    /// Takes from the environment what may not be there before the instance's user has been taken.
    pub(crate) fn split_env(&self, request: &mut Request, env: &mut Vec<(OsString, OsString)>) {
        if self.sandbox.as_ref().is_some_and(|sandbox| sandbox.users.is_some()) {
            request.late.extend(env.extract_if(.., |(name, _)| changes_programs(name)));
        }
    }

    /// Prepares the start of a process. Errors: no control group can be made, a filter can't be read.
    pub(crate) fn contain(&self, request: Request) -> io::Result<Contained> {
        let disk_bytes = request.disk_mb << 20;
        let memory_bytes = request.memory_mb << 20;
        // What lies in the private `/tmp` counts as memory, and may not take the function's own away.
        let (more_bytes, more_processes) = if self.sandbox.is_some() { (disk_bytes, SANDBOX_PROCESSES) } else { (0, 0) };
        let limits = Limits { memory_bytes: memory_bytes + more_bytes, processes: PROCESSES_MAX + more_processes, cpu: request.cpu };
        let cgroup = self.cgroups.make(&request.id, limits)?;
        let no_group = |controller| self.cgroups.problem(controller).is_some();
        let data_bytes_max = no_group(Controller::Memory).then_some(memory_bytes + DATA_ALLOWANCE);
        let has_users = self.sandbox.as_ref().is_some_and(|sandbox| sandbox.users.is_some());
        let processes_max = no_group(Controller::Pids).then_some(PROCESSES_MAX + if has_users { 0 } else { USERS_PROCESSES });
        if let Some(dir) = &request.image_dir {
            let (sandbox, rooms) = self.of_images().ok_or_else(|| io::Error::other("no images are run here"))?;
            let mut descriptors = self.open_filters()?;
            let entrance = sandbox.entrance()?.ok_or(io::ErrorKind::PermissionDenied)?;
            let (program, args, mounts) = rooms.furnish(sandbox, &request, dir, &descriptors, entrance.as_raw_fd())?;
            descriptors.push(entrance);
            return Ok(Contained {
                program,
                args,
                dir: "/".into(),
                descriptors,
                mounts: Some(mounts),
                cgroup,
                is_sandboxed: true,
                data_bytes_max,
                processes_max,
            });
        }
        let Some(sandbox) = &self.sandbox else {
            return Ok(Contained {
                program: request.program,
                args: request.args,
                dir: request.code_dir,
                descriptors: Vec::new(),
                mounts: None,
                cgroup,
                is_sandboxed: false,
                data_bytes_max,
                processes_max,
            });
        };
        let mut descriptors = self.open_filters()?;
        let entrance = sandbox.entrance()?;
        let view = View {
            code: &request.code_dir,
            bootstrap: &request.bootstrap_dir,
            opt: request.opt_dir.as_deref(),
            home: &request.home,
            disk_bytes,
            internet: request.internet,
            hold: request.hold,
            enter: entrance.as_ref().map(AsRawFd::as_raw_fd),
            late: &request.late,
        };
        let command = std::iter::once(OsString::from(request.program)).chain(request.args);
        let args = sandbox.args(&view, &descriptors, command);
        descriptors.extend(entrance);
        Ok(Contained {
            program: sandbox.program.clone(),
            args,
            dir: "/".into(),
            descriptors,
            mounts: None,
            cgroup,
            is_sandboxed: true,
            data_bytes_max,
            processes_max,
        })
    }
}

/// Runs a trial to its end. Errors: what it said.
async fn try_out(mut command: Command, clock: &dyn Clock) -> Result<(), String> {
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let output = tokio::select! {
        output = command.output() => output.map_err(|error| error.to_string())?,
        () = clock.sleep(TRIAL_LIMIT) => return Err("bwrap does not end".to_owned()),
    };
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(text.lines().last().map_or_else(|| output.status.to_string(), str::to_owned))
}

/// The first program of this name in the search path.
fn find(search_path: &OsStr, name: &str) -> Option<PathBuf> {
    let usual = ["/usr/bin", "/bin", "/usr/local/bin"].map(PathBuf::from);
    std::env::split_paths(search_path).chain(usual).map(|dir| dir.join(name)).find(|path| path.is_file())
}
