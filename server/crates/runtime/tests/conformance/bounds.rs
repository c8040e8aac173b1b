//! How many instances there may be, and who waits.

use crate::harness::{Bench, LANGUAGES, NODEJS, PYTHON, again, invocation, survivors};
use engine::ports::{AcquireError, End, Executor};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn at_the_limit_an_invocation_waits_until_an_instance_is_free() {
    let bench = Bench::with(|config| config.max_instances = 1).await;
    for language in LANGUAGES {
        let call = invocation(language, "basic", "count", "");
        let held = bench.executor.acquire(&call, &CancellationToken::new()).await.unwrap();
        let id = held.id().clone();
        let (executor, next) = (std::sync::Arc::clone(&bench.executor), again(&call, ""));
        let waiting = tokio::spawn(async move { executor.acquire(&next, &CancellationToken::new()).await.map(|got| got.id().clone()) });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        held.run(call, CancellationToken::new()).await;
        assert_eq!(waiting.await.unwrap(), Ok(id), "{language:?}: it gets the instance that became free");
    }
}

#[tokio::test]
async fn an_idle_instance_of_another_function_makes_room() {
    let bench = Bench::with(|config| config.max_instances = 1).await;
    let (first, _) = bench.invoke(invocation(PYTHON, "basic", "count", "")).await;
    let (second, outcome) = bench.invoke(invocation(NODEJS, "basic", "count", "")).await;
    assert_eq!(outcome.end, End::Succeeded { result: b"1".to_vec() });
    assert_ne!(first, second);
    assert_eq!(survivors(&first), [0; 0]);
}

#[tokio::test]
async fn a_stop_gives_up_waiting_and_starting() {
    let bench = Bench::with(|config| config.max_instances = 1).await;
    let held = bench.begin(invocation(PYTHON, "stop", "handler", "sleeper")).await;
    let stop = CancellationToken::new();
    let (executor, token) = (std::sync::Arc::clone(&bench.executor), stop.clone());
    let waiting = tokio::spawn(async move { executor.acquire(&invocation(PYTHON, "basic", "hello", ""), &token).await.map(drop) });
    tokio::task::yield_now().await;
    stop.cancel();
    assert_eq!(waiting.await.unwrap(), Err(AcquireError::Exhausted));
    held.stop.cancel();
    held.outcome.await.unwrap();

    let mut slow = invocation(PYTHON, "initializer", "handler", "");
    slow.function.spec.initializer = "index.hang".to_owned();
    slow.function.spec.initialization_timeout_s = 300;
    let (stop, id) = (CancellationToken::new(), slow.request_id.clone());
    let (executor, token) = (std::sync::Arc::clone(&bench.executor), stop.clone());
    let starting = tokio::spawn(async move { executor.acquire(&slow, &token).await.map(drop) });
    bench.logs.wait_for(&id, "FC Initialize Start").await;
    stop.cancel();
    assert_eq!(starting.await.unwrap(), Err(AcquireError::Exhausted));
    assert_eq!(bench.result(invocation(PYTHON, "basic", "hello", "x")).await, "hello x", "its place is free again");
}

#[tokio::test]
async fn a_line_that_is_too_long_is_refused() {
    let bench = Bench::with(|config| (config.max_instances, config.max_waiting) = (1, 0)).await;
    let call = invocation(PYTHON, "basic", "hello", "");
    let _held = bench.executor.acquire(&call, &CancellationToken::new()).await.unwrap();
    let refused = bench.executor.acquire(&again(&call, ""), &CancellationToken::new()).await.map(drop);
    assert_eq!(refused, Err(AcquireError::Exhausted));
}

#[tokio::test]
async fn a_second_server_on_the_same_data_directory_is_refused() {
    let bench = Bench::new().await;
    let config = crate::harness::config(bench.data_dir.path());
    let logs = std::sync::Arc::new(crate::harness::MemoryLogs::default());
    let clock = std::sync::Arc::new(engine::clock::SystemClock);
    let second = runtime::ProcessExecutor::start(config, std::sync::Arc::new(crate::harness::FixtureCode), logs, clock).await;
    assert!(second.is_err_and(|error| error.to_string().contains("is used by another server")));
}
