//! Process trees: who belongs to one, and how to end all of it and prove it gone.
//!
//! A process belongs to a tree when it descends from a member, or carries the tree's mark in its environment. The first finds children
//! whatever they did to their environment: an instance's main process is a subreaper (`process.rs`), so those that detach by `setsid` and
//! a double fork stay its descendants while it lives. The second finds what is left when the main process ended first.

use crate::process::Process;
use engine::clock::Clock;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Scans in a row that have to find nothing when processes were started meanwhile.
const EMPTY_SCANS: u32 = 5;
/// Rounds of killing before the survivors are reported; the later ones are 100 ms apart.
const KILL_ROUNDS: u32 = 300;

/// Processes that are still there after everything was tried, such as ones that hang in the kernel.
#[derive(Debug)]
pub(crate) struct Survivors(pub(crate) Vec<i32>);

/// What `/proc/<pid>/stat` tells about a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    pid: i32,
    parent: i32,
    group: i32,
    /// Clock ticks from boot to its start: tells a process from a later one with the same pid.
    started: u64,
    /// False for a zombie.
    alive: bool,
}

/// A living process of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) pid: i32,
    pub(crate) group: i32,
}

/// Finds the members of one tree again and again; remembers those it has seen.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    mark: Vec<u8>,
    /// The list of processes of a control group that only members are in.
    group: Option<PathBuf>,
    /// Start times of members by pid.
    known: HashMap<i32, u64>,
}

impl Tree {
    /// The tree of all processes whose environment has this variable with this value.
    pub(crate) fn marked(variable: &str, value: &str) -> Self {
        Self { mark: format!("{variable}={value}").into_bytes(), group: None, known: HashMap::new() }
    }

    /// Makes the processes of a control group members, by the file that lists them: what is started in it stays in it whatever it does.
    pub(crate) fn add_group(&mut self, processes: PathBuf) {
        self.group = Some(processes);
    }

    /// Makes a process that is alive now a member.
    pub(crate) fn add_root(&mut self, pid: i32) {
        if let Some(stat) = read_stat(pid) {
            self.known.insert(stat.pid, stat.started);
        }
    }

    /// The living members besides the spared one.
    ///
    /// The scan works on a copy: a caller that gives up waiting must not be left with a tree that has lost its mark.
    pub(crate) async fn members(&mut self, spared: Option<i32>) -> Vec<Member> {
        let mut tree = self.clone();
        let scanned = tokio::task::spawn_blocking(move || {
            let members = tree.scan_surely(spared);
            (tree, members)
        });
        match scanned.await {
            Ok((tree, members)) => {
                *self = tree;
                members
            }
            Err(_) => Vec::new(),
        }
    }

    /// Scans again when it found nothing and may have missed something: a process that has ended when its turn comes may have started
    /// another after the list of processes was made. Where none was started at all, one scan is the proof.
    fn scan_surely(&mut self, spared: Option<i32>) -> Vec<Member> {
        for _ in 0..EMPTY_SCANS {
            let before = last_pid();
            let mut members = self.scan();
            members.retain(|member| Some(member.pid) != spared);
            if !members.is_empty() || before.is_some() && before == last_pid() {
                return members;
            }
        }
        Vec::new()
    }

    fn scan(&mut self) -> Vec<Member> {
        let own = i32::try_from(std::process::id()).unwrap_or(0);
        // The newest first, and all of each at once: in a chain of processes that replace each other, the one on the list ends soon.
        let mut pids: Vec<i32> = pids().filter(|pid| *pid != own && *pid > 1).collect();
        pids.sort_unstable_by(|a, b| b.cmp(a));
        let mut seeds: HashSet<i32> = HashSet::new();
        let grouped: HashSet<i32> = self.group.as_deref().map(listed).unwrap_or_default();
        let mut all = Vec::with_capacity(pids.len());
        for stat in pids.into_iter().filter_map(read_stat).filter(|stat| stat.alive) {
            if grouped.contains(&stat.pid) || self.known.get(&stat.pid) == Some(&stat.started) || has_mark(stat.pid, &self.mark) {
                seeds.insert(stat.pid);
            }
            all.push(stat);
        }
        let mut children: HashMap<i32, Vec<&Stat>> = HashMap::new();
        for stat in &all {
            children.entry(stat.parent).or_default().push(stat);
        }
        let mut open: Vec<&Stat> = all.iter().filter(|stat| seeds.contains(&stat.pid)).collect();
        let mut seen: HashSet<i32> = HashSet::new();
        let mut members = Vec::new();
        while let Some(stat) = open.pop() {
            if seen.insert(stat.pid) {
                members.push(*stat);
                open.extend(children.get(&stat.pid).into_iter().flatten());
            }
        }
        self.known = members.iter().map(|stat| (stat.pid, stat.started)).collect();
        members.into_iter().map(|stat| Member { pid: stat.pid, group: stat.group }).collect()
    }
}

/// The pids in the list of a control group.
fn listed(file: &Path) -> HashSet<i32> {
    fs::read_to_string(file).unwrap_or_default().split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

fn pids() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The pid that was given out last, by which one sees whether a process or thread was started.
fn last_pid() -> Option<String> {
    let load = fs::read_to_string("/proc/loadavg").ok()?;
    load.split_ascii_whitespace().last().map(str::to_owned)
}

fn read_stat(pid: i32) -> Option<Stat> {
    parse_stat(pid, &fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// Reads the fields after the program's name, which stands in brackets and may contain anything.
fn parse_stat(pid: i32, text: &[u8]) -> Option<Stat> {
    let name_end = text.iter().rposition(|byte| *byte == b')')?;
    let fields: Vec<&str> = std::str::from_utf8(text.get(name_end + 1..)?).ok()?.split_ascii_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let state = *fields.first()?;
    let threads = number(17)?;
    Some(Stat {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        started: number(19)?,
        // A main thread that has ended shows as a zombie while other threads of the process go on.
        alive: !matches!(state, "Z" | "X" | "x") || threads > 1,
    })
}

/// The processes that this one has started and that have not been reaped.
pub(crate) fn children(pid: i32) -> Vec<i32> {
    match fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")) {
        Ok(list) => list.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect(),
        // A kernel without these lists, or a process that has ended.
        Err(_) => pids().filter_map(read_stat).filter(|stat| stat.parent == pid).map(|stat| stat.pid).collect(),
    }
}

/// An empty mark is nobody's: the text of an environment ends in a zero byte, so that its last entry is empty.
fn has_mark(pid: i32, mark: &[u8]) -> bool {
    if mark.is_empty() {
        return false;
    }
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| environment.split(|byte| *byte == 0).any(|entry| entry == mark))
}

/// Signals one process; one that has gone meanwhile is no error.
fn signal(pid: i32, signal: Signal) {
    if let Err(error) = kill(Pid::from_raw(pid), signal)
        && error != nix::errno::Errno::ESRCH
    {
        tracing::warn!(process.pid = pid, %signal, %error, "signal not delivered");
    }
}

/// Ends an instance's whole tree: SIGTERM, up to `grace` for all of it to end, then SIGKILL. Returns when a scan finds none of it.
///
/// `forbid_new` is called when its time is over: where it keeps the tree from growing, nothing can outrun the scans.
pub(crate) async fn end(
    process: &Process,
    mut tree: Tree,
    clock: &dyn Clock,
    grace: Duration,
    forbid_new: impl FnOnce(),
) -> Result<(), Survivors> {
    if !grace.is_zero() {
        // The scan comes first: afterwards the children of what has ended could be found by their mark only.
        let members = tree.members(None).await;
        // A sandbox's own process would end at once, and everything in it: the signal is for what runs inside.
        if !process.is_sandboxed() {
            process.signal_group(Signal::SIGTERM);
        }
        let is_reached = |member: &Member| if process.is_sandboxed() { member.pid == process.pid() } else { member.group == process.pid() };
        for member in members.iter().filter(|member| !is_reached(member)) {
            signal(member.pid, Signal::SIGTERM);
        }
        tokio::select! {
            () = wait_until_gone(process, &mut tree, clock) => {
                if process.is_sandboxed() {
                    return Ok(());
                }
            }
            () = clock.sleep(grace) => {}
        }
    }
    forbid_new();
    // While it is stopped, the main process goes on adopting what detaches from its children, and nothing gets out of sight.
    process.signal(Signal::SIGSTOP);
    let mut rest = tree.clone();
    kill_members(&mut rest, Some(process.pid()), clock).await?;
    process.signal_group(Signal::SIGKILL);
    process.wait_end().await;
    kill_members(&mut rest, None, clock).await
}

async fn wait_until_gone(process: &Process, tree: &mut Tree, clock: &dyn Clock) {
    process.wait_end().await;
    let mut pause = Duration::from_millis(1);
    while !tree.members(None).await.is_empty() {
        clock.sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Kills every process of a tree without a main process of ours.
pub(crate) async fn kill_all(mut tree: Tree, clock: &dyn Clock) -> Result<(), Survivors> {
    kill_members(&mut tree, None, clock).await
}

/// Kills members until a scan finds none but the spared process.
async fn kill_members(tree: &mut Tree, spared: Option<i32>, clock: &dyn Clock) -> Result<(), Survivors> {
    let mut pause = Duration::from_millis(1);
    let mut left = Vec::new();
    for _ in 0..KILL_ROUNDS {
        left = tree.members(spared).await;
        if left.is_empty() {
            return Ok(());
        }
        // Stopped first, all of them: one that still runs would fork while its siblings are being killed.
        for wanted in [Signal::SIGSTOP, Signal::SIGKILL] {
            left.iter().for_each(|member| signal(member.pid, wanted));
        }
        clock.sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(100));
    }
    Err(Survivors(left.iter().map(|member| member.pid).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{Read, Write},
        process::Stdio,
    };

    #[test]
    fn stat_lines() {
        let check = |line: &str, expected: Option<(i32, i32, u64, bool)>| {
            let got = parse_stat(7, line.as_bytes()).map(|stat| (stat.parent, stat.group, stat.started, stat.alive));
            assert_eq!(got, expected, "{line}");
        };
        let rest = "0 -1 4194304 0 0 0 0 0 0 0 0 20 0";
        check(&format!("7 (a) b)) S 3 5 5 {rest} 1 0 9000 0 0"), Some((3, 5, 9_000, true)));
        check(&format!("7 (x) Z 3 5 5 {rest} 1 0 9000 0 0"), Some((3, 5, 9_000, false)));
        check(&format!("7 (x) Z 3 5 5 {rest} 4 0 9000 0 0"), Some((3, 5, 9_000, true)));
        check("7 (x) S 3 5 5 0 -1", None);
        check("7 x", None);
    }

    #[test]
    fn this_process_is_alive_and_has_a_parent() {
        let own = i32::try_from(std::process::id()).unwrap();
        let stat = read_stat(own).unwrap();
        assert!(stat.alive && stat.parent > 0 && stat.started > 0, "{stat:?}");
    }

    #[test]
    fn an_empty_mark_is_nobodys() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(fs::read(format!("/proc/{own}/environ")).unwrap().ends_with(&[0]), "so that its last entry is empty");
        assert!(!has_mark(own, b""));
    }

    // Once a cancelled scan left a tree with an empty mark, which every process of the machine has.
    #[tokio::test]
    async fn a_scan_that_nobody_waits_for_leaves_the_tree_as_it_was() {
        let mut child = std::process::Command::new("cat");
        child.env("TREE_TEST", "cancelled").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = child.spawn().unwrap();
        // Its answer says that it has its environment: the kernel sets that up after it has told us of the start.
        child.stdin.as_mut().unwrap().write_all(b"x").unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        let mut tree = Tree::marked("TREE_TEST", "cancelled");
        {
            let mut scan = std::pin::pin!(tree.members(None));
            std::future::poll_fn(|context| {
                assert!(scan.as_mut().poll(context).is_pending(), "the scan has begun and is not over");
                std::task::Poll::Ready(())
            })
            .await;
        }
        let members: Vec<i32> = tree.members(None).await.iter().map(|member| member.pid).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(members, [i32::try_from(child.id()).unwrap()]);
    }
}
