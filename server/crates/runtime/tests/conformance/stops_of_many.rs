//! Two hundred tasks of ten nasty kinds are stopped; a scan of `/proc` finds none of their processes (`product.md` 4.4).

use crate::harness::{Bench, Language, Running, SCRIPTED, invocation, is_running, own_namespaces, survivors};
use engine::ports::End;
use std::time::{Duration, Instant};

const KINDS: [&str; 10] = ["sleeper", "busy", "deaf", "setsid", "daemon", "bare-daemon", "respawner", "flood", "mute", "frozen"];
/// Each round has every kind in every language at once.
const ROUNDS: usize = 10;
/// Far above what a stop takes, so that a busy machine does not fail the test; a stop that waits for the code would take forever.
const STOP_MAX: Duration = Duration::from_secs(30);

async fn started(bench: &Bench) -> Vec<(Language, &'static str, Running)> {
    let cases = SCRIPTED.into_iter().flat_map(|language| KINDS.map(|kind| (language, kind)));
    let starts = cases.map(async |(language, kind)| {
        let mut call = invocation(language, "stop", "handler", kind);
        call.function.id = format!("{}-{kind}", language.fixtures);
        (language, kind, bench.begin(call).await)
    });
    futures::future::join_all(starts).await
}

async fn stopped(language: Language, kind: &str, running: Running) -> Duration {
    let namespaces = own_namespaces(&running.id);
    let before = [namespaces.processes(), survivors(&running.id)].concat();
    assert!(!before.is_empty(), "{language:?} {kind}: the scans find what runs");
    assert!(running.pids.iter().all(|pid| is_running(*pid)), "{language:?} {kind} runs");
    let asked = Instant::now();
    running.stop.cancel();
    let outcome = running.outcome.await.unwrap();
    let took = asked.elapsed();
    let by_pid: Vec<i32> = running.pids.iter().chain(&before).copied().filter(|pid| is_running(*pid)).collect();
    assert_eq!((by_pid, survivors(&running.id), namespaces.processes()), (vec![], vec![], vec![]), "{language:?} {kind}");
    assert_eq!(outcome.end, End::Stopped { ended_by_itself: false }, "{language:?} {kind}");
    assert!(took < STOP_MAX, "{language:?} {kind} took {took:?}");
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_two_hundred_stopped_tasks_of_ten_nasty_kinds_leave_no_survivor() {
    let bench = Bench::with(|config| (config.grace, config.max_instances) = (Duration::from_millis(100), 40)).await;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let running = started(&bench).await;
        let stops = running.into_iter().map(|(language, kind, running)| stopped(language, kind, running));
        times.extend(futures::future::join_all(stops).await);
    }
    assert_eq!(times.len(), 200);
    times.sort();
    println!("stops of nasty tasks, twenty at once: p50 {:?} p99 {:?}", times[100], times[198]);
}
