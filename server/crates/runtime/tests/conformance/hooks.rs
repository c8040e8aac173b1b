//! PreFreeze and PreStop (`console.md` C-58, `fc-api.md` 5.7).

use crate::harness::{Bench, LANGUAGES, Language, NODEJS, PYTHON, again, invocation, survivors};
use engine::ports::{End, Executor, Invocation};
use serde_json::json;
use std::time::{Duration, Instant};

fn with_hook(language: Language, handler: &str, hook: &str, function: &str, timeout_s: u64) -> Invocation {
    let mut call = invocation(language, "hooks", handler, "");
    call.function.id = format!("{}-{handler}-{hook}-{function}", language.fixtures);
    let config = json!({ hook: { "handler": format!("index.{function}"), "timeout": timeout_s } });
    call.function.spec.extra.insert("instanceLifecycleConfig".to_owned(), config);
    call
}

/// Waits for the hook's end and returns the lines of its log from its start on.
async fn hook_lines(bench: &Bench, call: &Invocation, kind: &str) -> Vec<String> {
    bench.logs.wait_for(&call.request_id, &format!("FC {kind} End")).await;
    let lines = bench.logs.texts(&call.request_id);
    lines.into_iter().skip_while(|line| !line.starts_with(&format!("FC {kind} Start"))).collect()
}

#[tokio::test]
async fn c58_pre_freeze_runs_when_an_instance_has_become_idle() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = with_hook(language, "handler", "preFreeze", "pre_freeze", 5);
        let (first, outcome) = bench.invoke(call.clone()).await;
        assert_eq!(outcome.end, End::Succeeded { result: b"1".to_vec() }, "{language:?}");
        let id = &call.request_id;
        let lines = hook_lines(&bench, &call, "PreFreeze").await;
        let expected = [
            format!("FC PreFreeze Start RequestId: {id}"),
            format!("freezing after 1 for {id}"),
            format!("FC PreFreeze End RequestId: {id}"),
        ];
        assert_eq!(lines, expected, "{language:?}");
        let (same, outcome) = bench.invoke(again(&call, "")).await;
        assert_eq!((same, outcome.end), (first, End::Succeeded { result: b"2".to_vec() }), "{language:?}: it serves again");
    }
}

#[tokio::test]
async fn c58_pre_stop_runs_before_an_idle_instance_is_replaced() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = with_hook(language, "handler", "preStop", "pre_stop", 5);
        let (first, _) = bench.invoke(call.clone()).await;
        let mut newer = again(&call, "");
        newer.function.etag = "etag-2".to_owned();
        bench.invoke(newer).await;
        let id = &call.request_id;
        let lines = hook_lines(&bench, &call, "PreStop").await;
        let expected =
            [format!("FC PreStop Start RequestId: {id}"), format!("stopping after 1 for {id}"), format!("FC PreStop End RequestId: {id}")];
        assert_eq!(lines, expected, "{language:?}");
        crate::server_death::wait_for_ends(&survivors(&first)).await;
    }
}

#[tokio::test]
async fn c58_pre_stop_runs_before_a_stopped_task_is_ended() {
    let bench = Bench::with(|config| config.grace = Duration::from_secs(4)).await;
    // The custom runtime of this suite serves one request at a time.
    for language in [PYTHON, NODEJS] {
        let call = with_hook(language, "sleeper", "preStop", "pre_stop", 5);
        let running = bench.begin(call.clone()).await;
        running.stop.cancel();
        assert_eq!(running.outcome.await.unwrap().end, End::Stopped { ended_by_itself: false }, "{language:?}");
        let lines = bench.logs.texts(&call.request_id);
        assert!(lines.contains(&format!("stopping after 0 for {}", call.request_id)), "{language:?}: {lines:?}");
        assert_eq!(survivors(&running.id), [0; 0]);
    }
}

#[tokio::test]
async fn c58_a_hook_that_hangs_takes_no_more_than_its_time_and_no_more_than_half_of_a_stops_grace() {
    let bench = Bench::with(|config| config.grace = Duration::from_millis(400)).await;
    for language in LANGUAGES {
        let running = bench.begin(with_hook(language, "sleeper", "preStop", "hangs", 90)).await;
        let asked = Instant::now();
        running.stop.cancel();
        assert_eq!(running.outcome.await.unwrap().end, End::Stopped { ended_by_itself: false }, "{language:?}");
        assert!(asked.elapsed() < Duration::from_secs(30), "{language:?}: the hook has no 90 seconds");
        assert_eq!(survivors(&running.id), [0; 0]);
        let call = with_hook(language, "handler", "preFreeze", "hangs", 1);
        let (first, _) = bench.invoke(call.clone()).await;
        let lines = hook_lines(&bench, &call, "PreFreeze").await;
        assert!(lines.last().unwrap().ends_with(", Error: timed out after 1.0 seconds"), "{language:?}: {lines:?}");
        assert_ne!(bench.invoke(again(&call, "")).await.0, first, "{language:?}: it is ended for that");
    }
}

#[tokio::test]
async fn c58_a_hook_that_fails_is_told_in_the_log_and_the_instance_goes_on() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = with_hook(language, "handler", "preFreeze", "fails", 5);
        let (first, _) = bench.invoke(call.clone()).await;
        let lines = hook_lines(&bench, &call, "PreFreeze").await;
        assert!(lines.last().unwrap().contains("Error: ") && lines.last().unwrap().contains("hook failed"), "{language:?}: {lines:?}");
        assert_eq!(bench.invoke(again(&call, "")).await.0, first, "{language:?}");
    }
}

#[tokio::test]
async fn c58_shutdown_runs_pre_stop_of_idle_instances() {
    let bench = Bench::with(|config| config.grace = Duration::from_secs(4)).await;
    let mut calls = Vec::new();
    for language in LANGUAGES {
        let call = with_hook(language, "handler", "preStop", "pre_stop", 5);
        bench.invoke(call.clone()).await;
        calls.push(call);
    }
    bench.executor.shutdown().await;
    for call in calls {
        let lines = bench.logs.texts(&call.request_id);
        assert!(lines.contains(&format!("stopping after 1 for {}", call.request_id)), "{lines:?}");
    }
}
