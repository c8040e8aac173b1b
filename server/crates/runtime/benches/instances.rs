//! Instances on this machine, contained as far as it allows: how long a cold start, a warm call and a stop take.
//!
//! `cargo bench -p runtime --bench instances -- [--samples N]` prints one JSON line per figure, with the values of all samples in
//! milliseconds; `make bench` makes a table of them. Nothing is asserted about time.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench reports to the terminal and stops at the first surprise"
)]

#[expect(dead_code, reason = "the tests need more of it")]
#[path = "../tests/conformance/harness.rs"]
mod harness;

use engine::ports::{End, Executor, Invocation};
use harness::{Bench, Language, PYTHON, SCRIPTED, again, invocation, short_search_path};
use std::time::{Duration, Instant};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

/// Instances that are idle at once; more samples than that take the place of earlier ones.
const INSTANCES: usize = 64;
/// Warm calls for each sample of what takes longer.
const CALLS_PER_SAMPLE: usize = 20;
/// Lines that one call writes where the log is measured.
const LOG_LINES: usize = 20_000;
/// Other samples for each of those.
const SAMPLES_PER_LOG: usize = 10;

fn samples() -> usize {
    let mut words = std::env::args().skip_while(|word| word != "--samples").skip(1);
    words.next().map_or(100, |count| count.parse().expect("--samples takes a number"))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn report(language: Language, what: &str, values: &[f64]) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: usize| sorted[(sorted.len() - 1) * share / 100];
    let what = format!("{what}, {}", language.fixtures);
    println!("{}", serde_json::json!({ "what": what, "unit": "ms", "p50": at(50), "p99": at(99), "values": values }));
}

/// The interpreter by itself, for comparison.
async fn bare(language: Language) -> f64 {
    let [program, flag, code] = if language == PYTHON { ["python3", "-c", "pass"] } else { ["node", "-e", "0"] };
    let mut command = Command::new(program);
    command.args([flag, code]).env_clear().env("PATH", short_search_path());
    let began = Instant::now();
    assert!(command.status().await.unwrap().success());
    milliseconds(began.elapsed())
}

/// From the wish for an instance until it has loaded a function that none has served before.
async fn cold_start(bench: &Bench, language: Language, number: usize) -> f64 {
    let mut call = invocation(language, "hello", "handler", "x");
    call.function.id = format!("{}-{number}", language.fixtures);
    let began = Instant::now();
    let instance = bench.executor.acquire(&call, &CancellationToken::new()).await.unwrap();
    let took = milliseconds(began.elapsed());
    drop(instance);
    took
}

async fn warm_calls(bench: &Bench, language: Language, count: usize) -> Vec<f64> {
    let call = invocation(language, "hello", "handler", "x");
    bench.invoke(call.clone()).await;
    let mut taken = Vec::with_capacity(count);
    for _ in 0..count {
        let next = again(&call, "x");
        let began = Instant::now();
        let (_, outcome) = bench.invoke(next).await;
        taken.push(milliseconds(began.elapsed()));
        assert!(matches!(outcome.end, End::Succeeded { .. }), "{outcome:?}");
    }
    taken
}

/// A call whose code does nothing but write lines, until the last of them is stored (in memory here).
async fn log_of(bench: &Bench, call: &Invocation) -> f64 {
    let began = Instant::now();
    let (_, outcome) = bench.invoke(again(call, LOG_LINES.to_string())).await;
    assert!(matches!(outcome.end, End::Succeeded { .. }), "{outcome:?}");
    milliseconds(began.elapsed())
}

/// From the wish for a stop of code that sleeps until a scan has found nothing of its instance.
async fn stop(bench: &Bench, language: Language) -> f64 {
    let running = bench.begin(invocation(language, "stop", "handler", "sleeper")).await;
    let asked = Instant::now();
    running.stop.cancel();
    let outcome = running.outcome.await.unwrap();
    let took = milliseconds(asked.elapsed());
    assert_eq!(outcome.end, End::Stopped { ended_by_itself: false });
    took
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let samples = samples();
    let bench = Bench::with(|config| config.max_instances = INSTANCES).await;
    for language in SCRIPTED {
        let [mut interpreter, mut cold, mut stops] = [Vec::new(), Vec::new(), Vec::new()];
        // In turn, so that a busy moment of the machine touches all of them.
        for number in 0..samples {
            interpreter.push(bare(language).await);
            cold.push(cold_start(&bench, language, number).await);
            stops.push(stop(&bench, language).await);
        }
        report(language, "bare interpreter", &interpreter);
        report(language, "cold start of an instance", &cold);
        report(language, "warm call of an instance", &warm_calls(&bench, language, samples * CALLS_PER_SAMPLE).await);
        let noisy = invocation(language, "noisy", "many", LOG_LINES.to_string());
        bench.invoke(noisy.clone()).await;
        let mut logs = Vec::new();
        for _ in 0..samples.div_ceil(SAMPLES_PER_LOG) {
            logs.push(log_of(&bench, &noisy).await);
        }
        report(language, &format!("call that writes {LOG_LINES} log lines"), &logs);
        report(language, "stop of an instance, no process of it left", &stops);
    }
    bench.executor.shutdown().await;
}
