//! Control groups: memory, processes and processor time of an instance, in version 2 or 1 of the kernel's interface.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Processes and threads of an instance (`fc-api.md` 5.4).
pub(crate) const PROCESSES_MAX: u64 = 1_024;
/// Processes that a sandbox itself needs.
pub(crate) const SANDBOX_PROCESSES: u64 = 2;
/// The period in which processor time is measured, in microseconds.
const CPU_PERIOD_US: u64 = 100_000;
/// How often, and in which distance, the removal of a group that is still busy is tried.
const REMOVE_ROUNDS: u32 = 50;
/// See [`REMOVE_ROUNDS`].
const REMOVE_PAUSE: Duration = Duration::from_millis(2);

/// A limit that a control group can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Controller {
    Memory,
    Pids,
    Cpu,
}

impl Controller {
    const ALL: [Self; 3] = [Self::Memory, Self::Pids, Self::Cpu];

    fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Pids => "pids",
            Self::Cpu => "cpu",
        }
    }
}

/// What an instance may use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    pub(crate) memory_bytes: u64,
    pub(crate) processes: u64,
    /// Processors; 0 sets no limit.
    pub(crate) cpu: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

/// A directory under which groups are made, and what it limits.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parent {
    controller: Controller,
    version: Version,
    dir: PathBuf,
}

/// Where this server makes control groups; the places go when they and the last group in them are dropped.
#[derive(Debug, Default)]
struct Parents(Vec<Parent>);

impl Drop for Parents {
    fn drop(&mut self) {
        let dirs: BTreeSet<&Path> = self.0.iter().map(|parent| parent.dir.as_path()).collect();
        dirs.into_iter().for_each(remove_dir);
    }
}

/// The control groups that this server may make.
#[derive(Debug, Default)]
pub(crate) struct Cgroups {
    parents: Arc<Parents>,
    /// Why there is no more.
    problems: Vec<(Controller, String)>,
}

impl Cgroups {
    /// Looks for a place for groups, makes it, and removes what an earlier life left in it.
    pub(crate) fn open(owner: &str) -> Self {
        let name = format!("taskyard-{}", owner.get(..12).unwrap_or(owner));
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let (mut parents, mut problems) = (Parents::default(), Vec::new());
        for controller in Controller::ALL {
            match place(controller, &mounts, &own, &name) {
                Ok(parent) => parents.0.push(parent),
                Err(why) => problems.push((controller, why)),
            }
        }
        for old in parents.0.iter().flat_map(|parent| groups_in(&parent.dir)) {
            groups_in(&old).iter().for_each(|inner| remove_dir(inner));
            remove_dir(&old);
        }
        Self { parents: Arc::new(parents), problems }
    }

    /// Why this limit can't be had; `None` when it can.
    pub(crate) fn problem(&self, controller: Controller) -> Option<&str> {
        self.problems.iter().find(|(of, _)| *of == controller).map(|(_, why)| why.as_str())
    }

    /// Makes the group of an instance; `None` when there is nothing to make. Errors: the kernel's; nothing is left behind then.
    pub(crate) fn make(&self, id: &str, limits: Limits) -> io::Result<Option<Cgroup>> {
        if self.parents.0.is_empty() {
            return Ok(None);
        }
        let mut group =
            Cgroup { dirs: Vec::new(), entrances: Vec::new(), memory: None, cpu: None, pids: None, _parents: Arc::clone(&self.parents) };
        for parent in &self.parents.0 {
            let dir = parent.dir.join(id);
            if !group.dirs.contains(&dir) {
                fs::create_dir(&dir)?;
                group.dirs.push(dir.clone());
                group.entrances.push(dir.join(if parent.version == Version::One { "tasks" } else { "cgroup.procs" }));
            }
            limit(parent, &dir, limits)?;
            match parent.controller {
                Controller::Memory => group.memory = Some((parent.version, dir)),
                Controller::Cpu => group.cpu = Some((parent.version, dir)),
                Controller::Pids => group.pids = Some(dir),
            }
        }
        Ok(Some(group))
    }
}

/// Writes an instance's limit into its group.
fn limit(parent: &Parent, dir: &Path, limits: Limits) -> io::Result<()> {
    let write = |file: &str, value: &str| fs::write(dir.join(file), value);
    let memory = limits.memory_bytes.to_string();
    let quota_us = (limits.cpu * CPU_PERIOD_US as f64).round() as u64;
    match (parent.controller, parent.version) {
        (Controller::Memory, Version::One) => {
            write("memory.limit_in_bytes", &memory)?;
            // Without swap accounting there is no such file.
            if dir.join("memory.memsw.limit_in_bytes").exists() {
                write("memory.memsw.limit_in_bytes", &memory)?;
            }
            Ok(())
        }
        (Controller::Memory, Version::Two) => {
            write("memory.max", &memory)?;
            if dir.join("memory.swap.max").exists() {
                write("memory.swap.max", "0")?;
            }
            Ok(())
        }
        (Controller::Pids, _) => write("pids.max", &limits.processes.to_string()),
        (Controller::Cpu, _) if quota_us == 0 => Ok(()),
        (Controller::Cpu, Version::One) => {
            write("cpu.cfs_period_us", &CPU_PERIOD_US.to_string())?;
            write("cpu.cfs_quota_us", &quota_us.to_string())
        }
        (Controller::Cpu, Version::Two) => write("cpu.max", &format!("{quota_us} {CPU_PERIOD_US}")),
    }
}

/// Where groups with this controller can be made, tried by making one.
fn place(controller: Controller, mounts: &str, own: &str, name: &str) -> Result<Parent, String> {
    let name_of = controller.name();
    if let Some(mount) = mount_of(mounts, "cgroup", Some(name_of)) {
        // Version 1 at its top: the group that this process was started in belongs to whoever started it.
        return try_place(Parent { controller, version: Version::One, dir: mount.join(name) });
    }
    let Some(mount) = mount_of(mounts, "cgroup2", None) else {
        return Err("no control groups are mounted".to_owned());
    };
    let own = own.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
    let mut why = String::new();
    // The group of this process when it was handed over (`Delegate=yes` of a systemd unit), else the top.
    for base in [mount.join(own.trim_start_matches('/')), mount.clone()] {
        let tried = enable(&base, controller)
            .and_then(|()| {
                make_dir(&base.join(name))?;
                enable(&base.join(name), controller)
            })
            .map_err(|error| format!("control group {}: {error}", base.display()))
            .and_then(|()| try_place(Parent { controller, version: Version::Two, dir: base.join(name) }));
        match tried {
            Ok(parent) => return Ok(parent),
            Err(problem) => why = problem,
        }
    }
    Err(why)
}

/// Lets the children of a group of version 2 have limits of this kind.
fn enable(dir: &Path, controller: Controller) -> io::Result<()> {
    let file = dir.join("cgroup.subtree_control");
    let has = |text: String| text.split_ascii_whitespace().any(|word| word == controller.name());
    if has(fs::read_to_string(&file)?) {
        return Ok(());
    }
    if !has(fs::read_to_string(dir.join("cgroup.controllers"))?) {
        return Err(io::Error::other(format!("the controller {} is not there", controller.name())));
    }
    let add = format!("+{}", controller.name());
    match fs::write(&file, &add) {
        // A group with processes can't have limited children: move this process, if it is the only one, into a child.
        Err(error) if error.raw_os_error() == Some(nix::libc::EBUSY) => {
            let own = std::process::id().to_string();
            if fs::read_to_string(dir.join("cgroup.procs"))?.lines().any(|pid| pid != own) {
                return Err(error);
            }
            let leaf = dir.join("taskyard-server");
            make_dir(&leaf)?;
            fs::write(leaf.join("cgroup.procs"), own)?;
            fs::write(&file, &add)
        }
        written => written,
    }
}

/// Makes a group and removes it again.
fn try_place(parent: Parent) -> Result<Parent, String> {
    let trial = parent.dir.join("trial");
    let tried = make_dir(&parent.dir).and_then(|()| make_dir(&trial)).and_then(|()| {
        let limited = limit(&parent, &trial, Limits { memory_bytes: 64 << 20, processes: 8, cpu: 1.0 });
        fs::remove_dir(&trial).and(limited)
    });
    tried.map_err(|error| format!("control group {}: {error}", parent.dir.display()))?;
    Ok(parent)
}

fn make_dir(dir: &Path) -> io::Result<()> {
    match fs::create_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// The directory where control groups are mounted, of version 1 with this controller.
fn mount_of(mounts: &str, kind: &str, controller: Option<&str>) -> Option<PathBuf> {
    mounts.lines().find_map(|line| {
        let (mount, source) = line.split_once(" - ")?;
        let mut source = source.split(' ');
        if source.next()? != kind {
            return None;
        }
        let options = source.nth(1)?;
        if controller.is_some_and(|name| !options.split(',').any(|option| option == name)) {
            return None;
        }
        mount.split(' ').nth(4).map(PathBuf::from)
    })
}

fn groups_in(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

/// Removes a group; what has just been killed in it gets a moment to end.
fn remove_dir(dir: &Path) {
    for _ in 0..REMOVE_ROUNDS {
        match fs::remove_dir(dir) {
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => std::thread::sleep(REMOVE_PAUSE),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return tracing::warn!(dir = %dir.display(), %error, "control group left behind");
            }
            _ => return,
        }
    }
    tracing::warn!(dir = %dir.display(), "control group left behind: it has processes");
}

/// The group of one instance; dropping it removes it, which works when its processes have ended.
#[derive(Debug)]
pub(crate) struct Cgroup {
    dirs: Vec<PathBuf>,
    entrances: Vec<PathBuf>,
    memory: Option<(Version, PathBuf)>,
    cpu: Option<(Version, PathBuf)>,
    pids: Option<PathBuf>,
    _parents: Arc<Parents>,
}

impl Cgroup {
    /// Files through which a process that has one thread enters the group by writing `0`, before it becomes the interpreter.
    ///
    /// Moving a process from outside makes the kernel wait for all processors, up to 20 ms each time. With version 1 a thread that moves
    /// itself is spared that (`tasks`); version 2 has one group instead of three.
    pub(crate) fn entrances(&self) -> io::Result<Vec<OwnedFd>> {
        self.entrances.iter().map(|file| Ok(File::options().write(true).open(file)?.into())).collect()
    }

    /// Lets no process of the group start another one from now on, as far as the kernel lets us say so.
    pub(crate) fn forbid_new_processes(&self) {
        for file in self.dirs.iter().map(|dir| dir.join("pids.max")).filter(|file| file.exists()) {
            if let Err(error) = fs::write(&file, "0") {
                tracing::warn!(file = %file.display(), %error, "new processes can't be forbidden");
            }
        }
    }

    /// Bytes in use, and the most there have been; `None` when memory is not limited here.
    pub(crate) fn memory_bytes(&self) -> Option<(u64, u64)> {
        let (version, dir) = self.memory.as_ref()?;
        let (now, peak) = match version {
            Version::One => ("memory.usage_in_bytes", "memory.max_usage_in_bytes"),
            Version::Two => ("memory.current", "memory.peak"),
        };
        let read = |file: &str| fs::read_to_string(dir.join(file)).ok()?.trim().parse::<u64>().ok();
        // A kernel before 5.19 does not keep the peak of version 2.
        read(now).map(|now| (now, read(peak).unwrap_or(now)))
    }

    /// Processor time used, in milliseconds; `None` when the group does not count it.
    pub(crate) fn cpu_ms(&self) -> Option<u64> {
        let (version, dir) = self.cpu.as_ref()?;
        match version {
            // Where `cpuacct` is not mounted with `cpu`, there is no such file.
            Version::One => Some(fs::read_to_string(dir.join("cpuacct.usage")).ok()?.trim().parse::<u64>().ok()? / 1_000_000),
            Version::Two => {
                let text = fs::read_to_string(dir.join("cpu.stat")).ok()?;
                let used = text.lines().find_map(|line| line.strip_prefix("usage_usec "))?;
                Some(used.trim().parse::<u64>().ok()? / 1_000)
            }
        }
    }

    /// Makes a group within this one, where the kernel counts processes: what is started in it has the same limits and can't leave it.
    pub(crate) fn subgroup(self: &Arc<Self>, name: &str) -> io::Result<Option<Subgroup>> {
        let Some(outer) = self.pids.as_ref().or(self.dirs.first()) else { return Ok(None) };
        let dir = outer.join(name);
        fs::create_dir(&dir)?;
        Ok(Some(Subgroup { dir, outer: Arc::clone(self) }))
    }

    /// True when the kernel has ended a process of the group for want of memory; `None` when memory is not limited here.
    pub(crate) fn ran_out_of_memory(&self) -> Option<bool> {
        let (version, dir) = self.memory.as_ref()?;
        let file = if *version == Version::One { "memory.oom_control" } else { "memory.events" };
        let text = fs::read_to_string(dir.join(file)).ok()?;
        let kills = text.lines().find_map(|line| line.strip_prefix("oom_kill "))?;
        Some(kills.trim() != "0")
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        self.dirs.iter().for_each(|dir| remove_dir(dir));
    }
}

/// A group within an instance's; dropping it removes it, which works when its processes have ended.
#[derive(Debug)]
pub(crate) struct Subgroup {
    dir: PathBuf,
    outer: Arc<Cgroup>,
}

impl Subgroup {
    /// Files through which a process enters the instance's groups and this one, as those of [`Cgroup::entrances`].
    pub(crate) fn entrances(&self) -> io::Result<Vec<OwnedFd>> {
        let inner = |file: &Path| match (file.parent(), file.file_name()) {
            (Some(dir), Some(name)) if self.dir.parent() == Some(dir) => self.dir.join(name),
            _ => file.to_owned(),
        };
        self.outer.entrances.iter().map(|file| Ok(File::options().write(true).open(inner(file))?.into())).collect()
    }

    /// The file that lists its processes.
    pub(crate) fn processes(&self) -> PathBuf {
        self.dir.join("cgroup.procs")
    }
}

impl Drop for Subgroup {
    fn drop(&mut self) {
        remove_dir(&self.dir);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n\
                          41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw\n";

    #[test]
    fn mounts_of_both_versions() {
        let check = |kind: &str, controller: Option<&str>, expected: Option<&str>| {
            assert_eq!(mount_of(MOUNTS, kind, controller), expected.map(PathBuf::from), "{kind} {controller:?}");
        };
        check("cgroup", Some("cpu"), Some("/sys/fs/cgroup/cpu"));
        check("cgroup", Some("memory"), None);
        check("cgroup2", None, Some("/sys/fs/cgroup/unified"));
        assert_eq!(mount_of("", "cgroup2", None), None);
    }

    // No machine of ours has version 2 with these controllers: plain files show what is written where.
    #[test]
    fn version_two_enables_the_controllers_on_the_way_and_writes_its_files() {
        let root = tempfile::tempdir().unwrap();
        let own = root.path().join("system.slice/taskyard.service");
        for dir in [own.clone(), own.join("taskyard-x")] {
            fs::create_dir_all(&dir).unwrap();
            fs::write(dir.join("cgroup.controllers"), "cpu memory pids\n").unwrap();
            fs::write(dir.join("cgroup.subtree_control"), "").unwrap();
        }
        enable(&own, Controller::Memory).unwrap();
        assert_eq!(fs::read_to_string(own.join("cgroup.subtree_control")).unwrap(), "+memory");
        let trial = own.join("taskyard-x/i");
        fs::create_dir(&trial).unwrap();
        for controller in Controller::ALL {
            let parent = Parent { controller, version: Version::Two, dir: own.join("taskyard-x") };
            limit(&parent, &trial, Limits { memory_bytes: 1_000, processes: 9, cpu: 0.5 }).unwrap();
        }
        let read = |file: &str| fs::read_to_string(trial.join(file)).unwrap();
        assert_eq!((read("memory.max"), read("pids.max"), read("cpu.max")), ("1000".into(), "9".into(), "50000 100000".into()));
        fs::write(trial.join("memory.events"), "oom 1\noom_kill 1\n").unwrap();
        let memory = Some((Version::Two, trial.clone()));
        let group = Cgroup { dirs: vec![], entrances: vec![], memory, cpu: None, pids: None, _parents: Arc::default() };
        assert_eq!(group.ran_out_of_memory(), Some(true));
        fs::write(trial.join("memory.events"), "oom 1\noom_kill 0\n").unwrap();
        assert_eq!(group.ran_out_of_memory(), Some(false));
    }

    #[test]
    fn a_controller_that_is_not_there_is_named() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("cgroup.controllers"), "hugetlb\n").unwrap();
        fs::write(root.path().join("cgroup.subtree_control"), "").unwrap();
        let refused = enable(root.path(), Controller::Pids).unwrap_err().to_string();
        assert_eq!(refused, "the controller pids is not there");
    }
}
