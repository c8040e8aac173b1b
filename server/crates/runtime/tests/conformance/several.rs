//! Several requests on one instance: their logs, their stops, and what becomes of the others when it ends (`product.md` 3).

use crate::harness::{Bench, CUSTOM, GO, Language, NODEJS, PYTHON, Running, again, invocation, shown, survivors};
use engine::ports::{End, Executor, Invocation, Outcome};
use model::{InstanceId, RequestId};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Each way in which a runtime has several requests at once: the language and the handler.
const WAYS: [(Language, &str); 5] = [(PYTHON, "handler"), (PYTHON, "asynchronous"), (NODEJS, "handler"), (CUSTOM, "handler"), (GO, "main")];

/// A call of a function whose instances serve so many at once.
fn several(way: (Language, &str), concurrency: u32, event: &str) -> Invocation {
    let (language, handler) = way;
    let mut call = invocation(language, "several", handler, event);
    call.function.spec.instance_concurrency = concurrency;
    if language == GO {
        call.function.spec.handler = handler.to_owned();
    }
    call.function.spec.environment.insert("THREADS".to_owned(), "1".to_owned());
    call
}

fn name_of(outcome: &Outcome) -> String {
    match &outcome.end {
        End::Succeeded { result } => String::from_utf8(result.clone()).unwrap(),
        _ => panic!("{}", shown(outcome)),
    }
}

/// Calls that run at the same time, each on what it was given.
async fn together(bench: &Bench, calls: &[Invocation]) -> Vec<(InstanceId, Outcome)> {
    futures_of(calls.iter().map(|call| bench.invoke(call.clone()))).await
}

async fn futures_of<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures::future::join_all(all).await
}

/// Begins a call that holds until it is released.
async fn hold(bench: &Bench, call: &Invocation, name: &str) -> Running {
    bench.begin(again(call, format!("{name} hold"))).await
}

async fn release(bench: &Bench, call: &Invocation) {
    bench.invoke(again(call, "x release")).await;
}

#[tokio::test]
async fn i4_an_instance_serves_several_requests_at_once_and_each_has_its_own_log() {
    let bench = Bench::new().await;
    for way in WAYS {
        let call = several(way, 5, "");
        let calls: Vec<Invocation> = (0..5).map(|n| again(&call, format!("name-{n} meet 5"))).collect();
        let done = together(&bench, &calls).await;
        let mut instances: Vec<&InstanceId> = done.iter().map(|(id, _)| id).collect();
        instances.dedup();
        assert_eq!(instances.len(), 1, "{way:?}");
        for (n, (call, (_, outcome))) in calls.iter().zip(&done).enumerate() {
            let name = format!("name-{n}");
            assert_eq!(name_of(outcome), name, "{way:?}");
            let lines = bench.logs.texts(&call.request_id);
            let own = |line: &str| line.contains(&name) || !line.contains("name-");
            let says = |text: &str| lines.iter().any(|line| line.ends_with(text));
            assert!(says(&format!("in {name}")) && says(&format!("out {name}")), "{way:?}: {lines:?}");
            if matches!(way.0, PYTHON | NODEJS) {
                assert!(lines.iter().all(|line| own(line)), "{way:?}: {lines:?}");
                let whole = [format!("half of {name} and the rest"), format!("to stderr of {name}")];
                assert!(whole.iter().all(|line| lines.contains(line)), "{way:?}: {lines:?}");
                assert!(outcome.log_tail.contains(&whole[0]), "{}", outcome.log_tail);
            }
            let ends = |line: &String| line.starts_with("FC Invoke End") && line.contains(call.request_id.as_str());
            assert!(lines.iter().any(ends), "{lines:?}");
        }
        // What the instance's start has written is the first one's.
        let inited = calls.iter().filter(|call| bench.logs.texts(&call.request_id).iter().any(|line| line.contains("runtime inited")));
        assert_eq!(inited.count(), 1, "{way:?}");
    }
}

#[tokio::test]
async fn i4_a_full_instance_is_left_alone_and_what_each_serves_is_listed() {
    let bench = Bench::new().await;
    for way in WAYS {
        let call = several(way, 2, "");
        let running = [hold(&bench, &call, "a").await, hold(&bench, &call, "b").await, hold(&bench, &call, "c").await];
        assert_eq!(running[0].id, running[1].id, "{way:?}");
        assert_ne!(running[0].id, running[2].id, "{way:?}");
        let listed = bench.executor.instances(&call.function.function_ref()).await;
        let requests: BTreeMap<InstanceId, Vec<RequestId>> = listed.into_iter().map(|found| (found.id, found.requests)).collect();
        assert_eq!(requests[&running[0].id], [running[0].request.clone(), running[1].request.clone()], "{way:?}");
        assert_eq!(requests[&running[2].id], [running[2].request.clone()], "{way:?}");
        running.iter().for_each(|running| running.stop.cancel());
        for running in running {
            assert_eq!(running.outcome.await.unwrap().end, End::Stopped { ended_by_itself: false }, "{way:?}");
        }
    }
}

// Code that can't be told leaves by itself: it is released while it has its grace.
#[tokio::test]
async fn i4_a_stop_of_one_of_several_leaves_the_others_alone() {
    let bench = Bench::with(|config| config.grace = Duration::from_secs(60)).await;
    for way in WAYS {
        let call = several(way, 3, "");
        let other = hold(&bench, &call, "other").await;
        let event = if way.0 == NODEJS { "stopped listen" } else { "stopped hold" };
        let stopped = bench.begin(again(&call, event)).await;
        assert_eq!(other.id, stopped.id, "{way:?}");
        stopped.stop.cancel();
        let hears = way.0 == NODEJS || way.1 == "asynchronous";
        if hears {
            assert_eq!(stopped.outcome.await.unwrap().end, End::Stopped { ended_by_itself: false }, "{way:?}");
            let lines = bench.logs.texts(&stopped.request);
            assert!(lines.contains(&"cleaned up stopped".to_owned()), "{way:?}: {lines:?}");
            assert!(!other.outcome.is_finished(), "{way:?}");
            // Of an instance with a place that takes nothing new the other one is all that is left.
            let next = hold(&bench, &call, "next").await;
            assert_ne!(next.id, other.id, "{way:?}");
            next.stop.cancel();
            next.outcome.await.unwrap();
            other.stop.cancel();
            assert_eq!(other.outcome.await.unwrap().end, End::Stopped { ended_by_itself: false }, "{way:?}");
        } else {
            // Had the stop ended the instance, the other one would not have its result.
            let third = bench.executor.instances(&call.function.function_ref()).await;
            assert!(third.iter().any(|found| found.id == other.id && found.requests.len() == 2), "{way:?}");
            other.stop.cancel();
            assert_eq!(other.outcome.await.unwrap().end, End::Stopped { ended_by_itself: false }, "{way:?}");
            assert_eq!(stopped.outcome.await.unwrap().end, End::Stopped { ended_by_itself: false }, "{way:?}");
        }
        assert_eq!(survivors(&other.id), [0; 0], "{way:?}");
    }
}

#[tokio::test]
async fn i4_code_that_does_not_let_go_ends_its_instance_and_the_others_run_again() {
    let bench = Bench::new().await;
    for way in WAYS.into_iter().filter(|(_, handler)| *handler != "asynchronous") {
        let call = several(way, 3, "");
        let (other, stopped) = (hold(&bench, &call, "other").await, hold(&bench, &call, "stopped").await);
        assert_eq!(other.id, stopped.id);
        stopped.stop.cancel();
        assert_eq!(stopped.outcome.await.unwrap().end, End::Stopped { ended_by_itself: false }, "{way:?}");
        assert_eq!(survivors(&stopped.id), [0; 0], "{way:?}");
        let end = other.outcome.await.unwrap().end;
        let End::Displaced { message } = &end else { panic!("{way:?}: {end:?}") };
        let why = format!("request {} was stopped on the same instance, and its code did not give up", stopped.request);
        assert_eq!(message, &why, "{way:?}");
        let lines = bench.logs.texts(&other.request);
        assert!(lines.contains(&format!("FC Invoke End RequestId: {}, Error: The instance was ended", other.request)), "{lines:?}");
    }
}

#[tokio::test]
async fn i4_one_of_several_that_reaches_its_time_limit_fails_and_the_others_run_again() {
    let bench = Bench::new().await;
    for way in WAYS.into_iter().filter(|(_, handler)| *handler != "asynchronous") {
        let call = several(way, 3, "");
        let other = hold(&bench, &call, "other").await;
        let mut late = again(&call, "late hold");
        late.function.spec.timeout_s = 1;
        let (id, outcome) = bench.invoke(late).await;
        assert_eq!(id, other.id);
        let End::FunctionError { body, .. } = &outcome.end else { panic!("{way:?}: {}", shown(&outcome)) };
        assert_eq!(String::from_utf8_lossy(body), r#"{"errorMessage":"Task timed out after 1 seconds"}"#);
        assert!((1_000..1_300).contains(&outcome.duration_ms), "{way:?}: the grace is not billed: {}", outcome.duration_ms);
        let end = other.outcome.await.unwrap().end;
        assert!(matches!(&end, End::Displaced { message } if message.contains("reached its time limit")), "{way:?}: {end:?}");
        assert_eq!(survivors(&id), [0; 0], "{way:?}");
    }
}

#[tokio::test]
async fn i4_a_process_that_dies_under_several_has_each_run_again_alone_so_that_the_guilty_one_shows() {
    let bench = Bench::new().await;
    for way in WAYS.into_iter().filter(|(_, handler)| *handler != "asynchronous") {
        let call = several(way, 3, "");
        let others = [hold(&bench, &call, "one").await, hold(&bench, &call, "two").await];
        let guilty = again(&call, "guilty die");
        let (id, outcome) = bench.invoke(guilty.clone()).await;
        assert_eq!(id, others[0].id, "{way:?}");
        let is_displaced = |end: &End| matches!(end, End::Displaced { message } if message.contains("served several requests"));
        assert!(is_displaced(&outcome.end), "{way:?}: {}", shown(&outcome));
        let mut alone = Vec::new();
        for other in others {
            let end = other.outcome.await.unwrap().end;
            assert!(is_displaced(&end), "{way:?}: {end:?}");
            let second = Invocation { request_id: other.request, ..again(&call, "again hold") };
            alone.push(bench.begin(second).await);
        }
        assert_ne!(alone[0].id, alone[1].id, "{way:?}: each alone");
        let (id, outcome) = bench.invoke(guilty).await;
        assert!(alone.iter().all(|other| other.id != id), "{way:?}");
        let End::FunctionError { body, .. } = &outcome.end else { panic!("{way:?}: {}", shown(&outcome)) };
        assert!(String::from_utf8_lossy(body).contains("Process exited unexpectedly"), "{way:?}");
        for other in alone {
            other.stop.cancel();
            assert_eq!(other.outcome.await.unwrap().end, End::Stopped { ended_by_itself: false }, "{way:?}");
        }
    }
}

#[tokio::test]
async fn i4_an_error_outside_every_promise_is_that_of_the_request_which_made_it() {
    let bench = Bench::new().await;
    let call = several((NODEJS, "handler"), 3, "");
    let other = hold(&bench, &call, "other").await;
    let (id, outcome) = bench.invoke(again(&call, "guilty stray")).await;
    assert_eq!(id, other.id);
    let End::FunctionError { body, .. } = &outcome.end else { panic!("{}", shown(&outcome)) };
    assert!(String::from_utf8_lossy(body).contains("stray"), "{}", shown(&outcome));
    let end = other.outcome.await.unwrap().end;
    assert!(matches!(&end, End::Displaced { message } if message.contains("unsound")), "{end:?}");
}

#[tokio::test]
async fn i4_an_instance_is_used_again_and_ends_with_the_server() {
    let bench = Bench::new().await;
    for way in WAYS {
        let call = several(way, 4, "");
        let held = hold(&bench, &call, "held").await;
        let mut ids = vec![held.id.clone()];
        for n in 0..20 {
            let (id, outcome) = bench.invoke(again(&call, format!("n{n} pass"))).await;
            assert_eq!(name_of(&outcome), format!("n{n}"), "{way:?}");
            ids.push(id);
        }
        release(&bench, &call).await;
        assert_eq!(name_of(&held.outcome.await.unwrap()), "held", "{way:?}");
        ids.push(bench.invoke(again(&call, "last pass")).await.0);
        ids.dedup();
        assert_eq!(ids.len(), 1, "{way:?}");
    }
    let call = several(WAYS[0], 4, "");
    let instance = bench.executor.acquire(&again(&call, "x hold"), &CancellationToken::new()).await.unwrap();
    let id = instance.id().clone();
    let running = tokio::spawn(instance.run(again(&call, "x hold"), CancellationToken::new()));
    bench.executor.shutdown().await;
    let end = running.await.unwrap().end;
    assert!(matches!(end, End::PlatformError { .. } | End::Succeeded { .. }), "{end:?}");
    assert_eq!(survivors(&id), [0; 0]);
}
