//! How functions fail and what the caller reads then (`fc-api.md` 5.4).

use crate::harness::{Bench, LANGUAGES, Language, NODEJS, PYTHON, SCRIPTED, invocation, survivors};
use engine::ports::{AcquireError, Executor};
use runtime::Piece;
use tokio_util::sync::CancellationToken;

const HANDLED: &str = "HandledInvocationError";
const UNHANDLED: &str = "UnhandledInvocationError";

#[tokio::test]
async fn a_python_exception_has_message_type_and_frames() {
    let bench = Bench::new().await;
    let (kind, error) = bench.error(invocation(PYTHON, "basic", "fail", "")).await;
    let frame = serde_json::json!(["File \"/code/index.py\"", "line 45", "in fail", "raise ValueError(\"bad input: ü\")"]);
    assert_eq!(kind, UNHANDLED);
    assert_eq!(error, serde_json::json!({ "errorMessage": "bad input: ü", "errorType": "ValueError", "stackTrace": [frame] }));
}

#[tokio::test]
async fn nodejs_errors_are_handled_only_through_the_callback() {
    let bench = Bench::new().await;
    for (handler, kind, message, typed) in [
        ("fail", UNHANDLED, "bad input: ü", true),
        ("rejects", UNHANDLED, "rejected", true),
        ("stray", UNHANDLED, "stray", true),
        ("handledError", HANDLED, "told", true),
        ("handledValue", HANDLED, "just text", false),
    ] {
        let (got, error) = bench.error(invocation(NODEJS, "basic", handler, "")).await;
        assert_eq!((got, error["errorMessage"].as_str()), (kind, Some(message)), "{handler}");
        if typed {
            assert_eq!(error["errorType"], "TypeError", "{handler}");
            let first = error["stackTrace"][0].as_str().unwrap();
            assert!(first.starts_with("at ") && first.contains("/code/index.js:"), "{handler}: {first}");
        } else {
            assert_eq!(error, serde_json::json!({ "errorMessage": message }));
        }
    }
}

#[tokio::test]
async fn missing_modules_and_handlers_are_named() {
    let bench = Bench::new().await;
    let check = async |language: Language, fixture: &str, handler: &str, message: &str| {
        let error = bench.start_error(&invocation(language, fixture, handler, "")).await;
        assert_eq!(error["errorMessage"], message, "{language:?} {handler}");
    };
    check(PYTHON, "basic", "nofile.handler", "Cannot find module '/code/nofile.py'").await;
    check(NODEJS, "basic", "nofile.handler", "Cannot find module '/code/nofile.js'").await;
    check(PYTHON, "broken", "needs.handler", "No module named 'module_that_nobody_has'").await;
    for language in SCRIPTED {
        check(language, "basic", "index.nothere", "Handler 'nothere' missing on module 'index'").await;
        check(language, "basic", "index.", "Handler 'index.' is invalid: it must look like index.handler").await;
        check(language, "broken", "index.handler", "module is broken").await;
        check(language, "broken", "quits.handler", "Process exited unexpectedly before completing request").await;
    }
    let error = bench.start_error(&invocation(NODEJS, "broken", "needs.handler", "")).await;
    assert!(error["errorMessage"].as_str().unwrap().starts_with("Cannot find module 'module-that-nobody-has'"), "{error}");
}

#[tokio::test]
async fn an_import_error_comes_with_the_log_of_the_start() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = invocation(language, "broken", "handler", "");
        let Err(AcquireError::FunctionError { log_tail, .. }) = bench.executor.acquire(&call, &CancellationToken::new()).await else {
            panic!("the instance started");
        };
        assert!(log_tail.contains("about to fail\n"), "{language:?}: {log_tail}");
        assert!(bench.logs.texts(&call.request_id).contains(&"about to fail".to_owned()));
    }
}

#[tokio::test]
async fn an_archive_that_is_none_is_the_functions_error() {
    let bench = Bench::new().await;
    let mut call = invocation(PYTHON, "basic", "hello", "");
    call.function.package_id = "garbage".to_owned();
    let message = bench.start_error(&call).await["errorMessage"].as_str().unwrap().to_owned();
    assert!(message.starts_with("the code package is refused: not a ZIP archive"), "{message}");
}

#[tokio::test]
async fn a_process_that_ends_before_its_answer_ends_only_itself() {
    let bench = Bench::new().await;
    // Without a memory limit of our own, nobody can tell who sent a SIGKILL.
    let killed = if bench.has(Piece::Memory) {
        "Process exited unexpectedly before completing request"
    } else {
        "Function instance exited unexpectedly (OOM)"
    };
    for language in LANGUAGES {
        let other = invocation(language, "basic", "count", "");
        bench.result(other.clone()).await;
        for (handler, message, log) in [
            ("leave", "Process exited unexpectedly before completing request", "process ended with exit code 3"),
            ("crash", "Process exited unexpectedly before completing request", "process ended"),
            ("killed", killed, "process ended by signal 9"),
        ] {
            let call = invocation(language, "basic", handler, "");
            let (first, outcome) = bench.invoke(call.clone()).await;
            let engine::ports::End::FunctionError { kind: UNHANDLED, body } = &outcome.end else { panic!("{outcome:?}") };
            let error: serde_json::Value = serde_json::from_slice(body).unwrap();
            assert_eq!(error, serde_json::json!({ "errorMessage": message }), "{language:?} {handler}");
            assert!(bench.logs.texts(&call.request_id).iter().any(|line| line.starts_with(log)), "{}", outcome.log_tail);
            assert_eq!(survivors(&first), [0; 0]);
            let (second, _) = bench.invoke(call).await;
            assert_ne!(first, second, "{language:?} {handler}");
        }
        assert_eq!(bench.result(other).await, "2", "the other function's instance lives on");
    }
}

#[tokio::test]
async fn a_stray_error_in_nodejs_ends_the_instance_after_its_answer() {
    let bench = Bench::new().await;
    let call = invocation(NODEJS, "basic", "stray", "");
    let (first, _) = bench.invoke(call.clone()).await;
    assert_eq!(survivors(&first), [0; 0]);
    assert_ne!(first, bench.invoke(call).await.0);
}

#[tokio::test]
async fn a_timeout_ends_the_instance_and_says_after_how_long() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        for mode in ["sleeper", "deaf", "busy"] {
            let mut call = invocation(language, "stop", "handler", mode);
            call.function.spec.timeout_s = 1;
            let (instance, outcome) = bench.invoke(call.clone()).await;
            let engine::ports::End::FunctionError { kind: UNHANDLED, body } = &outcome.end else { panic!("{outcome:?}") };
            assert_eq!(body, br#"{"errorMessage":"Task timed out after 1 seconds"}"#, "{language:?} {mode}");
            assert!((1_000..1_500).contains(&outcome.duration_ms), "{}", outcome.duration_ms);
            assert!(outcome.log_tail.contains(&format!("FC Invoke End RequestId: {}, Error: Unhandled function error\n", call.request_id)));
            assert_eq!(survivors(&instance), [0; 0]);
        }
    }
}

#[tokio::test]
async fn a_runtime_that_is_not_installed_is_a_platform_error() {
    let bench = Bench::new().await;
    let mut call = invocation(PYTHON, "basic", "hello", "");
    call.function.spec.runtime = model::RuntimeName::from_stored("java11");
    let refused = bench.executor.acquire(&call, &CancellationToken::new()).await;
    assert!(refused.is_err_and(|error| error == AcquireError::Platform("runtime java11 is not installed on this server".to_owned())));
}
