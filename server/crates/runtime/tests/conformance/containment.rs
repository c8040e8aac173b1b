//! Nasty functions: each ends only itself, with the right error, and sees and reaches nothing that is not its own (`product.md` 4.7).
//!
//! Where the kernel denies a piece, the case says which on stdout and asserts what is promised then.

use crate::harness::{Bench, LANGUAGES, Language, OFFLINE, PYTHON, again, invocation, marked_processes, survivors};
use engine::ports::{End, Invocation};
use model::ServiceName;
use runtime::{ContainmentMode, Piece};
use std::{fs, time::Duration};
use tokio::{io::AsyncWriteExt, net::TcpListener};

const UNHANDLED: &str = "UnhandledInvocationError";

fn nasty(language: Language, handler: &str, event: impl Into<Vec<u8>>) -> Invocation {
    invocation(language, "nasty", handler, event)
}

/// Runs a nasty function beside a good one, whose instance must go on; returns the error's text.
async fn misbehave(bench: &Bench, call: Invocation) -> String {
    let good = invocation(PYTHON, "basic", "count", "");
    let (instance, _) = bench.invoke(good.clone()).await;
    let (kind, error) = bench.error(call).await;
    assert_eq!(kind, UNHANDLED);
    let (same, outcome) = bench.invoke(again(&good, "")).await;
    assert_eq!(same, instance, "the good function's instance goes on: {outcome:?}");
    error["errorMessage"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn out_of_memory_ends_the_instance_and_says_so() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let message = misbehave(&bench, nasty(language, "memory", "")).await;
        // Else the process's own limit makes it fail in its own words, of which Python has none.
        if bench.has(Piece::Memory) {
            assert_eq!(message, "Function instance exited unexpectedly (OOM)", "{language:?}");
        }
    }
}

#[tokio::test]
async fn a_fork_bomb_finds_its_limit() {
    let bench = Bench::new().await;
    if !bench.has(Piece::ProcessCount) {
        return; // it would meet the limit of the server's user, and so would everything else of that user
    }
    for language in LANGUAGES {
        let mut call = nasty(language, "forks", "");
        call.function.spec.memory_mb = 2_048; // for a thousand interpreters
        let message = misbehave(&bench, call.clone()).await;
        let count: u32 =
            message.strip_prefix("Resource temporarily unavailable after ").unwrap_or_else(|| panic!("{message}")).parse().unwrap();
        assert!((900..1_024).contains(&count), "{language:?}: {count}");
        bench.discard(&call).await;
    }
}

#[tokio::test]
async fn a_full_disk_is_the_functions_own() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        if !bench.has(Piece::Files) {
            continue; // the private directory lies on the server's disk, without a limit of its own
        }
        let message = misbehave(&bench, nasty(language, "disk", "")).await;
        assert!(message.starts_with("No space left on device after 512 MB"), "{language:?}: {message}");
    }
}

#[tokio::test]
async fn leaked_descriptors_run_out_for_the_function_alone() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let mut call = nasty(language, "descriptors", "");
        call.function.spec.memory_mb = 512;
        let message = misbehave(&bench, call).await;
        let count: u64 = message.strip_prefix("Too many open files after ").unwrap().split(' ').next().unwrap().parse().unwrap();
        assert!(count <= 100_000, "{language:?}: {count}");
    }
}

#[tokio::test]
async fn i4_a_gigabyte_of_log_lines_is_cut_and_only_that_request_notices() {
    const KEPT: usize = 8 << 20;
    let bench = Bench::with(|config| config.log_bytes_max = KEPT).await;
    for (language, megabytes) in LANGUAGES.into_iter().zip([1_024, 64]) {
        let mut call = nasty(language, "flood", megabytes.to_string());
        let id = call.request_id.clone();
        call.function.spec.timeout_s = 600;
        let mut flood = Box::pin(bench.result(call.clone()));
        // What others write meanwhile is all there, and in time.
        let mut others = 0;
        let result = loop {
            let other = invocation(language, "noisy", "many", "300");
            let other_id = other.request_id.clone();
            tokio::select! {
                result = &mut flood => break result,
                told = bench.result(other) => assert_eq!(told, "ok"),
            }
            others += 1;
            let lines = bench.logs.texts(&other_id).into_iter().filter(|line| line.starts_with("line ")).count();
            assert_eq!(lines, 300, "{language:?}");
        };
        assert_eq!(result, "written", "{language:?}");
        assert!(others > 0, "{language:?}: nobody else was served");
        let lines = bench.logs.texts(&id);
        let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
        assert!(bytes < KEPT + 4_096, "{bytes}");
        assert_eq!(lines.iter().filter(|line| line.starts_with("log limit reached")).count(), 1);
        let dropped = lines.iter().find(|line| line.ends_with("were dropped")).unwrap();
        let count: usize = dropped.split(' ').next().unwrap().parse().unwrap();
        let kept = lines.iter().filter(|line| line.starts_with("yyy")).count();
        assert_eq!(kept + count, megabytes * 1_024, "{dropped}");
        assert!(lines.iter().any(|line| line.starts_with("FC Invoke End")), "how it ended is told");
        // The next request of the same instance has a whole log again.
        let next = nasty(language, "flood", "1");
        let next_id = next.request_id.clone();
        assert_eq!(bench.result(next).await, "written", "{language:?}");
        assert_eq!(bench.logs.texts(&next_id).iter().filter(|line| line.starts_with("yyy")).count(), 1_024);
    }
}

#[tokio::test]
async fn killing_everything_ends_only_the_own_instance() {
    let bench = Bench::new().await;
    if !bench.has(Piece::Processes) {
        return; // it would reach this test too
    }
    // Without a memory limit of our own, nobody can tell who sent a SIGKILL.
    let expected = if bench.has(Piece::Memory) {
        "Process exited unexpectedly before completing request"
    } else {
        "Function instance exited unexpectedly (OOM)"
    };
    for language in LANGUAGES {
        let call = nasty(language, "kills_all", "");
        let id = call.request_id.clone();
        let message = misbehave(&bench, call).await;
        assert_eq!(message, expected, "{language:?}");
        assert!(bench.logs.texts(&id).contains(&"killing".to_owned()));
    }
}

#[tokio::test]
async fn what_is_not_its_own_can_be_neither_read_nor_written() {
    let bench = Bench::new().await;
    if !bench.has(Piece::Files) {
        return;
    }
    let is_root = nix::unistd::Uid::effective().is_root();
    let data_dir = bench.data_dir.path().canonicalize().unwrap();
    fs::write(data_dir.join("keys"), "secret").unwrap();
    let other = bench.begin(invocation(PYTHON, "stop", "handler", "sleeper")).await;
    let server = std::process::id();
    let mut paths: Vec<String> = ["", "keys", "owner", "lock", "code", "code/python-stop/index.py", "run"]
        .iter()
        .map(|name| data_dir.join(name).display().to_string())
        .collect();
    for pid in survivors(&other.id).into_iter().chain([i32::try_from(server).unwrap(), 1]) {
        paths.extend(["environ", "mem", "maps", "cwd/", "root/"].map(|name| format!("/proc/{pid}/{name}")));
    }
    paths.extend(["/etc/shadow", "/root", "/home", "/var/log", "/sys", "/boot", "/proc/kcore"].map(str::to_owned));
    for language in LANGUAGES {
        let seen = |handler: &str, paths: Vec<String>| {
            let call = nasty(language, handler, serde_json::to_vec(&paths).unwrap());
            async { serde_json::from_str::<Vec<String>>(&bench.result(call).await).unwrap() }
        };
        let mut readable = seen("reads", paths.clone()).await;
        // A pid of ours may be one of its own too, in its own process namespace.
        readable.retain(|path| !path.starts_with("/proc/"));
        assert_eq!(readable, [""; 0], "{language:?}");
        let own = ["/proc/1/environ", "/proc/1/mem", "/code/index.py", "/code/index.js"].map(str::to_owned);
        let mut readable = seen("reads", own.to_vec()).await;
        // The sandbox's own process has the function's user where the server is not root; it has no secrets.
        readable.retain(|path| is_root || !path.starts_with("/proc/"));
        assert_eq!(readable.len(), 1, "{language:?}: {readable:?}");
        let places = ["/", "/code", "/run/taskyard", "/usr/bin", "/etc", "/dev", "/tmp", "/dev/shm"];
        assert_eq!(seen("writes", places.map(str::to_owned).to_vec()).await, ["/tmp", "/dev/shm"], "{language:?}");
    }
    other.stop.cancel();
    other.outcome.await.unwrap();
}

#[tokio::test]
async fn it_is_nobody_and_alone() {
    let bench = Bench::new().await;
    let mut users = Vec::new();
    for language in LANGUAGES {
        let seen: serde_json::Value = serde_json::from_str(&bench.result(nasty(language, "identity", "")).await).unwrap();
        if bench.has(Piece::User) {
            assert_ne!(seen["uid"], 0);
            assert_eq!(seen["capabilities"], 0, "{language:?}");
            assert_eq!(seen["noNewPrivs"], "1", "{language:?}");
        }
        if bench.has(Piece::SystemCalls) {
            assert_eq!(seen["seccomp"], "2", "{language:?}");
        }
        if bench.has(Piece::Processes) {
            assert!(seen["processes"].as_u64().unwrap() <= 2, "{language:?}: {seen}");
        }
        users.push(seen["uid"].clone());
        if bench.has(Piece::SystemCalls) && bench.has(Piece::User) {
            assert_eq!(bench.result(nasty(language, "escapes", "")).await, "[]", "{language:?}");
        }
    }
    if bench.has(Piece::User) && nix::unistd::Uid::effective().is_root() {
        assert_ne!(users[0], users[1], "each instance has a user of its own");
    }
}

// What gives an instance its user is root until then: a function's variables must not choose what it loads.
#[tokio::test]
async fn a_functions_variables_reach_only_its_own_programs() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let mut call = nasty(language, "identity", "");
        call.function.spec.environment.insert("LD_DEBUG".to_owned(), "libs".to_owned());
        let id = call.request_id.clone();
        bench.result(call).await;
        let lines = bench.logs.texts(&id);
        assert!(lines.iter().any(|line| line.contains("libc.so")), "{language:?}: its own programs hear of it");
        // The sandbox itself uses this one, and what runs in it does not.
        assert!(!lines.iter().any(|line| line.contains("libselinux") || line.contains("libcap")), "{language:?}: others do not");
    }
}

#[tokio::test]
async fn the_network_is_there_or_not_as_the_service_says() {
    let bench = Bench::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let greeter = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"reached").await.unwrap();
        }
    });
    for language in LANGUAGES {
        let online = nasty(language, "connects", port.clone());
        assert_eq!(bench.result(online.clone()).await, "reached", "{language:?}");
        let mut offline = again(&online, port.clone());
        offline.function.service = ServiceName::from_stored(OFFLINE);
        offline.function.id = format!("{}-offline", language.fixtures);
        if bench.has(Piece::Network) {
            let (_, error) = bench.error(offline).await;
            assert!(
                error["errorMessage"].as_str().unwrap().contains("refused")
                    || error["errorMessage"].as_str().unwrap().contains("ECONNREFUSED"),
                "{error}"
            );
        } else {
            assert_eq!(bench.result(offline).await, "reached", "without the piece the switch does nothing, and the log says so");
        }
    }
    greeter.abort();
}

#[tokio::test]
async fn nothing_is_left_of_the_nasty_ones_after_shutdown() {
    use engine::ports::Executor;
    let bench = Bench::with(|config| config.grace = Duration::from_millis(100)).await;
    for language in LANGUAGES {
        let (_, outcome) = bench.invoke(nasty(language, "identity", "")).await;
        assert!(matches!(outcome.end, End::Succeeded { .. }), "{outcome:?}");
    }
    let owner = fs::read_to_string(bench.data_dir.path().join("owner")).unwrap();
    bench.executor.shutdown().await;
    assert_eq!(marked_processes(&format!("TASKYARD_OWNER={owner}")), [0; 0]);
}

#[tokio::test]
async fn strict_containment_starts_only_with_all_of_it() {
    let data_dir = tempfile::tempdir().unwrap();
    let mut config = crate::harness::config(data_dir.path());
    config.containment = ContainmentMode::Strict;
    let logs = std::sync::Arc::new(crate::harness::MemoryLogs::default());
    let clock = std::sync::Arc::new(engine::clock::SystemClock);
    let started = runtime::ProcessExecutor::start(config, std::sync::Arc::new(crate::harness::FixtureCode), logs, clock).await;
    let missing: Vec<&str> = {
        let bench = Bench::new().await;
        Piece::ALL.into_iter().filter(|piece| !bench.has(*piece)).map(Piece::name).collect()
    };
    match started {
        Ok(_) => assert_eq!(missing, [""; 0]),
        Err(error) => {
            let text = error.to_string();
            assert!(!missing.is_empty() && missing.iter().all(|name| text.contains(name)), "{text}");
        }
    }
}
