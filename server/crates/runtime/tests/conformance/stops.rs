//! A stop is proven: after `Stopped` a scan of `/proc` finds nothing of the instance (`product.md` 4.4).

use crate::harness::{Bench, LANGUAGES, Language, NODEJS, again, invocation, is_running, survivors};
use engine::ports::{End, Executor};
use runtime::Piece;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

async fn check(bench: &Bench, language: Language, handler: &str, mode: &str) -> (Duration, Vec<String>) {
    let running = bench.begin(invocation(language, "stop", handler, mode)).await;
    assert!(running.pids.iter().all(|pid| is_running(*pid)), "{language:?} {mode}: {:?}", running.pids);
    let asked = Instant::now();
    running.stop.cancel();
    let outcome = running.outcome.await.unwrap();
    let took = asked.elapsed();
    let left: Vec<i32> = running.pids.iter().copied().filter(|pid| is_running(*pid)).collect();
    assert_eq!((left, survivors(&running.id)), (vec![], vec![]), "{language:?} {mode}");
    assert_eq!(outcome.end, End::Stopped { ended_by_itself: false }, "{language:?} {mode}");
    let lines = bench.logs.texts(&running.request);
    assert!(lines.contains(&format!("FC Invoke End RequestId: {}, Error: Stopped", running.request)), "{lines:?}");
    (took, lines)
}

#[tokio::test]
async fn code_that_obeys_ends_before_the_grace_is_over() {
    let bench = Bench::with(|config| config.grace = Duration::from_secs(60)).await;
    for language in LANGUAGES {
        for mode in ["sleeper", "busy", "setsid"] {
            let (took, _) = check(&bench, language, "handler", mode).await;
            assert!(took < Duration::from_secs(30), "{language:?} {mode} took {took:?}");
        }
    }
}

#[tokio::test]
async fn code_that_does_not_obey_is_killed_with_everything_it_started() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        for mode in ["deaf", "daemon", "bare-daemon"] {
            let (took, _) = check(&bench, language, "handler", mode).await;
            // A process namespace ends with its main process, and that obeys: only code that is deaf itself takes its grace.
            let is_early = mode != "deaf" && bench.has(Piece::Processes);
            assert!(is_early || took >= Duration::from_millis(300), "{language:?} {mode} had its grace: {took:?}");
        }
    }
}

#[tokio::test]
async fn code_that_hears_the_cancel_may_clean_up_first() {
    let bench = Bench::with(|config| config.grace = Duration::from_secs(60)).await;
    for language in LANGUAGES {
        let (_, lines) = check(&bench, language, "cancelled", "").await;
        assert!(lines.contains(&"cleaned up".to_owned()), "{language:?}: {lines:?}");
    }
}

// Where they share the server's session, a function can open its terminal as /dev/tty and type into it.
#[tokio::test]
async fn no_process_of_an_instance_is_in_the_servers_session() {
    use nix::unistd::{Pid, getsid};
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let running = bench.begin(invocation(language, "stop", "handler", "sleeper")).await;
        let own = getsid(None).unwrap();
        for pid in &running.pids {
            assert_ne!(getsid(Some(Pid::from_raw(*pid))).unwrap(), own, "{language:?}");
        }
        running.stop.cancel();
        running.outcome.await.unwrap();
    }
}

#[tokio::test]
async fn other_instances_are_left_alone() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let other = bench.begin(invocation(language, "stop", "handler", "sleeper")).await;
        check(&bench, language, "handler", "deaf").await;
        assert!(other.pids.iter().all(|pid| is_running(*pid)));
        other.stop.cancel();
        other.outcome.await.unwrap();
    }
}

#[tokio::test]
async fn a_stop_that_comes_after_the_answer_says_that_the_code_ended_by_itself() {
    // The code answers before it reads the cancel, which was sent right behind the request.
    let bench = Bench::with(|config| config.cancel_answer = Duration::from_secs(60)).await;
    let call = invocation(NODEJS, "basic", "count", "");
    let instance = bench.executor.acquire(&call, &CancellationToken::new()).await.unwrap();
    let id = instance.id().clone();
    let stop = CancellationToken::new();
    stop.cancel();
    let outcome = instance.run(call, stop).await;
    assert_eq!(outcome.end, End::Stopped { ended_by_itself: true });
    assert_eq!(survivors(&id), [0; 0]);
}

#[tokio::test]
async fn a_stop_after_the_end_touches_nothing() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = invocation(language, "basic", "count", "");
        let stop = CancellationToken::new();
        let instance = bench.executor.acquire(&call, &stop).await.unwrap();
        let id = instance.id().clone();
        assert!(matches!(instance.run(again(&call, ""), stop.clone()).await.end, End::Succeeded { .. }));
        stop.cancel();
        assert_eq!(bench.invoke(again(&call, "")).await.0, id, "{language:?}");
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_stops_the_code() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let running = bench.begin(invocation(language, "stop", "handler", "sleeper")).await;
        running.outcome.abort();
        bench.logs.wait_for(&running.request, "FC Invoke End").await;
        assert_eq!(survivors(&running.id), [0; 0]);
    }
}
