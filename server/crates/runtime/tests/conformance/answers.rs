//! What handlers get and give (`fc-api.md` 5.2, 5.3, 5.8).

use crate::harness::{Bench, CUSTOM, LANGUAGES, NODEJS, PYTHON, invocation};
use model::limits::SYNC_PAYLOAD_BYTES_MAX;
use runtime::Piece;

#[tokio::test]
async fn results_are_bytes_text_or_json() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let call = |handler: &str, event: &str| bench.result(invocation(language, "basic", handler, event));
        assert_eq!(call("hello", "wörld 😀").await, "hello wörld 😀");
        let value: serde_json::Value = serde_json::from_str(&call("value", "").await).unwrap();
        assert_eq!(value, serde_json::json!({ "n": 1, "text": "ü😀" }), "{language:?}");
        assert_eq!(call("nothing", "").await, "null");
        assert_eq!(call("asynchronous", "x").await, "awaited x");
    }
}

#[tokio::test]
async fn events_and_results_of_32_mb_pass_unchanged() {
    let bench = Bench::new().await;
    let event: Vec<u8> = (0..SYNC_PAYLOAD_BYTES_MAX).map(|n| (n % 251) as u8).collect();
    for language in LANGUAGES {
        let result = bench.bytes(invocation(language, "basic", "echo", event.clone())).await;
        assert!(result == event, "{language:?}: {} bytes", result.len());
        assert_eq!(bench.bytes(invocation(language, "basic", "echo", vec![])).await, b"");
    }
}

#[tokio::test]
async fn a_result_over_the_limit_is_the_functions_error_and_the_instance_goes_on() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let first = invocation(language, "basic", "too_large", "");
        let (kind, error) = bench.error(first).await;
        assert_eq!(kind, "UnhandledInvocationError");
        assert_eq!(error["errorMessage"], "the result has 33554433 bytes; the limit is 33554432", "{language:?}");
        bench.error(invocation(language, "basic", "too_large", "")).await;
    }
}

#[tokio::test]
async fn the_context_has_every_documented_field() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let mut call = invocation(language, "basic", "fields", "");
        call.retry_count = 2;
        let request_id = call.request_id.to_string();
        let fields: serde_json::Value = serde_json::from_str(&bench.result(call).await).unwrap();
        let expected = serde_json::json!({
            "requestId": request_id,
            "function": ["basic", "index.fields", 128, 60],
            "service": ["conformance", "LATEST", "LATEST"],
            "region": "cn-hangzhou",
            "accountId": "1000000000000001",
            "credentials": "",
            "retryCount": 2,
        });
        assert_eq!(fields, expected, "{language:?}");
        let mut call = invocation(language, "basic", "fields", "");
        (call.qualifier, call.version) = (model::Qualifier::from_stored("prod"), Some(model::VersionId::from_stored(7)));
        let fields: serde_json::Value = serde_json::from_str(&bench.result(call).await).unwrap();
        assert_eq!(fields["service"], serde_json::json!(["conformance", "prod", "7"]), "{language:?}: as asked for, and as resolved");
    }
}

#[tokio::test]
async fn the_environment_is_the_documented_one_and_nothing_of_the_servers() {
    let bench = Bench::new().await;
    let servers: Vec<String> = std::env::vars().map(|(name, _)| name).collect();
    assert!(servers.iter().any(|name| name.starts_with("CARGO")), "a variable that must not be seen is needed");
    for language in LANGUAGES {
        let mut call = invocation(language, "basic", "environment", "");
        call.function.spec.environment.insert("GREETING".to_owned(), "hällo".to_owned());
        call.function.spec.environment.insert("TASKYARD_OWNER".to_owned(), "forged".to_owned());
        let (instance, outcome) = bench.invoke(call).await;
        let engine::ports::End::Succeeded { result } = outcome.end else { panic!("{outcome:?}") };
        let seen: std::collections::BTreeMap<String, String> = serde_json::from_slice(&result).unwrap();
        let expected = [
            ("GREETING", "hällo"),
            ("FC_INSTANCE_ID", instance.as_str()),
            ("FC_ACCOUNT_ID", "1000000000000001"),
            ("FC_REGION", "cn-hangzhou"),
            ("FC_SERVICE_NAME", "conformance"),
            ("FC_FUNCTION_NAME", "basic"),
            ("FC_FUNCTION_HANDLER", "index.environment"),
            ("FC_FUNCTION_MEMORY_SIZE", "128"),
            ("FC_QUALIFIER", "LATEST"),
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", ""),
            ("accessKeyID", ""),
            ("TZ", "UTC"),
            ("LANG", "C.UTF-8"),
        ];
        for (name, value) in expected {
            assert_eq!(seen.get(name).map(String::as_str), Some(value), "{language:?} {name}");
        }
        assert_eq!(seen["FC_FUNC_CODE_PATH"] == "/code", bench.has(Piece::Files), "{}", seen["FC_FUNC_CODE_PATH"]);
        assert_ne!(seen["TASKYARD_OWNER"], "forged");
        assert!(!seen.contains_key("TASKYARD_CHANNEL"), "the control channel is hidden");
        let own = ["PATH", "HOME", "LANG", "TZ", "PWD", "OLDPWD", "SHLVL", "_", "TMPDIR", "LC_CTYPE", "LD_LIBRARY_PATH"];
        let leaked: Vec<&String> = servers.iter().filter(|name| seen.contains_key(*name) && !own.contains(&name.as_str())).collect();
        assert!(leaked.is_empty(), "{language:?}: {leaked:?}");
    }
}

#[tokio::test]
async fn the_functions_own_time_zone_wins() {
    let bench = Bench::new().await;
    for language in LANGUAGES {
        let mut call = invocation(language, "basic", "environment", "");
        call.function.spec.environment.insert("TZ".to_owned(), "Asia/Shanghai".to_owned());
        let seen: serde_json::Value = serde_json::from_str(&bench.result(call).await).unwrap();
        assert_eq!(seen["TZ"], "Asia/Shanghai");
    }
}

#[tokio::test]
async fn nodejs_loads_every_kind_of_module() {
    let bench = Bench::new().await;
    assert_eq!(bench.result(invocation(NODEJS, "basic", "module.handler", "x")).await, "module x");
    assert_eq!(bench.result(invocation(NODEJS, "basic", "common.handler", "x")).await, "common x");
}

#[tokio::test]
async fn every_interpreter_of_this_machine_runs_functions() {
    use engine::ports::Executor;
    let bench = Bench::with(|config| config.search_path = std::env::var_os("PATH").unwrap()).await;
    let mut seen = std::collections::HashSet::new();
    for row in bench.executor.runtimes() {
        let Some(interpreter) = row.interpreter.clone() else { continue };
        let language = match row.language {
            model::Language::Python => PYTHON,
            model::Language::Nodejs => NODEJS,
            model::Language::Custom => CUSTOM,
        };
        if !seen.insert((language.runtime, interpreter.clone())) {
            continue;
        }
        for (handler, expected) in [("hello", "hello ü"), ("asynchronous", "awaited ü"), ("logs", "done")] {
            let mut call = invocation(language, "basic", handler, "ü");
            call.function.spec.runtime = row.name.clone();
            call.function.id = format!("{handler} on {interpreter}");
            assert_eq!(bench.result(call).await, expected, "{handler} on {language:?} {interpreter}");
        }
    }
    assert!(seen.len() >= 2, "Python and Node.js are needed: {seen:?}");
}
