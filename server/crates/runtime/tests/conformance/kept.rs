//! Numbers of instances with real processes: limits, instances that are kept ready, and code that is replaced under load.

use crate::harness::{Bench, CUSTOM, LANGUAGES, Language, again, invocation, pause, survivors};
use engine::ports::{AcquireError, End, Executor, Fleet, InstanceLimits, Invocation, Keep, ProvisionState};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

fn keep(call: &Invocation, instances: u32) -> Keep {
    Keep { function: call.function.clone(), qualifier: call.qualifier.clone(), version: call.version, instances }
}

/// Waits until what is ready is as wanted.
async fn until(bench: &Bench, fits: impl Fn(&[ProvisionState]) -> bool) -> Vec<ProvisionState> {
    loop {
        let kept = bench.executor.kept();
        if fits(&kept) {
            return kept;
        }
        bench.executor.kept_changed().await;
    }
}

/// A call whose handler answers with its environment, in which `VERSION` says which code it is.
fn versioned(language: Language, version: &str) -> Invocation {
    let mut call = invocation(language, "basic", "environment", "");
    call.function.spec.environment.insert("VERSION".to_owned(), version.to_owned());
    call.function.etag = format!("etag-{version}");
    call
}

fn version_of(end: End) -> String {
    let End::Succeeded { result } = end else { panic!("a call failed: {end:?}") };
    serde_json::from_slice::<serde_json::Value>(&result).unwrap()["VERSION"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn i3_5_over_its_limit_a_call_is_refused_and_a_task_waits() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = invocation(language, "stop", "handler", "deaf");
        let key = (call.function.function_ref(), call.qualifier.clone());
        bench.executor.limit(InstanceLimits { by_qualifier: HashMap::from([(key, 1)]), by_region: None });
        let running = bench.begin(call.clone()).await;
        let stop = CancellationToken::new();
        let refused = bench.executor.acquire_soon(&again(&call, ""), &stop).await.map(drop);
        assert_eq!(refused, Err(AcquireError::Exhausted), "{language:?}");
        let next = again(&call, "");
        let waits = bench.executor.acquire(&next, &stop);
        tokio::pin!(waits);
        tokio::select! {
            _ = &mut waits => panic!("there is one instance already"),
            () = pause(Duration::from_millis(300)) => {}
        }
        running.stop.cancel();
        running.outcome.await.unwrap();
        assert_ne!(*waits.await.unwrap().id(), running.id);
    }
}

#[tokio::test]
async fn i4_2_instances_are_ready_before_the_first_call_and_again_when_they_die() {
    let bench = Bench::new().await;
    let calls = LANGUAGES.map(|language| invocation(language, "basic", "count", ""));
    bench.executor.keep(calls.iter().map(|call| keep(call, 2)).collect());
    until(&bench, |kept| kept.len() == calls.len() && kept.iter().all(|state| state.instances == 2)).await;
    for call in &calls {
        let reserved = bench.executor.reserve(&call.function, &call.qualifier, 9);
        let ids: Vec<_> = reserved.iter().map(|instance| instance.id().clone()).collect();
        assert_eq!(ids.len(), 2, "ready without a call");
        drop(reserved);
        // What its start has logged is not the first request's.
        let request = again(call, "");
        let id = request.request_id.clone();
        assert!(ids.contains(&bench.invoke(request).await.0));
        assert!(!bench.logs.texts(&id).iter().any(|line| line.contains("runtime inited")));
        for pid in survivors(&ids[0]) {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
        }
        until(&bench, |kept| kept.iter().any(|state| state.instances < 2)).await;
        until(&bench, |kept| kept.iter().all(|state| state.instances == 2)).await;
        let now = bench.executor.reserve(&call.function, &call.qualifier, 9);
        assert_eq!(now.len(), 2);
        assert!(now.iter().all(|instance| *instance.id() != ids[0]));
    }
    bench.executor.keep(Vec::new());
    assert_eq!(bench.executor.kept(), []);
    bench.executor.shutdown().await;
}

#[tokio::test]
async fn i4_2_what_does_not_start_says_why_and_is_not_tried_all_the_time() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = invocation(language, "basic", "nothere", "");
        bench.executor.keep(vec![keep(&call, 1)]);
        let kept = until(&bench, |kept| kept.iter().any(|state| !state.problem.is_empty())).await;
        assert_eq!(kept[0].instances, 0);
        let (kind, part) = if language == CUSTOM { ("CAExited", "before it listened") } else { ("UnhandledInvocationError", "nothere") };
        assert!(kept[0].problem.starts_with(&format!("{kind}: ")) && kept[0].problem.contains(part), "{}", kept[0].problem);
        // Fixed by new code: no wait for the old one's next try.
        let mut fixed = invocation(language, "basic", "hello", "");
        fixed.function.etag = "fixed".to_owned();
        bench.executor.keep(vec![keep(&fixed, 1)]);
        let kept = until(&bench, |kept| kept[0].instances == 1).await;
        assert_eq!(kept[0].problem, "");
    }
}

#[tokio::test]
async fn i4_2_a_new_version_replaces_what_is_kept() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        bench.executor.keep(vec![keep(&versioned(language, "1"), 1)]);
        until(&bench, |kept| kept[0].instances == 1).await;
        let new = versioned(language, "2");
        bench.executor.keep(vec![keep(&new, 1)]);
        until(&bench, |kept| kept[0].instances == 1).await;
        let ready = bench.executor.reserve(&new.function, &new.qualifier, 9);
        assert_eq!(ready.len(), 1, "{language:?}");
        drop(ready);
        assert_eq!(version_of(bench.invoke(new).await.1.end), "2");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_2_code_replaced_under_load_drops_no_request_and_answers_at_once() {
    const CALLERS: usize = 4;
    let bench = Arc::new(Bench::new().await);
    for language in LANGUAGES {
        let (is_new, is_over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let answered = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                let (bench, is_new, is_over, answered) = (bench.clone(), is_new.clone(), is_over.clone(), answered.clone());
                tokio::spawn(async move {
                    while !is_over.load(Ordering::SeqCst) {
                        // What the caller finds stored when it begins.
                        let version = if is_new.load(Ordering::SeqCst) { "2" } else { "1" };
                        let (_, outcome) = bench.invoke(versioned(language, version)).await;
                        assert_eq!(version_of(outcome.end), version);
                        answered[usize::from(version == "2")].fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        let until = async |which: usize, count: usize| {
            while answered[which].load(Ordering::SeqCst) < count {
                assert!(!callers.iter().any(tokio::task::JoinHandle::is_finished), "a call failed");
                pause(Duration::from_millis(5)).await;
            }
        };
        until(0, 50).await;
        is_new.store(true, Ordering::SeqCst);
        until(1, 50).await;
        is_over.store(true, Ordering::SeqCst);
        for caller in callers {
            caller.await.unwrap();
        }
    }
    bench.executor.shutdown().await;
}
