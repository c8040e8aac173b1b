//! Instances from start to end: initializer, warm reuse, replacement.

use crate::harness::{Bench, LANGUAGES, again, invocation, is_running, marked_processes, outer_pid, survivors};
use engine::ports::{End, Executor, Invocation};
use model::{Qualifier, VersionId};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn the_second_request_finds_the_instance_warm() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = invocation(language, "basic", "count", "");
        let (first, _) = bench.invoke(call.clone()).await;
        let second = again(&call, "");
        let id = second.request_id.clone();
        let (same, outcome) = bench.invoke(second).await;
        assert_eq!((first, outcome.end), (same, End::Succeeded { result: b"2".to_vec() }), "{language:?}");
        assert!(!bench.logs.texts(&id).iter().any(|line| line.contains("runtime inited")));
    }
}

#[tokio::test]
async fn an_instance_serves_the_next_request_while_the_log_of_the_last_one_is_stored() {
    let bench = Bench::with(|config| config.max_instances = 1).await;
    for language in LANGUAGES {
        let call = invocation(language, "basic", "count", "");
        let (first, _) = bench.invoke(call.clone()).await;
        let slow = bench.logs.gate.write().await;
        let (second, third) = (again(&call, ""), again(&call, ""));
        let instance = bench.executor.acquire(&second, &CancellationToken::new()).await.unwrap();
        let ending = tokio::spawn(instance.run(second, CancellationToken::new()));
        let next = bench.executor.acquire(&third, &CancellationToken::new()).await.unwrap();
        assert_eq!((next.id(), ending.is_finished()), (&first, false), "{language:?}");
        drop(slow);
        assert_eq!(ending.await.unwrap().end, End::Succeeded { result: b"2".to_vec() });
        assert_eq!(next.run(third, CancellationToken::new()).await.end, End::Succeeded { result: b"3".to_vec() });
    }
}

#[tokio::test]
async fn an_instance_that_is_dropped_without_a_run_is_used_by_the_next() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = invocation(language, "basic", "count", "");
        let reserved = bench.executor.acquire(&call, &CancellationToken::new()).await.unwrap();
        let id = reserved.id().clone();
        drop(reserved);
        assert_eq!(bench.invoke(again(&call, "")).await.0, id);
    }
}

#[tokio::test]
async fn a_new_version_replaces_the_instance() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let old = invocation(language, "basic", "count", "");
        let (first, _) = bench.invoke(old.clone()).await;
        let mut new = again(&old, "");
        new.function.etag = "etag-2".to_owned();
        let (second, outcome) = bench.invoke(new).await;
        assert_ne!(first, second);
        assert_eq!(outcome.end, End::Succeeded { result: b"1".to_vec() });
    }
    bench.executor.shutdown().await;
}

#[tokio::test]
async fn versions_that_one_alias_leads_to_share_no_instance_and_end_none_of_each_other() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let of = |version: u64, etag: &str| {
            let mut call = invocation(language, "basic", "count", "");
            (call.function.id, call.function.etag) = (format!("id-{language:?}"), etag.to_owned());
            (call.qualifier, call.version) = (Qualifier::from_stored("prod"), Some(VersionId::from_stored(version)));
            call
        };
        // Two versions of which only another function of the service differs have the same etag.
        let mut ids = Vec::new();
        for (version, etag) in [(1, "e1"), (2, "e2"), (3, "e2"), (1, "e1"), (2, "e2"), (3, "e2")] {
            ids.push(bench.invoke(of(version, etag)).await.0);
        }
        let (first, second) = ids.split_at(3);
        assert_eq!(first, second, "{language:?}: each found its own instance again");
        assert!(first[0] != first[1] && first[1] != first[2], "{language:?}: {ids:?}");
    }
}

#[tokio::test]
async fn the_initializer_runs_once_and_before_the_handler() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let mut call = invocation(language, "initializer", "handler", "");
        call.function.spec.initializer = "index.initialize".to_owned();
        let id = call.request_id.clone();
        assert_eq!(bench.result(call.clone()).await, "ready");
        let first = bench.logs.texts(&id);
        let at = |text: &str| first.iter().position(|line| *line == text).unwrap_or_else(|| panic!("{text}: {first:?}"));
        let (start, end) = (at(&format!("FC Initialize Start RequestId: {id}")), at(&format!("FC Initialize End RequestId: {id}")));
        assert!(start < end && end < at(&format!("FC Invoke Start RequestId: {id}")));
        at("initializing for initializer");
        let next = again(&call, "");
        let id = next.request_id.clone();
        bench.result(next).await;
        assert!(!bench.logs.texts(&id).iter().any(|line| line.contains("Initialize")));
    }
}

#[tokio::test]
async fn a_failed_or_slow_initializer_fails_the_request_and_ends_the_instance() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let with = |initializer: &str| {
            let mut call = invocation(language, "initializer", "handler", "");
            call.function.spec.initializer = format!("index.{initializer}");
            call.function.spec.initialization_timeout_s = 1;
            call
        };
        assert_eq!(bench.start_error(&with("refuse")).await["errorMessage"], "no database");
        assert_eq!(bench.start_error(&with("hang")).await["errorMessage"], "Function initializer timed out after 1 seconds");
        assert_eq!(bench.start_error(&with("nothere")).await["errorMessage"], "Handler 'nothere' missing on module 'index'");
    }
    assert_eq!(marked_processes(&owner(&bench)), [0; 0]);
}

fn owner(bench: &Bench) -> String {
    format!("TASKYARD_OWNER={}", std::fs::read_to_string(bench.data_dir.path().join("owner")).unwrap())
}

#[tokio::test]
async fn shutdown_ends_idle_and_busy_instances_and_what_they_left() {
    let bench = Bench::new().await;
    let mut busy = Vec::new();
    for language in LANGUAGES {
        let (instance, outcome) = bench.invoke(invocation(language, "basic", "leaves_child", "")).await;
        let End::Succeeded { result } = outcome.end else { panic!("{outcome:?}") };
        let child = outer_pid(&instance, String::from_utf8(result).unwrap().parse().unwrap());
        assert!(is_running(child), "a background process lives as long as its instance");
        busy.push(bench.begin(invocation(language, "stop", "handler", "deaf")).await);
        assert!(marked_processes(&owner(&bench)).len() >= 3);
    }
    bench.executor.shutdown().await;
    assert_eq!(marked_processes(&owner(&bench)), [0; 0]);
    for running in busy {
        assert!(matches!(running.outcome.await.unwrap().end, End::PlatformError { .. }));
    }
    let refused = bench.executor.acquire(&invocation(LANGUAGES[0], "basic", "hello", ""), &CancellationToken::new()).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn an_instance_that_ends_while_idle_is_replaced() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = invocation(language, "basic", "count", "");
        let (first, _) = bench.invoke(call.clone()).await;
        for pid in survivors(&first) {
            let killed = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
            // The end of one may have ended the others already.
            assert!(matches!(killed, Ok(()) | Err(nix::errno::Errno::ESRCH)), "{killed:?}");
        }
        // Whether the pool has heard of the end yet or not: the request runs, on another instance or with the error of a lost one.
        let mut next = bench.invoke(again(&call, "")).await;
        while next.0 == first {
            assert!(matches!(next.1.end, End::FunctionError { .. }), "{:?}", next.1);
            next = bench.invoke(again(&call, "")).await;
        }
        assert_eq!(next.1.end, End::Succeeded { result: b"1".to_vec() });
    }
}

#[tokio::test]
async fn instances_without_work_end_after_the_idle_timeout() {
    let bench = Bench::with(|config| config.idle_timeout = Duration::from_millis(1)).await;
    let call: Invocation = invocation(LANGUAGES[0], "basic", "count", "");
    let (instance, _) = bench.invoke(call).await;
    let pids = survivors(&instance);
    // The pool is empty when the instance has ended and given its place back: only then can `shutdown` have nothing to do.
    crate::server_death::wait_for_ends(&pids).await;
    assert_eq!(survivors(&instance), [0; 0]);
}
