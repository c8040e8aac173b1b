//! Figures for the report, not assertions: cold starts and warm calls on this machine.

use crate::harness::{Bench, LANGUAGES, again, invocation, short_search_path};
use engine::ports::Executor;
use std::time::{Duration, Instant};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

fn percentile(times: &mut [Duration], share: usize) -> Duration {
    times.sort();
    times[(times.len() - 1) * share / 100]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "prints figures; run alone with --run-ignored only --no-capture"]
async fn cold_starts_warm_calls_and_stops() {
    let bench = Bench::with(|config| config.max_instances = 200).await;
    for language in LANGUAGES {
        let program = if language.fixtures == "python" { ["python3", "-c", "pass"] } else { ["node", "-e", "0"] };
        let mut bare = Vec::new();
        for _ in 0..30 {
            let mut command = Command::new(program[0]);
            command.args(&program[1..]).env_clear().env("PATH", short_search_path());
            let began = Instant::now();
            command.status().await.unwrap();
            bare.push(began.elapsed());
        }
        let mut cold = Vec::new();
        for n in 0..30 {
            let mut call = invocation(language, "hello", "handler", "x");
            call.function.id = format!("{}-{n}", language.fixtures);
            let began = Instant::now();
            drop(bench.executor.acquire(&call, &CancellationToken::new()).await.unwrap());
            cold.push(began.elapsed());
        }
        let call = invocation(language, "hello", "handler", "x");
        bench.invoke(call.clone()).await;
        let mut warm = Vec::new();
        for _ in 0..2_000 {
            let next = again(&call, "x");
            let began = Instant::now();
            bench.invoke(next).await;
            warm.push(began.elapsed());
        }
        let mut stops = Vec::new();
        for _ in 0..50 {
            let running = bench.begin(invocation(language, "stop", "handler", "sleeper")).await;
            let asked = Instant::now();
            running.stop.cancel();
            running.outcome.await.unwrap();
            stops.push(asked.elapsed());
        }
        for (what, times) in [("bare interpreter", &mut bare), ("cold start", &mut cold), ("warm call", &mut warm), ("stop", &mut stops)] {
            println!("{} {what}: p50 {:?} p99 {:?}", language.fixtures, percentile(times, 50), percentile(times, 99));
        }
    }
    bench.executor.shutdown().await;
}
