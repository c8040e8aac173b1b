//! What happens to running code when the server is killed.

use crate::harness::{Bench, FixtureCode, LANGUAGES, MemoryLogs, config, invocation, is_running};
use engine::clock::SystemClock;
use runtime::ProcessExecutor;
use std::{
    os::fd::{FromRawFd, OwnedFd},
    path::PathBuf,
    process::Stdio,
    sync::Arc,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, unix::AsyncFd},
    process::Command,
};

const DATA_DIR: &str = "RUNTIME_TEST_DATA_DIR";

/// The process that is killed: an executor with one instance of each language running and one that has a detached child.
#[tokio::test]
#[ignore = "run by a_killed_server_leaves_nothing_running in a process of its own"]
async fn server_that_gets_killed() {
    let data_dir = PathBuf::from(std::env::var_os(DATA_DIR).unwrap());
    let logs = Arc::new(MemoryLogs::default());
    let executor = ProcessExecutor::start(config(&data_dir), Arc::new(FixtureCode), Arc::<MemoryLogs>::clone(&logs), Arc::new(SystemClock));
    let executor = Arc::new(executor.await.unwrap());
    let bench = Bench { executor, logs, data_dir: tempfile::tempdir().unwrap() };
    let mut attached = Vec::new();
    let mut detached = Vec::new();
    for language in LANGUAGES {
        attached.extend(bench.begin(invocation(language, "stop", "handler", "sleeper")).await.pids);
        let daemon = bench.begin(invocation(language, "stop", "handler", "daemon")).await;
        attached.push(daemon.pids[0]);
        detached.push(daemon.pids[1]);
    }
    let owned = bench.has(runtime::Piece::Processes);
    let words = |pids: Vec<i32>| pids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    println!("\npids {owned} {} and {}", words(attached), words(detached));
    std::future::pending::<()>().await;
}

/// Waits until each of these processes has ended, by their pidfds.
pub async fn wait_for_ends(pids: &[i32]) {
    for pid in pids {
        let Some(watched) = watch(*pid) else { continue };
        drop(watched.readable().await.unwrap());
    }
}

/// A descriptor that is readable when the process has ended; `None` when it is gone already.
#[expect(unsafe_code, reason = "no crate of this workspace wraps pidfd_open")]
fn watch(pid: i32) -> Option<AsyncFd<OwnedFd>> {
    // SAFETY: pidfd_open takes two integers and gives a new descriptor, which nothing else owns, or -1; the owner moves into the result.
    unsafe {
        let descriptor = nix::libc::syscall(nix::libc::SYS_pidfd_open, pid, 0);
        let owned = (descriptor >= 0).then(|| OwnedFd::from_raw_fd(i32::try_from(descriptor).unwrap()))?;
        Some(AsyncFd::register_with_interest(owned, tokio::io::Interest::READABLE).unwrap())
    }
}

#[tokio::test]
async fn a_killed_server_leaves_nothing_running() {
    let data_dir = tempfile::tempdir().unwrap();
    let mut server = Command::new(std::env::current_exe().unwrap());
    server.args(["server_death::server_that_gets_killed", "--exact", "--ignored", "--nocapture"]);
    let mut server = server.env(DATA_DIR, data_dir.path()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let (end_together, attached, detached) = loop {
        let line = lines.next_line().await.unwrap().expect("the server ended too early");
        let Some(pids) = line.strip_prefix("pids ") else { continue };
        let numbers = |text: &str| -> Vec<i32> { text.split(' ').map(|pid| pid.parse().unwrap()).collect() };
        let (owned, pids) = pids.split_once(' ').unwrap();
        let (attached, detached) = pids.split_once(" and ").unwrap();
        break (owned == "true", numbers(attached), numbers(detached));
    };
    assert_eq!((attached.len(), detached.len()), (2 * LANGUAGES.len(), LANGUAGES.len()));
    server.kill().await.unwrap();
    wait_for_ends(&attached).await;
    assert!(attached.iter().all(|pid| !is_running(*pid)), "instances end with the server");
    if end_together {
        wait_for_ends(&detached).await;
        assert_eq!(runtime::sweep_orphans(data_dir.path(), &SystemClock).await.unwrap(), 0, "a process namespace ends as a whole");
        return;
    }
    assert!(detached.iter().all(|pid| is_running(*pid)), "what has detached itself is left for the sweep");
    let swept = runtime::sweep_orphans(data_dir.path(), &SystemClock).await.unwrap();
    assert!(swept >= 2, "{swept}");
    assert!(detached.iter().all(|pid| !is_running(*pid)));
    assert_eq!(runtime::sweep_orphans(data_dir.path(), &SystemClock).await.unwrap(), 0);
}
